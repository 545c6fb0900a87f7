//! I/O. The reader thread: polls the tailer when a hint or the clock says so.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::agent::failpoint;
use crate::clock::{self, Timestamp};
use crate::tail::{Batch, Dirty, Hints, Tailer, Trouble};

/// Without hints a new line waits this long at most.
const POLL: Duration = Duration::from_secs(1);

/// Reads one batch ahead of the core and no further: the file is the queue.
pub(in crate::agent) struct Reader {
    pub hints: Hints,
    pub inbox: Sender<Wake>,
    /// The go-ahead for the next batch, with the memory of an earlier one.
    pub permit: Receiver<Vec<Vec<u8>>>,
    pub stop: CancellationToken,
    /// Counts up with each turn, so that a turn that never ends is noticed.
    pub turns: Arc<AtomicU64>,
}

impl Reader {
    /// Waits until the log root is there: before, everything below it would seem to be new when it
    /// appears. Whether there is anything to follow then.
    pub(in crate::agent) fn wait_for(&mut self, log_root: &Path) -> bool {
        if log_root.is_dir() {
            return true;
        }
        let (path, detail) = (log_root.to_owned(), "it is followed as soon as it is there".into());
        let trouble = Trouble { path, reason: "no-log-root", lasts: true, detail };
        let missing = Batch { troubles: vec![trouble], ..Batch::default() };
        let mut goes_on = self.send(clock::now(), missing).is_some();
        while goes_on && !log_root.is_dir() {
            self.hints.wait(POLL);
            self.turns.fetch_add(1, Ordering::Relaxed);
            goes_on = !self.stop.is_cancelled();
        }
        let found = Batch { mended: vec![log_root.to_owned()], ..Batch::default() };
        goes_on && self.send(clock::now(), found).is_some()
    }

    /// Follows until `stop`.
    pub(in crate::agent) fn follow(mut self, mut tailer: Tailer) {
        let (mut dirty, mut was_behind) = (Dirty::Everything, false);
        // That the positions are taken is worth telling by itself, and so is that all is read.
        let mut is_first = true;
        while !self.stop.is_cancelled() {
            self.turns.fetch_add(1, Ordering::Relaxed);
            // What was written by now is read when nothing is left over.
            let polled = clock::now();
            let batch = tailer.poll(polled, &dirty);
            failpoint::pass("polled");
            let behind = batch.behind;
            if std::mem::take(&mut is_first) || !is_empty(&batch) || was_behind && !behind {
                let Some(spent) = self.send(polled, batch) else { return };
                tailer.reuse(spent);
            }
            was_behind = behind;
            failpoint::pass("hint");
            // Hints are taken while there is more to read, too: a script log that is found only
            // when its rows have long been read explains nothing.
            dirty = self.hints.wait(if behind { Duration::ZERO } else { POLL });
        }
    }

    /// Memory to read into; `None` once nobody takes a batch any more.
    fn send(&self, polled: Timestamp, batch: Batch) -> Option<Vec<Vec<u8>>> {
        self.inbox.send(Wake::Batch { polled, batch }).ok()?;
        self.permit.recv().ok()
    }
}

fn is_empty(batch: &Batch) -> bool {
    batch.blocks.is_empty()
        && batch.checkpoints.is_empty()
        && batch.forgotten.is_empty()
        && batch.troubles.is_empty()
        && batch.mended.is_empty()
        && batch.folders.is_empty()
}
