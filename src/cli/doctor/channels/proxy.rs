//! I/O. Reads the proxy settings as the HTTPS client does, and reports whether a channel was
//! reached through the proxy.

use std::collections::BTreeMap;

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::cli::doctor::channels::AREA;
use crate::cli::doctor::{DoctorFinding, FindingLevel};
use crate::config::load::Env;

/// The variables that name a proxy for HTTPS, the one that counts first.
const VARIABLES: [&str; 2] = ["HTTPS_PROXY", "ALL_PROXY"];
/// The one for plain HTTP, over which no card is sent.
const PLAIN: &str = "HTTP_PROXY";
const FORM: &str =
    "write http://HOST:PORT, with USER:PASSWORD@ before the host if it requires them";

/// The proxy variables that cannot work. Addresses are shown without user and password.
pub(crate) fn variables(env: &Env) -> Vec<DoctorFinding> {
    let mut findings = Vec::new();
    let mut is_any = false;
    for name in VARIABLES {
        let Some(value) = value(env, name) else { continue };
        is_any = true;
        match address(value) {
            None => {
                let what = format!("proxy: {name} is not the address of a proxy, and is not used");
                findings.push(DoctorFinding::odd(AREA, FindingLevel::Bad, what, FORM));
            }
            Some(address) if address.starts_with("socks") => {
                let what = format!("proxy: {name} names {address}: SOCKS is not supported");
                let todo = "name a proxy for HTTP: its address begins with http://";
                findings.push(DoctorFinding::odd(AREA, FindingLevel::Bad, what, todo));
            }
            Some(_) => {}
        }
    }
    if !is_any && value(env, PLAIN).is_some() {
        let what = format!("proxy: {PLAIN} is not used, because webhooks are https://");
        let todo = "set HTTPS_PROXY as well if Teams is reached through a proxy";
        findings.push(DoctorFinding::odd(AREA, FindingLevel::Note, what, todo));
    }
    if findings.is_empty() && !is_any && cfg!(not(windows)) {
        findings.push(DoctorFinding::well(AREA, "proxy: none"));
    }
    findings
}

/// The proxy through which the client connects to this server.
pub(crate) fn of(server: &Url) -> Option<String> {
    // Only a loopback address has http://, and no proxy can reach that.
    if server.scheme() != "https" {
        return None;
    }
    let proxy = Matcher::from_system().intercept(&server.as_str().parse().ok()?)?;
    Some(shown(&proxy.uri().to_string()))
}

/// Reports whether each proxy carried a connection, and which configured one no channel uses.
pub(crate) fn used(through: &[(String, bool)]) -> Vec<DoctorFinding> {
    let mut proxies: BTreeMap<&str, bool> = BTreeMap::new();
    for (proxy, is_reached) in through {
        *proxies.entry(proxy).or_default() |= is_reached;
    }
    let one = |(proxy, is_reached): (&str, bool)| {
        if is_reached {
            return DoctorFinding::well(
                AREA,
                format!("proxy: {proxy}; a channel was reached through it"),
            );
        }
        let what = format!("proxy: {proxy}; no channel was reached through it");
        DoctorFinding::untested(AREA, what, "correct the channel, or the proxy variables, first")
    };
    proxies.into_iter().map(one).collect()
}

/// The variables that are set although no channel uses a proxy.
pub(crate) fn unused(env: &Env) -> Vec<DoctorFinding> {
    let set = VARIABLES.into_iter().filter_map(|name| Some((name, address(value(env, name)?)?)));
    let one = |(name, address): (&str, String)| {
        let what = format!("proxy: {address}, from {name}; no channel uses it");
        DoctorFinding::untested(
            AREA,
            what,
            "nothing, unless a channel should use it: check NO_PROXY",
        )
    };
    set.take(1).map(one).collect()
}

/// Upper case counts first, as for the client.
fn value<'a>(env: &'a Env, name: &str) -> Option<&'a str> {
    env.get(name).or_else(|| env.get(&name.to_ascii_lowercase()))
}

/// The address of a proxy without user and password; `None` if the client does not understand it.
fn address(value: &str) -> Option<String> {
    let any = "https://any.invalid/".parse().ok()?;
    let proxy = Matcher::builder().all(value).build().intercept(&any)?;
    Some(shown(&proxy.uri().to_string()))
}

/// `http://` is usual, so only another scheme is shown.
fn shown(address: &str) -> String {
    address.trim_end_matches('/').trim_start_matches("http://").to_owned()
}

#[cfg(test)]
mod tests;
