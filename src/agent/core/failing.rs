//! I/O. The answers of channels that accept no cards, for `status` and the lists of cards. A
//! fallback may already have sent everything that waited for them.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::agent::core::Core;
use crate::clock::Timestamp;

/// Key of the note with the channels that accept no cards.
pub const NOTE: &str = "failing-channels";

/// A channel that accepts no cards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FailingChannel {
    pub since: Timestamp,
    /// Its last answer.
    pub why: String,
    /// The time of the next attempt, or later if no card waits for it then; `None` if it was
    /// deleted, so that it is tried only after its URL has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
}

/// The channels that a note names.
pub fn failing_channels(note: &str) -> BTreeMap<String, FailingChannel> {
    serde_json::from_str(note).unwrap_or_default()
}

impl Core {
    /// Records which channels accept no cards, if that changed.
    pub(crate) fn note_failing(&mut self) -> Result<()> {
        let failing: BTreeMap<&str, FailingChannel> = self
            .outbox
            .failing()
            .map(|(name, since, next_at)| {
                let why = self.last_answers.get(name).cloned().unwrap_or_default();
                (name, FailingChannel { since, why, next_at })
            })
            .collect();
        let note = if failing.is_empty() {
            String::new()
        } else {
            serde_json::to_string(&failing).expect("it holds only text and times")
        };
        if self.noted_failing.as_ref() == Some(&note) {
            return Ok(());
        }
        self.retry_until_written(|store, _| store.note(NOTE, &note))?;
        self.noted_failing = Some(note);
        Ok(())
    }
}
