//! Pure. How far reading has come: what belongs together is not late before all of it is read.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::incident::later;

/// While reading gets on, a run waits this much longer at most for what is not read.
const LONGEST_LAG: SignedDuration = SignedDuration::from_mins(10);
/// Reading that has not got on for so long may hang: no run waits any longer for it.
const HANGS: SignedDuration = SignedDuration::from_secs(60);

/// How far reading has come.
#[derive(Clone, Copy, Debug)]
pub(in crate::incident) struct Reading {
    /// Everything that was written until then has been read.
    pub(in crate::incident) until: Timestamp,
    /// The same with what is folded in now.
    pub(in crate::incident) next: Option<Timestamp>,
    /// When it last got on.
    pub(in crate::incident) got_on: Timestamp,
}

impl Reading {
    pub(in crate::incident) fn new(now: Timestamp) -> Self {
        Self { until: now, next: None, got_on: now }
    }

    /// All that was found is folded in.
    pub(in crate::incident) fn advance(&mut self) {
        self.until = self.next.take().unwrap_or(self.until);
    }

    /// The time by which runs settle: it stands still while reading lags, but not for ever.
    pub(in crate::incident) fn clock(self, now: Timestamp) -> Timestamp {
        let hangs = now.duration_since(self.got_on) >= HANGS;
        let patience = if hangs { HANGS } else { LONGEST_LAG };
        self.until.max(later(now, -patience)).min(now)
    }

    /// When the clock shows a time, if reading gets on no further.
    pub(in crate::incident) fn shows(self, due: Timestamp) -> Timestamp {
        if due <= self.until {
            return due;
        }
        later(due, LONGEST_LAG).min(later(self.got_on.max(due), HANGS))
    }
}
