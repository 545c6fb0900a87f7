//! I/O. A simulated tenant of Qlik Cloud: the part of its API that Footman uses, on this machine.
//!
//! It follows the public descriptions of the API and checks each request against them: an unknown
//! parameter, a wrong header or a method that is not allowed is kept as a violation, for tests.

mod api;
mod checked;
pub mod story;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::clock::{self, Timestamp};

/// The key that the simulated tenant accepts.
pub const API_KEY: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJkZW1vIn0.c2ltdWxhdGVk";

/// An app of the tenant.
#[derive(Clone, Debug, Default)]
pub struct CloudApp {
    pub name: String,
    /// Ids; an app without a space is personal.
    pub space: Option<String>,
    pub owner: String,
    pub tags: Vec<String>,
}

/// A reload as the tenant lists it.
#[derive(Clone, Debug, Default)]
pub struct CloudReload {
    pub id: String,
    pub app: String,
    pub status: String,
    pub created: Timestamp,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    pub partial: bool,
    pub code: Option<String>,
    pub message: Option<String>,
    pub task: Option<String>,
    /// The summary of its progress.
    pub log: Option<String>,
    /// Its script log; `None`: there is none (yet).
    pub script_log: Option<String>,
}

/// A scheduled task.
#[derive(Clone, Debug, Default)]
pub struct CloudTask {
    pub id: String,
    pub name: String,
    pub app: String,
    /// Why it is off.
    pub disabled: Option<String>,
}

/// A fault of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mishap {
    /// An answer with this status and `Retry-After`.
    Refuses { status: u16, retry_after: Option<u64> },
    /// A web page in place of JSON.
    WebPage,
    /// This text in place of the JSON.
    Says(String),
    /// More data than any answer has.
    Endless,
    /// The connection ends within the body.
    Cut,
    /// A redirect to this address.
    Redirects(String),
    /// The next page is at this host.
    NextElsewhere(String),
    /// No answer within any time limit.
    Hangs,
}

/// Everything in the tenant.
#[derive(Debug, Default)]
pub struct CloudWorld {
    pub apps: BTreeMap<String, CloudApp>,
    /// Names by id.
    pub spaces: BTreeMap<String, String>,
    pub users: BTreeMap<String, String>,
    pub reloads: Vec<CloudReload>,
    pub tasks: Vec<CloudTask>,
    /// The OAuth client that may request a token: id and secret.
    pub client: Option<(String, String)>,
    /// Whether the user is a Tenant Admin.
    pub is_admin: bool,
    /// What happens to the next requests whose path begins with this.
    pub mishaps: VecDeque<(String, Mishap)>,
    /// The same, for all requests until it is removed.
    pub lasting: Vec<(String, Mishap)>,
    /// Whether it ignores the requested order, and lists the newest reload first.
    pub ignores_sort: bool,
    /// Rows of a page, if fewer than requested.
    pub page: Option<usize>,
    /// The number of requests that it reports as left; the description does not mention it.
    pub rate_limit_remaining: Option<u64>,
    /// How far its clock is ahead.
    pub ahead: SignedDuration,
    /// `GET /api/v1/reloads` of each request, in order.
    pub requests: Vec<String>,
    /// Requests that the API does not know.
    pub violations: Vec<String>,
    /// The API key that is accepted.
    pub key: String,
    /// Tokens that were issued and are accepted.
    tokens: Vec<String>,
}

impl CloudWorld {
    /// An empty tenant whose user is Tenant Admin.
    pub fn new() -> Self {
        Self { is_admin: true, key: API_KEY.to_owned(), ..Self::default() }
    }

    /// The tenant's clock.
    fn now(&self) -> Timestamp {
        clock::now() + self.ahead
    }
}

/// The tenant, shared by its server and the code that changes it.
#[derive(Clone, Debug)]
pub struct CloudTenant(Arc<Mutex<CloudWorld>>);

impl CloudTenant {
    pub fn new(world: CloudWorld) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    /// The world, to be read or changed; held briefly.
    pub fn world(&self) -> MutexGuard<'_, CloudWorld> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers requests until `stop`.
    pub async fn serve(
        &self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> std::io::Result<()> {
        let router = api::router(self.clone());
        axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
    }
}
