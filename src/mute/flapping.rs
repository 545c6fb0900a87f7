//! Pure. Incidents that open and recover so often that a card for each change would be noise.
//!
//! The third change within half an hour is sent and says so; later ones are held back until the
//! incident has been quiet for as long. Then one card shows its current state.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::commit::{RowChange, StoredRows};
use crate::detection::Kind;
use crate::ids::Fingerprint;
use crate::incident::{Decisions, Flapping, IncidentBook, Notice, Reason, Suppressed, Suppression};
use crate::ledger::{Table, TableName, TableRow};

/// This many changes…
const MOST_CHANGES: usize = 3;
/// …within this time are flapping, which ends after as long without a change.
const WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// How long after its recovery the same problem counts as reopened.
const REOPENS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Maximum number of incidents whose changes are remembered.
const MOST: usize = 10_000;

/// The recent changes of one incident.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Changes {
    /// By the timestamps of their records.
    times: Vec<Timestamp>,
    /// Number of changes since it began to flap, and when that was.
    flapping: Option<Flapping>,
    /// Whether the latest change was an opening.
    is_open: bool,
    /// When the latest change was observed.
    seen: Timestamp,
    /// The latest recovery that was held back, with all channels that it was held back from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<Box<Notice>>,
}

impl TableRow for Changes {
    const TABLE: TableName = TableName::Changes;
    type By = ();
    type Terms = ();

    fn due(&self, (): ()) -> Option<Timestamp> {
        self.flapping.map(|_| later(self.seen, WITHIN))
    }

    fn expires(&self) -> Option<Timestamp> {
        match self.flapping {
            Some(_) => None,
            None => Some(later(self.seen, REOPENS)),
        }
    }
}

/// The incidents that changed lately.
#[derive(Debug, Default)]
pub(crate) struct FlapWatch {
    table: Table<Fingerprint, Changes>,
}

impl FlapWatch {
    pub(crate) fn restored(rows: &StoredRows) -> Self {
        Self { table: Table::restored(rows) }
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        self.table.take_changes()
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        self.table.next_due()
    }

    /// Holds back incidents that flap, and announces the state of those that have become quiet.
    pub(crate) fn apply(
        &mut self,
        now: Timestamp,
        book: &mut IncidentBook,
        decisions: &mut Decisions,
    ) {
        let mut sent = Vec::with_capacity(decisions.notices.len());
        for mut notice in std::mem::take(&mut decisions.notices) {
            if self.sends(now, &mut notice) {
                sent.push(notice);
                continue;
            }
            decisions.suppressed.push(Suppressed::of(Suppression::Flapping, &notice));
            match notice.reason {
                Reason::Recovered => self.keep_recovery(notice),
                _ => book.hold_flapping(&notice),
            }
        }
        decisions.notices = sent;
        for mut notice in std::mem::take(&mut decisions.unnotified_recoveries) {
            let is_known =
                self.table.get(&notice.fingerprint).is_some_and(|it| it.flapping.is_some());
            if is_known && !self.sends(now, &mut notice) {
                decisions.suppressed.push(Suppressed::of(Suppression::Flapping, &notice));
                self.keep_recovery(notice);
            }
        }
        self.table.forget(now);
        self.table.keep_at_most(MOST, Timestamp::MAX);
    }

    /// The last card of each incident that has been quiet for long enough.
    pub(crate) fn end(&mut self, now: Timestamp, book: &mut IncidentBook) -> Vec<Notice> {
        let due = self.table.due(now).into_iter();
        due.filter_map(|print| self.summary(now, &print, book)).collect()
    }

    /// Records a change; returns whether its notice is sent.
    fn sends(&mut self, now: Timestamp, notice: &mut Notice) -> bool {
        let is_opening = match notice.reason {
            Reason::Opened => true,
            Reason::Recovered => false,
            Reason::Repeated | Reason::Escalated | Reason::Acknowledged => return true,
        };
        if notice.kind == Kind::Agent {
            return true;
        }
        let print = notice.fingerprint.clone();
        let known = self.table.get(&print);
        notice.has_reopened |= is_opening && known.is_some_and(|known| known.reopens(now));
        let Some(known) = known.filter(|known| known.is_recent(now)) else {
            // An incident is remembered from its first recovery on: most never recover so soon.
            if !is_opening && within(notice.at, notice.since) {
                let times = vec![notice.since, notice.at];
                self.table.put(print, Changes::new(times, now));
            } else if !is_opening {
                self.table.put(print, Changes::new(vec![notice.at], now));
            }
            return true;
        };
        if known.is_open == is_opening {
            // Another occurrence of what is held back.
            return known.flapping.is_none();
        }
        let mut is_sent = true;
        self.table.change(&print, |known| {
            known.change(now, is_opening, notice.at);
            is_sent = known.flapping.is_none_or(|flapping| flapping.changes == count(MOST_CHANGES));
            notice.flapping = known.flapping;
            true
        });
        is_sent
    }

    fn keep_recovery(&mut self, mut notice: Notice) {
        self.table.change(&notice.fingerprint.clone(), |known| {
            let before = known.recovery.take();
            for channel in before.into_iter().flat_map(|before| before.notified_channels) {
                if !notice.notified_channels.contains(&channel) {
                    notice.notified_channels.push(channel);
                }
            }
            known.recovery = Some(Box::new(notice));
            true
        });
    }

    /// The last card, which says whether it is open or has recovered. `None` if all changes were
    /// sent.
    fn summary(
        &mut self,
        now: Timestamp,
        print: &Fingerprint,
        book: &mut IncidentBook,
    ) -> Option<Notice> {
        let known = self.table.remove(print)?;
        let flapping = known.flapping?;
        if flapping.changes == count(MOST_CHANGES) && !book.is_flapping(print) {
            return None;
        }
        if book.is_held_otherwise(print) {
            // What holds it says at its end how it stands.
            let recovery = known.recovery.as_ref();
            let channels = recovery.map_or(&[][..], |held| &held.notified_channels);
            book.end_flapping(print, channels);
            self.table.put(print.clone(), Changes { flapping: None, recovery: None, ..known });
            return None;
        }
        let mut notice = if book.is_known(print) {
            Notice { reason: Reason::Repeated, ..book.announce_open(now, print)? }
        } else {
            let mut notice = *known.recovery?;
            book.renumber(&mut notice);
            notice
        };
        notice.flapping = Some(Flapping { is_over: true, ..flapping });
        Some(notice)
    }
}

impl Changes {
    fn new(times: Vec<Timestamp>, now: Timestamp) -> Self {
        Self { times, flapping: None, is_open: false, seen: now, recovery: None }
    }

    /// Whether an opening now follows a recovery.
    fn reopens(&self, now: Timestamp) -> bool {
        !self.is_open && now.duration_since(self.seen) <= REOPENS
    }

    /// Whether its changes count as one with those that follow.
    fn is_recent(&self, now: Timestamp) -> bool {
        self.flapping.is_some() || now < later(self.seen, WITHIN)
    }

    fn change(&mut self, now: Timestamp, is_opening: bool, at: Timestamp) {
        (self.is_open, self.seen) = (is_opening, now);
        if let Some(flapping) = &mut self.flapping {
            flapping.changes = flapping.changes.saturating_add(1);
            return;
        }
        self.times.retain(|time| within(at, *time));
        self.times.push(at);
        if self.times.len() >= MOST_CHANGES {
            let since = self.times.first().copied().unwrap_or(at);
            let changes = count(self.times.len());
            self.flapping = Some(Flapping { changes, since, is_over: false });
        }
    }
}

fn within(at: Timestamp, earlier: Timestamp) -> bool {
    at.duration_since(earlier).abs() <= WITHIN
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
