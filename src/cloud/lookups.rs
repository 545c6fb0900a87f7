//! I/O. Looks up context of apps and reasons for cards. Everything is optional: what does not
//! arrive in time is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use crate::clock::{self, Timestamp};
use crate::cloud::client::{Client, RELOADS};
use crate::cloud::describe::{AppContext, KEPT, LookedUp};
use crate::cloud::poller::News;
use crate::cloud::reason;
use crate::cloud::reload::{Reload, ReloadStatus, is_id};
use crate::cloud::task::Task;
use crate::detection::TenantRefusal;
use crate::redact::bound;

const ITEMS: &str = "/api/v1/items";
/// Apps in one request.
const APPS_AT_ONCE: usize = 100;
/// Look-ups of single spaces, users and reasons for one commit.
const MOST_SINGLE: usize = 20;
const NAMES_KEPT: SignedDuration = SignedDuration::from_hours(1);
const USERS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a missing entry is remembered as missing.
const NOTHING_KEPT: SignedDuration = SignedDuration::from_mins(10);
/// Maximum number of names that are kept.
const MOST_KEPT: usize = 5000;
/// A script log may appear a moment after its reload has ended.
const LOG_RETRY: Duration = Duration::from_secs(1);
const LOG_RETRIES: u32 = 2;

/// Earlier results, and until when they are valid.
#[derive(Debug)]
struct Cache<V> {
    kept: BTreeMap<String, (Timestamp, Option<V>)>,
    keep: SignedDuration,
}

impl<V: Clone> Cache<V> {
    fn new(keep: SignedDuration) -> Self {
        Self { kept: BTreeMap::new(), keep }
    }

    fn is_known(&self, now: Timestamp, id: &str) -> bool {
        self.kept.get(id).is_some_and(|(until, _)| now < *until)
    }

    fn put(&mut self, now: Timestamp, id: &str, value: Option<V>) {
        if self.kept.len() >= MOST_KEPT {
            self.kept.retain(|_, (until, _)| now < *until);
        }
        if self.kept.len() < MOST_KEPT {
            let keep = if value.is_some() { self.keep } else { NOTHING_KEPT };
            self.kept.insert(id.to_owned(), (now + keep, value));
        }
    }

    fn get(&self, id: &str) -> Option<V> {
        self.kept.get(id).and_then(|(_, value)| value.clone())
    }
}

/// The look-ups of one tenant.
pub(crate) struct LookUps {
    apps: Cache<AppContext>,
    spaces: Cache<String>,
    users: Cache<String>,
    /// Names of tasks, from the lists of tasks.
    tasks: BTreeMap<String, String>,
}

impl LookUps {
    pub(crate) fn new() -> Self {
        Self {
            apps: Cache::new(NAMES_KEPT),
            spaces: Cache::new(NAMES_KEPT),
            users: Cache::new(USERS_KEPT),
            tasks: BTreeMap::new(),
        }
    }

    /// Learns the names of tasks from a list of tasks.
    pub(crate) fn learn_tasks(&mut self, tasks: &[Task]) {
        for task in tasks {
            if let Some(name) = &task.name
                && (self.tasks.len() < MOST_KEPT || self.tasks.contains_key(&task.id))
            {
                self.tasks.insert(task.id.clone(), name.clone());
            }
        }
    }

    /// The context of the news that can be found until then. Names come first.
    pub(crate) async fn look_up(
        &mut self,
        client: &mut Client,
        news: &[News],
        until: Instant,
    ) -> LookedUp {
        let apps: BTreeSet<&str> = news.iter().filter_map(app_of).collect();
        let mut looked = LookedUp::default();
        if apps.is_empty() {
            return looked;
        }
        // What has arrived until then is kept.
        timeout_at(until, self.names(client, &apps)).await.ok();
        timeout_at(until, reasons(client, news, &mut looked)).await.ok();
        for app in apps {
            looked.apps.extend(self.apps.get(app).map(|context| (app.to_owned(), context)));
        }
        for context in looked.apps.values() {
            let (space, owner) = (context.space.as_deref(), context.owner.as_deref());
            let space = space.and_then(|id| Some((id.to_owned(), self.spaces.get(id)?)));
            let owner = owner.and_then(|id| Some((id.to_owned(), self.users.get(id)?)));
            looked.spaces.extend(space);
            looked.users.extend(owner);
        }
        looked.tasks = self.tasks.clone();
        looked
    }

    async fn names(&mut self, client: &mut Client, apps: &BTreeSet<&str>) {
        let now = clock::now();
        let unknown: Vec<&str> =
            apps.iter().copied().filter(|app| !self.apps.is_known(now, app)).collect();
        for part in unknown.chunks(APPS_AT_ONCE) {
            let ids = part.join(",");
            let query = [
                ("resourceType", "app"),
                ("resourceIds", &*ids),
                ("noActions", "true"),
                ("limit", "100"),
            ];
            let Ok(reply) = client.get(client.url(ITEMS, None, &query)).await else { return };
            let listed = reply.body.get("data").and_then(Value::as_array).into_iter().flatten();
            let found: BTreeMap<String, AppContext> = listed.filter_map(AppContext::of).collect();
            for app in part {
                self.apps.put(now, app, found.get(*app).cloned());
            }
        }
        let contexts: Vec<AppContext> = apps.iter().filter_map(|app| self.apps.get(app)).collect();
        let spaces = contexts.iter().filter_map(|context| context.space.as_deref());
        single(client, "/api/v1/spaces", spaces.collect(), &mut self.spaces).await;
        let users = contexts.iter().filter_map(|context| context.owner.as_deref());
        single(client, "/api/v1/users", users.collect(), &mut self.users).await;
    }
}

/// Names that can only be requested one by one.
async fn single(client: &mut Client, path: &str, ids: BTreeSet<&str>, cache: &mut Cache<String>) {
    let now = clock::now();
    let unknown = ids.into_iter().filter(|id| is_id(id) && !cache.is_known(now, id));
    for id in unknown.take(MOST_SINGLE).collect::<Vec<_>>() {
        match client.get(client.url(path, Some(id), &[])).await {
            Ok(reply) => {
                let name = reply.body.get("name").and_then(Value::as_str);
                let name = name.map(|name| bound(name, KEPT));
                cache.put(now, id, name);
            }
            Err(refused) if refused.fault.refusal == TenantRefusal::RateLimited => return,
            Err(refused) if refused.status.is_some() => cache.put(now, id, None),
            Err(_) => return,
        }
    }
}

/// Why reloads failed: the summary of their progress, or the script log if that has no reason.
async fn reasons(client: &mut Client, news: &[News], looked: &mut LookedUp) {
    let failed = news.iter().filter_map(|one| match one {
        News::Failed(reload) if reload.status == Some(ReloadStatus::Failed) => Some(reload),
        _ => None,
    });
    let mut unexplained: Vec<&Reload> = Vec::new();
    for reload in failed.take(MOST_SINGLE) {
        let found = client.get(client.url(RELOADS, Some(&reload.id), &[])).await;
        if found.as_ref().is_err_and(|it| it.fault.refusal == TenantRefusal::RateLimited) {
            return;
        }
        let found = found.ok().and_then(|reply| Reload::of(&reply.body));
        let summary = found.filter(|found| found.id == reload.id).and_then(|found| found.log);
        if summary.as_deref().is_none_or(|it| reason::of_summary(it).is_none()) {
            unexplained.push(reload);
        }
        looked.summaries.extend(summary.map(|summary| (reload.id.clone(), summary)));
    }
    // No log that is late delays another that is there.
    for _ in 0..=LOG_RETRIES {
        let mut late = Vec::new();
        for reload in unexplained {
            match client.script_log(&reload.app, &reload.id).await {
                Ok(log) => drop(looked.script_logs.insert(reload.id.clone(), log)),
                Err(refused) if refused.status == Some(404) => late.push(reload),
                Err(refused) if refused.fault.refusal == TenantRefusal::RateLimited => return,
                Err(_) => {}
            }
        }
        if late.is_empty() {
            return;
        }
        unexplained = late;
        tokio::time::sleep(LOG_RETRY).await;
    }
}

/// The app that people are notified of.
fn app_of(news: &News) -> Option<&str> {
    match news {
        News::Failed(reload) => Some(&reload.app),
        News::TaskOff(task) => task.app.as_deref(),
        _ => None,
    }
}
