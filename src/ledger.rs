//! Pure. The tables that the deciding rooms keep between steps, with their indexes and stored rows.
//!
//! A room defines how a value is stored and found ([`Row`]); the table holds the values, finds
//! them, and tracks which rows the next commit must write.

mod index;
mod table;

use crate::commit::RowChange;

pub use crate::ledger::table::{Key, Row, Table};

/// The tables of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableName {
    Incidents,
    /// Runs in progress, or settled and not yet decided.
    Runs,
    /// Runs that were decided.
    EndedRuns,
    /// Recent matches of patterns with a threshold.
    Windows,
    /// Runs that started and must end in time.
    Deadlines,
    /// Typical durations.
    Durations,
    /// Successes that may have been read before an earlier failure.
    Successes,
    Services,
    Gauges,
    Certificates,
    /// The names of apps and tasks, by id.
    Names,
    /// The last heartbeat card, and the counters then.
    Heartbeats,
    /// Attempts that began.
    Starts,
    /// Silences of people.
    Silences,
    /// Notices that maintenance windows held back.
    HeldByWindow,
    /// Notes about incidents.
    Notes,
    /// Recent changes of incidents, to detect flapping.
    Changes,
    /// How far the reloads of cloud tenants have been reported.
    CloudCursors,
    /// Reloads of cloud tenants whose final status was reported.
    CloudReloads,
    /// Reloads of cloud tenants that had not ended.
    CloudActive,
    /// The last reloads of apps of cloud tenants.
    CloudApps,
    /// Tasks that cloud tenants have switched off.
    CloudTasks,
    /// Reported conditions of cloud tenants themselves.
    CloudHealth,
    /// The last success and the latest failures of tasks and apps.
    RunHistories,
}

impl TableName {
    /// The prefix of its keys in the state.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Incidents => "incident:",
            Self::Runs => "run:",
            Self::EndedRuns => "ended-run:",
            Self::Windows => "tally:",
            Self::Deadlines => "wait:",
            Self::Durations => "usual:",
            Self::Successes => "success:",
            Self::Services => "service:",
            Self::Gauges => "gauge:",
            Self::Certificates => "certificate:",
            Self::Names => "name:",
            Self::Heartbeats => "heartbeat:",
            Self::Starts => "start:",
            Self::Silences => "silence:",
            Self::HeldByWindow => "withheld:",
            Self::Notes => "note:",
            Self::Changes => "change:",
            Self::CloudCursors => "cloud-cursor:",
            Self::CloudReloads => "cloud-reload:",
            Self::CloudActive => "cloud-active:",
            Self::CloudApps => "cloud-app:",
            Self::CloudTasks => "cloud-task:",
            Self::CloudHealth => "cloud-health:",
            Self::RunHistories => "run-history:",
        }
    }

    /// Counts the stored rows that belong to this table.
    pub fn count(self, rows: &[(String, String)]) -> usize {
        rows.iter().filter(|(key, _)| key.starts_with(self.prefix())).count()
    }
}

/// A counter that continues after a restart.
#[derive(Debug, Default)]
pub struct Sequence {
    last: u64,
    is_dirty: bool,
}

impl Sequence {
    const KEY: &str = "sequence";

    /// Restores the stored number, if this is its row.
    pub fn take_row(&mut self, key: &str, json: &str) {
        if key == Self::KEY {
            self.last = json.parse().unwrap_or(0);
        }
    }

    /// The next number.
    pub fn advance(&mut self) -> u64 {
        self.last += 1;
        self.is_dirty = true;
        self.last
    }

    /// The row to write, if it changed since the last call.
    pub fn take_changes(&mut self) -> Option<RowChange> {
        let (key, json) = (Self::KEY.to_owned(), self.last.to_string());
        std::mem::take(&mut self.is_dirty).then_some(RowChange::Put { key, json })
    }
}

#[cfg(test)]
mod tests;
