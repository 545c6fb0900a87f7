//! I/O. The reader thread: polls the tailer when a hint or the clock says so.

use std::sync::mpsc::{Receiver, Sender};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::agent::failpoint;
use crate::clock;
use crate::tail::{Batch, Dirty, Hints, Tailer};

/// Without hints a new line waits this long at most.
const POLL: Duration = Duration::from_secs(1);

/// Follows until `stop`. Reads one batch ahead of the core and no further: the file is the queue.
pub(in crate::agent) fn follow(
    mut tailer: Tailer,
    mut hints: Hints,
    inbox: &Sender<Wake>,
    permit: &Receiver<()>,
    stop: &CancellationToken,
) {
    let mut dirty = Dirty::Everything;
    while !stop.is_cancelled() {
        let batch = tailer.poll(clock::now(), &dirty);
        failpoint::pass("polled");
        let behind = batch.behind;
        if !is_empty(&batch) && (inbox.send(Wake::Batch(batch)).is_err() || permit.recv().is_err())
        {
            return;
        }
        failpoint::pass("hint");
        dirty = if behind { Dirty::Nothing } else { hints.wait(POLL) };
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
