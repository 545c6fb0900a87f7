//! Pure. Identifies files after names changed: renamed, copied, replaced, new.
//!
//! Takes the names in a listing and the known files, requests evidence where names are ambiguous,
//! and returns one [`Move`] after another. It changes nothing: the caller executes each move before
//! it requests the next one.
//!
//! The content that was followed under a name is searched for first. A file is given up only if its
//! content is found nowhere, and is new only if its content is unknown.

mod copies;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::Path;

use crate::clock::Timestamp;
use crate::tail::book::Book;
use crate::tail::disk::{FileStat, OsId};
use crate::tail::ends::FileEnds;
use crate::tail::folder::{FolderId, Unknown, WatchedPath};
use crate::tail::marks::MarkMatch;
use crate::tail::source::OpenedFile;
use crate::tail::{FileId, Mark, Start};

pub(crate) use crate::tail::identity::copies::{Filled, filled};

/// Read access to the files on disk.
pub(crate) trait Evidence {
    /// Opens a file with an unknown or disputed name; `None` if it does not exist or cannot be
    /// opened now.
    fn open_unknown(&mut self, at: &WatchedPath, path: &Path) -> Option<OpenedFile>;
    /// Opens a known file; `None` if it cannot be opened now.
    fn open(&mut self, path: &Path) -> Option<OpenedFile>;
    /// Metadata of the file at a path.
    fn stat(&mut self, path: &Path) -> io::Result<FileStat>;
    /// Whether a known file is still open from its last turn, with more to read.
    fn is_open(&self, file: FileId) -> bool;
}

/// What happened to a file, and how to react.
#[derive(Debug)]
pub(crate) enum Move {
    /// A known file is now at another path: follow it there.
    Renamed { file: FileId, to: WatchedPath, os_id: Option<OsId> },
    /// A name is an additional name of a known file and is not read. A file that was followed under
    /// it loses the name.
    SecondName { at: WatchedPath, displaced: Option<FileId> },
    /// A name belongs to a copy of a known file and is not read as long as that file exists.
    Copied { at: WatchedPath, of: FileId, stat: FileStat },
    /// A new file.
    Appeared(Appeared),
    /// The same file, shorter or rewritten: read it again from the top.
    Truncated { file: FileId, os_id: Option<OsId> },
    /// Another file under the same name: read it from the top. If a line of the old file was
    /// unfinished, something was lost.
    Replaced { file: FileId, os_id: Option<OsId>, unfinished: bool },
    /// The same content under another file id: continue reading.
    Reidentified { file: FileId, os_id: Option<OsId> },
    /// The file is gone for good.
    Vanished { file: FileId },
    /// A new file that could not be read.
    Unreadable { at: WatchedPath, error: io::Error },
}

/// A new file, and where reading begins.
#[derive(Debug)]
pub(crate) struct Appeared {
    pub(crate) at: WatchedPath,
    pub(crate) watch: u16,
    pub(crate) os_id: Option<OsId>,
    pub(crate) stat: FileStat,
    pub(crate) offset: u64,
    pub(crate) head: Mark,
    pub(crate) tail: Mark,
    /// The file that had this name before and must be read to its end first.
    pub(crate) after: Option<FileId>,
}

/// A path of a followed file that now holds something else.
#[derive(Clone, Copy)]
struct PathConflict {
    holder: FileId,
    mark_match: MarkMatch,
}

/// The known files, and access to those on disk.
pub(crate) struct ReconcileContext<'a> {
    pub(crate) known: &'a Book,
    /// File sizes at program start; set during the first poll only.
    pub(crate) ends: Option<&'a FileEnds>,
    pub(crate) disk: &'a mut dyn Evidence,
}

/// The search for the files at the unknown names of a folder and at the paths in conflict.
pub(crate) struct Reconciliation {
    start: Start,
    now: Timestamp,
    unknown: std::vec::IntoIter<WatchedPath>,
    conflicts: BTreeMap<WatchedPath, PathConflict>,
    /// Whether the paths in conflict have been added to `untried`.
    conflicts_listed: bool,
    /// Paths in conflict that may belong to a file that moved.
    untried: Vec<WatchedPath>,
    tried: BTreeSet<WatchedPath>,
    /// Former ids of files: their additional names still have these.
    former_ids: Vec<(OsId, FileId)>,
    /// Files whose path another file took.
    displaced: VecDeque<FileId>,
}

impl Reconciliation {
    /// Begins with the unknown names of a folder. `suspects` are files that may have left their
    /// paths; if one has, all files in the folder that look changed are suspects.
    pub(crate) fn begin(
        folder: FolderId,
        unknown: Unknown,
        suspects: Vec<FileId>,
        context: &mut ReconcileContext<'_>,
        (start, now): (Start, Timestamp),
    ) -> Reconciliation {
        let mut conflicts = context.conflicts_among(folder, suspects);
        if !conflicts.is_empty() {
            let mut changed = context.known.files_in(folder);
            changed.retain(|file| context.has_changed(*file));
            conflicts.append(&mut context.conflicts_among(folder, changed));
        }
        let unknown: Vec<_> = unknown.into_iter().map(|name| (folder, name)).collect();
        let unknown = copies::originals_first(unknown, context.known);
        Reconciliation {
            start,
            now,
            unknown: unknown.into_iter(),
            conflicts,
            conflicts_listed: false,
            untried: Vec::new(),
            tried: BTreeSet::new(),
            former_ids: Vec::new(),
            displaced: VecDeque::new(),
        }
    }

    /// The next move; the caller must have executed the earlier ones.
    pub(crate) fn next(&mut self, context: &mut ReconcileContext<'_>) -> Option<Move> {
        while let Some(at) = self.unknown.next() {
            if let Some(found) = self.explain(&at, context) {
                return Some(found);
            }
        }
        if !std::mem::replace(&mut self.conflicts_listed, true) {
            self.untried.extend(self.conflicts.keys().cloned());
        }
        while let Some(at) = self.untried.pop() {
            if let Some(found) = self.resolve(&at, context) {
                return Some(found);
            }
        }
        while let Some((at, conflict)) = self.conflicts.pop_first() {
            if let Some(found) = self.settle(&at, conflict, context) {
                return Some(found);
            }
        }
        while let Some(file) = self.displaced.pop_front() {
            // A displaced file that is still open is read to its end first.
            if context.known.is_unlinked(file) && !context.disk.is_open(file) {
                return Some(Move::Vanished { file });
            }
        }
        None
    }

    /// Identifies the file at a name that belongs to no followed file.
    fn explain(&mut self, at: &WatchedPath, context: &mut ReconcileContext<'_>) -> Option<Move> {
        if self.conflicts.is_empty() && context.is_idle_copy(at) {
            return None;
        }
        let mut source = context.open_unknown(at)?;
        self.relocate(at, &mut source, context)
            .or_else(|| self.copy(at, &mut source, context))
            .or_else(|| self.appeared(at, &mut source, None, context))
    }

    /// Assigns a path in conflict to the file that moved there, which may put another path in
    /// conflict.
    fn resolve(&mut self, at: &WatchedPath, context: &mut ReconcileContext<'_>) -> Option<Move> {
        if !self.conflicts.contains_key(at) || !self.tried.insert(at.clone()) {
            return None;
        }
        let mut source = context.open_unknown(at)?;
        let mut found = self.relocate(at, &mut source, context)?;
        if let Move::SecondName { displaced, .. } = &mut found {
            // An additional name is not read. The file that was followed here loses the path.
            *displaced = self.conflicts.remove(at).map(|conflict| conflict.holder);
            self.displaced.extend(*displaced);
        }
        Some(found)
    }

    /// Recognizes a file at a path as one that is known from elsewhere. If it moved, it is followed
    /// here from now on; if it has two names, it keeps its first one.
    fn relocate(
        &mut self,
        at: &WatchedPath,
        source: &mut OpenedFile,
        context: &mut ReconcileContext<'_>,
    ) -> Option<Move> {
        let by_id = self.owner_by_id(at, source, context);
        let by_content = self.owner_by_content(at, source, context);
        let was_read = |file: &FileId| context.offset(*file) > 0;
        let rows_stand_here = |file: &FileId| source.has_rows(context.offset(*file));
        let sure = by_id.filter(was_read).or(by_content.filter(rows_stand_here));
        // Two names with the same id at the same time belong to one file.
        let second_name = by_id.filter(|file| sure.is_none() && context.is_at_its_path(*file));
        // If nothing of a file was read, its id may have been reused for a copy, and a header alone
        // is the same in many files.
        let owner = sure
            .or(second_name)
            .or_else(|| by_content.or(by_id).filter(|_| !context.may_be_copy(at, source)))?;
        if context.is_at_its_path(owner) {
            return Some(Move::SecondName { at: at.clone(), displaced: None });
        }
        self.renamed(owner, at, source, context)
    }

    fn owner_by_id(
        &self,
        at: &WatchedPath,
        source: &mut OpenedFile,
        context: &ReconcileContext<'_>,
    ) -> Option<FileId> {
        let os_id = source.os_id?;
        let mut known = context.known.with_id(os_id);
        known.extend(self.former_ids.iter().filter(|(id, _)| *id == os_id).map(|(_, file)| *file));
        known.into_iter().find(|file| context.could_be(*file, at, source))
    }

    /// The file whose content was copied here before it was truncated or replaced. If several files
    /// begin like this one, the one of which most was read.
    fn owner_by_content(
        &self,
        at: &WatchedPath,
        source: &mut OpenedFile,
        context: &ReconcileContext<'_>,
    ) -> Option<FileId> {
        self.conflicts
            .iter()
            .filter(|(_, conflict)| conflict.mark_match != MarkMatch::Lookalike)
            .filter(|(path, conflict)| context.known.holder(path) == Some(conflict.holder))
            .filter_map(|(_, conflict)| {
                let followed = context.known.files.get(&conflict.holder)?;
                (followed.offset > 0
                    && context.known.may_be_about_the_same(followed, at)
                    && context.could_be(conflict.holder, at, source))
                .then_some((followed.offset, conflict.holder))
            })
            .max()
            .map(|(_, holder)| holder)
    }

    /// Moves a known file to this path. The path that it left must be examined too.
    fn renamed(
        &mut self,
        file: FileId,
        to: &WatchedPath,
        source: &OpenedFile,
        context: &mut ReconcileContext<'_>,
    ) -> Option<Move> {
        let followed = context.known.files.get(&file)?;
        context.known.folder(to.0).watch_of(&to.1)?;
        self.displaced.extend(context.known.holder(to));
        self.conflicts.remove(to);
        let left = followed.path();
        // A path that the file already lost must not be examined again.
        if !context.known.is_unlinked(file) && context.disk.stat(&context.known.path(&left)).is_ok()
        {
            let conflict = PathConflict { holder: file, mark_match: MarkMatch::Replaced };
            self.untried.push(left.clone());
            self.conflicts.entry(left).or_insert(conflict);
        }
        if followed.os_id() != source.os_id {
            self.former_ids.extend(followed.os_id().map(|os_id| (os_id, file)));
        }
        Some(Move::Renamed { file, to: to.clone(), os_id: source.os_id })
    }

    /// Decides about a path in conflict whose content is not known from elsewhere.
    fn settle(
        &self,
        at: &WatchedPath,
        conflict: PathConflict,
        context: &mut ReconcileContext<'_>,
    ) -> Option<Move> {
        let file = conflict.holder;
        let mut source = context.open_unknown(at)?;
        match context.known.holder(at) {
            None => return self.appeared(at, &mut source, Some(file), context),
            Some(other) if other != file => return None,
            Some(_) => {}
        }
        let followed = context.known.files.get(&file)?;
        let os_id = source.os_id;
        let mark_match = source.judge(followed).ok()?;
        if !mark_match.is_in_place() && context.disk.is_open(file) {
            // The old content is still being read from the open file.
            return None;
        }
        match mark_match {
            MarkMatch::Same => None,
            MarkMatch::Truncated | MarkMatch::Rewritten => Some(Move::Truncated { file, os_id }),
            MarkMatch::Lookalike => Some(Move::Reidentified { file, os_id }),
            MarkMatch::Replaced => {
                Some(Move::Replaced { file, os_id, unfinished: followed.is_unfinished })
            }
        }
    }

    /// An unknown file. Where reading begins depends on whether its folder was known before.
    fn appeared(
        &self,
        at: &WatchedPath,
        source: &mut OpenedFile,
        after: Option<FileId>,
        context: &ReconcileContext<'_>,
    ) -> Option<Move> {
        let existed = !context.known.folder(at.0).known && after.is_none();
        let offset = if existed { self.first_offset(at, source, context) } else { Ok(0) };
        match offset.and_then(|offset| context.appeared_at(at, source, offset)) {
            Ok(appeared) => Some(Move::Appeared(Appeared { after, ..appeared? })),
            Err(error) => Some(Move::Unreadable { at: at.clone(), error }),
        }
    }

    /// Where to begin in a file that existed before the first start.
    fn first_offset(
        &self,
        at: &WatchedPath,
        source: &mut OpenedFile,
        context: &ReconcileContext<'_>,
    ) -> io::Result<u64> {
        let from_top = match self.start {
            Start::Beginning => true,
            Start::End => false,
            Start::Since(age) => source.stat.modified().is_some_and(|at| {
                self.now.duration_since(at).unsigned_abs() <= age || at > self.now
            }),
        };
        let len = context.ends.map_or(u64::MAX, |ends| ends.of(&context.known.path(at)));
        if from_top { Ok(0) } else { source.last_line_start(len) }
    }
}

impl ReconcileContext<'_> {
    fn conflicts_among(
        &mut self,
        folder: FolderId,
        files: Vec<FileId>,
    ) -> BTreeMap<WatchedPath, PathConflict> {
        files.into_iter().filter_map(|file| self.conflict(folder, file)).collect()
    }

    fn conflict(
        &mut self,
        folder: FolderId,
        holder: FileId,
    ) -> Option<(WatchedPath, PathConflict)> {
        let followed = self.known.files.get(&holder).filter(|it| it.folder == folder)?;
        if self.known.is_unlinked(holder) {
            return None;
        }
        let at = followed.path();
        let mark_match = self.disk.open(&self.known.path(&at))?.judge(followed).ok()?;
        (mark_match != MarkMatch::Same).then_some((at, PathConflict { holder, mark_match }))
    }

    fn has_changed(&mut self, file: FileId) -> bool {
        let (path, followed) = (self.known.path_of(file), self.known.files.get(&file));
        path.zip(followed).is_some_and(|(path, followed)| match self.disk.stat(&path) {
            Ok(stat) => !followed.has_stat(stat),
            Err(_) => followed.is_stat_known(),
        })
    }

    fn open_unknown(&mut self, at: &WatchedPath) -> Option<OpenedFile> {
        self.disk.open_unknown(at, &self.known.path(at))
    }

    fn offset(&self, file: FileId) -> u64 {
        self.known.files.get(&file).map_or(0, |followed| followed.offset)
    }

    /// Whether this source at another path has the content of this file, as far as it was read.
    fn could_be(&self, file: FileId, at: &WatchedPath, source: &mut OpenedFile) -> bool {
        self.known.files.get(&file).is_some_and(|followed| {
            !followed.is_at(at) && source.continues(followed).unwrap_or(false)
        })
    }

    /// Whether the file is still at the path where it is followed.
    fn is_at_its_path(&mut self, file: FileId) -> bool {
        let Some(followed) = self.known.files.get(&file) else { return false };
        let source = self.disk.open(&self.known.path(&followed.path()));
        source.is_some_and(|mut source| {
            source.judge(followed).is_ok_and(|mark_match| mark_match == MarkMatch::Same)
        })
    }

    /// A new file whose content before `offset` is known; `None` if no watch matches its name.
    fn appeared_at(
        &self,
        at: &WatchedPath,
        source: &mut OpenedFile,
        offset: u64,
    ) -> io::Result<Option<Appeared>> {
        let Some(watch) = self.known.folder(at.0).watch_of(&at.1) else { return Ok(None) };
        let (head, tail) = source.marks(offset)?;
        let (os_id, stat) = (source.os_id, source.stat);
        Ok(Some(Appeared { at: at.clone(), watch, os_id, stat, offset, head, tail, after: None }))
    }
}

/// Which of the files that have been missing from listings are gone for good: metadata must confirm
/// it.
pub(crate) fn vanished(absent: Vec<FileId>, context: &mut ReconcileContext<'_>) -> Vec<Move> {
    let is_gone = |file: &FileId| {
        context.known.path_of(*file).is_some_and(|path| {
            context.disk.stat(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        })
    };
    absent.into_iter().filter(is_gone).map(|file| Move::Vanished { file }).collect()
}

#[cfg(test)]
mod tests;
