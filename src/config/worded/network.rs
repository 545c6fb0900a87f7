//! Pure. Rewords the errors of the HTTPS client: what failed, without the names of its layers.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use regex::Regex;

use crate::config::Connection;
use crate::config::worded::plain;

/// The variable that names the proxy of the machine.
const VARIABLE: &str = "HTTPS_PROXY";

/// Why a request had no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkFault {
    pub text: String,
    /// `None` if the error is not a known one.
    pub kind: Option<NetworkKind>,
}

/// A known error of the HTTPS client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkKind {
    ProxyUnreachable,
    /// Also status 407.
    ProxySignIn,
    ProxyRefused,
    ProxyClosed,
    NotHttps,
    UntrustedAuthority,
    CertificateName,
    CertificateTime,
    CertificateUnverified,
    TlsRefused,
    TlsClosed,
    NoNameServer,
    UnknownHost,
    Timeout,
    Closed,
}

impl From<&str> for NetworkFault {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), kind: None }
    }
}

impl fmt::Display for NetworkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What failed, from an error and its sources, without the names of layers.
pub fn causes(error: &dyn Error) -> NetworkFault {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").expect("writing to a string does not fail");
        source = cause.source();
    }
    network(&text)
}

/// Parts of a text of the client, its meaning, and what to do.
const KNOWN: [(NetworkKind, &[&str], &str, &str); 15] = [
    (
        NetworkKind::ProxyUnreachable,
        // Around another error.
        &[],
        "the proxy cannot be reached",
        "check the address and the port in HTTPS_PROXY, and that the proxy runs",
    ),
    (
        NetworkKind::ProxySignIn,
        &["proxy authorization required", "proxy authentication required"],
        "the proxy requires authentication",
        "allow this host on the proxy without a sign-in, or put user and password into HTTPS_PROXY",
    ),
    (
        NetworkKind::ProxyRefused,
        &["tunnel error: unsuccessful"],
        "the proxy refused the connection",
        "allow the host of the webhook on the proxy, or name it in NO_PROXY",
    ),
    (
        NetworkKind::ProxyClosed,
        &["tunnel error: unexpected end of file"],
        "the proxy closed the connection",
        "check that HTTPS_PROXY names a proxy for HTTPS, with its port",
    ),
    (
        NetworkKind::NotHttps,
        &["InvalidContentType", "invalid HTTP version parsed"],
        "the server does not speak HTTPS on this port",
        "check the port of the URL, and that HTTPS_PROXY begins with http:// if the proxy expects that",
    ),
    (
        NetworkKind::UntrustedAuthority,
        &["UnknownIssuer", "unknown certificate authority", "self-signed"],
        "this machine does not trust the authority that issued the server's certificate",
        "a proxy that inspects TLS has an authority of its own: add its certificate to the trusted \
         ones of this machine",
    ),
    (
        NetworkKind::CertificateName,
        &["NotValidForName", "certificate not valid for name"],
        "the server's certificate is for another name",
        "check the host of the URL; a proxy that inspects TLS may have answered in its place",
    ),
    (
        NetworkKind::CertificateTime,
        &["peer certificate: Expired", "certificate expired", "NotValidYet", "not valid yet"],
        "the server's certificate is not valid at this time",
        "check the clock of this machine; otherwise the server needs a new certificate",
    ),
    (
        NetworkKind::CertificateUnverified,
        &["invalid peer certificate"],
        "the server's certificate cannot be verified",
        "check the host of the URL, and the trusted certificates of this machine or those of the \
         channel's `ca-file`: they are of authorities, not of servers",
    ),
    (
        NetworkKind::TlsRefused,
        &["received fatal alert", "peer is incompatible", "peer misbehaved", "corrupt message"],
        "the server refused the TLS connection",
        "it needs TLS 1.2 or 1.3: check the URL, and a firewall or proxy that inspects TLS",
    ),
    (
        NetworkKind::TlsClosed,
        &["handshake eof", "tls handshake"],
        "the server closed the connection before TLS was agreed",
        "check the port of the URL, and a firewall between this machine and the server",
    ),
    (
        NetworkKind::NoNameServer,
        &["Temporary failure in name resolution"],
        "no name server answered",
        "check the network and the DNS servers of this machine",
    ),
    (
        NetworkKind::UnknownHost,
        &["dns error", "failed to lookup address"],
        "the name of the host is not known",
        "check the host of the URL and the DNS servers of this machine; behind a proxy, set HTTPS_PROXY",
    ),
    (
        NetworkKind::Timeout,
        &["operation timed out", "deadline has elapsed", "it took too long"],
        "there was no answer in time",
        "check network, proxy and firewall",
    ),
    (
        NetworkKind::Closed,
        &[
            "connection closed before message completed",
            "connection error: unexpected end of file",
            "IncompleteMessage",
        ],
        "the server closed the connection without an answer",
        "try again in a few minutes; if it lasts, check proxy and firewall",
    ),
];

/// What failed. The text of an unknown error stays, without the layers of the client.
fn network(text: &str) -> NetworkFault {
    let contains = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let known = KNOWN.iter().find(|(_, parts, ..)| contains(parts));
    let what = known.map_or_else(|| bare(text), |(_, _, worded, _)| (*worded).to_owned());
    let kind = known.map(|row| row.0);
    if contains(&["tunnel error: failed to create underlying connection", "proxy connect error"]) {
        let kind = NetworkKind::ProxyUnreachable;
        return NetworkFault { text: format!("{}: {what}", kind.row().2), kind: Some(kind) };
    }
    NetworkFault { text: what, kind }
}

impl NetworkKind {
    fn row(self) -> &'static (Self, &'static [&'static str], &'static str, &'static str) {
        KNOWN.iter().find(|row| row.0 == self).expect("each kind has a row")
    }

    /// What to do.
    pub fn remedy(self) -> &'static str {
        self.row().3
    }

    /// What to do about a channel: it names the keys of this channel instead of the settings of the
    /// machine.
    pub fn remedy_of_channel(self, name: &str, connection: &Connection) -> String {
        let remedy = self.remedy();
        if self == Self::UntrustedAuthority {
            let file = format!("`channel.{name}.ca-file`");
            return if connection.authorities.is_empty() {
                format!("{remedy}, or name its PEM file in {file}")
            } else {
                format!(
                    "a proxy that inspects TLS has an authority of its own, which is not in the \
                     file of {file}: add its certificate there"
                )
            };
        }
        if connection.proxy.is_none() {
            return remedy.to_owned();
        }
        let key = format!("`channel.{name}.proxy`");
        match self {
            Self::ProxySignIn => format!(
                "allow this host without a sign-in on the proxy in {key}; for user and password, \
                 remove the key and put the whole address into {VARIABLE}"
            ),
            Self::ProxyRefused => {
                format!("allow the host of the webhook on the proxy in {key}, or remove the key")
            }
            _ => remedy
                .replace(&format!("; behind a proxy, set {VARIABLE}"), "")
                .replace(VARIABLE, &key),
        }
    }
}

/// The text after the names of the client's layers.
fn bare(text: &str) -> String {
    static LAYERS: LazyLock<Regex> = LazyLock::new(|| {
        let text = r"^(?:(?:error sending request(?: for url \([^)]*\))?|client error \(\w+\)|tcp connect error|tcp open error|connection error|request or response body error|tunnel error|failed to create underlying connection): )+";
        Regex::new(text).expect("the regex is a literal")
    });
    let text = plain(text);
    LAYERS.replace(&text, "").into_owned()
}

#[cfg(test)]
mod tests;
