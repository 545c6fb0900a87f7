//! I/O. Recognises copies of followed files: what `copytruncate` makes before it truncates.
//!
//! As long as the original stands, its copy is not followed: its lines are known. When the
//! original is truncated or gone, the copy takes over its unread lines. Looked for in folders
//! with few files only: nobody copies and truncates where each run has a log of its own.

use crate::tail::folder::{Copy, FolderId, Place};
use crate::tail::identity::Verdict;
use crate::tail::places::Search;
use crate::tail::read::Source;
use crate::tail::{FileId, Poll, Tailer};

impl Tailer {
    /// Whether a name is that of a copy about which there is nothing new.
    pub(super) fn is_idle_copy(&self, place: &Place) -> bool {
        let Some(copy) = self.book.folder(place.0).copies.get(&place.1) else { return false };
        self.book.files.contains_key(&copy.of)
            && !self.book.absent.contains_key(&copy.of)
            && self.disk.look(&self.book.path(place)).is_ok_and(|look| look == copy.look)
    }

    /// Whether the rows of an unknown file are known from elsewhere.
    pub(super) fn may_be_copy(&mut self, place: &Place, source: &mut Source) -> bool {
        self.book.folder(place.0).copies.contains_key(&place.1)
            || self.homeless_original(place, source).is_some()
            || self.original_of(place, source).is_some()
    }

    /// Whether an unknown file is a copy; if so, it is dealt with.
    pub(super) fn is_copy(
        &mut self,
        place: &Place,
        source: &mut Source,
        search: &mut Search,
        poll: &mut Poll,
    ) -> bool {
        let before = self.book.folder_mut(place.0).copies.remove(&place.1);
        if let Some(before) = before.filter(|it| !self.is_at_home(it.of)) {
            if self.could_be(before.of, place, source) {
                self.move_to(place, before.of, source, search, poll);
                return true;
            }
            // Its original was read beyond it before it went.
            if before.look == source.look {
                return self.adopt_from_end(place, source, poll);
            }
        }
        if search.is_shorter_copy(self, source) {
            return self.adopt_from_end(place, source, poll);
        }
        if let Some(moved) = self.homeless_original(place, source) {
            self.move_to(place, moved, source, search, poll);
            return true;
        }
        let Some((of, mut original)) = self.original_of(place, source) else { return false };
        if source.look.len > original.look.len {
            // It has grown on its own: only what it was copied from is known.
            return original
                .last_line_start()
                .is_ok_and(|known| self.adopt_from(place, source, known, poll));
        }
        self.remember(place, of, source);
        true
    }

    /// Whether a file that is followed but was never read turns out to be a copy.
    pub(super) fn has_become_copy(
        &mut self,
        file: FileId,
        source: &mut Source,
        poll: &mut Poll,
    ) -> bool {
        let Some(followed) = self.book.files.get(&file).filter(|it| it.was_empty && it.offset == 0)
        else {
            return false;
        };
        let place = followed.place();
        let Some((of, original)) = self.original_of(&place, source) else {
            return self.has_become_home(file, &place, source, poll);
        };
        if source.look.len > original.look.len {
            return false;
        }
        self.forget(file, poll);
        self.remember(&place, of, source);
        true
    }

    /// Whether files of a folder that were seen empty turn out to be copies. Asked before another
    /// one there is given up as truncated: its unread rows may stand in one of them.
    pub(super) fn copies_were_empty(&mut self, folder: FolderId, poll: &mut Poll) -> bool {
        if !self.book.folder(folder).is_small() {
            return false;
        }
        let is_unread = |file: &FileId| {
            self.book.files.get(file).is_some_and(|it| it.was_empty && it.offset == 0)
        };
        let unread: Vec<FileId> =
            self.book.files_in(folder).into_iter().filter(is_unread).collect();
        unread.into_iter().any(|file| {
            let source = self.book.path_of(file).and_then(|path| self.open(&path).ok());
            source.is_some_and(|mut source| self.has_become_copy(file, &mut source, poll))
        })
    }

    /// Whether it turns out to be a copy whose original was truncated in the meantime: then that
    /// one is followed here.
    fn has_become_home(
        &mut self,
        file: FileId,
        place: &Place,
        source: &mut Source,
        poll: &mut Poll,
    ) -> bool {
        let Some(moved) = self.homeless_original(place, source) else { return false };
        self.forget(file, poll);
        let unknown = self.list(place.0, poll);
        self.find_places(place.0, unknown, Some(moved), poll);
        true
    }

    /// The file whose consumed rows stand here and no longer where they were followed.
    fn homeless_original(&mut self, place: &Place, source: &mut Source) -> Option<FileId> {
        if !self.book.folder(place.0).is_small() || !source.has_rows(source.look.len) {
            return None;
        }
        let candidates = self.candidates(place.0, source);
        candidates.into_iter().find(|file| {
            let offset = self.book.files.get(file).map_or(0, |known| known.offset);
            source.has_rows(offset)
                && self.could_be(*file, place, source)
                && !self.is_at_home(*file)
        })
    }

    fn remember(&mut self, place: &Place, of: FileId, source: &Source) {
        let copies = &mut self.book.folder_mut(place.0).copies;
        copies.insert(place.1.clone(), Copy { of, look: source.look });
    }

    fn adopt_from_end(&mut self, place: &Place, source: &mut Source, poll: &mut Poll) -> bool {
        let end = source.last_line_start();
        end.is_ok_and(|end| self.adopt_from(place, source, end, poll))
    }

    /// The followed file of which all that stands here is, or was, the beginning.
    fn original_of(&mut self, place: &Place, source: &mut Source) -> Option<(FileId, Source)> {
        if !self.book.folder(place.0).is_small() || !source.has_rows(source.look.len) {
            return None;
        }
        let candidates = self.candidates(place.0, source);
        candidates.into_iter().find_map(|file| {
            let known = self.book.files.get(&file).filter(|it| it.place() != *place)?.clone();
            let mut original = self.open(&self.book.path(&known.place())).ok()?;
            let stands = original.judge(&known).ok()? == Verdict::Same;
            (stands && source.begins(&mut original).ok()?).then_some((file, original))
        })
    }

    /// Files of a folder that were read and begin like this one, as far as their marks tell.
    fn candidates(&self, folder: FolderId, source: &Source) -> Vec<FileId> {
        let files = self.book.files_in(folder).into_iter();
        files
            .filter(|file| {
                self.book.files.get(file).is_some_and(|it| {
                    it.offset > 0
                        && it.os_id() != source.os_id
                        && (source.fits_head(it) || source.look.len < u64::from(it.head.len))
                })
            })
            .collect()
    }
}

impl Search {
    /// Whether this is a copy that was made before the last lines of a file were written and
    /// read, which has been truncated since.
    fn is_shorter_copy(&self, tailer: &Tailer, source: &Source) -> bool {
        self.truncated().any(|file| {
            tailer.book.files.get(&file).is_some_and(|known| {
                known.offset > source.look.len
                    && source.has_rows(u64::from(known.head.len))
                    && source.fits_head(known)
            })
        })
    }
}
