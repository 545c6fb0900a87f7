//! Pure. Maintenance windows: recurring silences from the configuration.

use jiff::tz::TimeZone;

use crate::clock::{Timestamp, WeekSchedule};
use crate::incident::Notice;
use crate::route::Matchers;

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
