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

/// A folder, by its number.
pub(super) type FolderId = u16;
/// The path of a file in a watched folder: the folder and the name.
pub(super) type WatchedPath = (FolderId, Box<OsStr>);
/// Names in a folder that no followed file has.
pub(super) type Unknown = Vec<Box<OsStr>>;

/// Files in a folder of this many or fewer are looked at in each poll.
const SMALL: usize = 200;
/// A large folder is listed this many times less often than a small one if hints tell of new names.
const LISTED_RARELY: u32 = 10;
/// How many names a listing may have for each interval until the next one, where no hints come.
const NAMES_AN_INTERVAL: usize = 10_000;

/// The longest wait before what failed is tried again, in milliseconds.
pub(super) const LONGEST_BACK_OFF: i64 = 60_000;

/// A folder with all that is watched in it.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) watches: Vec<Watch>,
    /// The files that are followed in it under their names, to be found by them.
    pub(super) names: HashTable<FileId>,
    /// How many of them its last listing did not have.
    pub(super) absent: usize,
    /// When it was last listed, well or not.
    pub(super) listed_at: Option<Timestamp>,
    /// Counts the listings that succeeded.
    pub(super) listing: u32,
    /// Whether it was followed before: a file that appears in it is new.
    pub(super) known: bool,
    /// Whether it was not there when it was last to be listed.
    pub(super) missing: bool,
    /// Names of copies, not followed as long as the file that they were copied from is.
    pub(super) copies: HashMap<Box<OsStr>, Copy>,
    /// How often in a row it could not be listed though it is there.
    pub(super) failures: u32,
    /// Whether hints are expected to tell of every change, and none was found without one since
    /// the last hint.
    pub(super) hinted: bool,
}

/// A copy of a followed file, as it was last seen.
#[derive(Clone, Copy)]
pub(super) struct Copy {
    pub(super) of: FileId,
    pub(super) stat: FileStat,
}

impl Folder {
    pub(super) fn new(watch: Watch, known: bool) -> Folder {
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

    /// Which watch follows files of this name: the first that wants them.
    pub(super) fn watch_of(&self, name: &OsStr) -> Option<u16> {
        let wants = |watch: &Watch| watch.names.is_match(Path::new(name));
        (0..).zip(&self.watches).find(|(_, watch)| wants(watch)).map(|(number, _)| number)
    }

    /// Whether so few files are in it that each can be looked at in each poll.
    pub(super) fn is_small(&self) -> bool {
        self.names.len().saturating_sub(self.absent) + self.copies.len() <= SMALL
    }

    /// Whether it is to be listed again. One that failed rests longer each time, one with very
    /// many names a while.
    pub(super) fn is_listing_due(&self, interval: Duration, now: Timestamp) -> bool {
        let Some(listed_at) = self.listed_at else { return true };
        let rest = if self.failures > 0 {
            Duration::from_millis(back_off(self.failures - 1).unsigned_abs())
        } else {
            interval * self.intervals()
        };
        // A clock that stepped back ends it too.
        now.duration_since(listed_at).unsigned_abs() >= rest
    }

    /// It was listed, and these are the names in it that no followed file has.
    pub(super) fn was_listed(&mut self, listing: u32, unknown: &Unknown) {
        self.listing = listing;
        self.missing = false;
        self.failures = 0;
        if !self.copies.is_empty() {
            let unknown: HashSet<&Box<OsStr>> = unknown.iter().collect();
            self.copies.retain(|name, _| unknown.contains(name));
        }
    }

    /// It could not be listed.
    pub(super) fn was_not_listed(&mut self, error: ErrorKind) {
        // What appears later in a folder that is missing is new.
        self.missing = error == ErrorKind::NotFound;
        // Whatever watches it will not watch the one that comes back.
        self.hinted = false;
        // That a folder is not there is said at once; what fails otherwise may take long.
        self.failures = if self.missing { 0 } else { self.failures + 1 };
    }

    /// Whether it could not be listed when that was tried last.
    pub(super) fn is_away(&self) -> bool {
        self.missing || self.failures > 0
    }

    /// Whether it was ever there, as far as is known.
    pub(super) fn was_there(&self) -> bool {
        self.listing > 0 || !self.names.is_empty()
    }

    /// A file is not there any more. Many may have gone, and a folder that is large only by their
    /// names is listed soon.
    pub(super) fn lost_a_file(&mut self) {
        self.hinted &= self.is_small();
    }

    fn intervals(&self) -> u32 {
        if self.is_small() {
            1
        } else if self.hinted {
            LISTED_RARELY
        } else {
            u32::try_from(self.names.len() / NAMES_AN_INTERVAL)
                .unwrap_or(u32::MAX)
                .clamp(1, LISTED_RARELY)
        }
    }
}

/// How many milliseconds to wait after so many failures before, twice as long each time.
pub(super) fn back_off(failures: u32) -> i64 {
    (1_000_i64 << failures.min(16)).min(LONGEST_BACK_OFF)
}

#[cfg(test)]
mod tests;
