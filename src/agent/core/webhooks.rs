//! I/O. Channels whose webhook changed, and those whose cards are sent through the next one.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::agent::core::{Core, SendOrder};
use crate::agent::dispatcher::Arrived;
use crate::agent::webhooks_note::{WEBHOOKS_NOTE, WebhooksNote};
use crate::channels::{self, OpenChannel};
use crate::clock;
use crate::config::worded::plain;
use crate::config::{self, Language};
use crate::detection::AgentPart;

impl Core {
    /// Processes the end of an attempt.
    pub(crate) fn arrived(&mut self, arrived: Arrived) -> Result<()> {
        let Arrived { id, channel, outcome, thread, uses_next } = arrived;
        let why = outcome.why().map(str::to_owned);
        self.settle(&id, outcome, thread)?;
        if let Some(why) = why {
            self.last_answers.insert(channel.clone(), why);
        } else {
            self.last_answers.remove(&channel);
            self.well.insert(AgentPart::Channel(channel.clone()));
        }
        self.note_failing()?;
        let changed =
            if uses_next { self.on_next.insert(channel) } else { self.on_next.remove(&channel) };
        if changed { self.note_webhooks() } else { Ok(()) }
    }

    /// Records which channels use their next webhook, for `status`.
    pub(crate) fn note_webhooks(&mut self) -> Result<()> {
        let note = WebhooksNote::of(&self.on_next);
        if let Some(note) = &note {
            tracing::warn!("{}", note.text(Language::English));
        }
        let stored = note.map(|note| note.json()).unwrap_or_default();
        self.retry_until_written(|store, _| store.note(WEBHOOKS_NOTE, &stored))
    }

    /// Replaces channels that were changed. Cards that they refused before are tried at once.
    pub(crate) fn replace_channels(
        &mut self,
        changed: BTreeMap<String, config::Channel>,
    ) -> Result<()> {
        for (name, channel) in changed {
            match OpenChannel::open(&name, &channel, &self.state_dir) {
                Ok(opened) => {
                    self.outbox.replaced(clock::now(), &name, channels::pace(&channel));
                    self.wiring.alarm.replace_channel(&name, channel);
                    self.on_next.remove(&name);
                    // The dispatcher is gone only if the agent is ending.
                    self.requests.send(SendOrder::Replace(name, opened)).ok();
                }
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    let why = plain(&format!("{error:#}"));
                    tracing::error!("channel {name} stays as it was: {why}");
                }
            }
        }
        self.note_failing()?;
        self.note_webhooks()
    }
}
