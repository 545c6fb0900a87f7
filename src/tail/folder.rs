//! Pure. One watched folder: when to list it, and which of its names are known.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hashbrown::HashTable;

use crate::clock::Timestamp;
use crate::tail::disk::FileStat;
use crate::tail::{FileId, Watch};

/// The number of a folder.
pub(crate) type FolderId = u16;
/// The path of a file in a watched folder: the folder and the name.
pub(crate) type WatchedPath = (FolderId, Box<OsStr>);
/// Names in a folder that no followed file has.
pub(crate) type Unknown = Vec<Box<OsStr>>;

/// In a folder with at most this many files, each poll checks all of them.
const SMALL: usize = 200;
/// Hints of new names make the interval of a large folder this many times longer than that of a
/// small one.
const LARGE_FOLDER_FACTOR: u32 = 10;
/// Without hints, the time between two listings is one interval for each of this many names.
const NAMES_PER_INTERVAL: usize = 10_000;

/// The longest time between two attempts, in milliseconds.
pub(crate) const LONGEST_BACK_OFF: i64 = 60_000;

/// A folder with its watches and its files.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) watches: Vec<Watch>,
    /// Followed files in the folder, indexed by name.
    pub(crate) names: HashTable<FileId>,
    /// How many of them were missing from the last listing.
    pub(crate) absent: usize,
    /// When it was last listed, successfully or not.
    pub(crate) listed_at: Option<Timestamp>,
    /// Number of successful listings.
    pub(crate) listing: u32,
    /// Whether the folder was followed before: a file that appears in it is new.
    pub(crate) known: bool,
    /// Whether the folder did not exist at the last attempt to list it.
    pub(crate) missing: bool,
    /// Names of copies; a copy is not followed as long as its original is.
    pub(crate) copies: HashMap<Box<OsStr>, Copy>,
    /// Number of consecutive listings that failed although the folder exists.
    pub(crate) failures: u32,
    /// Whether hints are expected to report every change, and no unreported change was found since
    /// the last hint.
    pub(crate) hinted: bool,
}

/// A copy of a followed file, with its last metadata.
#[derive(Clone, Copy)]
pub(crate) struct Copy {
    pub(crate) of: FileId,
    pub(crate) stat: FileStat,
}

impl Folder {
    pub(crate) fn new(watch: Watch, known: bool) -> Folder {
        Folder {
            path: watch.folder.clone(),
            watches: vec![watch],
            names: HashTable::new(),
            absent: 0,
            listed_at: None,
            listing: 0,
            known,
            missing: false,
            copies: HashMap::new(),
            failures: 0,
            hinted: false,
        }
    }

    /// The first watch whose pattern matches this name.
    pub(crate) fn watch_of(&self, name: &OsStr) -> Option<u16> {
        let wants = |watch: &Watch| watch.names.is_match(Path::new(name));
        (0..).zip(&self.watches).find(|(_, watch)| wants(watch)).map(|(number, _)| number)
    }

    /// Whether the folder is small enough to check each file in each poll.
    pub(crate) fn is_small(&self) -> bool {
        self.names.len().saturating_sub(self.absent) + self.copies.len() <= SMALL
    }

    /// Whether the folder must be listed again. The wait grows with each failure, and with the
    /// number of names.
    pub(crate) fn is_listing_due(&self, interval: Duration, now: Timestamp) -> bool {
        let Some(listed_at) = self.listed_at else { return true };
        let rest = if self.failures > 0 {
            Duration::from_millis(back_off(self.failures - 1).unsigned_abs())
        } else {
            interval * self.intervals()
        };
        // Also due after the clock stepped back.
        now.duration_since(listed_at).unsigned_abs() >= rest
    }

    /// Records a successful listing with the names that belong to no followed file.
    pub(crate) fn was_listed(&mut self, listing: u32, unknown: &Unknown) {
        self.listing = listing;
        self.missing = false;
        self.failures = 0;
        if !self.copies.is_empty() {
            let unknown: HashSet<&Box<OsStr>> = unknown.iter().collect();
            self.copies.retain(|name, _| unknown.contains(name));
        }
    }

    /// Records a failed listing.
    pub(crate) fn was_not_listed(&mut self, error: ErrorKind) {
        // A file that appears later in a missing folder is new.
        self.missing = error == ErrorKind::NotFound;
        // A watcher on the old folder does not watch a folder that is created in its place.
        self.hinted = false;
        // A missing folder fails fast and is listed at each interval; other failures may take long.
        self.failures = if self.missing { 0 } else { self.failures + 1 };
    }

    /// Whether the last attempt to list it failed.
    pub(crate) fn is_away(&self) -> bool {
        self.missing || self.failures > 0
    }

    /// Whether the folder is known to have existed.
    pub(crate) fn was_there(&self) -> bool {
        self.listing > 0 || !self.names.is_empty()
    }

    /// Records that a file no longer exists. Many may be gone, so a folder that is large only by
    /// stale names is listed soon.
    pub(crate) fn lost_a_file(&mut self) {
        self.hinted &= self.is_small();
    }

    fn intervals(&self) -> u32 {
        if self.is_small() {
            1
        } else if self.hinted {
            LARGE_FOLDER_FACTOR
        } else {
            u32::try_from(self.names.len() / NAMES_PER_INTERVAL)
                .unwrap_or(u32::MAX)
                .clamp(1, LARGE_FOLDER_FACTOR)
        }
    }
}

/// Milliseconds to wait after this many earlier failures; doubles each time.
pub(crate) fn back_off(failures: u32) -> i64 {
    (1_000_i64 << failures.min(16)).min(LONGEST_BACK_OFF)
}

#[cfg(test)]
mod tests;
