//! Pure. What the order of a file's lines says of stamps that can be read in two ways.

use jiff::Timestamp;

use crate::qlik::stamp::Stamp;

/// How far back the lines before a stamp are read, in bytes.
const REACH: usize = 64 * 1024;

/// The lines of one file, as far as they were read.
#[derive(Debug)]
pub(super) struct Order {
    /// The latest time so far; of stamps with two readings the earlier.
    pub(super) latest: Option<Timestamp>,
    read_to: usize,
}

impl Order {
    /// Nothing was read but what came before `read_to`, up to this time.
    pub(super) fn after(latest: Option<Timestamp>, read_to: usize) -> Self {
        Self { latest, read_to }
    }

    /// Settles which reading of the stamp at `start` is meant, if the lines before it tell. Costs
    /// nothing where a stamp has one reading.
    pub(super) fn settle(
        &mut self,
        stamp: Stamp,
        bytes: &[u8],
        start: usize,
        stamp_of: impl Fn(&str) -> Option<Stamp>,
    ) -> Stamp {
        if stamp.or.is_none() {
            return stamp;
        }
        let from = self.read_to.max(start.saturating_sub(REACH)).min(start);
        for line in String::from_utf8_lossy(&bytes[from..start]).lines() {
            if let Some(stamp) = stamp_of(line) {
                self.add(stamp);
            }
        }
        self.read_to = start;
        self.add(stamp)
    }

    fn add(&mut self, stamp: Stamp) -> Stamp {
        let settled = self.latest.map_or(stamp, |latest| stamp.not_before(latest));
        self.latest = self.latest.max(Some(settled.at));
        settled
    }
}
