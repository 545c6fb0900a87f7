//! I/O. Lists a watched folder and returns its unknown names.
//!
//! A failed listing proves nothing about any file, and a file missing from one listing is not yet
//! gone: shares disconnect and come back.

use std::collections::BTreeMap;
use std::io;

use crate::clock::Timestamp;
use crate::tail::Dirty;
use crate::tail::book::Book;
use crate::tail::disk::CountedDisk;
use crate::tail::folder::{FolderId, Unknown};

/// Lists a folder, records its files in the book, and returns the unknown names.
pub(crate) fn list(
    folder: FolderId,
    book: &mut Book,
    disk: &mut CountedDisk,
    now: Timestamp,
) -> io::Result<Unknown> {
    book.folder_mut(folder).listed_at = Some(now);
    let entries = disk.list(&book.folder(folder).path);
    let listed = entries.and_then(|entries| book.note_listing(folder, entries));
    if let Err(error) = &listed {
        book.folder_mut(folder).was_not_listed(error.kind());
    }
    listed
}

/// The unknown names reported by hints. A large folder need not be listed for a name that is known
/// from a hint.
pub(crate) fn hinted_names(dirty: &Dirty, book: &Book) -> BTreeMap<FolderId, Unknown> {
    let mut hinted: BTreeMap<FolderId, Unknown> = BTreeMap::new();
    let Dirty::Paths(paths) = dirty else { return hinted };
    for (folder, name) in paths.iter().filter_map(|path| book.watched_path(path)) {
        let is_watched = book.folder(folder).watch_of(&name).is_some();
        if is_watched && book.file_at(folder, &name).is_none() {
            hinted.entry(folder).or_default().push(name);
        }
    }
    hinted
}
