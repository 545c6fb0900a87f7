//! I/O. Lists the watched folders: which names are new, which files are missing.
//!
//! A listing that failed says nothing about any file, and one listing without a name does not
//! make a file gone: shares go away and come back.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::tail::disk::Names;
use crate::tail::folder::FolderId;
use crate::tail::followed::Absence;
use crate::tail::{Dirty, FileId, Poll, Tailer, Trouble};

/// Names in a folder that no followed file has.
pub(super) type Unknown = Vec<Box<OsStr>>;

impl Tailer {
    /// Lists the folders that are due or hinted at, and returns the unknown names.
    pub(super) fn list_folders(
        &mut self,
        dirty: &Dirty,
        poll: &mut Poll,
    ) -> Vec<(FolderId, Unknown)> {
        let mut hinted = self.hinted_names(dirty);
        let mut unknown = Vec::new();
        for folder in self.book.folders() {
            let told = hinted.remove(&folder).unwrap_or_default();
            let in_folder = self.book.folder(folder);
            let is_due = *dirty == Dirty::Everything
                || in_folder.is_listing_due(self.interval, poll.now)
                || in_folder.is_small() && !told.is_empty();
            let names = if is_due {
                let listed = self.list(folder, poll);
                if *dirty != Dirty::Everything {
                    self.doubt_hints(folder, &listed, &told);
                }
                listed
            } else {
                told
            };
            if !names.is_empty() {
                unknown.push((folder, names));
            }
        }
        unknown
    }

    /// The unknown names that hints tell of. A large folder is not listed for a name that is known
    /// without.
    fn hinted_names(&self, dirty: &Dirty) -> BTreeMap<FolderId, Unknown> {
        let mut hinted: BTreeMap<FolderId, Unknown> = BTreeMap::new();
        let Dirty::Paths(paths) = dirty else { return hinted };
        for (folder, name) in paths.iter().filter_map(|path| self.book.place_of(path)) {
            let is_watched = self.book.folder(folder).watch_of(&name).is_some();
            if is_watched && self.book.file_at(folder, &name).is_none() {
                hinted.entry(folder).or_default().push(name);
            }
        }
        hinted
    }

    /// A name that appeared in a large folder and that no hint told of: hints are not to be relied
    /// on there.
    fn doubt_hints(&mut self, folder: FolderId, unknown: &Unknown, told: &Unknown) {
        let in_folder = self.book.folder_mut(folder);
        if in_folder.is_small() {
            return;
        }
        in_folder.hinted &= !unknown.iter().any(|name| {
            !told.contains(name)
                && !in_folder.copies.contains_key(name)
                && !in_folder.refused.contains_key(name)
        });
    }

    /// Queues the files that hints named.
    pub(super) fn queue_hinted(&mut self, dirty: &Dirty) {
        let Dirty::Paths(paths) = dirty else { return };
        for path in paths {
            let place = self.book.place_of(path);
            if let Some((folder, _)) = place {
                self.book.folder_mut(folder).hinted = self.expects_hints;
            }
            if let Some(file) = place.and_then(|place| self.book.holder(&place)) {
                self.queue.push(file);
            }
        }
    }

    /// Lists one folder and returns the unknown names in it.
    pub(super) fn list(&mut self, folder: FolderId, poll: &mut Poll) -> Unknown {
        self.effort.listings += 1;
        self.book.folder_mut(folder).listed_at = Some(poll.now);
        let path = self.book.folder(folder).path.clone();
        match self.disk.list(&path).and_then(|entries| self.sort_entries(folder, entries)) {
            Ok(unknown) => {
                self.book.folder_mut(folder).missing = false;
                self.book.folder_mut(folder).failures = 0;
                self.is_well(&path, poll);
                self.count_absences(folder, poll);
                self.drop_old_troubles(folder, poll);
                unknown
            }
            Err(error) => {
                let in_folder = self.book.folder_mut(folder);
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
        let listing = self.book.folder(folder).listing.wrapping_add(1);
        let mut unknown = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.name;
            if let Some(file) = self.book.file_at(folder, &name) {
                self.book.is_there(file, listing);
            } else if self.book.folder(folder).watch_of(&name).is_some() && !entry.is_folder {
                unknown.push(name.into_boxed_os_str());
            }
        }
        let in_folder = self.book.folder_mut(folder);
        in_folder.listing = listing;
        if !in_folder.refused.is_empty() || !in_folder.copies.is_empty() {
            let there: HashSet<&Box<OsStr>> = unknown.iter().collect();
            in_folder.refused.retain(|name, _| there.contains(name));
            in_folder.copies.retain(|name, _| there.contains(name));
        }
        Ok(unknown)
    }

    /// Counts for each missing file how long it has been missing, and forgets what is gone.
    fn count_absences(&mut self, folder: FolderId, poll: &mut Poll) {
        let missing = self.book.missing_in(folder);
        self.book.folder_mut(folder).absent = missing.len();
        for file in missing {
            let first = Absence { listings: 0, since: poll.now };
            let absence = self.book.absent.entry(file).or_insert(first);
            absence.listings += 1;
            if absence.is_for_good(poll.now) && self.is_not_found(file) {
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
        let folder = &self.book.folder(folder).path;
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
