//! I/O. The reader thread: polls the tailer at each hint and at regular intervals.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::agent::failpoint;
use crate::agent::pulse::Pulse;
use crate::agent::rush::Rush;
use crate::clock;
use crate::config::LogRootFault;
use crate::config::load::nothing_to_follow;
use crate::tail::{Batch, Dirty, FileFault, FileProblem, Hints, Tailer, Waker};

/// Without hints, a new line is read after this time at the latest.
const POLL: Duration = Duration::from_secs(1);
/// How often hints are drained while the core is busy.
const TAKE_HINTS: Duration = Duration::from_millis(100);

/// How long hints are gathered when very many files appear at once.
const GATHER: Duration = Duration::from_millis(50);

/// Reads at most one batch ahead of the core, because the file is the queue.
pub(crate) struct LogReader {
    pub hints: Hints,
    pub inbox: Sender<Wake>,
    /// Permit for the next batch, with buffers of an earlier one.
    pub permit: Receiver<Vec<Vec<u8>>>,
    pub stop: CancellationToken,
    /// Incremented with each turn, so that a hanging turn is detected.
    pub turns: Arc<AtomicU64>,
    /// Set when the core asks for a complete check.
    pub asked: Arc<AtomicBool>,
    pub pulse: Arc<Pulse>,
}

/// Asks the reader to check everything now and report how far it has read.
pub(crate) struct Asker {
    pub asked: Arc<AtomicBool>,
    pub waker: Waker,
}

impl Asker {
    pub(crate) fn ask(&self) {
        self.asked.store(true, Ordering::Release);
        self.waker.wake();
    }
}

impl LogReader {
    /// Waits until the log root contains a folder of Qlik Sense's logs, which the root on a share
    /// does not before it is mounted; if the tailer started earlier, everything below a root that
    /// appears later would count as new. Returns whether there is something to follow.
    pub(crate) fn wait_for(&mut self, log_root: &Path) -> bool {
        let mut said = None;
        while let Some((fault, holds)) = nothing_to_follow(log_root) {
            // Other content may change all the time; only another reason is said again.
            if said.as_ref() != Some(&fault) {
                let problems = vec![nothing_in(log_root, fault.clone(), holds)];
                let missing = Batch { problems, ..Batch::default() };
                if self.send(missing, &mut Dirty::Nothing).is_none() {
                    return false;
                }
                said = Some(fault);
            }
            self.hints.wait(POLL);
            self.turns.fetch_add(1, Ordering::Relaxed);
            self.pulse.turned(clock::now());
            if self.stop.is_cancelled() {
                return false;
            }
        }
        if said.is_none() {
            return true;
        }
        let found = Batch { resolved: vec![log_root.to_owned()], ..Batch::default() };
        self.send(found, &mut Dirty::Nothing).is_some()
    }

    /// Follows the files below this root until `stop`. Without a root there are none.
    pub(crate) fn follow(mut self, mut tailer: Tailer, log_root: Option<&Path>) {
        let (mut dirty, mut was_behind) = (Dirty::Everything, false);
        // The first batch is sent even if it is empty, because it means that the positions are
        // taken; so is the first batch after a backlog.
        let mut is_first = true;
        let mut meanwhile = Dirty::Nothing;
        let mut rush = Rush::new(clock::now());
        let mut root = log_root.map(|path| Root { path, fault: None });
        while !self.stop.is_cancelled() {
            self.turns.fetch_add(1, Ordering::Relaxed);
            // A hint may be late, so a request does not rely on hints.
            let is_asked = self.asked.swap(false, Ordering::Acquire);
            let hints = if is_asked { &Dirty::Everything } else { &dirty };
            let mut batch = tailer.poll(clock::now(), hints);
            if root.as_mut().is_some_and(|root| root.observe(&mut batch)) {
                // A folder that could not be listed for long is otherwise not tried for a minute.
                self.asked.store(true, Ordering::Release);
            }
            let (n_files, unread) = tailer.extent();
            self.pulse.polled(clock::now(), batch.read_until, n_files, unread);
            failpoint::pass("polled");
            let behind = batch.behind;
            let begun = batch.blocks.iter().filter(|block| block.offset == 0).count();
            let is_rush = rush.observe(clock::now(), begun);
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
            if is_rush && !behind && dirty != Dirty::Nothing {
                merge(&mut dirty, self.hints.gather(GATHER));
            }
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

/// The log root while it is followed.
struct Root<'a> {
    path: &'a Path,
    /// Why it has nothing to follow.
    fault: Option<LogRootFault>,
}

impl Root<'_> {
    /// Adds to a batch that the root has gone or is back; returns whether it is back. The root is
    /// checked only if a folder was lost.
    fn observe(&mut self, batch: &mut Batch) -> bool {
        use FileFault::{UnreadableFolder, VanishedFolder};
        let is_loss =
            |it: &FileProblem| matches!(it.fault, VanishedFolder(_) | UnreadableFolder(_));
        if self.fault.is_none() && !batch.problems.iter().any(is_loss) {
            return false;
        }
        let gone = nothing_to_follow(self.path);
        let fault = gone.as_ref().map(|(fault, _)| fault.clone());
        let before = std::mem::replace(&mut self.fault, fault);
        match gone {
            Some((fault, holds)) if before.as_ref() != Some(&fault) => {
                batch.problems.push(nothing_in(self.path, fault, holds));
                false
            }
            None if before.is_some() => {
                batch.resolved.push(self.path.to_owned());
                true
            }
            _ => false,
        }
    }
}

/// The problem of a log root without anything to follow.
fn nothing_in(log_root: &Path, fault: LogRootFault, holds: Vec<String>) -> FileProblem {
    let fault = FileFault::NoLogRoot { fault, holds };
    FileProblem { path: log_root.to_owned(), fault, lasts: true }
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
