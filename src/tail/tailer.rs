//! I/O. Polls: lists the folders that are due, follows what moved, and reads in turns.

use std::io::ErrorKind;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::tail::book::Book;
use crate::tail::disk::CountedDisk;
use crate::tail::ends::Ends;
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
use crate::tail::source::Source;
use crate::tail::turn::{Read, Turn};
use crate::tail::{Batch, Committed, Dirty, Disk, Effort, FileId, LocalDisk, Start, Watch};

/// How many bytes one poll reads, roughly.
const BUDGET: usize = 8 << 20;
/// What a turn costs beside the bytes it reads.
const TURN: usize = 4096;
/// How many of the files that have long been quiet one poll looks at.
const COLD_LOOKS: usize = 200;

/// Follows the files of some folders. Knows what was read, not what it means.
///
/// What it read counts as committed: when a commit fails, build another one from the checkpoints.
///
/// A poll goes one way: a listing shows names, `identity` says what they mean, the follower
/// executes that, and then files are read. No part calls back.
pub struct Tailer {
    schedule: Schedule,
    follower: Follower,
}

impl Tailer {
    /// Continues from what was committed. `start` applies to files that exist when their folder
    /// is listed for the first time ever; all others are read from the beginning.
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

    /// Lists folders at another interval than each second.
    #[must_use]
    pub fn every(mut self, interval: Duration) -> Tailer {
        self.schedule.interval = interval;
        self
    }

    /// Expects hints: quiet files are looked at less often, until one changes without a hint.
    #[must_use]
    pub fn hinted(mut self) -> Tailer {
        self.schedule.expects_hints = true;
        self.follower.book.expect_hints();
        self
    }

    /// Begins where the files ended when the program did, not where they end at the first poll.
    #[must_use]
    pub fn from_ends(mut self, ends: Option<Ends>) -> Tailer {
        self.follower.ends = ends;
        self
    }

    /// Follows files on another file system.
    #[must_use]
    pub fn on(mut self, disk: Box<dyn Disk>) -> Tailer {
        self.follower.disk = CountedDisk::of(disk);
        self
    }

    /// Takes back the bytes of blocks that are done with: while there is much to read, memory
    /// that was used before is read into again.
    pub fn reuse(&mut self, spent: Vec<Vec<u8>>) {
        self.follower.queue.reuse(spent);
    }

    /// How often the file system was asked so far.
    pub fn effort(&self) -> Effort {
        self.follower.disk.effort()
    }

    /// Finds out what changed and reads it, up to a budget. Hints only make it look earlier.
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
            let told = hinted.remove(&folder).unwrap_or_default();
            let in_folder = self.follower.book.folder(folder);
            let names = if self.schedule.is_listing_due(in_folder, dirty, !told.is_empty(), now) {
                let listed = self.follower.list(folder, now);
                if *dirty != Dirty::Everything {
                    self.doubt_hints(folder, &listed, &told);
                }
                listed
            } else {
                told
            };
            if !names.is_empty() {
                unknown.push((folder, names));
            }
        }
        unknown
    }

    /// A name appeared in a large folder without a hint: hints are not to be relied on there.
    fn doubt_hints(&mut self, folder: FolderId, unknown: &Unknown, told: &Unknown) {
        let in_folder = self.follower.book.folder_mut(folder);
        if in_folder.is_small() {
            return;
        }
        in_folder.hinted &= !unknown.iter().any(|name| {
            !told.contains(name)
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
            // A hint from before the folder went does not say that its watch came back with it.
            folder.hinted = self.schedule.expects_hints && !folder.is_away();
            if let Some(file) = self.follower.book.holder(&at) {
                self.follower.queue.push(file);
            }
        }
    }

    /// Looks at the files that may have changed.
    fn queue_changed(&mut self, dirty: &Dirty, now: Timestamp) {
        let hints_were_lost = *dirty == Dirty::Everything;
        let (due, unseen) = self.follower.book.due(now, COLD_LOOKS, hints_were_lost);
        self.schedule.checked(unseen, now);
        for file in due {
            if !self.follower.queue.contains(file) && self.has_changed(file, now) {
                self.follower.queue.push(file);
                if !hints_were_lost {
                    self.follower.book.was_not_hinted(file, now);
                }
            }
        }
    }

    /// Whether metadata says otherwise than when the file was last read to its end.
    fn has_changed(&mut self, file: FileId, now: Timestamp) -> bool {
        let Some(path) = self.follower.book.path_of(file) else { return false };
        let stat = self.follower.disk.stat(&path);
        let Some(followed) = self.follower.book.files.get_mut(&file) else { return false };
        match stat {
            Ok(stat) if followed.has_stat(stat) => self.follower.book.rest(file, now),
            Ok(_) => return true,
            // Whether it is gone is for the listings to say.
            Err(error) if error.kind() == ErrorKind::NotFound => followed.rest_after_absence(now),
            Err(error) => {
                followed.rest_after_failure(now);
                self.follower.problems.report(unreadable(&path, &error));
            }
        }
        false
    }

    /// Gives turns until all is read or the budget is spent.
    fn read_in_turns(&mut self, now: Timestamp) {
        let mut spent = 0;
        while spent < BUDGET {
            let Some((file, kept)) = self.follower.queue.pop() else { return };
            spent += TURN + self.turn(file, kept, now);
            self.follower.queue.turn_ended(file, now);
        }
    }

    /// One turn of one file; returns how many bytes it read.
    fn turn(&mut self, file: FileId, kept: Option<Source>, now: Timestamp) -> usize {
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
    fn read(&mut self, file: FileId, mut source: Source, now: Timestamp) -> usize {
        if self.follower.is_filled_copy(file, &mut source, now) {
            return 0;
        }
        match self.turn_with(now).read(file, source) {
            Read::More(len) => len,
            Read::End(len) => {
                self.follower.queue.is_done(file);
                // Its name was taken by another file: it is gone once it is read.
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
        // Of files that were never looked at nobody knows what there is to read.
        let read_before = self.follower.queue.read_until();
        if !self.schedule.is_behind() {
            self.follower.queue.poll_ended(now);
        }
        let read_until = self.follower.queue.read_until();
        Batch { problems, resolved, behind, read_until, read_before, ..batch }
    }
}
