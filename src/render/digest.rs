//! Pure. Renders a digest: the worst incidents as a table, then the others by name.

use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::detection::Severity;
use crate::render::{Site, body, clean, fit, plain, words};

/// Rows of the table; the other incidents are named below it.
const ROWS: usize = 8;
/// Bytes of the payload. A list has few quotes to escape, so it may be larger than other cards.
const BUDGET: usize = 24_000;
/// Bytes of one name below the table, from the most to none; names that do not fit are counted.
const WIDTHS: [usize; 5] = [160, 80, 48, 24, 0];

/// Several cards of one channel, merged into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    pub environment: Option<String>,
    pub from: Timestamp,
    pub to: Timestamp,
    /// Cards of problems that have not recovered.
    pub problems: u32,
    /// Incidents that have recovered.
    pub over: u32,
    /// Number of merged cards.
    pub cards: u32,
    /// Incidents that are not among the entries.
    pub unnamed: u32,
    /// In the order of the table, the worst first.
    pub entries: Vec<DigestEntry>,
}

/// One incident of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestEntry {
    /// The summary of the card.
    pub what: String,
    pub severity: Severity,
    /// Number of cards of this incident.
    pub times: u32,
    pub last: Timestamp,
    /// Whether it has recovered.
    pub is_over: bool,
}

/// Summary and card.
pub(crate) fn card(digest: &Digest, site: &Site) -> (String, Value) {
    let title = title(digest);
    let card = |width| whole(digest, site, &title, width);
    let fits = |card: &Value| fit::fits(&body::json(card.clone()), BUDGET);
    let fitting = WIDTHS.into_iter().map(card).find(fits);
    let card = fitting.unwrap_or_else(|| card(0));
    (title, card)
}

/// `26 problems in 12 s, shown as one card · 3 over · worst: error: Reload failed: Sales`.
fn title(digest: &Digest) -> String {
    let span = words::span(digest.from, digest.to);
    let shown = match (digest.problems, digest.over) {
        (0, n) => format!("{} in {span}, shown as one card", of(n, "recovery", "recoveries")),
        (n, _) => format!("{} in {span}, shown as one card", of(n, "problem", "problems")),
    };
    let over = (digest.problems > 0 && digest.over > 0).then(|| format!("{} over", digest.over));
    let worst = digest.entries.first().filter(|entry| !entry.is_over);
    let worst =
        worst.map(|entry| format!("worst: {}: {}", entry.severity.name(), short(entry, 80)));
    [Some(shown), over, worst].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn whole(digest: &Digest, site: &Site, title: &str, width: usize) -> Value {
    let zone = &site.timezone;
    let node = clean::line(&site.node, 100);
    let time = format!("{} → {}", words::moment(digest.from, zone), words::clock(digest.to, zone));
    let environment =
        digest.environment.as_deref().map(|name| clean::line(name, 40).to_uppercase());
    let place: Vec<String> = environment.into_iter().chain([node.clone(), time]).collect();
    let (rows, named) = digest.entries.split_at(ROWS.min(digest.entries.len()));
    let mut body = vec![head(title, &place.join(" · "), worst(digest)), table(rows, site)];
    body.extend(names(named, width));
    let unnamed = digest.unnamed as usize + if width == 0 { named.len() } else { 0 };
    if unnamed > 0 {
        body.push(plain::small(&format!("… and {unnamed} more not named here")));
    }
    let cards = of(digest.cards, "card", "cards");
    body.push(plain::small(&format!(
        "stands for {cards}; `footman history` on {node} lists each of them"
    )));
    body::card(title, &body, &[])
}

fn worst(digest: &Digest) -> Severity {
    let open = digest.entries.iter().filter(|entry| !entry.is_over);
    open.map(|entry| entry.severity).max().unwrap_or(Severity::Info)
}

fn head(title: &str, place: &str, worst: Severity) -> Value {
    let style = match worst {
        Severity::Critical | Severity::Error => "attention",
        Severity::Warning => "warning",
        Severity::Info => "good",
    };
    let icon = json!({ "type": "TextBlock", "text": "📦", "size": "Large" });
    json!({ "type": "Container", "style": style, "bleed": true, "items": [
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

fn table(entries: &[DigestEntry], site: &Site) -> Value {
    let mut rows = vec![row(["What", "Times", "Last"].map(str::to_owned), "Bolder")];
    for entry in entries {
        let last = words::clock(entry.last, &site.timezone);
        rows.push(row([named(entry, 160), times(entry), last], "Default"));
    }
    json!({ "type": "Table", "showGridLines": false, "spacing": "Medium",
        "columns": [{ "width": 5 }, { "width": 1 }, { "width": 2 }], "rows": rows })
}

/// `error: Reload failed: Sales` or `over: Reload failed: Sales`.
fn named(entry: &DigestEntry, length: usize) -> String {
    format!("{}: {}", word(entry), short(entry, length))
}

fn word(entry: &DigestEntry) -> &'static str {
    if entry.is_over { "over" } else { entry.severity.name() }
}

fn times(entry: &DigestEntry) -> String {
    if entry.times == 0 { "–".to_owned() } else { entry.times.to_string() }
}

fn row(cells: [String; 3], weight: &str) -> Value {
    let cell = |text| {
        let run = plain::run(json!({ "text": text, "size": "Small", "weight": weight }));
        json!({ "type": "TableCell", "items": [run] })
    };
    json!({ "type": "TableRow", "cells": cells.map(cell) })
}

/// The incidents that are not in the table, one paragraph for each severity.
fn names(entries: &[DigestEntry], width: usize) -> Vec<Value> {
    let mut paragraphs = Vec::new();
    if width == 0 {
        return paragraphs;
    }
    for group in entries.chunk_by(|one, next| word(one) == word(next)) {
        let Some(first) = group.first() else { continue };
        let names: Vec<String> = group.iter().map(|entry| name(entry, width)).collect();
        let head = format!("also {} ({}): ", word(first), group.len());
        paragraphs.push(json!({ "type": "RichTextBlock", "spacing": "Small", "inlines": [
            { "type": "TextRun", "text": head, "size": "Small", "weight": "Bolder" },
            { "type": "TextRun", "text": names.join(" · "), "size": "Small" },
        ]}));
    }
    paragraphs
}

/// The name, cut to `bytes`, with its count if more than one.
fn name(entry: &DigestEntry, bytes: usize) -> String {
    let whole = short(entry, bytes);
    let end = (0..=bytes.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at));
    let cut = whole.get(..end.unwrap_or(0)).unwrap_or_default();
    let more = if cut.len() < whole.len() { "…" } else { "" };
    let times = if entry.times > 1 { format!(" ×{}", entry.times) } else { String::new() };
    format!("{cut}{more}{times}")
}

fn short(entry: &DigestEntry, length: usize) -> String {
    let line = clean::line(&entry.what, length);
    if line.is_empty() { "a card without a summary".to_owned() } else { line }
}

fn of(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
