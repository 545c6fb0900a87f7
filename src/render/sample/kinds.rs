//! Pure. An invented incident of each kind: its cause, its facts, and the texts of the built-in packs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::detect::{Detector, builtin_packs};
use crate::detection::{
    AgentPart, AgentProblem, CloudCondition, Condition, Facts, Kind, Lately, ScriptFacts,
    ServiceState, ServiceStop, Severity, StopCause, Subject, Words,
};
use crate::incident::{EarlierRuns, Notice, Reason};
use crate::render::catalog;
use crate::render::sample::{full, script};

/// The texts of the built-in patterns and error classes, by their ids.
static WORDS: LazyLock<BTreeMap<String, Words>> = LazyLock::new(|| {
    let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let patterns = detector.patterns().iter();
    let patterns = patterns.map(|pattern| (pattern.id.to_string(), (*pattern.words).clone()));
    let classes = detector.error_classes().map(|class| {
        let words = Words {
            title: class.title.to_string(),
            advice: Some(class.advice.to_string()),
            translations: class.translations.clone(),
            ..Words::default()
        };
        (class.name.to_string(), words)
    });
    classes.chain(patterns).collect()
});

fn texts(id: &str) -> Words {
    WORDS.get(id).cloned().unwrap_or_default()
}

/// The reason of the notices of a kind: some kinds are recoveries.
pub(crate) fn reason_of(kind: Kind) -> Reason {
    match kind {
        Kind::ReloadRecovered | Kind::ServiceStarted => Reason::Recovered,
        _ => Reason::Opened,
    }
}

/// A typical incident of this kind, marked as a test.
pub fn of_kind(kind: Kind, at: Timestamp, language: Language) -> Notice {
    let earlier = at.saturating_sub(SignedDuration::from_mins(3)).unwrap_or(at);
    let (pattern, message) = found(kind);
    let (condition, words) = match condition(kind, at) {
        // The catalog has the words for a task that is no reload, and for what no log describes.
        Condition::Logged if kind == Kind::TaskFailed => (Condition::Logged, Words::default()),
        Condition::Logged => (Condition::Logged, texts(pattern)),
        worded => (worded, Words::default()),
    };
    let script = script_of(kind, earlier, at);
    let error = script.as_ref().and_then(|script| script.error.clone());
    let has_message = condition == Condition::Logged;
    Notice {
        kind,
        severity: severity(kind),
        reason: reason_of(kind),
        environment: Some(catalog::of(language).opened(Kind::Test, "").to_lowercase()),
        subject: subject(kind),
        at,
        since: earlier,
        title: words.title,
        error: error.or(has_message.then(|| message.to_owned())).unwrap_or_default(),
        meaning: words.meaning,
        advice: words.advice,
        translations: words.translations,
        pattern: pattern.into(),
        facts: facts(kind),
        script,
        condition,
        runs: EarlierRuns::default(),
        count: 1,
        held_back: 0,
        ..full()
    }
}

/// The pattern that finds a kind, and the message of its row.
fn found(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::ReloadAborted => ("reload-aborting", "Execution State Change to Aborting"),
        Kind::ReloadFailedOutsideTask => ("script-failed", "Execution Failed"),
        Kind::TaskNotStarted => ("task-no-executor", "Could not reserve an executor for task"),
        Kind::Performance => (
            "engine-memory-critical",
            "WorkingSet: Virtual Memory is growing CRITICALLY beyond parameters - 31.9(28.8) GB",
        ),
        Kind::Security => ("sign-in-failed-by-user", "Authentication failed for user petra"),
        Kind::Service => (
            "repository-database-lost",
            "Npgsql.NpgsqlException: Exception while connecting to 127.0.0.1:4432",
        ),
        _ => ("reload-retries-exhausted", "Max retries reached"),
    }
}

fn severity(kind: Kind) -> Severity {
    match kind {
        Kind::Performance | Kind::ServiceStopped => Severity::Critical,
        Kind::Security
        | Kind::Service
        | Kind::ReloadAborted
        | Kind::CloudTaskDisabled
        | Kind::Agent => Severity::Warning,
        Kind::ReloadRecovered | Kind::ServiceStarted | Kind::Heartbeat => Severity::Info,
        _ => Severity::Error,
    }
}

fn subject(kind: Kind) -> Subject {
    let host = "node-2".to_owned();
    match kind {
        Kind::ServiceStopped | Kind::ServiceStarted => {
            Subject::Service { host, name: "QlikSenseEngineService".to_owned() }
        }
        Kind::Agent => Subject::AgentPart { host, part: AgentPart::Channel("default".to_owned()) },
        Kind::Heartbeat => Subject::Agent { host },
        _ => full().subject,
    }
}

/// Conditions that no log describes.
fn condition(kind: Kind, at: Timestamp) -> Condition {
    let before = |hours| at.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(at);
    match kind {
        Kind::ServiceStopped | Kind::ServiceStarted => Condition::ServiceStopped(ServiceStop {
            display_name: "Qlik Sense Engine Service".to_owned(),
            cause: StopCause::Manager { state: ServiceState::Stopped, exit_code: 1067 },
            exit_code: 1067,
            up_since: Some(before(240)),
            also_down: vec!["Qlik Sense Proxy Service".to_owned()],
        }),
        Kind::CloudTaskDisabled => {
            Condition::Cloud(CloudCondition::TaskOff { code: "CONSECUTIVE-FAILURES".to_owned() })
        }
        Kind::Agent => Condition::Agent(AgentProblem::ChannelUnavailable {
            channel: "default".to_owned(),
            since: before(2),
        }),
        Kind::Heartbeat => Condition::Alive(Lately {
            since: before(30 * 24),
            reloads: 412,
            incidents: 7,
            cards: 9,
        }),
        _ => Condition::Logged,
    }
}

fn script_of(kind: Kind, started: Timestamp, ended: Timestamp) -> Option<ScriptFacts> {
    let times = ScriptFacts { started: Some(started), ended: Some(ended), ..script() };
    match kind {
        Kind::ReloadFailed | Kind::ReloadFailedOutsideTask | Kind::ReloadRecovered => {
            let class = texts("field-not-found");
            Some(ScriptFacts {
                error_advice: class.advice,
                error_translations: class.translations,
                ..times
            })
        }
        Kind::ReloadAborted => Some(ScriptFacts {
            error: None,
            error_class: None,
            error_title: None,
            n_swallowed: 0,
            ..times
        }),
        _ => None,
    }
}

/// Only a kind of Qlik Cloud has a tenant: its cards have templates of their own.
fn facts(kind: Kind) -> Facts {
    let facts = full().facts;
    let text = |text: &str| Some(text.to_owned());
    match kind {
        Kind::CloudTaskDisabled => Facts { host: None, stream: None, user: None, ..facts },
        Kind::Performance
        | Kind::Service
        | Kind::ServiceStopped
        | Kind::ServiceStarted
        | Kind::Agent
        | Kind::Heartbeat => Facts { host: facts.host, ..Facts::default() },
        Kind::Security => {
            Facts { host: facts.host, user: text(r"EXAMPLE\petra"), ..Facts::default() }
        }
        kind => {
            let of_site = Facts { tenant: None, space: None, tags: Vec::new(), ..facts };
            match kind {
                Kind::ReloadAborted => Facts { user: text(r"EXAMPLE\anna"), ..of_site },
                Kind::ReloadFailedOutsideTask => {
                    let user = text(r"EXAMPLE\anna");
                    Facts { user, task_name: None, task_id: None, ..of_site }
                }
                Kind::TaskFailed => {
                    Facts { app_name: None, app_id: None, owner: None, stream: None, ..of_site }
                }
                _ => of_site,
            }
        }
    }
}
