//! Pure. Maintenance windows: recurring silences from the configuration.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, WeekSchedule, later};
use crate::commit::StoredRows;
use crate::incident::Notice;
use crate::ledger::{Table, TableName, TableRow};
use crate::route::Matchers;

/// How long after the last held-back notice the count of a window is shown.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// One recurring window.
#[derive(Clone, Debug)]
pub struct MaintenanceWindow {
    pub name: String,
    pub when: WeekSchedule,
    pub timezone: TimeZone,
    pub matchers: Matchers,
    /// Why; may be empty.
    pub reason: String,
}

impl MaintenanceWindow {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.when.contains(now, &self.timezone)
    }

    pub(crate) fn hides(&self, now: Timestamp, notice: &Notice) -> bool {
        self.is_open(now) && self.matchers.may_hide(notice)
    }

    pub(crate) fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        self.when.next_change(now, &self.timezone)
    }
}

/// The notices that one window has held back, as long as they are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldByWindow {
    /// The name of the window.
    pub name: String,
    pub reason: String,
    /// Number of notices.
    pub held_back: u32,
    pub last: Timestamp,
}

impl HeldByWindow {
    /// The notices that windows held back, from the stored rows of the ledger, by the names of the
    /// windows.
    pub fn stored(rows: &StoredRows) -> Vec<Self> {
        let table = Table::<Arc<str>, Self>::restored(rows);
        let mut all: Vec<Self> = table.values().cloned().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
}

impl TableRow for HeldByWindow {
    const TABLE: TableName = TableName::HeldByWindow;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(later(self.last, KEPT_FOR))
    }
}
