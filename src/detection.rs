//! Pure. A detection: a pattern in a record, a change of a machine, or a problem of the agent.
//!
//! A detection holds values, not sentences: the texts of its pattern, its [`Subject`], its
//! [`Condition`] if it is not from a log, and its [`Origin`]. The product's own sentences are added
//! when cards are rendered.

mod captures;
mod cloud;
mod condition;
mod facts;
mod ids;
mod link;
mod mistake;
mod named;
mod names;
mod origin;
mod product_pattern;
mod subject;
mod tenant_fault;
mod translation;

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::qlik::stamp::Stamp;

pub use crate::detection::captures::Captures;
pub use crate::detection::cloud::{BadEnd, CloudCondition, CloudList, CloudPart, TenantRefusal};
pub use crate::detection::condition::{
    AfterCrash, AgentProblem, Amount, Condition, Lately, Overdue, Reading, ServiceState,
    ServiceStop, StopCause, UntilExpiry,
};
pub use crate::detection::facts::{Excerpt, ExcerptLine, Facts, ScriptFacts, Statement};
pub use crate::detection::ids::{AppId, ExecutionId, LogName, PatternId, TaskId};
pub use crate::detection::link::{Link, MOST_LINKS, url_fault};
pub use crate::detection::mistake::{FileMistake, MissingLogRoot};
pub use crate::detection::named::{Nameable, Named};
pub use crate::detection::names::{Kind, Role, Severity, Source};
pub use crate::detection::origin::Origin;
pub use crate::detection::product_pattern::ProductPattern;
pub use crate::detection::subject::{AgentPart, GaugeName, Subject};
pub use crate::detection::tenant_fault::{AnswerFault, TenantFault};
pub use crate::detection::translation::{Translation, Translations};

/// The settings of a pattern for its incidents, besides its role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub threshold: Option<Threshold>,
    /// Patterns whose incidents a match ends, if node and key are the same.
    pub closes: Vec<PatternId>,
    /// Patterns whose open incidents on the same node hold a match back.
    pub suppressed_by: Vec<PatternId>,
    /// The time within which a start must end.
    pub overdue: Option<SignedDuration>,
    /// Whether a learned duration may shorten that time.
    pub learned: bool,
    /// A failed attempt becomes the result of its run if no other result follows within this time.
    pub final_after: Option<SignedDuration>,
    /// The age above which records send no notice.
    pub max_age: Option<SignedDuration>,
    /// The pattern that finds the same problem in another log.
    pub same_as: Option<PatternId>,
    /// The channel of its cards; without it, the routes decide.
    pub channel: Option<String>,
    /// Whether several logs can contain the same problem.
    pub in_many_logs: bool,
}

impl Terms {
    /// Whether matches are counted before a notice: then the key alone distinguishes incidents.
    pub fn is_counted(&self) -> bool {
        self.threshold.is_some() || self.in_many_logs
    }
}

/// A number of matches within a time, by the timestamps of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    pub count: u32,
    pub within: SignedDuration,
}

/// A pattern's own texts for cards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub title: String,
    /// What it means, in one sentence.
    pub meaning: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Helpful pages: buttons on the card.
    pub links: Vec<Link>,
    /// The same in other languages.
    pub translations: Translations,
}

/// What all detections of a pattern share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub pattern: PatternId,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    pub words: Arc<Words>,
    pub terms: Arc<Terms>,
}

/// One recognized problem, success or start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detection {
    pub pattern: PatternId,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    /// Empty if the product words the condition.
    pub words: Arc<Words>,
    /// The environment of the node, such as `prod`.
    pub environment: Option<Arc<str>>,
    /// The record's own time stamp, if it has a readable one.
    pub at: Option<Timestamp>,
    pub origin: Origin,
    pub subject: Subject,
    pub condition: Condition,
    /// Distinguishes standalone incidents of the same pattern and node, where the pattern has a key.
    pub key: Option<String>,
    /// The group in which a threshold counts; `None` if the record has no value for it.
    pub group: Option<String>,
    /// The log that it is counted in, since another may contain the same problem; `None` for what
    /// is never counted.
    pub counted_in: Option<LogName>,
    pub terms: Arc<Terms>,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
}

impl Detection {
    /// A match in a record of a log; `key` distinguishes the pattern's problems on one node.
    pub fn of_log(
        rule: Rule,
        origin: Origin,
        at: Option<Stamp>,
        (key, group): (Option<String>, Option<String>),
        mut facts: Facts,
    ) -> Self {
        let Rule { pattern, kind, role, severity, words, terms } = rule;
        let counted_in = origin.log().cloned();
        facts.at_or = at.and_then(|stamp| stamp.or);
        let subject = Subject::of_row(role, &facts, &pattern, key.as_deref());
        Self {
            pattern,
            kind,
            role,
            severity,
            words,
            environment: None,
            at: at.map(|stamp| stamp.at),
            origin,
            subject,
            condition: Condition::Logged,
            key,
            group,
            counted_in,
            terms,
            facts,
            script: None,
        }
    }

    /// An observation of the machine.
    pub fn of_machine(at: Timestamp, host: &str, subject: Subject, condition: Condition) -> Self {
        Self::of_product(at, Origin::Machine, host, subject, condition)
    }

    /// A report of the agent about itself.
    pub fn of_agent(at: Timestamp, host: &str, problem: AgentProblem) -> Self {
        let part = problem.part();
        let host_of = host.to_owned();
        let subject = match part {
            Some(part) => Subject::AgentPart { host: host_of, part },
            None => Subject::Agent { host: host_of },
        };
        Self::of_product(at, Origin::Agent, host, subject, Condition::Agent(problem))
    }

    /// A part of the agent works again.
    pub fn of_agent_well(at: Timestamp, host: &str, part: AgentPart) -> Self {
        let subject = Subject::AgentPart { host: host.to_owned(), part };
        Self::of_product(at, Origin::Agent, host, subject, Condition::AgentWell)
    }

    /// The agent shows that it is alive.
    pub fn of_alive(at: Timestamp, host: &str, lately: Lately) -> Self {
        let subject = Subject::Agent { host: host.to_owned() };
        Self::of_product(at, Origin::Agent, host, subject, Condition::Alive(lately))
    }

    fn of_product(
        at: Timestamp,
        origin: Origin,
        host: &str,
        subject: Subject,
        condition: Condition,
    ) -> Self {
        let (pattern, kind, severity) = condition.rank(&subject);
        Self {
            pattern,
            kind,
            role: Role::Standalone,
            severity,
            words: Arc::default(),
            environment: None,
            at: Some(at),
            origin,
            subject,
            condition,
            key: None,
            group: None,
            counted_in: None,
            terms: Arc::default(),
            facts: Facts { host: Some(host.to_owned()), ..Facts::default() },
            script: None,
        }
    }

    /// A report about a tenant of Qlik Cloud; `id` distinguishes the listed objects.
    pub fn of_cloud(
        at: Timestamp,
        (tenant, id): (&str, &str),
        part: CloudPart,
        condition: CloudCondition,
        facts: Facts,
    ) -> Self {
        let origin = Origin::Cloud { tenant: tenant.into(), id: id.into() };
        let subject = Subject::Cloud { tenant: tenant.to_owned(), part };
        let facts = Facts { host: None, tenant: Some(tenant.to_owned()), ..facts };
        let condition = Condition::Cloud(condition);
        Self { facts, ..Self::of_product(at, origin, "", subject, condition) }
    }

    /// Sets the app of the script log; its id becomes the key if the pattern has none.
    pub fn name_app(&mut self, app: &str, is_key: bool) {
        self.facts.app_id = Some(app.into());
        if is_key {
            self.key = Some(app.to_owned());
        }
        self.subject = Subject::of_row(self.role, &self.facts, &self.pattern, self.key.as_deref());
    }

    /// The subject of the other pattern's incident that this detection ends.
    pub fn subject_of(&self, pattern: &PatternId) -> Subject {
        Subject::of_node(&self.facts, pattern, self.key.as_deref())
    }

    /// All readings of its timestamp: one, or two in the repeated hour.
    pub fn readings(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
        [Some(self.at.unwrap_or(now)), self.facts.at_or].into_iter().flatten()
    }

    /// Sets the reading of its timestamp.
    pub fn read_as(&mut self, stamp: Stamp) {
        (self.at, self.facts.at_or) = (Some(stamp.at), stamp.or);
        if let Some(script) = &mut self.script {
            (script.ended, script.ended_or) = (Some(stamp.at), stamp.or);
        }
    }
}
