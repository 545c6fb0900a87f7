//! Pure. Decides which delivery may leave next (severity, pace, back-off, bad cards, bad channels) and applies what became of it.
//!
//! ```text
//!          add                  next                    apply: accepted
//! (pending) ─────▶ waiting ─────────────────▶ in flight ─────────────────▶ (delivered)
//!                 ▲  ▲                        │   │  apply: refused, also as plain card, while
//!                 │  └── apply: later, plain ─┘   └─── the channel takes others ──▶ (dead)
//!               restore, in flight when we died: possible repeat
//! ```
//!
//! Nothing is ever dropped: a delivery ends as delivered, alone or in a digest, or as dead with
//! its reason. A digest is only a way of leaving: its members stay deliveries until it is taken.

mod backlog;
mod backoff;
mod digest;
mod evidence;
mod health;
mod pace;
mod queue;
mod select;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::{Delivery, Form, Reason};
use crate::detection::Severity;
use crate::outbox::queue::ChannelQueue;

pub use crate::outbox::digest::{DigestCounts, Group, NAMED, Row, Unread};
pub use crate::outbox::pace::Pace;

/// What became of one attempt. `channels` decides it, this room applies it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Taken by the channel. `receipt` is what an administrator searches for (a run id).
    Accepted { receipt: Option<String> },
    /// A failure that may pass (5xx, 429, no answer): the same bytes may go later. `pause` says
    /// that the whole channel asked for quiet; `unsure` that the card may have been taken all the
    /// same (no answer in time).
    Retry { after: Option<Duration>, pause: bool, unsure: bool, why: String },
    /// No connection: the card never left, so that it cannot be to blame.
    Unreached { why: String },
    /// The channel says itself that it is switched off or gone.
    Unavailable { why: String },
    /// Refused (3xx, 401, 403, 404, 407, 410): the card or the channel is to blame, and only
    /// another card can tell.
    Refused { why: String },
    /// Too large (413): send a smaller card once.
    TooLarge { why: String },
    /// These bytes will not be taken (400): the card leaves as plain card next.
    Rejected { why: String },
}

/// A delivery that waits, without its bytes: those stay in the state file until it departs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub id: String,
    pub channel: String,
    pub severity: Severity,
    /// The incident that it belongs to; empty if nobody knows.
    pub fingerprint: String,
    pub reason: Reason,
    pub form: Form,
    pub created: Timestamp,
    /// How often it was tried by itself.
    pub attempts: u32,
    /// Not before this time.
    pub next_at: Option<Timestamp>,
    /// How long the wait until `next_at` was meant to be, whatever the clock does.
    pub wait: Duration,
    /// The rich card was refused: send the plain one.
    pub use_plain: bool,
    /// An earlier attempt may have been taken without our knowing.
    pub possible_repeat: bool,
    /// When it was last refused, if it may be to blame.
    pub refused: Option<Timestamp>,
}

impl Pending {
    /// A delivery that was never tried.
    pub fn new(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.clone(),
            channel: delivery.channel.clone(),
            severity: delivery.severity,
            fingerprint: delivery.fingerprint.clone(),
            reason: delivery.reason,
            form: delivery.form,
            created: delivery.created,
            attempts: 0,
            next_at: None,
            wait: Duration::ZERO,
            use_plain: false,
            possible_repeat: false,
            refused: None,
        }
    }
}

/// One card that leaves now. Whoever takes it owes an [`Outbox::apply`] or
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
    /// It is a digest of these; else the delivery with this id.
    pub group: Option<Group>,
}

/// What one outcome means for a delivery, to be stored before anything else leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Change {
    /// Taken by the channel.
    Accepted { receipt: Option<String> },
    /// Tried again after `wait`, not before `next_at`.
    Later {
        next_at: Timestamp,
        wait: Duration,
        use_plain: bool,
        possible_repeat: bool,
        /// When it was last refused, if it may be to blame.
        refused: Option<Timestamp>,
        why: String,
    },
    /// A digest was not taken: its members are pending again.
    Dissolved { possible_repeat: bool, why: String },
    /// Set aside: the channel refuses the plain card too, and takes others.
    Dead { why: String },
}

impl Change {
    /// The name under which this is counted.
    pub fn counter(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "delivery.accepted",
            Self::Later { .. } | Self::Dissolved { .. } => "delivery.retried",
            Self::Dead { .. } => "delivery.dead",
        }
    }
}

/// The pending deliveries of all channels.
///
/// Invariants: at most one card in flight for each channel; the deliveries of one incident leave
/// in the order in which they were added; between incidents the more severe leaves first, then
/// the older; no channel gets cards faster than its pace; no card is dead unless its channel took
/// another one between two refusals of it.
#[derive(Debug)]
pub struct Outbox {
    queues: BTreeMap<String, ChannelQueue>,
    /// The latest time seen, to notice a clock that was put back.
    latest: Option<Timestamp>,
}

impl Outbox {
    /// An empty outbox. A channel without a pace (a local folder) takes everything at once.
    pub fn new(channels: BTreeMap<String, Option<Pace>>) -> Self {
        let queues =
            channels.into_iter().map(|(name, pace)| (name, ChannelQueue::new(pace))).collect();
        Self { queues, latest: None }
    }

    /// Takes over what was pending before a restart, and primes each pace with the sends of the
    /// last minutes: another burst right after a restart would break the channel's limit. Sends
    /// in the future are of a clock that was put back since, and count as if they were of now.
    pub fn restore(
        &mut self,
        pending: Vec<Pending>,
        recent_sends: &[(String, Timestamp)],
        now: Timestamp,
    ) {
        self.observe(now);
        let mut sends: Vec<_> =
            recent_sends.iter().map(|(channel, at)| (channel, (*at).min(now))).collect();
        sends.sort_by_key(|(_, at)| *at);
        for (channel, at) in sends {
            if let Some(queue) = self.queues.get_mut(channel) {
                queue.sent_earlier(at);
            }
        }
        for one in pending {
            self.queue(&one.channel.clone()).restore(one, now);
        }
    }

    /// Queues new deliveries. One that already waits is not queued twice.
    pub fn add(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.queue(&delivery.channel).add(Pending::new(&delivery), delivery.created);
        }
    }

    /// Returns one card that may leave now; call it until it returns `None`.
    pub fn next(&mut self, now: Timestamp) -> Option<Departure> {
        self.observe(now);
        self.queues.values_mut().find_map(|queue| queue.depart(now))
    }

    /// Applies what became of a departure. `None` if no such card is in flight.
    pub fn apply(&mut self, now: Timestamp, id: &str, outcome: Outcome) -> Option<Change> {
        self.observe(now);
        self.in_flight(id)?.apply(now, outcome)
    }

    /// The incidents of which, since the last call, a channel got no readable card.
    pub fn take_unread(&mut self) -> Vec<Unread> {
        self.queues.values_mut().flat_map(ChannelQueue::take_unread).collect()
    }

    /// Takes a departure back without an outcome: the state says that it was settled before.
    pub fn withdraw(&mut self, id: &str) {
        if let Some(queue) = self.in_flight(id) {
            queue.withdraw();
        }
    }

    /// When [`Self::next`] is worth calling again, if nothing else happens before.
    pub fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        self.queues.values().filter_map(|queue| queue.next_wakeup(now)).min()
    }

    /// Channels with pending cards that are no longer configured, with the number of cards. They
    /// wait until the channel is back.
    pub fn stranded(&self) -> impl Iterator<Item = (&str, usize)> {
        let stranded = self.queues.iter().filter(|(_, queue)| queue.is_stranded());
        stranded.map(|(name, queue)| (name.as_str(), queue.n_pending()))
    }

    /// How many deliveries wait or are in flight.
    pub fn n_pending(&self) -> usize {
        self.queues.values().map(ChannelQueue::n_pending).sum()
    }

    fn queue(&mut self, channel: &str) -> &mut ChannelQueue {
        self.queues.entry(channel.to_owned()).or_insert_with(ChannelQueue::stranded)
    }

    fn in_flight(&mut self, id: &str) -> Option<&mut ChannelQueue> {
        self.queues.values_mut().find(|queue| queue.is_in_flight(id))
    }

    /// A clock that was put back must not hold cards until it has caught up again.
    fn observe(&mut self, now: Timestamp) {
        if let Some(latest) = self.latest
            && let Ok(back) = Duration::try_from(latest.duration_since(now))
            && !back.is_zero()
        {
            self.queues.values_mut().for_each(|queue| queue.turn_back(back));
        }
        self.latest = Some(now);
    }
}
