//! Pure. Tracks the progress of reading, so that runs wait for files that are read late.

use jiff::SignedDuration;

use crate::clock::{Timestamp, later};

/// The longest extra wait of a run for unread files, while reading advances.
const LONGEST_LAG: SignedDuration = SignedDuration::from_mins(10);
/// Reading that has not advanced for this long may hang: runs no longer wait for it.
const HANGS: SignedDuration = SignedDuration::from_secs(60);

/// The progress of reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadingState {
    /// Everything written up to this time has been read and applied.
    pub(crate) until: Timestamp,
    /// The value of `until` after the current step.
    pub(crate) next: Option<Timestamp>,
    /// When reading last advanced.
    pub(crate) got_on: Timestamp,
}

impl ReadingState {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { until: now, next: None, got_on: now }
    }

    /// The detections of this step have been applied.
    pub(crate) fn advance(&mut self) {
        self.until = self.next.take().unwrap_or(self.until);
    }

    /// The clock by which runs settle: it stops while reading lags, up to a limit.
    pub(crate) fn clock(self, now: Timestamp) -> Timestamp {
        let hangs = now.duration_since(self.got_on) >= HANGS;
        let longest = if hangs { HANGS } else { LONGEST_LAG };
        self.until.max(later(now, -longest)).min(now)
    }

    /// The latest time until which to wait for everything written before `from` to be read.
    pub(crate) fn gives_up(self, from: Timestamp) -> Timestamp {
        later(from, LONGEST_LAG).min(later(self.got_on.max(from), HANGS))
    }

    /// When the clock reaches `due`, if reading advances no further.
    pub(crate) fn shows(self, due: Timestamp) -> Timestamp {
        if due <= self.until {
            return due;
        }
        self.gives_up(due)
    }
}
