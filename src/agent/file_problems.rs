//! Pure. The current problems of files and folders, as `status` shows them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::tail::{Batch, FileProblem, FileProblemReason};

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
    pub detail: String,
    pub since: Timestamp,
}

/// The current problems by path.
#[derive(Debug, Default)]
pub(in crate::agent) struct FileProblems(BTreeMap<PathBuf, Current>);

impl FileProblems {
    /// Applies the problems of a batch; returns whether anything changed.
    pub(in crate::agent) fn apply(&mut self, now: Timestamp, batch: &Batch) -> bool {
        let mut changed = false;
        for path in &batch.resolved {
            changed |= self.0.remove(path).is_some();
        }
        // Few nodes run every service, so a missing folder is not a problem.
        let worth = |it: &&FileProblem| it.lasts && it.reason != FileProblemReason::MissingFolder;
        for problem in batch.problems.iter().filter(worth) {
            let current = Current {
                path: problem.path.display().to_string(),
                reason: problem.reason.name().to_owned(),
                detail: problem.detail.clone(),
                since: now,
            };
            self.0.insert(problem.path.clone(), current);
            changed = true;
        }
        changed
    }

    /// The problems as JSON.
    pub(in crate::agent) fn json(&self) -> String {
        let all: Vec<&Current> = self.0.values().take(SHOWN).collect();
        serde_json::to_string(&all).unwrap_or_default()
    }
}
