//! Pure. Recognises known troubles with the pattern packs and says what it knows of them.

pub mod detector;
pub mod error_class;
pub mod explain;
pub mod expression;
mod facts;
mod layers;
pub mod literal;
pub mod pack;
pub mod pattern;
pub mod row;
pub mod samples;
pub mod scan;
pub mod schema;
mod terms;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::qlik::stamp::Stamp;

pub use crate::detect::detector::{Detector, Found};
pub use crate::detect::pack::{Pack, builtin_packs};

/// What a person hears about. The names are those of configuration, routes and cards.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    ReloadFailed,
    ReloadAborted,
    /// A reload failed in the hub or an editor, outside any task.
    ReloadFailedOutsideTask,
    /// A task that is not a reload failed: distribution, user sync, external program, preload.
    TaskFailed,
    TaskNotStarted,
    ReloadRecovered,
    Performance,
    Security,
    /// Trouble of a Qlik service that is none of the above.
    Service,
    /// A Windows service of Qlik Sense does not run although it should.
    ServiceStopped,
    /// It runs again.
    ServiceStarted,
    /// Trouble of Footman itself.
    Agent,
    /// One card that stands for many.
    Digest,
    Test,
}

impl Kind {
    /// The name in configuration, routes, history and cards.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReloadFailed => "reload-failed",
            Self::ReloadAborted => "reload-aborted",
            Self::ReloadFailedOutsideTask => "reload-failed-outside-task",
            Self::TaskFailed => "task-failed",
            Self::TaskNotStarted => "task-not-started",
            Self::ReloadRecovered => "reload-recovered",
            Self::Performance => "performance",
            Self::Security => "security",
            Self::Service => "service",
            Self::ServiceStopped => "service-stopped",
            Self::ServiceStarted => "service-started",
            Self::Agent => "agent",
            Self::Digest => "digest",
            Self::Test => "test",
        }
    }
}

/// How much it matters. `info` is counted and kept in history but makes no card by itself.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Info,
    Warning,
    Error,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The word in packs, lists and cards.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// What a detection means for the run of a task that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The final word on a run: it failed, was aborted, could not start.
    Verdict,
    /// One attempt failed; retries may follow, so it opens nothing.
    Attempt,
    /// The run succeeded: open failures of the same task or app end.
    Success,
    /// A script log ended with `Execution Failed`.
    ScriptFailed,
    /// A script log ended well.
    ScriptSucceeded,
    /// Trouble outside any run; told at once.
    Standalone,
    /// Something began that must end within the pattern's `overdue`.
    Start,
}

/// What a pattern asks of the incidents that its finds make, beside its role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    pub threshold: Option<Threshold>,
    /// Ids of the patterns whose incidents a find ends, where node and key are the same.
    pub closes: Vec<String>,
    /// Ids of the patterns whose open incidents on the same node hold a find back.
    pub suppressed_by: Vec<String>,
    /// What started must have ended within this time.
    pub overdue: Option<SignedDuration>,
    /// What started must have ended within the time that it usually takes, too.
    pub learned: bool,
    /// Older records are not told.
    pub max_age: Option<SignedDuration>,
    /// The pattern whose finds these are, in another log's words.
    pub same_as: Option<String>,
    /// The same trouble may stand in more than one log.
    pub in_many_logs: bool,
    /// Its end is seen whenever it comes: the incident is kept until then, and holds back what it
    /// causes for as long.
    pub until_over: bool,
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

/// What is known about a trouble, whichever row told it. Text is redacted and bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub task_name: Option<String>,
    pub task_id: Option<String>,
    pub app_name: Option<String>,
    pub app_id: Option<String>,
    pub execution_id: Option<String>,
    /// `DIRECTORY\user`, as the row says it.
    pub user: Option<String>,
    /// The node that wrote the row.
    pub host: Option<String>,
    pub message: Option<String>,
    /// The row's stamp names no offset and stands in the hour that the clock tells twice: the
    /// other time that it may mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_or: Option<Timestamp>,
    /// Named captures of the pattern.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub captures: BTreeMap<String, String>,
}

impl Detection {
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

/// What a script log says about its run. Text is redacted and bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptFacts {
    pub path: String,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// The other time that its end may mean, in the hour that the clock tells twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_or: Option<Timestamp>,
    /// `INTERNAL\sa_scheduler` for a task, a person for the hub or the editor.
    pub executed_by: Option<String>,
    /// What the engine says of the failure, with its further lines.
    pub error: Option<String>,
    /// The class of the error, as the packs name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_class: Option<String>,
    /// What usually helps against errors of this class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_advice: Option<String>,
    /// Errors that came before and that the script was set to ignore.
    #[serde(default)]
    pub n_swallowed: usize,
    /// The statement that failed: its number and its first line.
    pub statement: Option<Statement>,
    pub excerpt: Excerpt,
}

/// A script statement as the script log numbers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub number: u32,
    pub text: String,
}

/// The cut of a script log that is shown to people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// Line number in the file of the first line, if known.
    pub first_line: Option<u64>,
    pub lines: Vec<ExcerptLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcerptLine {
    /// The line without its time stamp; statements keep their four-digit number.
    pub text: String,
    /// Part of the failing statement's head or of the error.
    pub marked: bool,
}

/// One pattern found in one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detection {
    /// Id of the pattern.
    pub pattern: String,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    /// The pattern's words for the card: what it means, and what to do.
    pub title: Arc<str>,
    pub meaning: Arc<str>,
    pub advice: Option<Arc<str>>,
    /// The record's own time stamp, if it has one that can be read.
    pub at: Option<Timestamp>,
    /// Which log, file and offset it was found at.
    pub log: Arc<str>,
    pub path: Arc<str>,
    pub offset: u64,
    /// What makes two standalone detections the same incident, beside kind and node.
    pub key: String,
    /// What is counted together under a threshold; `None` if the record names nothing of it.
    pub group: Option<String>,
    pub terms: Arc<Terms>,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
}
