//! Pure. The earlier runs of a task or app: its last success, and its failures since then.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::commit::{RowChange, StoredRows};
use crate::detection::Subject;
use crate::ledger::{Table, TableName, TableRow};

/// Number of failures whose times are kept; earlier ones are only counted.
const TIMES: usize = 8;
/// More than the tasks and apps of any known site.
const MOST: usize = 20_000;
/// Tasks and apps that have not run for this long are forgotten.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The earlier runs, for a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRuns {
    /// When the app was last reloaded, or the task last ran, without an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_success: Option<Timestamp>,
    /// The median of the kept durations of its successes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual_duration: Option<SignedDuration>,
    /// Number of failures since the last success, this one included; 0 if that is not known.
    #[serde(default)]
    pub failures: u32,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
}

impl EarlierRuns {
    pub(crate) fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// The runs of one task or app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunHistory {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    succeeded: Option<Timestamp>,
    /// The latest failures since then, in order.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    failed: VecDeque<Timestamp>,
    /// Number of failures before those, and the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<(u32, Timestamp)>,
    /// When a run was last observed.
    seen: Timestamp,
    /// Whether rows of the scheduler about the app have been read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    has_rows: bool,
}

impl TableRow for RunHistory {
    const TABLE: TableName = TableName::RunHistories;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(later(self.seen, KEPT_FOR))
    }
}

impl RunHistory {
    fn new(seen: Timestamp) -> Self {
        Self { succeeded: None, failed: VecDeque::new(), before: None, seen, has_rows: false }
    }

    /// Returns whether anything changed: several rows say that a run succeeded.
    fn succeed(&mut self, now: Timestamp, at: Timestamp) -> bool {
        if self.succeeded.is_some_and(|known| known >= at) {
            return false;
        }
        (self.succeeded, self.seen) = (Some(at), now);
        // Rows are read in any order: failures after this success stay.
        if self.failed.front().is_some_and(|first| *first <= at) {
            self.before = None;
        }
        self.failed.retain(|failed| *failed > at);
        true
    }

    fn fail(&mut self, now: Timestamp, at: Timestamp) {
        self.seen = now;
        if self.succeeded.is_some_and(|succeeded| succeeded >= at) {
            return;
        }
        let place = self.failed.partition_point(|known| *known <= at);
        self.failed.insert(place, at);
        if self.failed.len() > TIMES
            && let Some(first) = self.failed.pop_front()
        {
            let (n, since) = self.before.unwrap_or((0, first));
            self.before = Some((n.saturating_add(1), since.min(first)));
        }
    }

    fn failures(&self) -> (u32, Option<Timestamp>) {
        let kept = u32::try_from(self.failed.len()).unwrap_or(u32::MAX);
        match self.before {
            Some((n, since)) => (n.saturating_add(kept), Some(since)),
            None => (kept, self.failed.front().copied()),
        }
    }
}

/// The runs of all tasks and apps.
#[derive(Debug, Default)]
pub(crate) struct RunHistories {
    table: Table<Arc<str>, RunHistory>,
}

impl RunHistories {
    pub(crate) fn restored(rows: &StoredRows) -> Self {
        Self { table: Table::restored(rows) }
    }

    pub(crate) fn forget(&mut self, now: Timestamp) {
        self.table.forget(now);
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        self.table.take_changes()
    }

    /// A run of this task or app ended without an error; returns whether that is new. A clock that
    /// is ahead must not hide the successes that follow.
    pub(crate) fn succeed(&mut self, now: Timestamp, subject: &Subject, at: Timestamp) -> bool {
        let (at, mut is_new) = (at.min(now), false);
        self.change(now, subject, |history| {
            is_new = history.succeed(now, at);
            is_new
        });
        is_new
    }

    /// A run of this task or app failed.
    pub(crate) fn fail(&mut self, now: Timestamp, subject: &Subject, at: Timestamp) {
        self.change(now, subject, |history| {
            history.fail(now, at);
            true
        });
    }

    /// A row of the scheduler about this app was read.
    pub(crate) fn note_rows(&mut self, now: Timestamp, app: &Subject) {
        if !self.has_rows(app) {
            self.change(now, app, |history| {
                history.has_rows = true;
                true
            });
        }
    }

    /// Whether rows of the scheduler about this app have been read.
    pub(crate) fn has_rows(&self, app: &Subject) -> bool {
        self.table.get(&key(app)).is_some_and(|known| known.has_rows)
    }

    /// The last success, the number of failures since, and the first of these.
    pub(crate) fn of(&self, subject: &Subject) -> EarlierRuns {
        let known = self.table.get(&key(subject));
        let (failures, failing_since) = known.map(RunHistory::failures).unwrap_or_default();
        let last_success = known.and_then(|known| known.succeeded);
        EarlierRuns { last_success, usual_duration: None, failures, failing_since }
    }

    fn change(
        &mut self,
        now: Timestamp,
        subject: &Subject,
        change: impl FnOnce(&mut RunHistory) -> bool,
    ) {
        self.table.change_or(&key(subject), RunHistory::new(now), change);
        self.table.keep_at_most(MOST, Timestamp::MAX);
    }
}

fn key(subject: &Subject) -> Arc<str> {
    subject.identity().into()
}

#[cfg(test)]
mod tests;
