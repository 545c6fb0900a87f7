//! Pure. The facts of rows and script logs: redacted and bounded text, ids, times.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::captures::Captures;
use crate::detection::ids::{AppId, ExecutionId, TaskId};
use crate::detection::link::Link;
use crate::detection::translation::Translations;

/// The facts of a problem, from any of its rows. Text is redacted and bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub task_name: Option<String>,
    pub task_id: Option<TaskId>,
    pub app_name: Option<String>,
    pub app_id: Option<AppId>,
    pub execution_id: Option<ExecutionId>,
    /// `DIRECTORY\user`, as in the row.
    pub user: Option<String>,
    /// The node that wrote the row.
    pub host: Option<String>,
    /// The node that runs it, if a row names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executing_node: Option<String>,
    pub message: Option<String>,
    /// The cloud tenant, by its name in the configuration; `None` for everything on a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The space of the app in a cloud tenant; `None` also for a personal space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// Who owns the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The stream of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The address at which the app opens, if its own system names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_link: Option<String>,
    /// The other reading of the row's timestamp, if it has no offset and is in the repeated hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_or: Option<Timestamp>,
    /// Named captures of the pattern.
    #[serde(default, skip_serializing_if = "Captures::is_empty")]
    pub captures: Captures,
}

/// The facts of a script log. Text is redacted and bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptFacts {
    pub path: String,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
    /// The other reading of the end, in the repeated hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_or: Option<Timestamp>,
    /// `INTERNAL\sa_scheduler` for a task, a person for the hub or the editor.
    pub executed_by: Option<String>,
    /// The engine's error message, with its further lines.
    pub error: Option<String>,
    /// The class of the error, as named by the packs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_class: Option<String>,
    /// The title of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_title: Option<String>,
    /// The advice of that class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_advice: Option<String>,
    /// Pages about errors of this class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_links: Vec<Link>,
    /// Title, advice and pages of that class in other languages.
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub error_translations: Translations,
    /// Number of earlier errors that the script ignored by its `ErrorMode` (`ErrorMode=0`).
    #[serde(default)]
    pub n_swallowed: usize,
    /// The log was not read from its beginning: there may have been more of them.
    #[serde(default)]
    pub swallowed_at_least: bool,
    /// The data connection that the script opened last before the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The failed statement: its number and first line.
    pub statement: Option<Statement>,
    pub excerpt: Excerpt,
}

/// A script statement as the script log numbers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub number: u32,
    pub text: String,
}

/// The part of a script log that cards show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The number of the first line in the file, if known.
    pub first_line: Option<u64>,
    pub lines: Vec<ExcerptLine>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcerptLine {
    /// The line without its time stamp; statements keep their four-digit number.
    pub text: String,
    /// Whether it belongs to the head of the failed statement or to the error.
    pub marked: bool,
}
