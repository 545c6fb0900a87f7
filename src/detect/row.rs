//! Pure. One row for matching: a record of a service log or a line of a script log.

use jiff::tz::TimeZone;

use crate::qlik::line_log::LineRecord;
use crate::qlik::script_log::Line;
use crate::qlik::service_log::Record;
use crate::qlik::stamp::{self, Stamp};

/// One row of any log.
#[derive(Clone, Debug)]
pub enum Row<'a> {
    Service(Record<'a>),
    /// A line of a dispatched service's log.
    Plain(LineRecord<'a>),
    Script(Line<'a>),
}

impl Row<'_> {
    /// The text of this column; a command and its result are also read from `Description`. A line
    /// of a script log has `Engine` if the engine wrote it, `Statement` if it is the script's, and
    /// always `Line`.
    pub fn get(&self, column: &str) -> Option<&str> {
        match self {
            Self::Service(record) => match record.get(column) {
                Some(text) if !text.trim().is_empty() => Some(text),
                blank => described(record, column).or(blank),
            },
            Self::Plain(line) => line.get(column),
            Self::Script(line) => match (column, line) {
                ("Engine" | "Line", Line::Engine { text, .. })
                | ("Statement" | "Line", Line::Statement { text, .. })
                | ("Line", Line::Other(text)) => Some(text),
                _ => None,
            },
        }
    }

    /// The trimmed text of this column, if not empty.
    pub fn filled(&self, column: &str) -> Option<&str> {
        self.get(column).map(str::trim).filter(|text| !text.is_empty())
    }

    /// The message of the row.
    pub fn message(&self) -> Option<&str> {
        match self {
            Self::Service(record) if !record.has("Message") => Some(record.text()),
            Self::Service(_) => ["Message", "Description", "Exception"]
                .into_iter()
                .find_map(|column| self.filled(column)),
            Self::Plain(line) => ["Message", "Exception"]
                .into_iter()
                .find_map(|one| self.filled(one))
                .or(Some(line.text())),
            Self::Script(_) => self.filled("Line"),
        }
    }

    /// The row's own time; without a header, that of the first cell with a stamp.
    pub fn at(&self, zone: &TimeZone) -> Option<Stamp> {
        match self {
            Self::Service(record) => match record.get("Timestamp") {
                Some(text) => stamp::parse(text, zone),
                None => record.cells().take(4).find_map(|cell| stamp::parse(cell, zone)),
            },
            Self::Plain(line) => stamp::parse(line.get("Timestamp")?, zone),
            Self::Script(line) => line.at(zone),
        }
    }
}

/// The value of a command in `Description`:
/// `Command=Open app;Result=403;ResultText=Error: Security`.
fn described<'r>(record: &'r Record<'_>, column: &str) -> Option<&'r str> {
    let name = ["Command", "Result", "ResultText"].into_iter().find(|name| *name == column)?;
    let parts = record.get("Description")?;
    let part = match name {
        // The last of them: its text may hold anything.
        "ResultText" => parts.split_once("ResultText=")?.1,
        name => {
            parts.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?
        }
    };
    Some(part.trim())
}
