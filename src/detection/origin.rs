//! Pure. Where a detection comes from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::detection::{LogName, Source};

/// Where a detection comes from: makes its id and is shown on cards; no decision depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A record of a log: the offset in a file.
    Log { log: LogName, path: Arc<str>, offset: u64 },
    /// An observation of the machine itself.
    Machine,
    /// An object that a tenant of Qlik Cloud lists, by its id.
    Cloud { tenant: Arc<str>, id: Arc<str> },
    /// The agent itself.
    Agent,
}

impl Origin {
    /// Identifies the record, the object of a tenant, the machine or the agent.
    pub fn id(&self) -> String {
        match self {
            Self::Log { path, offset, .. } => format!("{path}/{offset}"),
            Self::Cloud { tenant, id } => format!("cloud/{tenant}/{id}"),
            Self::Machine => "machine".to_owned(),
            Self::Agent => "agent".to_owned(),
        }
    }

    /// The log, if it is a record of one.
    pub(crate) fn log(&self) -> Option<&LogName> {
        match self {
            Self::Log { log, .. } => Some(log),
            Self::Machine | Self::Cloud { .. } | Self::Agent => None,
        }
    }

    /// The source as people see it.
    pub fn found_in(&self) -> Source {
        match self {
            Self::Log { .. } => Source::Log,
            Self::Machine => Source::Machine,
            Self::Cloud { .. } => Source::Cloud,
            Self::Agent => Source::Agent,
        }
    }

    /// Whether it is the same offset of the same log, possibly in a copy of the file.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Log { log, offset, .. },
                Self::Log { log: their_log, offset: their_offset, .. },
            ) => log == their_log && offset == their_offset,
            _ => false,
        }
    }
}
