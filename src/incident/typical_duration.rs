//! Pure. How long something usually takes, learned from its ends.

use std::collections::VecDeque;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::incident::later;
use crate::ledger::{Row, TableName};

/// Fewer ends than these say nothing.
const FEWEST: usize = 5;
/// So many of the last ends are kept.
const MOST: usize = 20;
/// What takes this many times as long as the longest of them is unusual.
const FACTOR: i32 = 3;
/// Nobody wants to hear of it sooner, however short it usually is.
const LEAST: SignedDuration = SignedDuration::from_mins(30);

/// What has not ended for so long does not say how long it takes now.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);

/// The last ends of one task or app.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct TypicalDuration {
    took: VecDeque<SignedDuration>,
    /// When it last ended.
    pub seen: Timestamp,
}

impl Row for TypicalDuration {
    const TABLE: TableName = TableName::Durations;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(later(self.seen, KEPT_FOR))
    }
}

impl TypicalDuration {
    pub(in crate::incident) fn new(now: Timestamp) -> Self {
        Self { took: VecDeque::new(), seen: now }
    }

    pub(in crate::incident) fn learn(&mut self, now: Timestamp, took: SignedDuration) {
        self.seen = now;
        self.took.push_back(took.max(SignedDuration::ZERO));
        if self.took.len() > MOST {
            self.took.pop_front();
        }
    }

    /// The longest of the last ends, if there are enough of them.
    pub(in crate::incident) fn longest(&self) -> Option<SignedDuration> {
        self.took.iter().max().copied().filter(|_| self.took.len() >= FEWEST)
    }

    /// What is unusual after a longest of so long.
    pub(in crate::incident) fn limit(longest: SignedDuration) -> SignedDuration {
        longest.checked_mul(FACTOR).unwrap_or(SignedDuration::MAX).max(LEAST)
    }
}
