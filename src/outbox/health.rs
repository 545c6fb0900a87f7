//! Pure. Whether a channel is healthy, and whether the card or the channel caused a refusal.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::outbox::backoff;

/// Time from the first refusal to an attempt with another card.
const FIRST_PROBE: Duration = Duration::from_secs(15);
/// Times between the probes of a channel that refused two cards; then one each hour.
const PROBES: [Duration; 3] =
    [Duration::from_mins(1), Duration::from_mins(5), Duration::from_mins(15)];
pub(crate) const LAST_PROBE: Duration = Duration::from_hours(1);
/// Longest time between probes of a flow that is switched off, which can be switched on at any
/// time.
const LAST_PROBE_OFF: Duration = Duration::from_mins(15);
/// After this many consecutive failures, at most one attempt per minute.
const CIRCUIT_AFTER: u32 = 5;
const CIRCUIT_REST: Duration = Duration::from_mins(1);
/// A channel that accepted a card within this time is healthy.
const RECENT: Duration = Duration::from_mins(5);
/// If this many other suspected cards were refused, the channel is more likely to blame.
const MOST_SUSPECTS: usize = 3;

/// The sender of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suspect {
    Card(u64),
    /// A digest of this many incidents.
    Digest(usize),
}

/// Who is to blame for the failures since the channel last accepted a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Blame {
    /// No failure that a card could be to blame for.
    #[default]
    None,
    /// Only this card or digest was refused.
    One(Suspect),
    /// Several were refused: the channel is bad.
    Channel,
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureCause {
    /// A permanent refusal: 3xx, 4xx.
    Refused,
    /// 5xx or no answer. `unsure`: the card may have arrived.
    Passing { after: Option<Duration>, unsure: bool },
    /// The channel asked for a pause (429).
    Busy { after: Option<Duration> },
    /// No connection: the card was never sent.
    Unreached,
    /// The channel reports that it is switched off.
    Off,
    /// The channel reports that it was deleted.
    Gone,
}

#[derive(Debug, Default)]
pub(crate) struct ChannelHealth {
    /// Consecutive failures of any card.
    pub(crate) failures: u32,
    /// Consecutive permanent refusals.
    refusals: u32,
    pub(crate) blame: Blame,
    /// Whether each attempt uses another card, because a refused card may be to blame.
    pub(crate) doubts_cards: bool,
    /// Whether the card of the last failed attempt may have arrived.
    pub(crate) unsure: bool,
    /// Whether the channel reports that it was deleted: it is not probed.
    pub(crate) is_gone: bool,
    last_accepted: Option<Timestamp>,
    /// Suspected cards that were refused since then.
    suspects: Vec<u64>,
}

impl ChannelHealth {
    pub(crate) fn is_well(&self) -> bool {
        self.failures == 0
    }

    /// Whether a card was accepted recently and nothing has failed since except suspected cards,
    /// few of them besides this one.
    pub(crate) fn is_proven(&self, now: Timestamp, number: u64) -> bool {
        let others = self.suspects.iter().filter(|one| **one != number).count();
        self.accepted_recently(now) && others < MOST_SUSPECTS
    }

    /// Whether a card was accepted recently and nothing has failed since except suspected cards.
    pub(crate) fn accepted_recently(&self, now: Timestamp) -> bool {
        let recent = |at: Timestamp| now.duration_since(at).unsigned_abs() <= RECENT;
        self.is_well() && self.last_accepted.is_some_and(recent)
    }

    /// Records the refusal of a suspected card.
    pub(crate) fn suspect_failed(&mut self, number: u64) {
        if !self.suspects.contains(&number) {
            self.suspects.push(number);
        }
    }

    /// Records that a card was accepted; returns the previous health.
    pub(crate) fn accepted(&mut self, now: Timestamp) -> Self {
        std::mem::replace(self, Self { last_accepted: Some(now), ..Self::default() })
    }

    /// Starts in doubt: deliveries were tried before the restart and failed for an unknown reason.
    pub(crate) fn begin_in_doubt(&mut self) {
        self.failures = self.failures.max(1);
        self.doubts_cards = true;
        self.blame = Blame::Channel;
    }

    pub(crate) fn turn_back(&mut self, by: Duration) {
        if let Some(at) = &mut self.last_accepted {
            *at = at.saturating_sub(by).unwrap_or(Timestamp::MIN);
        }
    }

    /// Records a failure; returns how long the channel rests.
    pub(crate) fn failed(&mut self, suspect: Suspect, id: &str, failure: FailureCause) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.unsure = matches!(failure, FailureCause::Passing { unsure: true, .. });
        match failure {
            FailureCause::Refused => {
                self.blame(suspect);
                self.refusals = self.refusals.saturating_add(1);
                probe_after(self.refusals, LAST_PROBE)
            }
            FailureCause::Passing { after, .. } => {
                self.blame(suspect);
                self.back_off(id, after, backoff::LONGEST)
            }
            FailureCause::Busy { after } => self.back_off(id, after, backoff::LONGEST_ASKED),
            FailureCause::Unreached => self.back_off(id, None, backoff::LONGEST),
            FailureCause::Gone => {
                self.blame = Blame::Channel;
                self.is_gone = true;
                Duration::MAX
            }
            FailureCause::Off => {
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
            Blame::None => Blame::One(suspect),
            Blame::One(one) if one == suspect => self.blame,
            // Most likely a card of that digest, and possibly the one that the digest was refused
            // for.
            Blame::One(Suspect::Digest(_)) if matches!(suspect, Suspect::Card(_)) => {
                self.refusals = 0;
                Blame::One(suspect)
            }
            Blame::One(_) => {
                // Restart the probe intervals: until now, only single cards were in doubt.
                self.refusals = self.refusals.min(1);
                Blame::Channel
            }
            Blame::Channel => Blame::Channel,
        };
    }
}

pub(crate) fn probe_after(refusals: u32, last: Duration) -> Duration {
    match refusals {
        0 | 1 => FIRST_PROBE,
        n => PROBES.get(n as usize - 2).copied().unwrap_or(LAST_PROBE).min(last),
    }
}
