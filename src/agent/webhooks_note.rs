//! Pure. The note with the channels whose cards are sent through their next webhook.

use std::collections::BTreeMap;

use crate::config::Language;

/// Key of the note in the state.
pub(crate) const WEBHOOKS_NOTE: &str = "webhooks";

/// The channels whose webhook is refused, and whose next one accepts their cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WebhooksNote {
    OnNext(Vec<String>),
    /// Of an earlier version, with its sentence.
    Earlier(String),
}

impl WebhooksNote {
    /// `None` if no channel uses its next webhook.
    pub(crate) fn of<'c>(channels: impl IntoIterator<Item = &'c String>) -> Option<Self> {
        let channels: Vec<String> = channels.into_iter().cloned().collect();
        (!channels.is_empty()).then_some(Self::OnNext(channels))
    }

    pub(crate) fn stored(&self) -> String {
        match self {
            Self::OnNext(channels) => serde_json::to_string(channels).expect("it holds only text"),
            Self::Earlier(sentence) => sentence.clone(),
        }
    }

    fn read(stored: &str) -> Self {
        let channels = serde_json::from_str(stored).map(Self::OnNext);
        channels.unwrap_or_else(|_| Self::Earlier(stored.to_owned()))
    }

    /// Puts what people read in place of the note among those of the state.
    pub(crate) fn reword_in(notes: &mut BTreeMap<String, String>, language: Language) {
        if let Some(stored) = notes.get_mut(WEBHOOKS_NOTE).filter(|stored| !stored.is_empty()) {
            *stored = Self::read(stored).text(language);
        }
    }

    pub(crate) fn text(&self, language: Language) -> String {
        match (self, language) {
            (Self::Earlier(sentence), _) => sentence.clone(),
            (Self::OnNext(channels), Language::English) => english(channels),
            (Self::OnNext(channels), Language::German) => german(channels),
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
