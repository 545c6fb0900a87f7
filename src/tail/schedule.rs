//! Pure. When to list folders and check files, with or without hints.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::tail::Dirty;
use crate::tail::folder::Folder;

/// How often folders are listed, with or without hints.
const INTERVAL: Duration = Duration::from_secs(1);

pub(crate) struct Schedule {
    pub(crate) interval: Duration,
    pub(crate) expects_hints: bool,
    /// When all due files were last checked.
    checked_at: Option<Timestamp>,
    /// Whether some known files were never checked.
    unchecked: bool,
}

impl Schedule {
    pub(crate) fn new() -> Schedule {
        Schedule { interval: INTERVAL, expects_hints: false, checked_at: None, unchecked: false }
    }

    /// Whether to list a folder now. A small folder is listed at each hint of an unknown name; for
    /// a large one, the name is taken from the hint.
    pub(crate) fn is_listing_due(
        &self,
        folder: &Folder,
        dirty: &Dirty,
        hints_of_unknown: bool,
        now: Timestamp,
    ) -> bool {
        *dirty == Dirty::Everything
            || folder.is_listing_due(self.interval, now)
            || folder.is_small() && hints_of_unknown
    }

    /// Whether to check now the files that may have changed.
    pub(crate) fn is_check_due(&self, dirty: &Dirty, now: Timestamp) -> bool {
        self.unchecked || *dirty == Dirty::Everything || self.is_interval_over(now)
    }

    /// Also true after the clock stepped back.
    fn is_interval_over(&self, now: Timestamp) -> bool {
        self.checked_at
            .is_none_or(|since| now.duration_since(since).unsigned_abs() >= self.interval)
    }

    /// Records a check; `unchecked` says whether some files have never been checked.
    pub(crate) fn checked(&mut self, unchecked: bool, now: Timestamp) {
        self.checked_at = Some(now);
        self.unchecked = unchecked;
    }

    /// Whether to check the remaining files without waiting.
    pub(crate) fn is_behind(&self) -> bool {
        self.unchecked
    }
}
