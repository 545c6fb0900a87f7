//! Pure. What the threads of the agent publish about themselves, for readers that must not wait for them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::cloud::RequestTally;
use crate::outbox::Waiting;

/// The heartbeat writes at least every 30 s; after two missed ones, the state counts as not written.
const COMMITS_WITHIN: SignedDuration = SignedDuration::from_secs(75);
/// A normal turn of reading takes a second at most; with a large folder on a slow share, a minute.
const READS_WITHIN: SignedDuration = SignedDuration::from_mins(5);
/// A delivery that has waited longer means that delivering does not work.
const DELIVERS_WITHIN: SignedDuration = SignedDuration::from_mins(15);

/// What reader and core publish. Nothing here waits for a disk, a network or a thread.
#[derive(Debug, Default)]
pub struct Pulse {
    started: Timestamp,
    /// When the last turn of reading ended; times are microseconds since 1970, 0 is never.
    read: AtomicI64,
    /// Everything written before this time has been read.
    read_until: AtomicI64,
    unread_bytes: AtomicU64,
    files: AtomicU64,
    /// When the state was last written.
    committed: AtomicI64,
    /// Whether the last write of the state failed.
    is_failing: AtomicBool,
    figures: Mutex<Figures>,
}

/// What the core publishes after each of its steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Whether the reader has taken its positions.
    pub has_positions: bool,
    /// Whether the log root, a folder or file in it or all folders cannot be read.
    pub hides_logs: bool,
    /// The pending deliveries of each channel.
    pub waiting: BTreeMap<String, Waiting>,
    /// When the next delivery of a channel may be sent.
    pub next: BTreeMap<String, Timestamp>,
    /// The state of each tenant of Qlik Cloud.
    pub tenants: BTreeMap<String, TenantFigures>,
}

impl Figures {
    /// The channels with a delivery that waits too long, and since when.
    pub(crate) fn undelivered(&self, now: Timestamp) -> impl Iterator<Item = (&str, Timestamp)> {
        let waiting = self.waiting.iter();
        let oldest = waiting.filter_map(|(name, it)| Some((name.as_str(), it.oldest?)));
        oldest.filter(move |(_, since)| now.duration_since(*since) > DELIVERS_WITHIN)
    }
}

/// How the polling of a tenant stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TenantFigures {
    #[serde(flatten)]
    pub tally: RequestTally,
    /// Since when every poll has failed, and why the last one did.
    pub failing_since: Option<Timestamp>,
    pub why: Option<String>,
}

/// Whether the three parts of the agent's work advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Works {
    pub read: bool,
    pub commit: bool,
    pub deliver: bool,
}

impl Works {
    /// Whether everything advances.
    pub fn all(self) -> bool {
        self.read && self.commit && self.deliver
    }

    /// Each part with its name.
    pub fn parts(self) -> [(&'static str, bool); 3] {
        [("read", self.read), ("commit", self.commit), ("deliver", self.deliver)]
    }

    /// The names of the parts that do not advance.
    pub fn broken(self) -> Vec<&'static str> {
        self.parts().into_iter().filter_map(|(name, works)| (!works).then_some(name)).collect()
    }
}

impl Pulse {
    /// The pulse of an agent with these channels that has done nothing yet.
    pub fn new(started: Timestamp, channels: impl Iterator<Item = String>) -> Self {
        let waiting = channels.map(|name| (name, Waiting::default())).collect();
        let figures = Mutex::new(Figures { waiting, ..Figures::default() });
        Self { started, figures, ..Self::default() }
    }

    /// When the agent was started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Ends a turn of reading.
    pub fn turned(&self, now: Timestamp) {
        store(&self.read, now);
    }

    /// Ends a poll of the files: everything written before `until` has been read.
    pub fn polled(&self, now: Timestamp, until: Option<Timestamp>, n_files: usize, unread: u64) {
        if let Some(until) = until {
            store(&self.read_until, until);
        }
        self.files.store(n_files as u64, Ordering::Relaxed);
        self.unread_bytes.store(unread, Ordering::Relaxed);
        self.turned(now);
    }

    /// Records that the state was written.
    pub fn wrote(&self, now: Timestamp) {
        store(&self.committed, now);
        self.is_failing.store(false, Ordering::Relaxed);
    }

    /// Records that the state could not be written.
    pub fn write_failed(&self) {
        self.is_failing.store(true, Ordering::Relaxed);
    }

    /// Everything written before this time has been read; `None` if unknown.
    pub fn read_until(&self) -> Option<Timestamp> {
        load(&self.read_until)
    }

    /// Bytes of followed files that are known but not read yet.
    pub fn unread_bytes(&self) -> u64 {
        self.unread_bytes.load(Ordering::Relaxed)
    }

    /// Number of followed files.
    pub fn n_files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// When the state was last written.
    pub fn committed(&self) -> Option<Timestamp> {
        load(&self.committed)
    }

    /// The figures, to be read or changed; held briefly.
    pub fn figures(&self) -> MutexGuard<'_, Figures> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether reading, committing and delivering advance.
    pub fn works(&self, now: Timestamp) -> Works {
        let is_fresh =
            |at: Option<Timestamp>, span| at.is_some_and(|at| now.duration_since(at).abs() <= span);
        let figures = self.figures();
        Works {
            read: figures.has_positions
                && !figures.hides_logs
                && is_fresh(load(&self.read), READS_WITHIN),
            commit: !self.is_failing.load(Ordering::Relaxed)
                && is_fresh(self.committed(), COMMITS_WITHIN),
            deliver: figures.undelivered(now).next().is_none(),
        }
    }
}

fn store(cell: &AtomicI64, at: Timestamp) {
    cell.store(at.as_microsecond(), Ordering::Relaxed);
}

fn load(cell: &AtomicI64) -> Option<Timestamp> {
    let micros = cell.load(Ordering::Relaxed);
    (micros != 0).then(|| Timestamp::from_microsecond(micros).ok()).flatten()
}

#[cfg(test)]
mod tests;
