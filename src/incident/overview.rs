//! Pure. An incident as commands and the page show it, open or over.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::{AppId, Kind, Severity, Source, TaskId};
use crate::ids::{CommandId, Fingerprint};
use crate::incident::{SilencedBy, earlier};

/// An incident that has no observed end counts as open for this long after it was last seen.
pub const OPEN_UNSEEN: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

named! {
    /// Why an incident is held back, if it is; if several reasons apply, the last in the order
    /// acknowledged, silenced, inhibited.
    pub enum State {
        Open => "open",
        Acknowledged => "acknowledged",
        Silenced => "silenced",
        Inhibited => "inhibited",
        Recovered => "recovered",
    }
}

named! {
    /// Whether the end of an incident can be observed.
    pub enum Ends {
        Observed => "observed",
        /// A crash or a denied access: no row shows its end.
        Unknown => "unknown",
    }
}

/// Who takes care of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub by: String,
    pub at: Timestamp,
    pub note: Option<String>,
    /// The id of the command that gave it; unknown in states of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
    /// The acknowledgement that it replaced, if it was given through the link of a card, where it
    /// can be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<Box<Acknowledgement>>,
}

/// Maximum number of answers of links that can be undone one after another.
const MOST_REPLACED: usize = 8;

impl Acknowledgement {
    /// The acknowledgements that are restored when `by` undoes a new one: this one and those that
    /// it replaced, without `by`'s own.
    pub(crate) fn replaced_by(self, by: &str) -> Option<Box<Self>> {
        let all = std::iter::successors(Some(self), |one| one.replaced.as_deref().cloned());
        let others: Vec<Self> = all.filter(|one| one.by != by).take(MOST_REPLACED).collect();
        let oldest_first = others.into_iter().rev();
        oldest_first.fold(None, |replaced, one| Some(Box::new(Self { replaced, ..one })))
    }
}

/// An incident as people see it; stored when it changes and kept after its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub fingerprint: Fingerprint,
    pub kind: Kind,
    pub severity: Severity,
    /// One line, as on its card.
    pub title: String,
    pub error: Option<String>,
    pub error_class: Option<String>,
    pub app: Option<String>,
    pub app_id: Option<AppId>,
    pub task: Option<String>,
    pub task_id: Option<TaskId>,
    pub node: Option<String>,
    pub environment: Option<String>,
    pub source: Source,
    pub since: Timestamp,
    /// When it last happened, by its record.
    pub last: Timestamp,
    pub count: u32,
    pub held_back: u32,
    pub state: State,
    pub ends: Ends,
    pub acknowledged: Option<Acknowledgement>,
    #[serde(default, deserialize_with = "earlier::silenced_by")]
    pub silenced_by: Option<SilencedBy>,
    pub inhibited_by: Option<Fingerprint>,
    pub channels: Vec<String>,
    pub last_success: Option<Timestamp>,
    /// When it recovered or was given up.
    pub ended: Option<Timestamp>,
}
