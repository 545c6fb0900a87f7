//! Pure. Changes of the book: moves, listings, and blocks that were read.

use std::io;

use crate::clock::Timestamp;
use crate::tail::FileId;
use crate::tail::book::Book;
use crate::tail::disk::{FileStat, Names, OsId};
use crate::tail::folder::{Copy, FolderId, Unknown};
use crate::tail::followed::{Absence, Followed};
use crate::tail::identity::{Appeared, Move};
use crate::tail::read::Taken;

/// The action of the reader after a move.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AppliedMove {
    Noted,
    /// Read the file: its path or its content changed. Reopen it if its path now holds another file
    /// than the open one.
    Read {
        file: FileId,
        reopen: bool,
    },
    /// A new file; `unread` if it has content to read.
    New {
        file: FileId,
        unread: bool,
    },
    /// A file that is no longer followed.
    Forgotten {
        file: FileId,
    },
}

impl Book {
    /// Applies a move.
    pub(crate) fn apply(&mut self, found: Move, now: Timestamp) -> AppliedMove {
        match found {
            Move::Renamed { file, to, os_id } => {
                self.folder_mut(to.0).copies.remove(&to.1);
                self.rename(file, to);
                let reopen = self.files.get(&file).is_some_and(|it| it.os_id() != os_id);
                self.reidentify(file, os_id);
                AppliedMove::Read { file, reopen }
            }
            Move::SecondName { at, displaced } => {
                if let Some(file) = displaced {
                    self.unlink(&at, file);
                }
                AppliedMove::Noted
            }
            Move::Copied { at, of, stat } => {
                self.folder_mut(at.0).copies.insert(at.1, Copy { of, stat });
                AppliedMove::Noted
            }
            Move::Appeared(appeared) => {
                let unread = appeared.offset < appeared.stat.len;
                AppliedMove::New { file: self.begin(appeared, now), unread }
            }
            Move::Truncated { file, os_id } | Move::Replaced { file, os_id, .. } => {
                if let Some(followed) = self.files.get_mut(&file) {
                    followed.restart();
                }
                self.reidentify(file, os_id);
                AppliedMove::Read { file, reopen: true }
            }
            Move::Reidentified { file, os_id } => {
                self.reidentify(file, os_id);
                AppliedMove::Read { file, reopen: true }
            }
            Move::Vanished { file } => {
                self.forget(file);
                AppliedMove::Forgotten { file }
            }
            Move::Unreadable { .. } => AppliedMove::Noted,
        }
    }

    /// Forgets the recorded metadata of a file, because its content may have changed without it.
    fn reidentify(&mut self, file: FileId, os_id: Option<OsId>) {
        if let Some(followed) = self.files.get_mut(&file) {
            followed.clear_stat();
        }
        self.identify(file, os_id);
    }

    /// Begins to follow a new file.
    fn begin(&mut self, appeared: Appeared, now: Timestamp) -> FileId {
        let Appeared { at, watch, os_id, stat, offset, head, tail, after } = appeared;
        self.folder_mut(at.0).copies.remove(&at.1);
        let mut followed = Followed::new(at, watch);
        (followed.offset, followed.head, followed.tail) = (offset, head, tail);
        followed.set_lines((offset == 0).then_some(0));
        followed.was_empty = stat.len == 0;
        followed.changed_at_least(stat.modified(), now);
        let is_quiet = offset >= stat.len && !followed.is_hot(now);
        let file = self.add(followed, os_id);
        self.after.extend(after.map(|after| (file, after)));
        if is_quiet {
            self.note_idle(file, stat, now);
        }
        file
    }

    /// Records that a file has nothing to read until its metadata changes.
    pub(crate) fn note_idle(&mut self, file: FileId, stat: FileStat, now: Timestamp) {
        let Some(followed) = self.files.get_mut(&file) else { return };
        followed.set_stat(stat);
        followed.changed_at_least(stat.modified(), now);
        self.rest(file, now);
    }

    /// Records that a block of a file was read.
    pub(crate) fn note_read(
        &mut self,
        file: FileId,
        taken: &Taken,
        os_id: Option<OsId>,
        now: Timestamp,
    ) {
        let Some(followed) = self.files.get_mut(&file) else { return };
        let lines = followed.lines().map(|lines| lines + taken.lines);
        followed.set_lines(lines);
        (followed.offset, followed.head, followed.tail) = (taken.end, taken.head, taken.tail);
        // File times are coarse: only a second check proves that nothing was written since.
        followed.clear_stat();
        followed.recovered();
        followed.changed(now);
        self.identify(file, os_id);
    }

    /// Records the known names in a listing, and returns the other watched names. A listing that
    /// fails midway proves nothing about any file.
    pub(crate) fn note_listing(&mut self, folder: FolderId, entries: Names) -> io::Result<Unknown> {
        let listing = self.folder(folder).listing.wrapping_add(1);
        let mut unknown = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.name;
            if let Some(file) = self.file_at(folder, &name) {
                self.is_there(file, listing);
            } else if self.folder(folder).watch_of(&name).is_some() && !entry.is_folder {
                unknown.push(name.into_boxed_os_str());
            }
        }
        self.folder_mut(folder).was_listed(listing, &unknown);
        Ok(unknown)
    }

    /// Files of a small folder that were empty when they appeared and have not been read since: a
    /// copy in progress starts like this.
    pub(crate) fn unread_since_empty(&self, folder: FolderId) -> Vec<FileId> {
        if !self.folder(folder).is_small() {
            return Vec::new();
        }
        let is_unread =
            |file: &FileId| self.files.get(file).is_some_and(Followed::is_unread_since_empty);
        self.folder(folder).names.iter().copied().filter(is_unread).collect()
    }

    /// The file that had this file's name before, if it must be read to its end first.
    pub(crate) fn predecessor(&self, file: FileId) -> Option<FileId> {
        self.after.get(&file).copied()
    }

    pub(crate) fn has_no_predecessor(&mut self, file: FileId) {
        self.after.remove(&file);
    }

    fn is_there(&mut self, file: FileId, listing: u32) {
        if let Some(followed) = self.files.get_mut(&file) {
            followed.listing = listing;
            self.absent.remove(&file);
        }
    }

    /// Counts how long each file has been missing from the listings of its folder; returns those
    /// that may be gone.
    pub(crate) fn count_absences(&mut self, folder: FolderId, now: Timestamp) -> Vec<FileId> {
        let listing = self.folder(folder).listing;
        let is_missing =
            |file: &FileId| self.files.get(file).is_some_and(|it| it.listing != listing);
        let mut missing: Vec<FileId> =
            self.folder(folder).names.iter().copied().filter(is_missing).collect();
        self.folder_mut(folder).absent = missing.len();
        missing.retain(|file| {
            let absence = self.absent.entry(*file).or_insert(Absence { listings: 0, since: now });
            absence.listings += 1;
            absence.is_for_good(now)
        });
        missing
    }
}
