//! Pure. Where the local page is served.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// The port of the page.
const PORT: u16 = 8640;

/// Where the page is served, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Listen {
    Off,
    At(SocketAddr),
}

impl Default for Listen {
    fn default() -> Self {
        Self::At(SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)))
    }
}

impl Listen {
    /// The address, if other machines can reach it.
    pub fn beyond_loopback(self) -> Option<SocketAddr> {
        match self {
            Self::At(address) if !address.ip().to_canonical().is_loopback() => Some(address),
            Self::At(_) | Self::Off => None,
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => Ok(()),
            Self::At(address) => address.fmt(f),
        }
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.trim() {
            "" => Ok(Self::Off),
            address => address.parse().map(Self::At).map_err(|_| {
                format!("`{address}` is not an address with a port, such as \"127.0.0.1:{PORT}\"")
            }),
        }
    }
}

impl From<Listen> for String {
    fn from(listen: Listen) -> Self {
        listen.to_string()
    }
}
