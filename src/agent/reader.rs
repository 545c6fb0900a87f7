//! I/O. The reader thread: polls the tailer at each hint and at regular intervals.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::agent::failpoint;
use crate::clock;
use crate::config::load::holds_nothing;
use crate::tail::{Batch, Dirty, FileProblem, FileProblemReason, Hints, Tailer, Waker};

/// Without hints, a new line is read after this time at the latest.
const POLL: Duration = Duration::from_secs(1);
/// How often hints are drained while the core is busy.
const TAKE_HINTS: Duration = Duration::from_millis(100);

/// Reads at most one batch ahead of the core, because the file is the queue.
pub(in crate::agent) struct Reader {
    pub hints: Hints,
    pub inbox: Sender<Wake>,
    /// Permit for the next batch, with buffers of an earlier one.
    pub permit: Receiver<Vec<Vec<u8>>>,
    pub stop: CancellationToken,
    /// Incremented with each turn, so that a hanging turn is detected.
    pub turns: Arc<AtomicU64>,
    /// Set when the core asks for a complete check.
    pub asked: Arc<AtomicBool>,
}

/// Asks the reader to check everything now and report how far it has read.
pub(in crate::agent) struct Asker {
    pub asked: Arc<AtomicBool>,
    pub waker: Waker,
}

impl Asker {
    pub(in crate::agent) fn ask(&self) {
        self.asked.store(true, Ordering::Release);
        self.waker.wake();
    }
}

impl Reader {
    /// Waits until the log root exists and is not empty, as the folder of a share is before it is
    /// mounted; if the tailer started earlier, everything below a root that appears later would
    /// count as new. Returns whether there is something to follow.
    pub(in crate::agent) fn wait_for(&mut self, log_root: &Path) -> bool {
        if !holds_nothing(log_root) {
            return true;
        }
        let what = if log_root.is_dir() { "it is empty" } else { "it does not exist" };
        let detail = format!("{what}; it is followed as soon as there are logs in it");
        let path = log_root.to_owned();
        let problem =
            FileProblem { path, reason: FileProblemReason::NoLogRoot, lasts: true, detail };
        let missing = Batch { problems: vec![problem], ..Batch::default() };
        let mut is_running = self.send(missing, &mut Dirty::Nothing).is_some();
        while is_running && holds_nothing(log_root) {
            self.hints.wait(POLL);
            self.turns.fetch_add(1, Ordering::Relaxed);
            is_running = !self.stop.is_cancelled();
        }
        let found = Batch { resolved: vec![log_root.to_owned()], ..Batch::default() };
        is_running && self.send(found, &mut Dirty::Nothing).is_some()
    }

    /// Follows the files until `stop`.
    pub(in crate::agent) fn follow(mut self, mut tailer: Tailer) {
        let (mut dirty, mut was_behind) = (Dirty::Everything, false);
        // The first batch is sent even if it is empty, because it means that the positions are
        // taken; so is the first batch after a backlog.
        let mut is_first = true;
        let mut meanwhile = Dirty::Nothing;
        while !self.stop.is_cancelled() {
            self.turns.fetch_add(1, Ordering::Relaxed);
            // A hint may be late, so a request does not rely on hints.
            let is_asked = self.asked.swap(false, Ordering::Acquire);
            let hints = if is_asked { &Dirty::Everything } else { &dirty };
            let batch = tailer.poll(clock::now(), hints);
            failpoint::pass("polled");
            let behind = batch.behind;
            if std::mem::take(&mut is_first)
                || is_asked
                || !is_empty(&batch)
                || was_behind && !behind
            {
                let Some(spent) = self.send(batch, &mut meanwhile) else { return };
                tailer.reuse(spent);
            }
            was_behind = behind;
            failpoint::pass("hint");
            // Hints are also taken while there is more to read: a script log that is found long
            // after the rows that refer to it explains nothing.
            let is_quiet = !behind && meanwhile == Dirty::Nothing;
            dirty = self.hints.wait(if is_quiet { POLL } else { Duration::ZERO });
            merge(&mut dirty, std::mem::take(&mut meanwhile));
        }
    }

    /// Sends a batch and waits for the permit; returns buffers for reuse, or `None` if the core is
    /// gone. Takes hints in the meantime, because an overflow of hints requires a complete check.
    fn send(&mut self, batch: Batch, meanwhile: &mut Dirty) -> Option<Vec<Vec<u8>>> {
        self.inbox.send(Wake::Batch(batch)).ok()?;
        loop {
            match self.permit.recv_timeout(TAKE_HINTS) {
                Ok(spent) => return Some(spent),
                Err(RecvTimeoutError::Timeout) => {
                    merge(meanwhile, self.hints.wait(Duration::ZERO));
                }
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

fn merge(known: &mut Dirty, more: Dirty) {
    match (&mut *known, more) {
        (_, Dirty::Nothing) | (Dirty::Everything, _) => {}
        (Dirty::Paths(known), Dirty::Paths(more)) => known.extend(more),
        (_, more) => *known = more,
    }
}

fn is_empty(batch: &Batch) -> bool {
    batch.blocks.is_empty()
        && batch.checkpoints.is_empty()
        && batch.forgotten.is_empty()
        && batch.problems.is_empty()
        && batch.resolved.is_empty()
        && batch.folders.is_empty()
}
