//! Pure. Words the product's own sentences on cards, with one file for each language.
//!
//! A pattern's finds use the pattern's texts; everything else is worded here. A language is a file
//! with the functions of `english`.

mod english;

use std::borrow::Cow;

use crate::detection::{Condition, Kind};
use crate::incident::{Notice, Reason};
use crate::qlik;
use crate::render::{clean, words};

pub(crate) use crate::render::catalog::english::{UNCERTAIN, ordinal, swallowed};

/// The texts of a card besides times and names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentences {
    pub title: String,
    /// The reason, in one or a few lines.
    pub reason: String,
    pub meaning: String,
    pub advice: Option<String>,
}

/// The texts of a notice.
pub(crate) fn sentences(notice: &Notice) -> Sentences {
    let of_class = notice.script.as_ref().and_then(|script| script.error_advice.as_ref());
    let logged = Sentences {
        title: notice.title.clone(),
        reason: notice.error.clone(),
        meaning: notice.meaning.clone(),
        // What helps against this class of errors is nearer than what the pattern knows.
        advice: of_class.or(notice.advice.as_ref()).cloned(),
    };
    let mut sentences = match &notice.condition {
        Condition::Logged if notice.kind == Kind::TaskFailed && notice.meaning.is_empty() => {
            Sentences { reason: logged.reason, ..english::task_failed() }
        }
        Condition::Logged => logged,
        // The pattern's meaning explains what an overdue end means.
        Condition::Overdue(overdue) => Sentences { reason: english::overdue(overdue), ..logged },
        other => english::condition(&notice.subject, other),
    };
    if let Some(within) = notice.counted_within {
        let counted = english::counted(notice.count, within);
        sentences.meaning = format!("{counted} {}", sentences.meaning);
    }
    sentences
}

/// The head of the card, at most 100 characters: `Reload failed: Sales Dashboard`.
pub(crate) fn title(notice: &Notice) -> String {
    let name = match notice.kind {
        Kind::ServiceStopped | Kind::ServiceStarted => service(notice),
        Kind::Performance | Kind::Security | Kind::Service | Kind::Agent => {
            clean::line(&sentences(notice).title, 72)
        }
        _ => words::subject(notice),
    };
    let title = match notice.reason {
        Reason::Opened => english::opened(notice.kind, &name),
        Reason::Repeated => english::repeated(notice.kind, &name),
        // What has no app does not reload.
        Reason::Recovered if notice.kind == Kind::ReloadRecovered && !has_app(notice) => {
            english::recovered(Kind::TaskFailed, &name)
        }
        Reason::Recovered => english::recovered(notice.kind, &name),
    };
    clean::ellipsis(&title, 100)
}

/// The head as one line for lists, with the incidents that are still failing.
pub(crate) fn headline(notice: &Notice) -> String {
    let title = title(notice);
    match still_failing(notice) {
        Some(names) => english::over_but(&title, &names),
        None => title,
    }
}

/// The reason. The row of an abort has none, but names the user who stopped the reload.
pub(crate) fn reason(notice: &Notice) -> Cow<'_, str> {
    let has_script_error = notice.script.as_ref().is_some_and(|script| script.error.is_some());
    match &notice.facts.user {
        Some(user) if notice.kind == Kind::ReloadAborted && !has_script_error => {
            Cow::Owned(english::stopped_by(user))
        }
        _ => Cow::Owned(sentences(notice).reason),
    }
}

fn has_app(notice: &Notice) -> bool {
    notice.facts.app_id.is_some() || notice.facts.app_name.is_some()
}

/// Where the script log of a failed reload is that was not found on this node.
pub(crate) fn script_elsewhere(notice: &Notice, host: &str) -> Option<String> {
    let is_reload = matches!(notice.kind, Kind::ReloadFailed | Kind::ReloadAborted);
    if !is_reload || notice.script.is_some() || notice.condition != Condition::Logged {
        return None;
    }
    match &notice.facts.executing_node {
        Some(node) if !qlik::node::is_same(node, host) => {
            Some(english::script_on(&clean::line(node, 100)))
        }
        _ if notice.kind == Kind::ReloadAborted => None,
        Some(_) => Some(english::script_missing(host)),
        None => Some(english::script_not_here(host)),
    }
}

/// `Qlik Sense Engine and 2 more`.
fn service(notice: &Notice) -> String {
    let (name, also) = match &notice.condition {
        Condition::ServiceStopped(stop) => {
            (english::short_service(&stop.display_name), stop.also_down.len())
        }
        _ => (notice.title.as_str(), 0),
    };
    english::services(&clean::line(name, 60), also)
}

/// The incidents that a recovered cause leaves open: `Sales, Finance and 3 more`.
pub(crate) fn still_failing(notice: &Notice) -> Option<String> {
    const NAMED: usize = 5;
    let mut names: Vec<String> =
        notice.still_failing.iter().map(|one| clean::line(&one.name, 60)).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    (!names.is_empty()).then(|| english::list(&names.join(", "), more))
}

/// The other services of the same outage: `Qlik Sense Proxy · Qlik Sense Engine`.
pub(crate) fn also_down(names: &[String]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(|name| english::short_service(name)).collect();
    (!names.is_empty()).then(|| names.join(" · "))
}

#[cfg(test)]
mod tests;
