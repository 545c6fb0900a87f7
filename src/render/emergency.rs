//! Pure. The card that is sent without the state, when the state cannot be written.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::detection::{AgentProblem, Detection, Severity};
use crate::incident::{Fingerprint, Notice};
use crate::render::catalog::{self, Sentences};
use crate::render::{Site, body, clean, plain, words};

/// Summary and card; `why` is the system's error text.
pub(crate) fn card(site: &Site, at: Timestamp, why: &str) -> (String, Value) {
    let notice = notice(site, at, None);
    let title = catalog::title(&notice);
    let Sentences { meaning, advice, .. } = catalog::sentences(&notice);
    let node = clean::line(&site.node, 100);
    let why = clean::line(why, 400);
    let summary = format!("{title} ({node})");
    let place = format!("{node} · {}", words::moment(at, &site.timezone));
    let head = json!({ "type": "Container", "style": "attention", "bleed": true, "items": [
        plain::run(json!({ "text": format!("🚨 {title}"), "size": "Large", "weight": "Bolder" })),
        plain::small(&place),
    ]});
    let reason = plain::run(json!({ "text": why, "fontType": "Monospace", "weight": "Bolder" }));
    let line = |text: &str| plain::run(json!({ "text": text }));
    let footer = format!("emergency card · at most one an hour · footman {}", site.version);
    let advice = advice.unwrap_or_default();
    let body = [head, reason, line(&meaning), line(&advice), plain::small(&footer)];
    (summary.clone(), body::card(&summary, &body, &[]))
}

/// The notice for matching routes.
pub(crate) fn notice(site: &Site, at: Timestamp, environment: Option<&str>) -> Notice {
    let problem = Detection::of_agent(at, &site.node, AgentProblem::StateNotWritten);
    Notice {
        id: "emergency".to_owned(),
        fingerprint: Fingerprint("emergency".to_owned()),
        severity: Severity::Critical,
        environment: environment.map(str::to_owned),
        ..Notice::of(&problem, at)
    }
}
