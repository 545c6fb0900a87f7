//! Pure. Invented notices: one for the test card, one of each kind, and two for checking every
//! template.

mod kinds;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::detection::{
    Excerpt, ExcerptLine, Facts, Kind, Link, ScriptFacts, Severity, Statement, Translations,
};
use crate::ids::Fingerprint;
use crate::incident::Notice;
use crate::render::context::Context;
use crate::render::fit::{FULL, Room};
pub use crate::render::sample::kinds::of_kind;
pub(crate) use crate::render::sample::kinds::reason_of;
use crate::render::{Digest, DigestCause, DigestEntry, Site, about, words};

/// When the script of the samples ran: 2026-11-23 05:10:21 to 05:13:52.
const STARTED: Timestamp = Timestamp::constant(1_795_410_621, 0);
const ENDED: Timestamp = Timestamp::constant(1_795_410_832, 0);

/// The notice of the test card.
pub(crate) fn test(at: Timestamp) -> Notice {
    Notice {
        id: "test".into(),
        fingerprint: Fingerprint::from("0000000000000000"),
        pattern: "test".into(),
        ..Notice::new(Kind::Test, at)
    }
}

/// A digest of a failure, a warning and a recovery.
pub(crate) fn digest(at: Timestamp, site: &Site) -> Digest {
    let entry = |kind, times| {
        let notice = of_kind(kind, at, site.language);
        let notice = notice.in_language(site.language);
        let what = words::summary(&notice, site.language);
        DigestEntry { what, about: about::of(&notice, site.language), times }
    };
    let cause = |kind, severity, cards| DigestCause {
        severity,
        incidents: 1,
        cards,
        last: at,
        entries: vec![entry(kind, cards)],
    };
    Digest {
        environment: of_kind(Kind::Digest, at, site.language).environment,
        from: at.saturating_sub(SignedDuration::from_mins(3)).unwrap_or(at),
        to: at,
        problems: 3,
        over: 1,
        cards: 4,
        unnamed: 0,
        causes: vec![
            cause(Kind::ReloadFailed, Severity::Error, 2),
            cause(Kind::Security, Severity::Warning, 1),
        ],
        recovered: vec![entry(Kind::ReloadRecovered, 1)],
    }
}

/// One context with all values of a node known, one with none, and one of a tenant.
pub(crate) fn contexts() -> [Context; 3] {
    let site = Site {
        url: Some("https://qlik.example.com".to_owned()),
        page: Some("https://footman.example.com".to_owned()),
        node: "node-1".to_owned(),
        scripts: None,
        timezone: TimeZone::UTC,
        language: Language::English,
        version: env!("CARGO_PKG_VERSION"),
    };
    let nowhere = Site { url: None, page: None, ..site.clone() };
    let room = Room { shortened: true, ..FULL };
    let of_site = Facts { tenant: None, space: None, tags: Vec::new(), ..full().facts };
    let of_node = Notice { facts: of_site, ..full() };
    let mut node = Context::new(&of_node, &site, room);
    node.channel = Some("default".to_owned());
    let bare = Context::new(&test(Timestamp::UNIX_EPOCH), &nowhere, FULL);
    [node, bare, Context::new(&full(), &site, room)]
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
            task_id: Some("00000000-0000-0000-0000-000000000001".into()),
            app_name: text("Sales"),
            app_id: Some("00000000-0000-0000-0000-000000000002".into()),
            execution_id: Some("00000000-0000-0000-0000-000000000003".into()),
            user: text("INTERNAL\\sa_scheduler"),
            host: text("node-2"),
            executing_node: None,
            message: text("Max retries reached"),
            tenant: text("acme"),
            space: text("Finance"),
            owner: text("Anna Berg"),
            stream: text("Finance"),
            tags: vec!["critical".to_owned()],
            app_link: None,
            at_or: None,
            captures: [("name".to_owned(), "value".to_owned())].into(),
        },
        script: Some(script()),
        count: 3,
        held_back: 1,
        ..test(ENDED)
    }
}

fn script() -> ScriptFacts {
    let line = |text: &str, marked| ExcerptLine { text: text.to_owned(), marked };
    ScriptFacts {
        path: "script.log".to_owned(),
        started: Some(STARTED),
        ended: Some(ENDED),
        ended_or: None,
        executed_by: Some("INTERNAL\\sa_scheduler".to_owned()),
        error: Some("Field 'Amout' not found".to_owned()),
        error_class: Some("field-not-found".to_owned()),
        error_title: Some("Field not found".to_owned()),
        error_advice: None,
        error_links: Vec::new(),
        error_translations: Translations::new(),
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
