//! I/O. Turns growing, rotating files into blocks of whole lines, each with where it came from.
//!
//! The file is the queue: nothing is held that was not committed, a slow reader downstream only
//! means that this room reads later.

mod book;
mod copies;
mod decode;
mod disk;
mod folder;
mod followed;
mod hints;
mod identity;
mod listing;
mod places;
mod read;
mod split;
mod stream;
mod turns;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use globset::GlobMatcher;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::tail::book::Book;
use crate::tail::turns::Queue;

pub use crate::tail::disk::{Disk, Entry, LocalDisk, Look, Names, OpenFile, OsId};
pub use crate::tail::hints::{Dirty, Hints, Waker};
pub use crate::tail::stream::Stream;

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
    pub troubles: Vec<Trouble>,
    /// Paths whose lasting trouble is over.
    pub mended: Vec<PathBuf>,
    /// There was more than the budget allowed: poll again without waiting.
    pub behind: bool,
}

/// Something about a file or folder that an administrator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub path: PathBuf,
    /// A stable reason: `unreadable-folder`, `unreadable-file`, `vanished-folder`,
    /// `missing-folder`, `no-content`, `truncated`.
    pub reason: &'static str,
    /// Whether it lasts until its path is named among the mended ones.
    pub lasts: bool,
    /// A sentence that says what was tried and what to do.
    pub detail: String,
}

/// How often folders are listed, hints or not.
const INTERVAL: Duration = Duration::from_secs(1);
/// How many bytes one poll reads, roughly.
const BUDGET: usize = 8 << 20;
/// How many of the files that have long been quiet one poll looks at.
const COLD_LOOKS: usize = 200;
/// How many files that are new to us one batch names; a first start can meet tens of thousands.
const ADOPTED_A_BATCH: usize = 1_000;
/// After how many seconds space without content at the end of a file is a trouble.
const PATIENCE_WITH_NULS: i64 = 60;

/// Follows the files of some folders. Knows what was read, not what it means.
///
/// What it read counts as committed: when a commit fails, build another one from the checkpoints.
pub struct Tailer {
    disk: Box<dyn Disk>,
    book: Book,
    /// Files with something to read, in the order of their turns.
    queue: Queue,
    start: Start,
    interval: Duration,
    expects_hints: bool,
    /// When all files that were due were last looked at.
    looked_at: Option<Timestamp>,
    /// Whether some known files were never looked at.
    unseen: bool,
    /// Files that were found and not yet handed over to be committed.
    adopted: BTreeSet<FileId>,
    /// Folders that are followed and were not yet handed over: they are behind all files in them.
    entered: Vec<PathBuf>,
    /// The trouble last told about each path.
    told: BTreeMap<PathBuf, &'static str>,
    /// Files that end in space without content, and since when.
    hollow: BTreeMap<FileId, Timestamp>,
    /// Buffers to read into, as long as there is more to read.
    spare: Vec<Vec<u8>>,
    effort: Effort,
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

/// One poll under way.
struct Poll {
    now: Timestamp,
    batch: Batch,
    /// Files whose checkpoint changed.
    touched: BTreeSet<FileId>,
}

impl Tailer {
    /// Continues from what was committed. `start` applies to files that exist when their folder
    /// is listed for the first time ever; all others are read from the beginning.
    pub fn new(watches: Vec<Watch>, committed: Committed, start: Start) -> Tailer {
        Tailer {
            disk: Box::new(LocalDisk),
            book: Book::new(watches, committed),
            queue: Queue::default(),
            start,
            interval: INTERVAL,
            expects_hints: false,
            looked_at: None,
            unseen: false,
            adopted: BTreeSet::new(),
            entered: Vec::new(),
            told: BTreeMap::new(),
            hollow: BTreeMap::new(),
            spare: Vec::new(),
            effort: Effort::default(),
        }
    }

    /// Lists folders at another interval than each second.
    #[must_use]
    pub fn every(mut self, interval: Duration) -> Tailer {
        self.interval = interval;
        self
    }

    /// Expects hints: quiet files are looked at less often, until one changes without a hint.
    #[must_use]
    pub fn hinted(mut self) -> Tailer {
        self.expects_hints = true;
        self.book.expect_hints();
        self
    }

    /// Follows files on another file system.
    #[must_use]
    pub fn on(mut self, disk: Box<dyn Disk>) -> Tailer {
        self.disk = disk;
        self
    }

    /// Takes back the bytes of blocks that are done with: while there is much to read, memory
    /// that was used before is read into again.
    pub fn reuse(&mut self, spent: Vec<Vec<u8>>) {
        self.spare = spent;
    }

    /// How often the file system was asked so far.
    pub fn effort(&self) -> Effort {
        self.effort
    }

    /// Finds out what changed and reads it, up to a budget. Hints only make it look earlier.
    pub fn poll(&mut self, now: Timestamp, dirty: &Dirty) -> Batch {
        let mut poll = Poll { now, batch: Batch::default(), touched: BTreeSet::new() };
        let unknown = self.list_folders(dirty, &mut poll);
        self.queue_hinted(dirty);
        if self.unseen || *dirty == Dirty::Everything || self.is_over(self.looked_at, poll.now) {
            self.queue_changed(dirty, &mut poll);
        }
        for (folder, names) in unknown {
            self.find_places(folder, names, None, &mut poll);
        }
        self.read_in_turns(&mut poll);
        self.conclude(poll)
    }

    /// Whether the interval since then is over. A clock that stepped back ends it too.
    fn is_over(&self, since: Option<Timestamp>, now: Timestamp) -> bool {
        since.is_none_or(|since| now.duration_since(since).unsigned_abs() >= self.interval)
    }

    /// Looks at the files that may have changed.
    fn queue_changed(&mut self, dirty: &Dirty, poll: &mut Poll) {
        self.looked_at = Some(poll.now);
        let hints_were_lost = *dirty == Dirty::Everything;
        let (due, unseen) = self.book.due(poll.now, COLD_LOOKS, hints_were_lost);
        self.unseen = unseen;
        for file in due {
            if !self.queue.contains(file) && self.has_changed(file, poll) {
                self.queue.push(file);
                if !hints_were_lost {
                    self.book.was_not_hinted(file, poll.now);
                }
            }
        }
    }

    /// Whether metadata says otherwise than when the file was last read to its end.
    fn has_changed(&mut self, file: FileId, poll: &mut Poll) -> bool {
        let Some(path) = self.book.path_of(file) else { return false };
        self.effort.looks += 1;
        let look = self.disk.look(&path);
        let Some(followed) = self.book.files.get_mut(&file) else { return false };
        match look {
            Ok(look) if followed.looks_like(look) => self.book.rest(file, poll.now),
            Ok(_) => return true,
            // Whether it is gone is for the listings to say.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                followed.rest_after_absence(poll.now);
            }
            Err(error) => {
                followed.rest_after_failure(poll.now);
                self.tell(unreadable(&path, &error), poll);
            }
        }
        false
    }

    fn conclude(&mut self, mut poll: Poll) -> Batch {
        self.tell_hollow(&mut poll);
        while poll.touched.len() < ADOPTED_A_BATCH
            && let Some(file) = self.adopted.pop_first()
        {
            poll.touched.insert(file);
        }
        self.entered.append(&mut self.book.newly_known());
        if self.adopted.is_empty() {
            poll.batch.folders = std::mem::take(&mut self.entered);
        }
        poll.batch.checkpoints =
            poll.touched.iter().filter_map(|file| self.book.checkpoint(*file)).collect();
        poll.batch.behind = self.unseen || !self.adopted.is_empty() || !self.queue.is_empty();
        if !poll.batch.behind {
            self.spare = Vec::new();
        }
        poll.batch
    }

    /// Tells a trouble, unless it was the last one told about its path.
    fn tell(&mut self, trouble: Trouble, poll: &mut Poll) {
        if self.told.insert(trouble.path.clone(), trouble.reason) != Some(trouble.reason) {
            poll.batch.troubles.push(trouble);
        }
    }

    /// The path is well again: its next trouble is told.
    fn is_well(&mut self, path: &Path, poll: &mut Poll) {
        if self.told.remove(path).is_some() {
            poll.batch.mended.push(path.to_owned());
        }
    }

    /// Tells which files have waited too long for the content of their ends.
    fn tell_hollow(&mut self, poll: &mut Poll) {
        let waited = |since: &Timestamp| poll.now.duration_since(*since).as_secs();
        let late = self.hollow.iter().filter(|(_, since)| waited(since) >= PATIENCE_WITH_NULS);
        for file in late.map(|(file, _)| *file).collect::<Vec<_>>() {
            if let Some(path) = self.book.path_of(file) {
                self.tell(no_content(path), poll);
            }
        }
    }

    /// Gives up a file for good.
    fn forget(&mut self, file: FileId, poll: &mut Poll) {
        self.book.forget(file);
        self.queue.remove(file);
        self.hollow.remove(&file);
        self.adopted.remove(&file);
        poll.touched.remove(&file);
        poll.batch.forgotten.push(file);
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Trouble {
    Trouble {
        path: path.to_owned(),
        reason: "unreadable-file",
        lasts: true,
        detail: format!(
            "cannot read this log file ({error}); give the account of this service read access, \
             it is tried again and again"
        ),
    }
}

fn no_content(path: PathBuf) -> Trouble {
    Trouble {
        path,
        reason: "no-content",
        lasts: true,
        detail: "this log file has ended in space without content for a minute; lines behind it \
                 are read as soon as the space is filled or written over"
            .to_owned(),
    }
}
