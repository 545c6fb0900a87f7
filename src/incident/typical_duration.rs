//! Pure. How long a task or app usually takes, learned from its successes.

use std::collections::VecDeque;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::ledger::{TableName, TableRow};

/// Fewer durations than this are not used.
const FEWEST: usize = 5;
/// With fewer durations than this there is no usual one.
const FEWEST_USUAL: usize = 3;
/// Number of durations that are kept.
const MOST: usize = 20;
/// A run is unusual if it takes this many times the longest kept duration.
const FACTOR: i32 = 3;
/// The lower limit, however short the usual duration is.
const LEAST: SignedDuration = SignedDuration::from_mins(30);

/// Durations expire after this time without a new one.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The last durations of one task or app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TypicalDuration {
    took: VecDeque<SignedDuration>,
    /// When the last one was learned.
    pub seen: Timestamp,
}

impl TableRow for TypicalDuration {
    const TABLE: TableName = TableName::Durations;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(later(self.seen, KEPT_FOR))
    }
}

impl TypicalDuration {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { took: VecDeque::new(), seen: now }
    }

    pub(crate) fn learn(&mut self, now: Timestamp, took: SignedDuration) {
        self.seen = now;
        self.took.push_back(took.max(SignedDuration::ZERO));
        if self.took.len() > MOST {
            self.took.pop_front();
        }
    }

    /// The longest kept duration, if there are enough.
    pub(crate) fn longest(&self) -> Option<SignedDuration> {
        self.took.iter().max().copied().filter(|_| self.took.len() >= FEWEST)
    }

    /// The usual duration: the median of the kept ones, if there are enough.
    pub(crate) fn median(&self) -> Option<SignedDuration> {
        let mut took: Vec<SignedDuration> = self.took.iter().copied().collect();
        took.sort_unstable();
        took.get(took.len() / 2).copied().filter(|_| took.len() >= FEWEST_USUAL)
    }

    /// The duration above which a run is unusual.
    pub(crate) fn limit(longest: SignedDuration) -> SignedDuration {
        longest.checked_mul(FACTOR).unwrap_or(SignedDuration::MAX).max(LEAST)
    }
}
