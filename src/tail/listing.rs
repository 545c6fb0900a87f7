//! I/O. Lists the watched folders: which names are new, which files are missing.
//!
//! A listing that failed says nothing about any file, and one listing without a name does not
//! make a file gone: shares go away and come back.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::tail::disk::Names;
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
            if hinted.contains(&folder) || self.is_listing_due(folder, poll.now) {
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
            if let Some((folder, _)) = place {
                self.book.folders[folder].hinted = self.expects_hints;
            }
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
        match self.disk.list(&path).and_then(|entries| self.sort_entries(folder, entries)) {
            Ok(unknown) => {
                self.book.folders[folder].missing = false;
                self.book.folders[folder].failures = 0;
                self.is_well(&path, poll);
                self.count_absences(folder, poll);
                self.drop_old_troubles(folder, poll);
                unknown
            }
            Err(error) => {
                let in_folder = &mut self.book.folders[folder];
                // What appears later in a folder that is missing is new.
                in_folder.missing = error.kind() == ErrorKind::NotFound;
                // Whatever watches it will not watch the one that comes back.
                in_folder.hinted = false;
                // That a folder is not there is said at once; what fails otherwise may take long.
                in_folder.failures = if in_folder.missing { 0 } else { in_folder.failures + 1 };
                let was_there = in_folder.listing > 0 || !in_folder.names.is_empty();
                self.tell(unlisted(path, &error, was_there), poll);
                Vec::new()
            }
        }
    }

    /// Notes the known names and returns the others that are watched.
    fn sort_entries(&mut self, folder: FolderId, entries: Names) -> io::Result<Unknown> {
        let in_folder = &mut self.book.folders[folder];
        let (last, listing) = (in_folder.listing, in_folder.listing.wrapping_add(1));
        let mut unknown = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.name;
            if let Some(named) = in_folder.names.get_mut(name.as_os_str()) {
                if named.listing != last
                    && let Some(followed) = self.book.files.get_mut(&named.file)
                {
                    followed.absent = None;
                }
                named.listing = listing;
            } else if in_folder.watch_of(&name).is_some() && !entry.is_folder {
                unknown.push(Arc::from(name));
            }
        }
        in_folder.listing = listing;
        if !in_folder.refused.is_empty() || !in_folder.copies.is_empty() {
            let there: HashSet<&Arc<OsStr>> = unknown.iter().collect();
            in_folder.refused.retain(|name, _| there.contains(name));
            in_folder.copies.retain(|name, _| there.contains(name));
        }
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
        path.is_some_and(|path| self.is_nothing_at(&path))
    }

    /// Troubles of files that are gone need no memory.
    fn drop_old_troubles(&mut self, folder: FolderId, poll: &mut Poll) {
        let folder = &self.book.folders[folder].path;
        let of_folder = self.told.keys().filter(|path| path.parent() == Some(folder));
        for path in of_folder.cloned().collect::<Vec<_>>() {
            if self.is_nothing_at(&path) {
                self.is_well(&path, poll);
            }
        }
    }

    fn is_nothing_at(&self, path: &Path) -> bool {
        self.disk.look(path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
    }
}

fn unlisted(path: PathBuf, error: &io::Error, was_there: bool) -> Trouble {
    let (reason, remedy) = match error.kind() {
        ErrorKind::NotFound if was_there => (
            "vanished-folder",
            "what is written meanwhile is read when it is back; see whether its share or disk is \
             connected",
        ),
        ErrorKind::NotFound => ("missing-folder", "it is followed as soon as it appears"),
        _ => ("unreadable-folder", "give the account of this service read access"),
    };
    Trouble {
        path,
        reason,
        lasts: true,
        detail: format!("cannot list this log folder ({error}); {remedy}"),
    }
}
