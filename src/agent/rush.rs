//! Pure. Detects when very many files appear at once: then hints are gathered, so that one check
//! and one commit serve many of them.

use jiff::SignedDuration;

use crate::clock::Timestamp;

/// This many new files within one second are a rush. A node that reloads all its apps creates only
/// a few.
const MANY: usize = 50;

/// How many files have appeared lately.
#[derive(Debug)]
pub(crate) struct Rush {
    since: Timestamp,
    files: usize,
    until: Timestamp,
}

impl Rush {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { since: now, files: 0, until: Timestamp::MIN }
    }

    /// Counts files that appeared; returns whether there is a rush, in this second or the last one.
    pub(crate) fn observe(&mut self, now: Timestamp, files: usize) -> bool {
        let second = SignedDuration::from_secs(1);
        if now.duration_since(self.since).abs() >= second {
            (self.since, self.files) = (now, 0);
        }
        self.files += files;
        if self.files >= MANY {
            self.until = now.checked_add(second).unwrap_or(Timestamp::MAX);
        }
        now < self.until && self.until.duration_since(now) <= second
    }
}

#[cfg(test)]
mod tests;
