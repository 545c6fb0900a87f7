//! I/O. Detects that the state was deleted or replaced under a running agent, and restores it.
//!
//! On Unix, a deleted file stays usable while it is open, but everything written to it is gone when
//! the process ends. Windows does not let an open file be deleted.

use std::fs::{self, File};
use std::path::Path;

use rusqlite::Connection;

use crate::state::{Error, FILE_NAME, Store, bounds, file, rights};

/// Device and inode, which distinguish files with the same name.
pub(crate) type Identity = (u64, u64);

/// The state file, its write-ahead log and its lock, as they were opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StateFolder {
    state: Option<Identity>,
    journal: Option<Identity>,
    lock: Option<Identity>,
}

impl StateFolder {
    pub(crate) fn of(path: &Path) -> Self {
        Self {
            state: identity(path),
            journal: identity(&file::journal(path)),
            lock: identity(&path.with_file_name(file::LOCK_NAME)),
        }
    }
}

impl Store {
    /// Whether the paths still lead to the open files. A file deleted while it was being opened was
    /// never in place.
    pub fn is_in_place(&self) -> bool {
        !cfg!(unix) || (self.place.state.is_some() && StateFolder::of(&self.path) == self.place)
    }

    /// Writes the open state back to its path and continues there. Fails if another file is at the
    /// path or another agent has taken the folder. If something else is in place of the lock file,
    /// the rest is restored, and the lock that is held stays: no other agent can take one there.
    pub fn put_back(&mut self) -> Result<(), Error> {
        let dir = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        file::check_folder(&dir)?;
        let now = StateFolder::of(&self.path);
        let refused = match self.take_lock_again(&dir, now) {
            Err(error @ Error::Lock { .. }) => error,
            taken => return taken.and_then(|()| self.put_back_state(&dir, now)),
        };
        let locked = self.place.lock;
        if (now.state, now.journal) != (self.place.state, self.place.journal) {
            self.put_back_state(&dir, now)?;
        }
        // Not in place before the lock is.
        self.place.lock = locked;
        Err(refused)
    }

    fn take_lock_again(&mut self, dir: &Path, now: StateFolder) -> Result<(), Error> {
        if now.lock.is_none() || now.lock != self.place.lock {
            let lock = file::lock(dir)?;
            lock.note_begun(dir)?;
            self.lock = lock;
        }
        Ok(())
    }

    fn put_back_state(&mut self, dir: &Path, now: StateFolder) -> Result<(), Error> {
        match now.state {
            None => self.write_copy(dir)?,
            Some(found) if Some(found) != self.place.state => {
                return Err(Error::Replaced { path: self.path.clone() });
            }
            Some(_) => {
                let taken = bounds::checkpoint(&self.connection);
                taken
                    .map_err(|source| Error::write(&self.path, "checkpoint the journal", source))?;
            }
        }
        // Close the old connection first, because closing it removes the journal at its path.
        let nowhere = Connection::open_in_memory();
        let nowhere = nowhere.map_err(|source| Error::write(&self.path, "reopen", source))?;
        drop(std::mem::replace(&mut self.connection, nowhere));
        let (connection, _) = file::prepare(&self.path)?;
        self.connection = connection;
        self.place = StateFolder::of(&self.path);
        Ok(())
    }

    /// Writes the copy under a temporary name and renames it when it is complete.
    fn write_copy(&self, dir: &Path) -> Result<(), Error> {
        let failed = |cause| Error::Folder { path: dir.to_owned(), cause };
        let copy = dir.join("state.copy");
        remove(&copy).map_err(failed)?;
        // The journal at this path belonged to the deleted file.
        remove(&file::journal(&self.path)).map_err(failed)?;
        rights::private_file().create_new(true).write(true).open(&copy).map_err(failed)?;
        let written = self.connection.execute("VACUUM INTO ?1", [copy.to_string_lossy()]);
        written.map_err(|source| Error::write(&copy, "write a copy of the state", source))?;
        let kept = File::open(&copy).and_then(|copy| copy.sync_all());
        kept.and_then(|()| fs::rename(&copy, dir.join(FILE_NAME))).map_err(failed)
    }
}

fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
pub(crate) fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(_: &Path) -> Option<Identity> {
    None
}
