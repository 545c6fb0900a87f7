//! Pure. Counts finds until there are enough to be told, each trouble once.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::Threshold;
use crate::incident::later;
use crate::ledger::{Row, TableName};

/// One trouble that stands in several logs has stamps that differ by this much at most.
const SAME_MOMENT: SignedDuration = SignedDuration::from_secs(2);
/// Logs are read one after the other: the same trouble may come this much later from the next.
const OTHER_LOG: SignedDuration = SignedDuration::from_mins(2);
/// A storm needs no more than this to be recognised.
const MOST: usize = 256;

/// The recent finds of one pattern in one group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct ThresholdWindow {
    finds: Vec<Find>,
    /// When one was last observed.
    pub seen: Timestamp,
    /// How long finds matter.
    pub keep: SignedDuration,
}

/// One trouble, and the logs that told it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Find {
    at: Timestamp,
    logs: Vec<String>,
}

/// What one more find makes of a tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::incident) enum Counted {
    /// So many within the time: to be told.
    Enough(u32),
    TooFew,
    /// Another log told it before.
    Known,
}

/// All are in the order in which one was last observed.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub(in crate::incident) struct BySeen;

impl Row for ThresholdWindow {
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
    pub(in crate::incident) fn new(now: Timestamp) -> Self {
        Self { finds: Vec::new(), seen: now, keep: OTHER_LOG }
    }

    /// Takes in a find of this stamp. Finds may come out of order.
    pub(in crate::incident) fn count(
        &mut self,
        now: Timestamp,
        at: Timestamp,
        log: &str,
        threshold: Threshold,
    ) -> Counted {
        self.seen = now;
        self.keep = threshold.within.max(OTHER_LOG);
        if self.is_known(at, log) {
            return Counted::Known;
        }
        let place = self.finds.partition_point(|find| find.at <= at);
        self.finds.insert(place, Find { at, logs: vec![log.to_owned()] });
        let newest = self.finds.last().map_or(at, |find| find.at);
        self.drop_old(newest, threshold.count as usize);
        let recent = |find: &&Find| newest.duration_since(find.at) <= threshold.within;
        let n = u32::try_from(self.finds.iter().filter(recent).count()).unwrap_or(u32::MAX);
        let is_recent = newest.duration_since(at) <= threshold.within;
        if is_recent && n >= threshold.count { Counted::Enough(n) } else { Counted::TooFew }
    }

    fn is_known(&mut self, at: Timestamp, log: &str) -> bool {
        let same = |find: &&mut Find| {
            at.duration_since(find.at).abs() <= SAME_MOMENT
                && !find.logs.iter().any(|decisions| decisions == log)
        };
        let known = self.finds.iter_mut().find(same);
        known.map(|find| find.logs.push(log.to_owned())).is_some()
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
