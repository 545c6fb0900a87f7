//! Pure. Joins the rooms from block to delivery into one step whose result is one commit.

use crate::clock::Timestamp;
use crate::metrics::Counts;
use crate::outbox::Delivery;
use crate::tail::{Checkpoint, FileId};

/// Everything that one step changed: one transaction, all or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Commit {
    pub checkpoints: Vec<Checkpoint>,
    pub forgotten: Vec<FileId>,
    /// Changes to the incident book, as the book wrote them.
    pub book: Vec<BookChange>,
    pub deliveries: Vec<Delivery>,
    pub history: Vec<Entry>,
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
pub enum BookChange {
    Put { key: String, json: String },
    Delete { key: String },
}

/// One line of history: what was said, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Timestamp,
    /// `opened`, `repeated`, `recovered`, `suppressed`, `trouble`.
    pub what: String,
    /// The named reason of a suppression; empty otherwise.
    pub reason: String,
    pub kind: String,
    pub fingerprint: String,
    pub summary: String,
}
