//! Pure. The text about one card in a digest that replaces it: its cause, its subject, what to do.

use crate::commit::About;
use crate::config::Language;
use crate::detection::Kind;
use crate::incident::{Notice, error_class};
use crate::render::{catalog, clean, words};

/// Cards of the same class, connection and node are a group; without a class, the text without its
/// ids and numbers is used.
pub(crate) fn of(notice: &Notice, language: Language) -> About {
    let sentences = catalog::sentences(notice, language);
    let text = clean::line(&catalog::reason(notice, language), 160);
    let title = notice.script.as_ref().and_then(|script| script.error_title.as_deref());
    let (about, is_of_node) = match notice.kind {
        Kind::ServiceStopped | Kind::ServiceStarted => (catalog::title(notice, language), false),
        _ => match words::app_or_task(notice, language) {
            Some(name) => (name, false),
            None => (words::subject(notice, language), true),
        },
    };
    About {
        cause: cause(notice, &text),
        text: if text.is_empty() { clean::line(&sentences.title, 100) } else { text },
        title: title.map(|title| clean::line(title, 60)),
        name: clean::line(&about, 100),
        is_of_node,
        advice: sentences.advice.map(|advice| clean::line(&advice, 300)),
        kind: Some(notice.kind),
        unavailable: notice.unavailable_channel().map(str::to_owned),
    }
}

fn cause(notice: &Notice, text: &str) -> String {
    let class = match notice.error_class() {
        Some(class) => class.to_owned(),
        None if text.is_empty() => notice.pattern.to_string(),
        None => error_class(text),
    };
    let node = notice.facts.tenant.as_deref().or(notice.facts.host.as_deref());
    let connection = notice.connection().unwrap_or_default();
    let parts = [notice.kind.name(), &class, connection, node.unwrap_or_default()];
    clean::line(&parts.join("|"), 300)
}

#[cfg(test)]
mod tests;
