//! Pure. One channel's queue: who is next, and until when everybody waits.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::outbox::backoff::{self, LONGEST_ASKED};
use crate::outbox::pace::{Bucket, Pace};
use crate::outbox::{Change, DIGEST, Departure, Outcome, Owed};

/// After so many straight failures the circuit opens: single probes, with a rest between them.
const CIRCUIT_AFTER: u32 = 5;
const CIRCUIT_REST: Duration = Duration::from_mins(1);
/// What the pace brings within this time leaves as single cards; at the default pace, eight.
const GOOD_TIME: Duration = Duration::from_mins(1);
/// From this attempt on, every other one carries the plain card: a channel that fails on the
/// rich card alone must not hold up all that wait behind it.
const PLAIN_FROM: u32 = 10;

#[derive(Debug)]
pub(super) struct Lane {
    /// In order; the first is the one that leaves next.
    waiting: VecDeque<Owed>,
    in_flight: Option<Owed>,
    /// Nobody leaves before this time: a pause, an open circuit, an empty bucket.
    rest_until: Option<Timestamp>,
    /// Straight failures of the channel, whichever delivery met them.
    failures: u32,
    bucket: Option<Bucket>,
    /// The channel is not configured.
    stranded: bool,
}

impl Lane {
    pub(super) fn new(pace: Option<Pace>) -> Self {
        Self {
            waiting: VecDeque::new(),
            in_flight: None,
            rest_until: None,
            failures: 0,
            bucket: pace.map(Bucket::new),
            stranded: false,
        }
    }

    /// The lane of a channel that is not configured: it only keeps.
    pub(super) fn stranded() -> Self {
        Self { stranded: true, ..Self::new(None) }
    }

    pub(super) fn is_stranded(&self) -> bool {
        self.stranded && !self.waiting.is_empty()
    }

    pub(super) fn n_waiting(&self) -> usize {
        self.waiting.len() + usize::from(self.in_flight.is_some())
    }

    pub(super) fn is_flying(&self, id: &str) -> bool {
        self.in_flight.as_ref().is_some_and(|owed| owed.id == id)
    }

    pub(super) fn add(&mut self, owed: Owed) {
        let known = self.is_flying(&owed.id) || self.waiting.iter().any(|one| one.id == owed.id);
        if !known {
            self.waiting.push_back(owed);
        }
    }

    /// A send of an earlier life counts against the pace.
    pub(super) fn sent_earlier(&mut self, at: Timestamp) {
        if let Some(bucket) = &self.bucket {
            bucket.take(at).ok();
        }
    }

    pub(super) fn depart(&mut self, now: Timestamp) -> Option<Departure> {
        if self.due(now)? > now {
            return None;
        }
        if let Some(bucket) = &self.bucket
            && let Err(free) = bucket.take(now)
        {
            self.rest_until = Some(free);
            return None;
        }
        let owed = self.waiting.pop_front()?;
        let departure = Departure {
            id: owed.id.clone(),
            channel: owed.channel.clone(),
            use_plain: owed.use_plain || owed.tries_plain(),
            possible_repeat: owed.possible_repeat,
        };
        self.in_flight = Some(owed);
        Some(departure)
    }

    /// The deliveries that a digest should replace. A channel without a pace has no crowd.
    pub(super) fn crowd(&self, now: Timestamp) -> Option<Vec<String>> {
        let in_good_time = self.bucket.as_ref()?.pace.within(GOOD_TIME);
        self.due(now).filter(|due| *due <= now)?;
        let single = self.waiting.iter().filter(|owed| owed.may_join_a_digest());
        let ids: Vec<String> = single.map(|owed| owed.id.clone()).collect();
        (ids.len() > in_good_time).then_some(ids)
    }

    pub(super) fn replace(&mut self, ids: &[String], digest: Owed) {
        let gone: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let is_gone = |owed: &Owed| gone.contains(owed.id.as_str());
        let Some(place) = self.waiting.iter().position(is_gone) else { return };
        self.waiting.retain(|owed| !is_gone(owed));
        self.waiting.insert(place, digest);
    }

    pub(super) fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        self.due(now)
    }

    pub(super) fn fold(&mut self, now: Timestamp, outcome: Outcome) -> Option<Change> {
        let mut owed = self.in_flight.take()?;
        owed.attempts = owed.attempts.saturating_add(1);
        let change = match outcome {
            Outcome::Accepted { receipt } => {
                self.failures = 0;
                return Some(Change::Accepted { receipt });
            }
            Outcome::TooLarge { why } | Outcome::Rejected { why } => {
                self.failures = 0;
                if owed.use_plain {
                    return Some(Change::Dead { why });
                }
                owed.later(now, true, why)
            }
            Outcome::Retry { after, pause, unsure, why } => {
                owed.possible_repeat |= unsure;
                let next_at = self.failed(now, &owed, after, pause);
                owed.later(next_at, false, why)
            }
            Outcome::Unavailable { probe, why } => {
                self.failures = self.failures.saturating_add(1);
                self.rest_until = Some(after(now, probe));
                // Stored as due at once: a restart with a mended URL must not wait for the probe.
                owed.later(now, false, why)
            }
        };
        self.waiting.push_front(owed);
        Some(change)
    }

    /// Settled behind our back: the channel simply goes on with the next.
    pub(super) fn withdraw(&mut self) {
        self.in_flight = None;
    }

    pub(super) fn turn_back(&mut self, by: Duration) {
        let earlier = |at: &mut Timestamp| *at = at.saturating_sub(by).unwrap_or(Timestamp::MIN);
        self.rest_until.iter_mut().for_each(earlier);
        self.waiting.iter_mut().filter_map(|owed| owed.next_at.as_mut()).for_each(earlier);
        self.bucket.iter_mut().for_each(|bucket| bucket.turn_back(by));
    }

    /// When the first in the queue may leave, `now` at the earliest; `None` if nobody can.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        if self.stranded || self.in_flight.is_some() {
            return None;
        }
        let first = self.waiting.front()?;
        first.next_at.max(self.rest_until).max(Some(now))
    }

    /// One more failure of the channel; returns when to try again.
    fn failed(
        &mut self,
        now: Timestamp,
        owed: &Owed,
        asked: Option<Duration>,
        pause: bool,
    ) -> Timestamp {
        self.failures = self.failures.saturating_add(1);
        let mut wait = backoff::wait(&owed.id, owed.attempts, asked);
        if self.failures >= CIRCUIT_AFTER {
            wait = wait.max(CIRCUIT_REST);
        }
        if pause && let Some(bucket) = &self.bucket {
            bucket.drain(now);
        }
        let next_at = after(now, wait);
        self.rest_until = Some(next_at);
        next_at
    }
}

impl Owed {
    /// A time in the state file that lies beyond every wait we choose comes from a clock that
    /// was put back since.
    pub(super) fn no_later_than(mut self, now: Timestamp) -> Self {
        self.next_at = self.next_at.map(|at| at.min(after(now, LONGEST_ASKED)));
        self
    }

    fn may_join_a_digest(&self) -> bool {
        self.attempts == 0 && !self.possible_repeat && !self.id.starts_with(DIGEST)
    }

    fn tries_plain(&self) -> bool {
        self.attempts >= PLAIN_FROM && self.attempts.is_multiple_of(2)
    }

    fn later(&mut self, next_at: Timestamp, plain: bool, why: String) -> Change {
        self.next_at = Some(next_at);
        self.use_plain |= plain;
        let (use_plain, possible_repeat) = (self.use_plain, self.possible_repeat);
        Change::Later { next_at, use_plain, possible_repeat, why }
    }
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    now.saturating_add(wait).unwrap_or(Timestamp::MAX)
}
