//! I/O. One turn of one file: opens it, compares it with the book, reads one block.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::tail::book::Book;
use crate::tail::disk::CountedDisk;
use crate::tail::handover::Handover;
use crate::tail::marks::MarkMatch;
use crate::tail::problems::{FileProblems, unreadable};
use crate::tail::queue::ReadQueue;
use crate::tail::read::Taken;
use crate::tail::source::OpenedFile;
use crate::tail::{Block, FileId};

/// What a turn reads from and writes to.
pub(crate) struct Turn<'a> {
    pub(crate) book: &'a mut Book,
    pub(crate) disk: &'a mut CountedDisk,
    pub(crate) queue: &'a mut ReadQueue,
    pub(crate) problems: &'a mut FileProblems,
    pub(crate) handover: &'a mut Handover,
    pub(crate) now: Timestamp,
}

/// The result of a turn.
pub(crate) enum Read {
    /// Number of bytes read; more remain.
    More(usize),
    /// Number of bytes read; none remain.
    End(usize),
    Failed,
}

impl Turn<'_> {
    /// Opens a file, or continues with the open one, and compares it with the book. `None` if that
    /// is impossible now.
    pub(crate) fn open(
        &mut self,
        file: FileId,
        kept: Option<OpenedFile>,
    ) -> Option<(OpenedFile, MarkMatch)> {
        let path = self.book.path_of(file)?;
        let source = match kept {
            Some(mut source) => source.refresh().map(|()| source),
            None => self.disk.open(&path),
        };
        let followed = self.book.files.get(&file)?;
        match source.and_then(|mut source| source.judge(followed).map(|it| (source, it))) {
            Ok(opened) => Some(opened),
            // Only listings decide whether the file is gone.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = followed.folder;
                self.book.folder_mut(folder).lost_a_file();
                None
            }
            Err(error) => {
                self.give_up(file, &path, &error);
                None
            }
        }
    }

    /// Reads one block of an open file that was recognized.
    pub(crate) fn read(&mut self, file: FileId, mut source: OpenedFile) -> Read {
        let Some(path) = self.book.path_of(file) else { return Read::Failed };
        let Some(followed) = self.book.files.get(&file) else { return Read::Failed };
        let lookback = self.book.watch_over(followed).lookback;
        match source.next(followed.offset, lookback, self.queue.buffer()) {
            Ok(Some(taken)) => {
                self.problems.resolve(&path);
                self.problems.is_not_hollow(file);
                let (len, more) = (taken.bytes.len(), taken.more);
                self.queue.note_read(file, taken.end, source.stat.len, self.now);
                self.deliver(file, &path, &source, taken);
                if !more {
                    return Read::End(len);
                }
                self.queue.push_open(file, source);
                Read::More(len)
            }
            Ok(None) => {
                self.note_end(file, &path, &mut source);
                self.book.note_idle(file, source.stat, self.now);
                Read::End(0)
            }
            Err(error) => {
                self.give_up(file, &path, &error);
                Read::Failed
            }
        }
    }

    fn deliver(&mut self, file: FileId, path: &Path, source: &OpenedFile, taken: Taken) {
        let Some(followed) = self.book.files.get(&file) else { return };
        let (generation, lines) = (followed.generation, followed.lines());
        let label = Arc::clone(&self.book.watch_over(followed).label);
        self.book.note_read(file, &taken, source.os_id, self.now);
        let Some(position) = self.book.checkpoint(file) else { return };
        let block = Block {
            file,
            generation,
            label,
            path: Arc::from(path),
            head: source.shown_head(),
            bytes: taken.bytes,
            fresh: taken.fresh,
            offset: taken.offset,
            lines,
        };
        self.handover.block(block, position);
    }

    /// Records that no line is complete: an unfinished line is normal, NUL bytes may become a
    /// problem.
    fn note_end(&mut self, file: FileId, path: &Path, source: &mut OpenedFile) {
        if let Some(followed) = self.book.files.get_mut(&file) {
            followed.recovered();
        }
        if source.ends_in_nul().unwrap_or(false) {
            self.problems.is_hollow(file, self.now);
        } else {
            self.problems.is_not_hollow(file);
            self.problems.resolve(path);
        }
    }

    fn give_up(&mut self, file: FileId, path: &Path, error: &Error) {
        self.queue.is_done(file);
        if let Some(followed) = self.book.files.get_mut(&file) {
            followed.rest_after_failure(self.now);
        }
        self.problems.report(unreadable(path, error));
    }
}
