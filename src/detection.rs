//! Pure. What was recognized: one pattern in one record, one change of a machine, one problem of the agent.
//!
//! A detection holds values, not sentences: its pattern's own words, what it is about
//! ([`Subject`]), what is the matter where no log says it ([`Condition`]), where it comes from
//! ([`Origin`]). What Footman itself says about it is worded where cards are rendered.

mod condition;
mod facts;
mod ids;
mod link;
mod names;
mod origin;
mod subject;

use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::qlik::stamp::Stamp;

pub use crate::detection::condition::{
    AfterCrash, AgentProblem, Condition, Overdue, Reading, ServiceState, ServiceStop, StopCause,
    UntilExpiry,
};
pub use crate::detection::facts::{Excerpt, ExcerptLine, Facts, ScriptFacts, Statement};
pub use crate::detection::ids::{AppId, PatternId, TaskId};
pub use crate::detection::link::{Link, MOST_LINKS, url_fault};
pub use crate::detection::names::{Kind, Role, Severity};
pub use crate::detection::origin::Origin;
pub use crate::detection::subject::{GaugeName, Subject};

/// What a pattern asks of the incidents that its finds make, beside its role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    pub threshold: Option<Threshold>,
    /// Ids of the patterns whose incidents a find ends, where node and key are the same.
    pub closes: Vec<PatternId>,
    /// Ids of the patterns whose open incidents on the same node hold a find back.
    pub suppressed_by: Vec<PatternId>,
    /// What started must have ended within this time.
    pub overdue: Option<SignedDuration>,
    /// What started must have ended within the time that it usually takes, too.
    pub learned: bool,
    /// Older records are not told.
    pub max_age: Option<SignedDuration>,
    /// The pattern whose finds these are, in another log's words.
    pub same_as: Option<PatternId>,
    /// Where the cards go; the routes decide without it.
    pub channel: Option<String>,
    /// The same trouble may stand in more than one log.
    pub in_many_logs: bool,
}

impl Terms {
    /// Whether finds are counted before they are told: then the key alone tells incidents apart.
    pub fn is_counted(&self) -> bool {
        self.threshold.is_some() || self.in_many_logs
    }
}

/// So many finds within a time, by record stamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    pub count: u32,
    pub within: SignedDuration,
}

/// A pattern's own words for a card, as its pack has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub title: String,
    /// What it means, in one sentence.
    pub meaning: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Pages that help: buttons on the card.
    pub links: Vec<Link>,
}

/// What a pattern gives to all that it finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub pattern: PatternId,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    pub words: Arc<Words>,
    pub terms: Arc<Terms>,
}

/// Something that was recognized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    pub pattern: PatternId,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    /// Empty where the product has the words.
    pub words: Arc<Words>,
    /// What the node belongs to, such as `prod`.
    pub environment: Option<Arc<str>>,
    /// The record's own time stamp, if it has one that can be read.
    pub at: Option<Timestamp>,
    pub origin: Origin,
    pub subject: Subject,
    pub condition: Condition,
    /// What makes two standalone detections the same incident, beside kind and node.
    pub key: String,
    /// What is counted together under a threshold; `None` if the record names nothing of it.
    pub group: Option<String>,
    pub terms: Arc<Terms>,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
}

impl Detection {
    /// What a pattern found in a record of a log; `key` tells its problems on one node apart.
    pub fn of_log(
        rule: Rule,
        origin: Origin,
        at: Option<Stamp>,
        (key, group): (String, Option<String>),
        mut facts: Facts,
    ) -> Self {
        let Rule { pattern, kind, role, severity, words, terms } = rule;
        facts.at_or = at.and_then(|stamp| stamp.or);
        let subject = Subject::of_row(role, &facts, &pattern, &key);
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
            terms,
            facts,
            script: None,
        }
    }

    /// What was observed on a machine.
    pub fn of_machine(at: Timestamp, host: &str, subject: Subject, condition: Condition) -> Self {
        Self::of_product(at, Origin::Machine, host, subject, condition)
    }

    /// What the agent reports about itself.
    pub fn of_agent(at: Timestamp, host: &str, problem: AgentProblem) -> Self {
        let subject = Subject::Agent { host: host.to_owned() };
        Self::of_product(at, Origin::Agent, host, subject, Condition::Agent(problem))
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
            key: String::new(),
            group: None,
            terms: Arc::default(),
            facts: Facts { host: Some(host.to_owned()), ..Facts::default() },
            script: None,
        }
    }

    /// The app whose script log it stands in; its id is the key where the pattern has none.
    pub fn name_app(&mut self, app: &str, is_key: bool) {
        self.facts.app_id = Some(app.to_owned());
        if is_key {
            app.clone_into(&mut self.key);
        }
        self.subject = Subject::of_row(self.role, &self.facts, &self.pattern, &self.key);
    }

    /// What a find of another pattern is about whose end this one is.
    pub fn subject_of(&self, pattern: &PatternId) -> Subject {
        // Without a key of its own, a pattern's id stands in its place.
        let key = if *self.key == *self.pattern { pattern.to_string() } else { self.key.clone() };
        Subject::of_node(&self.facts, pattern, key)
    }

    /// All times that its stamp may mean: one, but in the hour that the clock tells twice.
    pub fn readings(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
        [Some(self.at.unwrap_or(now)), self.facts.at_or].into_iter().flatten()
    }

    /// Fixes which time its stamp means.
    pub fn read_as(&mut self, stamp: Stamp) {
        (self.at, self.facts.at_or) = (Some(stamp.at), stamp.or);
        if let Some(script) = &mut self.script {
            (script.ended, script.ended_or) = (Some(stamp.at), stamp.or);
        }
    }
}
