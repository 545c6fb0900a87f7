//! Pure. The current problems of files and folders, as `status` shows them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::config::Language;
use crate::render;
use crate::tail::{Batch, FileFault, FileProblem, FileProblemReason};

/// Key of the note that holds them.
pub const NOTE: &str = "troubles";

/// Maximum number that is kept: if a share is gone, each of its files has a problem.
const SHOWN: usize = 1_000;

/// One current problem, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// For display: a path that is not Unicode is converted lossily.
    pub path: String,
    pub reason: String,
    /// The sentence of an earlier version, which had no `fault`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    detail: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fault: Option<FileFault>,
    pub since: Timestamp,
}

impl Current {
    fn of(problem: &FileProblem, since: Timestamp) -> Self {
        Self {
            path: problem.path.display().to_string(),
            reason: problem.fault.reason().name().to_owned(),
            detail: String::new(),
            fault: Some(problem.fault.clone()),
            since,
        }
    }

    /// What failed and what to do.
    pub fn detail(&self, language: Language) -> String {
        let worded = self.fault.as_ref().map(|fault| render::file_problem(fault, language));
        worded.unwrap_or_else(|| self.detail.clone())
    }

    /// What the agent waits for, if this is the problem of the log root.
    pub(crate) fn waits(&self) -> String {
        let detail = self.detail(Language::English);
        format!("waiting for the log root {}: {detail}", self.path)
    }

    /// As lists and the page have it.
    pub fn shown(&self, language: Language) -> Value {
        json!({
            "path": self.path, "reason": self.reason, "detail": self.detail(language),
            "since": self.since,
        })
    }
}

/// The current problems by path.
#[derive(Debug, Default)]
pub(crate) struct FileProblems {
    current: BTreeMap<PathBuf, Current>,
    /// Folders that do not exist.
    missing: BTreeSet<PathBuf>,
}

impl FileProblems {
    /// Applies the problems of a batch; returns whether anything changed.
    pub(crate) fn apply(&mut self, now: Timestamp, batch: &Batch) -> bool {
        let mut changed = false;
        for path in &batch.resolved {
            changed |= self.current.remove(path).is_some();
            self.missing.remove(path);
        }
        for problem in batch.problems.iter().filter(|it| it.lasts) {
            let (path, reason) = (&problem.path, problem.fault.reason());
            let gone = [FileProblemReason::MissingFolder, FileProblemReason::VanishedFolder];
            if gone.contains(&reason) {
                self.missing.insert(path.clone());
            } else {
                self.missing.remove(path);
            }
            // Few nodes run every service, so a missing folder is not a problem, and it ends the
            // one that its path had.
            changed |= if reason == FileProblemReason::MissingFolder {
                self.current.remove(path).is_some()
            } else {
                self.current.insert(path.clone(), Current::of(problem, now));
                true
            };
        }
        changed
    }

    /// Which logs cannot be read, if the log root, one of these folders or all of them cannot.
    pub(crate) fn hidden_logs(&self, folders: &BTreeSet<PathBuf>) -> Option<String> {
        let of = |reason: FileProblemReason| {
            let is_one = move |it: &&Current| it.reason == reason.name();
            self.current.values().filter(is_one)
        };
        if let Some(root) = of(FileProblemReason::NoLogRoot).next() {
            return Some(root.waits());
        }
        let unreadable: Vec<&Current> = of(FileProblemReason::UnreadableFolder).collect();
        if let Some((first, others)) = unreadable.split_first() {
            let others = match others.len() {
                0 => String::new(),
                n => format!(", and {n} more"),
            };
            let (path, detail) = (&first.path, first.detail(Language::English));
            return Some(format!("logs are not read: {path}: {detail}{others}"));
        }
        let is_missing = |folder: &PathBuf| self.missing.contains::<Path>(folder);
        let is_all = !folders.is_empty() && folders.iter().all(is_missing);
        is_all.then(|| "none of the folders of Qlik Sense's logs exists".to_owned())
    }

    /// The problems as JSON.
    pub(crate) fn json(&self) -> String {
        let all: Vec<&Current> = self.current.values().take(SHOWN).collect();
        serde_json::to_string(&all).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
