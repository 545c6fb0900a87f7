//! Pure. Why an attempt to send a card failed.

use std::fmt;

use crate::config::worded::{NetworkFault, NetworkKind};

/// Why a channel did not accept a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptFault {
    pub text: String,
    pub source: FaultSource,
}

/// Where an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultSource {
    /// The webhook answered with this status.
    Webhook(u16),
    /// Teams answered the flow or the relay with this status.
    Teams(u16),
    /// There was no answer.
    Network(Option<NetworkKind>),
    /// There was no attempt, or its answer is no status.
    Other,
}

impl fmt::Display for AttemptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<NetworkFault> for AttemptFault {
    fn from(NetworkFault { text, kind }: NetworkFault) -> Self {
        Self { text, source: FaultSource::Network(kind) }
    }
}

impl From<String> for AttemptFault {
    fn from(text: String) -> Self {
        Self { text, source: FaultSource::Other }
    }
}

impl From<&str> for AttemptFault {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}
