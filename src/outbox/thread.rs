//! Pure. One incident is one thread: its first message, the root, shows the present state, and a
//! reply notifies people of important changes.
//!
//! ```text
//!                 no root             root shows an older state         root shows it
//! first card ───────────────▶ root      ───────────────────▶ update ───────────────────▶ reply
//! ```
//!
//! Only the first pending card of an incident is in flight. An update writes the newest card of the
//! incident, so it also covers the earlier ones; so does the root of an incident that is over by
//! then. A thread is recorded as soon as its root is about to be posted, so that a root whose
//! answer is missing can be found again.

mod known;

use std::time::Duration;

use ring::digest::{SHA256, digest};

use crate::clock::Timestamp;
use crate::commit::{Attention, Form, Reason};
use crate::detection::Severity;
use crate::ids::{DeliveryId, Fingerprint};
use crate::outbox::backlog::{Queued, Urgency};
use crate::outbox::health::Suspect;
use crate::outbox::queue::{ChannelQueue, InFlight, after};
use crate::outbox::select::SINGLE_CARDS_WITHIN;
use crate::outbox::{Attempt, Change, Outcome, Pending};

pub(crate) use crate::outbox::thread::known::{BETWEEN_UNANSWERED, BETWEEN_WRITES, Threads};
pub use crate::outbox::thread::known::{
    Remaining, Thread, ThreadAnswer, ThreadChange, ThreadMessage, ThreadOperation, ThreadWrite,
};

/// After refusals because of another change, that time is doubled up to this often.
const MOST_DOUBLINGS: u32 = 5;

/// The key of the thread that this delivery begins: the same for each attempt.
fn key_of(id: &DeliveryId) -> String {
    let hash = digest(&SHA256, id.as_bytes());
    hash.as_ref().iter().take(8).fold(String::new(), |key, byte| key + &format!("{byte:02x}"))
}

impl ChannelQueue {
    /// The thread of the incident of this card, even if it is not certain that its root was posted.
    fn thread_of(&self, number: u64, now: Timestamp) -> Option<&Thread> {
        self.threads.as_ref()?.current(&self.backlog.card(number)?.pending, now)
    }

    /// Whether the incident of this card has a thread here: then it is in no digest, because its root
    /// must show the state.
    pub(crate) fn has_thread(&self, number: u64, now: Timestamp) -> bool {
        self.thread_of(number, now).is_some()
    }

    /// Whether the incident has a thread, or will have one when what is pending is sent.
    pub(crate) fn follows(&self, now: Timestamp, incident: &Fingerprint) -> bool {
        let Some(threads) = &self.threads else { return false };
        threads.known.get(incident).is_some_and(|thread| thread.is_current(now))
            || (self.backlog.has_incident(incident) && !self.is_in_digest(incident))
    }

    /// Whether a digest with this incident is in flight.
    fn is_in_digest(&self, incident: &Fingerprint) -> bool {
        let Some(InFlight::Digest { members, .. }) = &self.in_flight else { return false };
        let mut cards = members.iter().filter_map(|number| self.backlog.card(*number));
        cards.any(|card| card.pending.fingerprint.as_ref() == Some(incident))
    }

    /// Adds which message of its thread this attempt of a single card writes. A root is known from
    /// now on.
    pub(crate) fn in_thread(&mut self, now: Timestamp, attempt: Attempt) -> Attempt {
        let number = self.backlog.number(&attempt.id);
        let Some((number, planned)) = number.and_then(|it| Some((it, self.write_of(it, now)?)))
        else {
            return attempt;
        };
        let written = self.backlog.number(&planned.card).and_then(|it| self.backlog.card(it));
        let use_plain = written.is_some_and(|card| card.pending.use_plain);
        let before = self.expect_root(now, number, &planned);
        if let Some(InFlight::Card { write, before: known, .. }) = &mut self.in_flight {
            (*write, *known) = (Some(planned.clone()), before.map(Box::new));
        }
        Attempt { thread: Some(planned), use_plain, ..attempt }
    }

    /// Records that a root may be posted from now on; returns the previous state, also of a thread
    /// that does not continue.
    fn expect_root(
        &mut self,
        now: Timestamp,
        number: u64,
        planned: &ThreadWrite,
    ) -> Option<Thread> {
        let ThreadMessage::Root { continues, may_exist } = planned.message else { return None };
        let before = self.thread_of(number, now).cloned();
        let pending = self.backlog.card(number)?.pending.clone();
        let fingerprint = pending.fingerprint?;
        let known = self.threads.as_ref()?.known.get(&fingerprint).cloned();
        let written = self.backlog.number(&planned.card);
        let written = written.and_then(|it| Some((it, self.backlog.card(it)?)));
        let (severity, is_over) = match (written, &before) {
            (Some((last, card)), _) => {
                // Cards of which only the reply is left belong to the thread before.
                let covered = self.backlog.of_incident(number).filter(|(one, card)| {
                    *one <= last && card.pending.remaining != Remaining::Reply
                });
                let highest = covered.map(|(_, card)| card.pending.severity).max();
                let is_over = card.pending.reason == Reason::Recovered;
                (highest.unwrap_or(card.pending.severity), is_over)
            }
            // The card that the lost root showed, whose delivery is done.
            (None, Some(lost)) => (lost.severity, lost.is_over),
            (None, None) => (pending.severity, false),
        };
        let threads = self.threads.as_mut()?;
        let thread = Thread {
            channel: pending.channel,
            fingerprint: fingerprint.clone(),
            key: planned.key.clone(),
            root: None,
            opened: before.as_ref().filter(|_| may_exist).map_or(now, |known| known.opened),
            written: now,
            shown: planned.card.clone(),
            severity,
            is_over,
            is_posted: false,
            continues,
        };
        threads.set(&fingerprint, Some(thread), now);
        known
    }

    /// The root of this attempt was not posted: restores the previous state of the thread.
    pub(crate) fn forget_root(
        &mut self,
        now: Timestamp,
        (number, write): (u64, &ThreadWrite),
        before: Option<Box<Thread>>,
    ) {
        let Some(card) = self.backlog.card(number) else { return };
        let Some(incident) = &card.pending.fingerprint else { return };
        if let (ThreadMessage::Root { .. }, Some(threads)) = (write.message, &mut self.threads) {
            threads.set(incident, before.map(|it| *it), now);
        }
    }

    fn write_of(&self, number: u64, now: Timestamp) -> Option<ThreadWrite> {
        let threads = self.threads.as_ref()?;
        let pending = &self.backlog.card(number)?.pending;
        let incident = pending.fingerprint.as_ref().filter(|_| pending.form == Form::Card)?;
        let card = pending.id.clone();
        let root = |key, continues, may_exist, card| ThreadWrite {
            message: ThreadMessage::Root { continues, may_exist },
            key,
            root: None,
            card,
        };
        let newest = self.newest(number);
        // No thread begins with the failure of an incident that is over.
        let over = newest.filter(|newest| newest.pending.reason == Reason::Recovered);
        let first = || over.map_or_else(|| card.clone(), |over| over.pending.id.clone());
        let Some(thread) = threads.current(pending, now) else {
            return Some(root(key_of(&card), None, false, first()));
        };
        let newest = newest.map(|newest| newest.pending.id.clone());
        // A root that replaces another shows the present state, too.
        let replacing = || newest.clone().unwrap_or_else(|| thread.shown.clone());
        if !thread.is_posted {
            let shown = if thread.continues.is_some() { replacing() } else { first() };
            return Some(root(thread.key.clone(), thread.continues, true, shown));
        }
        if threads.lost.contains(incident) {
            return Some(root(key_of(&card), Some(thread.opened), false, replacing()));
        }
        let (message, card) =
            newest.map_or((ThreadMessage::Reply, card), |newest| (ThreadMessage::Update, newest));
        let (key, root) = (thread.key.clone(), thread.root.clone());
        Some(ThreadWrite { message, key, root, card })
    }

    /// The newest card of the incident of this one that its root does not show yet.
    fn newest(&self, number: u64) -> Option<&Queued> {
        let doubted = &self.threads.as_ref()?.doubted;
        let cards = self.backlog.of_incident(number);
        let new = cards.filter(|(one, card)| {
            let is_doubted = *one != number && doubted.contains(&card.pending.id);
            card.pending.remaining != Remaining::Reply && !is_doubted
        });
        new.last().map(|(_, card)| card)
    }

    /// Applies the outcome of an attempt that wrote a message of a thread.
    pub(crate) fn apply_in_thread(
        &mut self,
        now: Timestamp,
        (id, number): (&DeliveryId, u64),
        (write, before): (&ThreadWrite, Option<Box<Thread>>),
        (outcome, answer): (Outcome, ThreadAnswer),
    ) -> Change {
        let card = self.backlog.card(number);
        let Some((card, incident)) =
            card.and_then(|it| Some((it, it.pending.fingerprint.clone()?)))
        else {
            return self.apply_to_card(now, id, number, outcome);
        };
        let was_repeat = card.pending.possible_repeat;
        // The fallback accepted it, and it was counted then.
        let is_known = card.pending.remaining == Remaining::Root;
        let is_root = matches!(write.message, ThreadMessage::Root { .. });
        if let Outcome::Accepted { receipt } = outcome {
            let is_unanswered = answer == ThreadAnswer::Unknown;
            let rest = if is_unanswered { BETWEEN_UNANSWERED } else { BETWEEN_WRITES };
            self.backlog.rest(number, after(now, rest));
            self.note_written(now, number, write, answer);
            if write.message == ThreadMessage::Reply || (is_root && write.card == *id && !is_known)
            {
                return self.apply_to_card(now, id, number, Outcome::Accepted { receipt });
            }
            return self.shown(now, number, write, receipt);
        }
        self.backlog.rest(number, after(now, BETWEEN_WRITES));
        if !matches!(outcome, Outcome::Retry { unsure: true, .. }) {
            self.forget_root(now, (number, write), before);
        }
        if is_root && matches!(outcome, Outcome::Refused { .. }) {
            // No root can be posted either: the thread may be there when this is over.
            self.lose(&incident, false);
        }
        // Neither the card nor the channel is to blame for its thread.
        let change = match (answer, outcome) {
            // Replies are refused, whatever the root.
            (ThreadAnswer::Lost, Outcome::Retry { why, .. })
                if write.message == ThreadMessage::Reply && self.is_replaced(&incident) =>
            {
                self.apply_to_card(now, id, number, Outcome::Rejected { why })
            }
            (ThreadAnswer::Lost, Outcome::Retry { why, .. }) if !is_root => {
                self.lose(&incident, true);
                self.later(number, now, Duration::ZERO, why.text)
            }
            (ThreadAnswer::Busy, Outcome::Retry { why, .. }) => {
                let mut attempts = 0;
                self.backlog.change(number, |card| {
                    card.pending.attempts = card.pending.attempts.saturating_add(1);
                    attempts = card.pending.attempts;
                });
                let wait = BETWEEN_WRITES.saturating_mul(1 << attempts.min(MOST_DOUBLINGS));
                self.backlog.rest(number, after(now, wait));
                self.later(number, now, Duration::ZERO, why.text)
            }
            (
                _,
                Outcome::Refused { why } | Outcome::Rejected { why } | Outcome::TooLarge { why },
            ) if write.card != *id => {
                self.doubt(&write.card);
                self.later(number, now, Duration::ZERO, why.text)
            }
            (_, outcome) => self.apply_to_card(now, id, number, outcome),
        };
        match change {
            // The root is the same, however often it is updated.
            Change::Later { next_at, wait, use_plain, refused, why, .. }
                if write.message == ThreadMessage::Update =>
            {
                self.backlog.change(number, |card| card.pending.possible_repeat = was_repeat);
                let possible_repeat = was_repeat;
                Change::Later { next_at, wait, use_plain, possible_repeat, refused, why }
            }
            change => change,
        }
    }

    /// The card of another delivery was refused, or the channel is bad: an update with the
    /// delivery's own card shows which.
    fn doubt(&mut self, card: &DeliveryId) {
        let backlog = &self.backlog;
        if let Some(threads) = &mut self.threads {
            threads.doubted.retain(|one| backlog.number(one).is_some());
            threads.doubted.insert(card.clone());
        }
    }

    /// Whether the root replaced another one, and no reply was accepted since.
    fn is_replaced(&self, incident: &Fingerprint) -> bool {
        self.threads.as_ref().is_some_and(|threads| threads.replaced.contains(incident))
    }

    /// Records whether the root of this incident is gone.
    fn lose(&mut self, incident: &Fingerprint, is_lost: bool) {
        let Some(threads) = &mut self.threads else { return };
        if is_lost {
            threads.lost.insert(incident.clone());
        } else {
            threads.lost.remove(incident);
        }
    }

    /// Records the content of the root, and where it is.
    fn note_written(
        &mut self,
        now: Timestamp,
        number: u64,
        write: &ThreadWrite,
        answer: ThreadAnswer,
    ) {
        let shown = self.backlog.number(&write.card).and_then(|shown| self.backlog.card(shown));
        let Some(card) = shown.or_else(|| self.backlog.card(number)) else { return };
        let pending = &card.pending;
        let Some(incident) = pending.fingerprint.clone() else { return };
        let severity = pending.severity;
        let is_over = pending.reason == Reason::Recovered;
        let (root, is_new) = match answer {
            ThreadAnswer::Root { id, is_new } => (id, is_new),
            ThreadAnswer::Unknown | ThreadAnswer::Lost | ThreadAnswer::Busy => (None, false),
        };
        let Some(threads) = &mut self.threads else { return };
        threads.lost.remove(&incident);
        match write.message {
            ThreadMessage::Root { continues: Some(_), .. } => {
                threads.replaced.insert(incident.clone());
            }
            ThreadMessage::Root { continues: None, .. } | ThreadMessage::Reply => {
                threads.replaced.remove(&incident);
            }
            ThreadMessage::Update => {}
        }
        let change = |thread: &mut Thread| {
            thread.note_written(now, root, is_new);
            if write.message == ThreadMessage::Update {
                thread.shows(&write.card, severity, is_over);
            }
        };
        threads.change(&incident, change, now);
    }

    /// The root shows the newest card of the incident. What remains are the replies.
    fn shown(
        &mut self,
        now: Timestamp,
        number: u64,
        write: &ThreadWrite,
        receipt: Option<String>,
    ) -> Change {
        self.accepted(now, Suspect::Card(number));
        let is_pressed = self.is_pressed(now, number);
        let is_critical =
            self.thread_of(number, now).is_some_and(|it| it.severity == Severity::Critical);
        let newest = self.backlog.number(&write.card);
        let covered: Vec<(u64, Pending)> = self
            .backlog
            .of_incident(number)
            // A card that came while the update was in flight is in none.
            .filter(|(one, card)| match newest {
                Some(newest) => *one <= newest,
                None => card.pending.remaining == Remaining::Reply,
            })
            .map(|(one, card)| (one, card.pending.clone()))
            .collect();
        let (mut to_reply, mut done) = (Vec::new(), Vec::new());
        // What is not posted when the incident is over calls for nothing any more.
        let last = newest.and_then(|it| self.backlog.card(it));
        let is_over = last.is_some_and(|card| card.pending.reason == Reason::Recovered);
        let (mut given_up, mut withdrawn, mut n_accepted) = (0, 0, 0);
        for (number, pending) in covered {
            let is_kept = is_critical || insists(&pending);
            let may_be_posted = pending.possible_repeat && pending.remaining == Remaining::Reply;
            let is_past = is_over && newest != Some(number) && !may_be_posted;
            if pending.remaining == Remaining::Root || is_past || (is_pressed && !is_kept) {
                let was_counted =
                    pending.remaining == Remaining::Root && pending.attention != Attention::Quiet;
                n_accepted += u32::from(!was_counted);
                let has_reply = pending.remaining != Remaining::Root;
                withdrawn += u32::from(has_reply && is_past);
                given_up += u32::from(has_reply && !is_past);
                self.backlog.remove(number);
                done.push(pending.id);
            } else {
                self.backlog.change(number, |card| {
                    card.pending.remaining = Remaining::Reply;
                    card.pending.attempts = 0;
                    card.pending.next_at = None;
                    card.pending.use_plain = false;
                    card.forgive();
                });
                to_reply.push(pending.id);
            }
        }
        Change::Shown { to_reply, done, n_accepted, given_up, withdrawn, receipt }
    }

    /// Whether there are more messages than the channel accepts in time: then the roots come first.
    fn is_pressed(&self, now: Timestamp, number: u64) -> bool {
        let Some(bucket) = &self.bucket else { return false };
        let n_free = bucket.within(now, SINGLE_CARDS_WITHIN);
        let (mut n_messages, mut n_new) = (0, 0);
        for first in self.backlog.firsts() {
            if !self.has_thread(first, now) {
                n_new += 1;
                continue;
            }
            let cards = || self.backlog.of_incident(first).map(|(_, card)| card.pending.remaining);
            let is_updated = first != number && cards().any(|it| it != Remaining::Reply);
            let n_replies = cards().filter(|it| *it != Remaining::Root).count();
            n_messages += n_replies + usize::from(is_updated);
        }
        // Many new incidents are one digest.
        let n_new = if n_new > n_free { 1 } else { n_new };
        n_messages + n_new > n_free
    }

    /// The fallback accepted a card of a thread: people have its content, and the root must show
    /// it.
    pub(crate) fn known_elsewhere(&mut self, number: u64, receipt: Option<String>) -> Change {
        self.backlog.change(number, |card| {
            card.pending.remaining = Remaining::Root;
            card.pending.attempts = 0;
            card.pending.possible_repeat = false;
            card.forgive();
        });
        // The root will show this one, and what came before is known, too.
        let earlier = self
            .backlog
            .of_incident(number)
            .filter(|(one, card)| *one < number && card.pending.remaining == Remaining::Root);
        let earlier: Vec<(u64, DeliveryId)> =
            earlier.map(|(one, card)| (one, card.pending.id.clone())).collect();
        for (one, _) in &earlier {
            self.backlog.remove(*one);
        }
        let done = earlier.into_iter().map(|(_, id)| id).collect();
        Change::KnownElsewhere { done, receipt }
    }
}

/// Whether the reply of this delivery is never given up: it mentions people, says that an incident
/// is back, or may have been posted.
pub(crate) fn insists(pending: &Pending) -> bool {
    pending.attention == Attention::Insistent
        || pending.possible_repeat
        || matches!(pending.reason, Reason::Escalated | Reason::Opened)
        || Urgency::of(pending) == Urgency::Critical
}
