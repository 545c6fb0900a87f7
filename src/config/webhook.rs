//! Pure. The webhook URL: a secret that is sent as it was given and never printed.

use std::fmt;

use url::Url;

/// Hosts of Workflows webhooks, as of 2026. Others may be a relay, or a mistake.
const KNOWN_HOSTS: [&str; 5] = [
    ".logic.azure.com",
    ".environment.api.powerplatform.com",
    ".api.powerplatform.com",
    ".powerautomate.com",
    "flow.microsoft.com",
];
/// Office 365 connectors were switched off in May 2026.
const RETIRED_HOSTS: [&str; 3] =
    [".webhook.office.com", "outlook.office.com", "outlook.office365.com"];

/// A webhook URL. Whoever knows it can post, so `Debug` and `Display` show the host and the last
/// four characters of the workflow id, and nothing else does.
///
/// Path and query are sent byte for byte: rebuilding them broke other senders whenever
/// Microsoft changed the form. A `:443` is used for the connection; as with every HTTP client
/// the `Host` header does not repeat a default port.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    url: Url,
}

/// Why a URL cannot be used as a webhook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this is not a URL")]
    NotAUrl,
    #[error("a webhook must begin with https:// (http:// is for loopback addresses only)")]
    NotHttps,
    #[error(
        "{host} belongs to the Office 365 connectors, which Microsoft switched off in May 2026"
    )]
    Retired { host: String },
    #[error("a webhook carries its secret in sig=, not as user:password@")]
    Credentials,
    #[error("the URL has characters that no HTTP client sends as they are")]
    NotVerbatim,
}

impl Refusal {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Retired { .. } => {
                "in Teams, add the workflow \"Send webhook alerts to a channel\" to the channel \
                 and use the URL that it shows"
            }
            _ => "copy the URL again as the workflow shows it, without spaces or quotes around it",
        }
    }
}

/// Something odd about a webhook that may still be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caution {
    /// Not one of Microsoft's hosts for Workflows.
    UnknownHost(String),
    /// No `sig=`: the workflow will answer 401 unless it asks for no signature.
    NoSignature,
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost(host) => write!(f, "{host} is not a known host of Teams workflows"),
            Self::NoSignature => write!(f, "the URL has no sig=; it may have been cut short"),
        }
    }
}

impl Webhook {
    /// Checks what an operator gave.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let url = Url::parse(text).map_err(|_| Refusal::NotAUrl)?;
        let host = url.host_str().ok_or(Refusal::NotAUrl)?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(Refusal::NotHttps);
        }
        if RETIRED_HOSTS.iter().any(|retired| host.ends_with(retired)) {
            return Err(Refusal::Retired { host: host.to_owned() });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::Credentials);
        }
        if target(text) != target(url.as_str()) || url.fragment().is_some() {
            return Err(Refusal::NotVerbatim);
        }
        Ok(Self { url })
    }

    /// What an operator should verify. None for a webhook on this machine.
    pub fn cautions(&self) -> Vec<Caution> {
        let mut cautions = Vec::new();
        if is_loopback(&self.url) {
            return cautions;
        }
        let host = self.url.host_str().unwrap_or_default();
        if !KNOWN_HOSTS.iter().any(|known| host.ends_with(known)) {
            cautions.push(Caution::UnknownHost(host.to_owned()));
        }
        if !self.url.query_pairs().any(|(name, value)| name == "sig" && !value.is_empty()) {
            cautions.push(Caution::NoSignature);
        }
        cautions
    }

    /// The secret itself, for the request alone.
    pub(crate) fn expose_url(&self) -> &Url {
        &self.url
    }

    /// The server of the webhook, without path and query: nothing secret is in it.
    pub fn server(&self) -> Url {
        let mut root = self.url.clone();
        root.set_path("/");
        root.set_query(None);
        root
    }

    /// The last four characters of the workflow id.
    fn workflow(&self) -> Option<&str> {
        let mut segments = self.url.path_segments()?;
        segments.find(|segment| *segment == "workflows")?;
        let id = segments.next()?;
        id.get(id.len().checked_sub(8)? + 4..)
    }
}

impl fmt::Display for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.host_str().unwrap_or_default())?;
        match self.workflow() {
            Some(end) => write!(f, " (workflow …{end})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Webhook({self})")
    }
}

/// A URL from the path on.
fn target(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_scheme, rest)| rest);
    rest.find('/').map_or("", |path| &rest[path..])
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests;
