//! Pure. The result of one step, written in one transaction.

mod history;
mod rows;

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::command::Answered;
use crate::detection::{Kind, Severity};
use crate::ids::{DeliveryId, Fingerprint, NoticeId};
use crate::metrics::Counts;
use crate::tail::{Checkpoint, FileFault, FileId};

pub use crate::command::DeliveryState;
pub use crate::commit::history::{HistoryEntry, HistoryReason, HistoryType, NoCard, Suppression};
pub use crate::commit::rows::{RowChange, RowKey, StoredRows, TableName};

/// Everything that one step changed, written completely or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Commit {
    pub checkpoints: Vec<Checkpoint>,
    pub forgotten: Vec<FileId>,
    /// Folders that are followed from now on.
    pub folders: Vec<PathBuf>,
    /// Changes to the rows of the ledger.
    pub rows: Vec<RowChange>,
    pub deliveries: Vec<Delivery>,
    /// Incidents that changed, as people see them.
    pub incidents: Vec<IncidentRow>,
    /// Commands that were consumed.
    pub commands: Vec<Answered>,
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
        self.rows.extend(other.rows);
        self.deliveries.extend(other.deliveries);
        self.incidents.extend(other.incidents);
        self.commands.extend(other.commands);
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
    File { path: PathBuf, fault: FileFault },
}

/// An incident as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentRow {
    pub fingerprint: Fingerprint,
    /// The name of its state.
    pub state: &'static str,
    pub last: Timestamp,
    /// When it recovered or was given up.
    pub ended: Option<Timestamp>,
    /// The whole, as JSON.
    pub json: String,
}

named! {
    /// Why a notice is sent. The names are those of history, status and cards.
    pub enum Reason {
        /// The first of its incident.
        Opened => "opened",
        /// The incident is still open and its repeat interval is over.
        Repeated => "repeated",
        /// Nobody has acknowledged it in time.
        Escalated => "escalated",
        /// Somebody takes care of it.
        Acknowledged => "acknowledged",
        /// The incident has ended, and it was notified before.
        Recovered => "recovered",
    }
}

named! {
    /// The content of a delivery. The names are those of the state file.
    pub enum Form {
        /// The card of one notice.
        Card => "card",
        /// One card that stands for several deliveries.
        Digest => "digest",
    }
}

/// The text of a digest about one card, in the language of its channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Cards with the same value form a group: the class of the error, the connection, the node.
    /// Empty for a card of an earlier version.
    pub cause: String,
    /// The cause in one line.
    pub text: String,
    /// The title of its class, for a group whose cards have different texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The app, task, service or node.
    pub name: String,
    /// Whether the name is only that of the node, so that the text tells cards apart.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_of_node: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The channel that it reports as unavailable: it is not sent through that channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<String>,
}

/// One card pending for one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub notice_id: NoticeId,
    pub channel: String,
    pub severity: Severity,
    /// Its incident; deliveries of one incident are sent in order. `None` for a digest and a heartbeat.
    pub fingerprint: Option<Fingerprint>,
    pub reason: Reason,
    pub form: Form,
    /// The card's one-line summary, for status and history.
    pub summary: String,
    /// The text of a digest that replaces it.
    pub about: About,
    /// The body in the channel's format, without the envelope of the request.
    pub payload: String,
    /// The plain card, used if the channel refuses the rich one.
    pub plain: String,
    pub created: Timestamp,
    pub attention: Attention,
    /// It may have been sent before, by a state that was lost.
    pub possible_repeat: bool,
}

/// For each delivery, the other channels with a delivery of the same notice.
pub fn other_channels(deliveries: &[Delivery]) -> Vec<Vec<String>> {
    let mut channels: HashMap<&NoticeId, Vec<&String>> = HashMap::new();
    for delivery in deliveries {
        channels.entry(&delivery.notice_id).or_default().push(&delivery.channel);
    }
    let others = deliveries.iter().map(|delivery| {
        let all = channels.get(&delivery.notice_id).into_iter().flatten();
        all.filter(|channel| **channel != &delivery.channel).copied().cloned().collect()
    });
    others.collect()
}

named! {
    /// Whether a delivery notifies people, in a channel with threads, where a card can also be
    /// changed silently. The names are those of the state file.
    pub enum Attention {
        /// Only the root of a thread shows it.
        Quiet => "quiet",
        /// It notifies people, unless there are more messages than the channel accepts.
        Normal => "normal",
        /// It mentions people: it always notifies.
        Insistent => "insistent",
    }
}
