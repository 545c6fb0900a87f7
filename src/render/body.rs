//! Pure. Writes an Adaptive Card as JSON, after a last clean-up.

use serde_json::{Map, Value, json};

use crate::config::Language;
use crate::render::{clean, links};

/// Required lists of elements: an element whose list is empty is left out.
const LISTS: [(&str, &str); 9] = [
    ("Container", "items"),
    ("Column", "items"),
    ("ColumnSet", "columns"),
    ("RichTextBlock", "inlines"),
    ("ActionSet", "actions"),
    ("FactSet", "facts"),
    ("ImageSet", "images"),
    ("Table", "rows"),
    ("TextBlock", "text"),
];

/// The number of buttons of a card that Teams shows.
pub(crate) const MOST_ACTIONS: usize = 6;

/// A card with the members that all cards of Footman have. Its first text, which some phones show in a
/// notification, is the summary.
pub(crate) fn card(summary: &str, language: Language, body: &[Value], actions: &[Value]) -> Value {
    let banner = json!({ "type": "RichTextBlock", "isVisible": false,
        "inlines": [{ "type": "TextRun", "text": summary }] });
    let body: Vec<&Value> = std::iter::once(&banner).chain(body).collect();
    json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": language.name(),
        "fallbackText": summary,
        "speak": summary,
        "msteams": { "width": "Full" },
        "body": body,
        "actions": actions,
    })
}

/// The cleaned card as compact JSON, without the channel's envelope.
pub(crate) fn json(mut card: Value) -> String {
    tidy(&mut card);
    clean::card(&mut card);
    // `to_string` of the value itself goes through a formatter, in twice the time.
    serde_json::to_string(&card).expect("a JSON value is valid JSON")
}

/// The place under the head of a card, which is its first visible element.
pub(crate) fn under_head(body: &[Value]) -> usize {
    let is_visible = |element: &Value| element.get("isVisible") != Some(&Value::Bool(false));
    body.iter().position(is_visible).map_or(body.len(), |head| head + 1)
}

/// Removes elements that conditions left empty, and buttons with unsafe links.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(tidy);
            if let Some(Value::Array(actions)) = members.get_mut("actions") {
                actions.truncate(MOST_ACTIONS);
            }
            if members.get("actions").is_some_and(is_empty) {
                members.shift_remove("actions");
            }
        }
        Value::Array(values) => {
            values.iter_mut().for_each(tidy);
            values.retain(|value| value.as_object().is_none_or(is_shown));
        }
        _ => {}
    }
}

fn is_shown(element: &Map<String, Value>) -> bool {
    let text = |key| element.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "TextRun" => !text("text").is_empty(),
        "Action.OpenUrl" => !text("title").is_empty() && links::is_safe(text("url")),
        kind => LISTS
            .iter()
            .filter(|(of, _)| *of == kind)
            .all(|(_, list)| element.get(*list).is_some_and(|list| !is_empty(list))),
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_str().is_some_and(str::is_empty)
}

#[cfg(test)]
mod tests;
