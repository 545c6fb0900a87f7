//! I/O. Turns growing, rotating files into blocks of whole lines, each with where it came from.
//!
//! The file is the queue: nothing is held that was not committed, a slow reader downstream only
//! means that this room reads later.

mod book;
mod decode;
mod disk;
mod ends;
mod folder;
mod followed;
mod follower;
mod handover;
mod hints;
mod identity;
mod listing;
mod marks;
mod probe;
mod problems;
mod queue;
mod read;
mod refusals;
mod schedule;
mod source;
mod split;
mod stream;
mod tailer;
mod turn;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use globset::GlobMatcher;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

pub use crate::tail::disk::{DirectoryEntry, Disk, FileStat, LocalDisk, Names, OpenFile, OsId};
pub use crate::tail::ends::Ends;
pub use crate::tail::hints::{Dirty, Hints, Waker};
pub use crate::tail::stream::Stream;
pub use crate::tail::tailer::Tailer;

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

/// Where reading begins in files that exist when their folder is listed for the first time ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    End,
    Beginning,
    /// Files changed within this time are read from the beginning, others from the end.
    Since(Duration),
}

/// A hash over some bytes of a file, kept to recognise the file again. Packed: each followed file
/// has two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(Rust, packed(2))]
pub struct Mark {
    /// How many bytes were hashed, at most 1,024.
    pub len: u16,
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

/// What was committed before: where following goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    pub checkpoints: Vec<Checkpoint>,
    /// Folders that were followed before. Files in any other one existed before us.
    pub folders: BTreeSet<PathBuf>,
    /// The highest number that a file ever had; no number is given twice.
    pub last_file: i64,
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
    /// The position behind each of the blocks, for whoever commits them in parts.
    pub behind_blocks: Vec<Checkpoint>,
    pub checkpoints: Vec<Checkpoint>,
    /// Files that are gone for good; their checkpoints can be deleted.
    pub forgotten: Vec<FileId>,
    /// Folders that are followed from now on: a file that appears in one of them later is new.
    pub folders: Vec<PathBuf>,
    /// What could not be read, told once until it changes.
    pub problems: Vec<FileProblem>,
    /// Paths whose lasting trouble is over.
    pub resolved: Vec<PathBuf>,
    /// There was more than the budget allowed: poll again without waiting.
    pub behind: bool,
    /// Everything that was written until then has been read, with this batch and those before.
    pub read_until: Option<Timestamp>,
    /// The same for the batches before.
    pub read_before: Option<Timestamp>,
}

named! {
    /// What is wrong with a file or folder. The names are those of history, status and counters.
    pub enum FileProblemReason {
        UnreadableFolder => "unreadable-folder",
        UnreadableFile => "unreadable-file",
        /// A folder that was followed no longer exists.
        VanishedFolder => "vanished-folder",
        /// A folder does not exist yet: few nodes run every service.
        MissingFolder => "missing-folder",
        /// The log root does not exist yet, or has no log folder.
        NoLogRoot => "no-log-root",
        /// The file ends in space that was allocated and not written.
        NoContent => "no-content",
        /// The file was shortened or rewritten before its end was read.
        Truncated => "truncated",
        /// The header names no known columns.
        UnknownLayout => "unknown-layout",
    }
}

/// A problem with a file or folder that an administrator should know of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    pub path: PathBuf,
    pub reason: FileProblemReason,
    /// Whether it lasts until its path is among the resolved ones.
    pub lasts: bool,
    /// A sentence that says what was tried and what to do.
    pub detail: String,
}

/// How often the file system was asked, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Folders listed.
    pub listings: u64,
    /// Files asked for size and time without being opened.
    pub looks: u64,
    /// Files opened.
    pub opens: u64,
}
