//! Pure. Decides which delivery is sent next, and applies the outcome of each attempt.
//!
//! ```text
//!          add                  next                    apply: accepted
//! (pending) ─────▶ waiting ─────────────────▶ in flight ─────────────────▶ (delivered)
//!                 ▲  ▲                        │   │  apply: refused, also as plain card, while
//!                 │  └── apply: later, plain ─┘   └─── the channel accepts others ──▶ (dead)
//!               restore, in flight at a crash: possible repeat
//! ```
//!
//! Deliveries are never dropped: each ends as delivered, alone or in a digest, or as dead with its
//! reason. A digest is only a way to send several deliveries: its members stay deliveries until the
//! channel accepts it.

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

/// Result of one attempt. `channels` determines it, this room applies it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Accepted by the channel. `receipt` is what an administrator can search for (a run id).
    Accepted { receipt: Option<String> },
    /// A transient failure (5xx, 429, no answer): the same bytes may be sent again. `pause` means
    /// that the channel asked for a pause; `unsure` means that the card may have arrived (no answer
    /// in time).
    Retry { after: Option<Duration>, pause: bool, unsure: bool, why: String },
    /// No connection: the card was never sent, so it cannot be to blame.
    Unreached { why: String },
    /// The channel reports that it is switched off or gone.
    Unavailable { why: String },
    /// Refused (3xx, 401, 403, 404, 407, 410): the card or the channel is to blame; an attempt with
    /// another card decides.
    Refused { why: String },
    /// Too large (413): send a smaller card once.
    TooLarge { why: String },
    /// The channel cannot accept these bytes (400): the plain card is sent next.
    Rejected { why: String },
}

/// A waiting delivery without its bytes, which stay in the state file until it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub id: String,
    pub channel: String,
    pub severity: Severity,
    /// Fingerprint of its incident; empty if unknown.
    pub fingerprint: String,
    pub reason: Reason,
    pub form: Form,
    pub created: Timestamp,
    /// Number of attempts on its own, not counting digests.
    pub attempts: u32,
    /// Earliest time of the next attempt.
    pub next_at: Option<Timestamp>,
    /// The intended wait until `next_at`, whatever the clock does.
    pub wait: Duration,
    /// The rich card was refused: send the plain one.
    pub use_plain: bool,
    /// An earlier attempt may have arrived unnoticed.
    pub possible_repeat: bool,
    /// When it was last refused, if the card may be to blame.
    pub refused: Option<Timestamp>,
}

impl Pending {
    /// A delivery that has not been tried.
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

/// One card to send now. The caller must follow up with [`Outbox::apply`] or [`Outbox::withdraw`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Departure {
    pub id: String,
    pub channel: String,
    /// Send the plain card instead of the rich one.
    pub use_plain: bool,
    /// The card should say that it may be a repeat.
    pub possible_repeat: bool,
    /// Set if it is a digest of these deliveries; otherwise it is the delivery with this id.
    pub group: Option<Group>,
}

/// What an outcome changes for a delivery; must be stored before anything else is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Change {
    /// Accepted by the channel.
    Accepted { receipt: Option<String> },
    /// To be tried again after `wait`, not before `next_at`.
    Later {
        next_at: Timestamp,
        wait: Duration,
        use_plain: bool,
        possible_repeat: bool,
        /// When it was last refused, if the card may be to blame.
        refused: Option<Timestamp>,
        why: String,
    },
    /// A digest was not accepted: its members are pending again.
    Dissolved { possible_repeat: bool, why: String },
    /// Rejected: the channel refuses the plain card too, but accepts other cards.
    Dead { why: String },
}

impl Change {
    /// The name of the counter for this change.
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
/// Invariants: at most one card is in flight for each channel; the deliveries of one incident are
/// sent in the order in which they were added; between incidents, the more severe goes first, then
/// the older; no channel gets cards faster than its pace; no card is dead unless its channel
/// accepted another card between two refusals of it.
#[derive(Debug)]
pub struct Outbox {
    queues: BTreeMap<String, ChannelQueue>,
    /// The latest time seen, to detect a clock that was set back.
    latest: Option<Timestamp>,
}

impl Outbox {
    /// An empty outbox. A channel without a pace (a local folder) accepts everything at once.
    pub fn new(channels: BTreeMap<String, Option<Pace>>) -> Self {
        let queues =
            channels.into_iter().map(|(name, pace)| (name, ChannelQueue::new(pace))).collect();
        Self { queues, latest: None }
    }

    /// Restores the pending deliveries after a restart, and charges each pace with the sends of the
    /// last minutes: another burst right after a restart would exceed the channel's limit. Sends in
    /// the future come from a clock that was set back, and count as sent now.
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

    /// Queues new deliveries. A delivery that is already queued is not queued again.
    pub fn add(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.queue(&delivery.channel).add(Pending::new(&delivery), delivery.created);
        }
    }

    /// Returns one card to send now; call it until it returns `None`.
    pub fn next(&mut self, now: Timestamp) -> Option<Departure> {
        self.observe(now);
        self.queues.values_mut().find_map(|queue| queue.depart(now))
    }

    /// Applies the outcome of a departure. `None` if no such card is in flight.
    pub fn apply(&mut self, now: Timestamp, id: &str, outcome: Outcome) -> Option<Change> {
        self.observe(now);
        self.in_flight(id)?.apply(now, outcome)
    }

    /// Incidents for which, since the last call, a channel got no readable card.
    pub fn take_unread(&mut self) -> Vec<Unread> {
        self.queues.values_mut().flat_map(ChannelQueue::take_unread).collect()
    }

    /// Withdraws a departure without an outcome, because the state has it settled already.
    pub fn withdraw(&mut self, id: &str) {
        if let Some(queue) = self.in_flight(id) {
            queue.withdraw();
        }
    }

    /// When to call [`Self::next`] again, if nothing else happens before.
    pub fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        self.queues.values().filter_map(|queue| queue.next_wakeup(now)).min()
    }

    /// Channels with pending cards that are no longer configured, with the number of cards. The
    /// cards wait until the channel is configured again.
    pub fn stranded(&self) -> impl Iterator<Item = (&str, usize)> {
        let stranded = self.queues.iter().filter(|(_, queue)| queue.is_stranded());
        stranded.map(|(name, queue)| (name.as_str(), queue.n_pending()))
    }

    /// Number of deliveries that wait or are in flight.
    pub fn n_pending(&self) -> usize {
        self.queues.values().map(ChannelQueue::n_pending).sum()
    }

    fn queue(&mut self, channel: &str) -> &mut ChannelQueue {
        self.queues.entry(channel.to_owned()).or_insert_with(ChannelQueue::stranded)
    }

    fn in_flight(&mut self, id: &str) -> Option<&mut ChannelQueue> {
        self.queues.values_mut().find(|queue| queue.is_in_flight(id))
    }

    /// A clock that was set back must not delay cards until it has caught up.
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
