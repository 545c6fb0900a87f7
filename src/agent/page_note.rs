//! Pure. The note that says where the local page is served.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Key of the note in the state.
pub const PAGE_NOTE: &str = "page";

/// Where the local page is served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageNote {
    #[default]
    Off,
    Served {
        address: SocketAddr,
        is_tls: bool,
    },
    /// Why it is not served.
    Unserved(String),
}

impl PageNote {
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).expect("an address or a text")
    }

    /// Reads a stored note. Earlier versions stored what people read.
    pub fn read(stored: &str) -> Self {
        serde_json::from_str(stored).unwrap_or_else(|_| Self::of_text(stored))
    }

    fn of_text(text: &str) -> Self {
        let address = |scheme| text.strip_prefix(scheme)?.strip_suffix('/')?.parse().ok();
        let served = |scheme| {
            address(scheme).map(|address| Self::Served { address, is_tls: scheme == "https://" })
        };
        match text {
            "off" => Self::Off,
            _ => served("http://")
                .or_else(|| served("https://"))
                .unwrap_or_else(|| Self::Unserved(text.to_owned())),
        }
    }

    /// Takes the note from those of the state and puts there what people read.
    pub(crate) fn reword_in(notes: &mut BTreeMap<String, String>) -> Option<Self> {
        let stored = notes.get_mut(PAGE_NOTE)?;
        let note = Self::read(stored);
        *stored = note.text();
        Some(note)
    }

    pub fn text(&self) -> String {
        match self {
            Self::Off => "off".to_owned(),
            Self::Served { address, is_tls: false } => format!("http://{address}/"),
            Self::Served { address, is_tls: true } => format!("https://{address}/"),
            Self::Unserved(why) => why.clone(),
        }
    }

    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Served { address, .. } => Some(*address),
            Self::Off | Self::Unserved(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
