//! I/O. The observer thread: takes snapshots of the machine and sends changes to the core.

use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::observe::NodeSnapshot;
use crate::observe::source::{ListenerWaker, NodeProbe, ServiceListener};

/// Takes snapshots until `stop`; the caller must also wake the listener.
pub(crate) fn observe(
    mut node_probe: NodeProbe,
    every: Duration,
    listener_waker: ListenerWaker,
    inbox: &Sender<Wake>,
    runtime: &Handle,
    stop: &CancellationToken,
) {
    let mut listener = ServiceListener::new(listener_waker);
    let mut is_woken = false;
    let mut last: Vec<NodeSnapshot> = Vec::new();
    while !stop.is_cancelled() {
        let snapshots = node_probe.take_snapshots(is_woken, Some(&mut listener));
        let news = snapshots.iter().filter(|snapshot| !last.contains(snapshot)).cloned();
        for snapshot in news {
            if inbox.send(Wake::Snapshot(snapshot)).is_err() {
                return;
            }
        }
        last = snapshots;
        is_woken = listener.wait(node_probe.time_until_next(every));
        runtime.block_on(async {
            tokio::select! { () = node_probe.explain() => {}, () = stop.cancelled() => {} }
        });
    }
}
