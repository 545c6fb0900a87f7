//! Pure. The variables of a card's head, and the text of its notification on a phone.

use serde::Serialize;

use crate::detection::{Kind, Severity};
use crate::incident::{Notice, Reason};
use crate::render::catalog::cards::HeadState;
use crate::render::context::{known, timestamp};
use crate::render::fit;
use crate::render::{Site, catalog, clean, words};

/// The longest heading that stays on two lines of a phone.
const HEADING: usize = 60;
/// A longer cause is shown in the size of other text.
const LARGE: usize = 72;
/// Characters of the cause in a notification.
const CAUSE: usize = 100;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeadContext {
    pub(crate) banner: String,
    pub(crate) style: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) place: String,
    pub(crate) heading: String,
    pub(crate) when: String,
    pub(crate) cause_size: &'static str,
}

impl HeadContext {
    pub(crate) fn new(notice: &Notice, site: &Site) -> Self {
        let cause = catalog::reason(notice, site.language);
        let cause = known(&cause, fit::CAUSE).unwrap_or_default();
        Self {
            banner: banner(notice, site, &cause),
            style: style(notice),
            icon: icon(notice),
            place: place(notice, site),
            heading: catalog::heading(notice, site.language, HEADING),
            when: when(notice, site),
            cause_size: if cause.chars().count() <= LARGE { "Large" } else { "Default" },
        }
    }
}

/// The style of the container, which alone sets the color of a card: text in Teams' colors is hard
/// to read.
pub(crate) fn style_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::Error => "attention",
        Severity::Warning => "warning",
        Severity::Info => "accent",
    }
}

pub(crate) fn icon_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🚨",
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Info => "ℹ️",
    }
}

/// The severity as a word at the beginning of a line.
pub(crate) fn severity_word(severity: Severity, site: &Site) -> String {
    let word = catalog::of(site.language).severity(severity);
    let mut chars = word.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

fn style(notice: &Notice) -> &'static str {
    if notice.reason == Reason::Recovered { "good" } else { style_of(notice.severity) }
}

fn icon(notice: &Notice) -> &'static str {
    match (notice.kind, notice.reason) {
        (Kind::Test, _) => "🔔",
        (Kind::Heartbeat, _) => "💚",
        (_, Reason::Recovered) => "✅",
        _ => icon_of(notice.severity),
    }
}

/// `Error · escalated · PROD · node1`.
fn place(notice: &Notice, site: &Site) -> String {
    let catalog = catalog::of(site.language);
    let word = match notice.reason {
        Reason::Recovered => catalog.head_state(HeadState::Recovered).to_owned(),
        _ => severity_word(notice.severity, site),
    };
    let state = state(notice).map(|state| catalog.head_state(state).to_owned());
    let facts = &notice.facts;
    let tenant = facts.tenant.as_ref().and_then(|tenant| known(tenant, 80));
    let tenant = tenant.map(|tenant| format!("Qlik Cloud · {tenant}"));
    let node = tenant.or_else(|| facts.host.as_ref().and_then(|node| known(node, 100)));
    let node = node.unwrap_or_else(|| clean::line(&site.node, 100));
    let parts = [Some(word), state, environment(notice), Some(node)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn environment(notice: &Notice) -> Option<String> {
    known(notice.environment.as_deref()?, 40).map(|name| name.to_uppercase())
}

fn state(notice: &Notice) -> Option<HeadState> {
    let state = |is_over| if is_over { HeadState::FlappingEnded } else { HeadState::Flapping };
    let flapping = notice.flapping.map(|flapping| state(flapping.is_over));
    match notice.reason {
        Reason::Escalated => Some(HeadState::Escalated),
        _ if flapping.is_some() => flapping,
        Reason::Recovered => None,
        _ if notice.after_silence.is_some() => Some(HeadState::SilenceEnded),
        _ if notice.acknowledged.is_some() => Some(HeadState::Acknowledged),
        _ => notice.has_reopened.then_some(HeadState::Reopened),
    }
}

/// When it happened; for how long nobody has acknowledged it.
fn when(notice: &Notice, site: &Site) -> String {
    let time = timestamp(notice, site);
    let until = notice.due_at.unwrap_or(notice.at);
    if notice.reason != Reason::Escalated || notice.since >= until {
        return time;
    }
    let lasting = words::span(notice.since, until, site.language);
    format!("{time} · {}", catalog::of(site.language).unacknowledged(&lasting))
}

/// `Error in PROD: Reload failed: Sales Dashboard. Field 'OrderDte' not found`.
fn banner(notice: &Notice, site: &Site, cause: &str) -> String {
    let catalog = catalog::of(site.language);
    let title = catalog::headline(notice, site.language);
    let environment = environment(notice);
    let begin = match (notice.kind, notice.reason) {
        (Kind::Test | Kind::Heartbeat, _) | (_, Reason::Recovered) => {
            environment.map(|environment| format!("{environment}: ")).unwrap_or_default()
        }
        _ => catalog.banner(&severity_word(notice.severity, site), environment.as_deref()),
    };
    let cause = match (cause, notice.reason) {
        ("", _) => String::new(),
        (cause, Reason::Recovered) => format!(". {}", catalog.it_was(cause)),
        (cause, _) => format!(". {cause}"),
    };
    let line = format!("{begin}{}{}", clean::ellipsis(&title, 100), clean::ellipsis(&cause, CAUSE));
    clean::line(&line, 240)
}
