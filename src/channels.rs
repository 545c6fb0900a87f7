//! I/O. Sends one card to one channel and says what became of it; a folder for each kind of channel.
//!
//! Each kind has a file for its configuration, for sending and for judging the answer. Retries,
//! order and pace are the outbox's work: here, one call is one attempt.

pub mod local;
pub mod teams;

use std::path::Path;

use crate::clock::Timestamp;
use crate::config::{self, Destination};
use crate::outbox::{Outcome, Pace};

pub use crate::channels::local::LocalFolder;
pub use crate::channels::teams::{Sender, Timeouts};

/// Why a channel could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot prepare HTTPS for {webhook}")]
    Client { webhook: String, source: reqwest::Error },
}

/// Where cards go.
#[derive(Debug)]
pub enum Channel {
    /// A Teams Workflows webhook.
    Teams(Sender),
    /// A folder of cards on this machine.
    Local(LocalFolder),
}

/// One card to be sent to one channel, once.
#[derive(Clone, Copy, Debug)]
pub struct SendRequest<'a> {
    pub id: &'a str,
    pub created: Timestamp,
    /// The card, rich or plain as the outbox decided; what stands around it is the channel's.
    pub card: &'a str,
    /// An earlier attempt may have arrived: the card says so.
    pub possible_repeat: bool,
}

impl Channel {
    /// Opens the way to a channel; a local one keeps its cards below `state_dir`.
    pub fn open(name: &str, destination: &Destination, state_dir: &Path) -> Result<Self, Error> {
        Ok(match destination {
            Destination::Webhook(webhook) => {
                Self::Teams(Sender::new(webhook.clone(), Timeouts::default())?)
            }
            Destination::Local => Self::Local(local::open(state_dir, name)),
        })
    }

    /// Makes one attempt. It never fails otherwise than by its outcome.
    pub async fn send(&self, request: SendRequest<'_>) -> Outcome {
        match self {
            Self::Teams(sender) => sender.send(request).await,
            Self::Local(folder) => folder.send(request),
        }
    }
}

/// How fast a channel may be posted to; `None` for a local folder, which takes everything at once.
pub fn pace(channel: &config::Channel) -> Option<Pace> {
    let config::PaceConfig { burst, every, share } = channel.pace;
    match channel.destination {
        Destination::Webhook(_) => Some(Pace { burst, every: every.0, share }),
        Destination::Local => None,
    }
}
