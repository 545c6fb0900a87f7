//! I/O. Keeps the book in step with the disk: lists folders and executes moves of files.

use std::io::ErrorKind;
use std::path::Path;

use crate::clock::Timestamp;
use crate::tail::book::{AppliedMove, Book};
use crate::tail::disk::CountedDisk;
use crate::tail::ends::FileEnds;
use crate::tail::folder::{FolderId, Unknown};
use crate::tail::followed::Followed;
use crate::tail::handover::Handover;
use crate::tail::identity::{self, Filled, Move, ReconcileContext, Reconciliation};
use crate::tail::listing;
use crate::tail::probe::Probe;
use crate::tail::problems::{FileProblems, truncated, unlisted, unreadable};
use crate::tail::queue::ReadQueue;
use crate::tail::refusals::Refusals;
use crate::tail::source::OpenedFile;
use crate::tail::{FileId, Start};

/// The followed files and everything that a move changes.
pub(crate) struct Follower {
    pub(crate) start: Start,
    /// Set until the first poll has used the positions.
    pub(crate) ends: Option<FileEnds>,
    pub(crate) disk: CountedDisk,
    pub(crate) book: Book,
    pub(crate) refusals: Refusals,
    pub(crate) queue: ReadQueue,
    pub(crate) problems: FileProblems,
    pub(crate) handover: Handover,
}

impl Follower {
    /// Lists one folder and returns its unknown names. Files that have been missing for long may be
    /// forgotten.
    pub(crate) fn list(&mut self, folder: FolderId, now: Timestamp) -> Unknown {
        let was_away = self.book.folder(folder).is_away();
        let listed = listing::list(folder, &mut self.book, &mut self.disk, now);
        if was_away && listed.is_ok() {
            self.book.wake(folder);
        }
        let in_folder = self.book.folder(folder);
        let path = in_folder.path.clone();
        match listed {
            Ok(unknown) => {
                self.refusals.retain(folder, &unknown);
                self.problems.resolve(&path);
                self.forget_vanished(folder, now);
                self.forget_problems_of_gone(&path);
                unknown
            }
            Err(error) => {
                let was_there = in_folder.was_there();
                if error.kind() == ErrorKind::NotFound {
                    self.forget_problems_of_gone(&path);
                }
                self.problems.report(unlisted(path, &error, was_there));
                Vec::new()
            }
        }
    }

    fn forget_vanished(&mut self, folder: FolderId, now: Timestamp) {
        let mut absent = self.book.count_absences(folder, now);
        absent.retain(|file| !self.queue.contains(*file));
        let vanished = self.with_context(now, |context| identity::vanished(absent, context));
        for vanished in vanished {
            self.execute(vanished, now);
        }
    }

    /// Resolves the problems of files that no longer exist.
    fn forget_problems_of_gone(&mut self, folder: &Path) {
        for path in self.problems.in_folder(folder) {
            if self.disk.is_nothing_at(&path) {
                self.problems.resolve(&path);
            }
        }
    }

    /// Identifies the files at the unknown names of a folder, finds where its files moved, and
    /// executes the moves. `suspect` is known to have left its path.
    pub(crate) fn reconcile(
        &mut self,
        folder: FolderId,
        unknown: Unknown,
        suspect: Option<FileId>,
        now: Timestamp,
    ) {
        // A file of which nothing was read has no content to be found elsewhere; whether it is
        // still there shows when it is opened.
        let files = &self.book.files;
        let is_read = |file: &FileId| files.get(file).is_some_and(|it| it.offset > 0);
        let suspects: Vec<_> = self.queue.files().filter(is_read).chain(suspect).collect();
        let rules = (self.start, now);
        let mut search = self.with_context(now, |context| {
            Reconciliation::begin(folder, unknown, suspects, context, rules)
        });
        while let Some(found) = self.with_context(now, |context| search.next(context)) {
            self.execute(found, now);
        }
    }

    /// Calls `ask` with the book and access to the disk.
    fn with_context<T>(
        &mut self,
        now: Timestamp,
        ask: impl FnOnce(&mut ReconcileContext<'_>) -> T,
    ) -> T {
        let mut probe = Probe {
            disk: &mut self.disk,
            refusals: &mut self.refusals,
            problems: &mut self.problems,
            queue: &self.queue,
            now,
        };
        ask(&mut ReconcileContext { known: &self.book, ends: self.ends.as_ref(), disk: &mut probe })
    }

    /// Executes a move in the book, the queue and the handover.
    pub(crate) fn execute(&mut self, found: Move, now: Timestamp) {
        self.report(&found);
        match self.book.apply(found, now) {
            AppliedMove::Noted => {}
            AppliedMove::Read { file, reopen } => {
                if reopen {
                    self.queue.close(file);
                }
                self.handover.changed(file);
                self.queue.push(file);
            }
            AppliedMove::New { file, unread } => {
                self.handover.appeared(file);
                if unread {
                    self.queue.push(file);
                }
            }
            AppliedMove::Forgotten { file } => {
                self.queue.remove(file);
                self.problems.is_not_hollow(file);
                self.handover.forgotten(file);
            }
        }
    }

    /// Reports a move by which lines may be lost, and a new file that could not be read.
    fn report(&mut self, found: &Move) {
        match found {
            Move::Truncated { file, .. } | Move::Replaced { file, unfinished: true, .. } => {
                if let Some(path) = self.book.path_of(*file) {
                    self.problems.report_once(truncated(path));
                }
            }
            Move::Unreadable { at, error } => {
                self.problems.report(unreadable(&self.book.path(at), error));
            }
            _ => {}
        }
    }

    /// Handles a path that holds another file now: identifies that file, and finds the one that was
    /// there.
    pub(crate) fn find(&mut self, file: FileId, now: Timestamp) {
        let Some(folder) = self.book.files.get(&file).map(|followed| followed.folder) else {
            return;
        };
        // Its unread rows may be in a copy that was empty when it was listed.
        if self.is_any_filled_copy(folder, now) {
            self.queue.push(file);
            return;
        }
        let unknown = self.list(folder, now);
        self.reconcile(folder, unknown, Some(file), now);
    }

    /// Whether one of the files of a folder that appeared empty turns out to be a copy.
    fn is_any_filled_copy(&mut self, folder: FolderId, now: Timestamp) -> bool {
        self.book.unread_since_empty(folder).into_iter().any(|file| {
            let path = self.book.path_of(file);
            let source = path.and_then(|path| self.disk.open(&path).ok());
            source.is_some_and(|mut source| self.is_filled_copy(file, &mut source, now))
        })
    }

    /// Whether a file that was empty when it appeared turns out to be a copy, which is then not
    /// followed. If its original was truncated, the original is followed at the path of the copy.
    pub(crate) fn is_filled_copy(
        &mut self,
        file: FileId,
        source: &mut OpenedFile,
        now: Timestamp,
    ) -> bool {
        let filled = self.with_context(now, |context| identity::filled(file, source, context));
        let Some(at) = self.book.files.get(&file).map(Followed::path) else { return false };
        match filled {
            Filled::Itself => return false,
            Filled::Copy { of, stat } => {
                self.execute(Move::Vanished { file }, now);
                self.execute(Move::Copied { at, of, stat }, now);
            }
            Filled::CopyOfTruncated { original } => {
                self.execute(Move::Vanished { file }, now);
                let unknown = self.list(at.0, now);
                self.reconcile(at.0, unknown, Some(original), now);
            }
        }
        true
    }
}
