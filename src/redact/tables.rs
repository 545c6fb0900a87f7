//! Pure. Tables in text: a column with the name of a secret is hidden, the others are kept.

use std::ops::Range;

use crate::redact::columns::{self, SecretColumns, is_secret};
use crate::redact::fields::Fields;
use crate::redact::flat;
use crate::redact::lost::LOST;
use crate::redact::spans::Spans;
use crate::redact::values::{
    self, skip_blanks, skip_prefix, whole_line_end as line_end, whole_line_start as line_start,
};

/// The most rows that are examined.
const ROWS: usize = 5000;
/// The most bytes of the format behind a table.
const FORMAT: usize = 100;
/// Signs between cells, the usual ones first.
const DELIMITERS: [char; 4] = ['|', ';', '\t', ','];
const RARE_DELIMITERS: [char; 5] = ['^', '~', '¦', '§', ':'];

/// Hides columns of the table in brackets or quotes after `INLINE`, which ends at `at`. Returns the
/// end of the table.
pub(crate) fn inline(text: &str, at: usize, spans: &mut Spans) -> usize {
    let Some(Range { start, end: stop }) = extent(text, at) else { return at };
    let after = text[stop..text.floor_char_boundary(stop + FORMAT)].to_ascii_lowercase();
    let named = named_delimiter(&after);
    let fields = Fields::before(text, at);
    if !text[start..stop].contains('\n') {
        flat::hide(text, start..stop, named, &fields, spans);
        return stop;
    }
    let mut header: Option<(SecretColumns, char)> = None;
    let mut line = start;
    for _ in 0..ROWS {
        let end = line_end(text, line).min(stop);
        let begin = if line == start {
            skip_blanks(text, line).min(end)
        } else {
            skip_prefix_of_row(text, line, end)
        };
        let row = &text[begin..end];
        if !row.trim().is_empty() {
            if let Some((columns, sign)) = &header {
                hide_row(text, begin, row, columns, *sign, spans);
            } else {
                let sign = named.unwrap_or_else(|| delimiter_of_table(row));
                let columns = fields.columns(&cells(row, sign));
                if after.contains("no labels") {
                    hide_row(text, begin, row, &columns, sign, spans);
                }
                header = Some((columns, sign));
            }
        }
        if end >= stop {
            return stop;
        }
        line = end + 1;
    }
    line
}

/// What is between the brackets or quotes of an inline table, whose statement ends at `at`.
fn extent(text: &str, at: usize) -> Option<Range<usize>> {
    let mut start = at;
    let mut end = line_end(text, at);
    let mut open = text[at..end].trim();
    if open.is_empty() && end < text.len() {
        start = end + 1;
        end = line_end(text, start);
        open = text[skip_prefix(text, start, end)..end].trim();
        start = skip_prefix(text, start, end);
    }
    let close = match open.chars().next() {
        Some('[') => ']',
        Some(quote @ ('"' | '\'')) => quote,
        _ => return None,
    };
    let start = skip_blanks(text, start) + 1;
    let rest = &text[start..];
    // Cells may be quoted too: the table ends with the quote before `;` or `(`.
    let stop = match close {
        ']' => closing_bracket(rest).or_else(|| rest.find(']')),
        quote => closing_quote(rest, quote).or_else(|| rest.find(quote)),
    };
    Some(start..stop.map_or(text.len(), |len| start + len))
}

/// The quote before `;` or `(`.
fn closing_quote(rest: &str, quote: char) -> Option<usize> {
    rest.match_indices(quote)
        .map(|(at, _)| at)
        .find(|at| rest[at + 1..].trim_start_matches([' ', '\t']).starts_with([';', '(']))
}

/// The sign in `delimiter is '^'`.
fn named_delimiter(format: &str) -> Option<char> {
    let (_, rest) = format.split_once("delimiter is")?;
    let rest = rest.trim_start();
    if rest.starts_with("spaces") {
        return Some(' ');
    }
    if rest.starts_with("'\\t'") {
        return Some('\t');
    }
    rest.strip_prefix('\'')?.chars().next()
}

/// The bracket that closes a table; names in its header may be in brackets too.
fn closing_bracket(rest: &str) -> Option<usize> {
    let mut depth = 0;
    rest.bytes().position(|byte| {
        match byte {
            b'[' => depth += 1,
            b']' if depth == 0 => return true,
            b']' => depth -= 1,
            _ => {}
        }
        false
    })
}

/// The place after the stamp and the number of a statement, not after numbers that are cells.
fn skip_prefix_of_row(text: &str, line: usize, end: usize) -> usize {
    let row = &text[line..end];
    let start = skip_prefix(text, line, end);
    let skipped = &row[..(start - line).min(row.len())];
    let has_stamp = skipped.contains(':') || skipped.contains('T') || skipped.trim().len() == 4;
    if has_stamp { start } else { line }
}

pub(crate) fn delimiter(row: &str) -> char {
    DELIMITERS.into_iter().find(|sign| row.contains(*sign)).unwrap_or(',')
}

/// The delimiter of a table in brackets, where nothing else than cells stands.
fn delimiter_of_table(row: &str) -> char {
    let all = DELIMITERS.into_iter().chain(RARE_DELIMITERS);
    all.into_iter().find(|sign| row.contains(*sign)).unwrap_or(',')
}

fn columns(row: &str, sign: char) -> SecretColumns {
    let cells: Vec<&str> = row.split(sign).collect();
    SecretColumns::of(&cells, |_, _| false)
}

fn hide_row(
    text: &str,
    start: usize,
    row: &str,
    columns: &SecretColumns,
    sign: char,
    spans: &mut Spans,
) {
    if !columns.has_secret() {
        hide_pair(text, start, row, sign, spans);
    }
    let mut at = start;
    let cells = cells(row, sign);
    let n = cells.len();
    for (column, cell) in cells.into_iter().enumerate() {
        let bare = cell.trim().trim_matches(['"', '\'']);
        let is_secret = columns.hides(column, bare)
            || !columns.has_secret() && columns::is_unnamed_secret(column, n, bare);
        if is_secret && !values::is_stand_in(bare) {
            let offset = cell.find(bare).unwrap_or(0);
            spans.hide(text, at + offset, at + offset + bare.len());
        }
        at += cell.len() + sign.len_utf8();
    }
}

/// `apikey, x` in a table of two columns: the first cell names the second.
fn hide_pair(text: &str, start: usize, row: &str, sign: char, spans: &mut Spans) {
    let cells = cells(row, sign);
    let [name, value] = cells.as_slice() else { return };
    let bare = value.trim().trim_matches(['"', '\'']);
    if is_secret(name) && bare.split(' ').any(values::is_odd) && !values::is_stand_in(bare) {
        let from = start + name.len() + sign.len_utf8() + value.find(bare).unwrap_or(0);
        spans.hide(text, from, from + bare.len());
    }
}

/// The cells of a row; quoted ones may contain the delimiter.
pub(crate) fn cells(row: &str, sign: char) -> Vec<&str> {
    let (mut cells, mut from, mut open) = (Vec::new(), 0, None);
    for (at, c) in row.char_indices() {
        match open {
            Some(quote) if c == quote => open = None,
            None if matches!(c, '"' | '\'') && row[from..at].trim().is_empty() => open = Some(c),
            None if c == sign => {
                cells.push(&row[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    cells.push(&row[from..]);
    cells
}

/// Hides columns of a table without a statement, whose header may be this line: `user,password`
/// above `sa,x`. Returns the end of the table.
pub(crate) fn without_statement(text: &str, at: usize, spans: &mut Spans) -> usize {
    let line = line_start(text, at);
    let end = line_end(text, at);
    let begin = skip_prefix(text, line, end);
    let header = text[begin..end].trim();
    let sign = delimiter(header);
    let n = header.split(sign).count();
    let is_cell = |cell: &str| {
        let cell = cell.trim().trim_matches(['"', '\'']);
        cell.chars().all(|c| c.is_alphanumeric() || "_-".contains(c) || c == LOST)
            && cell.len() < 40
    };
    let ends = header.ends_with([',', ';']);
    if n < 2 || ends || !header.split(sign).all(is_cell) || end >= text.len() {
        return end;
    }
    let columns = columns(&text[begin..end], sign);
    let mut rows = Vec::new();
    let mut here = end;
    for _ in 0..ROWS {
        if here >= text.len() {
            break;
        }
        let line = here + 1;
        here = line_end(text, line);
        let begin = skip_prefix(text, line, here);
        let row = text[begin..here].trim_end_matches('\r');
        let rule = !row.is_empty() && row.chars().all(|c| "-|:+= ".contains(c));
        let first = row.trim_start().split(' ').next().unwrap_or_default().to_ascii_lowercase();
        let is_code = [
            "from", "where", "resident", "join", "and", "or", "order", "group", "into", "values",
            "select", "load", "on",
        ]
        .contains(&first.as_str());
        if rule {
            continue;
        }
        if row.trim_start().starts_with([']', ')', '<', '{', '}'])
            || cells(row, sign).len() != n
            || is_code
            || row.trim_end().ends_with(';') && sign == ','
        {
            break;
        }
        rows.push((begin, row));
    }
    // `PWD, Password` may also be a row of a table of words.
    let is_number = |word: &str| word.len() > 2 && word.bytes().all(|c| c.is_ascii_digit());
    let is_odd =
        |cell: &str| cell.split_whitespace().any(|word| values::is_odd(word) || is_number(word));
    let is_made_up = |(_, row): &(usize, &str)| cells(row, sign).into_iter().any(is_odd);
    if columns.len() < n || rows.iter().any(is_made_up) {
        for (begin, row) in rows {
            hide_row(text, begin, row, &columns, sign, spans);
        }
    }
    here
}

/// `INSERT INTO t (name, password) VALUES ('sa', 'x')`; `insert` begins at `at`.
pub(crate) fn insert(text: &str, at: usize, spans: &mut Spans) {
    let end = text.floor_char_boundary(at + 4000);
    let statement = &text[at..end];
    let lower = statement.to_ascii_lowercase();
    let (Some(values), Some(open)) = (lower.find("values"), statement.find('(')) else { return };
    let Some(close) = statement.get(open..values).and_then(|list| list.rfind(')')) else { return };
    let columns = columns(&statement[open + 1..open + close], ',');
    let mut from = values + "values".len();
    while let Some(open) = statement[from..].find('(') {
        if !statement[from..from + open].trim().trim_matches(',').trim().is_empty() {
            return;
        }
        let start = from + open + 1;
        let stop = row_end(&statement[start..]);
        let row = &statement[start..start + stop];
        let before = spans_of_row(row);
        for (n, (cell_start, cell_end)) in before.into_iter().enumerate() {
            let cell = &row[cell_start..cell_end];
            let bare = cell.trim().trim_start_matches('N').trim_matches('\'').trim_matches('"');
            if columns.hides(n, bare) && !values::is_stand_in(bare) {
                let from = at + start + cell_start + cell.find(bare).unwrap_or(0);
                spans.hide(text, from, from + bare.len());
            }
        }
        from = (start + stop + 1).min(statement.len());
    }
}

fn row_end(text: &str) -> usize {
    let mut open = None;
    for (at, c) in text.char_indices() {
        match open {
            Some(quote) if c == quote => open = None,
            None if matches!(c, '\'' | '"') => open = Some(c),
            None if c == ')' => return at,
            _ => {}
        }
    }
    text.len()
}

fn spans_of_row(row: &str) -> Vec<(usize, usize)> {
    let mut at = 0;
    cells(row, ',')
        .into_iter()
        .map(|cell| {
            let start = at;
            at += cell.len() + 1;
            (start, start + cell.len())
        })
        .collect()
}
