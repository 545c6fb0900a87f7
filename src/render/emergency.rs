//! Pure. The card that leaves without the state, when the state cannot be written.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::detect::{Facts, Kind, Severity};
use crate::incident::{Fingerprint, Notice, Reason};
use crate::render::{Site, body, clean, plain, words};

const TITLE: &str = "Footman cannot write its state; alerts are delayed";
const MEANING: &str = "Emergency card, sent without the state. Failures are still in the log \
                       files; they are read and sent as soon as the state can be written. Until \
                       then Footman sends nothing else.";
const ADVICE: &str = "Free space on the disk of the state folder and check that Footman's account \
                      can write there. `footman status` and `footman doctor` on the node show the \
                      current reason.";

/// Summary and card; `why` is the system's own reason.
pub(crate) fn card(site: &Site, at: Timestamp, why: &str) -> (String, Value) {
    let node = clean::line(&site.node, 100);
    let why = clean::line(why, 400);
    let summary = format!("{TITLE} ({node})");
    let place = format!("{node} · {}", words::moment(at, &site.timezone));
    let head = json!({ "type": "Container", "style": "attention", "bleed": true, "items": [
        plain::run(json!({ "text": format!("🚨 {TITLE}"), "size": "Large", "weight": "Bolder" })),
        plain::small(&place),
    ]});
    let reason = plain::run(json!({ "text": why, "fontType": "Monospace", "weight": "Bolder" }));
    let line = |text: &str| plain::run(json!({ "text": text }));
    let footer = format!("emergency card · at most one an hour · footman {}", site.version);
    let body = [head, reason, line(MEANING), line(ADVICE), plain::small(&footer)];
    (summary.clone(), body::card(&summary, &body, &[]))
}

/// What routes are asked with: the agent speaks about itself.
pub(crate) fn notice(site: &Site, at: Timestamp, environment: Option<&str>) -> Notice {
    Notice {
        id: "emergency".to_owned(),
        fingerprint: Fingerprint("emergency".to_owned()),
        kind: Kind::Agent,
        severity: Severity::Critical,
        reason: Reason::Opened,
        environment: environment.map(str::to_owned),
        at,
        title: TITLE.to_owned(),
        error: String::new(),
        meaning: MEANING.to_owned(),
        advice: Some(ADVICE.to_owned()),
        pattern: "agent-state-not-written".to_owned(),
        facts: Facts { host: Some(site.node.clone()), ..Facts::default() },
        script: None,
        count: 1,
        held_back: 0,
        since: at,
        heard_by: Vec::new(),
    }
}
