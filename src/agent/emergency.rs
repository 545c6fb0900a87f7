//! I/O. Sends one card without the state, when the state cannot be written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::channels::{Channel, SendRequest};
use crate::clock::Timestamp;
use crate::config::Destination;
use crate::outbox::Outcome;
use crate::render::{self, Site};

/// Where emergency cards go: the channels that receive problems of the agent itself.
#[derive(Debug)]
pub(in crate::agent) struct Emergency {
    pub channels: BTreeMap<String, Destination>,
    pub state_dir: PathBuf,
    pub site: Site,
}

impl Emergency {
    /// Sends the card to each channel; returns whether one accepted it, or may have accepted it.
    pub(in crate::agent) async fn send(&self, now: Timestamp, why: &str) -> bool {
        let card = render::emergency_card(&self.site, now, why);
        let mut arrived = false;
        for (name, destination) in &self.channels {
            // Opened only now, because emergencies are rare and an open client costs memory.
            let outcome = match Channel::open(name, destination, &self.state_dir) {
                Ok(channel) => {
                    let id = format!("emergency-{}@{name}", now.as_microsecond());
                    let (created, card) = (now, card.payload.as_str());
                    channel
                        .send(SendRequest { id: &id, created, card, possible_repeat: false })
                        .await
                }
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::error!("emergency card: cannot open channel {name}: {error:#}");
                    continue;
                }
            };
            match outcome {
                Outcome::Accepted { .. } => {
                    tracing::warn!(target: "footman::card", "{}", card.summary);
                    arrived = true;
                }
                Outcome::Retry { unsure, why, .. } => {
                    tracing::error!("emergency card: channel {name} did not accept it: {why}");
                    arrived |= unsure;
                }
                Outcome::Unreached { why }
                | Outcome::Unavailable { why }
                | Outcome::Refused { why }
                | Outcome::TooLarge { why }
                | Outcome::Rejected { why } => {
                    tracing::error!("emergency card: channel {name} did not accept it: {why}");
                }
            }
        }
        arrived
    }
}
