//! I/O. Sends one card without the state, when the state cannot be written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::channels::{OpenChannel, SendRequest};
use crate::clock::Timestamp;
use crate::config;
use crate::config::worded::plain;
use crate::outbox::Outcome;
use crate::render::{self, Card, Site};
use crate::route::{Recipient, Router};

/// Where emergency cards go: the channels that receive problems of the agent itself.
#[derive(Debug)]
pub(crate) struct Emergency {
    pub channels: BTreeMap<String, config::Channel>,
    pub router: Router,
    pub environment: Option<String>,
    pub state_dir: PathBuf,
    pub site: Site,
}

impl Emergency {
    /// Sends the card to each channel; returns whether one accepted it, or may have accepted it.
    pub(crate) async fn send(&self, now: Timestamp, why: &str) -> bool {
        let card = render::emergency_card(&self.site, now, why);
        let mut arrived = false;
        for (name, channel, card) in self.cards(now, &card) {
            // Opened only now, because emergencies are rare and an open client costs memory.
            let outcome = match OpenChannel::open(&name, channel, &self.state_dir) {
                Ok(channel) => {
                    let id = format!("emergency-{}@{name}", now.as_microsecond());
                    let (created, card) = (now, card.payload.as_str());
                    channel
                        .send(SendRequest { id: &id, created, card, possible_repeat: false })
                        .await
                }
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    let why = plain(&format!("{error:#}"));
                    tracing::error!("emergency card: cannot open channel {name}: {why}");
                    continue;
                }
            };
            match outcome {
                Outcome::Accepted { .. } => {
                    tracing::warn!(target: "footman::card", "{}", card.summary);
                    arrived = true;
                }
                refused => {
                    let why = refused.why().unwrap_or_default();
                    tracing::error!("emergency card: channel {name} did not accept it: {why}");
                    arrived |= matches!(refused, Outcome::Retry { unsure: true, .. });
                }
            }
        }
        arrived
    }

    /// The card for each of its channels, by the routes that apply now.
    fn cards(&self, now: Timestamp, card: &Card) -> Vec<(String, &config::Channel, Card)> {
        let notice = render::emergency_notice(&self.site, now, self.environment.as_deref());
        let recipients = self.router.recipients(&notice, now, &self.site.timezone).into_iter();
        let known = recipients.filter_map(|Recipient { channel, mentions }| {
            let known = self.channels.get(&channel)?;
            let card = card.clone();
            let card = if known.waiting_card { card.waiting(&self.site, now) } else { card };
            Some((channel, known, card.mentioning(&mentions)))
        });
        known.collect()
    }
}
