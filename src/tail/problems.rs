//! Pure. Problems with files and folders; each is reported once until it changes or is resolved.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::config::worded::system;
use crate::tail::{FileId, FileProblem, FileProblemReason};

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
        if self.reported.insert(problem.path.clone(), problem.reason) != Some(problem.reason) {
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

/// What to do about a file or folder that cannot be opened.
fn remedy(error: &Error) -> &'static str {
    if is_out_of_descriptors(error) {
        "this process has too many open files and connections: close browser pages that are not needed, or raise `ulimit -n` (LimitNOFILE of the unit)"
    } else {
        "give the account of this service read access"
    }
}

/// Whether the process or the system has reached its limit of open files.
fn is_out_of_descriptors(error: &Error) -> bool {
    let codes: &[i32] = if cfg!(windows) { &[4] } else { &[23, 24] };
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

pub(crate) fn unreadable(path: &Path, error: &Error) -> FileProblem {
    FileProblem {
        path: path.to_owned(),
        reason: FileProblemReason::UnreadableFile,
        lasts: true,
        detail: format!(
            "cannot read this log file ({}); {}; Footman keeps trying",
            system(error),
            remedy(error)
        ),
    }
}

pub(crate) fn no_content(path: PathBuf) -> FileProblem {
    FileProblem {
        path,
        reason: FileProblemReason::NoContent,
        lasts: true,
        detail: "this log file has ended in NUL bytes for a minute; lines behind them are read as \
                 soon as the space is filled or overwritten"
            .to_owned(),
    }
}

pub(crate) fn truncated(path: PathBuf) -> FileProblem {
    FileProblem {
        path,
        reason: FileProblemReason::Truncated,
        lasts: false,
        detail: "this log file was shortened or rewritten before its end was read; it is read \
                 again from the top, and lines written just before that may be lost"
            .to_owned(),
    }
}

pub(crate) fn unlisted(path: PathBuf, error: &Error, was_there: bool) -> FileProblem {
    let (reason, remedy) = match error.kind() {
        ErrorKind::NotFound if was_there => (
            FileProblemReason::VanishedFolder,
            "check that its share or disk is connected; lines written in the meantime are read when \
             the folder is back",
        ),
        ErrorKind::NotFound => {
            (FileProblemReason::MissingFolder, "it is followed as soon as it appears")
        }
        _ => (FileProblemReason::UnreadableFolder, remedy(error)),
    };
    FileProblem {
        path,
        reason,
        lasts: true,
        detail: format!("cannot list this log folder ({}); {remedy}", system(error)),
    }
}
