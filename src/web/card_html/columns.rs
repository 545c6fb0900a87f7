//! Pure. Draws columns: `ColumnSet` and `Table`.

use serde_json::Value;

use crate::web::card_html::fields::list;
use crate::web::card_html::frame::{fill, open};
use crate::web::card_html::html::Html;
use crate::web::card_html::looks::{VERTICAL, class};

/// Widths in pixels are rounded down to a multiple of this.
const STEP: u64 = 5;
const WIDEST: u64 = 400;
const HEAVIEST: u64 = 20;

/// Draws the elements inside a column or a cell.
type DrawItems = fn(&mut Html, &Value);

/// The style sheet, with one rule for each possible column width, since the page's security policy
/// forbids `style` attributes.
pub fn stylesheet() -> String {
    let mut css = include_str!("../style.css").to_owned();
    css.extend((1..=WIDEST / STEP).map(|n| n * STEP).map(fixed));
    css.extend((1..=HEAVIEST).map(weighted));
    css
}

fn fixed(px: u64) -> String {
    format!(".px-{px} {{ flex: 0 0 {px}px; }}\n")
}

fn weighted(weight: u64) -> String {
    format!(".fr-{weight} {{ flex: {weight} 1 0; }}\n")
}

/// Columns, each with its own elements.
pub(crate) fn column_set(out: &mut Html, set: &Value, draw_items: DrawItems) {
    let mut classes = vec!["columns"];
    classes.extend(fill(set));
    open(out, "div", set, &classes).end();
    for column in list(set, "columns") {
        draw_column(out, column, draw_items);
    }
    out.close("div");
}

fn draw_column(out: &mut Html, column: &Value, draw_items: DrawItems) {
    let width = width(column.get("width"));
    let mut classes = vec!["items", "column", &width];
    classes.push(class(column, "verticalContentAlignment", VERTICAL));
    classes.extend(fill(column));
    open(out, "div", column, &classes).end();
    draw_items(out, column);
    out.close("div");
}

fn width(width: Option<&Value>) -> String {
    let text = width.and_then(Value::as_str).unwrap_or_default();
    if text.eq_ignore_ascii_case("auto") {
        return "w-auto".to_owned();
    }
    match text.strip_suffix("px").and_then(|px| px.parse::<u64>().ok()) {
        Some(px) => format!("px-{}", (px.min(WIDEST) / STEP * STEP).max(STEP)),
        None => format!("fr-{}", weight(width)),
    }
}

fn weight(width: Option<&Value>) -> u64 {
    let number = width.and_then(|width| match width {
        Value::String(text) => text.parse().ok(),
        width => width.as_u64(),
    });
    number.unwrap_or(1).clamp(1, HEAVIEST)
}

/// Rows and cells; the first row is the head.
pub(crate) fn table(out: &mut Html, table: &Value, draw_items: DrawItems) {
    let grid = table.get("showGridLines").and_then(Value::as_bool).unwrap_or(true);
    open(out, "table", table, &["table", if grid { "grid" } else { "" }]).end();
    column_widths(out, list(table, "columns"));
    let headed = table.get("firstRowAsHeader").and_then(Value::as_bool).unwrap_or(true);
    for (i, row) in list(table, "rows").iter().enumerate() {
        draw_row(out, row, headed && i == 0, draw_items);
    }
    out.close("table");
}

fn column_widths(out: &mut Html, columns: &[Value]) {
    let weights: Vec<u64> = columns.iter().map(|column| weight(column.get("width"))).collect();
    let all = weights.iter().sum::<u64>().max(1);
    out.open("colgroup", &[]).end();
    for weight in weights {
        out.open("col", &[]).attribute("width", &format!("{}%", weight * 100 / all)).end();
    }
    out.close("colgroup");
}

fn draw_row(out: &mut Html, row: &Value, head: bool, draw_items: DrawItems) {
    out.open("tr", &[]).end();
    for cell in list(row, "cells") {
        let mut classes = vec!["items", if head { "head" } else { "" }];
        classes.extend(fill(cell));
        out.open("td", &classes).end();
        draw_items(out, cell);
        out.close("td");
    }
    out.close("tr");
}
