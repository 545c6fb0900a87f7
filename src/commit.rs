//! Pure. What one step changes: one transaction, all or nothing.

use std::path::PathBuf;

use crate::clock::Timestamp;
use crate::metrics::Counts;
use crate::tail::{Checkpoint, FileId};

/// Everything that one step changed: one transaction, all or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Commit {
    pub checkpoints: Vec<Checkpoint>,
    pub forgotten: Vec<FileId>,
    /// Folders that are followed from now on.
    pub folders: Vec<PathBuf>,
    /// Changes to the rows of the ledger, as their rooms wrote them.
    pub book: Vec<RowChange>,
    pub deliveries: Vec<Delivery>,
    pub history: Vec<HistoryEntry>,
    pub counts: Counts,
}

impl Commit {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One row of the incident book (an open incident or a run under way), as JSON that only the
/// book reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    Put { key: String, json: String },
    Delete { key: String },
}

/// One line of history: what was said, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub at: Timestamp,
    /// `opened`, `repeated`, `recovered`, `suppressed`, `trouble`.
    pub what: String,
    /// The named reason of a suppression or trouble; empty otherwise.
    pub reason: String,
    pub kind: String,
    pub fingerprint: String,
    pub summary: String,
}

/// One card owed to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `<notice id>@<channel>`: the same card is never owed twice to one channel.
    pub id: String,
    pub channel: String,
    /// The card's one-line summary, for status and history.
    pub summary: String,
    pub payload: String,
    /// The plain card, for when the channel refuses the rich one.
    pub plain: String,
    pub created: Timestamp,
}
