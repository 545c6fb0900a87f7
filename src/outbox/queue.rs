//! Pure. One channel's queue: the next delivery, how long to rest, and the effect of an outcome.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::ids::DeliveryId;
use crate::outbox::backlog::{Backlog, Queued, Series};
use crate::outbox::evidence::AcceptedCards;
use crate::outbox::fallback_notices::{FallbackNotices, Redundant};
use crate::outbox::health::{Blame, ChannelHealth, FailureCause, LAST_PROBE, Suspect, probe_after};
use crate::outbox::pace::{Bucket, Pace};
use crate::outbox::select::Choice;
use crate::outbox::thread::{Remaining, Thread, ThreadAnswer, ThreadWrite, Threads};
use crate::outbox::{Attempt, Change, Outcome, Pending, Unread, Waiting};

/// Transient refusals (5xx, no answer) of a suspected card before its plain form is sent. One
/// permanent refusal is enough.
const PASSING_STRIKES: u32 = 2;
/// Transient refusals of the plain form before the card is dead.
const PASSING_PLAIN_REFUSALS: u32 = 3;
/// Additional refusals for each card that the channel accepted after refusing it on its own (a
/// flake), up to `MOST_FLAKES`.
const REFUSALS_PER_FLAKE: u32 = 2;
const MOST_FLAKES: u32 = 5;
/// Flakes are forgotten if there was no new one for this long.
const FLAKES_FORGOTTEN: Duration = Duration::from_hours(1);
/// Time to the next attempt of a suspected card after a transient refusal.
const SECOND_CHANCE: Duration = Duration::from_secs(15);
/// After the first refusal, the probe with another pending card comes within this time, whatever
/// pause the channel requests.
const LATEST_PROBE: Duration = Duration::from_secs(30);
/// From this many attempts of one card on, a 429 may be the card's fault.
const BUSY_STRIKES: u32 = 3;
/// While a channel is bad and only refused cards are pending, a new card triggers a probe at most
/// this often.
pub(crate) const NEW_CARD_PROBE: Duration = Duration::from_mins(1);
/// Maximum number of digests for what is pending after an outage.
const DIGESTS_AFTER_OUTAGE: usize = 5;

#[derive(Debug)]
pub(crate) struct ChannelQueue {
    pub(crate) backlog: Backlog,
    pub(crate) in_flight: Option<InFlight>,
    /// The fallback that makes the attempt in flight.
    pub(crate) via: Option<String>,
    /// Whether a card of another channel is in flight here.
    pub(crate) is_lent: bool,
    /// Since when it has accepted nothing.
    pub(crate) unavailable_since: Option<Timestamp>,
    /// When it last accepted a card before the restart.
    pub(crate) accepted_before: Option<Timestamp>,
    /// Whether that was reported.
    pub(crate) is_reported: bool,
    /// Nothing is sent before this time: a pause, a bad channel, or an empty bucket.
    pub(crate) rest_until: Option<Timestamp>,
    pub(crate) health: ChannelHealth,
    taken: AcceptedCards,
    pub(crate) bucket: Option<Bucket>,
    /// The threads of its incidents, in a channel that has any.
    pub(crate) threads: Option<Threads>,
    /// Maximum number of incidents in a digest, because a larger digest was refused.
    pub(crate) limit: Option<usize>,
    /// Number of digests left for what is pending after an outage.
    pub(crate) digests_left: Option<usize>,
    pub(crate) last_attempt: Option<Timestamp>,
    /// Number of recent flakes: cards that were accepted after they were refused on their own.
    flakes: u32,
    last_flake: Option<Timestamp>,
    unread: Vec<Unread>,
    /// Deliveries that are not sent, because people already have their content.
    pub(crate) redundant: Vec<Redundant>,
    pub(crate) fallback_notices: FallbackNotices,
    /// The channel is not configured.
    stranded: bool,
}

#[derive(Debug)]
pub(crate) enum InFlight {
    Card {
        id: DeliveryId,
        number: u64,
        /// The message that it writes, in a channel with threads.
        write: Option<ThreadWrite>,
        /// The previous state of its thread.
        before: Option<Box<Thread>>,
    },
    Digest {
        id: DeliveryId,
        members: Vec<u64>,
        n_incidents: usize,
        unread: Vec<Unread>,
    },
}

impl InFlight {
    fn id(&self) -> &DeliveryId {
        match self {
            Self::Card { id, .. } | Self::Digest { id, .. } => id,
        }
    }
}

impl ChannelQueue {
    pub(crate) fn new(pace: Option<Pace>) -> Self {
        Self {
            backlog: Backlog::default(),
            in_flight: None,
            via: None,
            is_lent: false,
            unavailable_since: None,
            accepted_before: None,
            is_reported: false,
            rest_until: None,
            health: ChannelHealth::default(),
            taken: AcceptedCards::default(),
            bucket: pace.map(Bucket::new),
            threads: None,
            limit: None,
            digests_left: None,
            last_attempt: None,
            flakes: 0,
            last_flake: None,
            unread: Vec::new(),
            redundant: Vec::new(),
            fallback_notices: FallbackNotices::default(),
            stranded: false,
        }
    }

    /// The queue of a channel that is not configured: it holds deliveries and sends none.
    pub(crate) fn stranded() -> Self {
        Self { stranded: true, ..Self::new(None) }
    }

    pub(crate) fn is_unconfigured(&self) -> bool {
        self.stranded
    }

    pub(crate) fn n_pending(&self) -> usize {
        self.backlog.len()
    }

    pub(crate) fn waiting(&self) -> Waiting {
        Waiting { n: self.backlog.len(), oldest: self.backlog.oldest() }
    }

    pub(crate) fn add_unread(&mut self, unread: Vec<Unread>) {
        self.unread.extend(unread);
    }

    pub(crate) fn take_unread(&mut self) -> Vec<Unread> {
        std::mem::take(&mut self.unread)
    }

    pub(crate) fn is_in_flight(&self, id: &DeliveryId) -> bool {
        self.in_flight.as_ref().is_some_and(|flight| flight.id() == id)
    }

    /// Drops a pending card.
    pub(crate) fn drop_waiting(&mut self, id: &DeliveryId) {
        if let Some(number) = self.backlog.number(id).filter(|_| !self.is_in_flight(id)) {
            let unread = self.backlog.card(number).and_then(|card| Unread::of(&[&card.pending]));
            self.unread.extend(unread);
            self.backlog.remove(number);
        }
    }

    /// Queues a delivery. A new card is a useful probe if only refused cards were pending.
    pub(crate) fn add(&mut self, pending: Pending, since: Timestamp) {
        // A channel that is gone is not probed.
        if !self.backlog.has_fresh() && self.in_flight.is_none() && !self.health.is_gone {
            let probe = match self.health.blame {
                Blame::None => self.rest_until,
                Blame::One(_) => None,
                Blame::Channel => self.last_attempt.map(|at| after(at, NEW_CARD_PROBE)),
            };
            self.rest_until = self.rest_until.min(probe);
        }
        self.line_up(pending, since);
    }

    fn line_up(&mut self, pending: Pending, since: Timestamp) {
        let (id, counterpart) = (pending.id.clone(), self.fallback_notices.counterpart(&pending));
        self.backlog.add(pending, since);
        if let (Some(counterpart), Some(number)) = (counterpart, self.backlog.number(&id)) {
            self.backlog.change(number, |card| card.counterpart = Some(counterpart));
        }
    }

    /// Queues a delivery that was dead. If a later one of its incident is pending, the root shows
    /// that one, and this is a reply.
    pub(crate) fn retry(&mut self, mut pending: Pending, since: Timestamp) {
        let is_later = |(_, card): (u64, &Queued)| card.pending.created > pending.created;
        let has_later = self.backlog.of(&Series::of(&pending)).any(is_later);
        if self.threads.is_some() && has_later {
            pending.remaining = Remaining::Reply;
        }
        self.add(pending, since);
    }

    /// Restores a delivery from before the restart. Its wait continues, but never exceeds the
    /// intended wait, whatever the clock did since.
    pub(crate) fn restore(&mut self, mut pending: Pending, now: Timestamp) {
        if pending.remaining == Remaining::Root && self.threads.is_none() && !self.stranded {
            // The channel had threads before: people know it, and there is no root to show it.
            self.redundant.push(Redundant { id: pending.id, via: None });
            return;
        }
        if pending.attempts > 0 {
            self.health.begin_in_doubt();
            // The earliest time that is known: the outage did not begin with the restart.
            let created = pending.created.max(self.accepted_before.unwrap_or(pending.created));
            let created = created.min(now);
            self.unavailable_since =
                Some(self.unavailable_since.map_or(created, |since| since.min(created)));
            self.digests_left = Some(DIGESTS_AFTER_OUTAGE);
        }
        if let Some(next_at) = pending.next_at {
            let longest = after(now, pending.wait);
            self.rest_until = self.rest_until.max(Some(next_at.min(longest)));
        }
        // A refusal in the future comes from a clock that was set back, and is ignored.
        pending.refused = pending.refused.filter(|at| *at <= now);
        let since = pending.created.min(now);
        self.line_up(pending, since);
    }

    /// The channel was replaced: earlier refusals no longer count, and nothing waits for it.
    pub(crate) fn replaced(&mut self, pace: Option<Pace>) {
        self.rest_until = None;
        self.unavailable_since = None;
        self.is_reported = false;
        self.health = ChannelHealth::default();
        self.taken = AcceptedCards::default();
        if pace.is_some() != self.bucket.is_some() {
            self.bucket = pace.map(Bucket::new);
        }
        for card in self.backlog.cards_mut() {
            card.forgive();
        }
    }

    /// Charges the pace with a send from before the restart.
    pub(crate) fn sent_earlier(&mut self, at: Timestamp) {
        if let Some(bucket) = &mut self.bucket {
            bucket.take(at).ok();
        }
    }

    pub(crate) fn next_attempt(&mut self, now: Timestamp) -> Option<Attempt> {
        self.backlog.wake(now);
        self.drop_redundant(now);
        if self.due(now)? > now {
            return None;
        }
        let choice = self.choose(now)?;
        if let Some(bucket) = &mut self.bucket
            && let Err(free) = bucket.take(now)
        {
            self.rest_until = Some(free);
            return None;
        }
        self.last_attempt = Some(now);
        match choice {
            Choice::Card(number) => {
                let attempt = self.attempt_one(number)?;
                Some(self.in_thread(now, attempt))
            }
            Choice::Digest(firsts) => self.attempt_digest(&firsts, None, now),
        }
    }

    pub(crate) fn attempt_one(&mut self, number: u64) -> Option<Attempt> {
        let pending = &self.backlog.card(number)?.pending;
        let id = pending.id.clone();
        self.in_flight = Some(InFlight::Card { id, number, write: None, before: None });
        Some(Attempt {
            id: pending.id.clone(),
            channel: pending.channel.clone(),
            instead_of: None,
            use_plain: pending.use_plain,
            possible_repeat: pending.possible_repeat,
            group: None,
            thread: None,
        })
    }

    pub(crate) fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        self.due(now)
    }

    /// When a card can be sent, `now` at the earliest; `None` if there is none.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.stranded || self.in_flight.is_some() || self.is_lent || self.backlog.is_empty() {
            return None;
        }
        let any_card = !self.health.is_well() || self.backlog.has_fresh();
        let rested = self.backlog.next_rested();
        let first = match (any_card, self.backlog.has_ready()) {
            (_, false) => Some(rested?),
            (true, true) => None,
            (false, true) => {
                let tried = self.backlog.tried().map(|(_, card)| card.due).min()?;
                // What is ready now waits for no other.
                tried.map(|due| rested.map_or(due, |rested| rested.min(due)))
            }
        };
        first.max(self.rest_until).max(Some(now))
    }

    pub(crate) fn apply(
        &mut self,
        now: Timestamp,
        outcome: Outcome,
        answer: ThreadAnswer,
    ) -> Option<Change> {
        match self.in_flight.take()? {
            InFlight::Card { id, number, write: None, .. } => {
                Some(self.apply_to_card(now, &id, number, outcome))
            }
            InFlight::Card { id, number, write: Some(write), before } => {
                let written = (&write, before);
                Some(self.apply_in_thread(now, (&id, number), written, (outcome, answer)))
            }
            InFlight::Digest { id, members, n_incidents, unread } => {
                let change = self.apply_to_digest(now, &id, &members, n_incidents, outcome);
                if matches!(change, Change::Accepted { .. }) {
                    self.unread.extend(unread);
                }
                Some(change)
            }
        }
    }

    pub(crate) fn apply_to_card(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
        number: u64,
        outcome: Outcome,
    ) -> Change {
        let mut attempts = 0;
        self.backlog.change(number, |card| {
            card.pending.attempts = card.pending.attempts.saturating_add(1);
            card.due = None;
            attempts = card.pending.attempts;
        });
        let was_plain = self.backlog.card(number).is_some_and(|card| card.pending.use_plain);
        let (failure, why) = match outcome {
            Outcome::Accepted { receipt } => {
                self.note_flake(now, number);
                self.accepted(now, Suspect::Card(number));
                self.note_own(&[number]);
                self.backlog.remove(number);
                return Change::Accepted { receipt };
            }
            Outcome::TooLarge { why } if !was_plain => {
                // Certainly the card's fault; the next attempt sends the plain card.
                self.backlog.change(number, |card| card.pending.use_plain = true);
                return self.later(number, now, Duration::ZERO, why.text);
            }
            Outcome::Rejected { why } => {
                self.backlog.change(number, |card| card.pending.use_plain = true);
                (FailureCause::Refused, why)
            }
            Outcome::TooLarge { why } | Outcome::Refused { why } => (FailureCause::Refused, why),
            Outcome::Retry { after, pause, unsure, why } => {
                self.backlog.change(number, |card| card.pending.possible_repeat |= unsure);
                if unsure {
                    self.note_own(&[number]);
                }
                let busy = pause && attempts < BUSY_STRIKES;
                self.drain(now, pause);
                let passing = FailureCause::Passing { after, unsure };
                (if busy { FailureCause::Busy { after } } else { passing }, why)
            }
            Outcome::Unreached { why } => (FailureCause::Unreached, why),
            Outcome::Unavailable { why } => (FailureCause::Off, why),
            Outcome::Gone { why } => (FailureCause::Gone, why),
        };
        // A timeout is the channel's fault: a card that may have arrived is never dead.
        let is_refusal =
            matches!(failure, FailureCause::Refused | FailureCause::Passing { unsure: false, .. });
        if is_refusal {
            self.note_refusal(now, number, failure);
            if self.is_suspect(number) && self.health.is_proven(now, number) {
                return self.judge(now, number, failure, why.text);
            }
        }
        self.note_unavailable(now);
        let wait = self.health.failed(Suspect::Card(number), id, failure);
        let wait = self.until_probe(wait);
        self.rest_until = Some(after(now, wait));
        let after_restart = match failure {
            // After a restart with a corrected URL, no card should wait for the probe.
            FailureCause::Refused | FailureCause::Off | FailureCause::Gone => Duration::ZERO,
            FailureCause::Passing { .. } => wait.min(LATEST_PROBE),
            FailureCause::Busy { .. } | FailureCause::Unreached => wait,
        };
        self.later(number, now, after_restart, why.text)
    }

    /// How long the channel rests after a failure; shorter if another card can show who is to
    /// blame.
    pub(crate) fn until_probe(&self, wait: Duration) -> Duration {
        let can_tell = matches!(self.health.blame, Blame::One(_)) && self.backlog.has_fresh();
        if can_tell { wait.min(LATEST_PROBE) } else { wait }
    }

    fn is_suspect(&self, number: u64) -> bool {
        self.backlog.card(number).is_some_and(|card| card.is_suspect)
    }

    fn note_refusal(&mut self, now: Timestamp, number: u64, failure: FailureCause) {
        let period = self.bucket.as_ref().map_or(Duration::ZERO, |bucket| bucket.pace.own_period());
        let taken = self.taken;
        self.backlog.change(number, |card| {
            card.refused_for_good = failure == FailureCause::Refused;
            card.failed = true;
            card.evidence.refused(now, taken, period);
            card.pending.refused = Some(now);
        });
    }

    /// Handles another refusal of a suspected card by a channel that accepts others. It shows
    /// nothing about the channel, so no other card waits.
    fn judge(&mut self, now: Timestamp, number: u64, failure: FailureCause, why: String) -> Change {
        let needed =
            if failure == FailureCause::Refused { 1 } else { self.plain_refusals_needed(now) };
        let (mut is_blamed, mut is_dead) = (false, false);
        self.backlog.change(number, |card| {
            is_blamed = card.evidence.is_blamed(now);
            card.plain_refusals += u32::from(is_blamed && card.pending.use_plain);
            is_dead = is_blamed && card.plain_refusals >= needed;
        });
        if is_dead {
            let unread = self.backlog.card(number).and_then(|card| Unread::of(&[&card.pending]));
            self.unread.extend(unread);
            self.backlog.remove(number);
            return Change::Dead { why };
        }
        self.health.suspect_failed(number);
        if is_blamed {
            self.strike(now, number);
        } else {
            self.spare(now, number);
        }
        self.later(number, now, Duration::ZERO, why)
    }

    /// The refusal may also be the beginning of an outage: the card is tried again after another is
    /// accepted, and ever less often if none is.
    fn spare(&mut self, now: Timestamp, number: u64) {
        self.backlog.change(number, |card| {
            card.n_spared = card.n_spared.saturating_add(1);
            card.due = Some(after(now, probe_after(card.n_spared, LAST_PROBE)));
        });
    }

    /// Number of refusals until the card is dead; higher if the channel recently refused cards at
    /// random.
    fn plain_refusals_needed(&self, now: Timestamp) -> u32 {
        let recent = |at: Timestamp| now.duration_since(at).unsigned_abs() <= FLAKES_FORGOTTEN;
        let flakes = if self.last_flake.is_some_and(recent) { self.flakes } else { 0 };
        PASSING_PLAIN_REFUSALS + REFUSALS_PER_FLAKE * flakes.min(MOST_FLAKES)
    }

    /// Records a flake: the channel accepted a card that it had refused on its own.
    fn note_flake(&mut self, now: Timestamp, number: u64) {
        let alone = self.health.blame == Blame::One(Suspect::Card(number));
        let struck = self.backlog.card(number).is_some_and(|card| card.strikes > 0);
        let is_passing = self.backlog.card(number).is_some_and(|card| !card.refused_for_good);
        if (alone || struck) && is_passing {
            let forgotten = self.plain_refusals_needed(now) == PASSING_PLAIN_REFUSALS;
            self.flakes = if forgotten { 1 } else { self.flakes.saturating_add(1) };
            self.last_flake = Some(now);
        }
    }

    pub(crate) fn later(
        &mut self,
        number: u64,
        now: Timestamp,
        wait: Duration,
        why: String,
    ) -> Change {
        let pending = self.backlog.card(number).map(|card| &card.pending);
        Change::Later {
            next_at: after(now, wait),
            wait,
            use_plain: pending.is_some_and(|pending| pending.use_plain),
            possible_repeat: pending.is_some_and(|pending| pending.possible_repeat),
            refused: pending.and_then(|pending| pending.refused),
            why,
        }
    }

    /// Records that the channel is healthy. If only one card was refused before, that card is to
    /// blame.
    pub(crate) fn accepted(&mut self, now: Timestamp, taken: Suspect) {
        self.unavailable_since = None;
        self.is_reported = false;
        let before = self.health.accepted(now);
        self.taken.add(now);
        self.rest_until = None;
        self.limit = self.limit.map(|limit| limit.saturating_mul(2).max(1)).filter(|n| *n < 10_000);
        self.suspect_failed_cards(now, taken);
        match before.blame {
            Blame::One(suspect) if suspect == taken => {}
            Blame::One(Suspect::Digest(n_incidents)) => self.limit = Some(n_incidents / 2),
            Blame::One(Suspect::Card(number)) => self.strike(now, number),
            // It is still unknown whether the channel or each of these cards is to blame.
            Blame::None | Blame::Channel => {}
        }
        if before.failures > 1 {
            self.digests_left = Some(DIGESTS_AFTER_OUTAGE);
        } else if self.backlog.n_lesser() <= 1 {
            self.digests_left = None;
        }
    }

    /// Records that the channel accepted another card after it refused this one.
    fn strike(&mut self, now: Timestamp, number: u64) {
        self.backlog.change(number, |card| {
            card.strikes += 1;
            card.failed = false;
            card.is_suspect = true;
            let wait = if card.refused_for_good { Duration::ZERO } else { SECOND_CHANCE };
            card.due = Some(after(now, wait));
            let is_bad = card.refused_for_good && card.evidence.is_recent(now);
            card.pending.use_plain |= is_bad || card.strikes >= PASSING_STRIKES;
        });
    }

    /// Several cards that are always refused look like an outage. If one of them is refused again
    /// while the channel accepts others, it is to blame.
    fn suspect_failed_cards(&mut self, now: Timestamp, taken: Suspect) {
        let failed = self.backlog.tried().filter(|(_, card)| card.failed);
        let failed: Vec<u64> = failed.map(|(number, _)| number).collect();
        for number in failed.into_iter().filter(|number| Suspect::Card(*number) != taken) {
            self.backlog.change(number, |card| {
                card.failed = false;
                card.is_suspect = true;
                card.due = Some(now);
            });
        }
    }

    pub(crate) fn drain(&mut self, now: Timestamp, pause: bool) {
        if pause && let Some(bucket) = &mut self.bucket {
            bucket.drain(now);
        }
    }

    /// Drops the card in flight, which was settled elsewhere; the queue continues with the next.
    pub(crate) fn withdraw(&mut self, now: Timestamp) {
        match self.in_flight.take() {
            Some(InFlight::Card { number, write, before, .. }) => {
                if let Some(write) = write {
                    self.forget_root(now, (number, &write), before);
                }
                self.backlog.remove(number);
            }
            Some(InFlight::Digest { members, .. }) => {
                for number in members {
                    self.backlog.remove(number);
                }
            }
            None => {}
        }
    }

    pub(crate) fn turn_back(&mut self, by: Duration) {
        let earlier = |at: &mut Timestamp| *at = at.saturating_sub(by).unwrap_or(Timestamp::MIN);
        self.rest_until.iter_mut().for_each(earlier);
        self.last_attempt.iter_mut().for_each(earlier);
        self.last_flake.iter_mut().for_each(earlier);
        self.unavailable_since.iter_mut().for_each(earlier);
        for card in self.backlog.cards_mut() {
            earlier(&mut card.since);
            card.due.iter_mut().for_each(earlier);
            card.evidence.turn_back(by);
        }
        self.backlog.turn_back(earlier);
        self.fallback_notices.turn_back(earlier);
        self.health.turn_back(by);
        self.taken.turn_back(by);
        self.bucket.iter_mut().for_each(|bucket| bucket.turn_back(by));
    }
}

pub(crate) fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
