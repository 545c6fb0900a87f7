//! Pure. What a request to a Workflows webhook has around the card, put on when it is sent.

use crate::render::mark_possible_repeat;

const BEFORE: &str = r#"{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":"#;
const AFTER: &str = "}]}";

/// The message with the card, which says that it may be a repeat if it may be one.
pub fn message(card: &str, possible_repeat: bool) -> String {
    if possible_repeat { wrap(&mark_possible_repeat(card)) } else { wrap(card) }
}

fn wrap(card: &str) -> String {
    [BEFORE, card, AFTER].concat()
}

#[cfg(test)]
mod tests;
