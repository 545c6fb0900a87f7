//! Pure. The envelope of a card in a request to a Workflows webhook.

use crate::render::{banner, mark_possible_repeat};

const TYPE: &str = r#"{"type":"message","#;
/// The text of a notification, for clients that support it.
const SUMMARY: &str = r#""summary":"#;
const BEFORE: &str = r#""attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":"#;
const AFTER: &str = "}]}";

/// The message with the card, which is marked if it may be a repeat.
pub fn message(card: &str, possible_repeat: bool) -> String {
    if possible_repeat { wrap(&mark_possible_repeat(card)) } else { wrap(card) }
}

fn wrap(card: &str) -> String {
    match banner(card) {
        Some(banner) => [TYPE, SUMMARY, banner, ",", BEFORE, card, AFTER].concat(),
        None => [TYPE, BEFORE, card, AFTER].concat(),
    }
}

#[cfg(test)]
mod tests;
