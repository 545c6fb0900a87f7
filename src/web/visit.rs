//! I/O. One request: the client, the requested view, and whether the client may act.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN, USER_AGENT};
use axum::http::{HeaderMap, HeaderName};

use crate::clock::{self, Timestamp};
use crate::state::PageKey;
use crate::web::PageSite;
use crate::web::access;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The most fields of a form or a query.
const MOST_FIELDS: usize = 40;
/// The most characters of a browser's name in the log.
const MOST_AGENT: usize = 200;

/// The address of the client of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub IpAddr);

/// The information of a request about its client.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub now: Timestamp,
    pub host: String,
    pub query: BTreeMap<String, String>,
    pub address: IpAddr,
    pub user_agent: String,
    /// The key of the page, if the browser proved that it knows it.
    pub key: Option<PageKey>,
    origin: Option<String>,
    is_form: bool,
}

impl Visit {
    pub(crate) fn of(site: &PageSite, request: &Request) -> Self {
        let headers = request.headers();
        let text = |name| header(headers, name);
        let host = text(HOST).unwrap_or_default().to_owned();
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookies: Vec<&str> = cookies.collect();
        // Without a cookie there is nothing to compare the key with.
        let key = if cookies.is_empty() { None } else { site.page_key() };
        let now = clock::now();
        let key = key.filter(|key| access::has_proof(key, &host, cookies.into_iter(), now));
        let form = "application/x-www-form-urlencoded";
        let kind = text(CONTENT_TYPE).and_then(|kind| kind.split(';').next()).map(str::trim);
        Self {
            now,
            host,
            query: fields(request.uri().query().unwrap_or_default().as_bytes()),
            address: address(request, headers),
            user_agent: text(USER_AGENT).unwrap_or_default().chars().take(MOST_AGENT).collect(),
            key,
            origin: text(ORIGIN).map(str::to_owned),
            is_form: kind.is_some_and(|kind| kind.eq_ignore_ascii_case(form)),
        }
    }

    /// Whether a form was sent from a view of this page.
    pub(crate) fn is_own(&self, site: &PageSite) -> bool {
        let origin = self.origin.as_deref();
        origin.is_some_and(|origin| site.names.is_origin(origin, &self.host))
    }

    pub(crate) fn is_form(&self) -> bool {
        self.is_form
    }

    /// The token for the forms of a view; `None` if the browser may not act.
    pub(crate) fn form_token(&self) -> Option<String> {
        self.key.as_ref().map(|key| access::form_token(key, self.now))
    }
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The client. Only a reverse proxy on this machine is trusted to name the client of a request.
fn address(request: &Request, headers: &HeaderMap) -> IpAddr {
    let peer = request.extensions().get::<Peer>();
    let peer = peer.map_or(IpAddr::from(Ipv4Addr::UNSPECIFIED), |peer| peer.0.to_canonical());
    if !peer.is_loopback() {
        return peer;
    }
    let said = header(headers, FORWARDED_FOR).and_then(|list| list.rsplit(',').next());
    said.and_then(|said| said.trim().parse().ok()).unwrap_or(peer)
}

/// The fields of a form or a query; if several have the same name, the last.
pub(crate) fn fields(text: &[u8]) -> BTreeMap<String, String> {
    let pairs = url::form_urlencoded::parse(text).take(MOST_FIELDS);
    pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
