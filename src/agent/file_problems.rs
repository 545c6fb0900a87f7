//! Pure. The lasting troubles of files and folders that have not been mended yet.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::tail::{Batch, FileProblem, FileProblemReason};

/// The note that holds them.
pub const NOTE: &str = "troubles";

/// A share that is gone makes trouble of each of its files: so many are kept.
const SHOWN: usize = 1_000;

/// One of them, as it is kept for whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    /// As it is shown: a name that is not Unicode is shown as well as can be.
    pub path: String,
    pub reason: String,
    pub detail: String,
    pub since: Timestamp,
}

/// Those there are now.
#[derive(Debug, Default)]
pub(in crate::agent) struct FileProblems(BTreeMap<PathBuf, Current>);

impl FileProblems {
    /// Takes in what a poll found. Whether anything is different now.
    pub(in crate::agent) fn apply(&mut self, now: Timestamp, batch: &Batch) -> bool {
        let mut changed = false;
        for path in &batch.resolved {
            changed |= self.0.remove(path).is_some();
        }
        // Hardly a node has every service, so a folder that is missing is nothing to worry about.
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

    /// As JSON.
    pub(in crate::agent) fn json(&self) -> String {
        let all: Vec<&Current> = self.0.values().take(SHOWN).collect();
        serde_json::to_string(&all).unwrap_or_default()
    }
}
