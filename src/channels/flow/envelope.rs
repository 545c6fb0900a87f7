//! Pure. The envelope of a message in a thread: that of a card, and which message it is.

use serde_json::{Value, json};

use crate::channels::teams::message;
use crate::outbox::{ThreadMessage, ThreadWrite};

/// The body of a request, and whether the key by which the thread is found could not be added to
/// the card.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) body: String,
    pub(crate) lacks_key: bool,
}

/// The message with the card, and what the flow must do with it.
pub(crate) fn envelope(card: &str, possible_repeat: bool, write: &ThreadWrite) -> Envelope {
    let is_root = matches!(write.message, ThreadMessage::Root { .. });
    // An update is the same however often it is made.
    let is_marked = possible_repeat && write.message != ThreadMessage::Update;
    // A reply without a known root may begin a thread.
    let needs_key = write.message != ThreadMessage::Reply || write.root.is_none();
    let keyed = needs_key.then(|| keyed(card, &write.key)).flatten();
    let lacks_key = needs_key && keyed.is_none();
    let card = keyed.unwrap_or_else(|| card.to_owned());
    let mode = match write.message {
        // A root that may exist is found by its key, or posted.
        ThreadMessage::Root { may_exist: true, .. } | ThreadMessage::Update => "update",
        ThreadMessage::Root { .. } => "open",
        ThreadMessage::Reply => "reply",
    };
    let mut thread = json!({ "key": write.key, "mode": mode });
    if let Some(root) = write.root.as_deref().filter(|_| !is_root) {
        thread["messageId"] = root.into();
    }
    let message = message(&card, is_marked);
    let open = message.strip_suffix('}').unwrap_or(&message);
    Envelope { body: format!("{open},\"thread\":{thread}}}"), lacks_key }
}

/// The card with the hidden text by which the flow finds it; `None` if it has no list of elements.
fn keyed(card: &str, key: &str) -> Option<String> {
    let mut card: Value = serde_json::from_str(card).ok()?;
    let text = format!("footman:{key}");
    let hidden = json!({ "type": "TextBlock", "text": text, "isVisible": false });
    let body = card.as_object_mut()?.entry("body").or_insert_with(|| json!([]));
    body.as_array_mut()?.push(hidden);
    Some(card.to_string())
}

#[cfg(test)]
mod tests;
