//! Pure. When the heartbeat card is due, and its figures; remembered across restarts.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::{Reason, RowChange, StoredRows};
use crate::detection::Lately;
use crate::ledger::{Table, TableName, TableRow};
use crate::metrics::{CounterSet, Counts, Single};
use crate::outbox::DeliveryResult;

/// The key of the only row.
const KEY: &str = "card";

/// The last card, or the first start, and the counters then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Last {
    at: Timestamp,
    /// Missing in rows of earlier versions, which had no such counter: it began at 0 after them.
    #[serde(default)]
    succeeded: u64,
    incidents: u64,
    cards: u64,
}

impl TableRow for Last {
    const TABLE: TableName = TableName::Heartbeats;
    type By = ();
    /// The time between two cards; `None` is off.
    type Terms = Option<SignedDuration>;

    fn due(&self, every: Self::Terms) -> Option<Timestamp> {
        self.at.checked_add(every?).ok()
    }
}

impl Last {
    fn of(at: Timestamp, counters: &Counts) -> Self {
        Self {
            at,
            succeeded: counters.n(Single::ReloadsSucceeded),
            incidents: counters.n(CounterSet::Notices.of(Reason::Opened.name())),
            cards: counters.n(DeliveryResult::Accepted.counter()),
        }
    }
}

/// Decides when the card is due.
#[derive(Debug)]
pub struct HeartbeatCards {
    every: Option<SignedDuration>,
    last: Table<Arc<str>, Last>,
}

impl HeartbeatCards {
    /// Restores the record of the last card.
    pub fn restore(every: Option<SignedDuration>, rows: &StoredRows) -> Self {
        let mut last = Table::new(every);
        last.restore(rows);
        Self { every, last }
    }

    /// Whether [`Self::take`] has something to do.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.every.is_some() && self.next().is_none_or(|next| next <= now || self.is_ahead(now))
    }

    /// When the next card is due; `None` if there is none, or no last one.
    pub fn next(&self) -> Option<Timestamp> {
        self.last.next_due()
    }

    /// The figures of the card that is due now; `None` at the first start, which only records the
    /// time, and after the clock was set back.
    pub fn take(&mut self, now: Timestamp, counters: &Counts) -> Option<Lately> {
        let last = self.last.get(&KEY.into()).copied();
        let (is_ahead, new) = (self.is_ahead(now), Last::of(now, counters));
        self.last.put(KEY.into(), new);
        let last = last.filter(|_| !is_ahead)?;
        Some(Lately {
            since: last.at,
            reloads: new.succeeded.saturating_sub(last.succeeded),
            incidents: new.incidents.saturating_sub(last.incidents),
            cards: new.cards.saturating_sub(last.cards),
        })
    }

    /// The rows that changed since the last call.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        self.last.take_changes()
    }

    fn is_ahead(&self, now: Timestamp) -> bool {
        self.last.get(&KEY.into()).is_some_and(|last| last.at > now)
    }
}

#[cfg(test)]
mod tests;
