//! I/O. Sends cards to their channels and reports the outcomes to the core.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::agent::core::{DispatchRequest, SendOrder, Wake};
use crate::agent::failpoint;
use crate::channels::{OpenChannel, SendRequest};
use crate::ids::DeliveryId;
use crate::outbox::{Outcome, ThreadAnswer};

/// After `stop`, cards in flight have this long to arrive. After that their outcome is unknown, and
/// they are sent again after the restart, marked as possible repeats.
const GRACE: Duration = Duration::from_secs(5);

type Channels = BTreeMap<String, Arc<OpenChannel>>;

/// The end of one attempt.
pub(crate) struct Arrived {
    pub id: DeliveryId,
    pub channel: String,
    pub outcome: Outcome,
    /// The result for its thread.
    pub thread: ThreadAnswer,
    /// Whether the channel's cards are sent through its next webhook.
    pub uses_next: bool,
}

/// Sends until `stop`, then waits for the cards in flight.
pub(crate) async fn run(
    channels: BTreeMap<String, OpenChannel>,
    mut requests: UnboundedReceiver<SendOrder>,
    inbox: Sender<Wake>,
    stop: CancellationToken,
) {
    let mut channels: Channels =
        channels.into_iter().map(|(name, it)| (name, Arc::new(it))).collect();
    let mut in_flight = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            request = requests.recv() => match request {
                Some(SendOrder::Send(request)) => {
                    let channel = channels.get(&request.channel).cloned();
                    in_flight.spawn(deliver(channel, request));
                }
                // Cards in flight arrive by the channel that they left with.
                Some(SendOrder::Replace(name, channel)) => drop(channels.insert(name, Arc::new(channel))),
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

async fn deliver(channel: Option<Arc<OpenChannel>>, dispatch: DispatchRequest) -> Arrived {
    let request = SendRequest {
        id: &dispatch.id,
        created: dispatch.created,
        card: &dispatch.card,
        possible_repeat: dispatch.possible_repeat,
    };
    failpoint::pass("posting");
    let (outcome, thread) = match (&channel, &dispatch.thread) {
        (Some(channel), Some(write)) => channel.send_in_thread(request, write).await,
        (Some(channel), None) => (channel.send(request).await, ThreadAnswer::default()),
        (None, _) => {
            let why = format!("channel {} is not configured", dispatch.channel);
            (Outcome::Unavailable { why: why.into() }, ThreadAnswer::default())
        }
    };
    failpoint::pass("posted");
    let uses_next = channel.is_some_and(|channel| channel.uses_next());
    Arrived { id: dispatch.id, channel: dispatch.channel, outcome, thread, uses_next }
}

fn report_outcome(inbox: &Sender<Wake>, arrived: Option<Arrived>) {
    if let Some(arrived) = arrived {
        // The core is gone only if the agent is ending; the state then has the card as in flight.
        inbox.send(Wake::Outcome(arrived)).ok();
    }
}
