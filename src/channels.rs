//! I/O. Sends one card to one channel and returns the outcome; one folder for each kind of channel.
//!
//! Each kind has one file for its configuration, one for sending and one for the answer. The outbox
//! decides about retries, order and pace: here, one call is one attempt.

pub mod flow;
pub mod local;
pub mod ping;
pub mod teams;

use std::path::Path;

use crate::clock::Timestamp;
use crate::config::{self, Destination};
use crate::outbox::{Outcome, Pace, ThreadAnswer, ThreadWrite};

pub use crate::channels::flow::FlowSender;
pub use crate::channels::local::LocalFolder;
pub use crate::channels::teams::{Sender, Timeouts};

/// Why a channel could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot prepare HTTPS for {webhook}")]
    Client { webhook: String, source: reqwest::Error },
    #[error("cannot prepare HTTPS for the heartbeat to {url}")]
    Ping { url: String, source: reqwest::Error },
}

/// An open channel.
#[derive(Debug)]
pub enum OpenChannel {
    /// A Teams Workflows webhook.
    Teams(Sender),
    /// A flow that keeps threads.
    Flow(FlowSender),
    /// A folder of cards on this machine.
    Local(LocalFolder),
}

/// One card to be sent to one channel, once.
#[derive(Clone, Copy, Debug)]
pub struct SendRequest<'a> {
    pub id: &'a str,
    pub created: Timestamp,
    /// The full or plain card, as the outbox decided; the channel adds its envelope.
    pub card: &'a str,
    /// An earlier attempt may have arrived, so the card is marked.
    pub possible_repeat: bool,
}

impl OpenChannel {
    /// Opens a channel; a local one keeps its cards below `state_dir`.
    pub fn open(name: &str, channel: &config::Channel, state_dir: &Path) -> Result<Self, Error> {
        Ok(match &channel.destination {
            Destination::Webhook(webhook) => {
                let sender =
                    Sender::new(webhook.clone(), &channel.connection, Timeouts::default())?;
                Self::Teams(sender.then(channel.next.clone()))
            }
            Destination::Flow(webhook) => {
                Self::Flow(flow::open(webhook, &channel.connection, channel.next.clone())?)
            }
            Destination::Local => Self::Local(local::open(state_dir, name)),
        })
    }

    /// Whether cards are sent through the webhook that replaces the first one, which was refused.
    pub fn uses_next(&self) -> bool {
        match self {
            Self::Teams(sender) => sender.uses_next(),
            Self::Flow(flow) => flow.sender().uses_next(),
            Self::Local(_) => false,
        }
    }

    /// Makes one attempt. Every failure is an outcome.
    pub async fn send(&self, request: SendRequest<'_>) -> Outcome {
        match self {
            Self::Teams(sender) => sender.send(request).await,
            Self::Flow(flow) => flow.send(request, None).await.0,
            Self::Local(folder) => folder.send(request),
        }
    }
}

impl OpenChannel {
    /// Makes one attempt to write a message of a thread, in a channel that has threads.
    pub async fn send_in_thread(
        &self,
        request: SendRequest<'_>,
        write: &ThreadWrite,
    ) -> (Outcome, ThreadAnswer) {
        match self {
            Self::Flow(flow) => flow.send(request, Some(write)).await,
            Self::Teams(_) | Self::Local(_) => (self.send(request).await, ThreadAnswer::Unknown),
        }
    }
}

/// The pace limit of a channel; `None` for a local folder, which has none.
pub fn pace(channel: &config::Channel) -> Option<Pace> {
    let config::PaceConfig { burst, every, share } = match channel.destination {
        Destination::Webhook(_) => channel.pace,
        Destination::Flow(_) => channel.pace.of_flow(),
        Destination::Local => return None,
    };
    Some(Pace { burst, every: every.0, share })
}
