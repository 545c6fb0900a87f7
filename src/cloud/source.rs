//! I/O. Polls one tenant: makes the requests of its poller, looks up context of the news, and
//! returns them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::clock::{self, Timestamp};
use crate::cloud::TenantNews;
use crate::cloud::answers::{Fault, TenantAnswer};
use crate::cloud::client::Client;
use crate::cloud::describe::{NamedTenant, describe};
use crate::cloud::lookups::LookUps;
use crate::cloud::poller::{Next, Poller, Polling};
use crate::cloud::rows::PollStart;
use crate::commit::StoredRows;
use crate::config::{StartSetting, Tenant};
use crate::detection::CloudList;

/// A changed secret takes effect within this time.
const SECRET_CHECK: Duration = Duration::from_secs(3);

/// The next action.
pub enum SourceTurn {
    /// To be committed before the next turn.
    News(TenantNews),
    /// Wait for this long.
    Wait(Duration),
}

/// The requests to a tenant and their results in one run of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTally {
    /// When the ended reloads were read completely last.
    pub polled: Option<Timestamp>,
    /// Requests by result.
    #[serde(default)]
    pub requests: BTreeMap<String, u64>,
    /// Reloads that had ended, by status.
    #[serde(default)]
    pub reloads: BTreeMap<String, u64>,
    /// Rows without a usable id or status.
    #[serde(default)]
    pub unreadable: u64,
    /// Lists whose rows were in an order other than the requested one.
    #[serde(default)]
    pub unordered: BTreeSet<CloudList>,
    /// How many requests are left, according to the tenant.
    #[serde(default)]
    pub rate_limit_remaining: Option<u64>,
}

impl RequestTally {
    /// The names of the lists whose rows were in an order other than the requested one, if any.
    pub fn unordered_lists(&self) -> Option<String> {
        let names: Vec<&str> = self.unordered.iter().map(|list| list.name()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// One tenant and how far it has been reported.
pub struct TenantSource {
    client: Client,
    poller: Poller,
    lookups: LookUps,
    named: NamedTenant,
    /// How long a card may wait for look-ups.
    settle: Duration,
}

impl TenantSource {
    /// Continues from the stored rows. The error is the reason why no request can be made.
    pub fn new(
        name: &str,
        tenant: &Tenant,
        settle: Duration,
        stored: &StoredRows,
    ) -> Result<Self, String> {
        let start = match tenant.start {
            StartSetting::End => PollStart::Now,
            StartSetting::Beginning => PollStart::Beginning,
            StartSetting::Since(age) => PollStart::Since(age.signed()),
        };
        Ok(Self {
            poller: Poller::restore(name, Polling::new(tenant.every.signed(), start), stored),
            lookups: LookUps::new(),
            named: NamedTenant { tenant: Arc::from(name), url: tenant.url.clone() },
            client: Client::new(tenant.clone())?,
            settle,
        })
    }

    /// Works until there is something to commit or to wait for.
    pub async fn turn(&mut self) -> SourceTurn {
        if self.client.renew_secret() {
            self.poller.credentials_changed(clock::now());
        }
        self.poller.key_expires(clock::now(), self.client.key_expires());
        loop {
            let now = clock::now();
            match self.poller.next(now) {
                Next::Ask(request) => {
                    let answer = self.client.ask(&request).await;
                    if let TenantAnswer::Tasks(page) = &answer {
                        self.lookups.learn_tasks(&page.rows);
                    }
                    self.poller.take(clock::now(), answer);
                }
                Next::Found(found) => {
                    let until = Instant::now() + self.settle;
                    let looked = self.lookups.look_up(&mut self.client, &found.news, until).await;
                    let detections = describe(now, &self.named, &found.news, &looked);
                    let (rows, counts) = (found.rows, found.counts);
                    return SourceTurn::News(TenantNews { detections, rows, counts });
                }
                Next::Wait(until) => {
                    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
                    // A changed secret ends any wait.
                    let is_watched = self.client.is_secret_watched();
                    return SourceTurn::Wait(if is_watched {
                        wait.min(SECRET_CHECK)
                    } else {
                        wait
                    });
                }
            }
        }
    }

    /// The requests and results of this run of the program.
    pub fn tally(&self) -> RequestTally {
        let results = self.client.results().iter();
        let ends = self.poller.ends().iter();
        RequestTally {
            polled: self.poller.last_poll(),
            requests: results.map(|(result, n)| ((*result).to_owned(), *n)).collect(),
            reloads: ends.map(|(status, n)| (status.name().to_ascii_lowercase(), *n)).collect(),
            unreadable: self.poller.n_unreadable(),
            unordered: self.poller.unordered().clone(),
            rate_limit_remaining: self.client.left(),
        }
    }

    /// Since when every poll has failed, and why the last one did.
    pub fn fault(&self) -> Option<&(Timestamp, Fault)> {
        self.poller.fault()
    }
}
