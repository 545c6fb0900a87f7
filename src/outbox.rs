//! Pure. Decides which delivery may leave next (order, back-off, pace, circuit) and folds in what became of it.
//!
//! ```text
//!          add                 next                    fold: accepted
//!  (owed) ─────▶ waiting ─────────────────▶ in flight ─────────────────▶ (sent)
//!                 ▲  ▲                        │   │  fold: refused, also as plain card
//!                 │  └── fold: later, plain ──┘   └───────────────────▶ (dead letter)
//!               restore, in flight when we died: possible repeat
//! ```
//!
//! Nothing is ever dropped: a delivery ends as sent or as a dead letter with its reason.

mod backoff;
mod lane;
mod pace;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::Delivery;
use crate::outbox::lane::Lane;

pub use crate::outbox::pace::Pace;

/// What became of one attempt. `deliver` decides it, this room folds it in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Taken by the channel. `receipt` is what an administrator searches for (a run id).
    Accepted { receipt: Option<String> },
    /// Passing trouble: the same bytes may go later. `pause` says that the whole channel asked
    /// for quiet; `unsure` that the card may have been taken all the same (no answer in time).
    Retry { after: Option<Duration>, pause: bool, unsure: bool, why: String },
    /// The channel itself is refused or gone (401, 403, 404, 410, flow off): keep everything,
    /// ask again after `probe`.
    Unavailable { probe: Duration, why: String },
    /// Too large (413): send a smaller card once.
    TooLarge { why: String },
    /// These bytes will never be taken (400): send the plain card once, then set it aside.
    Rejected { why: String },
}

/// A delivery that waits, without its bytes: those stay in the state file until it departs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    pub id: String,
    pub channel: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Not before this time.
    pub next_at: Option<Timestamp>,
    /// The rich card was refused: send the plain one.
    pub use_plain: bool,
    /// An earlier attempt may have been taken without our knowing.
    pub possible_repeat: bool,
}

impl Owed {
    /// A delivery that was never tried.
    pub fn new(id: impl Into<String>, channel: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            channel: channel.into(),
            attempts: 0,
            next_at: None,
            use_plain: false,
            possible_repeat: false,
        }
    }
}

/// One delivery that leaves now. Whoever takes it owes a [`Outbox::fold`] or
/// [`Outbox::withdraw`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Departure {
    pub id: String,
    pub channel: String,
    /// Send the plain card instead of the rich one.
    pub use_plain: bool,
    /// The card should say that it may be a repeat.
    pub possible_repeat: bool,
}

/// More deliveries of one channel than its pace can bring in good time: to be said as one digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crowd {
    pub channel: String,
    /// In order. They were never tried and no digest is among them.
    pub ids: Vec<String>,
}

impl Crowd {
    /// The id of the delivery that says them all: a delivery is crowded only once, so it is
    /// unique.
    pub fn digest_id(&self) -> String {
        let first = self.ids.first().map_or(self.channel.as_str(), String::as_str);
        format!("{DIGEST}{first}")
    }
}

/// What the id of a digest begins with.
const DIGEST: &str = "digest-";

/// What one outcome means for a delivery, to be stored before anything else leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Change {
    /// Taken by the channel.
    Accepted { receipt: Option<String> },
    /// Tried again, not before `next_at`.
    Later { next_at: Timestamp, use_plain: bool, possible_repeat: bool, why: String },
    /// Set aside: the channel refuses the plain card, too.
    Dead { why: String },
}

impl Change {
    /// The name under which this is counted.
    pub fn counter(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "delivery.accepted",
            Self::Later { .. } => "delivery.retried",
            Self::Dead { .. } => "delivery.dead",
        }
    }
}

/// The deliveries that are owed, in order for each channel.
///
/// Invariants: at most one delivery in flight for each channel; a channel's deliveries leave in
/// the order in which they were added; no delivery leaves faster than its channel's pace.
#[derive(Debug)]
pub struct Outbox {
    lanes: BTreeMap<String, Lane>,
    /// The latest time seen, to notice a clock that was put back.
    latest: Option<Timestamp>,
}

impl Outbox {
    /// An empty outbox. A channel without a pace (a local folder) takes everything at once.
    pub fn new(channels: BTreeMap<String, Option<Pace>>) -> Self {
        let lanes = channels.into_iter().map(|(name, pace)| (name, Lane::new(pace))).collect();
        Self { lanes, latest: None }
    }

    /// Takes over what was owed before a restart, and primes each pace with the sends of the
    /// last minutes: another burst right after a restart would break the channel's limit.
    pub fn restore(
        &mut self,
        owed: Vec<Owed>,
        recent_sends: &[(String, Timestamp)],
        now: Timestamp,
    ) {
        self.observe(now);
        let mut sends: Vec<_> = recent_sends.iter().filter(|(_, at)| *at <= now).collect();
        sends.sort_by_key(|(_, at)| *at);
        for (channel, at) in sends {
            if let Some(lane) = self.lanes.get_mut(channel) {
                lane.sent_earlier(*at);
            }
        }
        for one in owed {
            self.lane(&one.channel.clone()).add(one.no_later_than(now));
        }
    }

    /// Queues new deliveries. One that already waits is not queued twice.
    pub fn add(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let lane = self.lane(&delivery.channel);
            lane.add(Owed::new(delivery.id, delivery.channel));
        }
    }

    /// Returns deliveries that should become one digest before [`Self::next`] is asked: a channel
    /// could send now, and more wait for it than its pace brings within a minute. Whoever takes it stores the digest in
    /// the place of its deliveries, then calls [`Self::replace`]; or leaves it, and they leave
    /// one by one.
    pub fn crowd(&self, now: Timestamp) -> Option<Crowd> {
        self.lanes.iter().find_map(|(channel, lane)| {
            let ids = lane.crowd(now)?;
            Some(Crowd { channel: channel.clone(), ids })
        })
    }

    /// Puts a digest where its first delivery stood.
    pub fn replace(&mut self, crowd: &Crowd, digest: &Delivery) {
        let owed = Owed::new(&digest.id, &digest.channel);
        self.lane(&crowd.channel).replace(&crowd.ids, owed);
    }

    /// Returns one delivery that may leave now; call it until it returns `None`.
    pub fn next(&mut self, now: Timestamp) -> Option<Departure> {
        self.observe(now);
        self.lanes.values_mut().find_map(|lane| lane.depart(now))
    }

    /// Folds in what became of a departure. `None` if no such delivery is in flight.
    pub fn fold(&mut self, now: Timestamp, id: &str, outcome: Outcome) -> Option<Change> {
        self.observe(now);
        self.flying(id)?.fold(now, outcome)
    }

    /// Takes a departure back without an outcome: the state says that it was settled before.
    pub fn withdraw(&mut self, id: &str) {
        if let Some(lane) = self.flying(id) {
            lane.withdraw();
        }
    }

    /// When [`Self::next`] is worth calling again, if nothing else happens before.
    pub fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        self.lanes.values().filter_map(|lane| lane.next_wakeup(now)).min()
    }

    /// Channels that are owed cards and no longer configured, with the number of cards. They
    /// wait until the channel is back.
    pub fn stranded(&self) -> impl Iterator<Item = (&str, usize)> {
        let stranded = self.lanes.iter().filter(|(_, lane)| lane.is_stranded());
        stranded.map(|(name, lane)| (name.as_str(), lane.n_waiting()))
    }

    /// How many deliveries wait or are in flight.
    pub fn n_owed(&self) -> usize {
        self.lanes.values().map(Lane::n_waiting).sum()
    }

    fn lane(&mut self, channel: &str) -> &mut Lane {
        self.lanes.entry(channel.to_owned()).or_insert_with(Lane::stranded)
    }

    fn flying(&mut self, id: &str) -> Option<&mut Lane> {
        self.lanes.values_mut().find(|lane| lane.is_flying(id))
    }

    /// A clock that was put back must not hold cards until it has caught up again.
    fn observe(&mut self, now: Timestamp) {
        if let Some(latest) = self.latest
            && let Ok(back) = Duration::try_from(latest.duration_since(now))
            && !back.is_zero()
        {
            self.lanes.values_mut().for_each(|lane| lane.turn_back(back));
        }
        self.latest = Some(now);
    }
}
