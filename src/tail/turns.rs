//! I/O. Reads the files that have something to read, one block a turn, so that none starves.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;

use crate::tail::identity::Verdict;
use crate::tail::read::{Source, Taken};
use crate::tail::{BUDGET, Block, FileId, Poll, Tailer, unreadable};

/// What a turn costs beside the bytes it reads.
const TURN: usize = 4096;
/// How many files are kept open while there is more to read in them.
const KEPT_OPEN: usize = 64;

/// Files in the order of their turns, some of them still open from their last one.
#[derive(Default)]
pub(super) struct Queue {
    turns: VecDeque<FileId>,
    members: BTreeSet<FileId>,
    open: HashMap<FileId, Source>,
}

impl Queue {
    pub(super) fn push(&mut self, file: FileId) {
        if self.members.insert(file) {
            self.turns.push_back(file);
        }
    }

    /// The next in turn, with its open file if it was kept.
    fn pop(&mut self) -> Option<(FileId, Option<Source>)> {
        let file = self.turns.pop_front()?;
        self.members.remove(&file);
        Some((file, self.open.remove(&file)))
    }

    /// Another turn, with the open file at hand if there are not too many.
    fn push_open(&mut self, file: FileId, source: Source) {
        self.push(file);
        if self.open.len() < KEPT_OPEN {
            self.open.insert(file, source);
        }
    }

    pub(super) fn contains(&self, file: FileId) -> bool {
        self.members.contains(&file)
    }

    pub(super) fn is_open(&self, file: FileId) -> bool {
        self.open.contains_key(&file)
    }

    pub(super) fn close(&mut self, file: FileId) {
        self.open.remove(&file);
    }

    pub(super) fn remove(&mut self, file: FileId) {
        self.open.remove(&file);
        if self.members.remove(&file) {
            self.turns.retain(|other| *other != file);
        }
    }

    pub(super) fn files(&self) -> impl Iterator<Item = FileId> {
        self.members.iter().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

impl Tailer {
    /// Gives turns until all is read or the budget is spent.
    pub(super) fn read_in_turns(&mut self, poll: &mut Poll) {
        let mut spent = 0;
        while spent < BUDGET {
            let Some((file, kept)) = self.queue.pop() else { return };
            spent += TURN + self.turn(file, kept, poll);
        }
    }

    /// One turn of one file; returns how many bytes it took.
    fn turn(&mut self, file: FileId, kept: Option<Source>, poll: &mut Poll) -> usize {
        if self.must_wait(file) {
            self.queue.push(file);
            return 0;
        }
        let Some(path) = self.book.path_of(file) else { return 0 };
        let Some(mut source) = self.opened(file, &path, kept, poll) else { return 0 };
        let Some(followed) = self.book.files.get(&file) else { return 0 };
        let (folder, verdict) = (followed.folder, source.judge(followed));
        match verdict {
            Ok(Verdict::Same) if self.has_become_copy(file, &mut source, poll) => 0,
            Ok(Verdict::Same) => self.take(file, source, &path, poll),
            Ok(_) => {
                drop(source);
                if self.copies_were_empty(folder, poll) {
                    self.queue.push(file);
                    return 0;
                }
                let unknown = self.list(folder, poll);
                self.find_places(folder, unknown, Some(file), poll);
                0
            }
            Err(error) => {
                self.give_up(file, &path, &error, poll);
                0
            }
        }
    }

    /// What stood under this name before is read to its end first.
    fn must_wait(&mut self, file: FileId) -> bool {
        let waits = self.book.after.get(&file).is_some_and(|it| self.queue.contains(*it));
        if !waits {
            self.book.after.remove(&file);
        }
        waits
    }

    fn opened(
        &mut self,
        file: FileId,
        path: &Path,
        kept: Option<Source>,
        poll: &mut Poll,
    ) -> Option<Source> {
        let source = match kept {
            Some(mut source) => source.refresh().map(|()| source),
            None => self.open(path),
        };
        match source {
            Ok(source) => Some(source),
            // Whether it is gone is for the listings to say.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let folder = self.book.files.get(&file)?.folder;
                self.book.folder_mut(folder).lost_a_file();
                None
            }
            Err(error) => {
                self.give_up(file, path, &error, poll);
                None
            }
        }
    }

    pub(super) fn open(&mut self, path: &Path) -> std::io::Result<Source> {
        self.effort.opens += 1;
        self.disk.open(path).and_then(Source::of)
    }

    /// Reads one block.
    fn take(&mut self, file: FileId, mut source: Source, path: &Path, poll: &mut Poll) -> usize {
        let Some(followed) = self.book.files.get(&file) else { return 0 };
        let lookback = self.book.watch_over(followed).lookback;
        let spare = self.spare.pop().unwrap_or_default();
        match source.next(followed.offset, lookback, spare) {
            Ok(Some(taken)) => {
                self.is_well(path, poll);
                self.hollow.remove(&file);
                let cost = taken.bytes.len();
                let more = taken.more;
                self.deliver(file, path, &source, taken, poll);
                if more {
                    self.queue.push_open(file, source);
                } else {
                    self.leave_if_nameless(file, poll);
                }
                cost
            }
            Ok(None) => {
                self.note_hollow(file, path, &mut source, poll);
                self.note_seen(file, &source, poll);
                self.leave_if_nameless(file, poll);
                0
            }
            Err(error) => {
                self.give_up(file, path, &error, poll);
                0
            }
        }
    }

    fn deliver(
        &mut self,
        file: FileId,
        path: &Path,
        source: &Source,
        taken: Taken,
        poll: &mut Poll,
    ) {
        let Some(followed) = self.book.files.get_mut(&file) else { return };
        let lines = followed.lines();
        followed.set_lines(lines.map(|lines| lines + taken.lines));
        followed.offset = taken.end;
        followed.head = taken.head;
        followed.tail = taken.tail;
        // Times of files are coarse: only a second look shows that nothing was written since.
        followed.unsee();
        followed.recovered();
        followed.changed(poll.now);
        let generation = followed.generation;
        self.book.identify(file, source.os_id);
        let label = Arc::clone(&self.book.watch_over(&self.book.files[&file]).label);
        poll.touched.insert(file);
        poll.batch.behind_blocks.extend(self.book.checkpoint(file));
        poll.batch.blocks.push(Block {
            file,
            generation,
            label,
            path: Arc::from(path),
            head: source.shown_head(),
            bytes: taken.bytes,
            fresh: taken.fresh,
            offset: taken.offset,
            lines,
        });
    }

    /// Nothing is complete: a line under way is well, space without content may become a trouble.
    fn note_hollow(&mut self, file: FileId, path: &Path, source: &mut Source, poll: &mut Poll) {
        if let Some(followed) = self.book.files.get_mut(&file) {
            followed.recovered();
        }
        if source.ends_in_nul().unwrap_or(false) {
            self.hollow.entry(file).or_insert(poll.now);
        } else {
            self.hollow.remove(&file);
            self.is_well(path, poll);
        }
    }

    /// There is nothing to read until metadata says otherwise.
    pub(super) fn note_seen(&mut self, file: FileId, source: &Source, poll: &Poll) {
        let Some(followed) = self.book.files.get_mut(&file) else { return };
        followed.saw(source.look);
        followed.changed_at_least(source.look.modified(), poll.now);
        self.book.rest(file, poll.now);
    }

    /// A file whose name was taken by another one is gone once it is read.
    fn leave_if_nameless(&mut self, file: FileId, poll: &mut Poll) {
        if self.book.is_nameless(file) {
            self.forget(file, poll);
        }
    }

    fn give_up(&mut self, file: FileId, path: &Path, error: &std::io::Error, poll: &mut Poll) {
        if let Some(followed) = self.book.files.get_mut(&file) {
            followed.rest_after_failure(poll.now);
        }
        self.tell(unreadable(path, error), poll);
    }
}
