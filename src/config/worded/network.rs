//! Pure. Rewords the errors of the HTTPS client: what failed, without the names of its layers.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::LazyLock;

use regex::Regex;

use crate::config::Connection;
use crate::config::worded::plain;

/// What failed, from an error and its sources, without the names of layers.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, ": {cause}").expect("writing to a string does not fail");
        source = cause.source();
    }
    network(&text)
}

/// The variable that names the proxy of the machine.
const VARIABLE: &str = "HTTPS_PROXY";
/// The message that the proxy requires a user and a password, also for status 407.
pub const NO_SIGN_IN: &str = "the proxy requires authentication";
const REFUSED_BY_PROXY: &str = "the proxy refused the connection";
const UNTRUSTED: &str =
    "this machine does not trust the authority that issued the server's certificate";

/// A part of a text of the client, its meaning, and what to do.
const KNOWN: [(&[&str], &str, &str); 14] = [
    (
        &["proxy authorization required", "proxy authentication required"],
        NO_SIGN_IN,
        "allow this host on the proxy without a sign-in, or put user and password into HTTPS_PROXY",
    ),
    (
        &["tunnel error: unsuccessful"],
        REFUSED_BY_PROXY,
        "allow the host of the webhook on the proxy, or name it in NO_PROXY",
    ),
    (
        &["tunnel error: unexpected end of file"],
        "the proxy closed the connection",
        "check that HTTPS_PROXY names a proxy for HTTPS, with its port",
    ),
    (
        &["InvalidContentType", "invalid HTTP version parsed"],
        "the server does not speak HTTPS on this port",
        "check the port of the URL, and that HTTPS_PROXY begins with http:// if the proxy expects that",
    ),
    (
        &["UnknownIssuer", "unknown certificate authority", "self-signed"],
        UNTRUSTED,
        "a proxy that inspects TLS has an authority of its own: add its certificate to the trusted \
         ones of this machine",
    ),
    (
        &["NotValidForName", "certificate not valid for name"],
        "the server's certificate is for another name",
        "check the host of the URL; a proxy that inspects TLS may have answered in its place",
    ),
    (
        &["peer certificate: Expired", "certificate expired", "NotValidYet", "not valid yet"],
        "the server's certificate is not valid at this time",
        "check the clock of this machine; otherwise the server needs a new certificate",
    ),
    (
        &["invalid peer certificate"],
        "the server's certificate cannot be verified",
        "check the host of the URL, and the trusted certificates of this machine or those of the \
         channel's `ca-file`: they are of authorities, not of servers",
    ),
    (
        &["received fatal alert", "peer is incompatible", "peer misbehaved", "corrupt message"],
        "the server refused the TLS connection",
        "it needs TLS 1.2 or 1.3: check the URL, and a firewall or proxy that inspects TLS",
    ),
    (
        &["handshake eof", "tls handshake"],
        "the server closed the connection before TLS was agreed",
        "check the port of the URL, and a firewall between this machine and the server",
    ),
    (
        &["Temporary failure in name resolution"],
        "no name server answered",
        "check the network and the DNS servers of this machine",
    ),
    (
        &["dns error", "failed to lookup address"],
        "the name of the host is not known",
        "check the host of the URL and the DNS servers of this machine; behind a proxy, set HTTPS_PROXY",
    ),
    (
        &["operation timed out", "deadline has elapsed", "it took too long"],
        "there was no answer in time",
        "check network, proxy and firewall",
    ),
    (
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
pub fn network(text: &str) -> String {
    let is_of_proxy = text.contains("tunnel error: failed to create underlying connection")
        || text.contains("proxy connect error");
    let what = match known(text) {
        Some((message, _)) => message.to_owned(),
        None => bare(text),
    };
    if is_of_proxy { format!("the proxy cannot be reached: {what}") } else { what }
}

/// The remedy for a message of [`network`], if it is known.
pub fn network_remedy(message: &str) -> Option<&'static str> {
    if message.contains("the proxy cannot be reached") {
        return Some("check the address and the port in HTTPS_PROXY, and that the proxy runs");
    }
    let of_it = KNOWN.iter().find(|(_, worded, _)| message.contains(worded));
    of_it.map(|(_, _, remedy)| *remedy)
}

/// The remedy for a message of [`network`] about a channel: it names the keys of this channel
/// instead of the settings of the machine.
pub fn channel_remedy(message: &str, name: &str, connection: &Connection) -> Option<String> {
    let remedy = network_remedy(message)?;
    let says = |text: &str| message.contains(text);
    if says(UNTRUSTED) {
        let file = format!("`channel.{name}.ca-file`");
        return Some(if connection.authorities.is_empty() {
            format!("{remedy}, or name its PEM file in {file}")
        } else {
            format!(
                "a proxy that inspects TLS has an authority of its own, which is not in the file of \
                 {file}: add its certificate there"
            )
        });
    }
    if connection.proxy.is_none() {
        return Some(remedy.to_owned());
    }
    let key = format!("`channel.{name}.proxy`");
    Some(if says(NO_SIGN_IN) {
        format!(
            "allow this host without a sign-in on the proxy in {key}; for user and password, remove \
             the key and put the whole address into {VARIABLE}"
        )
    } else if says(REFUSED_BY_PROXY) {
        format!("allow the host of the webhook on the proxy in {key}, or remove the key")
    } else {
        remedy.replace(&format!("; behind a proxy, set {VARIABLE}"), "").replace(VARIABLE, &key)
    })
}

fn known(text: &str) -> Option<(&'static str, &'static str)> {
    let contains = |parts: &&[&str]| parts.iter().any(|part| text.contains(part));
    KNOWN.iter().find(|(parts, ..)| contains(parts)).map(|(_, worded, remedy)| (*worded, *remedy))
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
