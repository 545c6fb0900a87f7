//! Pure. Judges a webhook URL before anything is sent to it, without ever repeating it.

use std::net::IpAddr;

/// Connectors that Microsoft has switched off.
const RETIRED: [&str; 2] = ["webhook.office.com", "outlook.office.com"];

/// Hosts that Workflows webhooks are known to live on.
const KNOWN: [&str; 4] =
    ["logic.azure.com", "api.powerplatform.com", "powerautomate.com", "flow.microsoft.com"];

/// What is wrong with a URL, and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::config) struct Refusal {
    pub(in crate::config) message: &'static str,
    pub(in crate::config) hint: &'static str,
}

const CREATE: &str =
    "create a workflow \"Send webhook alerts to a channel\" in Teams and use its URL";

/// Says why a URL cannot be a webhook, if so.
pub(in crate::config) fn refusal(url: &str) -> Option<Refusal> {
    let refuse = |message, hint| Some(Refusal { message, hint });
    if url.is_empty() {
        return refuse("the webhook URL is empty", CREATE);
    }
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return refuse("the webhook URL contains a blank or a line break", "copy it again, whole");
    }
    let Some((scheme, host)) = scheme_and_host(url) else {
        return refuse("the webhook URL is not a URL", CREATE);
    };
    if RETIRED.iter().any(|domain| is_within(&host, domain)) {
        return refuse(
            "the webhook URL is that of an Office 365 connector; Microsoft has retired them",
            CREATE,
        );
    }
    match scheme.as_str() {
        "https" => None,
        "http" if is_loopback(&host) => None,
        "http" => refuse(
            "the webhook URL is not https; plain http is for this machine only",
            "use the URL as Teams shows it, beginning with https://",
        ),
        _ => refuse("the webhook URL does not begin with https://", CREATE),
    }
}

/// Says what looks odd in a URL that may be right all the same.
pub(in crate::config) fn doubt(url: &str) -> Option<&'static str> {
    let (scheme, host) = scheme_and_host(url)?;
    if scheme == "http" {
        return None;
    }
    if !KNOWN.iter().any(|domain| is_within(&host, domain)) {
        return Some("the host of the webhook URL is not one that Workflows is known to use");
    }
    (!url.contains("sig="))
        .then_some("the webhook URL carries no signature (`sig=`); was it cut off?")
}

/// Whether a text begins like a URL of the web and names a host.
pub(in crate::config) fn is_web_address(url: &str) -> bool {
    scheme_and_host(url).is_some_and(|(scheme, _)| scheme == "https" || scheme == "http")
}

/// The host of a URL: all of it that may be shown.
pub(in crate::config) fn host(url: &str) -> Option<String> {
    scheme_and_host(url).map(|(_, host)| host)
}

fn scheme_and_host(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host_and_port.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host_and_port.split(':').next()?,
    };
    (!host.is_empty()).then(|| (scheme.to_ascii_lowercase(), host.to_ascii_lowercase()))
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
