//! Pure. Whether a card's refusals are its own fault, or the fault of an outage.

use std::time::Duration;

use crate::clock::Timestamp;

/// Two outages are never this close together: if a card is refused, another one accepted, and the
/// card refused again within this time, the card is to blame.
const BETWEEN_OUTAGES: Duration = Duration::from_mins(5);
/// On a quiet channel, accepted cards are far apart. A refusal this soon after one may be the
/// beginning of an outage, but not `COINCIDENCES` times.
const AT_ONCE: Duration = Duration::from_secs(30);
const COINCIDENCES: u32 = 3;

/// What a channel has accepted since the program started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AcceptedCards {
    n: u64,
    at: Option<Timestamp>,
}

impl AcceptedCards {
    pub(crate) fn add(&mut self, now: Timestamp) {
        *self = Self { n: self.n.saturating_add(1), at: Some(now) };
    }

    pub(crate) fn turn_back(&mut self, by: Duration) {
        earlier(&mut self.at, by);
    }
}

/// Refusals of one card that may be its own fault.
#[derive(Debug, Default)]
pub(crate) struct RefusalEvidence {
    refused: Option<Timestamp>,
    /// Number of cards that the channel had accepted by then.
    taken: u64,
    coincidences: u32,
    blamed: Option<Timestamp>,
}

impl RefusalEvidence {
    /// Restores the last refusal from before the restart.
    pub(crate) fn restore(refused: Option<Timestamp>) -> Self {
        Self { refused, ..Self::default() }
    }

    /// Records a refusal by a channel that has accepted `taken` and sends one card per `period`.
    pub(crate) fn refused(&mut self, now: Timestamp, taken: AcceptedCards, period: Duration) {
        let others_since = taken.n > self.taken;
        let at_once = AT_ONCE.max(period.saturating_mul(2));
        if others_since && taken.at.is_some_and(|at| within(now, at, at_once)) {
            self.coincidences = self.coincidences.saturating_add(1);
        }
        let is_again = others_since && self.is_recent(now);
        if is_again || self.coincidences >= COINCIDENCES {
            self.blamed = Some(now);
        }
        (self.refused, self.taken) = (Some(now), taken.n);
    }

    /// Whether it was refused recently.
    pub(crate) fn is_recent(&self, now: Timestamp) -> bool {
        self.refused.is_some_and(|at| within(now, at, BETWEEN_OUTAGES))
    }

    /// Whether it was refused before and after the channel accepted another card, too close
    /// together for two outages.
    pub(crate) fn is_blamed(&self, now: Timestamp) -> bool {
        self.blamed.is_some_and(|at| within(now, at, BETWEEN_OUTAGES))
    }

    pub(crate) fn turn_back(&mut self, by: Duration) {
        earlier(&mut self.refused, by);
        earlier(&mut self.blamed, by);
    }
}

fn within(now: Timestamp, at: Timestamp, time: Duration) -> bool {
    now.duration_since(at).unsigned_abs() <= time
}

fn earlier(at: &mut Option<Timestamp>, by: Duration) {
    if let Some(at) = at {
        *at = at.saturating_sub(by).unwrap_or(Timestamp::MIN);
    }
}
