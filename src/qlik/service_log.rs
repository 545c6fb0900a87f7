//! Pure. Service logs: tab-separated rows, with column names in the file's first line.
//!
//! The order and number of columns vary by log and version, cells may contain line ends, and quotes
//! may be unbalanced. Nothing here fails; unknown text is passed on unchanged.

mod usual;

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memrchr};

/// Columns with another name in some logs.
const ALIASES: [(&str, &str); 5] = [
    ("Level", "Severity"),
    ("Message", "Description"),
    ("Hostname", "Host"),
    ("Timestamp", "Time"),
    ("Sequence#", "Sequence"),
];

/// The columns of a file, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    names: Vec<String>,
}

impl Layout {
    /// The columns of a header line; `None` if the line is not a header.
    pub fn from_header(line: &str) -> Option<Self> {
        let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        let names: Vec<String> =
            line.split('\t').map(|name| unquoted(name.trim()).trim().to_owned()).collect();
        let layout = Self { names };
        let is_header = layout.names.len() >= 3
            && !starts_record(line.as_bytes())
            && layout.column("Timestamp").is_some()
            && (layout.column("Message").is_some() || layout.column("Sequence#").is_some());
        is_header.then_some(layout)
    }

    /// The layout of a file by its first line; `None` if that is not a header.
    pub fn from_head(head: &[u8]) -> Option<Self> {
        let end = memchr(b'\n', head).unwrap_or(head.len());
        Self::from_header(&String::from_utf8_lossy(&head[..end]))
    }

    /// The names of the columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A layout without columns: every cell is searched.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Whether there is a column of this name or of its alias.
    pub fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// Whether each record begins with a number.
    fn is_numbered(&self) -> bool {
        self.column("Sequence#") == Some(0)
    }

    /// The number of the column of this name or of its alias.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.exact(name).or_else(|| {
            ALIASES.iter().find_map(|(one, other)| {
                if one.eq_ignore_ascii_case(name) {
                    self.exact(other)
                } else if other.eq_ignore_ascii_case(name) {
                    self.exact(one)
                } else {
                    None
                }
            })
        })
    }

    fn exact(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name))
    }
}

/// One row, by the names of its columns.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    layout: &'a Layout,
    text: &'a str,
    cells: Vec<Cow<'a, str>>,
}

impl<'a> Record<'a> {
    /// Splits the text of a record, which may contain line ends.
    pub fn new(layout: &'a Layout, text: &'a str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        Self { layout, text, cells: text.split('\t').map(unquoted).collect() }
    }

    /// The cell of this column, ignoring case. `None` if the layout has no such column or the row
    /// ends before it.
    pub fn get(&self, name: &str) -> Option<&str> {
        Some(self.cells.get(self.layout.column(name)?)?.as_ref())
    }

    /// Whether the layout has this column, even if the row is shorter.
    pub fn has(&self, name: &str) -> bool {
        self.layout.has(name)
    }

    /// All cells in order, including those without a column.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(AsRef::as_ref)
    }

    /// The row as written, without its last line end.
    pub fn text(&self) -> &'a str {
        self.text
    }
}

/// Whether a record begins with this line, that is with a number and a tab.
pub fn starts_record(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let digits = line.iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
    let rest = line.get(digits..).unwrap_or_default();
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    (1..=10).contains(&digits) && rest.first() == Some(&b'\t')
}

/// How lines are grouped into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Records {
    /// A record begins at a numbered line and ends before the next one.
    Numbered,
    /// Every line is a record.
    Lines,
}

impl Records {
    /// The grouping for a file with this layout, or without a known one.
    pub fn of(layout: Option<&Layout>, head: &[u8]) -> Self {
        let numbered = match layout {
            Some(layout) => layout.is_numbered(),
            None => starts_record(head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head)),
        };
        if numbered { Self::Numbered } else { Self::Lines }
    }

    /// The record that contains the line at `line`, including its line end.
    pub fn around(self, bytes: &[u8], line: Range<usize>) -> Range<usize> {
        match self {
            Self::Lines => line,
            Self::Numbered => first_line(bytes, line.start)..record_end(bytes, line.end),
        }
    }
}

/// The start of the line that contains `at`.
pub fn line_start(bytes: &[u8], at: usize) -> usize {
    memrchr(b'\n', &bytes[..at]).map_or(0, |end| end + 1)
}

/// The end of the line that contains `at`, after its line end.
pub fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1)
}

fn first_line(bytes: &[u8], mut start: usize) -> usize {
    while start > 0 && !is_boundary(&bytes[start..]) {
        start = line_start(bytes, start - 1);
    }
    start
}

fn record_end(bytes: &[u8], mut end: usize) -> usize {
    while end < bytes.len() && !is_boundary(&bytes[end..]) {
        end = line_end(bytes, end);
    }
    end
}

/// Whether a record or a header starts here. A restarted service may write its header again.
fn is_boundary(rest: &[u8]) -> bool {
    let rest = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(rest);
    starts_record(rest) || rest.starts_with(b"Sequence#\t") || rest.starts_with(b"\"Sequence#\"")
}

/// Removes the quotes of a cell that is quoted as a whole; others keep theirs.
///
/// A stray line after a quoted cell becomes part of it, but must not bring the quotes back, since
/// the cell may have been read before that line was written. So the closing quote is the first one
/// at the end of a line; two of them are an escaped one.
pub(crate) fn unquoted(cell: &str) -> Cow<'_, str> {
    let Some(rest) = cell.strip_prefix('"') else { return Cow::Borrowed(cell) };
    let Some(end) = closing_quote(rest) else { return Cow::Borrowed(cell) };
    let (inner, after) = (&rest[..end], &rest[end + 1..]);
    match (inner.contains("\"\""), after.is_empty()) {
        (false, true) => Cow::Borrowed(inner),
        (_, _) => Cow::Owned(inner.replace("\"\"", "\"") + after),
    }
}

fn closing_quote(rest: &str) -> Option<usize> {
    let mut start = 0;
    for line in rest.split_inclusive('\n') {
        let text = line.trim_end_matches(['\r', '\n']);
        let quotes = text.len() - text.trim_end_matches('"').len();
        if quotes % 2 == 1 {
            return Some(start + text.len() - 1);
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests;
