//! Pure. What rows and script logs say: redacted and bounded text, ids, times.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::link::Link;

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
    /// What the class is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_title: Option<String>,
    /// What usually helps against errors of this class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_advice: Option<String>,
    /// Pages about errors of this class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub error_links: Vec<Link>,
    /// Errors that came before and that the script was set to ignore (`ErrorMode=0`).
    #[serde(default)]
    pub n_swallowed: usize,
    /// The log begins before what was read of it: there may have been more of them.
    #[serde(default)]
    pub swallowed_at_least: bool,
    /// The data connection that the script opened last before the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
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
