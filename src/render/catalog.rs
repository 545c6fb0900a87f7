//! Pure. The product's own sentences on cards: values in, words out. One file for each language.
//!
//! What a pattern found is told in the pattern's words; everything else is worded here. A language
//! is a file with the functions of `english`.

mod english;

use std::borrow::Cow;

use crate::detection::{Condition, Kind};
use crate::incident::{Notice, Reason};
use crate::render::{clean, words};

pub(crate) use crate::render::catalog::english::{UNCERTAIN, ordinal, swallowed};

/// What is the matter in words: what stands on a card beside times and names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentences {
    pub title: String,
    /// The reason, in one line or a few.
    pub reason: String,
    pub meaning: String,
    pub advice: Option<String>,
}

/// What a notice says.
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
        Condition::Logged => logged,
        // What it means that it does not end, its pattern knows.
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
        Reason::Recovered => english::recovered(notice.kind, &name),
    };
    clean::ellipsis(&title, 100)
}

/// The head as one line for lists, with what goes on though its cause is over.
pub(crate) fn headline(notice: &Notice) -> String {
    let title = title(notice);
    match still_failing(notice) {
        Some(names) => english::over_but(&title, &names),
        None => title,
    }
}

/// Why it happened: an abort's row only says that it happened, but also by whom.
pub(crate) fn reason(notice: &Notice) -> Cow<'_, str> {
    let told_by_script = notice.script.as_ref().is_some_and(|script| script.error.is_some());
    match &notice.facts.user {
        Some(user) if notice.kind == Kind::ReloadAborted && !told_by_script => {
            Cow::Owned(english::stopped_by(user))
        }
        _ => Cow::Owned(sentences(notice).reason),
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

/// What goes on though its cause is over: `Sales, Finance and 3 more`.
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
