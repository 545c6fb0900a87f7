//! Pure. The book of followed files: where each one stands and how far it was read.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::tail::identity::OsId;
use crate::tail::read::Look;
use crate::tail::{Checkpoint, FileId, Mark, Watch};

/// A folder, by its number.
pub(super) type FolderId = usize;
/// A place where a file can stand.
pub(super) type Place = (FolderId, Arc<OsStr>);

/// Files in a folder of this many or fewer are looked at in each poll.
const SMALL_FOLDER: usize = 200;
/// A file is looked at in each poll for this long after it changed.
const HOT: i64 = 2 * 60_000;
/// The longest time between two looks at a file.
const LONGEST_REST: i64 = 10 * 60_000;
/// A file that could not be read rests for this long.
const REST_AFTER_FAILURE: i64 = 5_000;

/// A folder with all that is watched in it.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) watches: Vec<Watch>,
    pub(super) names: HashMap<Arc<OsStr>, Named>,
    /// When it was last listed, well or not.
    pub(super) listed_at: Option<Timestamp>,
    /// Counts the listings that succeeded.
    pub(super) listing: u32,
    /// Whether the files found in it existed before the agent started for the first time.
    pub(super) first: bool,
}

/// A name in a folder.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) file: FileId,
    /// The last listing that had the name.
    pub(super) listing: u32,
}

impl Folder {
    fn name(&mut self, name: Arc<OsStr>, file: FileId) {
        self.names.insert(name, Named { file, listing: self.listing });
    }

    /// Takes a name from a file, if it has it.
    fn unname(&mut self, name: &OsStr, file: FileId) {
        if self.names.get(name).is_some_and(|named| named.file == file) {
            self.names.remove(name);
        }
    }

    /// Which watch follows files of this name: the first that wants them.
    pub(super) fn watch_of(&self, name: &OsStr) -> Option<usize> {
        self.watches.iter().position(|watch| watch.names.is_match(Path::new(name)))
    }
}

/// A file that is followed; small, because there can be ten thousands.
pub(super) struct Followed {
    pub(super) folder: FolderId,
    pub(super) watch: usize,
    pub(super) name: Arc<OsStr>,
    pub(super) os_id: Option<OsId>,
    pub(super) head: Mark,
    pub(super) tail: Mark,
    pub(super) offset: u64,
    pub(super) lines: Option<u64>,
    pub(super) generation: u32,
    /// The file that stood here before: it is read to its end first.
    pub(super) after: Option<FileId>,
    /// What metadata said when there was nothing to read; `None` if that is not known.
    pub(super) seen: Option<Look>,
    /// When it last changed, and when to look again, in milliseconds.
    changed: i64,
    due: i64,
    pub(super) absent: Option<Absence>,
}

/// How long a file has been missing from listings that succeeded.
#[derive(Clone, Copy)]
pub(super) struct Absence {
    pub(super) listings: u32,
    pub(super) since: Timestamp,
}

impl Followed {
    pub(super) fn new(place: Place, watch: usize) -> Followed {
        let (folder, name) = place;
        Followed {
            folder,
            watch,
            name,
            os_id: None,
            head: Mark::default(),
            tail: Mark::default(),
            offset: 0,
            lines: Some(0),
            generation: 0,
            after: None,
            seen: None,
            changed: i64::MIN,
            due: i64::MIN,
            absent: None,
        }
    }

    pub(super) fn place(&self) -> Place {
        (self.folder, Arc::clone(&self.name))
    }

    /// Begins again at the top, with other content.
    pub(super) fn restart(&mut self) {
        self.generation += 1;
        self.offset = 0;
        self.lines = Some(0);
        self.head = Mark::default();
        self.tail = Mark::default();
    }

    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let wait = self.due.saturating_sub(now.as_millisecond());
        // A clock that stepped back must not silence a file.
        wait <= 0 || wait > 2 * LONGEST_REST
    }

    pub(super) fn is_hot(&self, now: Timestamp) -> bool {
        now.as_millisecond().saturating_sub(self.changed) < HOT
    }

    /// Notes that it was seen to change, or when it last did.
    pub(super) fn changed(&mut self, at: Timestamp) {
        self.changed = at.as_millisecond();
    }

    /// Notes that it changed at this time or later, but not in the future.
    pub(super) fn changed_at_least(&mut self, at: Option<Timestamp>, now: Timestamp) {
        let at = at.map_or(i64::MIN, |at| at.min(now).as_millisecond());
        self.changed = self.changed.max(at);
    }

    /// Rests until the next look: the longer, the longer it has been quiet.
    pub(super) fn rest(&mut self, file: FileId, now: Timestamp) {
        let now = now.as_millisecond();
        let quiet = now.saturating_sub(self.changed);
        let rest = if quiet < HOT { 0 } else { (quiet / 20).min(LONGEST_REST) };
        // Spread, so that files that rested together do not wake together.
        let spread = 48 + file.0.rem_euclid(16);
        self.due = now + rest / 64 * spread;
    }

    pub(super) fn rest_after_failure(&mut self, now: Timestamp) {
        self.due = now.as_millisecond() + REST_AFTER_FAILURE;
    }
}

/// All folders and files.
pub(super) struct Book {
    pub(super) folders: Vec<Folder>,
    pub(super) files: BTreeMap<FileId, Followed>,
    next: i64,
}

impl Book {
    /// The book as it was when these checkpoints were committed. Checkpoints of files that are
    /// no longer watched are left alone.
    pub(super) fn new(watches: Vec<Watch>, committed: Vec<Checkpoint>, first: bool) -> Book {
        let next = committed.iter().map(|checkpoint| checkpoint.file.0).max().unwrap_or(0) + 1;
        let mut book = Book { folders: Vec::new(), files: BTreeMap::new(), next };
        for watch in watches {
            book.watch(watch, first);
        }
        for checkpoint in committed {
            book.recall(checkpoint);
        }
        book
    }

    fn watch(&mut self, watch: Watch, first: bool) {
        let known =
            self.folders.iter_mut().find(|folder| is_same_folder(&folder.path, &watch.folder));
        if let Some(folder) = known {
            return folder.watches.push(watch);
        }
        self.folders.push(Folder {
            path: watch.folder.clone(),
            watches: vec![watch],
            names: HashMap::new(),
            listed_at: None,
            listing: 0,
            first,
        });
    }

    fn recall(&mut self, checkpoint: Checkpoint) {
        let Checkpoint { file, path, os_id, head, tail, offset, lines, generation } = checkpoint;
        let Some((folder, name)) = self.place_of(&path) else { return };
        let Some(watch) = self.folders[folder].watch_of(&name) else { return };
        let new = Followed::new((folder, Arc::clone(&name)), watch);
        let followed = Followed { os_id, head, tail, offset, lines, generation, ..new };
        self.folders[folder].name(name, file);
        self.files.insert(file, followed);
    }

    /// The place of a path in a watched folder, whether a file is followed there or not.
    pub(super) fn place_of(&self, path: &Path) -> Option<Place> {
        let (parent, name) = (path.parent()?, path.file_name()?);
        let folder = self.folders.iter().position(|folder| is_same_folder(&folder.path, parent))?;
        Some((folder, Arc::from(name)))
    }

    pub(super) fn file_at(&self, place: &Place) -> Option<FileId> {
        self.folders[place.0].names.get(&place.1).map(|named| named.file)
    }

    pub(super) fn path(&self, place: &Place) -> PathBuf {
        self.folders[place.0].path.join(&*place.1)
    }

    pub(super) fn path_of(&self, file: FileId) -> Option<PathBuf> {
        self.files
            .get(&file)
            .map(|followed| self.folders[followed.folder].path.join(&*followed.name))
    }

    pub(super) fn watch_over(&self, followed: &Followed) -> &Watch {
        &self.folders[followed.folder].watches[followed.watch]
    }

    /// Begins to follow a file under its name.
    pub(super) fn adopt(&mut self, followed: Followed) -> FileId {
        let file = FileId(self.next);
        self.next += 1;
        self.folders[followed.folder].name(Arc::clone(&followed.name), file);
        self.files.insert(file, followed);
        file
    }

    /// Follows a file under its new name; returns the place that it left.
    pub(super) fn rename(&mut self, file: FileId, to: Place) -> Option<Place> {
        let watch = self.folders[to.0].watch_of(&to.1)?;
        let followed = self.files.get_mut(&file)?;
        let from = followed.place();
        (followed.folder, followed.name) = to.clone();
        followed.watch = watch;
        followed.absent = None;
        self.folders[to.0].name(to.1, file);
        self.folders[from.0].unname(&from.1, file);
        Some(from)
    }

    pub(super) fn forget(&mut self, file: FileId) {
        let Some(followed) = self.files.remove(&file) else { return };
        self.folders[followed.folder].unname(&followed.name, file);
    }

    /// The files of a folder that its last listing did not have.
    pub(super) fn missing_in(&self, folder: FolderId) -> Vec<FileId> {
        let Folder { names, listing, .. } = &self.folders[folder];
        let missing = names.values().filter(|named| named.listing != *listing);
        missing.map(|named| named.file).collect()
    }

    pub(super) fn files_in(&self, folder: FolderId) -> Vec<FileId> {
        self.folders[folder].names.values().map(|named| named.file).collect()
    }

    /// Which files to look at now: all that changed lately and all in small folders, and of the
    /// others, newest first, at most `cold`. Also tells whether files that were never looked at
    /// are left.
    pub(super) fn due(&self, now: Timestamp, cold: usize) -> (Vec<FileId>, bool) {
        let mut due = Vec::new();
        let (mut taken, mut left) = (0, false);
        for (file, followed) in self.files.iter().rev() {
            if !followed.is_due(now) && !self.is_in_small_folder(followed) {
                continue;
            }
            if !followed.is_hot(now) && !self.is_in_small_folder(followed) {
                taken += 1;
                if taken > cold {
                    left |= followed.seen.is_none() && followed.absent.is_none();
                    continue;
                }
            }
            due.push(*file);
        }
        (due, left)
    }

    fn is_in_small_folder(&self, followed: &Followed) -> bool {
        self.folders[followed.folder].names.len() <= SMALL_FOLDER
    }

    /// The files of each id.
    pub(super) fn by_os_id(&self) -> HashMap<OsId, Vec<FileId>> {
        let mut known: HashMap<OsId, Vec<FileId>> = HashMap::new();
        for (file, followed) in &self.files {
            if let Some(os_id) = followed.os_id {
                known.entry(os_id).or_default().push(*file);
            }
        }
        known
    }

    pub(super) fn checkpoint(&self, file: FileId) -> Option<Checkpoint> {
        let followed = self.files.get(&file)?;
        Some(Checkpoint {
            file,
            path: self.path_of(file)?,
            os_id: followed.os_id,
            head: followed.head,
            tail: followed.tail,
            offset: followed.offset,
            lines: followed.lines,
            generation: followed.generation,
        })
    }
}

/// Whether two paths name the same folder, as far as can be told from the paths.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    one == other || (cfg!(windows) && one.as_os_str().eq_ignore_ascii_case(other.as_os_str()))
}

/// Whether a file that has been missing for so long is gone.
pub(super) fn is_gone(absence: Absence, now: Timestamp) -> bool {
    const LISTINGS: u32 = 10;
    const SECONDS: i64 = 60;
    absence.listings >= LISTINGS && now.duration_since(absence.since).as_secs() >= SECONDS
}

#[cfg(test)]
mod tests;
