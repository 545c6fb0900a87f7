//! Pure. Charts as inline SVG: bars, pairs of bars, and a heat map of days and hours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::config::Language;
use crate::render::catalog;
use crate::replay::tally::Noise;
use crate::web::card_html::html::escape;

const ROW: u64 = 36;
const WIDTH: u64 = 560;
const CELL: u64 = 26;
/// The left edge of the cells of a map, after the day.
const DAYS: u64 = 96;
/// The most characters of a bar's label; the full text is the tooltip.
const LABEL: usize = 68;

/// One bar per row, with its name above and its number at the end.
pub(crate) fn bars(rows: &[(String, u64)], class: &str) -> String {
    let Some(most) = rows.iter().map(|(_, n)| *n).max() else { return String::new() };
    let mut svg = open(WIDTH, rows.len() as u64 * ROW + 4);
    for (y, (name, n)) in tops(ROW).zip(rows) {
        label(&mut svg, y, name);
        bar(&mut svg, y + 17, *n, most, class);
    }
    svg + "</svg>"
}

/// The matches of each pattern, and below them its cards.
pub(crate) fn pairs(rows: &[Noise]) -> String {
    let Some(most) = rows.iter().map(|noise| noise.n_found).max() else { return String::new() };
    let mut svg = open(WIDTH, rows.len() as u64 * (ROW + 12) + 4);
    for (y, noise) in tops(ROW + 12).zip(rows) {
        label(&mut svg, y, &noise.pattern);
        bar(&mut svg, y + 17, noise.n_found, most, "quiet");
        bar(&mut svg, y + 29, noise.n_cards, most, "bad");
    }
    svg + "</svg>"
}

/// A row for each day and a column for each hour; darker means more.
pub(crate) fn heat_map(days: &BTreeMap<Date, [u64; 24]>, language: Language) -> String {
    let Some(most) = days.values().flatten().copied().max() else { return String::new() };
    let mut svg = open(DAYS + 25 * CELL + 40, (days.len() as u64 + 1) * CELL + 4);
    for hour in (0..24).step_by(3) {
        let x = DAYS + hour * CELL;
        let _infallible = write!(svg, "<text x=\"{x}\" y=\"16\" class=\"dim\">{hour:02}:00</text>");
    }
    for (y, (day, hours)) in tops(CELL).skip(1).zip(days) {
        day_row(&mut svg, y, &catalog::of(language).weekday(*day), hours, most);
    }
    svg + "</svg>"
}

fn day_row(svg: &mut String, y: u64, name: &str, hours: &[u64; 24], most: u64) {
    let base = y + 17;
    let _infallible = write!(svg, "<text x=\"0\" y=\"{base}\">{name}</text>");
    for (x, n) in (0..).map(|hour| DAYS + hour * CELL).zip(hours) {
        let side = CELL - 3;
        // A count above zero is always visible.
        let strength = if *n == 0 { 0 } else { 25 + 75 * n / most };
        let class = if *n == 0 { "empty" } else { "bad" };
        let _infallible = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\" rx=\"4\" \
             class=\"{class}\"{}><title>{name}: {n}</title></rect>",
            if *n == 0 { String::new() } else { format!(" fill-opacity=\"{strength}%\"") },
        );
    }
    let sum: u64 = hours.iter().sum();
    let x = DAYS + 24 * CELL + 8;
    let _infallible = write!(svg, "<text x=\"{x}\" y=\"{base}\" class=\"dim\">{sum}</text>");
}

fn tops(step: u64) -> impl Iterator<Item = u64> {
    (0..).map(move |row| row * step)
}

fn open(width: u64, height: u64) -> String {
    format!(
        "<svg viewBox=\"0 0 {width} {height}\" style=\"max-width:{width}px\" role=\"img\" \
         xmlns=\"http://www.w3.org/2000/svg\">"
    )
}

fn label(svg: &mut String, y: u64, name: &str) {
    let short: String = if name.chars().nth(LABEL).is_some() {
        name.chars().take(LABEL - 1).chain(['…']).collect()
    } else {
        name.to_owned()
    };
    let base = y + 12;
    let _infallible = write!(
        svg,
        "<text x=\"0\" y=\"{base}\">{}<title>{}</title></text>",
        escape(&short),
        escape(name)
    );
}

fn bar(svg: &mut String, y: u64, n: u64, most: u64, class: &str) {
    let room = WIDTH - 60;
    let width = (n * room / most.max(1)).max(u64::from(n > 0) * 3);
    let _infallible = write!(
        svg,
        "<rect x=\"0\" y=\"{y}\" width=\"{width}\" height=\"8\" rx=\"4\" class=\"{class}\"/>\
         <text x=\"{}\" y=\"{}\" class=\"dim\">{n}</text>",
        width + 8,
        y + 8
    );
}
