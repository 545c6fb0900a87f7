//! I/O. Lists the watched folders: which names are new, which files are missing.
//!
//! A listing that failed says nothing about any file, and one listing without a name does not
//! make a file gone: shares go away and come back.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::tail::files::{self, Absence, FolderId};
use crate::tail::{Dirty, FileId, Poll, Tailer, Trouble};

/// Names in a folder that no followed file has.
pub(super) type Unknown = Vec<Arc<OsStr>>;

impl Tailer {
    /// Lists the folders that are due or hinted at, and returns the unknown names.
    pub(super) fn list_folders(
        &mut self,
        dirty: &Dirty,
        poll: &mut Poll,
    ) -> Vec<(FolderId, Unknown)> {
        let hinted = self.hinted_folders(dirty);
        let mut unknown = Vec::new();
        for folder in 0..self.book.folders.len() {
            let listed_at = self.book.folders[folder].listed_at;
            if hinted.contains(&folder) || self.is_over(listed_at, poll.now) {
                let names = self.list(folder, poll);
                if !names.is_empty() {
                    unknown.push((folder, names));
                }
            }
        }
        unknown
    }

    fn hinted_folders(&self, dirty: &Dirty) -> BTreeSet<FolderId> {
        match dirty {
            Dirty::Nothing => BTreeSet::new(),
            Dirty::Everything => (0..self.book.folders.len()).collect(),
            Dirty::Paths(paths) => {
                let places = paths.iter().filter_map(|path| self.book.place_of(path));
                places
                    .filter(|place| self.book.file_at(place).is_none())
                    .filter(|(folder, name)| self.book.folders[*folder].watch_of(name).is_some())
                    .map(|(folder, _)| folder)
                    .collect()
            }
        }
    }

    /// Queues the files that hints named.
    pub(super) fn queue_hinted(&mut self, dirty: &Dirty) {
        let Dirty::Paths(paths) = dirty else { return };
        for path in paths {
            let place = self.book.place_of(path);
            if let Some(file) = place.and_then(|place| self.book.file_at(&place)) {
                self.queue.push(file);
            }
        }
    }

    /// Lists one folder and returns the unknown names in it.
    pub(super) fn list(&mut self, folder: FolderId, poll: &mut Poll) -> Unknown {
        self.effort.listings += 1;
        self.book.folders[folder].listed_at = Some(poll.now);
        let path = self.book.folders[folder].path.clone();
        match fs::read_dir(&path).and_then(|entries| self.sort_entries(folder, entries)) {
            Ok(unknown) => {
                self.is_well(&path);
                self.count_absences(folder, poll);
                self.drop_old_troubles(folder);
                unknown
            }
            Err(error) => {
                if error.kind() == ErrorKind::NotFound {
                    // What appears in it later is new.
                    self.book.folders[folder].first = false;
                }
                self.tell(unlisted(path, &error), poll);
                Vec::new()
            }
        }
    }

    /// Notes the known names and returns the others that are watched.
    fn sort_entries(
        &mut self,
        folder: FolderId,
        entries: impl Iterator<Item = io::Result<DirEntry>>,
    ) -> io::Result<Unknown> {
        let in_folder = &mut self.book.folders[folder];
        let (last, listing) = (in_folder.listing, in_folder.listing.wrapping_add(1));
        let mut unknown = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if let Some(named) = in_folder.names.get_mut(name.as_os_str()) {
                if named.listing != last
                    && let Some(followed) = self.book.files.get_mut(&named.file)
                {
                    followed.absent = None;
                }
                named.listing = listing;
            } else if in_folder.watch_of(&name).is_some()
                && !entry.file_type().is_ok_and(|kind| kind.is_dir())
            {
                unknown.push(Arc::from(name));
            }
        }
        in_folder.listing = listing;
        Ok(unknown)
    }

    /// Counts for each missing file how long it has been missing, and forgets what is gone.
    fn count_absences(&mut self, folder: FolderId, poll: &mut Poll) {
        for file in self.book.missing_in(folder) {
            let Some(followed) = self.book.files.get_mut(&file) else { continue };
            let so_far = followed.absent.unwrap_or(Absence { listings: 0, since: poll.now });
            let absence = Absence { listings: so_far.listings + 1, ..so_far };
            followed.absent = Some(absence);
            if files::is_gone(absence, poll.now) && self.is_not_found(file) {
                self.forget(file, poll);
            }
        }
    }

    fn is_not_found(&self, file: FileId) -> bool {
        let path = self.book.path_of(file).filter(|_| !self.queue.contains(file));
        path.is_some_and(|path| nothing_at(&path))
    }

    /// Troubles of files that are gone need no memory.
    fn drop_old_troubles(&mut self, folder: FolderId) {
        let folder = &self.book.folders[folder].path;
        self.told.retain(|path, _| path.parent() != Some(folder) || !nothing_at(path));
    }
}

fn nothing_at(path: &Path) -> bool {
    fs::metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn unlisted(path: PathBuf, error: &io::Error) -> Trouble {
    let (reason, remedy) = match error.kind() {
        ErrorKind::NotFound => ("missing-folder", "it is followed as soon as it appears"),
        _ => ("unreadable-folder", "give the account of this service read access"),
    };
    Trouble { path, reason, detail: format!("cannot list this log folder ({error}); {remedy}") }
}
