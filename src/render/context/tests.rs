use std::fmt::Write as _;

use jiff::SignedDuration;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::detection::{Condition, Facts, Kind, ServiceStop, StopCause, Subject, Translations};
use crate::ids::Fingerprint;
use crate::incident::{
    Acknowledgement, EarlierRuns, EndedSilencer, Note, Notice, SilenceEnd, StillFailing,
};
use crate::render::context::Context;
use crate::render::{Site, sample};

fn names() -> Vec<String> {
    let full = serde_json::to_value(&sample::contexts()[0]).unwrap();
    let Value::Object(members) = full else { panic!("a context is an object") };
    members.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn the_table_lists_every_variable() {
    let table: String =
        include_str!("../context.rs").lines().filter(|line| line.starts_with("//! |")).collect();
    for name in names() {
        assert!(table.contains(&format!("`{name}`")), "`{name}` is not in the table");
    }
}

#[test]
fn names_that_existing_templates_use_are_defined() {
    let names = names();
    let promised = "appName taskName errorMessage serverName timestamp environment severity scriptLog \
        qmcUrl hostName user taskId appId appUrl logTimeStamp logMessage executionId qlikSenseQMC \
        qlikSenseHub scriptLogTail executionStartTime executionStopTime executionDuration";
    for name in promised.split_whitespace() {
        assert!(names.iter().any(|known| known == name), "{name}");
    }
}

#[test]
fn every_variable_exists_when_no_value_is_known() {
    let [full, bare, tenant] =
        sample::contexts().map(|context| serde_json::to_value(context).unwrap());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&full), keys(&bare));
    assert_eq!(keys(&full), keys(&tenant));
}

/// A notice with what the samples lack, about a service.
fn service() -> Context {
    let at: Timestamp = "2026-11-23T05:13:52Z".parse().unwrap();
    let earlier = "2026-11-21T03:13:00Z".parse().unwrap();
    let stop = ServiceStop {
        display_name: "Qlik Sense Engine Service".to_owned(),
        cause: StopCause::EndedWithError(1067),
        exit_code: 1067,
        up_since: Some("2026-11-20T03:13:00Z".parse().unwrap()),
        also_down: vec!["Qlik Sense Proxy Service".to_owned()],
    };
    let (host, name) = ("node1".to_owned(), "QlikSenseEngineService".to_owned());
    let notice = Notice {
        kind: Kind::ServiceStopped,
        subject: Subject::Service { host, name },
        condition: Condition::ServiceStopped(stop),
        at,
        since: earlier,
        count: 3,
        acknowledged: Some(Acknowledgement {
            by: "Anna".to_owned(),
            at: earlier,
            note: None,
            command: None,
            replaced: None,
        }),
        note: Some(Note {
            at: earlier,
            by: "Anna".to_owned(),
            text: "the share was full".to_owned(),
        }),
        after_silence: Some(SilenceEnd {
            of: EndedSilencer::By("Anna".to_owned()),
            reason: "upgrade".to_owned(),
        }),
        still_failing: vec![StillFailing {
            kind: Kind::ReloadFailed,
            name: Some("Sales".to_owned()),
            title: String::new(),
            translations: Translations::new(),
        }],
        fingerprint: Fingerprint::from("4f2c1d9a4f2c1d9a"),
        facts: Facts {
            host: Some("node1".to_owned()),
            user: Some("LAB\\anna".to_owned()),
            ..Facts::default()
        },
        ..sample::test(at)
    };
    Context::new(&notice, &site(), crate::render::fit::FULL)
}

/// A reload of another node, with runs before it.
fn reload() -> Context {
    let at: Timestamp = "2026-11-23T05:13:52Z".parse().unwrap();
    let text = |text: &str| Some(text.to_owned());
    let notice = Notice {
        kind: Kind::ReloadFailed,
        facts: Facts {
            app_id: Some("00000000-0000-0000-0000-000000000002".into()),
            app_name: text("Sales"),
            host: text("node1"),
            executing_node: text("node2"),
            ..Facts::default()
        },
        runs: EarlierRuns {
            last_success: Some("2026-11-20T03:19:00Z".parse().unwrap()),
            usual_duration: Some(SignedDuration::from_mins(9)),
            failures: 3,
            failing_since: Some("2026-11-21T03:13:00Z".parse().unwrap()),
        },
        ..sample::test(at)
    };
    Context::new(&notice, &site(), crate::render::fit::FULL)
}

fn site() -> Site {
    Site {
        url: Some("https://qlik.example.com".to_owned()),
        page: Some("https://footman.example.com".to_owned()),
        node: "node1".to_owned(),
        scripts: None,
        timezone: jiff::tz::TimeZone::UTC,
        language: Language::English,
        version: env!("CARGO_PKG_VERSION"),
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
        Value::Null => "none",
    }
}

/// What a reader needs of a value: texts in one line, the members of objects.
fn example(value: &Value) -> String {
    let shown = match value {
        Value::Array(list) => {
            return list.first().map_or("`[]`".to_owned(), |one| match one {
                Value::Object(_) => example(one),
                other => format!("`[{other}]`"),
            });
        }
        Value::Object(members) => {
            let names: Vec<&str> = members.keys().map(|name| &**name).take(4).collect();
            let more = if members.len() > 4 { ", …" } else { "" };
            return format!("`.{}`{more}", names.join("` `."));
        }
        Value::String(text) => text.replace(env!("CARGO_PKG_VERSION"), "1.2.3"),
        other => other.to_string(),
    };
    let line = shown.replace('\n', " ⏎ ").replace('|', "/");
    let line = crate::render::clean::ellipsis(&line, 56);
    format!("`{}`", line.trim())
}

#[test]
fn the_documentation_has_the_type_and_an_example_of_every_variable() {
    let [full, bare, tenant] =
        sample::contexts().map(|context| serde_json::to_value(context).unwrap());
    let [service, reload] =
        [service(), reload()].map(|context| serde_json::to_value(context).unwrap());
    let text = include_str!("../../../docs/template-variables.md");
    let documented = |name: &str| {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        row.and_then(|row| row.rsplit('|').nth(1)).map(|cell| cell.trim().to_owned())
    };
    let mut table = String::new();
    for name in names() {
        let known = [&full, &service, &reload, &tenant, &bare].into_iter().map(|all| &all[&name]);
        let value = known.into_iter().find(|value| !value.is_null()).unwrap_or(&Value::Null);
        let absent = documented(&name).unwrap_or_default();
        let is_always = !bare[&name].is_null();
        assert_eq!(
            is_always,
            absent == "never",
            "`{name}`: when is it absent? docs/template-variables.md says: {absent}"
        );
        assert!(
            !absent.is_empty(),
            "`{name}`: docs/template-variables.md does not say when it is absent"
        );
        let (kind, shown) = (type_of(value), example(value));
        writeln!(table, "| `{name}` | {kind} | {shown} | {absent} |").unwrap();
    }
    assert!(
        text.contains(&table),
        "docs/template-variables.md is stale; its table should be:\n{table}"
    );
    assert!(!table.contains("| none |"), "a variable without an example:\n{table}");
}

/// The visible texts of a failed reload, each in a line.
fn shown(runs: EarlierRuns) -> String {
    let text = |text: &str| Some(text.to_owned());
    let at: Timestamp = "2026-11-23T05:13:52Z".parse().unwrap();
    let facts = Facts { app_name: text("Sales"), ..Facts::default() };
    let notice = Notice { kind: Kind::ReloadFailed, facts, runs, ..sample::test(at) };
    let (renderer, _) = crate::render::Renderer::compile(&crate::render::builtin_templates());
    let kind = crate::config::ChannelKind::Teams;
    let card: Value = serde_json::from_str(&renderer.card(&notice, &site(), kind).payload).unwrap();
    let mut lines = String::new();
    runs_of(&card["body"], &mut lines);
    lines
}

fn runs_of(value: &Value, lines: &mut String) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| runs_of(value, lines)),
        Value::Object(members) if value["type"] == "TextRun" => {
            let weight = members.get("weight").and_then(Value::as_str).unwrap_or_default();
            writeln!(lines, "{weight} {}", value["text"].as_str().unwrap()).unwrap();
        }
        Value::Object(members) => members.values().for_each(|value| runs_of(value, lines)),
        _ => {}
    }
}

#[test]
fn earlier_runs_say_only_what_somebody_needs() {
    let runs = |success: &str, failures| EarlierRuns {
        last_success: Some(success.parse().unwrap()),
        usual_duration: Some(SignedDuration::from_mins(9)),
        failures,
        failing_since: Some("2026-11-23T05:13:52Z".parse().unwrap()),
    };
    let fresh = shown(runs("2026-11-23T05:03:52Z", 1));
    for text in [" Usual duration\n 9 min\n", " Mon 23 Nov 05:03 · data is 10 min old\n"] {
        assert!(fresh.contains(text), "{text}: {fresh}");
    }
    assert!(!fresh.contains("In a row") && !fresh.contains("usually"), "{fresh}");
    let old = shown(runs("2026-11-20T05:03:52Z", 2));
    for text in ["Bolder data is 3 d old", "Bolder 2nd failure since"] {
        assert!(old.contains(text), "{text}: {old}");
    }
}
