//! Pure. Writes "possible repeat" on a card that may have arrived before.

use serde_json::{Value, json};

/// The words on the card.
pub const WORDS: &str =
    "Possible repeat: the sender was interrupted and could not see whether this card had arrived.";

/// The payload with one more line at the end of its card. A payload without a card in the usual
/// envelope is returned as it is: better unmarked than not sent.
pub fn marked(payload: &str) -> String {
    mark(payload).unwrap_or_else(|| payload.to_owned())
}

fn mark(payload: &str) -> Option<String> {
    let mut envelope: Value = serde_json::from_str(payload).ok()?;
    let body = envelope.pointer_mut("/attachments/0/content/body")?.as_array_mut()?;
    body.push(json!({
        "type": "TextBlock", "text": WORDS, "wrap": true, "isSubtle": true, "size": "Small"
    }));
    Some(envelope.to_string())
}

#[cfg(test)]
mod tests;
