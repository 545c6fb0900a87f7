//! I/O. Whose turn it is to be read, and which files stay open between two turns.

use std::collections::{BTreeSet, HashMap, VecDeque};

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
    /// Buffers to read into, as long as there is more to read.
    spare: Vec<Vec<u8>>,
}

impl ReadQueue {
    pub(super) fn push(&mut self, file: FileId) {
        if self.members.insert(file) {
            self.turns.push_back(file);
        }
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
