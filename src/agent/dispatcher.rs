//! I/O. Sends cards to their channels and reports the outcomes to the core.

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

/// After `stop`, cards in flight have this long to arrive. After that their outcome is unknown, and
/// they are sent again after the restart, marked as possible repeats.
const GRACE: Duration = Duration::from_secs(5);

/// Sends until `stop`, then waits for the cards in flight.
pub(in crate::agent) async fn run(
    channels: BTreeMap<String, Channel>,
    mut requests: UnboundedReceiver<DispatchRequest>,
    inbox: Sender<Wake>,
    stop: CancellationToken,
) {
    let channels = Arc::new(channels);
    let mut in_flight = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            request = requests.recv() => match request {
                Some(request) => { in_flight.spawn(deliver(Arc::clone(&channels), request)); }
                None => break,
            },
            Some(arrived) = in_flight.join_next() => report_outcome(&inbox, arrived.ok()),
        }
    }
    let rest = async {
        while let Some(arrived) = in_flight.join_next().await {
            report_outcome(&inbox, arrived.ok());
        }
    };
    if tokio::time::timeout(GRACE, rest).await.is_err() {
        tracing::warn!(
            "stopped while cards were in flight; they may be repeated after the restart"
        );
    }
}

async fn deliver(
    channels: Arc<BTreeMap<String, Channel>>,
    dispatch: DispatchRequest,
) -> (String, Outcome) {
    let request = SendRequest {
        id: &dispatch.id,
        created: dispatch.created,
        card: &dispatch.card,
        possible_repeat: dispatch.possible_repeat,
    };
    failpoint::pass("posting");
    let outcome = match channels.get(&dispatch.channel) {
        Some(channel) => channel.send(request).await,
        None => {
            Outcome::Unavailable { why: format!("channel {} is not configured", dispatch.channel) }
        }
    };
    failpoint::pass("posted");
    (dispatch.id, outcome)
}

fn report_outcome(inbox: &Sender<Wake>, arrived: Option<(String, Outcome)>) {
    if let Some((id, outcome)) = arrived {
        // The core is gone only if the agent is ending; the state then has the card as in flight.
        inbox.send(Wake::Outcome { id, outcome }).ok();
    }
}
