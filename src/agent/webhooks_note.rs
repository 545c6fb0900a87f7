//! Pure. The note with the channels whose cards are sent through their next webhook.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Language;

/// Key of the note in the state.
pub(crate) const WEBHOOKS_NOTE: &str = "webhooks";

/// The channels whose webhook is refused, and whose next one accepts their cards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WebhooksNote(Vec<String>);

impl WebhooksNote {
    /// `None` if no channel uses its next webhook.
    pub(crate) fn of<'c>(channels: impl IntoIterator<Item = &'c String>) -> Option<Self> {
        let channels: Vec<String> = channels.into_iter().cloned().collect();
        (!channels.is_empty()).then_some(Self(channels))
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("it holds only text")
    }

    /// Puts what people read in place of the note among those of the state. Earlier versions stored that.
    pub(crate) fn reword_in(notes: &mut BTreeMap<String, String>, language: Language) {
        let Some(stored) = notes.get_mut(WEBHOOKS_NOTE) else { return };
        if let Ok(note) = serde_json::from_str::<Self>(stored) {
            *stored = note.text(language);
        }
    }

    pub(crate) fn text(&self, language: Language) -> String {
        match language {
            Language::English => english(&self.0),
            Language::German => german(&self.0),
        }
    }
}

fn english(channels: &[String]) -> String {
    match channels {
        [one] => format!(
            "channel {one}: its webhook is refused, cards leave through the next one; make that \
             the first one"
        ),
        many => format!(
            "channels {}: their webhooks are refused, cards leave through the next ones; make those \
             the first ones",
            many.join(", ")
        ),
    }
}

fn german(channels: &[String]) -> String {
    match channels {
        [one] => format!(
            "Kanal {one}: Sein Webhook wird abgelehnt, die Karten gehen über den nächsten; machen Sie \
             diesen zum ersten"
        ),
        many => format!(
            "Kanäle {}: Ihre Webhooks werden abgelehnt, die Karten gehen über die nächsten; machen \
             Sie diese zu den ersten",
            many.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests;
