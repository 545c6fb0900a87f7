//! Pure. The current problems of files and folders, as `status` shows them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::config::Language;
use crate::render;
use crate::state::NotAdvancing;
use crate::tail::{Batch, FileFault, FileProblem, FileProblemReason};
use crate::view;

/// Key of the note that holds them.
pub const NOTE: &str = "troubles";

/// Maximum number that is kept: if a share is gone, each of its files has a problem.
const SHOWN: usize = 1_000;

/// One current problem, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// For display: a path that is not Unicode is converted lossily.
    pub path: String,
    #[serde(flatten)]
    fault: CurrentFault,
    pub since: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum CurrentFault {
    Typed {
        fault: FileFault,
    },
    /// Of an earlier version, with its sentence.
    Earlier {
        reason: String,
        detail: String,
    },
}

impl Current {
    fn of(problem: &FileProblem, since: Timestamp) -> Self {
        Self {
            path: problem.path.display().to_string(),
            fault: CurrentFault::Typed { fault: problem.fault.clone() },
            since,
        }
    }

    /// What failed and what to do.
    pub fn detail(&self, language: Language) -> String {
        match &self.fault {
            CurrentFault::Typed { fault } => render::file_problem(fault, language),
            CurrentFault::Earlier { detail, .. } => detail.clone(),
        }
    }

    pub fn reason(&self) -> &str {
        match &self.fault {
            CurrentFault::Typed { fault } => fault.reason().name(),
            CurrentFault::Earlier { reason, .. } => reason,
        }
    }

    pub(crate) fn is_of(&self, reason: FileProblemReason) -> bool {
        self.reason() == reason.name()
    }

    /// What the agent waits for, if this is the problem of the log root.
    pub(crate) fn waits(&self, language: Language) -> String {
        view::waits_for(&self.path, &self.detail(language), language)
    }

    /// As lists and the page have it.
    pub fn shown(&self, language: Language) -> Value {
        json!({
            "path": self.path, "reason": self.reason(), "detail": self.detail(language),
            "since": self.since,
        })
    }
}

/// The current problems by path.
#[derive(Debug, Default)]
pub(crate) struct CurrentProblems {
    current: BTreeMap<PathBuf, Current>,
    /// Folders that do not exist.
    missing: BTreeSet<PathBuf>,
}

impl CurrentProblems {
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

    /// Which logs cannot be read, if the log root, a folder or a file cannot, or none of these
    /// folders exists.
    pub(crate) fn hidden_logs(&self, folders: &BTreeSet<PathBuf>) -> Option<NotAdvancing> {
        if let Some((path, fault, _)) = self.first_of(FileProblemReason::NoLogRoot) {
            return Some(NotAdvancing::LogRoot { path, fault });
        }
        if let Some((path, fault, others)) = self.first_of(FileProblemReason::UnreadableFolder) {
            return Some(NotAdvancing::Folder { path, fault, others });
        }
        let is_missing = |folder: &PathBuf| self.missing.contains::<Path>(folder);
        let is_all = !folders.is_empty() && folders.iter().all(is_missing);
        if is_all {
            return Some(NotAdvancing::NoFolders);
        }
        let (path, fault, others) = self.first_of(FileProblemReason::UnreadableFile)?;
        Some(NotAdvancing::File { path, fault, others })
    }

    /// The path and the fault of the first current problem of this kind, and how many others have
    /// one.
    fn first_of(&self, reason: FileProblemReason) -> Option<(String, FileFault, usize)> {
        let mut found = self.current.values().filter_map(|current| match &current.fault {
            CurrentFault::Typed { fault } if fault.reason() == reason => Some((current, fault)),
            CurrentFault::Typed { .. } | CurrentFault::Earlier { .. } => None,
        });
        let (first, fault) = found.next()?;
        Some((first.path.clone(), fault.clone(), found.count()))
    }

    /// The problems as JSON.
    pub(crate) fn json(&self) -> String {
        let all: Vec<&Current> = self.current.values().take(SHOWN).collect();
        serde_json::to_string(&all).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
