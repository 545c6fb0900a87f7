//! A simulated tenant on a loopback address, and an agent or a poller that asks it.

use std::net::SocketAddr;
use std::time::Duration;

use footman::clock::{self, Timestamp};
use footman::cloud::{Client, News, Next, PollResult, PollStart, Poller, Polling};
use footman::commit::StoredRows;
use footman::config::Tenant;
use footman::demo::tenant::{API_KEY, CloudApp, CloudReload, CloudTenant, CloudWorld};
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub(crate) const SALES: &str = "116dbfae-7fb9-4983-8e23-5ccd8c508722";

/// A simulated tenant that answers until it is dropped.
pub(crate) struct Cloud {
    pub(crate) tenant: CloudTenant,
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    /// Ends with this.
    _tasks: JoinSet<()>,
}

impl Cloud {
    pub(crate) async fn start() -> Self {
        let mut world = CloudWorld::new();
        let app = CloudApp {
            name: "Sales Forecast".to_owned(),
            space: Some("space-1".to_owned()),
            owner: "owner-1".to_owned(),
            tags: vec!["critical".to_owned()],
        };
        world.apps.insert(SALES.to_owned(), app);
        world.spaces.insert("space-1".to_owned(), "Finance".to_owned());
        world.users.insert("owner-1".to_owned(), "Anna Berg".to_owned());
        let tenant = CloudTenant::new(world);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let (served, stopped) = (tenant.clone(), stop.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { served.serve(listener, stopped).await.unwrap() });
        Self { tenant, address, stop, _tasks: tasks }
    }

    pub(crate) fn url(&self) -> url::Url {
        format!("http://{}/", self.address).parse().unwrap()
    }

    /// The section of the configuration; the key is in a variable that the world sets.
    pub(crate) fn config(&self, more: &str) -> String {
        let address = self.address;
        format!(
            "[cloud.acme]\ntenant-url = \"http://{address}\"\napi-key-env = \"ACME_KEY\"\nevery = \"1s\"\n{more}\n"
        )
    }

    /// Ends a reload now.
    pub(crate) fn end(&self, number: u32, status: &str) -> CloudReload {
        let now = clock::now();
        let reload = reload(number, status, now);
        self.tenant.world().reloads.push(reload.clone());
        reload
    }

    /// Requests so far whose path begins with this.
    pub(crate) fn n_requests(&self, path: &str) -> usize {
        let requests = &self.tenant.world().requests;
        requests.iter().filter(|request| request.contains(path)).count()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.stop.cancel();
        // A test that has failed has said why.
        if !std::thread::panicking() {
            assert_eq!(self.tenant.world().violations, [""; 0]);
        }
    }
}

pub(crate) fn reload(number: u32, status: &str, ended: Timestamp) -> CloudReload {
    let is_bad = status == "FAILED";
    CloudReload {
        id: format!("6a849f7f18ec290e{number:08x}"),
        app: SALES.to_owned(),
        status: status.to_owned(),
        created: ended - SignedDuration::from_secs(60),
        started: Some(ended - SignedDuration::from_secs(50)),
        ended: Some(ended),
        code: is_bad.then(|| "EngineReloadScriptError".to_owned()),
        message: is_bad.then(|| "error in app script or datasource".to_owned()),
        log: is_bad.then(|| SUMMARY.to_owned()),
        ..CloudReload::default()
    }
}

pub(crate) const SUMMARY: &str = "ReloadID: 1\r\nStarted loading data\r\n\r\nData has not been loaded. Please correct the error and try loading again.\r\n\r\nThe following error occurred:\r\nField 'Amout' not found\r\n\r\nThe error occurred here:\r\nLOAD Amout Resident Orders\r\n";

/// A poller and a client, with the waits skipped.
pub(crate) struct Driver {
    pub(crate) client: Client,
    pub(crate) poller: Poller,
    pub(crate) now: Timestamp,
    pub(crate) news: Vec<News>,
}

impl Driver {
    pub(crate) fn new(cloud: &Cloud) -> Self {
        Self::of(Tenant::simulated(cloud.url(), API_KEY, Duration::from_secs(30)))
    }

    pub(crate) fn of(tenant: Tenant) -> Self {
        let every = SignedDuration::from_secs(30);
        Self {
            client: Client::new(tenant).unwrap(),
            poller: Poller::restore(
                "acme",
                Polling::new(every, PollStart::Now),
                &StoredRows::default(),
            ),
            now: clock::now(),
            news: Vec::new(),
        }
    }

    /// Polls until the next wait is that of a whole poll.
    pub(crate) async fn poll(&mut self) {
        for _ in 0..50 {
            match self.poller.next(self.now) {
                Next::Ask(request) => {
                    let answer = self.client.ask(&request).await;
                    self.poller.take(self.now, answer);
                }
                Next::Found(PollResult { news, .. }) => self.news.extend(news),
                Next::Wait(until) => {
                    self.now = until;
                    if self.poller.fault().is_none() {
                        return;
                    }
                }
            }
        }
    }

    pub(crate) fn failures(&self) -> Vec<&str> {
        let failed = self.news.iter().filter_map(|one| match one {
            News::Failed(reload) => Some(reload.id.as_str()),
            _ => None,
        });
        failed.collect()
    }
}
