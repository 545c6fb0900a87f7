//! I/O. Answers the requests of `identity` about files on disk.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::clock::Timestamp;
use crate::tail::FileId;
use crate::tail::disk::{CountedDisk, FileStat};
use crate::tail::folder::WatchedPath;
use crate::tail::identity::Evidence;
use crate::tail::problems::{FileProblems, unreadable};
use crate::tail::queue::ReadQueue;
use crate::tail::refusals::Refusals;
use crate::tail::source::OpenedFile;

/// Access to the disk. A file that cannot be opened is reported and rests.
pub(crate) struct Probe<'a> {
    pub(crate) disk: &'a mut CountedDisk,
    pub(crate) refusals: &'a mut Refusals,
    pub(crate) problems: &'a mut FileProblems,
    pub(crate) queue: &'a ReadQueue,
    pub(crate) now: Timestamp,
}

impl Evidence for Probe<'_> {
    /// A name that no longer exists or is not a regular file is not a problem.
    fn open_unknown(&mut self, at: &WatchedPath, path: &Path) -> Option<OpenedFile> {
        if self.refusals.is_resting(at, self.now, || self.disk.stat(path).ok()) {
            return None;
        }
        match self.disk.open(path) {
            Ok(source) => {
                self.refusals.remove(at);
                self.problems.resolve(path);
                Some(source)
            }
            Err(error) => {
                self.refusals.add(at, self.disk.stat(path).ok(), self.now);
                if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) {
                    self.problems.report(unreadable(path, &error));
                }
                None
            }
        }
    }

    fn open(&mut self, path: &Path) -> Option<OpenedFile> {
        self.disk.open(path).ok()
    }

    fn stat(&mut self, path: &Path) -> io::Result<FileStat> {
        self.disk.stat(path)
    }

    fn is_open(&self, file: FileId) -> bool {
        self.queue.is_open(file)
    }
}
