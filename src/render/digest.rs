//! Pure. One card that stands for many: a table of what, how often and when last.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::render::{Site, clean, envelope, plain, words};

/// Rows of the table; the rest is one row with its true count.
const ROWS: usize = 8;

/// What a channel was spared within some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    pub environment: Option<String>,
    pub from: Timestamp,
    pub to: Timestamp,
    /// In the order of the table.
    pub entries: Vec<DigestEntry>,
}

/// One row of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestEntry {
    /// The summary of the cards that it stands for.
    pub what: String,
    pub times: u32,
    pub last: Timestamp,
}

/// Summary and card.
pub(crate) fn card(digest: &Digest, site: &Site) -> (String, Value) {
    let total = times(&digest.entries);
    let span = words::span(digest.from, digest.to);
    let title = format!("{total} troubles in {span}, shown as one card");
    let zone = &site.timezone;
    let node = clean::line(&site.node, 100);
    let time = format!("{} → {}", words::moment(digest.from, zone), words::clock(digest.to, zone));
    let environment =
        digest.environment.as_deref().map(|name| clean::line(name, 40).to_uppercase());
    let place: Vec<String> = environment.into_iter().chain([node.clone(), time]).collect();
    let body = vec![
        head(&title, &place.join(" · ")),
        table(digest, site),
        plain::small(&format!("nothing was lost: footman history on {node} shows each of them")),
    ];
    (title.clone(), envelope::card(&title, &body, &[]))
}

fn head(title: &str, place: &str) -> Value {
    let icon = json!({ "type": "TextBlock", "text": "📦", "size": "Large" });
    json!({ "type": "Container", "style": "warning", "bleed": true, "items": [
        { "type": "ColumnSet", "columns": [
            { "type": "Column", "width": "auto", "verticalContentAlignment": "Center",
              "items": [icon] },
            { "type": "Column", "width": "stretch", "items": [
                plain::run(json!({ "text": title, "size": "Large", "weight": "Bolder" })),
                plain::small(place),
            ]},
        ]},
    ]})
}

fn table(digest: &Digest, site: &Site) -> Value {
    let shown = if digest.entries.len() > ROWS { ROWS - 1 } else { ROWS };
    let (shown, rest) = digest.entries.split_at(shown.min(digest.entries.len()));
    let mut rows = vec![row(["What", "Times", "Last"].map(str::to_owned), "Bolder")];
    rows.extend(shown.iter().map(|entry| told(entry, site)));
    if let Some(last) = rest.iter().map(|entry| entry.last).max() {
        let what = format!("… and {} other", rest.len());
        rows.push(told(&DigestEntry { what, times: times(rest), last }, site));
    }
    json!({ "type": "Table", "showGridLines": false, "spacing": "Medium",
        "columns": [{ "width": 5 }, { "width": 1 }, { "width": 2 }], "rows": rows })
}

fn told(entry: &DigestEntry, site: &Site) -> Value {
    let last = words::clock(entry.last, &site.timezone);
    row([clean::line(&entry.what, 160), entry.times.to_string(), last], "Default")
}

fn row(cells: [String; 3], weight: &str) -> Value {
    let cell = |text| {
        let run = plain::run(json!({ "text": text, "size": "Small", "weight": weight }));
        json!({ "type": "TableCell", "items": [run] })
    };
    json!({ "type": "TableRow", "cells": cells.map(cell) })
}

fn times(entries: &[DigestEntry]) -> u32 {
    entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.times))
}
