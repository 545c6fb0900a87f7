//! I/O. The reader thread: polls the tailer when a hint or the clock says so.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::agent::failpoint;
use crate::agent::rush::Rush;
use crate::clock;
use crate::tail::{Batch, Dirty, FileProblem, Hints, Tailer, Waker};

/// Without hints a new line waits this long at most.
const POLL: Duration = Duration::from_secs(1);
/// How often hints are taken while the core works.
const TAKE_HINTS: Duration = Duration::from_millis(100);

/// Where very many files appear at once, hints are gathered for so long.
const GATHER: Duration = Duration::from_millis(50);

/// Reads one batch ahead of the core and no further: the file is the queue.
pub(in crate::agent) struct Reader {
    pub hints: Hints,
    pub inbox: Sender<Wake>,
    /// The go-ahead for the next batch, with the memory of an earlier one.
    pub permit: Receiver<Vec<Vec<u8>>>,
    pub stop: CancellationToken,
    /// Counts up with each turn, so that a turn that never ends is noticed.
    pub turns: Arc<AtomicU64>,
    /// Somebody asks how far reading is.
    pub asked: Arc<AtomicBool>,
}

/// Asks the reader to look at everything now, and to say how far it is.
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
    /// Waits until the log root is there: before, everything below it would seem to be new when it
    /// appears. Whether there is anything to follow then.
    pub(in crate::agent) fn wait_for(&mut self, log_root: &Path) -> bool {
        if log_root.is_dir() {
            return true;
        }
        let (path, detail) = (log_root.to_owned(), "it is followed as soon as it is there".into());
        let problem = FileProblem { path, reason: "no-log-root", lasts: true, detail };
        let missing = Batch { problems: vec![problem], ..Batch::default() };
        let mut goes_on = self.send(missing, &mut Dirty::Nothing).is_some();
        while goes_on && !log_root.is_dir() {
            self.hints.wait(POLL);
            self.turns.fetch_add(1, Ordering::Relaxed);
            goes_on = !self.stop.is_cancelled();
        }
        let found = Batch { resolved: vec![log_root.to_owned()], ..Batch::default() };
        goes_on && self.send(found, &mut Dirty::Nothing).is_some()
    }

    /// Follows until `stop`.
    pub(in crate::agent) fn follow(mut self, mut tailer: Tailer) {
        let (mut dirty, mut was_behind) = (Dirty::Everything, false);
        // That the positions are taken is worth telling by itself, and so is that all is read.
        let mut is_first = true;
        let mut meanwhile = Dirty::Nothing;
        let mut rush = Rush::new(clock::now());
        while !self.stop.is_cancelled() {
            self.turns.fetch_add(1, Ordering::Relaxed);
            // A hint may be late: who asks does not depend on them.
            let is_asked = self.asked.swap(false, Ordering::Acquire);
            let hints = if is_asked { &Dirty::Everything } else { &dirty };
            let batch = tailer.poll(clock::now(), hints);
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
            // Hints are taken while there is more to read, too: a script log that is found only
            // when its rows have long been read explains nothing.
            let is_quiet = !behind && meanwhile == Dirty::Nothing;
            dirty = self.hints.wait(if is_quiet { POLL } else { Duration::ZERO });
            merge(&mut dirty, std::mem::take(&mut meanwhile));
            if is_rush && !behind && dirty != Dirty::Nothing {
                merge(&mut dirty, self.hints.gather(GATHER));
            }
        }
    }

    /// Memory to read into; `None` once nobody takes a batch any more. Hints that come while the
    /// core is busy are taken: when there is no room for them, everything has to be looked at.
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
