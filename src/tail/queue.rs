//! I/O. Whose turn it is to be read, and which files stay open between two turns.

use std::collections::{BTreeSet, HashMap, VecDeque};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::tail::FileId;
use crate::tail::source::Source;

/// How many files are kept open while there is more to read in them.
const KEPT_OPEN: usize = 64;

/// Files with something to read in the order of their turns, some of them still open from their
/// last one.
#[derive(Default)]
pub(super) struct ReadQueue {
    turns: VecDeque<FileId>,
    members: BTreeSet<FileId>,
    open: HashMap<FileId, Source>,
    /// How far in time the members are read, and files that lost their turn to a move.
    unread: HashMap<FileId, Unread>,
    /// When the last poll began that found all files that had changed by then.
    polled: Option<Timestamp>,
    /// Until when everything was read when the last poll ended.
    read_until: Option<Timestamp>,
    /// Buffers to read into, as long as there is more to read.
    spare: Vec<Vec<u8>>,
}

/// A file with something to read.
struct Unread {
    /// What was written to it until then has been read; `None` if that is not known.
    read_until: Option<Timestamp>,
    /// A later time, and how long the file was then.
    next: Option<(Timestamp, u64)>,
    /// When it got no other turn although it was not read to its end: it moved, or was not there.
    lost: Option<Timestamp>,
}

/// A file that moved is found again within this time, or it is not waited for.
const FOUND_WITHIN: SignedDuration = SignedDuration::from_secs(60);

impl ReadQueue {
    pub(super) fn push(&mut self, file: FileId) {
        if self.members.insert(file) {
            self.turns.push_back(file);
        }
        let read_until = self.polled;
        let fresh = Unread { read_until, next: None, lost: None };
        self.unread.entry(file).or_insert(fresh).lost = None;
    }

    /// A file was read up to `offset` and is `len` bytes long now.
    pub(super) fn note_read(&mut self, file: FileId, offset: u64, len: u64, now: Timestamp) {
        let Some(unread) = self.unread.get_mut(&file) else { return };
        match unread.next {
            Some((_, end)) if offset < end => return,
            Some((at, _)) => unread.read_until = Some(at),
            None => {}
        }
        unread.next = Some((now, len));
    }

    /// A file is read to its end, or cannot be read now.
    pub(super) fn is_done(&mut self, file: FileId) {
        self.unread.remove(&file);
    }

    /// The turn of a file is over. If it gets no other and is not done, it is looked for.
    pub(super) fn turn_ended(&mut self, file: FileId, now: Timestamp) {
        if !self.members.contains(&file)
            && let Some(unread) = self.unread.get_mut(&file)
        {
            unread.lost = Some(now);
        }
    }

    /// A poll that began at this time ends, and it found all files that had changed by then.
    pub(super) fn poll_ended(&mut self, polled: Timestamp) {
        self.polled = Some(polled);
        let is_lost = |lost: Timestamp| polled.duration_since(lost).abs() >= FOUND_WITHIN;
        self.unread.retain(|_, unread| !unread.lost.is_some_and(is_lost));
        let unread = self.unread.values().map(|unread| unread.read_until);
        self.read_until = unread.min().unwrap_or(Some(polled));
    }

    /// Until when everything is read, if that is known.
    pub(super) fn read_until(&self) -> Option<Timestamp> {
        self.read_until
    }

    /// The next in turn, with its open file if it was kept.
    pub(super) fn pop(&mut self) -> Option<(FileId, Option<Source>)> {
        let file = self.turns.pop_front()?;
        self.members.remove(&file);
        Some((file, self.open.remove(&file)))
    }

    /// Another turn, with the open file at hand if there are not too many.
    pub(super) fn push_open(&mut self, file: FileId, source: Source) {
        self.push(file);
        if self.open.len() < KEPT_OPEN {
            self.open.insert(file, source);
        }
    }

    pub(super) fn contains(&self, file: FileId) -> bool {
        self.members.contains(&file)
    }

    pub(super) fn is_open(&self, file: FileId) -> bool {
        self.open.contains_key(&file)
    }

    pub(super) fn close(&mut self, file: FileId) {
        self.open.remove(&file);
    }

    pub(super) fn remove(&mut self, file: FileId) {
        self.open.remove(&file);
        self.unread.remove(&file);
        if self.members.remove(&file) {
            self.turns.retain(|other| *other != file);
        }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.members.iter().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Takes back buffers that are done with.
    pub(super) fn reuse(&mut self, spent: Vec<Vec<u8>>) {
        self.spare = spent;
    }

    /// A buffer to read into.
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
