//! Pure. One incident is one thread: its first message, the root, shows the present state, and a reply
//! calls for what people should notice.
//!
//! ```text
//!                 no root             root shows an older state         root shows it
//! first card ───────────────▶ root      ───────────────────▶ update ───────────────────▶ reply
//! ```
//!
//! Only the first pending card of an incident is in flight. An update writes the newest card of the
//! incident, so it stands for the others, too.

use std::collections::HashMap;
use std::time::Duration;

use ring::digest::{SHA256, digest};

use crate::clock::Timestamp;
use crate::commit::{DeliveryId, Form, Reason};
use crate::outbox::backlog::{Card, Urgency};
use crate::outbox::health::Suspect;
use crate::outbox::queue::{ChannelQueue, InFlight, after};
use crate::outbox::select::SINGLE_CARDS_WITHIN;
use crate::outbox::{Change, Departure, Outcome};

/// Two messages of one thread are at least this far apart: Teams refuses the second of two quick
/// writes (412).
pub(crate) const BETWEEN_WRITES: Duration = Duration::from_secs(3);
/// After refusals because of another change, that time is doubled up to so often.
const MOST_DOUBLINGS: u32 = 5;
/// What happens to an incident this long after it was over begins another thread.
const REOPENED_WITHIN: Duration = Duration::from_hours(24);
/// A thread of an incident that never ended is forgotten after this time.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(30 * 24);

named! {
    /// What is left to do for a delivery in a channel with threads. The names are those of the state
    /// file.
    pub enum Remaining {
        /// To show it in the root, and to reply.
        All => "all",
        /// To show it in the root: people know it already.
        Root => "root",
        /// To reply: the root shows it.
        Reply => "reply",
    }
}

/// The thread of one incident in one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    pub channel: String,
    pub fingerprint: String,
    /// What a flow finds the root by.
    pub key: String,
    /// The id of the root; `None` if the flow does not return it.
    pub root: Option<String>,
    /// When the root was posted.
    pub opened: Timestamp,
    /// When it was last written.
    pub written: Timestamp,
    /// When the card that the root shows was created.
    pub shown: Timestamp,
    /// Whether the root shows that the incident is over.
    pub is_over: bool,
    /// Whether the root is gone.
    pub is_lost: bool,
}

impl Thread {
    /// Whether the thread goes on with what happens now.
    fn is_current(&self, now: Timestamp) -> bool {
        let longest = if self.is_over { REOPENED_WITHIN } else { FORGOTTEN_AFTER };
        now < after(self.written, longest)
    }

    /// Threads that were last written before this are forgotten: those that are over, and all.
    pub fn forgotten_before(now: Timestamp) -> [Timestamp; 2] {
        [REOPENED_WITHIN, FORGOTTEN_AFTER]
            .map(|wait| now.saturating_sub(wait).unwrap_or(Timestamp::MIN))
    }
}

/// One message that was written in a thread, or may have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadOperation {
    pub channel: String,
    pub fingerprint: String,
    pub at: Timestamp,
}

/// Which message of its thread an attempt writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadMessage {
    /// The first one. `continues`: when the root that it replaces was posted.
    Root {
        continues: Option<Timestamp>,
    },
    /// The first one, changed in place.
    Update,
    Reply,
}

/// What an attempt writes in a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadWrite {
    pub message: ThreadMessage,
    pub key: String,
    /// The id of the root, if it is known.
    pub root: Option<String>,
    /// The delivery whose card is written.
    pub card: DeliveryId,
}

/// What a channel with threads answers besides the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ThreadAnswer {
    /// Nothing: the flow was started.
    #[default]
    Unknown,
    /// The id of the root, and whether it was posted just now.
    Root { id: Option<String>, is_new: bool },
    /// The root does not exist any more, or belongs to somebody else.
    Lost,
    /// The thread was changed at the same time.
    Busy,
}

/// The threads of one channel.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    known: HashMap<String, Thread>,
    changed: Vec<Thread>,
}

impl Threads {
    pub(crate) fn restore(&mut self, thread: Thread) {
        self.known.insert(thread.fingerprint.clone(), thread);
    }

    pub(crate) fn take_changed(&mut self) -> Vec<Thread> {
        std::mem::take(&mut self.changed)
    }

    fn current(&self, fingerprint: &str, now: Timestamp) -> Option<&Thread> {
        self.known.get(fingerprint).filter(|thread| thread.is_current(now))
    }

    fn put(&mut self, thread: Thread, now: Timestamp) {
        self.known.retain(|_, known| known.is_current(now));
        self.changed.retain(|known| known.fingerprint != thread.fingerprint);
        self.changed.push(thread.clone());
        self.known.insert(thread.fingerprint.clone(), thread);
    }

    fn change(&mut self, fingerprint: &str, change: impl FnOnce(&mut Thread), now: Timestamp) {
        if let Some(mut thread) = self.known.get(fingerprint).cloned() {
            change(&mut thread);
            self.put(thread, now);
        }
    }
}

/// The key of the thread that this delivery begins: the same for each attempt.
fn key_of(id: &DeliveryId) -> String {
    let hash = digest(&SHA256, id.as_bytes());
    hash.as_ref().iter().take(8).fold(String::new(), |key, byte| key + &format!("{byte:02x}"))
}

impl ChannelQueue {
    /// Whether the incident of this card has a thread here: then it is in no digest, because its root
    /// must show the state.
    pub(crate) fn has_thread(&self, number: u64, now: Timestamp) -> bool {
        let pending = self.backlog.card(number).map(|card| &card.pending);
        let thread = self.threads.as_ref().zip(pending);
        thread
            .is_some_and(|(threads, pending)| threads.current(&pending.fingerprint, now).is_some())
    }

    /// Whether the incident has a thread, or will have one when what is pending is sent.
    pub(crate) fn follows(&self, now: Timestamp, fingerprint: &str) -> bool {
        let Some(threads) = &self.threads else { return false };
        threads.current(fingerprint, now).is_some() || self.backlog.has_incident(fingerprint)
    }

    /// Whether there is a root that is to show the state of this card's incident.
    pub(crate) fn has_root(&self, number: u64, now: Timestamp) -> bool {
        let pending = self.backlog.card(number).map(|card| &card.pending);
        let thread = self.threads.as_ref().zip(pending);
        thread.is_some_and(|(threads, pending)| {
            threads.current(&pending.fingerprint, now).is_some_and(|thread| !thread.is_lost)
        })
    }

    /// Adds which message of its thread this departure of a single card writes.
    pub(crate) fn in_thread(&mut self, now: Timestamp, departure: Departure) -> Departure {
        let number = self.backlog.number(&departure.id);
        let planned = number.and_then(|number| self.write_of(number, now));
        if let Some(InFlight::Card { write, .. }) = &mut self.in_flight {
            write.clone_from(&planned);
        }
        Departure { thread: planned, ..departure }
    }

    fn write_of(&self, number: u64, now: Timestamp) -> Option<ThreadWrite> {
        let threads = self.threads.as_ref()?;
        let pending = &self.backlog.card(number)?.pending;
        if pending.form != Form::Card || pending.fingerprint.is_empty() {
            return None;
        }
        let card = pending.id.clone();
        let thread = threads.current(&pending.fingerprint, now);
        let Some(thread) = thread.filter(|thread| !thread.is_lost) else {
            let continues = thread.map(|thread| thread.opened);
            let message = ThreadMessage::Root { continues };
            return Some(ThreadWrite { message, key: key_of(&card), root: None, card });
        };
        let newest = self.newest(number)?;
        let is_shown = pending.remaining == Remaining::Reply
            || (pending.remaining == Remaining::All && newest.pending.created < thread.shown);
        let (message, card) = if is_shown {
            (ThreadMessage::Reply, card)
        } else {
            (ThreadMessage::Update, newest.pending.id.clone())
        };
        let (key, root) = (thread.key.clone(), thread.root.clone());
        Some(ThreadWrite { message, key, root, card })
    }

    /// The newest pending card of the incident of this one.
    fn newest(&self, number: u64) -> Option<&Card> {
        let cards = self.backlog.of_incident(number).map(|(_, card)| card);
        cards.max_by_key(|card| card.pending.created)
    }

    /// Applies the outcome of an attempt that wrote a message of a thread.
    pub(crate) fn apply_in_thread(
        &mut self,
        now: Timestamp,
        (id, number): (&DeliveryId, u64),
        write: &ThreadWrite,
        (outcome, answer): (Outcome, ThreadAnswer),
    ) -> Change {
        let Some(card) = self.backlog.card(number) else {
            return self.apply_to_card(now, id, number, outcome);
        };
        let was_repeat = card.pending.possible_repeat;
        let fingerprint = card.pending.fingerprint.clone();
        self.backlog.rest(number, after(now, BETWEEN_WRITES));
        if let Outcome::Accepted { receipt } = outcome {
            self.note_written(now, number, write, answer);
            if write.message != ThreadMessage::Update {
                return self.apply_to_card(now, id, number, Outcome::Accepted { receipt });
            }
            return self.shown(now, number, write, receipt);
        }
        // Neither the card nor the channel is to blame for its thread.
        let change = match (answer, outcome) {
            (ThreadAnswer::Lost, Outcome::Retry { why, .. }) => {
                let lost = |thread: &mut Thread| thread.is_lost = true;
                self.threads.iter_mut().for_each(|it| it.change(&fingerprint, lost, now));
                self.later(number, now, Duration::ZERO, why)
            }
            (ThreadAnswer::Busy, Outcome::Retry { why, .. }) => {
                let mut attempts = 0;
                self.backlog.change(number, |card| {
                    card.pending.attempts = card.pending.attempts.saturating_add(1);
                    attempts = card.pending.attempts;
                });
                let wait = BETWEEN_WRITES.saturating_mul(1 << attempts.min(MOST_DOUBLINGS));
                self.backlog.rest(number, after(now, wait));
                self.later(number, now, Duration::ZERO, why)
            }
            (_, outcome) => self.apply_to_card(now, id, number, outcome),
        };
        match change {
            // The root is the same, however often it is updated.
            Change::Later { next_at, wait, use_plain, refused, why, .. }
                if write.message == ThreadMessage::Update =>
            {
                self.backlog.change(number, |card| card.pending.possible_repeat = was_repeat);
                let possible_repeat = was_repeat;
                Change::Later { next_at, wait, use_plain, possible_repeat, refused, why }
            }
            change => change,
        }
    }

    /// Takes in what the root shows now, and where it is.
    fn note_written(
        &mut self,
        now: Timestamp,
        number: u64,
        write: &ThreadWrite,
        answer: ThreadAnswer,
    ) {
        let shown = self.backlog.number(&write.card).and_then(|shown| self.backlog.card(shown));
        let Some(card) = shown.or_else(|| self.backlog.card(number)) else { return };
        let (fingerprint, channel) =
            (card.pending.fingerprint.clone(), card.pending.channel.clone());
        let (created, is_over) = (card.pending.created, card.pending.reason == Reason::Recovered);
        let (root, is_new) = match answer {
            ThreadAnswer::Root { id, is_new } => (id, is_new),
            ThreadAnswer::Unknown | ThreadAnswer::Lost | ThreadAnswer::Busy => (None, false),
        };
        let Some(threads) = &mut self.threads else { return };
        match write.message {
            ThreadMessage::Root { .. } => threads.put(
                Thread {
                    channel,
                    fingerprint,
                    key: write.key.clone(),
                    root,
                    opened: now,
                    written: now,
                    shown: created,
                    is_over,
                    is_lost: false,
                },
                now,
            ),
            ThreadMessage::Update | ThreadMessage::Reply => {
                let is_update = write.message == ThreadMessage::Update;
                let change = |thread: &mut Thread| {
                    thread.written = now;
                    thread.root = root.or(thread.root.take());
                    if is_update {
                        (thread.shown, thread.is_over) = (created, is_over);
                    }
                    if is_new {
                        thread.opened = now;
                    }
                };
                threads.change(&fingerprint, change, now);
            }
        }
    }

    /// The root shows the newest card of the incident. What remains are the replies.
    fn shown(
        &mut self,
        now: Timestamp,
        number: u64,
        write: &ThreadWrite,
        receipt: Option<String>,
    ) -> Change {
        self.accepted(now, Suspect::Card(number));
        let is_pressed = self.gives_up_replies(now, number);
        let covered: Vec<(u64, DeliveryId, Remaining)> = self
            .backlog
            .of_incident(number)
            .map(|(number, card)| (number, card.pending.id.clone(), card.pending.remaining))
            // A card that came while the update was in flight is in none.
            .take_while(|(_, id, _)| self.is_covered(id, &write.card))
            .collect();
        let (mut to_reply, mut done, mut given_up) = (Vec::new(), Vec::new(), 0);
        for (number, id, remaining) in covered {
            if remaining == Remaining::Root || is_pressed {
                given_up += u32::from(remaining != Remaining::Root);
                self.backlog.remove(number);
                done.push(id);
            } else {
                self.backlog.change(number, |card| {
                    card.pending.remaining = Remaining::Reply;
                    card.pending.attempts = 0;
                    card.pending.next_at = None;
                    card.pending.use_plain = false;
                    card.forgive();
                });
                to_reply.push(id);
            }
        }
        Change::Shown { to_reply, done, given_up, receipt }
    }

    fn is_covered(&self, id: &DeliveryId, shown: &DeliveryId) -> bool {
        let number = |id: &DeliveryId| self.backlog.number(id).unwrap_or(u64::MAX);
        number(id) <= number(shown)
    }

    /// Whether the channel is asked for more messages than it takes soon: then the roots come first. A
    /// reply that calls people, or that is critical, is never given up.
    fn gives_up_replies(&self, now: Timestamp, number: u64) -> bool {
        let Some(bucket) = &self.bucket else { return false };
        let is_needed = |card: &Card| {
            card.pending.reason == Reason::Escalated
                || Urgency::of(&card.pending) == Urgency::Critical
        };
        if self.backlog.of_incident(number).any(|(_, card)| is_needed(card)) {
            return false;
        }
        let updates = self.fresh_in_order().filter(|first| *first != number);
        let updates = updates.filter(|first| self.has_thread(*first, now)).count();
        let replies = self.backlog.len();
        updates + replies > bucket.within(now, SINGLE_CARDS_WITHIN)
    }

    /// The fallback accepted a card of a thread: people know it, and the root is to show it.
    pub(crate) fn known_elsewhere(&mut self, number: u64, receipt: Option<String>) -> Change {
        self.backlog.change(number, |card| {
            card.pending.remaining = Remaining::Root;
            card.pending.attempts = 0;
            card.pending.possible_repeat = false;
            card.forgive();
        });
        Change::KnownElsewhere { receipt }
    }
}
