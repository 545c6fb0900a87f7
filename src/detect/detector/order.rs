//! Pure. Resolves ambiguous stamps by the order of a file's lines.

use jiff::Timestamp;

use crate::qlik::stamp::Stamp;

/// How far before a stamp lines are read, in bytes.
const REACH: usize = 64 * 1024;

/// The order of the lines of one file, as far as they were read.
#[derive(Debug)]
pub(crate) struct Order {
    /// The latest time so far; for ambiguous stamps, the earlier reading.
    pub(crate) latest: Option<Timestamp>,
    read_to: usize,
}

impl Order {
    /// An order for the lines after `read_to`; those before it reach up to `latest`.
    pub(crate) fn after(latest: Option<Timestamp>, read_to: usize) -> Self {
        Self { latest, read_to }
    }

    /// Resolves the stamp at `start` by the lines before it, if possible. Costs nothing for stamps
    /// with one reading.
    pub(crate) fn settle(
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
