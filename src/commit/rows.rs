//! Pure. The rows that the tables of the ledger keep in the state, and their changes.

use std::collections::BTreeMap;
use std::fmt::{self, Display};

named! {
    /// The tables of the ledger, by the names that the keys of their rows begin with in the state.
    pub enum TableName {
        Incidents => "incident",
        /// Runs in progress, or settled and not yet decided.
        Runs => "run",
        /// Runs that were decided.
        EndedRuns => "ended-run",
        /// Recent matches of patterns with a threshold.
        Windows => "tally",
        /// Runs that started and must end in time.
        Deadlines => "wait",
        /// Typical durations.
        Durations => "usual",
        /// Successes that may have been read before an earlier failure.
        Successes => "success",
        Services => "service",
        Gauges => "gauge",
        Certificates => "certificate",
        /// The names of apps and tasks, by id.
        Names => "name",
        /// The last heartbeat card, and the counters then.
        Heartbeats => "heartbeat",
        /// Attempts that began.
        Starts => "start",
        /// Silences of people.
        Silences => "silence",
        /// Notices that maintenance windows held back.
        HeldByWindow => "withheld",
        /// Notes about incidents.
        Notes => "note",
        /// Recent changes of incidents, to detect flapping.
        Changes => "change",
        /// How far the reloads of cloud tenants have been reported.
        CloudCursors => "cloud-cursor",
        /// Reloads of cloud tenants whose final status was reported.
        CloudReloads => "cloud-reload",
        /// Reloads of cloud tenants that had not ended.
        CloudActive => "cloud-active",
        /// The last reloads of apps of cloud tenants.
        CloudApps => "cloud-app",
        /// Tasks that cloud tenants have switched off.
        CloudTasks => "cloud-task",
        /// Reported conditions of cloud tenants themselves.
        CloudHealth => "cloud-health",
        /// The last success and the latest failures of tasks and apps.
        RunHistories => "run-history",
        /// The number of the last notice, in one row without a key.
        Sequence => "sequence",
    }
}

/// The key of a row: its table, and its key there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey {
    pub table: TableName,
    pub key: String,
}

impl RowKey {
    pub fn new(table: TableName, key: impl Into<String>) -> Self {
        Self { table, key: key.into() }
    }

    /// Parses a key as the state stores it; `None` if it belongs to no table of this version.
    pub fn parse(text: &str) -> Option<Self> {
        if text == TableName::Sequence.name() {
            return Some(Self::new(TableName::Sequence, ""));
        }
        let (name, key) = text.split_once(':')?;
        let table = TableName::ALL.into_iter().find(|table| table.name() == name)?;
        Some(Self::new(table, key))
    }
}

/// As the state stores it.
impl Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.table {
            TableName::Sequence => f.write_str(self.table.name()),
            table => write!(f, "{}:{}", table.name(), self.key),
        }
    }
}

/// A change of one row, whose JSON only its table reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowChange {
    Put { key: RowKey, json: String },
    Delete { key: RowKey },
}

/// The stored rows of all tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredRows(BTreeMap<RowKey, String>);

impl StoredRows {
    /// The rows of a table, by their keys there, in order.
    pub fn of(&self, table: TableName) -> impl Iterator<Item = (&str, &str)> {
        let rows = self.0.range(RowKey::new(table, "")..);
        let rows = rows.take_while(move |(key, _)| key.table == table);
        rows.map(|(key, json)| (key.key.as_str(), json.as_str()))
    }

    pub fn get(&self, key: &RowKey) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub fn put(&mut self, key: RowKey, json: String) {
        self.0.insert(key, json);
    }

    /// Applies the changes of a commit.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = RowChange>) {
        for change in changes {
            match change {
                RowChange::Put { key, json } => drop(self.0.insert(key, json)),
                RowChange::Delete { key } => drop(self.0.remove(&key)),
            }
        }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(RowKey, String)> for StoredRows {
    fn from_iter<I: IntoIterator<Item = (RowKey, String)>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl IntoIterator for StoredRows {
    type Item = (RowKey, String);
    type IntoIter = std::collections::btree_map::IntoIter<RowKey, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
