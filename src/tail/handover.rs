//! Pure. Collects what the next batch hands over to be committed.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::tail::book::Book;
use crate::tail::{Batch, Block, Checkpoint, FileId};

/// How many new files one batch reports at most; a first start can find tens of thousands.
const NEW_PER_BATCH: usize = 1_000;

/// Blocks that were read and checkpoints that changed, until they are handed over.
#[derive(Default)]
pub(crate) struct Handover {
    blocks: Vec<Block>,
    /// The position behind each of the blocks.
    behind_blocks: Vec<Checkpoint>,
    /// Files whose checkpoint changed.
    changed: BTreeSet<FileId>,
    /// Newly discovered files, reported in limited numbers.
    new: BTreeSet<FileId>,
    forgotten: Vec<FileId>,
    /// Newly known folders; reported when all new files in them have been.
    folders: Vec<PathBuf>,
}

impl Handover {
    /// Adds a block that was read, and the position behind it.
    pub(crate) fn block(&mut self, block: Block, position: Checkpoint) {
        self.changed.insert(block.file);
        self.behind_blocks.push(position);
        self.blocks.push(block);
    }

    pub(crate) fn changed(&mut self, file: FileId) {
        self.changed.insert(file);
    }

    pub(crate) fn appeared(&mut self, file: FileId) {
        self.new.insert(file);
    }

    pub(crate) fn forgotten(&mut self, file: FileId) {
        self.changed.remove(&file);
        self.new.remove(&file);
        self.forgotten.push(file);
    }

    /// Adds folders that became known.
    pub(crate) fn folders(&mut self, mut folders: Vec<PathBuf>) {
        self.folders.append(&mut folders);
    }

    /// The next batch. If it is `behind`, more remains.
    pub(crate) fn next_batch(&mut self, book: &Book) -> Batch {
        let mut changed = std::mem::take(&mut self.changed);
        while changed.len() < NEW_PER_BATCH
            && let Some(file) = self.new.pop_first()
        {
            changed.insert(file);
        }
        let behind = !self.new.is_empty();
        Batch {
            blocks: std::mem::take(&mut self.blocks),
            behind_blocks: std::mem::take(&mut self.behind_blocks),
            checkpoints: changed.iter().filter_map(|file| book.checkpoint(*file)).collect(),
            forgotten: std::mem::take(&mut self.forgotten),
            folders: if behind { Vec::new() } else { std::mem::take(&mut self.folders) },
            behind,
            ..Batch::default()
        }
    }
}
