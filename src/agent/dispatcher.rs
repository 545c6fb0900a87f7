//! I/O. Carries loads to their channels, one at a time for each, and brings the outcomes back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::agent::core::{DispatchRequest, Wake};
use crate::agent::failpoint;
use crate::channels::{Channel, SendRequest};
use crate::outbox::Outcome;

/// After `stop`, loads under way have this long to arrive; then their outcome is unknown and
/// they leave again after the restart, marked as possible repeats.
const GRACE: Duration = Duration::from_secs(5);

/// Carries until `stop`, then waits for what is under way.
pub(in crate::agent) async fn carry(
    channels: BTreeMap<String, Channel>,
    mut loads: UnboundedReceiver<DispatchRequest>,
    inbox: Sender<Wake>,
    stop: CancellationToken,
) {
    let channels = Arc::new(channels);
    let mut under_way = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            load = loads.recv() => match load {
                Some(load) => { under_way.spawn(deliver(Arc::clone(&channels), load)); }
                None => break,
            },
            Some(arrived) = under_way.join_next() => bring_back(&inbox, arrived.ok()),
        }
    }
    let rest = async {
        while let Some(arrived) = under_way.join_next().await {
            bring_back(&inbox, arrived.ok());
        }
    };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::warn!(
            "stopped while cards were under way; they may be repeated after the restart"
        );
    }
}

async fn deliver(
    channels: Arc<BTreeMap<String, Channel>>,
    load: DispatchRequest,
) -> (String, Outcome) {
    let request = SendRequest {
        id: &load.id,
        created: load.created,
        card: &load.card,
        possible_repeat: load.possible_repeat,
    };
    failpoint::pass("posting");
    let outcome = match channels.get(&load.channel) {
        Some(channel) => channel.send(request).await,
        None => Outcome::Unavailable { why: format!("channel {} is not configured", load.channel) },
    };
    failpoint::pass("posted");
    (load.id, outcome)
}

fn bring_back(inbox: &Sender<Wake>, arrived: Option<(String, Outcome)>) {
    if let Some((id, outcome)) = arrived {
        // The core is gone only when the agent is ending: the state then says "in flight".
        inbox.send(Wake::Outcome { id, outcome }).ok();
    }
}
