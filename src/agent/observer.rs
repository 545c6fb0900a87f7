//! I/O. The observer thread: looks at services and at the machine, and tells the core what changed.

use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::observe::Look;
use crate::observe::source::Eye;

/// Looks until `stop`.
pub(in crate::agent) fn observe(
    mut eye: Eye,
    every: Duration,
    inbox: &Sender<Wake>,
    runtime: &Handle,
    stop: &CancellationToken,
) {
    let mut last: Vec<Look> = Vec::new();
    while !stop.is_cancelled() {
        let looks = eye.look();
        let news = looks.iter().filter(|look| !last.contains(look)).cloned();
        for look in news {
            if inbox.send(Wake::Look(look)).is_err() {
                return;
            }
        }
        last = looks;
        // The timer is made inside the runtime: this thread has none of its own.
        runtime.block_on(async { tokio::time::timeout(every, stop.cancelled()).await }).ok();
    }
}
