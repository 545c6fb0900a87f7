//! Pure. The address of a dead man's switch: a secret that is never printed.

use std::fmt;
use std::net::IpAddr;

use url::Url;

/// The address of a dead man's switch. Anyone who knows it can keep its alarm silent, so `Debug`
/// and `Display` show only the host.
#[derive(Clone, PartialEq, Eq)]
pub struct PingUrl {
    url: Url,
}

/// Why an address cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PingRefusal {
    #[error("this is not a URL")]
    NotAUrl,
    #[error("the address must begin with https:// or http://")]
    NotHttp,
}

impl PingRefusal {
    /// The next step.
    pub fn hint(self) -> &'static str {
        "copy the address again as the service shows it, without spaces or quotes around it"
    }
}

impl PingUrl {
    /// Parses an address from the operator.
    pub fn parse(text: &str) -> Result<Self, PingRefusal> {
        let url = Url::parse(text).map_err(|_| PingRefusal::NotAUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(PingRefusal::NotHttp);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(PingRefusal::NotAUrl);
        }
        Ok(Self { url })
    }

    /// Whether others on the network can read it.
    pub fn is_open(&self) -> bool {
        self.url.scheme() == "http" && !self.is_loopback()
    }

    /// Whether the service runs on this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost"
            || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }

    /// The secret itself, only for sending the request.
    pub(crate) fn expose_ping(&self) -> &Url {
        &self.url
    }

    /// The server of the service, without the secret path and query.
    pub fn server(&self) -> Url {
        let mut root = self.url.clone();
        root.set_path("/");
        root.set_query(None);
        root.set_fragment(None);
        // Neither fails for an address with a host.
        root.set_username("").ok();
        root.set_password(None).ok();
        root
    }
}

impl fmt::Display for PingUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for PingUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PingUrl({self})")
    }
}

#[cfg(test)]
mod tests;
