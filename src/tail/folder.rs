//! Pure. One watched folder: when to list it, and which of its names are known.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hashbrown::HashTable;

use crate::clock::Timestamp;
use crate::tail::disk::Look;
use crate::tail::{FileId, Watch};

/// A folder, by its number.
pub(super) type FolderId = u16;
/// A place where a file can stand.
pub(super) type Place = (FolderId, Box<OsStr>);

/// Files in a folder of this many or fewer are looked at in each poll.
const SMALL: usize = 200;
/// A large folder is listed this many times less often than a small one if hints tell of new names.
const LISTED_RARELY: u32 = 10;
/// How many names a listing may have for each interval until the next one, where no hints come.
const NAMES_AN_INTERVAL: usize = 10_000;

/// The longest wait before what failed is tried again, in milliseconds.
const LONGEST_BACK_OFF: i64 = 60_000;

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
    /// Names that could not be opened.
    pub(super) refused: HashMap<Box<OsStr>, Refused>,
    /// How often in a row it could not be listed though it is there.
    pub(super) failures: u32,
    /// Whether hints are expected to tell of every change, and none was found without one since
    /// the last hint.
    pub(super) hinted: bool,
}

/// A name that could not be opened, as it looked then.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) look: Option<Look>,
    failures: u32,
    until: i64,
}

impl Refused {
    /// It could not be opened again.
    pub(super) fn again(&mut self, look: Option<Look>, now: Timestamp) {
        self.look = look;
        self.until = now.as_millisecond() + back_off(self.failures);
        self.failures += 1;
    }

    pub(super) fn is_resting(&self, now: Timestamp) -> bool {
        (1..=LONGEST_BACK_OFF).contains(&(self.until - now.as_millisecond()))
    }
}

/// A copy of a followed file, as it was last seen.
#[derive(Clone, Copy)]
pub(super) struct Copy {
    pub(super) of: FileId,
    pub(super) look: Look,
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
            refused: HashMap::new(),
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
