//! Pure. Inline tables in one line, as in a row of a service log: where a row ends, only a blank
//! separates two cells.

use std::ops::Range;

use crate::redact::columns::{SecretColumns, is_secret};
use crate::redact::fields::Fields;
use crate::redact::phrases;
use crate::redact::spans::Spans;
use crate::redact::tables::{cells, delimiter};
use crate::redact::values;

/// Hides the secret columns of a table.
pub(crate) fn hide(
    text: &str,
    table: Range<usize>,
    sign: Option<char>,
    fields: &Fields,
    spans: &mut Spans,
) {
    let row = &text[table.clone()];
    let sign = sign.filter(|sign| row.contains(*sign)).unwrap_or_else(|| delimiter(row));
    let mut places = Vec::new();
    let mut at = table.start;
    for cell in cells(row, sign) {
        places.push(at..at + cell.len());
        at += cell.len() + sign.len_utf8();
    }
    if places.len() == 1 {
        words(text, table, spans);
        return;
    }
    let Some(last) = places.iter().position(|cell| border(&text[cell.clone()]).is_some()) else {
        // One row without a header.
        let columns = fields.columns(&vec![""; places.len()]);
        for (column, cell) in places.iter().enumerate() {
            hide_bare(text, cell.clone(), &columns, column, spans);
        }
        return;
    };
    let mut header: Vec<&str> = places[..last].iter().map(|cell| &text[cell.clone()]).collect();
    let of_border = &text[places[last].clone()];
    header.push(&of_border[..border(of_border).unwrap_or_default()]);
    let columns = fields.columns(&header);
    if !columns.has_secret() {
        pairs(text, &places, spans);
    }
    // Between two rows is one cell, in which the last of one and the first of the next are.
    for (at, cell) in places.iter().enumerate().skip(last) {
        let is_border = at % last.max(1) == 0;
        let found = &text[cell.clone()];
        let middle = border(found).filter(|_| is_border);
        let (left, right) = match middle {
            Some(middle) if at > last => (Some(middle), Some(middle)),
            Some(middle) => (None, Some(middle)),
            None => (Some(found.len()), None),
        };
        let column = if is_border { last } else { at % last.max(1) };
        if let Some(left) = left {
            hide_bare(text, cell.start..cell.start + left, &columns, column, spans);
        }
        if let Some(right) = right {
            hide_bare(text, cell.start + right..cell.end, &columns, 0, spans);
        }
    }
}

/// The place between the two cells of which one consists.
fn border(cell: &str) -> Option<usize> {
    let skipped = cell.len() - cell.trim_start().len();
    let found = cell.trim();
    let from = match found.chars().next()? {
        '[' => found.find(']')?,
        quote @ ('"' | '\'') => found[1..].find(quote)? + 1,
        _ => phrases::at_start(found).unwrap_or(0),
    };
    let middle = found[from..].find(char::is_whitespace)? + from;
    Some(skipped + middle)
}

fn hide_bare(
    text: &str,
    cell: Range<usize>,
    columns: &SecretColumns,
    column: usize,
    spans: &mut Spans,
) {
    let found = &text[cell.clone()];
    let bare = found.trim().trim_matches(['"', '\'']);
    if columns.hides(column, bare) && !values::is_stand_in(bare) {
        let from = cell.start + found.find(bare).unwrap_or(0);
        spans.hide(text, from, from + bare.len());
    }
}

/// `[k, v password, x smtp_host, y]`: the first of two columns names the second.
fn pairs(text: &str, places: &[Range<usize>], spans: &mut Spans) {
    for pair in places.windows(2) {
        let name = text[pair[0].clone()].split_whitespace().next_back().unwrap_or_default();
        let found = &text[pair[1].clone()];
        let value = found.split_whitespace().next().unwrap_or_default();
        if is_secret(name) && values::is_odd(value) && !values::is_stand_in(value) {
            let from = pair[1].start + found.find(value).unwrap_or(0);
            spans.hide(text, from, from + value.len());
        }
    }
}

/// A table whose tabs became blanks: after a secret name, what looks like a secret.
fn words(text: &str, table: Range<usize>, spans: &mut Spans) {
    let row = &text[table.clone()];
    let mut is_behind = false;
    let mut at = 0;
    for word in row.split_inclusive(char::is_whitespace) {
        let bare = word.trim();
        if is_behind && values::has_made_up(bare) {
            spans.hide(text, table.start + at, table.start + at + bare.len());
        }
        is_behind |= is_secret(bare);
        at += word.len();
    }
}
