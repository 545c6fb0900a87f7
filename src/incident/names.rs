//! Pure. Names, owners and streams of apps and tasks, so that a row or a file with only an id is
//! shown with its name.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::{RowChange, StoredRows};
use crate::detect::named;
use crate::detection::{Facts, Nameable, Named};
use crate::incident::{Notice, Suppressed};
use crate::ledger::{Table, TableName, TableRow};
use crate::qlik::node::guid;

/// Maximum number of apps and tasks that are remembered; the least recently used are forgotten.
const MOST: usize = 10_000;
/// A use is stored only if the previous one is this old, so that a name that every row uses is not
/// written with every commit.
const WRITTEN_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Names by id, the newest of each.
#[derive(Debug, Default)]
pub(crate) struct RecentNames {
    table: Table<Arc<str>, Remembered>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "StoredName")]
pub(crate) struct Remembered {
    name: String,
    /// When the latest row with this name was written.
    at: Timestamp,
    /// When a row or a notice used it last.
    used: Timestamp,
    /// The use that is stored.
    #[serde(skip)]
    written: Timestamp,
}

/// A name as it is stored.
#[derive(Deserialize)]
struct StoredName {
    name: String,
    at: Timestamp,
    used: Timestamp,
}

impl From<StoredName> for Remembered {
    fn from(StoredName { name, at, used }: StoredName) -> Self {
        Self { name, at, used, written: used }
    }
}

impl TableRow for Remembered {
    const TABLE: TableName = TableName::Names;
    type By = ();
    type Terms = ();

    /// Only the order counts: see [`MOST`].
    fn expires(&self) -> Option<Timestamp> {
        Some(self.used)
    }
}

impl RecentNames {
    pub(crate) fn restored(rows: &StoredRows) -> Self {
        Self { table: Table::restored(rows) }
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        self.table.take_changes()
    }

    /// Learns names from rows; of two names for one id, that of the newer row is kept.
    pub(crate) fn learn(&mut self, now: Timestamp, named: Named) {
        let Named { what, id, name, at } = named;
        // A clock that is ahead must not hold a name for ever.
        let at = at.unwrap_or(now).min(now);
        let key = key(what, &id);
        match self.table.get(&key) {
            Some(known) if known.name == name || known.at > at => {
                let is_same = known.name == name;
                self.table.change(&key, |known| {
                    if is_same {
                        known.at = known.at.max(at);
                    }
                    known.is_used(now)
                });
            }
            Some(_) | None => {
                self.table.put(key, Remembered { name, at, used: now, written: now });
                self.table.keep_at_most(MOST, Timestamp::MAX);
            }
        }
    }

    /// Learns the names in the facts of a detection.
    pub(crate) fn learn_facts(&mut self, now: Timestamp, at: Option<Timestamp>, facts: &Facts) {
        let pairs = [
            (Nameable::App, facts.app_id.as_deref(), &facts.app_name),
            (Nameable::Task, facts.task_id.as_deref(), &facts.task_name),
            (Nameable::Owner, facts.app_id.as_deref(), &facts.owner),
            (Nameable::Stream, facts.app_id.as_deref(), &facts.stream),
        ];
        for (what, id, name) in pairs {
            let id = id.and_then(guid);
            let name = name.as_deref().and_then(named::clean);
            if let (Some(id), Some(name)) = (id, name) {
                self.learn(now, Named { what, id, name, at });
            }
        }
    }

    /// Adds missing names to facts of this time, and replaces older ones.
    pub(crate) fn fill(&mut self, now: Timestamp, at: Timestamp, facts: &mut Facts) {
        let Facts { app_id, app_name, task_id, task_name, owner, stream, .. } = facts;
        let pairs = [
            (Nameable::App, app_id.as_deref(), app_name),
            (Nameable::Task, task_id.as_deref(), task_name),
            (Nameable::Owner, app_id.as_deref(), owner),
            (Nameable::Stream, app_id.as_deref(), stream),
        ];
        for (what, id, name) in pairs {
            let own = name.as_deref().and_then(named::clean);
            let Some((known, said)) = id.and_then(|id| self.find(now, what, id)) else {
                continue;
            };
            if own.is_none() || said > at {
                *name = Some(known);
            }
        }
    }

    /// Adds missing names to a notice that is sent now, and replaces older ones.
    pub(crate) fn fill_notice(&mut self, now: Timestamp, notice: &mut Notice) {
        self.fill(now, notice.at, &mut notice.facts);
        for one in &mut notice.still_failing {
            self.replace_id(now, &mut one.name);
        }
    }

    pub(crate) fn fill_suppressed(&mut self, now: Timestamp, held: &mut Suppressed) {
        self.replace_id(now, &mut held.name);
    }

    /// Replaces an id with the name.
    fn replace_id(&mut self, now: Timestamp, name: &mut Option<String>) {
        let Some(name) = name else { return };
        let named = [Nameable::App, Nameable::Task];
        let found = named.into_iter().find_map(|what| self.find(now, what, name));
        if let Some((found, _)) = found {
            *name = found;
        }
    }

    /// The name of an id, and when a row last contained it.
    fn find(&mut self, now: Timestamp, what: Nameable, id: &str) -> Option<(String, Timestamp)> {
        let key = key(what, &guid(id)?);
        let found = self.table.get(&key).map(|known| (known.name.clone(), known.at))?;
        self.table.change(&key, |known| known.is_used(now));
        Some(found)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }
}

impl Remembered {
    /// Records a use; returns whether it must be stored.
    fn is_used(&mut self, now: Timestamp) -> bool {
        self.used = self.used.max(now);
        let is_due = now.duration_since(self.written) >= WRITTEN_EVERY;
        if is_due {
            self.written = now;
        }
        is_due
    }
}

fn key(what: Nameable, id: &str) -> Arc<str> {
    format!("{}/{id}", what.name()).into()
}

#[cfg(test)]
mod tests;
