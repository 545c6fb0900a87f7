//! Pure. What is wrong with the files that people write and with the folder of the logs.

mod earlier;

use serde::{Deserialize, Serialize};

use crate::config::{LogRootFault, Problem, ProblemKind};
use crate::detection::mistake::earlier::{StoredMistake, StoredRoot};

/// Mistakes of one kind in a configuration, pattern or template file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredMistake")]
pub struct FileMistake {
    /// As the user would type it.
    pub file: String,
    pub kind: ProblemKind,
    /// Line and column of the first one, unless it concerns the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<(usize, usize)>,
    /// The key of that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Number of further problems.
    pub more: usize,
}

impl FileMistake {
    pub fn of(problem: &Problem, more: usize) -> Self {
        Self {
            file: problem.file.clone(),
            kind: problem.kind,
            at: (!problem.text.is_empty()).then(|| (problem.line(), problem.column())),
            key: problem.key().map(str::to_owned),
            more,
        }
    }

    /// The first problem, and how many more there are.
    pub fn first(problems: &[Problem]) -> Option<Self> {
        problems.split_first().map(|(first, more)| Self::of(first, more.len()))
    }

    /// One for each kind of problem in each file, in their order.
    pub fn all(problems: &[Problem]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for problem in problems {
            let is_same = |it: &&mut Self| it.file == problem.file && it.kind == problem.kind;
            match all.iter_mut().find(is_same) {
                Some(known) => known.more += 1,
                None => all.push(Self::of(problem, 0)),
            }
        }
        all
    }

    /// The mistake that a sentence of an earlier version states.
    pub fn of_sentence(sentence: &str) -> Self {
        earlier::mistake(sentence)
    }

    /// What distinguishes it from other mistakes. A later line is the same mistake.
    pub(crate) fn class(&self) -> String {
        format!("{}/{}", self.file, self.kind.name())
    }

    /// `file:line:column`.
    pub fn place(&self) -> String {
        match self.at {
            Some((line, column)) => format!("{}:{line}:{column}", self.file),
            None => self.file.clone(),
        }
    }
}

/// A folder of the logs in which there is nothing to follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredRoot")]
pub struct MissingLogRoot {
    pub folder: String,
    pub fault: LogRootFault,
}

impl MissingLogRoot {
    /// What a sentence of an earlier version states.
    pub fn of_sentence(sentence: &str) -> Self {
        earlier::root(sentence)
    }

    pub(crate) fn class(&self) -> String {
        format!("{}/{}", self.folder, self.fault.name())
    }
}

#[cfg(test)]
mod tests;
