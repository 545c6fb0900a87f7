//! I/O. The observer thread: looks at services and at the machine, and tells the core what changed.

use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::observe::Look;
use crate::observe::source::{Bell, Eye, Ringer};

/// Looks until `stop`, which has to be rung for.
pub(in crate::agent) fn observe(
    mut eye: Eye,
    every: Duration,
    ringer: Ringer,
    inbox: &Sender<Wake>,
    runtime: &Handle,
    stop: &CancellationToken,
) {
    let mut bell = Bell::new(ringer);
    let mut rung = false;
    let mut last: Vec<Look> = Vec::new();
    while !stop.is_cancelled() {
        let looks = eye.look(rung, Some(&mut bell));
        let news = looks.iter().filter(|look| !last.contains(look)).cloned();
        for look in news {
            if inbox.send(Wake::Look(look)).is_err() {
                return;
            }
        }
        last = looks;
        rung = bell.wait(eye.patience(every));
        runtime.block_on(async {
            tokio::select! { () = eye.explain() => {}, () = stop.cancelled() => {} }
        });
    }
}
