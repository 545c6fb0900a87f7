//! I/O. Turns growing, rotating files into blocks of whole lines, each with where it came from.
//!
//! The file is the queue: nothing is held that was not committed, a slow reader downstream only
//! means that this room reads later.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobMatcher;
use serde::{Deserialize, Serialize};

/// A followed file; the same number across renames and restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub i64);

/// Which log a file is, in the words of whoever asked for it (`System_Scheduler`, `Script`).
pub type Label = Arc<str>;

/// One folder to follow, and which of its files.
#[derive(Clone, Debug)]
pub struct Watch {
    pub label: Label,
    /// The folder; its subfolders are not followed.
    pub folder: PathBuf,
    /// Compared with the file name alone, ignoring case on Windows.
    pub names: GlobMatcher,
    /// How many bytes already consumed are delivered again in front of each block, so that a
    /// record or an excerpt can reach back over the block's beginning.
    pub lookback: usize,
}

/// Where reading begins in files that exist when the agent starts for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    End,
    Beginning,
    /// Files changed within this time are read from the beginning, others from the end.
    Since(std::time::Duration),
}

/// A hash over some bytes of a file, kept to recognise the file again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// How many bytes were hashed.
    pub len: u32,
    pub hash: u64,
}

/// How far one file has been committed, and how to know it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub file: FileId,
    pub path: PathBuf,
    /// Volume and index of the open handle; `None` where the platform tells none.
    pub os_id: Option<(u64, u64)>,
    /// The first bytes of the file.
    pub head: Mark,
    /// The bytes just before `offset`.
    pub tail: Mark,
    /// How far the file is committed, in bytes of the file. A line start, except inside a line
    /// that is longer than a block.
    pub offset: u64,
    /// How many lines stand before `offset`; `None` if reading did not begin at the top.
    pub lines: Option<u64>,
    /// Counts up when the content under this file's name was replaced or truncated.
    pub generation: u32,
}

/// Whole lines of one file as UTF-8 (invalid bytes are passed on as they are), in file order.
#[derive(Clone, Debug)]
pub struct Block {
    pub file: FileId,
    pub generation: u32,
    pub label: Label,
    pub path: Arc<Path>,
    /// The first whole lines of the file, at most 4 KiB: header rows and script log headers.
    pub head: Arc<[u8]>,
    /// Lookback first (`..fresh`, from a line start where possible), then the new lines
    /// (`fresh..`). Ends with a line end unless the last line is longer than a block.
    pub bytes: Vec<u8>,
    /// Where the new bytes begin.
    pub fresh: usize,
    /// Offset in the file of `bytes[fresh]`.
    pub offset: u64,
    /// How many lines stand before `bytes[fresh]`, if known.
    pub lines: Option<u64>,
}

/// What one poll found. Whoever takes it commits `checkpoints` together with what follows from
/// `blocks`.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub blocks: Vec<Block>,
    pub checkpoints: Vec<Checkpoint>,
    /// Files that are gone for good; their checkpoints can be deleted.
    pub forgotten: Vec<FileId>,
    /// What could not be read, told once until it changes.
    pub troubles: Vec<Trouble>,
    /// There was more than the budget allowed: poll again without waiting.
    pub behind: bool,
}

/// Something about a file or folder that an administrator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub path: PathBuf,
    /// A stable reason: `unreadable-folder`, `unreadable-file`, `truncated`, `missing-folder`…
    pub reason: &'static str,
    /// A sentence that says what was tried and what to do.
    pub detail: String,
}
