//! Pure. One row for matching: a record of a service log or a line of a script log.

use jiff::tz::TimeZone;

use crate::qlik::script_log::Line;
use crate::qlik::service_log::Record;
use crate::qlik::stamp::{self, Stamp};

/// One row of any log.
#[derive(Clone, Debug)]
pub enum Row<'a> {
    Service(Record<'a>),
    Script(Line<'a>),
}

impl Row<'_> {
    /// The text of this column. A line of a script log has `Engine` if the engine wrote it,
    /// `Statement` if it is the script's, and always `Line`.
    pub fn get(&self, column: &str) -> Option<&str> {
        match self {
            Self::Service(record) => record.get(column),
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
            Self::Script(line) => line.at(zone),
        }
    }
}
