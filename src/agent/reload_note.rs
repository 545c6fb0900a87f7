//! Pure. The notes that say whether files that changed while the agent runs are in force.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Files that take effect without a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reloadable {
    Configuration,
    Patterns,
}

impl Reloadable {
    pub(crate) const ALL: [Self; 2] = [Self::Configuration, Self::Patterns];

    /// The key of the note for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Patterns => "patterns",
        }
    }

    /// The key of the note for programs.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Configuration => "configuration-reload",
            Self::Patterns => "patterns-reload",
        }
    }

    /// What metrics call the files.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Patterns => "patterns and templates",
        }
    }
}

/// The note for people, before anything changed.
pub(crate) const UNCHANGED: &str = "unchanged since start";

/// What became of the files when they were last read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReloadNote {
    /// Whether they are in force as they are now; otherwise the earlier ones are.
    pub(crate) ok: bool,
    pub(crate) at: Timestamp,
}

impl ReloadNote {
    pub(crate) fn json(self) -> String {
        serde_json::to_string(&self).expect("a time and a truth value")
    }

    /// Whether the files are in force. Earlier versions stored only the sentence for people, which
    /// began with the result.
    pub(crate) fn is_in_force(notes: &BTreeMap<String, String>, files: Reloadable) -> bool {
        let stored = notes.get(files.key()).and_then(|json| serde_json::from_str(json).ok());
        stored.map_or_else(
            || !notes.get(files.name()).is_some_and(|text| text.starts_with("broken")),
            |note: Self| note.ok,
        )
    }

    /// Removes the notes for programs from those that people see.
    pub(crate) fn hide_in(notes: &mut BTreeMap<String, String>) {
        for files in Reloadable::ALL {
            notes.remove(files.key());
        }
    }
}

#[cfg(test)]
mod tests;
