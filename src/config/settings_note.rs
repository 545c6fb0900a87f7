//! Pure. Warnings about settings that are accepted.

use std::fmt;

use crate::config::{Caution, DEFAULT_CHANNEL, DEFAULT_WEBHOOK, FlowCaution, PingUrl};

/// A warning: logged once at start, and printed by `footman check`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsNote {
    /// The default channel has no webhook. What lists the channels says so itself.
    NoWebhook,
    /// The variable with the default webhook comes before this key.
    KeyNotUsed {
        channel: String,
        key: &'static str,
    },
    UnusualWebhook {
        channel: String,
        caution: Caution,
    },
    FastPace {
        channel: String,
        caution: FlowCaution,
    },
    UnknownTimezone(String),
    /// The address of the heartbeat is not encrypted.
    OpenPing(PingUrl),
}

impl fmt::Display for SettingsNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWebhook => write!(
                f,
                "the channel `{DEFAULT_CHANNEL}` has no webhook: its cards stay on this machine \
                 (set {DEFAULT_WEBHOOK})"
            ),
            Self::KeyNotUsed { channel, key } => write!(
                f,
                "channel `{channel}`: the variable {DEFAULT_WEBHOOK} is set and comes before {key}"
            ),
            Self::UnusualWebhook { channel, caution } => {
                write!(f, "channel `{channel}`: {caution}")
            }
            Self::FastPace { channel, caution } => write!(f, "channel `{channel}`: {caution}"),
            Self::UnknownTimezone(name) => write!(
                f,
                "the variable TZ is `{name}`, which is not a known time zone: times are in UTC \
                 (correct it, or set `timezone`)"
            ),
            Self::OpenPing(url) => write!(
                f,
                "heartbeat: requests to {url} are not encrypted, so others on the network can read \
                 the address and keep the alarm silent; use https:// if the service has it"
            ),
        }
    }
}
