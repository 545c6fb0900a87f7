//! Pure. Detects a hanging thread by a counter that it increments with each turn.

use jiff::SignedDuration;

use crate::clock::Timestamp;

/// A normal turn takes a second at most; with a large folder on a slow share, a minute.
const LONGEST_TURN: SignedDuration = SignedDuration::from_mins(5);
/// Minimum number of observations, so that a clock jump or a sleeping machine does not look like a
/// hang.
const MIN_OBSERVATIONS: u32 = 6;

/// The observations of the counter.
#[derive(Debug)]
pub(crate) struct Progress {
    turns: u64,
    since: Timestamp,
    /// Number of consecutive observations without a change.
    n_same: u32,
}

impl Progress {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { turns: 0, since: now, n_same: 0 }
    }

    /// Adds an observation; returns since when the counter has not changed, if that is too long.
    pub(crate) fn observe(&mut self, now: Timestamp, turns: u64) -> Option<Timestamp> {
        if turns != self.turns || now < self.since {
            *self = Self { turns, since: now, n_same: 0 };
            return None;
        }
        self.n_same += 1;
        let is_long = now.duration_since(self.since) >= LONGEST_TURN;
        (is_long && self.n_same >= MIN_OBSERVATIONS).then_some(self.since)
    }
}

#[cfg(test)]
mod tests;
