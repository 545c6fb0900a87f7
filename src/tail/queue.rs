//! I/O. The order in which files are read, and which files stay open between two turns.

use std::collections::{BTreeSet, HashMap, VecDeque};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::tail::FileId;
use crate::tail::source::OpenedFile;

/// How many files are kept open while there is more to read in them.
const KEPT_OPEN: usize = 64;

/// Files with something to read, in the order of their turns; some are still open from their last
/// turn.
#[derive(Default)]
pub(crate) struct ReadQueue {
    turns: VecDeque<FileId>,
    members: BTreeSet<FileId>,
    open: HashMap<FileId, OpenedFile>,
    /// How far in time each member has been read; also files that lost their turn to a move.
    unread: HashMap<FileId, UnreadFile>,
    /// When the last poll that found all changed files began.
    polled: Option<Timestamp>,
    /// When the last poll ended, everything written before this time had been read.
    read_until: Option<Timestamp>,
    /// Buffers for reading, kept while there is more to read.
    spare: Vec<Vec<u8>>,
}

/// A file with something to read.
struct UnreadFile {
    /// Everything written to the file before this time has been read; `None` if unknown.
    read_until: Option<Timestamp>,
    /// A later time, and the length of the file then.
    next: Option<(Timestamp, u64)>,
    /// Bytes that remained after the last turn.
    bytes: u64,
    /// When the file left the queue without being read to its end, because it moved or was missing.
    lost: Option<Timestamp>,
}

/// A file that moved and is not found within this time is no longer waited for.
const FOUND_WITHIN: SignedDuration = SignedDuration::from_secs(60);

impl ReadQueue {
    pub(crate) fn push(&mut self, file: FileId) {
        if self.members.insert(file) {
            self.turns.push_back(file);
        }
        let read_until = self.polled;
        let fresh = UnreadFile { read_until, next: None, bytes: 0, lost: None };
        self.unread.entry(file).or_insert(fresh).lost = None;
    }

    /// Records that a file was read up to `offset` and is now `len` bytes long.
    pub(crate) fn note_read(&mut self, file: FileId, offset: u64, len: u64, now: Timestamp) {
        let Some(unread) = self.unread.get_mut(&file) else { return };
        unread.bytes = len.saturating_sub(offset);
        match unread.next {
            Some((_, end)) if offset < end => return,
            Some((at, _)) => unread.read_until = Some(at),
            None => {}
        }
        unread.next = Some((now, len));
    }

    /// Records that a file is read to its end, or cannot be read now.
    pub(crate) fn is_done(&mut self, file: FileId) {
        self.unread.remove(&file);
    }

    /// Ends the turn of a file. If it is neither queued again nor done, it counts as lost.
    pub(crate) fn turn_ended(&mut self, file: FileId, now: Timestamp) {
        if !self.members.contains(&file)
            && let Some(unread) = self.unread.get_mut(&file)
        {
            unread.lost = Some(now);
        }
    }

    /// Ends a poll that began at this time and found all files that had changed by then.
    pub(crate) fn poll_ended(&mut self, polled: Timestamp) {
        self.polled = Some(polled);
        let is_lost = |lost: Timestamp| polled.duration_since(lost).abs() >= FOUND_WITHIN;
        self.unread.retain(|_, unread| !unread.lost.is_some_and(is_lost));
        let unread = self.unread.values().map(|unread| unread.read_until);
        self.read_until = unread.min().unwrap_or(Some(polled));
    }

    /// Bytes that remain in the files that had a turn and are not read to their end.
    pub(crate) fn unread_bytes(&self) -> u64 {
        self.unread.values().map(|unread| unread.bytes).sum()
    }

    /// Everything written before this time has been read; `None` if unknown.
    pub(crate) fn read_until(&self) -> Option<Timestamp> {
        self.read_until
    }

    /// The next file, with its open handle if it was kept.
    pub(crate) fn pop(&mut self) -> Option<(FileId, Option<OpenedFile>)> {
        let file = self.turns.pop_front()?;
        self.members.remove(&file);
        Some((file, self.open.remove(&file)))
    }

    /// Queues another turn, and keeps the file open unless too many are.
    pub(crate) fn push_open(&mut self, file: FileId, source: OpenedFile) {
        self.push(file);
        if self.open.len() < KEPT_OPEN {
            self.open.insert(file, source);
        }
    }

    pub(crate) fn contains(&self, file: FileId) -> bool {
        self.members.contains(&file)
    }

    pub(crate) fn is_open(&self, file: FileId) -> bool {
        self.open.contains_key(&file)
    }

    pub(crate) fn close(&mut self, file: FileId) {
        self.open.remove(&file);
    }

    pub(crate) fn remove(&mut self, file: FileId) {
        self.open.remove(&file);
        self.unread.remove(&file);
        if self.members.remove(&file) {
            self.turns.retain(|other| *other != file);
        }
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = FileId> {
        self.members.iter().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Takes back buffers that are no longer used.
    pub(crate) fn reuse(&mut self, spent: Vec<Vec<u8>>) {
        self.spare = spent;
    }

    /// A buffer to read into.
    pub(crate) fn buffer(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
