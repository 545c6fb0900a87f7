//! I/O. The local page, which shows cards as Teams would.

use std::error::Error as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::state::{Condition, Vitals};

pub mod card_html;
mod cards;
mod connections;
pub mod page;
pub mod report;

/// The content of the page: folders and names of the node.
#[derive(Clone, Debug)]
pub struct PageAddress {
    /// The local channel's folder: one `*.json` file for each message envelope, with names that
    /// sort by time, renamed into place when complete.
    pub cards: PathBuf,
    /// The agent's state folder: the page shows a warning when the agent is stalled.
    pub state_dir: PathBuf,
    pub node: String,
    pub environment: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot serve the local page")]
    Serve(#[source] io::Error),
    #[error("cannot list the cards in {folder}", folder = folder.display())]
    ListCards { folder: PathBuf, source: io::Error },
}

/// Serves the page until stopped.
pub async fn serve(
    listener: TcpListener,
    place: PageAddress,
    stop: CancellationToken,
) -> Result<(), Error> {
    let address = listener.local_addr().map_err(Error::Serve)?;
    connections::serve(listener, router(place, address), stop).await;
    Ok(())
}

fn router(place: PageAddress, address: SocketAddr) -> Router {
    Router::new()
        .route("/", get(whole_page))
        .route("/cards", get(card_names))
        .route("/cards/{name}", get(one_card))
        .route("/style.css", get(style))
        .route("/page.js", get(script))
        .with_state(Arc::new(place))
        .layer(from_fn_with_state(address, refuse_foreign_names))
        .layer(map_response(strict))
}

async fn whole_page(State(place): State<Arc<PageAddress>>) -> Result<Html<String>, Error> {
    let vitals = Vitals::read(&place.state_dir, clock::now());
    // Before the first start, a missing state is not a problem.
    let is_early = matches!(vitals.condition, Condition::Missing | Condition::Starting);
    let why = vitals.why.filter(|_| !is_early);
    let posts = cards::newest(&place.cards);
    // An unreadable folder must not hide the reason.
    let posts = if why.is_some() { posts.unwrap_or_default() } else { posts? };
    Ok(Html(page::page(&place, why.as_deref(), &posts)))
}

/// The names of the cards to show, one per line. The page requests those that it lacks: cards are
/// not always written in the order of their names.
async fn card_names(State(place): State<Arc<PageAddress>>) -> Result<String, Error> {
    Ok(cards::names(&place.cards)?.join("\n"))
}

async fn one_card(
    State(place): State<Arc<PageAddress>>,
    Path(name): Path<String>,
) -> Result<Response, Error> {
    Ok(match cards::one(&place.cards, &name)? {
        Some(post) => Html(page::article(&post)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], card_html::stylesheet())
}

async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("web/page.js"))
}

/// A page on the loopback address accepts only that address or `localhost` as host: any other name
/// is a DNS rebinding attempt by a web site to read the cards.
async fn refuse_foreign_names(
    State(address): State<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if address.ip().is_loopback() && !is_local(host) {
        return (StatusCode::MISDIRECTED_REQUEST, "this page answers on its own address only")
            .into_response();
    }
    next.run(request).await
}

fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    let name = name.map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const STRICT: [(HeaderName, &str); 4] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

async fn strict(response: Response) -> impl IntoResponse {
    (STRICT, response)
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let why = self.source().map(ToString::to_string).unwrap_or_default();
        (StatusCode::INTERNAL_SERVER_ERROR, format!("{self}: {why}\n")).into_response()
    }
}
