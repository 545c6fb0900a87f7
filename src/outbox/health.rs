//! Pure. Whether a channel is well, and whether a refusal is the card's fault or the channel's.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::outbox::backoff;

/// After the first refusal, another card is tried so soon.
const FIRST_PROBE: Duration = Duration::from_secs(15);
/// A channel that refused two cards is asked again after these times, then each hour.
const PROBES: [Duration; 3] =
    [Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(15)];
pub(super) const LAST_PROBE: Duration = Duration::from_hours(1);
/// A flow that is switched off comes back when somebody switches it on.
const LAST_PROBE_OFF: Duration = Duration::from_mins(15);
/// After so many straight failures, no more than one attempt a minute.
const CIRCUIT_AFTER: u32 = 5;
const CIRCUIT_REST: Duration = Duration::from_mins(1);
/// A channel that took a card so recently is well.
const RECENT: Duration = Duration::from_mins(5);
/// If more suspected cards than this are refused in a row, it is rather the channel.
const MOST_SUSPECTS: usize = 3;

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suspect {
    Card(u64),
    /// A digest of so many incidents.
    Digest(usize),
}

/// What the failures since the channel last took a card say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Blame {
    /// Nothing failed for which a card could be to blame.
    #[default]
    Nobody,
    /// Only this one was refused.
    One(Suspect),
    /// Several were refused: the channel is bad.
    Channel,
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// A refusal that will not pass by itself: 3xx, 4xx.
    Refused,
    /// 5xx or no answer. `unsure`: the card may have arrived.
    Passing { after: Option<Duration>, unsure: bool },
    /// The channel asked for quiet (429).
    Busy { after: Option<Duration> },
    /// No connection: the card never left.
    Unreached,
    /// The channel says that it is switched off.
    Off,
}

#[derive(Debug, Default)]
pub(super) struct Health {
    /// Straight failures, whichever card met them.
    pub(super) failures: u32,
    /// Straight refusals that do not pass by themselves.
    refusals: u32,
    pub(super) blame: Blame,
    /// Each attempt takes another card: one that was refused may be to blame.
    pub(super) doubts_cards: bool,
    /// The last failure may have delivered its card.
    pub(super) unsure: bool,
    last_accepted: Option<Timestamp>,
    /// Suspected cards that were refused since then.
    suspects: Vec<u64>,
}

impl Health {
    pub(super) fn is_well(&self) -> bool {
        self.failures == 0
    }

    /// Whether a card was taken a short time ago and nothing failed since but suspected cards,
    /// few of them, with this one.
    pub(super) fn is_proven(&self, now: Timestamp, number: u64) -> bool {
        let others = self.suspects.iter().filter(|one| **one != number).count();
        self.took_lately(now) && others < MOST_SUSPECTS
    }

    /// Whether a card was taken a short time ago and nothing failed since but suspected cards.
    pub(super) fn took_lately(&self, now: Timestamp) -> bool {
        let recent = |at: Timestamp| now.duration_since(at).unsigned_abs() <= RECENT;
        self.is_well() && self.last_accepted.is_some_and(recent)
    }

    /// A suspected card was refused.
    pub(super) fn suspect_failed(&mut self, number: u64) {
        if !self.suspects.contains(&number) {
            self.suspects.push(number);
        }
    }

    /// A card was taken; returns how the time before was.
    pub(super) fn accepted(&mut self, now: Timestamp) -> Self {
        std::mem::replace(self, Self { last_accepted: Some(now), ..Self::default() })
    }

    /// What was pending at the start had been tried before, nobody knows why it failed.
    pub(super) fn begin_in_doubt(&mut self) {
        self.failures = self.failures.max(1);
        self.doubts_cards = true;
        self.blame = Blame::Channel;
    }

    pub(super) fn turn_back(&mut self, by: Duration) {
        if let Some(at) = &mut self.last_accepted {
            *at = at.saturating_sub(by).unwrap_or(Timestamp::MIN);
        }
    }

    /// One more failure; returns how long the channel rests.
    pub(super) fn failed(&mut self, suspect: Suspect, id: &str, failure: Failure) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.unsure = matches!(failure, Failure::Passing { unsure: true, .. });
        match failure {
            Failure::Refused => {
                self.blame(suspect);
                self.refusals = self.refusals.saturating_add(1);
                probe_after(self.refusals, LAST_PROBE)
            }
            Failure::Passing { after, .. } => {
                self.blame(suspect);
                self.back_off(id, after, backoff::LONGEST)
            }
            Failure::Busy { after } => self.back_off(id, after, backoff::LONGEST_ASKED),
            Failure::Unreached => self.back_off(id, None, backoff::LONGEST),
            Failure::Off => {
                self.blame = Blame::Channel;
                self.refusals = self.refusals.saturating_add(1).max(2);
                probe_after(self.refusals, LAST_PROBE_OFF)
            }
        }
    }

    fn back_off(&self, id: &str, asked: Option<Duration>, longest: Duration) -> Duration {
        let wait = backoff::wait(id, self.failures, asked, longest);
        if self.failures >= CIRCUIT_AFTER { wait.max(CIRCUIT_REST) } else { wait }
    }

    fn blame(&mut self, suspect: Suspect) {
        self.doubts_cards = true;
        self.blame = match self.blame {
            Blame::Nobody => Blame::One(suspect),
            Blame::One(one) if one == suspect => self.blame,
            // A card of that digest, most probably: it may be what the digest was refused for.
            Blame::One(Suspect::Digest(_)) if matches!(suspect, Suspect::Card(_)) => {
                self.refusals = 0;
                Blame::One(suspect)
            }
            Blame::One(_) => {
                // Only now it is the channel that waits.
                self.refusals = self.refusals.min(1);
                Blame::Channel
            }
            Blame::Channel => Blame::Channel,
        };
    }
}

pub(super) fn probe_after(refusals: u32, last: Duration) -> Duration {
    match refusals {
        0 | 1 => FIRST_PROBE,
        n => PROBES.get(n as usize - 2).copied().unwrap_or(LAST_PROBE).min(last),
    }
}
