//! Pure. Marks a finished card that another channel sends in place of its own, or that continues one
//! that is gone.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::render::body::under_head;
use crate::render::catalog::Catalog;
use crate::render::fit::{LIMIT, fits};
use crate::render::{catalog, plain};

/// The card with a small line under its head; unchanged if it is not a card of Footman or has no
/// room for the line.
pub fn mark_instead_of<'c>(
    card: &'c str,
    channel: &str,
    since: Timestamp,
    zone: &TimeZone,
) -> Cow<'c, str> {
    mark(card, since, zone, |catalog, since| catalog.instead_of(channel, since))
}

/// The same for the first card of a thread in place of one that is gone.
pub fn mark_continuation<'c>(card: &'c str, since: Timestamp, zone: &TimeZone) -> Cow<'c, str> {
    mark(card, since, zone, |catalog, since| catalog.continues(since))
}

fn mark<'c>(
    card: &'c str,
    since: Timestamp,
    zone: &TimeZone,
    line: impl Fn(&dyn Catalog, &str) -> String,
) -> Cow<'c, str> {
    match marked(card, since, zone, line) {
        Some(marked) if fits(&marked, LIMIT) => marked.into(),
        _ => card.into(),
    }
}

fn marked(
    card: &str,
    since: Timestamp,
    zone: &TimeZone,
    line: impl Fn(&dyn Catalog, &str) -> String,
) -> Option<String> {
    let mut card: Value = serde_json::from_str(card).ok()?;
    let named = card["lang"].as_str().unwrap_or_default();
    let language = Language::ALL.into_iter().find(|language| language.name() == named);
    let catalog = catalog::of(language.unwrap_or_default());
    let since = catalog.short_moment(&since.to_zoned_datetime(zone.clone()));
    let line = line(catalog, &since);
    let body = card.get_mut("body")?.as_array_mut()?;
    body.insert(under_head(body), plain::small(&line));
    Some(card.to_string())
}

#[cfg(test)]
mod tests;
