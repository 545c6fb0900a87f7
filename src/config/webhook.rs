//! Pure. The webhook URL: a secret that is sent exactly as given and never printed.

mod hosts;

use std::fmt;
use std::net::IpAddr;

use url::Url;

use crate::config::webhook::hosts::{Owner, owner};

/// A shorter part of a path is a word, such as `workflows`.
const LONG_PART: usize = 16;
/// Shorter texts are not searched for, because they also occur where there is no secret.
const SHORTEST_SECRET: usize = 8;

/// A webhook URL. Anyone who knows it can post, so `Debug` and `Display` show only the host and the
/// last four characters of the workflow id.
///
/// Path and query are sent byte for byte: other senders that rebuilt them broke whenever
/// Microsoft changed the form. A `:443` is used for the connection; like every HTTP client,
/// the `Host` header omits a default port.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    url: Url,
}

/// Why a URL cannot be used as a webhook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    #[error("it is empty")]
    Empty,
    #[error("this is not a URL")]
    NotAUrl,
    #[error("a webhook must begin with https:// (http:// is for loopback addresses only)")]
    NotHttps,
    #[error(
        "{host} belongs to the Office 365 connectors, which Microsoft switched off in May 2026"
    )]
    Retired { host: String },
    #[error("{host} belongs to {service}, which does not accept Teams cards")]
    OtherService { host: String, service: &'static str },
    #[error("{host} is a web page of {service}, not a webhook")]
    Page { host: String, service: &'static str },
    #[error("the URL has no signature (sig=): the workflow would refuse every card with 401")]
    NoSignature,
    #[error("the URL has `&amp;` where a `&` belongs")]
    Escaped,
    #[error("a webhook carries its secret in sig=, not as user:password@")]
    Credentials,
    #[error("the URL has characters that no HTTP client sends as they are")]
    NotVerbatim,
}

impl WebhookRefusal {
    /// The next step.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "put the URL that the workflow shows into it, and nothing else",
            Self::Retired { .. } | Self::OtherService { .. } | Self::Page { .. } => {
                "in Teams, add the workflow \"Send webhook alerts to a channel\" to the channel \
                 and use the URL that it shows"
            }
            Self::NoSignature => {
                "there are two causes. (1) The command prompt cut the URL at its first `&`: put it \
                 in quotes, in cmd as set \"NAME=URL\", in PowerShell as $env:NAME = 'URL', or put it in a file and name that as webhook-file. (2) The flow can be triggered \
                 by \"Any user in my tenant\" only: choose \"Anyone\", save the flow, and copy the \
                 URL again"
            }
            Self::Escaped => "replace `&amp;` by `&`: the URL was copied from a page's source",
            Self::NotHttps => "use the URL that the workflow shows; it begins with https://",
            _ => "copy the URL again as the workflow shows it, without spaces or quotes around it",
        }
    }
}

/// A property of a webhook that is unusual but may be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caution {
    /// The host is not one of Microsoft's hosts for Workflows.
    UnknownHost(String),
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost(host) => write!(
                f,
                "{host} is not a known host of Teams workflows; if it is a relay or a government \
                 cloud, all is well, else check the URL"
            ),
        }
    }
}

impl Webhook {
    /// Parses and checks a URL from the operator.
    pub fn parse(text: &str) -> Result<Self, WebhookRefusal> {
        if text.trim().is_empty() {
            return Err(WebhookRefusal::Empty);
        }
        let url = Url::parse(text).map_err(|_| WebhookRefusal::NotAUrl)?;
        let host = url.host_str().ok_or(WebhookRefusal::NotAUrl)?.to_owned();
        let owner = owner(&host);
        match owner {
            Owner::Retired => return Err(WebhookRefusal::Retired { host }),
            Owner::Other(service) => return Err(WebhookRefusal::OtherService { host, service }),
            Owner::Page(service) => return Err(WebhookRefusal::Page { host, service }),
            Owner::Workflows | Owner::Unknown => {}
        }
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(WebhookRefusal::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebhookRefusal::Credentials);
        }
        if text.contains("&amp;") {
            return Err(WebhookRefusal::Escaped);
        }
        if target(text) != target(url.as_str()) || url.fragment().is_some() {
            return Err(WebhookRefusal::NotVerbatim);
        }
        if owner == Owner::Workflows && !is_signed(&url) {
            return Err(WebhookRefusal::NoSignature);
        }
        Ok(Self { url })
    }

    /// What the operator should verify. Empty for a webhook on this machine.
    pub fn cautions(&self) -> Vec<Caution> {
        let host = self.url.host_str().unwrap_or_default();
        let is_odd = !is_loopback(&self.url) && owner(host) == Owner::Unknown;
        is_odd.then(|| Caution::UnknownHost(host.to_owned())).into_iter().collect()
    }

    /// The secret itself, only for sending the request.
    pub(crate) fn expose_url(&self) -> &Url {
        &self.url
    }

    /// The texts that must not appear when an answer of a server is shown: the whole URL, the path
    /// after the host, its long parts, and the signature, encoded and decoded; the longest first.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let url = &self.url;
        let all = [url.as_str(), target(url.as_str()), url.path(), url.query().unwrap_or_default()];
        let parts = url.path_segments().into_iter().flatten().filter(|it| it.len() >= LONG_PART);
        let query = url.query().unwrap_or_default().split('&');
        let as_sent = query.filter_map(|pair| pair.split_once('=')).filter(|it| is_signature(it.0));
        let meant = url.query_pairs().filter(|(name, _)| is_signature(name));
        let mut secrets: Vec<String> = all.into_iter().chain(parts).map(str::to_owned).collect();
        secrets.extend(as_sent.map(|(_, value)| value.to_owned()));
        secrets.extend(meant.map(|(_, value)| value.into_owned()));
        secrets.retain(|secret| secret.len() >= SHORTEST_SECRET);
        secrets.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then(one.cmp(other)));
        secrets.dedup();
        secrets
    }

    /// The server of the webhook, without the secret path and query.
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

/// The URL without scheme and host.
fn target(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_scheme, rest)| rest);
    rest.find('/').map_or("", |path| &rest[path..])
}

fn is_signed(url: &Url) -> bool {
    url.query_pairs().any(|(name, value)| is_signature(&name) && !value.trim().is_empty())
}

fn is_signature(name: &str) -> bool {
    name.eq_ignore_ascii_case("sig")
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
    host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests;
