//! Pure. The known threads of a channel.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::commit::{Attention, Reason};
use crate::detection::Severity;
use crate::ids::{DeliveryId, Fingerprint};
use crate::outbox::Pending;
use crate::outbox::queue::after;

/// Two messages of one thread are at least this far apart: Teams refuses the second of two quick
/// writes (412).
pub(crate) const BETWEEN_WRITES: Duration = Duration::from_secs(3);
/// The same for a flow that does not answer: it accepts a message before it writes it, and a run
/// takes up to 12 s.
pub(crate) const BETWEEN_UNANSWERED: Duration = Duration::from_secs(15);
/// A change this long after the end of an incident begins another thread.
const REOPENED_WITHIN: Duration = Duration::from_hours(24);
/// A thread of an incident that never ended is forgotten after this time.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(30 * 24);

named! {
    /// The remaining steps of a delivery in a channel with threads. The names are those of the
    /// state file.
    pub enum Remaining {
        /// To show it in the root, and to reply.
        All => "all",
        /// To show it in the root: people already have its content.
        Root => "root",
        /// To reply: the root shows it.
        Reply => "reply",
    }
}

impl Remaining {
    /// The remaining steps of a delivery that was not tried.
    pub(crate) fn at_first(attention: Attention) -> Self {
        match attention {
            Attention::Quiet => Self::Root,
            Attention::Normal | Attention::Insistent => Self::All,
        }
    }
}

/// The thread of one incident in one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    pub channel: String,
    pub fingerprint: Fingerprint,
    /// The key by which a flow finds the root.
    pub key: String,
    /// The id of the root; `None` if the flow does not return it.
    pub root: Option<String>,
    /// When the root was posted.
    pub opened: Timestamp,
    /// When it was last written.
    pub written: Timestamp,
    /// The delivery whose card the root shows.
    pub shown: DeliveryId,
    /// The highest of the cards since the incident last opened.
    pub severity: Severity,
    /// Whether the root shows that the incident is over.
    pub is_over: bool,
    /// Whether the root was certainly posted. If not, the answer is missing.
    pub is_posted: bool,
    /// When the root that this one replaces was posted.
    pub continues: Option<Timestamp>,
}

impl Thread {
    /// Whether a change now continues the thread.
    pub(crate) fn is_current(&self, now: Timestamp) -> bool {
        let longest = if self.is_over { REOPENED_WITHIN } else { FORGOTTEN_AFTER };
        now < after(self.written, longest)
    }

    /// Whether this delivery continues it. An incident that was forgotten opens again; a delivery
    /// that notifies nobody, or that the root shows, opens none.
    fn continues_with(&self, pending: &Pending, now: Timestamp) -> bool {
        let is_late = now >= after(self.written, REOPENED_WITHIN);
        let opens = pending.reason == Reason::Opened
            && pending.attention != Attention::Quiet
            && pending.remaining != Remaining::Reply;
        self.is_current(now) && !(opens && is_late)
    }

    /// A message was written; `root` is the id of its root, if the answer has it.
    pub(crate) fn note_written(&mut self, now: Timestamp, root: Option<String>, is_new: bool) {
        self.written = now;
        self.root = root.or(self.root.take());
        self.is_posted = true;
        self.continues = None;
        if is_new {
            self.opened = now;
        }
    }

    /// Its root shows this card now.
    pub(crate) fn shows(&mut self, card: &DeliveryId, severity: Severity, is_over: bool) {
        let has_begun = self.is_over;
        self.severity = if has_begun { severity } else { severity.max(self.severity) };
        (self.shown, self.is_over) = (card.clone(), is_over);
    }

    /// The time from one message to the next.
    pub(crate) fn rest(&self) -> Duration {
        if self.root.is_some() { BETWEEN_WRITES } else { BETWEEN_UNANSWERED }
    }

    /// Threads that were last written before this are forgotten: the first limit is for those that
    /// are over, the second for all.
    pub fn forgotten_before(now: Timestamp) -> [Timestamp; 2] {
        [REOPENED_WITHIN, FORGOTTEN_AFTER]
            .map(|wait| now.saturating_sub(wait).unwrap_or(Timestamp::MIN))
    }
}

/// A change of the known threads, for the state file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadChange {
    Put(Thread),
    /// Its root was not posted.
    Remove {
        channel: String,
        fingerprint: Fingerprint,
    },
}

/// One message that was written in a thread, or may have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadOperation {
    pub channel: String,
    pub fingerprint: Fingerprint,
    pub at: Timestamp,
}

/// Which message of its thread an attempt writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadMessage {
    /// The first one.
    Root {
        /// When the root that it replaces was posted.
        continues: Option<Timestamp>,
        /// An earlier attempt may have posted it.
        may_exist: bool,
    },
    /// The first one, changed in place.
    Update,
    Reply,
}

impl ThreadMessage {
    /// Its name in the state file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root { .. } => "root",
            Self::Update => "update",
            Self::Reply => "reply",
        }
    }
}

/// The message that an attempt writes in a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadWrite {
    pub message: ThreadMessage,
    pub key: String,
    /// The id of the root, if it is known.
    pub root: Option<String>,
    /// The delivery whose card is written.
    pub card: DeliveryId,
}

/// The answer of a channel with threads, in addition to the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ThreadAnswer {
    /// Nothing: the flow was started.
    #[default]
    Unknown,
    /// The id of the root, and whether it was posted just now.
    Root { id: Option<String>, is_new: bool },
    /// The root no longer exists, or belongs to somebody else.
    Lost,
    /// The thread was changed at the same time.
    Busy,
}

/// The threads of one channel.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    pub(crate) known: HashMap<Fingerprint, Thread>,
    /// Those whose root is gone, according to Teams. The next message is a new root; the old one is
    /// forgotten only when that is posted.
    pub(crate) lost: HashSet<Fingerprint>,
    /// Those whose root replaced another one, until a reply to it is accepted.
    pub(crate) replaced: HashSet<Fingerprint>,
    /// Cards that were refused when an update wrote them in place of an earlier one of their incident.
    pub(crate) doubted: HashSet<DeliveryId>,
    /// The changes since the last call; `None` if the thread no longer exists.
    changed: BTreeMap<Fingerprint, Option<Thread>>,
}

impl Threads {
    pub(crate) fn restore(&mut self, thread: Thread) {
        self.known.insert(thread.fingerprint.clone(), thread);
    }

    pub(crate) fn take_changed(&mut self, channel: &str) -> Vec<ThreadChange> {
        let removed = |fingerprint| {
            let channel = channel.to_owned();
            ThreadChange::Remove { channel, fingerprint }
        };
        let changed = std::mem::take(&mut self.changed).into_iter();
        let change = |(fingerprint, thread): (Fingerprint, Option<Thread>)| {
            thread.map_or_else(|| removed(fingerprint), ThreadChange::Put)
        };
        changed.map(change).collect()
    }

    pub(crate) fn rest(&self, fingerprint: &Fingerprint) -> Duration {
        self.known.get(fingerprint).map_or(BETWEEN_WRITES, Thread::rest)
    }

    pub(crate) fn current(&self, pending: &Pending, now: Timestamp) -> Option<&Thread> {
        let known = self.known.get(pending.fingerprint.as_ref()?);
        known.filter(|thread| thread.continues_with(pending, now))
    }

    /// Replaces the state of one thread.
    pub(crate) fn set(
        &mut self,
        fingerprint: &Fingerprint,
        thread: Option<Thread>,
        now: Timestamp,
    ) {
        self.known.retain(|_, known| known.is_current(now));
        self.replaced.retain(|fingerprint| self.known.contains_key(fingerprint));
        self.changed.insert(fingerprint.clone(), thread.clone());
        match thread {
            Some(thread) => drop(self.known.insert(fingerprint.clone(), thread)),
            None => drop(self.known.remove(fingerprint)),
        }
    }

    pub(crate) fn change(
        &mut self,
        fingerprint: &Fingerprint,
        change: impl FnOnce(&mut Thread),
        now: Timestamp,
    ) {
        if let Some(mut thread) = self.known.get(fingerprint).cloned() {
            change(&mut thread);
            self.set(fingerprint, Some(thread), now);
        }
    }
}
