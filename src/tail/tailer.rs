//! I/O. Polls: lists the due folders, follows moves, and reads in turns.

use std::io::ErrorKind;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::tail::book::Book;
use crate::tail::disk::CountedDisk;
use crate::tail::ends::FileEnds;
use crate::tail::folder::{FolderId, Unknown};
use crate::tail::follower::Follower;
use crate::tail::handover::Handover;
use crate::tail::identity::Move;
use crate::tail::listing;
use crate::tail::marks::MarkMatch;
use crate::tail::problems::{FileProblems, no_content, unreadable};
use crate::tail::queue::ReadQueue;
use crate::tail::refusals::Refusals;
use crate::tail::schedule::Schedule;
use crate::tail::source::OpenedFile;
use crate::tail::turn::{Read, Turn};
use crate::tail::{Batch, Committed, Dirty, Disk, Effort, FileId, LocalDisk, Start, Watch};

/// Approximate number of bytes that one poll reads.
const BUDGET: usize = 8 << 20;
/// The cost of a turn in bytes, in addition to the bytes that it reads.
const TURN: usize = 4096;
/// How many of the long quiet files one poll checks.
const COLD_CHECKS: usize = 200;

/// Follows the files of some folders. It does not interpret what it reads.
///
/// Delivered blocks count as committed: if a commit fails, build a new tailer from the checkpoints.
///
/// A poll runs in one direction: a listing shows names, `identity` interprets them, the follower
/// executes the moves, then files are read. No part calls back.
pub struct Tailer {
    schedule: Schedule,
    follower: Follower,
}

impl Tailer {
    /// Continues from the committed state. `start` applies to files that exist when their folder is
    /// listed for the first time; all others are read from the beginning.
    pub fn new(watches: Vec<Watch>, committed: Committed, start: Start) -> Tailer {
        let follower = Follower {
            start,
            ends: None,
            disk: CountedDisk::of(Box::new(LocalDisk)),
            book: Book::new(watches, committed),
            refusals: Refusals::default(),
            queue: ReadQueue::default(),
            problems: FileProblems::default(),
            handover: Handover::default(),
        };
        Tailer { schedule: Schedule::new(), follower }
    }

    /// Sets the interval between listings, which is one second by default.
    #[must_use]
    pub fn every(mut self, interval: Duration) -> Tailer {
        self.schedule.interval = interval;
        self
    }

    /// Expects hints: quiet files are checked less often, until one changes without a hint.
    #[must_use]
    pub fn hinted(mut self) -> Tailer {
        self.schedule.expects_hints = true;
        self.follower.book.expect_hints();
        self
    }

    /// Begins at the file sizes at program start, not at those of the first poll.
    #[must_use]
    pub fn from_ends(mut self, ends: Option<FileEnds>) -> Tailer {
        self.follower.ends = ends;
        self
    }

    /// Follows files on another file system.
    #[must_use]
    pub fn on(mut self, disk: Box<dyn Disk>) -> Tailer {
        self.follower.disk = CountedDisk::of(disk);
        self
    }

    /// Takes back the buffers of processed blocks, to be reused while there is much to read.
    pub fn reuse(&mut self, spent: Vec<Vec<u8>>) {
        self.follower.queue.reuse(spent);
    }

    /// Number of file system requests so far.
    pub fn effort(&self) -> Effort {
        self.follower.disk.effort()
    }

    /// Number of followed files, and the bytes that are known to be unread in them.
    pub fn extent(&self) -> (usize, u64) {
        (self.follower.book.files.len(), self.follower.queue.unread_bytes())
    }

    /// Finds changes and reads them, up to a budget. Hints only make it check earlier.
    pub fn poll(&mut self, now: Timestamp, dirty: &Dirty) -> Batch {
        let unknown = self.list_folders(dirty, now);
        self.queue_hinted(dirty);
        if self.schedule.is_check_due(dirty, now) {
            self.queue_changed(dirty, now);
        }
        for (folder, names) in unknown {
            self.follower.reconcile(folder, names, None, now);
        }
        self.follower.ends = None;
        self.read_in_turns(now);
        self.hand_over(now)
    }

    /// Lists the folders that are due or hinted at, and returns the unknown names.
    fn list_folders(&mut self, dirty: &Dirty, now: Timestamp) -> Vec<(FolderId, Unknown)> {
        let mut hinted = listing::hinted_names(dirty, &self.follower.book);
        let mut unknown = Vec::new();
        for folder in self.follower.book.folders() {
            let names_in_hints = hinted.remove(&folder).unwrap_or_default();
            let in_folder = self.follower.book.folder(folder);
            let names = if self.schedule.is_listing_due(
                in_folder,
                dirty,
                !names_in_hints.is_empty(),
                now,
            ) {
                let listed = self.follower.list(folder, now);
                if *dirty != Dirty::Everything {
                    self.doubt_hints(folder, &listed, &names_in_hints);
                }
                listed
            } else {
                names_in_hints
            };
            if !names.is_empty() {
                unknown.push((folder, names));
            }
        }
        unknown
    }

    /// If a name appeared in a large folder without a hint, hints are unreliable there.
    fn doubt_hints(&mut self, folder: FolderId, unknown: &Unknown, names_in_hints: &Unknown) {
        let in_folder = self.follower.book.folder_mut(folder);
        if in_folder.is_small() {
            return;
        }
        in_folder.hinted &= !unknown.iter().any(|name| {
            !names_in_hints.contains(name)
                && !in_folder.copies.contains_key(name)
                && !self.follower.refusals.contains(&(folder, name.clone()))
        });
    }

    /// Queues the files that hints named.
    fn queue_hinted(&mut self, dirty: &Dirty) {
        let Dirty::Paths(paths) = dirty else { return };
        for path in paths {
            let Some(at) = self.follower.book.watched_path(path) else { continue };
            let folder = self.follower.book.folder_mut(at.0);
            // A hint from before the folder disappeared does not prove that the new folder is
            // watched.
            folder.hinted = self.schedule.expects_hints && !folder.is_away();
            if let Some(file) = self.follower.book.holder(&at) {
                self.follower.queue.push(file);
            }
        }
    }

    /// Checks the files that may have changed, and queues those that did.
    fn queue_changed(&mut self, dirty: &Dirty, now: Timestamp) {
        let hints_were_lost = *dirty == Dirty::Everything;
        let (due, unchecked) = self.follower.book.due(now, COLD_CHECKS, hints_were_lost);
        self.schedule.checked(unchecked, now);
        for file in due {
            if !self.follower.queue.contains(file) && self.has_changed(file, now) {
                self.follower.queue.push(file);
                if !hints_were_lost {
                    self.follower.book.was_not_hinted(file, now);
                }
            }
        }
    }

    /// Whether the metadata changed since the file was last read to its end.
    fn has_changed(&mut self, file: FileId, now: Timestamp) -> bool {
        let Some(path) = self.follower.book.path_of(file) else { return false };
        let stat = self.follower.disk.stat(&path);
        let Some(followed) = self.follower.book.files.get_mut(&file) else { return false };
        match stat {
            // After a failure, only reading shows that it can be read again.
            Ok(stat) if followed.has_stat(stat) && !followed.has_failed() => {
                self.follower.book.rest(file, now);
            }
            Ok(_) => return true,
            // Only listings decide whether the file is gone.
            Err(error) if error.kind() == ErrorKind::NotFound => followed.rest_after_absence(now),
            Err(error) => {
                followed.rest_after_failure(now);
                self.follower.problems.report(unreadable(&path, &error));
            }
        }
        false
    }

    /// Gives turns until everything is read or the budget is used up.
    fn read_in_turns(&mut self, now: Timestamp) {
        let mut spent = 0;
        while spent < BUDGET {
            let Some((file, kept)) = self.follower.queue.pop() else { return };
            spent += TURN + self.turn(file, kept, now);
            self.follower.queue.turn_ended(file, now);
        }
    }

    /// Runs one turn of one file; returns the number of bytes read.
    fn turn(&mut self, file: FileId, kept: Option<OpenedFile>, now: Timestamp) -> usize {
        let before = self.follower.book.predecessor(file);
        if before.is_some_and(|before| self.follower.queue.contains(before)) {
            self.follower.queue.push(file);
            return 0;
        }
        self.follower.book.has_no_predecessor(file);
        match self.turn_with(now).open(file, kept) {
            Some((source, MarkMatch::Same)) => self.read(file, source, now),
            Some((other, _)) => {
                drop(other);
                self.follower.find(file, now);
                0
            }
            None => 0,
        }
    }

    fn turn_with(&mut self, now: Timestamp) -> Turn<'_> {
        Turn {
            book: &mut self.follower.book,
            disk: &mut self.follower.disk,
            queue: &mut self.follower.queue,
            problems: &mut self.follower.problems,
            handover: &mut self.follower.handover,
            now,
        }
    }

    /// Reads one block of a file, unless it turns out to be a copy.
    fn read(&mut self, file: FileId, mut source: OpenedFile, now: Timestamp) -> usize {
        if self.follower.is_filled_copy(file, &mut source, now) {
            return 0;
        }
        match self.turn_with(now).read(file, source) {
            Read::More(len) => len,
            Read::End(len) => {
                self.follower.queue.is_done(file);
                // Another file took its name: it is gone once it is read.
                if self.follower.book.is_unlinked(file) {
                    self.follower.execute(Move::Vanished { file }, now);
                }
                len
            }
            Read::Failed => {
                self.follower.queue.is_done(file);
                0
            }
        }
    }

    fn hand_over(&mut self, now: Timestamp) -> Batch {
        for file in self.follower.problems.hollow_too_long(now) {
            if let Some(path) = self.follower.book.path_of(file) {
                self.follower.problems.report(no_content(path));
            }
        }
        self.follower.handover.folders(self.follower.book.newly_known());
        let batch = self.follower.handover.next_batch(&self.follower.book);
        let (problems, resolved) = self.follower.problems.take();
        let behind = batch.behind || self.schedule.is_behind() || !self.follower.queue.is_empty();
        if !behind {
            self.follower.queue.reuse(Vec::new());
        }
        // While some files have never been checked, it is unknown what remains to be read.
        let read_before = self.follower.queue.read_until();
        if !self.schedule.is_behind() {
            self.follower.queue.poll_ended(now);
        }
        let read_until = self.follower.queue.read_until();
        Batch { problems, resolved, behind, read_until, read_before, ..batch }
    }
}
