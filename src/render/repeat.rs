//! Pure. Says on a finished card that it may be there twice.

use serde_json::Value;

use crate::render::fit::{LIMIT, fits};
use crate::render::plain;

const LINE: &str = "possible repeat: it is not known whether this card arrived before a restart";

/// The payload with a small line under its head; unchanged if it is not a payload of ours or has
/// no room for the line.
pub fn mark_possible_repeat(payload: &str) -> String {
    match marked(payload) {
        Some(marked) if fits(&marked, LIMIT) => marked,
        _ => payload.to_owned(),
    }
}

fn marked(payload: &str) -> Option<String> {
    let mut message: Value = serde_json::from_str(payload).ok()?;
    let body = message.pointer_mut("/attachments/0/content/body")?.as_array_mut()?;
    body.insert(body.len().min(1), plain::small(LINE));
    Some(message.to_string())
}

#[cfg(test)]
mod tests;
