//! Pure. A link that a pack puts on cards.

use serde::{Deserialize, Serialize};

/// Teams shows six buttons of a card; two lead into Qlik Sense.
pub const MOST_LINKS: usize = 4;
/// Longer addresses are not opened by every client.
const LONGEST_URL: usize = 2000;

/// A button: its label, and the page that it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub title: String,
    pub url: String,
}

/// Why a button may not open an address: only https is allowed, without a login and without invalid
/// characters.
pub fn url_fault(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://") else {
        return Some("does not begin with https://");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`');
    if host.is_empty() || host.starts_with(':') {
        Some("names no host")
    } else if host.contains('@') {
        Some("has a login in it")
    } else if url.len() > LONGEST_URL {
        Some("is longer than 2000 characters")
    } else if !url.chars().all(plain) {
        Some("has a blank or another character that an address cannot have")
    } else {
        None
    }
}
