//! Pure. Problems with files and folders; each is reported once until it changes or is resolved.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::config::SystemError;
use crate::tail::{FileFault, FileId, FileProblem, FileProblemReason};

/// A file that ends in NUL bytes for this many seconds is a problem.
const HOLLOW_FOR: i64 = 60;

/// What was reported, and what to report with the next batch.
#[derive(Default)]
pub(crate) struct FileProblems {
    /// The problem last reported about each path.
    reported: BTreeMap<PathBuf, FileProblemReason>,
    /// Files that end in NUL bytes, and since when.
    hollow: BTreeMap<FileId, Timestamp>,
    new: Vec<FileProblem>,
    resolved: Vec<PathBuf>,
}

impl FileProblems {
    /// Reports a persistent problem, unless it was the last one reported about its path.
    pub(crate) fn report(&mut self, problem: FileProblem) {
        let reason = problem.fault.reason();
        if self.reported.insert(problem.path.clone(), reason) != Some(reason) {
            self.new.push(problem);
        }
    }

    /// Reports an event without duration.
    pub(crate) fn report_once(&mut self, problem: FileProblem) {
        self.new.push(problem);
    }

    /// Marks the path as healthy: its next problem is reported.
    pub(crate) fn resolve(&mut self, path: &Path) {
        if self.reported.remove(path).is_some() {
            // A batch resolves before it reports.
            self.new.retain(|problem| !problem.lasts || problem.path != path);
            self.resolved.push(path.to_owned());
        }
    }

    /// The paths directly in a folder that have a reported problem.
    pub(crate) fn in_folder(&self, folder: &Path) -> Vec<PathBuf> {
        self.reported.keys().filter(|path| path.parent() == Some(folder)).cloned().collect()
    }

    /// Records that a file ends in NUL bytes.
    pub(crate) fn is_hollow(&mut self, file: FileId, now: Timestamp) {
        self.hollow.entry(file).or_insert(now);
    }

    pub(crate) fn is_not_hollow(&mut self, file: FileId) {
        self.hollow.remove(&file);
    }

    /// The files that have been hollow long enough to be a problem.
    pub(crate) fn hollow_too_long(&self, now: Timestamp) -> Vec<FileId> {
        let waited = |since: &Timestamp| now.duration_since(*since).as_secs();
        let late = self.hollow.iter().filter(|(_, since)| waited(since) >= HOLLOW_FOR);
        late.map(|(file, _)| *file).collect()
    }

    /// New problems and resolved paths since the last call.
    pub(crate) fn take(&mut self) -> (Vec<FileProblem>, Vec<PathBuf>) {
        (std::mem::take(&mut self.new), std::mem::take(&mut self.resolved))
    }
}

pub(crate) fn unreadable(path: &Path, error: &Error) -> FileProblem {
    let fault = FileFault::UnreadableFile(SystemError::of(error));
    FileProblem { path: path.to_owned(), fault, lasts: true }
}

pub(crate) fn no_content(path: PathBuf) -> FileProblem {
    FileProblem { path, fault: FileFault::NoContent, lasts: true }
}

pub(crate) fn truncated(path: PathBuf) -> FileProblem {
    FileProblem { path, fault: FileFault::Truncated, lasts: false }
}

pub(crate) fn unlisted(path: PathBuf, error: &Error, was_there: bool) -> FileProblem {
    let fault = match error.kind() {
        ErrorKind::NotFound if was_there => FileFault::VanishedFolder,
        ErrorKind::NotFound => FileFault::MissingFolder,
        _ => FileFault::UnreadableFolder,
    };
    FileProblem { path, fault: fault(SystemError::of(error)), lasts: true }
}

#[cfg(test)]
mod tests;
