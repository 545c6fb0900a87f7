//! Pure. Puts the button of a card that waits on a finished card, and removes it.
//!
//! The flow of such a channel waits until somebody presses the button. It finds the button as the
//! first of the card's own actions; the `data` of the button contain the text that it then writes.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::command::link;
use crate::detection::{Kind, Severity};
use crate::incident::{Notice, Reason};
use crate::render::body::MOST_ACTIONS;
use crate::render::fit::{BUDGET, fits};
use crate::render::{Site, catalog, clean, plain, words};

const SUBMIT: &str = "Action.Submit";
/// The id of the line about the button.
const LINE: &str = "waiting";
/// Characters of the title of another button.
const TITLE: usize = 40;

/// Whether somebody must take care of the reported problem. The card that tests a channel also has
/// the button, so that it can be tried.
pub(crate) fn asks(notice: &Notice) -> bool {
    let calls = match notice.reason {
        Reason::Opened | Reason::Repeated | Reason::Escalated => notice.severity > Severity::Info,
        Reason::Acknowledged | Reason::Recovered => false,
    };
    let is_over = notice.flapping.is_some_and(|flapping| flapping.is_over);
    let is_open = calls && !is_over && notice.acknowledged.is_none();
    is_open || notice.kind == Kind::Test
}

/// The card with the button, and a line about it; unchanged if it is not a card of Footman or has no
/// room for them.
pub(crate) fn with_button(card: &str, site: &Site, now: Timestamp) -> String {
    match added(card, site, now) {
        Some(waiting) if fits(&waiting, BUDGET) => waiting,
        _ => card.to_owned(),
    }
}

fn added(card: &str, site: &Site, now: Timestamp) -> Option<String> {
    let mut card: Value = serde_json::from_str(card).ok()?;
    let catalog = catalog::of(site.language);
    let answer = answer(&card).map(|title| clean::ellipsis(title, TITLE));
    let mut line = plain::small(&catalog.stays_in_teams(catalog.take(), answer.as_deref()));
    line["id"] = LINE.into();
    card.get_mut("body")?.as_array_mut()?.push(line);
    let actions = card.as_object_mut()?.entry("actions").or_insert_with(|| json!([]));
    let actions = actions.as_array_mut()?;
    actions.insert(0, button(site, now));
    actions.truncate(MOST_ACTIONS);
    Some(card.to_string())
}

/// The flow fills in name and time, and knows no time zone: it adds the minutes to UTC.
fn button(site: &Site, now: Timestamp) -> Value {
    let catalog = catalog::of(site.language);
    let seconds = now.to_zoned_datetime(site.timezone.clone()).offset().seconds();
    let at = format!("{{time}} ({})", words::offset(seconds));
    json!({
        "type": SUBMIT,
        "title": catalog.take(),
        "data": {
            "sentence": catalog.taken("{name}", &at),
            "minutes": seconds / 60,
            "format": catalog.taken_format(),
        },
    })
}

/// The title of the button that leads to the page on which people answer.
fn answer(value: &Value) -> Option<&str> {
    match value {
        Value::Array(values) => values.iter().find_map(answer),
        Value::Object(members) => {
            let url = members.get("url").and_then(Value::as_str).unwrap_or_default();
            match members.get("title").and_then(Value::as_str) {
                Some(title) if link::is_unsigned(url) => Some(title),
                _ => members.values().find_map(answer),
            }
        }
        _ => None,
    }
}

/// The card without the button and the line: only a flow that waits accepts an answer.
pub fn without_button(card: &str) -> Cow<'_, str> {
    let has_button = card.contains(SUBMIT);
    has_button.then(|| removed(card)).flatten().map_or(card.into(), Into::into)
}

fn removed(card: &str) -> Option<String> {
    let mut card: Value = serde_json::from_str(card).ok()?;
    let members = card.as_object_mut()?;
    let actions = members.get_mut("actions")?.as_array_mut()?;
    actions.retain(|action| action["type"] != SUBMIT);
    if actions.is_empty() {
        members.shift_remove("actions");
    }
    members.get_mut("body")?.as_array_mut()?.retain(|element| element["id"] != LINE);
    Some(card.to_string())
}

#[cfg(test)]
mod tests;
