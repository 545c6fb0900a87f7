//! Pure. Counts matches towards a threshold, each problem once.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::detection::{LogName, Threshold};
use crate::ledger::{TableName, TableRow};

/// Timestamps of one problem in several logs differ by at most this much.
const SAME_MOMENT: SignedDuration = SignedDuration::from_secs(2);
/// Logs are read one after another: the same problem may be read this much later from another log.
const OTHER_LOG: SignedDuration = SignedDuration::from_mins(2);
/// More matches than this are not needed to recognise a storm.
const MOST: usize = 256;

/// The recent matches of one pattern in one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ThresholdWindow {
    finds: Vec<Find>,
    /// When the last match was observed.
    pub seen: Timestamp,
    /// How long matches are kept.
    pub keep: SignedDuration,
}

/// One problem, and the logs that contain it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Find {
    at: Timestamp,
    logs: Vec<LogName>,
}

/// The result of counting one more match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// The threshold is reached with this many finds in its time span.
    Enough(u32),
    TooFew,
    /// It was already counted from another log.
    Known,
}

/// Orders windows by the time of their last match.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(crate) struct BySeen;

impl TableRow for ThresholdWindow {
    const TABLE: TableName = TableName::Windows;
    type By = BySeen;
    type Terms = ();

    fn found_by(&self) -> Vec<(BySeen, Timestamp)> {
        vec![(BySeen, self.seen)]
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(later(self.seen, self.keep))
    }
}

impl ThresholdWindow {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { finds: Vec::new(), seen: now, keep: OTHER_LOG }
    }

    /// Counts a match with timestamp `at`. Matches may be out of order.
    pub(crate) fn count(
        &mut self,
        now: Timestamp,
        at: Timestamp,
        log: &LogName,
        threshold: Threshold,
    ) -> Counted {
        self.seen = now;
        self.keep = threshold.within.max(OTHER_LOG);
        if self.is_known(at, log) {
            return Counted::Known;
        }
        let place = self.finds.partition_point(|find| find.at <= at);
        self.finds.insert(place, Find { at, logs: vec![log.clone()] });
        let newest = self.finds.last().map_or(at, |find| find.at);
        self.drop_old(newest, threshold.count as usize);
        let recent = |find: &&Find| newest.duration_since(find.at) <= threshold.within;
        let n = u32::try_from(self.finds.iter().filter(recent).count()).unwrap_or(u32::MAX);
        let is_recent = newest.duration_since(at) <= threshold.within;
        if is_recent && n >= threshold.count { Counted::Enough(n) } else { Counted::TooFew }
    }

    fn is_known(&mut self, at: Timestamp, log: &LogName) -> bool {
        let same = |find: &&mut Find| {
            at.duration_since(find.at).abs() <= SAME_MOMENT
                && !find.logs.iter().any(|known| known == log)
        };
        let known = self.finds.iter_mut().find(same);
        known.map(|find| find.logs.push(log.clone())).is_some()
    }

    fn drop_old(&mut self, newest: Timestamp, count: usize) {
        let keep = self.keep;
        self.finds.retain(|find| newest.duration_since(find.at) <= keep);
        let excess = self.finds.len().saturating_sub(count.max(MOST));
        self.finds.drain(..excess);
    }
}

#[cfg(test)]
mod tests;
