//! I/O. Turns growing, rotating files into blocks of whole lines, each with its origin.
//!
//! The file is the queue: nothing uncommitted is held in memory, and a slow consumer only makes
//! this room read later.

mod book;
mod decode;
mod disk;
mod ends;
mod fault;
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
use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

pub use crate::tail::disk::{DirectoryEntry, Disk, FileStat, LocalDisk, Names, OpenFile, OsId};
pub use crate::tail::ends::FileEnds;
pub use crate::tail::fault::{FileFault, FileProblemReason};
pub use crate::tail::hints::{Dirty, Hints, Waker};
pub use crate::tail::stream::Stream;
pub use crate::tail::tailer::Tailer;

/// A followed file; the same number across renames and restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub i64);

/// Which log a file is, as named by the watch (`System_Scheduler`, `Script`).
pub type Label = Arc<str>;

/// One folder to follow, and which of its files.
#[derive(Clone, Debug)]
pub struct Watch {
    pub label: Label,
    /// The folder; its subfolders are not followed.
    pub folder: PathBuf,
    /// Compared with the file name alone, ignoring case on Windows.
    pub names: GlobMatcher,
    /// Number of consumed bytes delivered again in front of each block, so that a record or an
    /// excerpt can reach back beyond the beginning of the block.
    pub lookback: Lookback,
    /// What a file name says the file is about, if it says so.
    pub subject: Option<SubjectOf>,
}

/// The part of a file name that says what the file is about. Files that are about different things
/// are no copies of each other, even with the same content, unless one part begins with the other.
pub type SubjectOf = fn(&str) -> Option<&str>;

/// How many bytes, in front of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookback {
    pub bytes: usize,
    /// More in front of a block that contains this text.
    pub deep: Option<(&'static str, usize)>,
}

impl Lookback {
    /// The bytes in front of a block with these new ones.
    pub(crate) fn of(self, fresh: &[u8]) -> usize {
        let deep = self.deep.filter(|(text, _)| memmem::find(fresh, text.as_bytes()).is_some());
        deep.map_or(self.bytes, |(_, bytes)| bytes)
    }

    pub(crate) fn most(self) -> usize {
        self.deep.map_or(self.bytes, |(_, bytes)| bytes)
    }
}

impl From<usize> for Lookback {
    fn from(bytes: usize) -> Self {
        Self { bytes, deep: None }
    }
}

/// Where reading begins in files that exist when their folder is listed for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    End,
    Beginning,
    /// Files changed within this time are read from the beginning, others from the end.
    Since(Duration),
}

/// A hash over some bytes of a file, kept to recognize the file later. Packed, because each
/// followed file has two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(Rust, packed(2))]
pub struct Mark {
    /// Number of bytes hashed, at most 1,024.
    pub len: u16,
    pub hash: u64,
}

/// How far one file has been committed, and how to recognize it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub file: FileId,
    pub path: PathBuf,
    /// Volume and index of the open handle; `None` if the platform does not provide them.
    pub os_id: Option<(u64, u64)>,
    /// The first bytes of the file.
    pub head: Mark,
    /// The bytes just before `offset`.
    pub tail: Mark,
    /// Committed position in bytes. A line start, except inside a line that is longer than a block.
    pub offset: u64,
    /// Number of lines before `offset`; `None` if reading did not begin at the top.
    pub lines: Option<u64>,
    /// Incremented when the content under this file's name is replaced or truncated.
    pub generation: u32,
}

/// The committed state from which following continues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    pub checkpoints: Vec<Checkpoint>,
    /// Folders that were followed before. Files in any other folder existed before the first start.
    pub folders: BTreeSet<PathBuf>,
    /// The highest file number ever assigned; numbers are not reused.
    pub last_file: i64,
}

/// Whole lines of one file as UTF-8 (invalid bytes are passed through), in file order.
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
    /// Index in `bytes` of the first new byte.
    pub fresh: usize,
    /// Offset in the file of `bytes[fresh]`.
    pub offset: u64,
    /// Number of lines before `bytes[fresh]`, if known.
    pub lines: Option<u64>,
}

/// Result of one poll. The consumer commits `checkpoints` together with the results from `blocks`.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub blocks: Vec<Block>,
    /// The position behind each block, for a consumer that commits in parts.
    pub behind_blocks: Vec<Checkpoint>,
    pub checkpoints: Vec<Checkpoint>,
    /// Files that are gone for good; their checkpoints can be deleted.
    pub forgotten: Vec<FileId>,
    /// Folders followed from now on: a file that appears in one of them later is new.
    pub folders: Vec<PathBuf>,
    /// Files and folders that cannot be read; each problem is reported once until it changes.
    pub problems: Vec<FileProblem>,
    /// Paths whose persistent problem is resolved.
    pub resolved: Vec<PathBuf>,
    /// The budget was used up: poll again without waiting.
    pub behind: bool,
    /// Everything written before this time has been read, by this batch and earlier ones.
    pub read_until: Option<Timestamp>,
    /// The same for the earlier batches alone.
    pub read_before: Option<Timestamp>,
}

/// A problem with a file or folder that an administrator should know about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    pub path: PathBuf,
    pub fault: FileFault,
    /// Whether the problem persists until its path appears in [`Batch::resolved`].
    pub lasts: bool,
}

/// Number of file system requests since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effort {
    /// Folders listed.
    pub listings: u64,
    /// Files whose size and time were read without opening them.
    pub looks: u64,
    /// Files opened.
    pub opens: u64,
}
