//! I/O. Sends one card to one channel and says what became of it.
//!
//! Retries, order and pace are the outbox's work: here, one call is one attempt.

pub mod local;
mod teams;
pub mod verdict;

use crate::clock::Timestamp;
use crate::outbox::Outcome;
use crate::render::mark_possible_repeat;

pub use crate::deliver::local::LocalFolder;
pub use crate::deliver::teams::{Sender, Timeouts};

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

/// One card on its way.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    pub id: &'a str,
    pub created: Timestamp,
    /// The bytes to send, rich or plain as the outbox decided.
    pub card: &'a str,
    /// An earlier attempt may have arrived: the card says so.
    pub possible_repeat: bool,
}

impl Channel {
    /// Makes one attempt. It never fails otherwise than by its outcome.
    pub async fn send(&self, letter: Letter<'_>) -> Outcome {
        match self {
            Self::Teams(sender) if letter.possible_repeat => {
                sender.send(&mark_possible_repeat(letter.card)).await
            }
            Self::Teams(sender) => sender.send(letter.card).await,
            // The same delivery is the same file: there is no repeat to tell of.
            Self::Local(folder) => folder.send(letter.created, letter.id, letter.card),
        }
    }
}
