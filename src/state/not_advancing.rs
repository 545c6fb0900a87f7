//! Pure. What a running agent says does not advance, as its note stores it.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::tail::FileFault;

/// Key of the note with what does not advance in a running agent; empty if all does.
pub const NOT_ADVANCING: &str = "not-advancing";

/// One part of the work that does not advance, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotAdvancing {
    /// Reading the logs.
    Reading,
    /// The log root cannot be followed.
    LogRoot { path: String, fault: FileFault },
    /// This log folder cannot be read, nor can this many others.
    Folder { path: String, fault: FileFault, others: usize },
    /// None of the log folders exists.
    NoFolders,
    /// Log files cannot be read: this one, and this many others.
    File { path: String, fault: FileFault, others: usize },
    /// The cards of a channel have waited since then; with its last answer.
    Channel {
        channel: String,
        since: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// The sentences of an earlier version.
    Earlier(String),
}

impl NotAdvancing {
    /// The note that stores these.
    pub fn note(all: &[Self]) -> String {
        if all.is_empty() {
            return String::new();
        }
        serde_json::to_string(all).unwrap_or_default()
    }

    /// Reads a stored note. Earlier versions stored what people read.
    pub fn list(note: &str) -> Vec<Self> {
        if note.is_empty() {
            return Vec::new();
        }
        serde_json::from_str(note).unwrap_or_else(|_| vec![Self::Earlier(note.to_owned())])
    }
}
