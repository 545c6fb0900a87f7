//! Pure. What one step changes: one transaction, all or nothing.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::Severity;
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
    /// What Footman's own log says of the step; not kept.
    pub problems: Vec<StepProblem>,
}

impl Commit {
    /// Both in one: what was recognised, and what follows from it.
    pub fn and(mut self, other: Self) -> Self {
        self.checkpoints.extend(other.checkpoints);
        self.forgotten.extend(other.forgotten);
        self.folders.extend(other.folders);
        self.book.extend(other.book);
        self.deliveries.extend(other.deliveries);
        self.history.extend(other.history);
        self.counts.merge(other.counts);
        self.problems.extend(other.problems);
        self
    }

    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        *self == Self { problems: self.problems.clone(), ..Self::default() }
    }
}

/// Something that went wrong on the way of a step, to be logged where the commit is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepProblem {
    /// A card is not as its template wants it.
    Card { notice: NoticeId, problem: String },
    /// A file or folder cannot be read as it should.
    File { reason: &'static str, path: PathBuf, detail: String },
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
    /// The class of the error that ended a reload; empty otherwise.
    pub error_class: String,
    pub summary: String,
}

/// Why a notice is said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The first of its incident.
    Opened,
    /// Still going on, and the repeat time is over.
    Repeated,
    /// Over, and people had heard of it.
    Recovered,
}

impl Reason {
    pub const ALL: [Self; 3] = [Self::Opened, Self::Repeated, Self::Recovered];

    /// The word that history, status and cards use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Repeated => "repeated",
            Self::Recovered => "recovered",
        }
    }
}

/// What a delivery carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The card of one notice.
    Card,
    /// One card that stands for several deliveries.
    Digest,
}

impl Form {
    pub const ALL: [Self; 2] = [Self::Card, Self::Digest];

    /// The word in the state file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Digest => "digest",
        }
    }
}

/// What says a notice apart from all others: its incident and a number. A digest has one, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeId(pub String);

impl NoticeId {
    /// The id of its delivery to a channel: the same card is never pending twice for one channel.
    pub fn delivery(&self, channel: &str) -> String {
        format!("{}@{channel}", self.0)
    }
}

/// One card pending for one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// See [`NoticeId::delivery`]; that of a digest is its own.
    pub id: String,
    pub notice_id: NoticeId,
    pub channel: String,
    pub severity: Severity,
    /// The incident that the card belongs to: its deliveries leave in the order of their making.
    pub fingerprint: String,
    pub reason: Reason,
    pub form: Form,
    /// The card's one-line summary, for status and history.
    pub summary: String,
    /// The body in the form of the channel, without what a request has around it.
    pub payload: String,
    /// The plain card, for when the channel refuses the rich one.
    pub plain: String,
    pub created: Timestamp,
}
