//! Pure. The ids and names of apps and tasks in the rows of a block.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use jiff::tz::TimeZone;

use crate::detect::facts::{OWNER, STREAM};
use crate::detection::{Nameable, Named};
use crate::qlik::node::{guid, is_guid};
use crate::qlik::service_log::{Layout, line_end, unquoted};
use crate::qlik::stamp;
use crate::redact::redact_and_bound;

/// Maximum characters of a stored name: no card shows more.
const LONGEST: usize = 120;
/// Maximum bytes of a stored name, in any script.
const MOST_BYTES: usize = 240;

/// A block with more new bytes than this means that the agent is behind.
const MANY: usize = 128 * 1024;
/// How many rows of such a block are read for names.
const SAMPLE: usize = 64;

/// Pairs of columns with an id and the name that belongs to it.
const PAIRS: [(Option<Nameable>, &[&str], &[&str]); 5] = [
    (Some(Nameable::App), &["AppId"], &["AppName", "AppTitle"]),
    (Some(Nameable::Task), &["TaskId"], &["TaskName"]),
    (Some(Nameable::Owner), &["AppId"], &OWNER),
    (Some(Nameable::Stream), &["AppId"], &STREAM),
    // The command of the row determines the kind.
    (None, &["ObjectId"], &["ObjectName"]),
];

/// Placeholders for an unknown name.
const NO_NAMES: [&str; 9] = [
    "-",
    "null",
    "(null)",
    "none",
    "n/a",
    "unknown",
    "undefined",
    "not available",
    "not applicable",
];

/// Where the rows of a layout have ids and names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    pairs: Vec<(Option<Nameable>, usize, usize)>,
    command: Option<usize>,
    description: Option<usize>,
    time: Option<usize>,
    /// The last of these columns.
    last: usize,
}

impl Columns {
    pub(crate) fn of(layout: &Layout) -> Self {
        let names: Vec<String> = layout.names().map(|name| name.replace(' ', "")).collect();
        let place = |wanted: &[&str]| {
            let is_wanted = |name: &String| wanted.iter().any(|one| one.eq_ignore_ascii_case(name));
            names.iter().position(is_wanted)
        };
        let pairs = PAIRS.iter().filter_map(|(what, id, name)| {
            place(id).zip(place(name)).map(|(id, name)| (*what, id, name))
        });
        let mut columns = Self {
            pairs: pairs.collect(),
            command: place(&["Command"]),
            description: place(&["Description"]),
            time: layout.column("Timestamp"),
            last: 0,
        };
        let all = columns.pairs.iter().flat_map(|(_, id, name)| [*id, *name]);
        let all = all.chain(columns.command).chain(columns.description).chain(columns.time);
        columns.last = all.max().unwrap_or(0);
        columns
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The start of the next row to read for names, at or after `at`. Every row is read, unless the
    /// agent is far behind and the log names each run in a row that some pattern matches: then a
    /// sample is enough, because matching rows are read anyway.
    pub(crate) fn next(&self, bytes: &[u8], at: usize, fresh: usize) -> usize {
        let n_new = bytes.len() - fresh;
        let is_of_runs = self.pairs.iter().any(|(what, ..)| what.is_some());
        if n_new <= MANY || !is_of_runs || at >= bytes.len() {
            return at;
        }
        let jump = (at + n_new / SAMPLE).min(bytes.len() - 1);
        line_end(bytes, jump)
    }
}

/// The names in the rows of one block. The last of several names for an id counts.
#[derive(Debug, Default)]
pub(crate) struct NamingRows {
    found: BTreeMap<(Nameable, String), NamePlace>,
    tabs: Vec<usize>,
}

/// The position of a name, and the time of its row.
#[derive(Debug)]
struct NamePlace {
    name: Range<usize>,
    time: Option<Range<usize>>,
}

impl NamingRows {
    /// Adds the names in this record.
    pub(crate) fn add(&mut self, columns: &Columns, bytes: &[u8], record: &Range<usize>) {
        self.tabs.clear();
        let tabs = memchr::memchr_iter(b'\t', &bytes[record.clone()]).take(columns.last + 1);
        self.tabs.extend(tabs.map(|at| record.start + at));
        for (what, id, name) in &columns.pairs {
            let (Some(id), Some(name)) = (self.cell(*id, record), self.cell(*name, record)) else {
                continue;
            };
            let Some((id, part)) = id_of(&bytes[id]) else { continue };
            let of_command = || self.commanded(columns, bytes, record);
            let Some(what) = what.or_else(of_command) else { continue };
            let name = if part { first_part(bytes, name) } else { Some(name) };
            if let Some(name) = name.filter(|name| !bytes[name.clone()].trim_ascii().is_empty()) {
                let time = columns.time.and_then(|time| self.cell(time, record));
                self.found.insert((what, id), NamePlace { name, time });
            }
        }
    }

    /// All names, with the times of their rows.
    pub(crate) fn into_named(self, bytes: &[u8], zone: &TimeZone) -> Vec<Named> {
        let text = |range: Range<usize>| String::from_utf8_lossy(&bytes[range]);
        let named = self.found.into_iter().filter_map(|((what, id), NamePlace { name, time })| {
            let name = clean(&text(name))?;
            let at = time.and_then(|time| stamp::parse(&unquoted(&text(time)), zone));
            Some(Named { what, id, name, at: at.map(|stamp| stamp.at) })
        });
        named.collect()
    }

    fn cell(&self, column: usize, record: &Range<usize>) -> Option<Range<usize>> {
        let start = match column.checked_sub(1) {
            None => record.start,
            Some(before) => self.tabs.get(before)? + 1,
        };
        Some(start..self.tabs.get(column).copied().unwrap_or(record.end))
    }

    /// The kind of object that the row's command acts on: `Open app` acts on an app.
    fn commanded(
        &self,
        columns: &Columns,
        bytes: &[u8],
        record: &Range<usize>,
    ) -> Option<Nameable> {
        let text = |column: Option<usize>| {
            let cell = self.cell(column?, record)?;
            let text = String::from_utf8_lossy(&bytes[cell]).trim().to_ascii_lowercase();
            (!text.is_empty()).then_some(text)
        };
        let described = || {
            let text = text(columns.description)?;
            let (_, command) = text.split_once("command=")?;
            Some(command.split(';').next().unwrap_or_default().to_owned())
        };
        let command = text(columns.command).or_else(described)?;
        let command = command.split('(').next().unwrap_or_default();
        let mut words = command.split(|c: char| !c.is_ascii_alphabetic());
        match words.rfind(|word| !word.is_empty())? {
            "app" | "apps" => Some(Nameable::App),
            "task" | "tasks" => Some(Nameable::Task),
            _ => None,
        }
    }
}

/// The id in a cell, and whether the cell contains more than that: a sheet of an app is
/// `app|sheet`.
fn id_of(cell: &[u8]) -> Option<(String, bool)> {
    let cell = str::from_utf8(cell.get(..100.min(cell.len()))?).ok()?;
    let cell = cell.trim().trim_matches('"');
    match cell.split_once('|') {
        Some((first, _)) => Some((guid(first)?, true)),
        None => Some((guid(cell)?, false)),
    }
}

fn first_part(bytes: &[u8], name: Range<usize>) -> Option<Range<usize>> {
    let end = memchr::memchr(b'|', &bytes[name.clone()])?;
    Some(name.start..name.start + end)
}

/// The text with single blanks only. Most names have no others.
fn one_line(text: &str) -> Cow<'_, str> {
    let is_odd = |c: char| c != ' ' && (c.is_whitespace() || c.is_control());
    if !text.contains(is_odd) && !text.contains("  ") {
        return text.into();
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A name as stored; `None` for a placeholder or an empty text.
pub fn clean(text: &str) -> Option<String> {
    let text = unquoted(text.trim());
    let text = one_line(&text);
    let text = text.trim();
    let is_none = NO_NAMES.iter().any(|none| none.eq_ignore_ascii_case(text));
    if text.is_empty() || is_none || is_guid(text.trim_matches(['{', '}'])) {
        return None;
    }
    let mut name = redact_and_bound(text, LONGEST);
    if name.len() > MOST_BYTES {
        let end = (0..=MOST_BYTES - '…'.len_utf8()).rev().find(|at| name.is_char_boundary(*at));
        name.truncate(end.unwrap_or(0));
        name.push('…');
    }
    Some(name)
}

#[cfg(test)]
mod tests;
