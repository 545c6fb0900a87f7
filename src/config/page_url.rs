//! Pure. The address at which people reach the page.

use std::net::IpAddr;

use url::Url;

const TYPED: &str = "write it as people type it, such as \"https://footman.example.com\"";

/// Why an address of the page cannot be used, and what to write instead.
pub fn page_url_fault(text: &str) -> Option<(&'static str, &'static str)> {
    let Some(url) = Url::parse(text).ok().filter(Url::has_host) else {
        return Some(("page.url is not a web address", TYPED));
    };
    let is_open = match url.scheme() {
        "https" => false,
        "http" => !url.host_str().is_some_and(is_loopback_host),
        _ => return Some(("page.url is not a web address", TYPED)),
    };
    if is_open {
        let message = "page.url begins with `http:`, so others on the network could read its links";
        return Some((message, "write an https address; only a loopback address may be http"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some(("page.url holds a user name or a password", TYPED));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Some(("page.url has a part after `?` or `#`, so no link can be appended", TYPED));
    }
    (url.path() != "/").then_some((
        "page.url has a path, but the page is served at the root of its address",
        "give the page a host name or a port of its own",
    ))
}

/// Whether a host, as in a URL, is this machine.
pub fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests;
