//! I/O. The number of the last durable commit, also kept in the lock file: a state with a lower number went
//! back to an earlier one.
//!
//! Each commit raises a number in the state. When the commit is durable, the number is written to
//! the lock file too, which stays where the state or its write-ahead log is lost or replaced by an
//! older copy. It is not synchronized, so a crash can leave it behind the state, never ahead.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use crate::clock::Timestamp;

/// Key of the note with the mark of a state.
pub(crate) const NOTE: &str = "commits";
/// Key of the note with the time at which this was last found to have gone back, or begun anew after
/// a loss: what was written until then may have been reported.
pub(crate) const DOUBTED: &str = "doubted-until";
/// Key of the note that stays until it is reported that the state went back.
pub(crate) const UNREPORTED: &str = "went-back";

/// What the lock file begins with once a state was begun, in every version.
const BEGUN: &str = "begun\n";
/// Smaller than a sector, so that it is written as a whole.
const SIZE: usize = 128;

/// Which state it is, and how many commits it has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitMark {
    id: String,
    commits: u64,
}

/// The mark of a state that was opened, and whether it had gone back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Judged {
    pub mark: CommitMark,
    pub went_back: bool,
}

impl CommitMark {
    /// The mark of a new state.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { id: format!("{:x}-{:x}", now.as_microsecond(), std::process::id()), commits: 0 }
    }

    /// The mark after one more commit.
    pub(crate) fn next(&self) -> Self {
        Self { id: self.id.clone(), commits: self.commits.saturating_add(1) }
    }

    /// Compares what a state holds with what was noted outside. A state of an earlier version holds
    /// nothing, and outside there may be nothing.
    pub(crate) fn judge(inside: Option<Self>, outside: Option<&Self>, now: Timestamp) -> Judged {
        let went_back = outside.is_some_and(|outside| {
            inside.as_ref().is_none_or(|it| it.id != outside.id || it.commits < outside.commits)
        });
        let commits = [inside.as_ref(), outside].into_iter().flatten().map(|it| it.commits).max();
        let id = inside.map_or_else(|| Self::new(now).id, |it| it.id);
        Judged { mark: Self { id, commits: commits.unwrap_or(0) }, went_back }
    }

    /// The text of its note.
    pub(crate) fn text(&self) -> String {
        format!("{} {:020}", self.id, self.commits)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (id, commits) = text.split_once(' ')?;
        Some(Self { id: id.to_owned(), commits: commits.parse().ok()? })
    }

    /// Reads what is noted in a lock file; `None` if nothing legible is.
    pub(crate) fn read(mut lock: &File) -> Option<Self> {
        let mut bytes = Vec::with_capacity(SIZE);
        lock.seek(SeekFrom::Start(0)).ok()?;
        lock.take(SIZE as u64).read_to_end(&mut bytes).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?.strip_prefix(BEGUN)?;
        // Twice, so that a half-written one is not taken for another.
        let (one, two) = text.lines().next()?.split_once(" = ")?;
        (one == two.trim_end()).then(|| Self::parse(one))?
    }

    pub(crate) fn write(&self, lock: &File) -> io::Result<()> {
        let text = self.text();
        overwrite(lock, &format!("{BEGUN}{text} = {text}"))
    }

    /// Removes the mark of an earlier state before a new one is begun, so that a crash in between
    /// leaves none.
    pub(crate) fn remove(lock: &File) -> io::Result<()> {
        if Self::read(lock).is_none() {
            return Ok(());
        }
        overwrite(lock, BEGUN)?;
        lock.sync_data()
    }
}

/// Notes that a state was begun.
pub(crate) fn note_begun(mut lock: &File) -> io::Result<()> {
    lock.seek(SeekFrom::Start(0))?;
    lock.write_all(BEGUN.as_bytes())?;
    lock.sync_all()
}

fn overwrite(mut lock: &File, text: &str) -> io::Result<()> {
    lock.seek(SeekFrom::Start(0))?;
    lock.write_all(format!("{text:<width$}\n", width = SIZE - 1).as_bytes())
}

#[cfg(test)]
mod tests;
