//! Pure. Who may read and act: hosts, origins, the key of the page and its form tokens.

use jiff::SignedDuration;
use url::{Host, Url};

use crate::clock::Timestamp;
use crate::command::link;
use crate::config::is_loopback_host;
use crate::state::PageKey;

/// How long a browser may act after it was given the key.
const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(30 * 24);
const SESSION: &str = "session";
/// A form may be open for a day.
const FORM_LASTS: SignedDuration = SignedDuration::from_hours(24);
const FORM: &str = "page";

/// The names under which the page is requested.
#[derive(Clone, Debug, Default)]
pub(crate) struct HostNames {
    /// `page.url`.
    url: Option<Url>,
}

impl HostNames {
    pub(crate) fn new(url: Option<&str>) -> Self {
        Self { url: url.and_then(|url| Url::parse(url).ok()) }
    }

    /// Whether the host of a request is this page: a loopback name, or the host of `page.url`. Any
    /// other name is a DNS rebinding attempt by a web site.
    pub(crate) fn knows(&self, host: &str) -> bool {
        is_local(host) || self.is_own(host)
    }

    fn is_own(&self, host: &str) -> bool {
        let own = self.url.as_ref().and_then(Url::host_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(name_of(host)))
    }

    /// Whether a form was sent from this page: its origin is `page.url`, or the requested loopback
    /// name.
    pub(crate) fn is_origin(&self, origin: &str, host: &str) -> bool {
        let Ok(origin) = Url::parse(origin) else { return false };
        let is_own = self.url.as_ref().is_some_and(|own| own.origin() == origin.origin());
        let asked = Url::parse(&format!("http://{host}"));
        let is_asked = asked.is_ok_and(|asked| asked.origin() == origin.origin());
        is_own || (is_local(host) && is_asked)
    }

    /// Whether the browser reaches this host over TLS, so that its cookie must not be sent without
    /// TLS.
    pub(crate) fn is_secure(&self, host: &str) -> bool {
        !is_local(host)
            && self.is_own(host)
            && self.url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

/// The host without its port.
fn name_of(host: &str) -> &str {
    let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    name.map_or(host, |(name, _)| name)
}

fn is_local(host: &str) -> bool {
    let name = name_of(host);
    is_loopback_host(name) && Host::parse(name).is_ok()
}

/// Whether this is the key as in the link of `status`, compared in constant time.
pub(crate) fn is_key(key: &PageKey, text: &str) -> bool {
    // The HMACs of equal texts are equal, and comparing them reveals nothing about the key.
    link::is_mac(&key.0, &["key", text], &link::mac(&key.0, &["key", &key.text()]))
}

/// The name of the cookie for the requested address: browsers send cookies to all ports of a host,
/// where other agents may serve their pages.
fn cookie_name(host: &str) -> String {
    match host.strip_prefix(name_of(host)).and_then(|port| port.strip_prefix(':')) {
        Some(port) => format!("footman-{port}"),
        None => "footman".to_owned(),
    }
}

/// The header that keeps the proof of the key in the browser. The proof contains its time, and is
/// not accepted after the time at which the browser forgets it.
pub(crate) fn cookie(key: &PageKey, host: &str, is_secure: bool, now: Timestamp) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let proof = link::stamp(&key.0, SESSION, "", now);
    let (name, lasts) = (cookie_name(host), SESSION_LASTS.as_secs());
    format!("{name}={proof}; Path=/; HttpOnly; SameSite=Strict; Max-Age={lasts}{secure}")
}

/// Whether the cookies hold the proof.
pub(crate) fn has_proof<'c>(
    key: &PageKey,
    host: &str,
    cookies: impl Iterator<Item = &'c str>,
    now: Timestamp,
) -> bool {
    let own = cookie_name(host);
    let mut proofs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == own).then_some(value)
    });
    // Several sites on one host may set a cookie of this name; a few are checked.
    proofs.by_ref().take(4).any(|proof| link::is_stamp(&key.0, SESSION, proof, now, SESSION_LASTS))
}

/// The token of a form.
pub(crate) fn form_token(key: &PageKey, now: Timestamp) -> String {
    link::stamp(&key.0, FORM, "", now)
}

pub(crate) fn is_form_token(key: &PageKey, token: &str, now: Timestamp) -> bool {
    link::is_stamp(&key.0, FORM, token, now, FORM_LASTS)
}

#[cfg(test)]
mod tests;
