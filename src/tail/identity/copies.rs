//! Pure. Recognizes copies of followed files, which `copytruncate` makes before it truncates.
//!
//! As long as the original exists, its copy is not followed, because its lines are known. When the
//! original is truncated or gone, the copy takes over its unread lines. Only folders with few files
//! are searched: nothing uses `copytruncate` where each run has its own log. There, the name of a
//! copy that a person made contains that of its original.

use std::collections::{BTreeSet, HashSet};

use crate::tail::FileId;
use crate::tail::book::Book;
use crate::tail::disk::FileStat;
use crate::tail::folder::WatchedPath;
use crate::tail::followed::Followed;
use crate::tail::identity::{Move, ReconcileContext, Reconciliation};
use crate::tail::marks::MarkMatch;
use crate::tail::source::OpenedFile;

/// The result for a file that was empty when it appeared, now that it has content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    /// An ordinary log.
    Itself,
    /// A copy of a file that still exists.
    Copy { of: FileId, stat: FileStat },
    /// A copy of a file that was truncated since; the original is to be followed here.
    CopyOfTruncated { original: FileId },
}

/// Classifies a file that was empty when it appeared and was never read.
pub(crate) fn filled(
    file: FileId,
    source: &mut OpenedFile,
    context: &mut ReconcileContext<'_>,
) -> Filled {
    let Some(followed) = context.known.files.get(&file).filter(|it| it.is_unread_since_empty())
    else {
        return Filled::Itself;
    };
    let at = followed.path();
    match context.original_of(&at, source) {
        Some((_, original)) if source.stat.len > original.stat.len => Filled::Itself,
        Some((of, _)) => Filled::Copy { of, stat: source.stat },
        None => match context.unlinked_original(&at, source) {
            Some(original) => Filled::CopyOfTruncated { original },
            None => Filled::Itself,
        },
    }
}

/// Puts the names of copies after all others, and the names of their originals before them, even if
/// no hint has named these yet: then a copy is recognized although nothing of its original was read.
pub(crate) fn originals_first(unknown: Vec<WatchedPath>, known: &Book) -> Vec<WatchedPath> {
    let (mut names, mut copies, mut originals) = (Vec::new(), Vec::new(), BTreeSet::new());
    for at in unknown {
        match known.original_name(&at) {
            None => names.push(at),
            Some(original) => {
                originals.insert(original);
                copies.push(at);
            }
        }
    }
    if copies.is_empty() {
        return names;
    }
    let listed: HashSet<_> = names.iter().cloned().collect();
    let is_new = |at: &WatchedPath| !listed.contains(at) && known.holder(at).is_none();
    names.extend(originals.into_iter().filter(is_new));
    names.extend(copies);
    names
}

impl Reconciliation {
    /// Checks whether an unknown file is a copy, and returns the resulting move.
    pub(crate) fn copy(
        &mut self,
        at: &WatchedPath,
        source: &mut OpenedFile,
        context: &mut ReconcileContext<'_>,
    ) -> Option<Move> {
        let before = context.known.folder(at.0).copies.get(&at.1).copied();
        if let Some(before) = before.filter(|it| !context.is_at_its_path(it.of)) {
            if context.could_be(before.of, at, source) {
                return self.renamed(before.of, at, source, context);
            }
            // The original was read beyond the end of this copy before it disappeared.
            if before.stat == source.stat {
                return context.appeared_from_end(at, source);
            }
        }
        if self.is_shorter_copy(at, source, context) {
            return context.appeared_from_end(at, source);
        }
        if let Some(original) = context.unlinked_original(at, source) {
            return self.renamed(original, at, source, context);
        }
        let (of, mut original) = context.original_of(at, source)?;
        if source.stat.len > original.stat.len {
            // The copy has grown on its own: only the part from the original is known.
            let known = original.last_line_start(u64::MAX).ok()?;
            return context.appeared_at(at, source, known).ok()?.map(Move::Appeared);
        }
        Some(Move::Copied { at: at.clone(), of, stat: source.stat })
    }

    /// Whether this is a copy made before the last lines of its original were written and read, and
    /// the original has been truncated since.
    fn is_shorter_copy(
        &self,
        at: &WatchedPath,
        source: &OpenedFile,
        context: &ReconcileContext<'_>,
    ) -> bool {
        let truncated =
            self.conflicts.values().filter(|conflict| conflict.mark_match.is_in_place());
        truncated.filter_map(|conflict| context.known.files.get(&conflict.holder)).any(|followed| {
            followed.offset > source.stat.len
                && context.known.may_be_about_the_same(followed, at)
                && source.has_rows(u64::from(followed.head.len))
                && source.fits_head(followed)
        })
    }
}

impl ReconcileContext<'_> {
    /// Whether a name belongs to a copy that has not changed.
    pub(crate) fn is_idle_copy(&mut self, at: &WatchedPath) -> bool {
        let Some(copy) = self.known.folder(at.0).copies.get(&at.1) else { return false };
        self.known.files.contains_key(&copy.of)
            && !self.known.absent.contains_key(&copy.of)
            && self.disk.stat(&self.known.path(at)).is_ok_and(|stat| stat == copy.stat)
    }

    /// Whether the rows of an unknown file may be known from another file.
    pub(crate) fn may_be_copy(&mut self, at: &WatchedPath, source: &mut OpenedFile) -> bool {
        self.known.folder(at.0).copies.contains_key(&at.1)
            || self.unlinked_original(at, source).is_some()
            || self.original_of(at, source).is_some()
    }

    /// The file whose consumed rows are here and no longer at the path where it was followed.
    fn unlinked_original(&mut self, at: &WatchedPath, source: &mut OpenedFile) -> Option<FileId> {
        self.candidates(at, source).into_iter().find(|file| {
            source.has_rows(self.offset(*file))
                && self.could_be(*file, at, source)
                && !self.is_at_its_path(*file)
        })
    }

    /// The followed file that begins, or began, with all of this content.
    fn original_of(
        &mut self,
        at: &WatchedPath,
        source: &mut OpenedFile,
    ) -> Option<(FileId, OpenedFile)> {
        self.candidates(at, source).into_iter().find_map(|file| {
            let followed = self.known.files.get(&file).filter(|it| !it.is_at(at))?;
            let mut original = self.disk.open(&self.known.path(&followed.path()))?;
            let stands = original.judge(followed).ok()? == MarkMatch::Same;
            (stands && source.begins(&mut original).ok()?).then_some((file, original))
        })
    }

    /// Files that begin like this one, judging by their marks: those of a small folder that were read
    /// or are about the same, and the one that the name of this one contains. Empty if this file has
    /// no rows.
    fn candidates(&self, at: &WatchedPath, source: &OpenedFile) -> Vec<FileId> {
        if !source.has_rows(source.stat.len) {
            return Vec::new();
        }
        let is_alike = |it: &Followed| {
            (it.offset > 0 || self.known.is_about_the_same(it, at))
                && it.os_id() != source.os_id
                && self.known.may_be_about_the_same(it, at)
                && (source.fits_head(it) || source.stat.len < u64::from(it.head.len))
        };
        let mut files = if self.known.folder(at.0).is_small() {
            self.known.files_in(at.0)
        } else {
            let original = self.known.original_name(at);
            original.and_then(|original| self.known.holder(&original)).into_iter().collect()
        };
        files.retain(|file| self.known.files.get(file).is_some_and(is_alike));
        files
    }

    /// A copy whose whole lines are all known.
    fn appeared_from_end(&self, at: &WatchedPath, source: &mut OpenedFile) -> Option<Move> {
        let end = source.last_line_start(u64::MAX).ok()?;
        self.appeared_at(at, source, end).ok()?.map(Move::Appeared)
    }
}
