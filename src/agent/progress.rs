//! Pure. Whether a part of the agent still takes turns, judged by a number that counts up with each.

use jiff::SignedDuration;

use crate::clock::Timestamp;

/// A turn takes a second at most, and a large folder on a slow share a minute.
const LONGEST_TURN: SignedDuration = SignedDuration::from_mins(5);
/// A clock that jumps, or a machine that slept, must not look like a turn that hangs.
const LEAST_LOOKS: u32 = 6;

/// What was seen of the number.
#[derive(Debug)]
pub(in crate::agent) struct Progress {
    turns: u64,
    since: Timestamp,
    /// How often it was the same.
    n_same: u32,
}

impl Progress {
    pub(in crate::agent) fn new(now: Timestamp) -> Self {
        Self { turns: 0, since: now, n_same: 0 }
    }

    /// Takes the number in; since when it stands still, if that is too long.
    pub(in crate::agent) fn observe(&mut self, now: Timestamp, turns: u64) -> Option<Timestamp> {
        if turns != self.turns || now < self.since {
            *self = Self { turns, since: now, n_same: 0 };
            return None;
        }
        self.n_same += 1;
        let is_long = now.duration_since(self.since) >= LONGEST_TURN;
        (is_long && self.n_same >= LEAST_LOOKS).then_some(self.since)
    }
}

#[cfg(test)]
mod tests;
