//! Pure. The result of one step, written in one transaction.

use std::path::PathBuf;

use crate::clock::Timestamp;
use crate::detection::Severity;
use crate::metrics::Counts;
use crate::tail::{Checkpoint, FileId, FileProblemReason};

/// Everything that one step changed, written all or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Commit {
    pub checkpoints: Vec<Checkpoint>,
    pub forgotten: Vec<FileId>,
    /// Folders that are followed from now on.
    pub folders: Vec<PathBuf>,
    /// Changes to the rows of the ledger.
    pub book: Vec<RowChange>,
    pub deliveries: Vec<Delivery>,
    pub history: Vec<HistoryEntry>,
    pub counts: Counts,
    /// Problems for Footman's own log; not stored.
    pub problems: Vec<StepProblem>,
}

impl Commit {
    /// Joins two commits into one.
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

    /// Whether there is nothing to store.
    pub fn is_empty(&self) -> bool {
        *self == Self { problems: self.problems.clone(), ..Self::default() }
    }
}

/// A problem during a step, logged when the commit is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepProblem {
    /// A card deviates from its template.
    Card { notice: NoticeId, problem: String },
    /// A file or folder cannot be read properly.
    File { reason: FileProblemReason, path: PathBuf, detail: String },
}

/// A change of one ledger row, as JSON that only its table reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    Put { key: String, json: String },
    Delete { key: String },
}

/// One line of history: what was sent, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub at: Timestamp,
    /// `opened`, `repeated`, `recovered`, `suppressed`, `trouble`, `refused`.
    pub what: String,
    /// The reason of a suppression or file problem, or the channel that refused; otherwise empty.
    pub reason: String,
    pub kind: String,
    pub fingerprint: String,
    /// The class of the error that ended a reload; empty otherwise.
    pub error_class: String,
    pub summary: String,
}

named! {
    /// Why a notice is sent. The names are those of history, status and cards.
    pub enum Reason {
        /// The first of its incident.
        Opened => "opened",
        /// The incident is still open and its repeat interval is over.
        Repeated => "repeated",
        /// The incident has ended, and it was notified before.
        Recovered => "recovered",
    }
}

named! {
    /// What a delivery carries. The names are those of the state file.
    pub enum Form {
        /// The card of one notice.
        Card => "card",
        /// One card that stands for several deliveries.
        Digest => "digest",
    }
}

/// The unique id of a notice: its incident and a number. A digest has one, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeId(pub String);

impl NoticeId {
    /// The id of its delivery to a channel; unique, so the same card is never pending twice for a
    /// channel.
    pub fn delivery(&self, channel: &str) -> String {
        format!("{}@{channel}", self.0)
    }
}

/// One card pending for one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// See [`NoticeId::delivery`]; a digest has an id of its own.
    pub id: String,
    pub notice_id: NoticeId,
    pub channel: String,
    pub severity: Severity,
    /// Fingerprint of the incident; deliveries of one incident are sent in order.
    pub fingerprint: String,
    pub reason: Reason,
    pub form: Form,
    /// The card's one-line summary, for status and history.
    pub summary: String,
    /// The body in the channel's format, without the envelope of the request.
    pub payload: String,
    /// The plain card, used if the channel refuses the rich one.
    pub plain: String,
    pub created: Timestamp,
}
