//! Pure. Sends deliveries through another channel while their own is unavailable.
//!
//! A delivery stays in the queue of its own channel, which continues its probes; only the attempt
//! is made elsewhere. So nothing has to be moved back when the channel accepts cards again, and
//! while both are down, whichever works first gets the card.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::Form;
use crate::ids::DeliveryId;
use crate::outbox::backlog::{Queued, Urgency};
use crate::outbox::digest::NAMED;
use crate::outbox::health::{FailureCause, Suspect};
use crate::outbox::queue::{ChannelQueue, InFlight, NEW_CARD_PROBE, after};
use crate::outbox::select::{Choice, SINGLE_CARDS_WITHIN};
use crate::outbox::thread::Remaining;
use crate::outbox::{Attempt, Change, Outbox, Outcome};

/// A card stays if the other channel refused it this often while it accepted others.
const MOST_REFUSALS: u32 = 2;
/// A channel without a fallback is reported after this time.
const REPORTED_AFTER: Duration = Duration::from_mins(15);

/// The destination of a channel's deliveries while it is unavailable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    pub to: String,
    /// How long it must have been unavailable.
    pub after: Duration,
}

/// The channel that an attempt was meant for, and since when it has been unavailable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsteadOf {
    pub channel: String,
    pub since: Timestamp,
}

impl Outbox {
    /// Offers the next delivery of a channel that has been unavailable for long enough to its
    /// fallback. The fallback's own deliveries go first.
    pub(crate) fn attempt_elsewhere(&mut self, now: Timestamp) -> Option<Attempt> {
        for (name, fallback) in &self.fallbacks {
            let queue = self.queues.get(name);
            if queue.and_then(|queue| queue.diverts_at(fallback)).is_none_or(|at| at > now) {
                continue;
            }
            // Taken out, so that both can be changed.
            let Some(mut other) = self.queues.remove(&fallback.to) else { continue };
            let queue = self.queues.get_mut(name);
            let attempt = queue.and_then(|queue| queue.attempt_by(now, &mut other, name, fallback));
            self.queues.insert(fallback.to.clone(), other);
            if attempt.is_some() {
                return attempt;
            }
        }
        None
    }

    /// When a delivery may be offered to a fallback.
    pub(crate) fn next_elsewhere(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.fallbacks.iter().filter_map(|(name, fallback)| {
            let diverts = self.queues.get(name)?.diverts_at(fallback)?;
            let free = self.queues.get(&fallback.to)?.free_at()?;
            Some(diverts.max(free).max(now))
        });
        at.min()
    }

    /// Applies the outcome of an attempt by a fallback.
    pub(crate) fn apply_elsewhere(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
        to: &str,
        outcome: Outcome,
    ) -> Option<Change> {
        let proves = match self.queues.get_mut(to) {
            Some(other) => other.came_back(now, id, &outcome),
            None => false,
        };
        self.in_flight(id)?.apply_to_diverted(now, to, outcome, proves)
    }

    /// Channels that have become unavailable, each once for an outage: its name and since when.
    pub fn take_unavailable(&mut self, now: Timestamp) -> Vec<(String, Timestamp)> {
        let mut found = Vec::new();
        for (name, queue) in &mut self.queues {
            let wait = self.fallbacks.get(name).map_or(REPORTED_AFTER, |fallback| fallback.after);
            if queue.report_at(wait).is_some_and(|at| at <= now)
                && let Some(since) = queue.unavailable_since
            {
                queue.is_reported = true;
                found.push((name.clone(), since));
            }
        }
        found
    }

    /// Channels that accept no cards: the name, since when, and when each may be tried again;
    /// `None` if it was deleted.
    pub fn failing(&self) -> impl Iterator<Item = (&str, Timestamp, Option<Timestamp>)> {
        // One that was not asked since the restart may be back.
        let known = self.queues.iter().filter(|(_, it)| !it.is_unconfigured() && !it.may_be_back());
        known.filter_map(|(name, queue)| {
            let since = queue.unavailable_since?;
            let next = queue.rest_until.unwrap_or(since);
            Some((name.as_str(), since, (!queue.health.is_gone).then_some(next)))
        })
    }

    /// When [`Self::take_unavailable`] next returns a channel.
    pub fn next_unavailable(&self) -> Option<Timestamp> {
        let at = self.queues.iter().filter_map(|(name, queue)| {
            let wait = self.fallbacks.get(name).map_or(REPORTED_AFTER, |fallback| fallback.after);
            queue.report_at(wait)
        });
        at.min()
    }
}

impl ChannelQueue {
    /// Whether it works, or nothing was tried since the restart.
    fn may_be_back(&self) -> bool {
        self.health.is_well() || self.last_attempt.is_none()
    }

    /// After a restart, its fallback waits for its first attempt, if it was unavailable for long enough.
    pub(crate) fn try_soon(&mut self, now: Timestamp, fallback: &Fallback) {
        if self.unavailable_since.is_some_and(|since| after(since, fallback.after) <= now) {
            self.rest_until = self.rest_until.min(Some(after(now, NEW_CARD_PROBE)));
        }
    }

    /// Records a failure of the channel.
    pub(crate) fn note_unavailable(&mut self, now: Timestamp) {
        self.unavailable_since.get_or_insert(now);
    }

    fn report_at(&self, wait: Duration) -> Option<Timestamp> {
        let since = self.unavailable_since.filter(|_| !self.is_reported && !self.may_be_back())?;
        Some(after(since, wait))
    }

    /// The time from which its deliveries may go elsewhere; `None` if they cannot.
    fn diverts_at(&self, fallback: &Fallback) -> Option<Timestamp> {
        if self.is_unconfigured() || self.in_flight.is_some() || self.may_be_back() {
            return None;
        }
        self.firsts(&fallback.to).next()?;
        let since = self.unavailable_since?;
        // A channel that is gone does not come back by itself.
        Some(if self.health.is_gone { since } else { after(since, fallback.after) })
    }

    /// The first cards of incidents that the channel `to` may send in place of this one.
    fn firsts<'a>(&'a self, to: &'a str) -> impl Iterator<Item = (u64, &'a Queued)> {
        // Those of incidents that rest, too: only their own channel lets them rest.
        let all = self.backlog.firsts();
        // What only a root is still to show is known.
        let is_sent = move |(_, card): &(u64, &Queued)| {
            card.pending.remaining != Remaining::Root && card.pending.may_leave_through(to)
        };
        let cards = all.filter_map(move |number| self.backlog.of_incident(number).find(is_sent));
        cards.filter(|(_, card)| card.refusals_elsewhere < MOST_REFUSALS)
    }

    /// Whether a card that the fallback accepted is still to be shown in the root of its thread,
    /// which may not exist yet. A card with only its reply left is already shown, perhaps with
    /// later ones.
    fn is_left_to_show(&self, number: u64) -> bool {
        let pending = self.backlog.card(number).map(|card| &card.pending);
        self.threads.is_some()
            && pending.is_some_and(|it| {
                it.form == Form::Card
                    && it.fingerprint.is_some()
                    && it.remaining != Remaining::Reply
            })
    }

    /// When it can send a card of another channel, unless an outcome changes that.
    fn free_at(&self) -> Option<Timestamp> {
        if self.is_unconfigured() || self.in_flight.is_some() || self.is_lent || self.health.is_gone
        {
            return None;
        }
        Some(self.rest_until.unwrap_or(Timestamp::MIN))
    }

    fn attempt_by(
        &mut self,
        now: Timestamp,
        other: &mut Self,
        name: &str,
        fallback: &Fallback,
    ) -> Option<Attempt> {
        if other.free_at()? > now {
            return None;
        }
        let since = self.unavailable_since?;
        let n_free =
            other.bucket.as_ref().map_or(usize::MAX, |it| it.within(now, SINGLE_CARDS_WITHIN));
        let choice = self.choose_elsewhere(&fallback.to, n_free, now)?;
        if let Some(bucket) = &mut other.bucket
            && let Err(free) = bucket.take(now)
        {
            other.rest_until = Some(free);
            return None;
        }
        let attempt = match choice {
            Choice::Card(number) => self.attempt_one(number),
            Choice::Digest(firsts) => self.attempt_digest(&firsts, Some(&fallback.to), now),
        }?;
        other.is_lent = true;
        self.via = Some(fallback.to.clone());
        let instead_of = Some(InsteadOf { channel: name.to_owned(), since });
        Some(Attempt { channel: fallback.to.clone(), instead_of, ..attempt })
    }

    /// One by one if the other channel can send all of them soon enough, otherwise as a digest;
    /// critical cards first, and never in a digest with others.
    fn choose_elsewhere(&self, to: &str, n_free: usize, now: Timestamp) -> Option<Choice> {
        let (mut critical, mut lesser) = (Vec::new(), Vec::new());
        for (number, card) in self.firsts(to) {
            let is_critical = self.backlog.urgency(number) == Urgency::Critical;
            let all = if is_critical { &mut critical } else { &mut lesser };
            all.push((self.rank(number), number, card.pending.form));
        }
        let mut all = if critical.is_empty() { lesser } else { critical };
        all.sort_unstable_by_key(|(rank, ..)| *rank);
        let first = all.first()?.1;
        let most = self.limit.unwrap_or(usize::MAX);
        if all.len() <= n_free || most < 2 {
            return Some(Choice::Card(first));
        }
        // A digest of an earlier version cannot be a member of another digest.
        let cards = all.iter().filter(|(.., form)| *form == Form::Card);
        let cards = cards.map(|(_, number, _)| *number);
        // The root of a thread is still to show what the other channel says.
        let cards = cards.filter(|number| !self.has_thread(*number, now));
        let together: Vec<u64> = cards.take(NAMED.min(most)).collect();
        Some(if together.len() < 2 { Choice::Card(first) } else { Choice::Digest(together) })
    }

    /// Records what an attempt with a card of another channel shows about this one. Returns whether
    /// a refusal was that card's fault: this channel accepts others.
    fn came_back(&mut self, now: Timestamp, id: &DeliveryId, outcome: &Outcome) -> bool {
        /// No card of its own has this number.
        const STRANGER: Suspect = Suspect::Card(0);
        self.is_lent = false;
        let failure = match outcome {
            Outcome::Accepted { .. } => {
                self.accepted(now, STRANGER);
                return false;
            }
            Outcome::TooLarge { .. } => return true,
            Outcome::Rejected { .. } | Outcome::Refused { .. }
                if self.health.accepted_recently(now) =>
            {
                return true;
            }
            Outcome::Rejected { .. } | Outcome::Refused { .. } => FailureCause::Refused,
            Outcome::Retry { after, pause, unsure, .. } => {
                self.drain(now, *pause);
                let after = *after;
                if *pause {
                    FailureCause::Busy { after }
                } else {
                    FailureCause::Passing { after, unsure: *unsure }
                }
            }
            Outcome::Unreached { .. } => FailureCause::Unreached,
            Outcome::Unavailable { .. } => FailureCause::Off,
            Outcome::Gone { .. } => FailureCause::Gone,
        };
        self.note_unavailable(now);
        let wait = self.health.failed(STRANGER, id, failure);
        self.rest_until = Some(after(now, wait));
        false
    }

    /// Applies the outcome of an attempt by the channel `to`, which shows nothing about this
    /// channel.
    fn apply_to_diverted(
        &mut self,
        now: Timestamp,
        to: &str,
        outcome: Outcome,
        is_its_fault: bool,
    ) -> Option<Change> {
        self.via = None;
        let flight = self.in_flight.take()?;
        let (why, unsure) = match outcome {
            Outcome::Accepted { receipt } => {
                self.note_fallback(now, to, &flight, true);
                match flight {
                    InFlight::Card { number, .. } if self.is_left_to_show(number) => {
                        return Some(self.known_elsewhere(number, receipt));
                    }
                    InFlight::Card { number, .. } => self.backlog.remove(number),
                    InFlight::Digest { members, unread, .. } => {
                        for number in members {
                            self.backlog.remove(number);
                        }
                        self.add_unread(unread);
                    }
                }
                return Some(Change::Accepted { receipt });
            }
            Outcome::Retry { why, unsure, .. } => (why, unsure),
            Outcome::Unreached { why }
            | Outcome::Unavailable { why }
            | Outcome::Gone { why }
            | Outcome::Refused { why }
            | Outcome::TooLarge { why }
            | Outcome::Rejected { why } => (why, false),
        };
        if unsure {
            self.note_fallback(now, to, &flight, false);
        }
        let why = format!("through the channel {to}: {why}");
        match flight {
            InFlight::Card { number, .. } => {
                self.backlog.change(number, |card| {
                    card.pending.attempts = card.pending.attempts.saturating_add(1);
                    card.pending.possible_repeat |= unsure;
                    if is_its_fault {
                        card.refusals_elsewhere += u32::from(card.pending.use_plain);
                        card.pending.use_plain = true;
                    }
                });
                Some(self.later(number, now, Duration::ZERO, why))
            }
            InFlight::Digest { members, n_incidents, .. } => {
                if is_its_fault {
                    self.limit = Some(n_incidents / 2);
                }
                for number in members {
                    self.backlog.change(number, |card| card.pending.possible_repeat |= unsure);
                }
                Some(Change::Dissolved { possible_repeat: unsure, why })
            }
        }
    }
}
