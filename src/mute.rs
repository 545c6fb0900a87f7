//! Pure. Holds back notices of an incident for a known reason: an open cause, a silence, a maintenance
//! window, or because it changes too often.
//!
//! The incident still exists, and held-back notices are counted.

mod flapping;
mod inhibition;
mod maintenance;
mod silence;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::command::{NewSilence, Refusal};
use crate::commit::{RowChange, StoredRows};
use crate::ids::{CommandId, Fingerprint, SilenceId};
use crate::incident::{
    Decisions, EndedSilencer, IncidentBook, Notice, Reason, SilenceEnd, SilencedBy, Suppressed,
    Suppression,
};
use crate::ledger::Table;
use crate::mute::flapping::FlapWatch;
use crate::mute::silence::Silences;

pub use crate::mute::maintenance::{HeldByWindow, MaintenanceWindow};
pub use crate::mute::silence::Silence;

/// Why a notice is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hold {
    /// An open incident is known to cause this one.
    Inhibited { cause: Fingerprint },
    /// A silence or a maintenance window matches it.
    Silenced(SilencedBy),
}

/// Everything that holds notices back.
#[derive(Debug, Default)]
pub struct Mutes {
    silences: Silences,
    windows: Vec<MaintenanceWindow>,
    held_by_window: Table<Arc<str>, HeldByWindow>,
    flapping: FlapWatch,
    /// When silences were last reviewed, and when they change next; `None` if they must be reviewed
    /// at once.
    reviewed: Option<(Timestamp, Option<Timestamp>)>,
}

/// A silence that has ended, and the incidents that are still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSilence {
    pub end: SilenceEnd,
    pub open: Vec<Fingerprint>,
}

impl Mutes {
    /// Restores silences from the stored rows of the ledger.
    pub fn restore(windows: Vec<MaintenanceWindow>, rows: &StoredRows) -> Self {
        Self {
            windows,
            silences: Silences::restored(rows),
            held_by_window: Table::restored(rows),
            flapping: FlapWatch::restored(rows),
            ..Self::default()
        }
    }

    /// Replaces the maintenance windows.
    pub fn set_windows(&mut self, windows: Vec<MaintenanceWindow>) {
        (self.windows, self.reviewed) = (windows, None);
    }

    /// The rows that changed since the last call.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        let mut changes = self.silences.take_changes();
        changes.extend(self.held_by_window.take_changes());
        changes.extend(self.flapping.take_changes());
        changes
    }

    /// When [`Self::review`] or [`Self::hold_flapping`] next has something to do.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let review = match self.reviewed {
            None => Some(Timestamp::MIN),
            Some((_, next)) => next,
        };
        review.into_iter().chain(self.flapping.next_wakeup()).min()
    }

    /// Adds a silence that a command wants, for everything that it matches or for one incident.
    pub fn add(
        &mut self,
        now: Timestamp,
        command: (&CommandId, &str),
        wanted: NewSilence,
        incident: Option<Fingerprint>,
    ) -> Result<SilenceId, Refusal> {
        self.reviewed = None;
        self.silences.add(now, command, wanted, incident)
    }

    /// The incident that a silence is for, if it is for one only.
    pub fn incident_of(&self, id: &SilenceId) -> Option<&Fingerprint> {
        self.silences.get(id)?.incident.as_ref()
    }

    /// Ends a silence early; returns its id.
    pub fn expire(&mut self, now: Timestamp, id: &str) -> Result<SilenceId, Refusal> {
        self.reviewed = None;
        self.silences.expire(now, id)
    }

    /// Removes the notices that are held back; they are recorded in their incident and as
    /// suppressed.
    pub fn hold(
        &mut self,
        now: Timestamp,
        book: &mut IncidentBook,
        decisions: Decisions,
    ) -> Decisions {
        let Decisions { notices, suppressed, .. } = decisions;
        let mut muted = Decisions { notices: Vec::new(), suppressed: Vec::new(), ..decisions };
        // An occurrence that is not yet due for a repeat counts as held by its cause, if it has one.
        for mut held in suppressed {
            if let Some((print, hold)) = self.held_known(now, book, &held) {
                held.why = hold.why();
                self.apply(now, &hold, book, &print, None);
            }
            muted.suppressed.push(held);
        }
        let mut silent = BTreeSet::new();
        for notice in notices {
            if notice.reason == Reason::Recovered {
                // An incident that opened and recovered while it was held back has not been
                // notified.
                if !silent.contains(&notice.fingerprint) || !notice.notified_channels.is_empty() {
                    muted.notices.push(notice);
                }
                continue;
            }
            match self.hold_of(now, book, &notice) {
                Some(hold) => {
                    muted.suppressed.push(Suppressed::of(hold.why(), &notice));
                    self.apply(now, &hold, book, &notice.fingerprint, Some(&notice));
                    silent.insert(notice.fingerprint);
                }
                None => muted.notices.push(notice),
            }
        }
        self.mark_silenced(now, book);
        muted
    }

    /// Marks changed incidents that are silenced without a notice to hold back, such as one whose
    /// cause has recovered.
    fn mark_silenced(&self, now: Timestamp, book: &mut IncidentBook) {
        for print in book.changed() {
            let unmarked = book.notice_of(&print).filter(|_| book.silenced_by(&print).is_none());
            let by = unmarked.and_then(|notice| self.silencer(now, notice));
            if let Some(by) = by {
                book.silence(&print, &by, None);
            }
        }
    }

    /// Holds back the notices of incidents that open and recover too often.
    pub fn hold_flapping(
        &mut self,
        now: Timestamp,
        book: &mut IncidentBook,
        decisions: &mut Decisions,
    ) {
        self.flapping.apply(now, book, decisions);
    }

    /// The notices of incidents that no longer open and recover too often.
    pub fn end_flapping(&mut self, now: Timestamp, book: &mut IncidentBook) -> Vec<Notice> {
        self.flapping.end(now, book)
    }

    /// Applies silences that began or ended since the last review; returns those that ended while
    /// incidents are open that no other card would report.
    pub fn review(&mut self, now: Timestamp, book: &mut IncidentBook) -> Vec<EndedSilence> {
        let is_due = |(last, next): (Timestamp, Option<Timestamp>)| {
            now < last || next.is_some_and(|next| next <= now)
        };
        if !self.reviewed.is_none_or(is_due) {
            return Vec::new();
        }
        self.silences.forget(now);
        self.held_by_window.forget(now);
        let ends: Vec<_> = book
            .silencers()
            .into_iter()
            .filter(|by| !self.is_active(now, by))
            .filter_map(|by| self.end(now, book, &by))
            .collect();
        let known = book.known().filter(|(print, _)| book.silenced_by(print).is_none());
        let hidden =
            known.filter_map(|(print, notice)| Some((print.clone(), self.silencer(now, notice)?)));
        for (print, by) in hidden.collect::<Vec<_>>() {
            book.silence(&print, &by, None);
        }
        let windows = self.windows.iter().filter_map(|window| window.next_change(now));
        let next = windows.chain(self.silences.next_end(now)).min();
        self.reviewed = Some((now, next));
        ends
    }

    /// Incidents that were silenced by this one are now silenced by another, or are open again.
    fn end(
        &self,
        now: Timestamp,
        book: &mut IncidentBook,
        by: &SilencedBy,
    ) -> Option<EndedSilence> {
        let mut open = Vec::new();
        for print in book.silenced(by) {
            let other = book.notice_of(&print).and_then(|notice| self.silencer(now, notice));
            if let Some(other) = other {
                book.silence(&print, &other, None);
                continue;
            }
            book.unsilence(now, &print);
            if book.needs_card_after_silence(now, &print) {
                open.push(print);
            }
        }
        (!open.is_empty()).then(|| EndedSilence { end: self.words(by), open })
    }

    fn words(&self, by: &SilencedBy) -> SilenceEnd {
        match by {
            SilencedBy::Silence(id) => {
                let known = self.silences.get(id);
                let by = known.map_or_else(|| id.to_string(), |silence| silence.by.clone());
                let reason = known.map(|silence| silence.reason.clone()).unwrap_or_default();
                SilenceEnd { of: EndedSilencer::By(by), reason }
            }
            SilencedBy::Maintenance(name) => {
                let window = self.windows.iter().find(|window| window.name == *name);
                let reason = window.map(|window| window.reason.clone()).unwrap_or_default();
                SilenceEnd { of: EndedSilencer::Window(name.clone()), reason }
            }
        }
    }

    fn is_active(&self, now: Timestamp, by: &SilencedBy) -> bool {
        match by {
            SilencedBy::Silence(id) => {
                self.silences.get(id).is_some_and(|silence| silence.is_active(now))
            }
            SilencedBy::Maintenance(name) => {
                self.windows.iter().any(|window| window.name == *name && window.is_open(now))
            }
        }
    }

    /// The silence or window that matches a notice, if any.
    fn silencer(&self, now: Timestamp, notice: &Notice) -> Option<SilencedBy> {
        if let Some(silence) = self.silences.hiding(now, notice) {
            return Some(SilencedBy::Silence(silence.id.clone()));
        }
        let window = self.windows.iter().find(|window| window.hides(now, notice))?;
        Some(SilencedBy::Maintenance(window.name.clone()))
    }

    /// Why a notice is held back; a cause takes precedence over a silence.
    fn hold_of(&self, now: Timestamp, book: &IncidentBook, notice: &Notice) -> Option<Hold> {
        let cause = inhibition::hold(now, book, notice);
        cause.or_else(|| self.silencer(now, notice).map(Hold::Silenced))
    }

    /// Why another occurrence of a known incident is held back that is not due for a repeat.
    fn held_known(
        &self,
        now: Timestamp,
        book: &IncidentBook,
        known: &Suppressed,
    ) -> Option<(Fingerprint, Hold)> {
        let is_known = matches!(known.why, Suppression::Repeat | Suppression::Acknowledged);
        let print = known.fingerprint.as_ref().filter(|_| is_known)?;
        Some((print.clone(), self.hold_of(now, book, book.notice_of(print)?)?))
    }

    /// Counts a notice that a maintenance window held back.
    fn withhold(&mut self, now: Timestamp, name: &str) {
        let window = self.windows.iter().find(|window| window.name == name);
        let reason = window.map(|window| window.reason.clone()).unwrap_or_default();
        let key: Arc<str> = name.into();
        let before = self.held_by_window.get(&key).map_or(0, |known| known.held_back);
        let held_back = before.saturating_add(1);
        self.held_by_window
            .put(key, HeldByWindow { name: name.to_owned(), reason, held_back, last: now });
    }

    /// Records the hold in the incident; `notice` is the one that would have been sent.
    fn apply(
        &mut self,
        now: Timestamp,
        hold: &Hold,
        book: &mut IncidentBook,
        print: &Fingerprint,
        notice: Option<&Notice>,
    ) {
        match hold {
            Hold::Inhibited { cause } => book.inhibit(print, cause, notice),
            Hold::Silenced(by) => {
                match by {
                    SilencedBy::Silence(id) => self.silences.count(id),
                    SilencedBy::Maintenance(name) => self.withhold(now, name),
                }
                book.silence(print, by, notice);
            }
        }
    }
}

impl Hold {
    fn why(&self) -> Suppression {
        match self {
            Self::Inhibited { .. } => Suppression::Inhibited,
            Self::Silenced(SilencedBy::Silence(_)) => Suppression::Silenced,
            Self::Silenced(SilencedBy::Maintenance(_)) => Suppression::Maintenance,
        }
    }
}

#[cfg(test)]
mod tests;
