//! Pure. Marks a finished card as a possible repeat.

use std::borrow::Cow;

use serde_json::Value;

use crate::render::fit::{LIMIT, fits};
use crate::render::plain;

const LINE: &str = "possible repeat: it is not known whether this card arrived before a restart";

/// The card with a small line under its head; unchanged if it is not a card of Footman or has no
/// room for the line.
pub fn mark_possible_repeat(card: &str) -> Cow<'_, str> {
    match marked(card) {
        Some(marked) if fits(&marked, LIMIT) => marked.into(),
        _ => card.into(),
    }
}

fn marked(card: &str) -> Option<String> {
    let mut card: Value = serde_json::from_str(card).ok()?;
    let body = card.get_mut("body")?.as_array_mut()?;
    body.insert(body.len().min(1), plain::small(LINE));
    Some(card.to_string())
}

#[cfg(test)]
mod tests;
