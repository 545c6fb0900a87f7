//! Pure. Invented notices: one for the test card, and two for checking every template.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::detection::{
    Condition, Excerpt, ExcerptLine, Facts, Kind, Link, ScriptFacts, Severity, Statement, Subject,
};
use crate::incident::{Fingerprint, Notice, Reason};
use crate::render::Site;
use crate::render::context::Context;
use crate::render::fit::{FULL, Room};

/// The notice of the test card.
pub(crate) fn test(at: Timestamp) -> Notice {
    Notice {
        id: "test".to_owned(),
        fingerprint: Fingerprint("0000000000000000".to_owned()),
        kind: Kind::Test,
        severity: Severity::Info,
        reason: Reason::Opened,
        environment: None,
        subject: Subject::Run(String::new()),
        condition: Condition::Logged,
        at,
        title: String::new(),
        error: String::new(),
        meaning: String::new(),
        advice: None,
        links: Vec::new(),
        pattern: "test".into(),
        facts: Facts::default(),
        script: None,
        count: 1,
        counted_within: None,
        held_back: 0,
        since: at,
        channel: None,
        causes: Vec::new(),
        still_failing: Vec::new(),
        notified_channels: Vec::new(),
    }
}

/// A card of this kind as it may look, marked as a test.
pub(crate) fn of_kind(kind: Kind, at: Timestamp) -> Notice {
    let is_over = matches!(kind, Kind::ReloadRecovered | Kind::ServiceStarted);
    let text = |text: &str| Some(text.to_owned());
    let earlier = at.saturating_sub(SignedDuration::from_mins(3)).unwrap_or(at);
    let script = ScriptFacts { started: Some(earlier), ended: Some(at), ..script() };
    let is_run = kind.name().starts_with("reload-") || kind.name().starts_with("task-");
    let notice = Notice {
        kind,
        severity: if is_over { Severity::Info } else { Severity::Error },
        reason: if is_over { Reason::Recovered } else { Reason::Opened },
        environment: text("test card"),
        at,
        since: earlier,
        title: "Test".to_owned(),
        count: 1,
        held_back: 0,
        ..full()
    };
    if is_run {
        return Notice { script: Some(script), ..notice };
    }
    Notice {
        script: None,
        error: "Test: what the log says would be here".to_owned(),
        meaning: "This is a test card: nothing happened.".to_owned(),
        advice: text("Nothing is to do."),
        ..notice
    }
}

/// One context with all values known, and one with none.
pub(crate) fn contexts() -> [Context; 2] {
    let site = Site {
        url: Some("https://qlik.example.com".to_owned()),
        node: "node-1".to_owned(),
        timezone: TimeZone::UTC,
        version: env!("CARGO_PKG_VERSION"),
    };
    let nowhere = Site { url: None, ..site.clone() };
    let mut full = Context::new(&full(), &site, Room { shortened: true, ..FULL });
    full.channel = Some("default".to_owned());
    [full, Context::new(&test(Timestamp::UNIX_EPOCH), &nowhere, FULL)]
}

fn full() -> Notice {
    let text = |text: &str| Some(text.to_owned());
    Notice {
        kind: Kind::ReloadFailed,
        environment: text("prod"),
        error: "Field 'Amout' not found".to_owned(),
        meaning: "A field is missing in the source.".to_owned(),
        advice: text("Compare the field names with the source."),
        links: vec![Link {
            title: "Runbook".to_owned(),
            url: "https://wiki.example.com/reload-failed".to_owned(),
        }],
        facts: Facts {
            task_name: text("Nightly"),
            task_id: text("00000000-0000-0000-0000-000000000001"),
            app_name: text("Sales"),
            app_id: text("00000000-0000-0000-0000-000000000002"),
            execution_id: text("00000000-0000-0000-0000-000000000003"),
            user: text("INTERNAL\\sa_scheduler"),
            host: text("node-2"),
            executing_node: None,
            message: text("Max retries reached"),
            at_or: None,
            captures: BTreeMap::from([("name".to_owned(), "value".to_owned())]),
        },
        script: Some(script()),
        count: 3,
        held_back: 1,
        ..test(Timestamp::UNIX_EPOCH)
    }
}

fn script() -> ScriptFacts {
    let line = |text: &str, marked| ExcerptLine { text: text.to_owned(), marked };
    ScriptFacts {
        path: "script.log".to_owned(),
        started: Some(Timestamp::UNIX_EPOCH),
        ended: Some(Timestamp::UNIX_EPOCH),
        ended_or: None,
        executed_by: Some("INTERNAL\\sa_scheduler".to_owned()),
        error: Some("Field 'Amout' not found".to_owned()),
        error_class: Some("field-not-found".to_owned()),
        error_title: Some("Field not found".to_owned()),
        error_advice: None,
        error_links: Vec::new(),
        n_swallowed: 2,
        swallowed_at_least: false,
        connection: Some("Sales warehouse".to_owned()),
        statement: Some(Statement { number: 47, text: "LOAD Amout".to_owned() }),
        excerpt: Excerpt {
            first_line: Some(46),
            lines: vec![line("0046 [Orders]:", false), line("0047 LOAD Amout", true)],
        },
    }
}
