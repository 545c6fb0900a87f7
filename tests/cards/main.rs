//! All cards: templates, fixtures, hostile texts and sizes, written to `target/cards`, where
//! `tests/cards/check` validates them with an independent checker.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use footman::channels::teams::message;
use footman::config::{ChannelKind, Language};
use footman::detection::{
    Condition, Excerpt, ExcerptLine, Facts, Kind, Link, ScriptFacts, ServiceState, ServiceStop,
    Severity, Statement, StopCause, Subject, Translations,
};
use footman::ids::Fingerprint;
use footman::incident::{EarlierRuns, Notice, Reason};
use footman::render::{Card, Renderer, Site, builtin_templates, sample_of_kind};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

mod banner;
mod buttons;
mod contrast;
mod digests;
mod fixtures;
mod fuzzed;
mod mentions;
mod states;

use fixtures::{full, lines, links, outage_of, script};

const KINDS: [(&str, Kind); 12] = [
    ("reload-failed", Kind::ReloadFailed),
    ("reload-aborted", Kind::ReloadAborted),
    ("reload-failed-outside-task", Kind::ReloadFailedOutsideTask),
    ("task-failed", Kind::TaskFailed),
    ("task-not-started", Kind::TaskNotStarted),
    ("reload-recovered", Kind::ReloadRecovered),
    ("performance", Kind::Performance),
    ("security", Kind::Security),
    ("service", Kind::Service),
    ("service-stopped", Kind::ServiceStopped),
    ("service-started", Kind::ServiceStarted),
    ("agent", Kind::Agent),
];

const HOSTILE: [(&str, &str); 14] = [
    ("semicolon", "Load; DEV; Sales"),
    ("backslash", r"Load DEV\Sales C:\new\rows \u0041 \\share"),
    ("quotes", r#"Bob's "Q1" R&D = x <b> </script>"#),
    ("open-braces", "{{ boom {% boom %} {# boom"),
    ("close-braces", "boom }} %} #} }}}"),
    ("expression", "{{ 7 * 7 }} ${x} {appName}"),
    ("mention", "<at>everyone</at> <AT>all</AT>"),
    ("markdown", "[a](http://b) **bold** _it_ # h `code` ![x](https://y/z.png)"),
    ("macro", "{{DATE(2026-11-23T06:13:52Z)}} {{TIME(2026)}}"),
    ("bidi", "safe\u{202E}gpj.exe\u{202C} \u{2066}x\u{2069}"),
    ("vertical-tab", "one\u{B}two\u{C}three\u{7F}"),
    ("escape", "\u{1B}[31mred\u{1B}[0m\u{0}nul\r\n\ttab"),
    ("emoji", "👩‍👩‍👧‍👦 ❌ ünï çødé 漢字 \u{10FFFF}"),
    ("secret", "https://x.example.com/?sp=%2Frun&sig=abcdefghijklmnopqrstuvwxyz0123456789"),
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn site() -> Site {
    Site {
        url: Some("https://qlik.example.com".to_owned()),
        page: None,
        node: "qlik-prod-2".to_owned(),
        scripts: None,
        timezone: TimeZone::fixed(jiff::tz::offset(1)),
        language: Language::English,
        version: "0.1.0",
    }
}

fn repeated(kind: Kind) -> Notice {
    let since = at("2026-11-21T04:14:00Z");
    Notice { reason: Reason::Repeated, count: 3, held_back: 2, since, ..full(kind) }
}

fn recovered(kind: Kind) -> Notice {
    Notice { reason: Reason::Recovered, ..repeated(kind) }
}

/// A notice with almost no values.
fn bare(kind: Kind) -> Notice {
    Notice {
        environment: None,
        condition: Condition::Logged,
        error: String::new(),
        meaning: String::new(),
        advice: None,
        links: Vec::new(),
        facts: Facts::default(),
        script: None,
        ..full(kind)
    }
}

/// A notice with this text in every field of foreign text.
fn everywhere(text: &str, kind: Kind) -> Notice {
    let some = || Some(text.to_owned());
    let facts = Facts {
        task_name: some(),
        task_id: some().map(Into::into),
        app_name: some(),
        app_id: some().map(Into::into),
        execution_id: some().map(Into::into),
        user: some(),
        host: some(),
        executing_node: None,
        message: some(),
        // A tenant has templates of its own.
        tenant: None,
        space: some(),
        owner: some(),
        stream: some(),
        tags: vec![text.to_owned(); 3],
        app_link: some(),
        at_or: None,
        captures: [(text.to_owned(), text.to_owned())].into(),
    };
    let script = Some(ScriptFacts {
        path: text.to_owned(),
        executed_by: some(),
        error: some(),
        error_class: some(),
        error_title: some(),
        error_advice: some(),
        error_links: links(&[(text, text), (text, "https://wiki.example.com/a")]),
        connection: some(),
        statement: Some(Statement { number: 1, text: text.to_owned() }),
        excerpt: Excerpt { first_line: Some(1), lines: lines(&[(text, true); 12]) },
        ..script()
    });
    Notice {
        condition: outage_of(kind).unwrap_or_default(),
        error: text.to_owned(),
        meaning: text.to_owned(),
        advice: some(),
        links: links(&[(text, "https://wiki.example.com/b"), ("Runbook", text)]),
        environment: some(),
        facts,
        script,
        ..full(kind)
    }
}

fn renderer() -> &'static Renderer {
    static RENDERER: LazyLock<Renderer> = LazyLock::new(|| {
        let (renderer, problems) = Renderer::compile(&builtin_templates());
        assert_eq!(problems, []);
        renderer
    });
    &RENDERER
}

fn content(payload: &str) -> Value {
    serde_json::from_str(payload).unwrap()
}

/// Every text run and code block, in card order.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(values) => values.iter().map(shown).collect(),
        Value::Object(members) => {
            let own = ["text", "codeSnippet"].map(|key| members.get(key).and_then(Value::as_str));
            let own: Vec<&str> = own.into_iter().flatten().collect();
            own.join("\n") + "\n" + &members.values().map(shown).collect::<String>()
        }
        _ => String::new(),
    }
}

fn golden(name: &str, card: &Card) {
    write(name, &message(&card.payload, false));
    write(&format!("{name}.plain"), &message(&card.plain, false));
    write(&format!("{name}.again"), &message(&card.payload, true));
}

fn write(name: &str, payload: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/cards");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.json")), payload).unwrap();
}

#[test]
fn every_kind_has_a_full_card_whatever_values_are_known() {
    let renderer = renderer();
    for (name, kind) in KINDS {
        let fixtures = [
            ("full", full(kind)),
            ("bare", bare(kind)),
            ("repeated", repeated(kind)),
            ("recovered", recovered(kind)),
        ];
        for (fixture, notice) in fixtures {
            let card = renderer.card(&notice, &site(), ChannelKind::Teams);
            assert_eq!(card.problems, Vec::<String>::new(), "{name} {fixture}");
            assert!(message(&card.payload, false).len() <= 20_000, "{name} {fixture}");
            golden(&format!("{name}.{fixture}"), &card);
        }
    }
}

#[test]
fn hostile_text_is_shown_unchanged_and_breaks_nothing() {
    let renderer = renderer();
    for (name, text) in HOSTILE {
        for (kind_name, kind) in KINDS {
            let card = renderer.card(&everywhere(text, kind), &site(), ChannelKind::Teams);
            assert!(message(&card.payload, false).len() <= 20_000, "{name} {kind_name}");
            golden(&format!("hostile.{name}.{kind_name}"), &card);
            if !matches!(name, "mention" | "macro" | "bidi" | "vertical-tab" | "escape" | "secret")
            {
                assert!(shown(&content(&card.payload)).contains(text), "{name} {kind_name}");
                assert!(shown(&content(&card.plain)).contains(text), "{name} {kind_name} plain");
            }
        }
    }
}

#[test]
fn texts_of_100_kilobytes_give_a_card_that_fits() {
    let renderer = renderer();
    // One kind for each template; the others differ only in their texts.
    let kinds = KINDS.iter().filter(|(_, kind)| {
        !matches!(
            kind,
            Kind::ReloadFailedOutsideTask
                | Kind::TaskFailed
                | Kind::Performance
                | Kind::Service
                | Kind::Agent
        )
    });
    let texts = [
        ("letters", "x"),
        ("quotes", "\\\""),
        ("backslashes", "\\"),
        ("wide", "𝕏"),
        ("emoji", "👩‍👩‍👧"),
        ("words", "word "),
        ("ends", "a\n"),
    ];
    for (name, piece) in texts {
        let text = piece.repeat(100_000 / piece.len());
        for (kind_name, kind) in kinds.clone() {
            let card = renderer.card(&everywhere(&text, *kind), &site(), ChannelKind::Teams);
            assert!(
                message(&card.payload, false).len() <= 20_000,
                "{name} {kind_name} {}",
                card.payload.len()
            );
            assert!(card.plain.len() <= 20_000, "{name} {kind_name} plain {}", card.plain.len());
            golden(&format!("size.{name}.{kind_name}"), &card);
        }
    }
}

#[test]
fn a_growing_card_is_cut_part_by_part() {
    let renderer = renderer();
    let cut_of = |size: usize| {
        let text = "𝕏".repeat(size);
        let mut notice = everywhere(&text, Kind::ReloadFailed);
        notice.links.clear();
        if let Some(long) = &mut notice.script {
            let ScriptFacts { error_class, error_title, connection, .. } = script();
            *long = ScriptFacts { error_class, error_title, connection, ..long.clone() };
        }
        let card = renderer.card(&notice, &site(), ChannelKind::Teams);
        let cut = card.problems.first().cloned().unwrap_or_else(|| "whole".to_owned());
        assert_eq!(cut == "whole", !card.payload.contains("(shortened, full log at "), "{size}");
        assert!(message(&card.payload, false).len() <= 20_000, "{size}");
        cut
    };
    let mut steps: Vec<String> = (1..=60).map(|size| cut_of(size * 7)).collect();
    steps.dedup();
    assert_eq!(
        steps,
        [
            "whole",
            "card shortened: excerpt of 6 lines",
            "card shortened: only the needed rows",
            "card shortened: only the needed rows, all short",
        ]
    );
}

/// The visible texts from top to bottom, without hidden elements and fallbacks.
fn read(value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| read(value, lines)),
        Value::Object(members) if members.get("isVisible") == Some(&Value::Bool(false)) => {}
        Value::Object(members) => match value["type"].as_str() {
            Some("RichTextBlock") => lines.push(run_texts(value)),
            Some("TextBlock") => lines.push(value["text"].as_str().unwrap().to_owned()),
            Some("CodeBlock") => {
                lines.push(format!("```\n{}\n```", value["codeSnippet"].as_str().unwrap()));
            }
            Some("Action.OpenUrl") => lines.push(format!(
                "[{}] {}",
                value["title"].as_str().unwrap(),
                value["url"].as_str().unwrap()
            )),
            Some("ColumnSet") => lines.push(columns(value)),
            _ => members.values().for_each(|value| read(value, lines)),
        },
        _ => {}
    }
}

fn run_texts(block: &Value) -> String {
    block["inlines"].as_array().unwrap().iter().filter_map(|run| run["text"].as_str()).collect()
}

fn columns(set: &Value) -> String {
    let mut cells = Vec::new();
    for column in set["columns"].as_array().unwrap() {
        let mut lines = Vec::new();
        read(&column["items"], &mut lines);
        cells.push(lines.join("\n"));
    }
    cells.join(" | ")
}

#[test]
fn the_visible_texts_of_cards_match_the_snapshot() {
    let renderer = renderer();
    let mut lines_shown = Vec::new();
    for (name, kind) in KINDS {
        for (fixture, notice) in [
            ("full", full(kind)),
            ("repeated", repeated(kind)),
            ("bare", bare(kind)),
            ("recovered", recovered(kind)),
        ] {
            let card = renderer.card(&notice, &site(), ChannelKind::Teams);
            lines_shown.push(format!("\n=== {name}, {fixture}: {}", card.summary));
            let content = content(&card.payload);
            read(&content["body"], &mut lines_shown);
            read(&content["actions"], &mut lines_shown);
        }
    }
    insta::assert_snapshot!(lines_shown.join("\n"));
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_gives_a_card_that_fits(text in "\\PC{0,40}|(\\{\\{|\\}\\}|<at>|\\\\|\"|[\u{0}-\u{1f}]|\u{202e}|sig=x){0,40}") {
        let card = renderer().card(&everywhere(&text, Kind::ReloadFailed), &site(), ChannelKind::Teams);
        proptest::prop_assert!(message(&card.payload, false).len() <= 20_000);
        let content = content(&card.payload);
        proptest::prop_assert!(!shown(&content).chars().any(|c| c.is_control() && c != '\n'));
        proptest::prop_assert!(card.problems.is_empty());
    }
}
