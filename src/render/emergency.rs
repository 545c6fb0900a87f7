//! Pure. The card that is sent without the state, when the state cannot be written.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::detection::{AgentProblem, Detection, Severity};
use crate::ids::Fingerprint;
use crate::incident::Notice;
use crate::render::catalog::{self, Sentences};
use crate::render::context::head::{icon_of, severity_word, style_of};
use crate::render::{Site, body, clean, plain, words};

/// Summary and card; `why` is the system's error text.
pub(crate) fn card(site: &Site, at: Timestamp, why: &str) -> (String, Value) {
    let notice = notice(site, at, None);
    let catalog = catalog::of(site.language);
    let title = catalog::title(&notice, site.language);
    let Sentences { meaning, advice, .. } = catalog::sentences(&notice, site.language);
    let node = clean::line(&site.node, 100);
    let why = clean::line(why, 400);
    let summary = format!("{title} ({node})");
    let word = severity_word(notice.severity, site);
    let place = format!("{word} · {node}");
    let heading = clean::ellipsis(&title, 100);
    let style = style_of(notice.severity);
    let when = words::moment(at, site);
    let large = if why.chars().count() <= 72 { "Large" } else { "Default" };
    let body = [
        plain::head(style, icon_of(notice.severity), &place, &heading, &when),
        plain::cause(&why, large),
        plain::what_to_do(catalog.labels(), &advice.unwrap_or_default()),
        plain::run(json!({ "text": meaning })),
        plain::small(&catalog.emergency_footer(site.version)),
    ];
    let banner = format!("{}{summary}. {why}", catalog.banner(&word, None));
    (summary, body::card(&clean::ellipsis(&banner, 320), site.language, &body, &[]))
}

/// The notice for matching routes.
pub(crate) fn notice(site: &Site, at: Timestamp, environment: Option<&str>) -> Notice {
    let problem = Detection::of_agent(at, &site.node, AgentProblem::StateNotWritten);
    Notice {
        id: "emergency".into(),
        fingerprint: Fingerprint::from("emergency"),
        severity: Severity::Critical,
        environment: environment.map(str::to_owned),
        ..Notice::of(&problem, at)
    }
}
