//! I/O. The local page: incidents, their story, silences, deliveries and history, and the links of cards.
//!
//! Reading on this machine is open. Acting needs the key of the page. An address that other
//! machines can reach serves only the links of cards, `/healthz` and `/metrics`.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::agent::pulse::Pulse;
use crate::agent::{Desk, Given};
use crate::clock::{self, Timestamp};
use crate::command::Command;
use crate::config::Language;
use crate::config::worded::system;
use crate::state::{self, PageKey};
use crate::web::access::HostNames;
use crate::web::answers::unpoisoned;
use crate::web::joined::SharedReading;
use crate::web::limits::RateLimit;
use crate::web::pages::Pages;
use crate::web::read::VitalsCheckup;
use crate::web::shown::ShownIn;
use crate::web::snapshot::PageSnapshots;
use crate::web::tls::Tls;
use crate::web::views::PageView;
use crate::web::visit::Visit;

mod access;
mod acting;
mod answers;
mod api;
pub mod card_html;
mod connections;
mod exposition;
mod joined;
mod limits;
mod listener;
mod monitoring;
mod pages;
pub mod preview;
pub mod process;
mod read;
pub mod report;
mod shown;
mod snapshot;
pub mod tls;
mod views;
mod visit;
mod words;

pub use crate::web::exposition::{Exposed, ExpositionFormat, exposition};
pub use crate::web::listener::{Bound, bind, serve_beside};
pub use crate::web::snapshot::Snapshot;

/// How many views are read at the same time; more would only share the disk and the processor that
/// the agent needs.
const READERS: usize = 2;
/// The longest wait for the state.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How often to check whether the key of the page was deleted and must be created again.
const KEY_CHECKED_EVERY: Duration = Duration::from_secs(2);
/// Requests of one address in a minute: forms of links, and tokens that are not valid.
const MOST_POSTS: u32 = 30;
const MOST_WRONG: u32 = 5;

/// The content of the page: folders and names of the node.
#[derive(Clone, Debug)]
pub struct PageAddress {
    /// The agent's state folder.
    pub state_dir: PathBuf,
    pub node: String,
    pub environment: Option<String>,
    pub timezone: TimeZone,
    pub language: Language,
    /// The address at which people reach the page, if cards have links.
    pub url: Option<String>,
    /// Where commands are submitted; without it the page can only be read.
    pub desk: Option<Desk>,
    /// What the agent publishes about itself.
    pub pulse: Arc<Pulse>,
}

/// The values that all requests share.
struct PageSite {
    place: PageAddress,
    source: PageSnapshots,
    pages: Pages,
    names: HostNames,
    /// Whether only this machine can reach it.
    is_local: bool,
    readers: Arc<Semaphore>,
    views: Arc<SharedReading<PageView>>,
    lists: Arc<SharedReading<Bytes>>,
    checkup: Arc<VitalsCheckup>,
    posts: Mutex<RateLimit>,
    wrong: Mutex<RateLimit>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot serve the local page")]
    Serve(#[source] io::Error),
}

/// Serves the page until stopped.
pub async fn serve(
    listener: TcpListener,
    place: PageAddress,
    stop: CancellationToken,
) -> Result<(), Error> {
    serve_over(listener, None, place, stop).await
}

/// The same, over TLS if its keys are given.
async fn serve_over(
    listener: TcpListener,
    tls: Option<Tls>,
    place: PageAddress,
    stop: CancellationToken,
) -> Result<(), Error> {
    let address = listener.local_addr().map_err(Error::Serve)?;
    let state_dir = place.state_dir.clone();
    let router = router(place, address);
    let keeping = keep_key(state_dir, stop.clone());
    let following = {
        let (tls, stop) = (tls.clone(), stop.clone());
        async {
            if let Some(tls) = tls {
                tls.follow(stop).await;
            }
        }
    };
    tokio::join!(connections::serve(listener, tls, router, stop), keeping, following);
    Ok(())
}

/// Creates the key at the start, and again if somebody deleted it.
async fn keep_key(state_dir: PathBuf, stop: CancellationToken) {
    let mut is_failing = false;
    while !stop.is_cancelled() {
        // The agent creates the folder with its state.
        if state_dir.is_dir() {
            let made = PageKey::read_or_make(&state_dir);
            if let (Err(error), false) = (&made, is_failing) {
                let why = system(error);
                tracing::warn!("local page: nobody can act on it: cannot make its key: {why}");
            }
            is_failing = made.is_err();
        }
        // After either, the loop checks `stop` again.
        timeout(KEY_CHECKED_EVERY, stop.cancelled()).await.ok();
    }
}

fn router(place: PageAddress, address: SocketAddr) -> Router {
    let is_local = address.ip().to_canonical().is_loopback();
    let site = Arc::new(PageSite {
        source: PageSnapshots::new(&place.state_dir),
        pages: Pages::new(place.timezone.clone(), place.language),
        names: HostNames::new(place.url.as_deref()),
        is_local,
        readers: Arc::new(Semaphore::new(READERS)),
        views: Arc::default(),
        lists: Arc::default(),
        checkup: Arc::default(),
        posts: Mutex::new(RateLimit::new(MOST_POSTS)),
        wrong: Mutex::new(RateLimit::new(MOST_WRONG)),
        place,
    });
    let beyond = Router::new()
        .route("/r/{token}", get(answers::show).post(answers::answer))
        .route("/r/style.css", get(style))
        .route("/healthz", get(monitoring::healthz))
        .route("/metrics", get(monitoring::metrics));
    let local = Router::new()
        .route("/", get(views::incidents))
        .route("/incidents/{id}", get(views::incident).post(acting::incident))
        .route("/history", get(views::history))
        .route("/silences", get(views::silences).post(acting::silences))
        .route("/deliveries", get(views::deliveries).post(acting::deliveries))
        .route("/status", get(views::status))
        .route("/api/incidents", get(api::incidents))
        .route("/api/incidents/{id}", get(api::incident))
        .route("/api/silences", get(api::silences))
        .route("/api/deliveries", get(api::deliveries))
        .route("/style.css", get(style))
        .route("/page.js", get(script))
        .fallback(views::nowhere);
    let routes = if is_local { beyond.merge(local) } else { beyond };
    routes
        .with_state(Arc::clone(&site))
        .layer(from_fn_with_state(site, refuse_foreign_names))
        .layer(map_response(strict))
}

async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], card_html::stylesheet())
}

async fn script() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
        concat!(include_str!("web/card.js"), include_str!("web/page.js")),
    )
}

/// A page on the loopback address accepts only loopback names and the host of `page.url`: any other
/// name is a DNS rebinding attempt by a web site. An address that other machines can reach uses
/// TLS, whose certificate names the host.
async fn refuse_foreign_names(
    State(site): State<Arc<PageSite>>,
    request: Request,
    next: Next,
) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if site.is_local && !site.names.knows(host) {
        return (StatusCode::MISDIRECTED_REQUEST, "this page answers on its own address only")
            .into_response();
    }
    next.run(request).await
}

impl PageSite {
    /// The key of the page; `None` if there is none now.
    fn page_key(&self) -> Option<PageKey> {
        PageKey::read(&self.place.state_dir).ok().flatten()
    }

    fn shown_in(&self) -> ShownIn {
        ShownIn::new(self.place.timezone.clone(), self.place.language)
    }

    async fn give(&self, command: Command) -> Given {
        match &self.place.desk {
            Some(desk) => desk.give(command).await,
            None => Given::NoAnswer,
        }
    }

    /// Counts a form of a link; whether its address may send it.
    fn may_post(&self, now: Timestamp, address: IpAddr) -> bool {
        unpoisoned(self.posts.lock()).takes(now, address)
    }

    /// Counts a token that is not valid; whether its address gets the usual answer.
    fn may_be_wrong(&self, now: Timestamp, address: IpAddr) -> bool {
        unpoisoned(self.wrong.lock()).takes(now, address)
    }
}

/// Reads the state on a thread that nothing waits for too long: a disk that hangs delays only the
/// answer.
async fn blocking<T: Send + 'static>(
    site: &Arc<PageSite>,
    read: impl FnOnce(Timestamp) -> Result<T, state::Error> + Send + 'static,
) -> Result<T, StatusCode> {
    let readers = Arc::clone(&site.readers);
    let read = async move {
        let permit = readers.acquire_owned().await;
        spawn_blocking(move || {
            let result = read(clock::now());
            drop(permit);
            result
        })
        .await
    };
    match timeout(TIMEOUT, read).await {
        Ok(Ok(Ok(read))) => Ok(read),
        Ok(Ok(Err(error))) => {
            tracing::debug!("local page: {error}");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Ok(Err(_)) => Err(StatusCode::INTERNAL_SERVER_ERROR),
        Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// The same for several requests that wait for it; `what` contains everything that the value
/// depends on.
async fn joined<T: Send + Sync + 'static>(
    site: &Arc<PageSite>,
    readings: &Arc<SharedReading<T>>,
    what: String,
    read: impl FnOnce(Timestamp) -> Result<T, state::Error> + Send + 'static,
) -> Result<Arc<T>, StatusCode> {
    let site = Arc::clone(site);
    let reading = readings.read(what, |waiting| async move {
        let read = move |now| {
            drop(waiting);
            read(now)
        };
        blocking(&site, read).await
    });
    reading.await
}

/// A page without views around it, as for people who have only a link.
fn render_bare(site: &PageSite, name: &str, mut context: Value) -> Html<String> {
    context["site"] = json!({ "node": site.place.node, "environment": site.place.environment });
    context["style"] = "/r/style.css".into();
    Html(site.pages.render(name, context))
}

/// A view that shows an error.
fn problem(
    site: &PageSite,
    visit: &Visit,
    status: StatusCode,
    title: &str,
    text: &str,
) -> Response {
    let context = json!({ "title": title, "text": text });
    (status, views::render(site, visit, "", "problem.html", context)).into_response()
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

const STRICT: [(HeaderName, &str); 5] = [
    (HeaderName::from_static("x-robots-tag"), "noindex"),
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

async fn strict(response: Response) -> impl IntoResponse {
    (STRICT, response)
}
