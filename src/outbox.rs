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

mod attempt_fault;
mod backlog;
mod backoff;
mod digest;
mod evidence;
mod fallback;
mod fallback_notices;
mod health;
mod pace;
mod queue;
mod select;
#[cfg(test)]
mod tests;
mod thread;
mod together;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::{self, Attention, Delivery, Form, Reason};
use crate::detection::Severity;
use crate::ids::{DeliveryId, Fingerprint};
use crate::metrics::{Counter, CounterSet};
use crate::outbox::queue::{ChannelQueue, after};
use crate::outbox::thread::Threads;

pub(crate) use crate::outbox::thread::{BETWEEN_UNANSWERED, BETWEEN_WRITES};

pub use crate::outbox::attempt_fault::{AttemptFault, FaultSource};
pub use crate::outbox::digest::{CauseCounts, DigestCounts, DigestRow, Group, NAMED, Unread};
pub use crate::outbox::fallback::{Fallback, InsteadOf};
pub use crate::outbox::fallback_notices::{FallbackNotice, Redundant};
pub use crate::outbox::pace::Pace;
pub use crate::outbox::thread::{
    Remaining, Thread, ThreadAnswer, ThreadChange, ThreadMessage, ThreadOperation, ThreadWrite,
};

/// Result of one attempt. `channels` determines it, this room applies it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Accepted by the channel. `receipt` is what an administrator can search for (a run id).
    Accepted { receipt: Option<String> },
    /// A transient failure (5xx, 429, no answer): the same bytes may be sent again. `pause` means
    /// that the channel asked for a pause; `unsure` means that the card may have arrived (no answer
    /// in time).
    Retry { after: Option<Duration>, pause: bool, unsure: bool, why: AttemptFault },
    /// No connection: the card was never sent, so it cannot be to blame.
    Unreached { why: AttemptFault },
    /// The channel reports that it is switched off.
    Unavailable { why: AttemptFault },
    /// The channel reports that it was deleted: it never accepts a card again.
    Gone { why: AttemptFault },
    /// Refused (3xx, 401, 403, 404, 407, 410): the card or the channel is to blame; an attempt with
    /// another card decides.
    Refused { why: AttemptFault },
    /// Too large (413): send a smaller card once.
    TooLarge { why: AttemptFault },
    /// The channel cannot accept these bytes (400): the plain card is sent next.
    Rejected { why: AttemptFault },
}

impl Outcome {
    /// Why the channel did not accept the card; `None` if it did.
    pub fn why(&self) -> Option<&str> {
        self.fault().map(|fault| &*fault.text)
    }

    pub fn fault(&self) -> Option<&AttemptFault> {
        match self {
            Self::Accepted { .. } => None,
            Self::Retry { why, .. }
            | Self::Unreached { why }
            | Self::Unavailable { why }
            | Self::Gone { why }
            | Self::Refused { why }
            | Self::TooLarge { why }
            | Self::Rejected { why } => Some(why),
        }
    }
}

/// Channels with pending cards that are not among the configured ones, with the number of cards.
/// The cards wait until the channel is configured again.
pub fn stranded<'p, C>(
    configured: &BTreeMap<String, C>,
    channels_of_pending: impl IntoIterator<Item = &'p str>,
) -> BTreeMap<&'p str, usize> {
    let mut stranded = BTreeMap::new();
    for channel in channels_of_pending {
        if !configured.contains_key(channel) {
            *stranded.entry(channel).or_default() += 1;
        }
    }
    stranded
}

/// A waiting delivery without its bytes, which stay in the state file until it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub id: DeliveryId,
    pub channel: String,
    pub severity: Severity,
    /// Its incident, if it is of one and that is known.
    pub fingerprint: Option<Fingerprint>,
    /// Its cause: deliveries with the same cause form a group in a digest.
    pub cause: String,
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
    pub attention: Attention,
    /// The remaining steps, in a channel with threads.
    pub remaining: Remaining,
    /// Other channels with a delivery of the same notice.
    pub other_channels: Vec<String>,
    /// The channel that it reports as unavailable.
    pub unavailable: Option<String>,
}

impl Pending {
    /// A delivery that has not been tried.
    pub fn new(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.clone(),
            channel: delivery.channel.clone(),
            severity: delivery.severity,
            fingerprint: delivery.fingerprint.clone(),
            cause: delivery.about.cause.clone(),
            reason: delivery.reason,
            form: delivery.form,
            created: delivery.created,
            attempts: 0,
            next_at: None,
            wait: Duration::ZERO,
            use_plain: false,
            possible_repeat: delivery.possible_repeat,
            refused: None,
            attention: delivery.attention,
            remaining: Remaining::at_first(delivery.attention),
            other_channels: Vec::new(),
            unavailable: delivery.about.unavailable.clone(),
        }
    }

    /// Whether another delivery of the same notice goes to this channel.
    pub(crate) fn is_also_in(&self, channel: &str) -> bool {
        self.other_channels.iter().any(|other| other == channel)
    }

    /// Whether the channel may send it in place of its own channel: no other delivery of the same
    /// notice goes there, and it does not report that very channel.
    pub(crate) fn may_leave_through(&self, channel: &str) -> bool {
        !self.is_also_in(channel) && self.unavailable.as_deref() != Some(channel)
    }
}

/// One card to send now. The caller must follow up with [`Outbox::apply`] or [`Outbox::withdraw`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Attempt {
    pub id: DeliveryId,
    /// The channel that sends it: its own, or the fallback of its own.
    pub channel: String,
    /// Its own channel, if a fallback sends it.
    pub instead_of: Option<InsteadOf>,
    /// Send the plain card instead of the rich one.
    pub use_plain: bool,
    /// The card should say that it may be a repeat.
    pub possible_repeat: bool,
    /// Set if it is a digest of these deliveries; otherwise it is the delivery with this id.
    pub group: Option<Group>,
    /// The message that it writes in the thread of its incident, in a channel with threads.
    pub thread: Option<ThreadWrite>,
}

/// The effect of an outcome on a delivery; must be stored before anything else is sent.
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
    /// The root of a thread shows these deliveries.
    Shown {
        /// They are pending until their replies are posted.
        to_reply: Vec<DeliveryId>,
        /// Nothing is left to do for these.
        done: Vec<DeliveryId>,
        /// Number of them that were accepted with this; the fallback had accepted the others.
        n_accepted: u32,
        /// Number of them whose reply was given up.
        given_up: u32,
        /// Number of them whose reply was withdrawn, because the incident is over.
        withdrawn: u32,
        receipt: Option<String>,
    },
    /// The fallback accepted it. It is pending until the root of its thread shows it. Earlier ones in
    /// the same state are done.
    KnownElsewhere { done: Vec<DeliveryId>, receipt: Option<String> },
    /// A digest was not accepted: its members are pending again.
    Dissolved { possible_repeat: bool, why: String },
    /// Rejected: the channel refuses the plain card too, but accepts other cards.
    Dead { why: String },
}

named! {
    /// The result of an attempt to deliver, as it is counted for each channel.
    pub enum DeliveryResult {
        Accepted => "accepted",
        Retried => "retried",
        /// Accepted as a part of a digest.
        Folded => "folded",
        Dead => "dead",
    }
}

impl DeliveryResult {
    /// The counter of this result in all channels.
    pub fn counter(self) -> Counter {
        CounterSet::Deliveries.of(self.name())
    }
}

impl Change {
    /// The result of the attempt.
    pub fn result(&self) -> DeliveryResult {
        match self {
            Self::Accepted { .. } | Self::Shown { .. } | Self::KnownElsewhere { .. } => {
                DeliveryResult::Accepted
            }
            Self::Later { .. } | Self::Dissolved { .. } => DeliveryResult::Retried,
            Self::Dead { .. } => DeliveryResult::Dead,
        }
    }

    /// The number of deliveries for which this result counts.
    pub fn n_results(&self) -> usize {
        match self {
            Self::Shown { n_accepted, .. } => *n_accepted as usize,
            _ => 1,
        }
    }
}

/// The pending and in-flight deliveries of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Number of deliveries.
    pub n: usize,
    /// When the oldest of them was created.
    pub oldest: Option<Timestamp>,
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
    fallbacks: BTreeMap<String, Fallback>,
    /// The latest time seen, to detect a clock that was set back.
    latest: Option<Timestamp>,
}

impl Outbox {
    /// An empty outbox. A channel without a pace (a local folder) accepts everything at once.
    pub fn new(channels: BTreeMap<String, Option<Pace>>) -> Self {
        let queues =
            channels.into_iter().map(|(name, pace)| (name, ChannelQueue::new(pace))).collect();
        Self { queues, fallbacks: BTreeMap::new(), latest: None }
    }

    /// The same with fallbacks, by the name of the channel that they serve.
    #[must_use]
    pub fn with_fallbacks(self, fallbacks: BTreeMap<String, Fallback>) -> Self {
        Self { fallbacks, ..self }
    }

    /// The same with threads in these channels, which share one limit, since it applies to all
    /// flows of one connection. To be called before [`Self::restore`].
    #[must_use]
    pub fn with_threads(mut self, channels: &[String], threads: Vec<Thread>) -> Self {
        for channel in channels {
            let queue = self.queue(channel);
            queue.threads = Some(Threads::default());
            queue.bucket = queue.bucket.take().map(|bucket| bucket.shared_by(channels.len()));
        }
        for thread in threads {
            let queue = self.queues.get_mut(&thread.channel);
            if let Some(threads) = queue.and_then(|queue| queue.threads.as_mut()) {
                threads.restore(thread);
            }
        }
        self
    }

    /// Lets threads rest that were written just before the restart. A write in the future comes
    /// from a clock that was set back.
    pub fn written_before(&mut self, now: Timestamp, operations: &[ThreadOperation]) {
        for operation in operations {
            if let Some(queue) = self.queues.get_mut(&operation.channel) {
                let rest = queue.threads.as_ref().map(|it| it.rest(&operation.fingerprint));
                let until = after(operation.at.min(now), rest.unwrap_or_default());
                queue.backlog.rest_incident(&operation.fingerprint, until);
            }
        }
    }

    /// The threads that changed since the last call.
    pub fn take_threads(&mut self) -> Vec<ThreadChange> {
        let threads = self.queues.iter_mut();
        let threads = threads.filter_map(|(name, queue)| Some((name, queue.threads.as_mut()?)));
        threads.flat_map(|(name, threads)| threads.take_changed(name)).collect()
    }

    /// When each channel last accepted a card, from before the restart: it was not unavailable then.
    /// To be called before [`Self::restore`].
    pub fn accepted_before(&mut self, accepted: &[(String, Timestamp)]) {
        for (channel, at) in accepted {
            if let Some(queue) = self.queues.get_mut(channel) {
                queue.accepted_before = Some(*at);
            }
        }
    }

    /// Since when channels have been unavailable, from before the restart. Nothing may be pending,
    /// because their fallbacks sent it. To be called before [`Self::restore`].
    pub fn unavailable_before(&mut self, unavailable: &[(String, Timestamp)]) {
        for (channel, since) in unavailable {
            if let Some(queue) = self.queues.get_mut(channel) {
                queue.unavailable_since = Some(*since);
            }
        }
    }

    /// Deliveries that are not sent, because people already have their content, since the last
    /// call.
    pub fn take_redundant(&mut self) -> Vec<Redundant> {
        self.queues.values_mut().flat_map(|queue| std::mem::take(&mut queue.redundant)).collect()
    }

    /// Incidents of which a fallback has posted cards in place of their channel since the last call.
    pub fn take_fallback_notices(&mut self) -> Vec<FallbackNotice> {
        self.queues
            .values_mut()
            .flat_map(|queue| std::mem::take(&mut queue.fallback_notices.new))
            .collect()
    }

    /// The same from before the restart. To be called before [`Self::restore`].
    pub fn restore_fallback_notices(&mut self, notices: &[FallbackNotice]) {
        for one in notices {
            if let Some(queue) = self.queues.get_mut(&one.channel) {
                queue.fallback_notices.restore(one.clone());
            }
        }
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
        for (name, fallback) in &self.fallbacks {
            if let Some(queue) = self.queues.get_mut(name) {
                queue.try_soon(now, fallback);
            }
        }
    }

    /// Queues new deliveries, all those of a notice together. A delivery that is already queued is not
    /// queued again.
    pub fn add(&mut self, deliveries: Vec<Delivery>) {
        let other_channels = commit::other_channels(&deliveries);
        for (delivery, other_channels) in deliveries.into_iter().zip(other_channels) {
            let pending = Pending { other_channels, ..Pending::new(&delivery) };
            self.queue(&delivery.channel).add(pending, delivery.created);
        }
    }

    /// Removes new deliveries (given in order) that have no effect: one that notifies nobody only
    /// changes the root of a thread, so it needs a root, or an earlier delivery that will have one.
    pub fn retain_useful(&self, now: Timestamp, deliveries: &mut Vec<Delivery>) {
        let mut begun: HashSet<(String, Fingerprint)> = HashSet::new();
        deliveries.retain(|delivery| {
            let Some(queue) = self.queues.get(&delivery.channel) else { return true };
            let Some(incident) = &delivery.fingerprint else {
                return delivery.attention != Attention::Quiet;
            };
            let key = (delivery.channel.clone(), incident.clone());
            if delivery.attention == Attention::Quiet {
                return queue.follows(now, incident) || begun.contains(&key);
            }
            if queue.threads.is_some() {
                begun.insert(key);
            }
            true
        });
    }

    /// Queues a delivery that was dead: it is sent as if it had never been tried.
    pub fn retry(&mut self, now: Timestamp, pending: Pending) {
        self.queue(&pending.channel.clone()).retry(pending, now);
    }

    /// Drops a pending delivery.
    pub fn drop_waiting(&mut self, id: &DeliveryId) {
        self.queues.values_mut().for_each(|queue| queue.drop_waiting(id));
    }

    /// Returns one card to send now; call it until it returns `None`.
    pub fn next(&mut self, now: Timestamp) -> Option<Attempt> {
        self.observe(now);
        let own = self.queues.values_mut().find_map(|queue| queue.next_attempt(now));
        own.or_else(|| self.attempt_elsewhere(now))
    }

    /// Applies the outcome of an attempt. `None` if no such card is in flight.
    pub fn apply(&mut self, now: Timestamp, id: &DeliveryId, outcome: Outcome) -> Option<Change> {
        self.apply_with(now, id, outcome, ThreadAnswer::default())
    }

    /// The same with the additional answer of a channel with threads.
    pub fn apply_with(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
        outcome: Outcome,
        answer: ThreadAnswer,
    ) -> Option<Change> {
        self.observe(now);
        match self.in_flight(id)?.via.clone() {
            Some(to) => self.apply_elsewhere(now, id, &to, outcome),
            None => self.in_flight(id)?.apply(now, outcome, answer),
        }
    }

    /// Incidents for which, since the last call, a channel got no readable card.
    pub fn take_unread(&mut self) -> Vec<Unread> {
        self.queues.values_mut().flat_map(ChannelQueue::take_unread).collect()
    }

    /// Withdraws an attempt without an outcome, because the state has it settled already.
    pub fn withdraw(&mut self, id: &DeliveryId) {
        let now = self.latest.unwrap_or(Timestamp::MIN);
        if let Some(queue) = self.in_flight(id) {
            queue.withdraw(now);
            if let Some(to) = queue.via.take()
                && let Some(other) = self.queues.get_mut(&to)
            {
                other.is_lent = false;
            }
        }
    }

    /// The channel has another webhook: pending deliveries are tried at once.
    pub fn replaced(&mut self, now: Timestamp, channel: &str, pace: Option<Pace>) {
        self.observe(now);
        if let Some(queue) = self.queues.get_mut(channel) {
            queue.replaced(pace);
        }
    }

    /// When to call [`Self::next`] again, if nothing else happens before.
    pub fn next_wakeup(&self, now: Timestamp) -> Option<Timestamp> {
        let own = self.queues.values().filter_map(|queue| queue.next_wakeup(now));
        own.chain(self.next_elsewhere(now)).min()
    }

    /// What waits or is in flight for each channel.
    pub fn waiting(&self) -> impl Iterator<Item = (&str, Waiting)> {
        self.queues.iter().map(|(name, queue)| (name.as_str(), queue.waiting()))
    }

    /// When the next delivery of each channel may be sent, for those that wait for their pace or
    /// for an unavailable channel.
    pub fn resting(&self, now: Timestamp) -> impl Iterator<Item = (&str, Timestamp)> {
        let waiting = self.queues.iter();
        waiting.filter_map(move |(name, queue)| Some((name.as_str(), queue.next_wakeup(now)?)))
    }

    /// The channels that are configured.
    pub fn configured(&self) -> impl Iterator<Item = &str> {
        let open = self.queues.iter().filter(|(_, queue)| !queue.is_unconfigured());
        open.map(|(name, _)| name.as_str())
    }

    /// Number of deliveries that are pending or in flight.
    pub fn n_pending(&self) -> usize {
        self.queues.values().map(ChannelQueue::n_pending).sum()
    }

    fn queue(&mut self, channel: &str) -> &mut ChannelQueue {
        self.queues.entry(channel.to_owned()).or_insert_with(ChannelQueue::stranded)
    }

    fn in_flight(&mut self, id: &DeliveryId) -> Option<&mut ChannelQueue> {
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
