//! Pure. The book of followed files, indexed by number, name and file id.

mod changes;

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::hash::{BuildHasher, Hash};
use std::path::{Path, PathBuf};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};
use indexmap::IndexMap;

use crate::clock::Timestamp;
use crate::tail::disk::OsId;
use crate::tail::folder::{Folder, FolderId, WatchedPath};
use crate::tail::followed::{Absence, Followed, LONGEST_REST};
use crate::tail::{Checkpoint, Committed, FileId, Watch};

/// The longest time between two checks of a file in a small folder, in milliseconds, if hints
/// report changes.
const LONGEST_REST_WITH_HINTS: i64 = 10_000;

pub(crate) use crate::tail::book::changes::AppliedMove;

type KnownFiles = IndexMap<FileId, Followed, DefaultHashBuilder>;

/// All folders and files.
pub(crate) struct Book {
    folders: Vec<Folder>,
    pub(crate) files: KnownFiles,
    /// Files with a known file id, indexed by that id.
    ids: HashTable<FileId>,
    /// Files that wait until the file that had their name before is read to its end.
    after: HashMap<FileId, FileId>,
    /// Files missing from the last listings of their folders.
    pub(crate) absent: HashMap<FileId, Absence>,
    next: i64,
}

impl Book {
    /// Restores the book from its committed state. Checkpoints of files that are no longer watched
    /// are left alone.
    pub(crate) fn new(watches: Vec<Watch>, committed: Committed) -> Book {
        let Committed { checkpoints, folders, last_file } = committed;
        let highest = checkpoints.iter().map(|checkpoint| checkpoint.file.0).max().unwrap_or(0);
        let mut book = Book {
            folders: Vec::new(),
            files: IndexMap::default(),
            ids: HashTable::new(),
            after: HashMap::new(),
            absent: HashMap::new(),
            next: highest.max(last_file) + 1,
        };
        for watch in watches {
            book.watch(watch, &folders);
        }
        for checkpoint in checkpoints {
            book.recall(checkpoint);
        }
        book
    }

    fn watch(&mut self, watch: Watch, followed: &BTreeSet<PathBuf>) {
        let mut folders = self.folders.iter_mut();
        if let Some(folder) = folders.find(|it| is_same_folder(&it.path, &watch.folder)) {
            folder.watches.push(watch);
        } else {
            let known = followed.contains(&watch.folder);
            self.folders.push(Folder::new(watch, known));
        }
    }

    fn recall(&mut self, checkpoint: Checkpoint) {
        let Checkpoint { file, path, os_id, head, tail, offset, lines, generation } = checkpoint;
        let Some(path) = self.watched_path(&path) else { return };
        let Some(watch) = self.folder(path.0).watch_of(&path.1) else { return };
        let mut followed = Followed::new(path, watch);
        (followed.head, followed.tail, followed.offset) = (head, tail, offset);
        followed.generation = generation;
        followed.set_lines(lines);
        self.insert(file, followed, os_id);
    }

    pub(crate) fn folder(&self, folder: FolderId) -> &Folder {
        &self.folders[usize::from(folder)]
    }

    pub(crate) fn folder_mut(&mut self, folder: FolderId) -> &mut Folder {
        &mut self.folders[usize::from(folder)]
    }

    /// Expects hints to report changes in all folders.
    pub(crate) fn expect_hints(&mut self) {
        self.folders.iter_mut().for_each(|folder| folder.hinted = true);
    }

    pub(crate) fn folders(&self) -> impl Iterator<Item = FolderId> + use<> {
        (0..).take(self.folders.len())
    }

    /// The folders that became known since the last call.
    pub(crate) fn newly_known(&mut self) -> Vec<PathBuf> {
        let listed = self.folders.iter_mut().filter(|it| !it.known && it.listed_at.is_some());
        let listed = listed.filter(|folder| folder.listing > 0 || folder.missing);
        listed
            .map(|folder| {
                folder.known = true;
                folder.path.clone()
            })
            .collect()
    }

    /// The folder and name of a path, if the folder is watched.
    pub(crate) fn watched_path(&self, path: &Path) -> Option<WatchedPath> {
        let (parent, name) = (path.parent()?, path.file_name()?);
        let folder = self.folders().find(|it| is_same_folder(&self.folder(*it).path, parent))?;
        Some((folder, Box::from(name)))
    }

    /// The file that is followed under this name.
    pub(crate) fn file_at(&self, folder: FolderId, name: &OsStr) -> Option<FileId> {
        let has_name = |file: &FileId| self.files.get(file).is_some_and(|it| *it.name == *name);
        self.folder(folder).names.find(sum(&self.files, name), has_name).copied()
    }

    pub(crate) fn holder(&self, at: &WatchedPath) -> Option<FileId> {
        self.file_at(at.0, &at.1)
    }

    /// Whether a known file lost its name to another file.
    pub(crate) fn is_unlinked(&self, file: FileId) -> bool {
        let followed = self.files.get(&file);
        followed.is_some_and(|it| self.file_at(it.folder, &it.name) != Some(file))
    }

    pub(crate) fn path(&self, at: &WatchedPath) -> PathBuf {
        self.folder(at.0).path.join(&*at.1)
    }

    pub(crate) fn path_of(&self, file: FileId) -> Option<PathBuf> {
        self.files.get(&file).map(|it| self.folder(it.folder).path.join(&*it.name))
    }

    pub(crate) fn watch_over(&self, followed: &Followed) -> &Watch {
        &self.folder(followed.folder).watches[usize::from(followed.watch)]
    }

    /// Whether the name of a file and another name may be those of the same content, because they
    /// do not say that it is about different things.
    pub(crate) fn may_be_about_the_same(&self, followed: &Followed, other: &WatchedPath) -> bool {
        let Some(subject_of) = self.watch_over(followed).subject else { return true };
        let subjects = [&followed.name, &other.1].map(|name| name.to_str().and_then(subject_of));
        let [Some(one), Some(other)] = subjects else { return true };
        one.starts_with(other) || other.starts_with(one)
    }

    /// Whether the names of a file and of another one say that they are about the same.
    pub(crate) fn is_about_the_same(&self, followed: &Followed, other: &WatchedPath) -> bool {
        let subject_of = self.watch_over(followed).subject;
        let subject = |name: &OsStr| name.to_str().and_then(subject_of?).map(str::to_owned);
        let own = subject(&followed.name);
        own.is_some() && own == subject(&other.1)
    }

    /// The name of the original, if this is the name of a copy: it says more than what the file is
    /// about.
    pub(crate) fn original_name(&self, at: &WatchedPath) -> Option<WatchedPath> {
        let folder = self.folder(at.0);
        let watch = &folder.watches[usize::from(folder.watch_of(&at.1)?)];
        let name = at.1.to_str()?;
        let subject = watch.subject?(name)?;
        let original = format!("{subject}.{}", Path::new(name).extension()?.to_str()?);
        (original.len() < name.len()).then(|| (at.0, Box::from(OsStr::new(&original))))
    }

    /// Begins to follow a file under its name.
    fn add(&mut self, followed: Followed, os_id: Option<OsId>) -> FileId {
        let file = FileId(self.next);
        self.next += 1;
        self.insert(file, followed, os_id);
        file
    }

    fn insert(&mut self, file: FileId, followed: Followed, os_id: Option<OsId>) {
        self.files.insert(file, followed);
        self.identify(file, os_id);
        self.link(file);
    }

    /// Records the id that the system gives a file now.
    fn identify(&mut self, file: FileId, os_id: Option<OsId>) {
        let Some(followed) = self.files.get_mut(&file) else { return };
        let before = followed.os_id();
        if before == os_id {
            return;
        }
        followed.set_os_id(os_id);
        let Book { files, ids, .. } = self;
        if let Some(before) = before
            && let Ok(known) = ids.find_entry(sum(files, before), |other| *other == file)
        {
            known.remove();
        }
        if let Some(os_id) = os_id {
            ids.insert_unique(sum(files, os_id), file, |other| {
                files.get(other).and_then(Followed::os_id).map_or(0, |os_id| sum(files, os_id))
            });
        }
    }

    /// The files to which the system gave this id.
    pub(crate) fn with_id(&self, os_id: OsId) -> Vec<FileId> {
        let known = self.ids.iter_hash(sum(&self.files, os_id)).copied();
        let has_id =
            |file: &FileId| self.files.get(file).is_some_and(|it| it.os_id() == Some(os_id));
        let mut known: Vec<FileId> = known.filter(has_id).collect();
        known.sort_unstable();
        known
    }

    /// Indexes a file under its name; a file that had the name before is unlinked.
    fn link(&mut self, file: FileId) {
        let Book { files, folders, .. } = self;
        let Some(followed) = files.get_mut(&file) else { return };
        let folder = &mut folders[usize::from(followed.folder)];
        followed.listing = folder.listing;
        let name = &*files[&file].name;
        let has_name = |other: &FileId| files.get(other).is_some_and(|it| *it.name == *name);
        let sum_of = |other: &FileId| files.get(other).map_or(0, |it| sum(files, &*it.name));
        match folder.names.entry(sum(files, name), has_name, sum_of) {
            Entry::Occupied(mut named) => *named.get_mut() = file,
            Entry::Vacant(named) => drop(named.insert(file)),
        }
    }

    /// Removes a name from a file, if the file has it.
    fn unlink(&mut self, at: &WatchedPath, file: FileId) {
        let Book { files, folders, .. } = self;
        // The hash table may also test files with other names.
        let is_it =
            |other: &FileId| *other == file && files.get(other).is_some_and(|it| it.name == at.1);
        let names = &mut folders[usize::from(at.0)].names;
        if let Ok(named) = names.find_entry(sum(files, &*at.1), is_it) {
            named.remove();
        }
    }

    /// Follows a file under its new name.
    fn rename(&mut self, file: FileId, to: WatchedPath) {
        let Some(watch) = self.folder(to.0).watch_of(&to.1) else { return };
        let Some(from) = self.files.get(&file).map(Followed::path) else { return };
        self.unlink(&from, file);
        let Some(followed) = self.files.get_mut(&file) else { return };
        (followed.folder, followed.name) = to;
        followed.watch = watch;
        self.absent.remove(&file);
        self.link(file);
    }

    fn forget(&mut self, file: FileId) {
        let Some(at) = self.files.get(&file).map(Followed::path) else { return };
        self.unlink(&at, file);
        self.identify(file, None);
        self.files.swap_remove(&file);
        self.after.remove(&file);
        self.absent.remove(&file);
    }

    pub(crate) fn files_in(&self, folder: FolderId) -> Vec<FileId> {
        self.folder(folder).names.iter().copied().collect()
    }

    /// Returns the files to check now: all that changed recently, all in small folders, and at most
    /// `cold` of the others, as a rule the newest first. Quiet files covered by hints may rest,
    /// unless hints were lost. The flag says whether files that were never checked are left.
    pub(crate) fn due(
        &self,
        now: Timestamp,
        cold: usize,
        hints_were_lost: bool,
    ) -> (Vec<FileId>, bool) {
        let mut due = Vec::new();
        let (mut taken, mut left) = (0, false);
        for (file, followed) in self.files.iter().rev() {
            let folder = self.folder(followed.folder);
            let may_rest =
                followed.has_failed() || !folder.is_small() || folder.hinted && !hints_were_lost;
            if may_rest && !followed.is_due(now) {
                continue;
            }
            if !followed.is_hot(now) && !folder.is_small() {
                taken += 1;
                if taken > cold {
                    left |= !followed.is_stat_known() && !self.absent.contains_key(file);
                    continue;
                }
            }
            due.push(*file);
        }
        // Removals change the order of the map. Newer files are read first, and with them the
        // copies of older ones.
        due.sort_unstable_by(|one, other| other.cmp(one));
        (due, left)
    }

    /// Lets a file without news rest until its next check.
    pub(crate) fn rest(&mut self, file: FileId, now: Timestamp) {
        let Some(followed) = self.files.get_mut(&file) else { return };
        let is_small = self.folders[usize::from(followed.folder)].is_small();
        let longest = if is_small { LONGEST_REST_WITH_HINTS } else { LONGEST_REST };
        followed.rest(file.0, longest, now);
    }

    /// Checks all files of a folder that is back: no hint reported the changes in the meantime.
    pub(crate) fn wake(&mut self, folder: FolderId) {
        for file in self.files_in(folder) {
            if let Some(followed) = self.files.get_mut(&file) {
                followed.wake();
            }
        }
    }

    /// Records a change that no hint reported: if the file had been quiet, hints are unreliable in
    /// its folder.
    pub(crate) fn was_not_hinted(&mut self, file: FileId, now: Timestamp) {
        let Some(followed) = self.files.get(&file) else { return };
        if followed.is_stat_known() && !followed.is_hot(now) {
            let folder = followed.folder;
            self.folder_mut(folder).hinted = false;
        }
    }

    pub(crate) fn checkpoint(&self, file: FileId) -> Option<Checkpoint> {
        let followed = self.files.get(&file)?;
        Some(Checkpoint {
            file,
            path: self.path_of(file)?,
            os_id: followed.os_id(),
            head: followed.head,
            tail: followed.tail,
            offset: followed.offset,
            lines: followed.lines(),
            generation: followed.generation,
        })
    }
}

fn sum(files: &KnownFiles, of: impl Hash) -> u64 {
    files.hasher().hash_one(of)
}

/// Whether two paths name the same folder, judging by the paths alone.
fn is_same_folder(one: &Path, other: &Path) -> bool {
    one == other || (cfg!(windows) && one.as_os_str().eq_ignore_ascii_case(other.as_os_str()))
}

#[cfg(test)]
mod tests;
