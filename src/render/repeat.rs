//! Pure. Marks a finished card as a possible repeat.

use std::borrow::Cow;

use serde_json::Value;

use crate::config::Language;
use crate::render::body::under_head;
use crate::render::fit::{LIMIT, fits};
use crate::render::{catalog, plain};

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
    let named = card["lang"].as_str().unwrap_or_default();
    let language = Language::ALL.into_iter().find(|language| language.name() == named);
    let line = catalog::of(language.unwrap_or_default()).possible_repeat();
    let body = card.get_mut("body")?.as_array_mut()?;
    body.insert(under_head(body), plain::small(line));
    Some(card.to_string())
}

#[cfg(test)]
mod tests;
