//! Pure. The book of followed files: where each one stands and how far it was read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::tail::disk::{Look, OsId};
use crate::tail::{Checkpoint, Committed, FileId, Mark, Watch};

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
/// The longest time between two looks at a file in a small folder, if hints tell of changes.
const LONGEST_REST_WITH_HINTS: i64 = 10_000;
/// A file that is not there rests for this long.
const REST_AFTER_ABSENCE: i64 = 5_000;
/// The longest wait before what failed is tried again.
const LONGEST_BACK_OFF: i64 = 60_000;

/// A folder with all that is watched in it.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) watches: Vec<Watch>,
    pub(super) names: HashMap<Arc<OsStr>, Named>,
    /// When it was last listed, well or not.
    pub(super) listed_at: Option<Timestamp>,
    /// Counts the listings that succeeded.
    pub(super) listing: u32,
    /// Whether it was followed before: a file that appears in it is new.
    pub(super) known: bool,
    /// Whether it was not there when it was last to be listed.
    pub(super) missing: bool,
    /// Names of copies, not followed as long as the file that they were copied from is.
    pub(super) copies: HashMap<Arc<OsStr>, Copy>,
    /// Names that could not be opened.
    pub(super) refused: HashMap<Arc<OsStr>, Refused>,
    /// How often in a row it could not be listed though it is there.
    pub(super) failures: u32,
    /// Whether hints are expected to tell of every change, and none was found without one since
    /// the last hint.
    pub(super) hinted: bool,
}

/// A name in a folder.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) file: FileId,
    /// The last listing that had the name.
    pub(super) listing: u32,
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

/// How many milliseconds to wait after so many failures before, twice as long each time.
pub(super) fn back_off(failures: u32) -> i64 {
    (1_000_i64 << failures.min(16)).min(LONGEST_BACK_OFF)
}

/// A copy of a followed file, as it was last seen.
#[derive(Clone, Copy)]
pub(super) struct Copy {
    pub(super) of: FileId,
    pub(super) look: Look,
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
#[derive(Clone)]
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
    /// How often in a row it could not be read.
    failures: u8,
    /// Whether there was nothing in it when it appeared: what is being copied begins so.
    pub(super) was_empty: bool,
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
            failures: 0,
            was_empty: false,
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
    fn rest(&mut self, file: FileId, longest: i64, now: Timestamp) {
        let now = now.as_millisecond();
        let quiet = now.saturating_sub(self.changed);
        let rest = if quiet < HOT { 0 } else { (quiet / 20).min(longest) };
        // Spread, so that files that rested together do not wake together.
        let spread = 48 + file.0.rem_euclid(16);
        self.due = now + rest / 64 * spread;
    }

    pub(super) fn rest_after_absence(&mut self, now: Timestamp) {
        self.due = now.as_millisecond() + REST_AFTER_ABSENCE;
    }

    pub(super) fn rest_after_failure(&mut self, now: Timestamp) {
        self.due = now.as_millisecond() + back_off(self.failures.into());
        self.failures = self.failures.saturating_add(1);
    }

    /// It could be read again.
    pub(super) fn recovered(&mut self) {
        self.failures = 0;
    }
}

/// All folders and files.
pub(super) struct Book {
    pub(super) folders: Vec<Folder>,
    pub(super) files: BTreeMap<FileId, Followed>,
    next: i64,
}

impl Book {
    /// The book as it was when this was committed. Checkpoints of files that are no longer
    /// watched are left alone.
    pub(super) fn new(watches: Vec<Watch>, committed: Committed) -> Book {
        let Committed { checkpoints, folders, last_file } = committed;
        let highest = checkpoints.iter().map(|checkpoint| checkpoint.file.0).max().unwrap_or(0);
        let next = highest.max(last_file) + 1;
        let mut book = Book { folders: Vec::new(), files: BTreeMap::new(), next };
        for watch in watches {
            book.watch(watch, &folders);
        }
        for checkpoint in checkpoints {
            book.recall(checkpoint);
        }
        book
    }

    fn watch(&mut self, watch: Watch, followed: &BTreeSet<PathBuf>) {
        let known =
            self.folders.iter_mut().find(|folder| is_same_folder(&folder.path, &watch.folder));
        if let Some(folder) = known {
            return folder.watches.push(watch);
        }
        self.folders.push(Folder {
            known: followed.contains(&watch.folder),
            path: watch.folder.clone(),
            watches: vec![watch],
            names: HashMap::new(),
            listed_at: None,
            listing: 0,
            missing: false,
            copies: HashMap::new(),
            refused: HashMap::new(),
            failures: 0,
            hinted: false,
        });
    }

    fn recall(&mut self, checkpoint: Checkpoint) {
        let Checkpoint { file, path, os_id, head, tail, offset, lines, generation } = checkpoint;
        let Some((folder, name)) = self.place_of(&path) else { return };
        let Some(watch) = self.folders[folder].watch_of(&name) else { return };
        let new = Followed::new((folder, Arc::clone(&name)), watch);
        let followed = Followed { os_id, head, tail, offset, lines, generation, ..new };
        self.folders[folder].known = true;
        self.folders[folder].name(name, file);
        self.files.insert(file, followed);
    }

    /// The folders that became known since the last call.
    pub(super) fn newly_known(&mut self) -> Vec<PathBuf> {
        let listed = self.folders.iter_mut().filter(|it| !it.known && it.listed_at.is_some());
        let listed = listed.filter(|folder| folder.listing > 0 || folder.missing);
        listed
            .map(|folder| {
                folder.known = true;
                folder.path.clone()
            })
            .collect()
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

    /// Takes a place from a file, if it has it.
    pub(super) fn unname(&mut self, place: &Place, file: FileId) {
        self.folders[place.0].unname(&place.1, file);
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
    /// others, newest first, at most `cold`. Quiet files whose changes hints tell of may rest,
    /// unless hints were lost. Also tells whether files that were never looked at are left.
    pub(super) fn due(
        &self,
        now: Timestamp,
        cold: usize,
        hints_were_lost: bool,
    ) -> (Vec<FileId>, bool) {
        let mut due = Vec::new();
        let (mut taken, mut left) = (0, false);
        for (file, followed) in self.files.iter().rev() {
            let may_rest = followed.failures > 0
                || !self.is_in_small_folder(followed)
                || self.folders[followed.folder].hinted && !hints_were_lost;
            if may_rest && !followed.is_due(now) {
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

    /// Lets a file in which nothing is new rest until the next look.
    pub(super) fn rest(&mut self, file: FileId, now: Timestamp) {
        let Some(folder) = self.files.get(&file).map(|followed| followed.folder) else { return };
        let longest = if self.is_small(folder) { LONGEST_REST_WITH_HINTS } else { LONGEST_REST };
        if let Some(followed) = self.files.get_mut(&file) {
            followed.rest(file, longest, now);
        }
    }

    /// A change was found that no hint told of: if the file had been quiet, hints are not to be
    /// relied on in its folder.
    pub(super) fn was_not_hinted(&mut self, file: FileId, now: Timestamp) {
        let Some(followed) = self.files.get(&file) else { return };
        if followed.seen.is_some() && !followed.is_hot(now) {
            self.folders[followed.folder].hinted = false;
        }
    }

    fn is_in_small_folder(&self, followed: &Followed) -> bool {
        self.is_small(followed.folder)
    }

    /// Whether so few files are in a folder that each can be looked at in each poll.
    pub(super) fn is_small(&self, folder: FolderId) -> bool {
        let Folder { names, copies, .. } = &self.folders[folder];
        names.len() + copies.len() <= SMALL_FOLDER
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
