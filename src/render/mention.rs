//! Pure. Mentions people on a finished card, so that Teams notifies them.
//!
//! Teams refuses a card if the text of a mention and its entity differ in one character. So they
//! are added after the last clean-up, to any card, whatever its template.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Value, json};

use crate::config::Mention;
use crate::render::body::under_head;
use crate::render::repeat::mark_possible_repeat;

/// The most people on one card: Teams accepts 20.
const MOST: usize = 20;

/// The card with a line that mentions these people under its head, as many as fit.
pub(crate) fn mentioning(card: &str, people: &[Mention]) -> String {
    let most = people.len().min(MOST);
    let added = (1..=most).rev().find_map(|most| {
        // With room for the mark of a possible repeat.
        let card = added(card, &people[..most])?;
        matches!(mark_possible_repeat(&card), Cow::Owned(_)).then_some(card)
    });
    added.unwrap_or_else(|| card.to_owned())
}

fn added(card: &str, people: &[Mention]) -> Option<String> {
    let mut card: Value = serde_json::from_str(card).ok()?;
    let names = distinct(people);
    let texts: Vec<String> = names.iter().map(|name| format!("<at>{name}</at>")).collect();
    let line = json!({ "type": "TextBlock", "text": texts.join(", "), "wrap": true,
        "spacing": "Small" });
    let body = card.get_mut("body")?.as_array_mut()?;
    body.insert(under_head(body), line);
    let members = card.as_object_mut()?.entry("msteams").or_insert_with(|| json!({}));
    let entities = members.as_object_mut()?.entry("entities").or_insert_with(|| json!([]));
    let mentions = people.iter().zip(&names).zip(texts).map(|((person, name), text)| {
        json!({ "type": "mention", "text": text, "mentioned": { "id": person.id, "name": name } })
    });
    entities.as_array_mut()?.extend(mentions);
    Some(card.to_string())
}

/// The names, each once, whatever its case: Teams finds an entity by its text.
fn distinct(people: &[Mention]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut known = HashSet::new();
    for person in people {
        let numbered = (2..).map(|number| format!("{} ({number})", person.name));
        let mut candidates = std::iter::once(person.name.clone()).chain(numbered);
        names.extend(candidates.find(|name| known.insert(name.to_lowercase())));
    }
    names
}

/// The people whom a card mentions.
pub(crate) fn mentioned(card: &str) -> Vec<Mention> {
    let card: Value = serde_json::from_str(card).unwrap_or_default();
    let entities = card["msteams"]["entities"].as_array().cloned().unwrap_or_default();
    let person = |entity: &Value| {
        let text = |key: &str| entity["mentioned"][key].as_str().map(str::to_owned);
        Some(Mention { name: text("name")?, id: text("id")? })
    };
    entities.iter().filter_map(person).collect()
}

#[cfg(test)]
mod tests;
