//! One incident of each kind as a site would have it: its cause, facts, and the texts of the packs in
//! both languages.

use footman::detect::builtin_packs;
use footman::detection::{BadEnd, CloudCondition, Detection, Lately, Translation};
use toml::Table;

use super::*;

/// The texts of a pattern or of a class of errors.
struct Texts {
    title: String,
    meaning: String,
    advice: Option<String>,
    translations: Translations,
}

/// The table `[[name]]` of a built-in pack whose `key` is this id.
fn texts(name: &str, key: &str, id: &str) -> Texts {
    static PACKS: LazyLock<Vec<Table>> =
        LazyLock::new(|| builtin_packs().iter().map(|pack| pack.text.parse().unwrap()).collect());
    let mut all = PACKS.iter().filter_map(|table| table.get(name)?.as_array()).flatten();
    let one = all.find(|one| one.get(key).and_then(toml::Value::as_str) == Some(id)).unwrap();
    let text = |table: &toml::Value, key: &str| {
        table.get(key).and_then(toml::Value::as_str).map(str::to_owned)
    };
    let german = one.get("de").unwrap();
    let of_german = |key| text(german, key);
    let german = Translation {
        title: of_german("title"),
        meaning: of_german("meaning"),
        advice: of_german("advice"),
        links: None,
    };
    Texts {
        title: text(one, "title").unwrap(),
        meaning: text(one, "meaning").unwrap_or_default(),
        advice: text(one, "advice"),
        translations: [(Language::German, german)].into(),
    }
}

pub(crate) fn lines(lines: &[(&str, bool)]) -> Vec<ExcerptLine> {
    lines
        .iter()
        .map(|(text, marked)| ExcerptLine { text: (*text).to_owned(), marked: *marked })
        .collect()
}

pub(crate) fn links(links: &[(&str, &str)]) -> Vec<Link> {
    let link =
        |(title, url): &(&str, &str)| Link { title: (*title).to_owned(), url: (*url).to_owned() };
    links.iter().map(link).collect()
}

/// The script log of a failed reload.
pub(crate) fn script() -> ScriptFacts {
    let class = texts("error", "class", "field-not-found");
    ScriptFacts {
        path: r"C:\ProgramData\Qlik\Sense\Log\Script\6f2c3c5e.20261123T061021.log".to_owned(),
        started: Some(at("2026-11-23T05:10:21Z")),
        ended: Some(at("2026-11-23T05:13:52Z")),
        ended_or: None,
        executed_by: Some(r"INTERNAL\sa_scheduler".to_owned()),
        error: Some("Field 'OrderDte' not found".to_owned()),
        error_class: Some("field-not-found".to_owned()),
        error_title: Some(class.title),
        error_advice: class.advice,
        error_translations: class.translations,
        error_links: links(&[("Documentation", "https://help.example.com/field-not-found")]),
        n_swallowed: 2,
        swallowed_at_least: false,
        connection: Some("Sales warehouse".to_owned()),
        statement: Some(Statement {
            number: 47,
            text: "LOAD OrderID, CustomerID, OrderDte, Amount".to_owned(),
        }),
        excerpt: Excerpt {
            first_line: Some(212),
            lines: lines(&[
                ("0045 // orders of this year", false),
                ("0046 [Orders]:", true),
                ("0047 LOAD OrderID, CustomerID, OrderDte, Amount", true),
                ("0048 FROM [lib://Finance/orders_2026.qvd] (qvd)", true),
                ("     Error: Field 'OrderDte' not found", true),
                ("     Execution Failed", false),
                ("Execution finished.", false),
            ]),
        },
    }
}

/// The script log of a reload that somebody stopped.
fn aborted() -> ScriptFacts {
    ScriptFacts {
        error: None,
        error_class: None,
        error_title: None,
        error_advice: None,
        error_translations: Translations::new(),
        error_links: Vec::new(),
        n_swallowed: 0,
        excerpt: Excerpt {
            first_line: Some(212),
            lines: lines(&[
                ("0046 [Orders]:", true),
                ("0047 LOAD OrderID, CustomerID, OrderDte, Amount", true),
                ("0048 FROM [lib://Finance/orders_2026.qvd] (qvd)", true),
                ("Execution aborted by user.", false),
            ]),
        },
        ..script()
    }
}

fn outage() -> Condition {
    let also_down = ["Qlik Sense Proxy Service", "Qlik Sense Printing Service"];
    Condition::ServiceStopped(ServiceStop {
        display_name: "Qlik Sense Engine Service".to_owned(),
        cause: StopCause::Manager { state: ServiceState::Stopped, exit_code: 1067 },
        exit_code: 1067,
        up_since: Some(at("2026-11-11T01:00:00Z")),
        also_down: also_down.map(str::to_owned).to_vec(),
    })
}

/// The condition of a service, whose names are not foreign text.
pub(crate) fn outage_of(kind: Kind) -> Option<Condition> {
    matches!(kind, Kind::ServiceStopped | Kind::ServiceStarted).then(outage)
}

/// The sample of a kind, which has the texts of the packs.
fn sample(kind: Kind) -> Notice {
    sample_of_kind(kind, at("2026-11-23T05:13:52Z"), Language::English)
}

/// A part of the cause that stands on the card of a kind, in each language.
pub(crate) fn cause(kind: Kind) -> [String; 2] {
    let both = |texts: [&str; 2]| texts.map(str::to_owned);
    match kind {
        Kind::ReloadAborted => {
            both([r"Stopped by QLIKDOM\anna.berg", r"Abgebrochen von QLIKDOM\anna.berg"])
        }
        Kind::TaskFailed => both(["Max retries reached"; 2]),
        Kind::ServiceStopped | Kind::ServiceStarted => {
            both(["its process ended (1067)", "unerwartet beendet (1067)"])
        }
        Kind::CloudTaskDisabled => {
            both(["too many failures in a row", "zu vielen Fehlschlägen in Folge"])
        }
        Kind::Agent => both(["No card accepted for 2 h", "Seit 2 h keine Karte angenommen"]),
        Kind::TaskNotStarted | Kind::Performance | Kind::Security | Kind::Service => {
            [sample(kind).error, sample(kind).error]
        }
        _ => both(["Field 'OrderDte' not found"; 2]),
    }
}

/// What the heading of a kind is about, in each language.
pub(crate) fn about(kind: Kind) -> [&'static str; 2] {
    match kind {
        Kind::Performance => ["ngine out of memory", "Engine ohne Arbeitsspeicher"],
        Kind::Security => {
            ["ailed sign-ins of one user", "Fehlgeschlagene Anmeldungen eines Benutzers"]
        }
        Kind::Service => ["epository database unavailable", "Datenbank des Repositorys"],
        Kind::Agent => ["Channel default takes no cards", "Der Kanal default nimmt keine Karten"],
        Kind::ServiceStopped | Kind::ServiceStarted => ["Qlik Sense Engine"; 2],
        Kind::TaskFailed | Kind::TaskNotStarted | Kind::CloudTaskDisabled => ["Daily 06:10"; 2],
        _ => ["Sales Dashboard"; 2],
    }
}

fn subject(kind: Kind) -> Subject {
    let host = "qlik-prod-2".to_owned();
    match kind {
        Kind::ServiceStopped | Kind::ServiceStarted => {
            Subject::Service { host, name: "QlikSenseEngineService".to_owned() }
        }
        _ => Subject::Task("0d1c2b3a-0000-4000-8000-0c52e3a4d0e1".into()),
    }
}

fn facts(kind: Kind) -> Facts {
    let text = |text: &str| Some(text.to_owned());
    let is_run = is_run(kind);
    let has_app = is_run && kind != Kind::TaskFailed;
    let has_user = !matches!(
        kind,
        Kind::Performance
            | Kind::Service
            | Kind::ServiceStopped
            | Kind::ServiceStarted
            | Kind::Agent
            | Kind::CloudTaskDisabled
    );
    let user = if kind == Kind::Security { r"QLIKDOM\petra" } else { r"QLIKDOM\anna.berg" };
    let is_cloud = kind == Kind::CloudTaskDisabled;
    let has_task = is_run && kind != Kind::ReloadFailedOutsideTask;
    Facts {
        task_name: text("Daily 06:10 – Sales Dashboard").filter(|_| has_task),
        task_id: text("0d1c2b3a-0000-4000-8000-0c52e3a4d0e1").filter(|_| has_task).map(Into::into),
        app_name: text("Sales Dashboard").filter(|_| has_app),
        app_id: text("6f2c3c5e-0f5b-4a38-9d55-0c52e3a4d0e1").filter(|_| has_app).map(Into::into),
        execution_id: is_run.then(|| "5b1d6a3e-0000-4000-8000-8d2f7c9be210".into()),
        user: text(user).filter(|_| has_user),
        host: text("qlik-prod-2").filter(|_| !is_cloud),
        message: sample(kind).facts.message,
        owner: text(r"QLIKDOM\anna.berg").filter(|_| has_app),
        stream: text("Finance").filter(|_| has_app && !is_cloud),
        tenant: text("example.eu.qlikcloud.com").filter(|_| is_cloud),
        space: text("Finance").filter(|_| is_cloud),
        ..Facts::default()
    }
}

fn is_run(kind: Kind) -> bool {
    let name = kind.name();
    name.starts_with("reload-") || name.contains("task")
}

fn script_of(kind: Kind) -> Option<ScriptFacts> {
    match kind {
        Kind::ReloadFailed | Kind::ReloadFailedOutsideTask | Kind::ReloadRecovered => {
            Some(script())
        }
        Kind::ReloadAborted => Some(aborted()),
        _ => None,
    }
}

/// A notice with all values that its kind can have.
pub(crate) fn full(kind: Kind) -> Notice {
    let sample = sample(kind);
    let script = script_of(kind);
    let error = script.as_ref().and_then(|script| script.error.clone());
    let is_over = sample.reason == Reason::Recovered;
    Notice {
        id: "3f9a1c77d2e40b16-1".into(),
        fingerprint: Fingerprint::from("3f9a1c77d2e40b16"),
        environment: Some("prod".to_owned()),
        subject: subject(kind),
        condition: outage_of(kind).unwrap_or(sample.condition),
        error: error.unwrap_or(sample.error),
        links: links(&[("Runbook", "https://wiki.example.com/runbook?of=reload")]),
        facts: facts(kind),
        script,
        runs: if is_run(kind) { runs() } else { EarlierRuns::default() },
        count: if kind == Kind::Security { 5 } else { 1 },
        counted_within: (kind == Kind::Security).then(|| SignedDuration::from_mins(5)),
        since: at(if is_over { "2026-11-21T04:14:00Z" } else { "2026-11-23T05:13:52Z" }),
        ..sample
    }
}

/// The notice with the texts of another pattern.
pub(crate) fn worded(notice: Notice, pattern: &str) -> Notice {
    let Texts { title, meaning, advice, translations } = texts("pattern", "id", pattern);
    Notice { pattern: pattern.into(), title, meaning, advice, translations, ..notice }
}

/// A failed reload of Qlik Cloud, whose cards have a template of their own.
pub(crate) fn cloud() -> Notice {
    let facts = Facts {
        owner: Some("Anna Berg".to_owned()),
        tags: vec!["finance".to_owned()],
        ..facts(Kind::CloudTaskDisabled)
    };
    let code = Some("EngineReloadScriptError".to_owned());
    let end = CloudCondition::ReloadEnded { end: BadEnd::Failed, code };
    Notice { condition: Condition::Cloud(end), facts, ..full(Kind::ReloadFailed) }
}

/// The card that shows a quiet channel that Footman is alive.
pub(crate) fn alive(now: Timestamp) -> Notice {
    let lately = Lately { since: at("2026-10-24T05:13:52Z"), reloads: 412, incidents: 7, cards: 9 };
    Notice::of(&Detection::of_alive(now, "qlik-prod-2", lately), now)
}

/// The third failure in a row of an app whose data is three days old.
fn runs() -> EarlierRuns {
    EarlierRuns {
        last_success: Some(at("2026-11-20T02:19:00Z")),
        usual_duration: Some(SignedDuration::from_mins(9)),
        failures: 3,
        failing_since: Some(at("2026-11-21T04:14:00Z")),
    }
}
