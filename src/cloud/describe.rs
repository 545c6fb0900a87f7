//! Pure. Turns news of a tenant into detections, with the context that was looked up.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::clock::Timestamp;
use crate::cloud::poller::News;
use crate::cloud::reason;
use crate::cloud::reload::{Reload, ReloadStatus};
use crate::cloud::task::Task;
use crate::detection::{
    BadEnd, CloudCondition, CloudList, CloudPart, Detection, Facts, Link, ScriptFacts, Words,
    url_fault,
};
use crate::redact::{bound, redact_and_bound};

/// Bounds of texts, in bytes.
const NAME: usize = 200;
const TEXT: usize = 2000;
const MOST_TAGS: usize = 10;
/// Maximum length of a text until it is redacted.
pub(crate) const KEPT: usize = 4096;

/// The known context of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppContext {
    pub name: Option<String>,
    /// Ids of the space and of the owner.
    pub space: Option<String>,
    pub owner: Option<String>,
    pub tags: Vec<String>,
    /// The address at which it opens.
    pub link: Option<String>,
}

impl AppContext {
    /// The id of the app, and its context from a list.
    pub fn of(json: &Value) -> Option<(String, Self)> {
        let text = |pointer: &str| {
            let text = json.pointer(pointer).and_then(Value::as_str);
            text.filter(|text| !text.trim().is_empty()).map(|text| bound(text, KEPT))
        };
        let tags = json.pointer("/meta/tags").and_then(Value::as_array).into_iter().flatten();
        let tags = tags.filter_map(|tag| tag.get("name").and_then(Value::as_str));
        let context = Self {
            name: text("/name"),
            space: text("/spaceId"),
            owner: text("/ownerId"),
            tags: tags.take(MOST_TAGS).map(|tag| bound(tag, KEPT)).collect(),
            link: text("/links/open/href"),
        };
        Some((text("/resourceId")?, context))
    }
}

/// The context that was looked up. All of it is optional.
#[derive(Clone, Debug, Default)]
pub struct LookedUp {
    /// By the id of the app.
    pub apps: BTreeMap<String, AppContext>,
    /// Names by id.
    pub spaces: BTreeMap<String, String>,
    pub users: BTreeMap<String, String>,
    pub tasks: BTreeMap<String, String>,
    /// Summaries of the progress of failed reloads, by their ids.
    pub summaries: BTreeMap<String, String>,
    /// Ends of the script logs of failed reloads, by their ids.
    pub script_logs: BTreeMap<String, String>,
}

/// The tenant as detections name it.
#[derive(Clone, Debug)]
pub struct NamedTenant {
    /// Its name in the configuration.
    pub tenant: Arc<str>,
    pub url: Url,
}

/// The detections of the news.
pub fn describe(
    now: Timestamp,
    named: &NamedTenant,
    news: &[News],
    looked: &LookedUp,
) -> Vec<Detection> {
    let mut describer = Describer { now, named, looked, home: Arc::new(home(&named.url)) };
    news.iter().map(|one| describer.detection(one)).collect()
}

/// The button that leads to the tenant.
fn home(url: &Url) -> Words {
    let link = url.join("/analytics/home").ok();
    let link = link.map(|url| Link { title: "Qlik Cloud".to_owned(), url: url.into() });
    Words { links: link.into_iter().collect(), ..Words::default() }
}

struct Describer<'a> {
    now: Timestamp,
    named: &'a NamedTenant,
    looked: &'a LookedUp,
    home: Arc<Words>,
}

impl Describer<'_> {
    fn detection(&mut self, news: &News) -> Detection {
        match news {
            News::Failed(reload) => self.failed(reload),
            News::Succeeded { id, app, at, took } => {
                let facts = Facts { app_id: Some(app.as_str().into()), ..Facts::default() };
                let part = CloudPart::App(app.as_str().into());
                let over = CloudCondition::ReloadSucceeded;
                let detection = self.of(*at, id, part, over, facts);
                let ended = Some(*at);
                let started = took.and_then(|took| at.checked_sub(took).ok());
                let script = ScriptFacts { started, ended, ..ScriptFacts::default() };
                Detection { script: Some(script), ..detection }
            }
            News::TaskOff(task) => {
                let code = task.off.clone().unwrap_or_default();
                let condition = CloudCondition::TaskOff { code: redact_and_bound(&code, NAME) };
                self.task(task, condition)
            }
            News::TaskOn(task) => self.task(task, CloudCondition::TaskOn),
            News::Trouble(fault) => {
                let (refusal, why) = (fault.refusal, fault.why.clone());
                self.own(CloudPart::Polling, CloudCondition::NotPolled { refusal, why })
            }
            News::Unread { list, from, to, why } => {
                let (list, from, to, why) = (*list, *from, *to, why.clone());
                // What ended within known times is not read later, so it is a problem of its own.
                let is_gap = list == CloudList::Ended && to.is_some();
                let part = if is_gap { CloudPart::Lists } else { CloudPart::List(list) };
                self.own(part, CloudCondition::Unread { list, from, to, why })
            }
            News::ListRead(list) => self.own(CloudPart::List(*list), CloudCondition::ListRead),
            News::Works => self.own(CloudPart::Polling, CloudCondition::PolledAgain),
            News::KeyExpires { on, left } => {
                self.own(CloudPart::Key, CloudCondition::KeyExpires { on: *on, left: *left })
            }
            News::KeyRenewed => self.own(CloudPart::Key, CloudCondition::KeyRenewed),
        }
    }

    fn failed(&self, reload: &Reload) -> Detection {
        let end = match reload.status {
            Some(ReloadStatus::Canceled) => BadEnd::Canceled,
            Some(ReloadStatus::ExceededLimit) => BadEnd::ExceededLimit,
            _ => BadEnd::Failed,
        };
        let text =
            |text: &Option<String>, most| text.as_deref().map(|text| redact_and_bound(text, most));
        let task = reload.task.as_ref();
        let facts = Facts {
            task_id: task.map(|id| id.as_str().into()),
            task_name: task.and_then(|id| name(self.looked.tasks.get(id))),
            execution_id: Some(reload.id.as_str().into()),
            message: text(&reload.error_message, TEXT),
            ..self.of_app(&reload.app)
        };
        let code = text(&reload.error_code, NAME);
        let condition = CloudCondition::ReloadEnded { end, code };
        let part = CloudPart::App(reload.app.as_str().into());
        let at = reload.at().unwrap_or(self.now);
        let detection = self.of(at, &reload.id, part, condition, facts);
        let summary = reload.log.as_ref().or_else(|| self.looked.summaries.get(&reload.id));
        let reason = summary.and_then(|summary| reason::of_summary(summary));
        let log = || reason::of_script_log(self.looked.script_logs.get(&reload.id)?);
        let script = reason.or_else(log).unwrap_or_default();
        let script = ScriptFacts { started: reload.started, ended: reload.ended, ..script };
        Detection { script: Some(script), ..detection }
    }

    fn task(&self, task: &Task, condition: CloudCondition) -> Detection {
        let of_app = task.app.as_ref().map(|app| self.of_app(app));
        let facts = Facts {
            task_id: Some(task.id.as_str().into()),
            task_name: name(task.name.as_ref()),
            ..of_app.unwrap_or_default()
        };
        let part = CloudPart::Task(task.id.as_str().into());
        self.of(self.now, &task.id, part, condition, facts)
    }

    /// A problem of the tenant itself.
    fn own(&self, part: CloudPart, condition: CloudCondition) -> Detection {
        self.of(self.now, "", part, condition, Facts::default())
    }

    fn of(
        &self,
        at: Timestamp,
        id: &str,
        part: CloudPart,
        condition: CloudCondition,
        facts: Facts,
    ) -> Detection {
        let words = Arc::clone(&self.home);
        let tenant = (&*self.named.tenant, id);
        Detection { words, ..Detection::of_cloud(at, tenant, part, condition, facts) }
    }

    fn of_app(&self, app: &str) -> Facts {
        let looked = self.looked;
        let Some(context) = looked.apps.get(app) else {
            return Facts { app_id: Some(app.into()), ..Facts::default() };
        };
        let named = |id: &Option<String>, names: &BTreeMap<String, String>| {
            name(id.as_ref().and_then(|id| names.get(id)))
        };
        Facts {
            app_id: Some(app.into()),
            app_name: name(context.name.as_ref()),
            space: named(&context.space, &looked.spaces),
            owner: named(&context.owner, &looked.users),
            tags: context.tags.iter().map(|tag| redact_and_bound(tag, NAME)).collect(),
            app_link: context.link.clone().filter(|link| self.is_own(link)),
            ..Facts::default()
        }
    }

    /// Whether an address leads into this tenant; it may have several host names.
    fn is_own(&self, link: &str) -> bool {
        let own = &self.named.url;
        let Ok(link) = Url::parse(link) else { return false };
        let is_same = link.origin() == own.origin();
        let host = link.host_str().unwrap_or_default();
        let is_https = url_fault(link.as_str()).is_none();
        is_same || is_https && host.ends_with(".qlikcloud.com")
    }
}

fn name(text: Option<&String>) -> Option<String> {
    text.map(|text| redact_and_bound(text, NAME))
}
