//! I/O. The state file: positions, incidents and pending cards, changed in one transaction.
//!
//! One `SQLite` file, `state.db`, in a local folder, written by one agent at a time and open to any
//! number of [`Reader`]s. A committed transaction survives a power loss (`synchronous=FULL`); an
//! uncommitted one leaves nothing behind.

mod bounds;
mod check;
mod column;
#[cfg(windows)]
mod drive;
mod error;
mod file;
mod health;
mod place;
mod reader;
mod rights;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod vitals;
mod write;

use std::fs::File;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use crate::clock::Timestamp;
use crate::commit::{Commit, Delivery};
use crate::metrics::Counts;
use crate::outbox::{Change, Pending};
use crate::state::bounds::HistorySize;
use crate::state::place::StateFolder;
use crate::tail::Checkpoint;

pub use crate::state::error::Error;
pub use crate::state::file::{can_be_locked, check_is_local};
pub use crate::state::health::{FILE_NAME as HEALTH_NAME, Health, HealthFile, Stall, Stalled};
pub use crate::state::reader::{DeliveryRow, Reader};
pub use crate::state::rights::{create_private_folder, private_file, tighten};
pub use crate::state::vitals::{Condition, Vitals, WATCHING};

/// Name of the state file in the state folder.
pub const FILE_NAME: &str = "state.db";

/// Maximum number of prune steps at once, so that pruning delays nothing noticeably.
const STEPS_AT_ONCE: u32 = 50;

/// The state file, open for writing. Only one `Store` per folder can be open.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Identities of the open files, to detect that their paths lead elsewhere.
    place: StateFolder,
    history: HistorySize,
    /// Held as long as the store exists; the system releases it even after a crash.
    lock: File,
}

/// The result of [`Store::open`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// There was no state before: nothing was ever read or sent from this folder.
    pub new: bool,
    /// There was a state before, and it is damaged or gone.
    pub lost: bool,
    /// The damaged state was renamed to this path, and a new one created.
    pub damaged: Option<PathBuf>,
}

/// Everything that an agent needs to continue where the last one stopped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    pub checkpoints: Vec<Checkpoint>,
    /// Folders that were followed before.
    pub folders: Vec<PathBuf>,
    /// The highest file number ever assigned.
    pub last_file: i64,
    /// Whether an earlier state was damaged or lost.
    pub after_loss: bool,
    /// Key and JSON of each row of the incident book.
    pub book: Vec<(String, String)>,
    /// In the order in which they were queued. Deliveries that were in flight are pending again, as
    /// possible repeats.
    pub pending: Vec<Pending>,
    /// Channel and time of the latest sends, to prime the pace.
    pub recent_sends: Vec<(String, Timestamp)>,
}

impl Loaded {
    /// Whether no position was ever committed here.
    pub fn is_blank(&self) -> bool {
        self.folders.is_empty() && self.checkpoints.is_empty()
    }
}

/// The bytes of one delivery, and when it was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    pub payload: String,
    pub plain: String,
    pub created: Timestamp,
}

impl Store {
    /// Opens the state in `dir`, creates folder and file if needed, and locks out other agents.
    /// `now` is part of the name of a damaged file that is set aside.
    pub fn open(dir: &Path, now: Timestamp) -> Result<(Self, Opened), Error> {
        file::check_folder(dir)?;
        let lock = file::lock(dir)?;
        let path = dir.join(FILE_NAME);
        let begun = lock.metadata().is_ok_and(|lock| lock.len() > 0);
        let (connection, opened) = file::open(&path, begun, now)?;
        if !begun {
            file::note_begun(&lock, dir)?;
        }
        rights::tighten_folder(dir);
        let mut store = Self::on(connection, path, lock, now)?;
        store.write("reset deliveries in flight", |transaction| {
            write::reset_in_flight(transaction)
        })?;
        Ok((store, opened))
    }

    fn on(
        connection: Connection,
        path: PathBuf,
        lock: File,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let history = HistorySize::of(&connection).map_err(|source| Error::read(&path, source))?;
        let mut store = Self { connection, place: StateFolder::default(), path, history, lock };
        // A full disk may have room later, so the start continues.
        if let Err(error) = store.prune(now) {
            tracing::warn!("cannot prune old history now: {error}");
        }
        if let Err(error) = bounds::shrink(&store.connection, &store.path) {
            tracing::warn!("{} cannot be shrunk now: {error}", store.path.display());
        }
        store.place = StateFolder::of(&store.path);
        Ok(store)
    }

    /// Opens and loads the state. A state that opens but cannot be read is also damaged.
    pub fn open_and_load(dir: &Path, now: Timestamp) -> Result<(Self, Opened, Loaded), Error> {
        let (store, opened) = Self::open(dir, now)?;
        match store.load() {
            Err(error) if !error.is_passing() => {
                tracing::error!("{error}: the state is damaged");
                store.begin_anew(now)
            }
            loaded => loaded.map(|loaded| (store, opened, loaded)),
        }
    }

    /// Sets aside a state that opens but cannot be written, and creates a new one.
    pub fn open_anew(dir: &Path, now: Timestamp) -> Result<(Self, Opened, Loaded), Error> {
        Self::open(dir, now)?.0.begin_anew(now)
    }

    fn begin_anew(self, now: Timestamp) -> Result<(Self, Opened, Loaded), Error> {
        let Self { connection, path, lock, .. } = self;
        drop(connection);
        let (connection, opened) = file::begin_anew(&path, now)?;
        let store = Self::on(connection, path, lock, now)?;
        let loaded = store.load()?;
        Ok((store, opened, loaded))
    }

    /// Reads everything that an agent needs to continue.
    pub fn load(&self) -> Result<Loaded, Error> {
        let note = |key| rows::note(&self.connection, key);
        let read = || -> rusqlite::Result<Loaded> {
            Ok(Loaded {
                checkpoints: rows::checkpoints(&self.connection)?,
                folders: rows::folders(&self.connection)?,
                last_file: note(rows::LAST_FILE)?
                    .and_then(|n| n.parse().ok())
                    .unwrap_or(0)
                    .max(rows::largest_file(&self.connection)?),
                after_loss: note(file::LOST)?.is_some(),
                book: rows::book(&self.connection)?,
                pending: rows::pending(&self.connection)?,
                recent_sends: rows::recent_sends(&self.connection)?,
            })
        };
        read().map_err(|source| Error::read(&self.path, source))
    }

    /// Writes one step, all or nothing. A delivery with a known id is left unchanged.
    pub fn commit(&mut self, now: Timestamp, commit: &Commit) -> Result<(), Error> {
        let mut history = self.history;
        self.write("commit what was read", |transaction| {
            write::deliveries(transaction, &commit.deliveries)?;
            write::book(transaction, &commit.book)?;
            write::history(transaction, &mut history, &commit.history)?;
            write::counts(transaction, &commit.counts)?;
            write::forgotten(transaction, &commit.forgotten)?;
            write::folders(transaction, now, &commit.folders)?;
            write::checkpoints(transaction, now, &commit.checkpoints)
        })?;
        self.history = history;
        self.tidy_journal();
        Ok(())
    }

    /// Marks a delivery as in flight and returns its bytes. `None` if it is no longer pending and
    /// must not be sent again.
    pub fn depart(&mut self, now: Timestamp, id: &str) -> Result<Option<Payload>, Error> {
        self.write("mark a delivery as in flight", |transaction| {
            if !write::departed(transaction, now, id)? {
                return Ok(None);
            }
            rows::payload(transaction, id).optional()
        })
    }

    /// Stores the outcome of a delivery and its counters. The members of a digest share its
    /// outcome.
    pub fn settle(
        &mut self,
        now: Timestamp,
        id: &str,
        change: &Change,
        counts: &Counts,
    ) -> Result<(), Error> {
        self.write("settle a delivery", |transaction| {
            let n_folded = write::settled(transaction, now, id, change)?;
            if n_folded > 0 {
                let mut folded = Counts::default();
                folded.add("delivery.folded", n_folded as u64);
                write::counts(transaction, &folded)?;
            }
            write::counts(transaction, counts)
        })?;
        self.tidy(now);
        Ok(())
    }

    /// The summaries of deliveries, in the order of `ids`; empty for an unknown one.
    pub fn summaries(&self, ids: &[&str]) -> Result<Vec<String>, Error> {
        let read = |id: &&str| rows::summary(&self.connection, id).optional();
        let found: rusqlite::Result<Vec<_>> = ids.iter().map(read).collect();
        let found = found.map_err(|source| Error::read(&self.path, source))?;
        Ok(found.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Marks a digest and its members as in flight, all or nothing.
    pub fn depart_together(
        &mut self,
        now: Timestamp,
        digest: &Delivery,
        members: &[String],
    ) -> Result<(), Error> {
        self.write("mark a digest as in flight", |transaction| {
            write::deliveries(transaction, std::slice::from_ref(digest))?;
            write::departed(transaction, now, &digest.id)?;
            write::departed_with(transaction, &digest.id, members)
        })?;
        self.tidy(now);
        Ok(())
    }

    /// Makes a dead delivery pending again, as if it had never been tried. `None` if there is no
    /// such dead delivery.
    pub fn revive(&mut self, id: &str) -> Result<Option<Pending>, Error> {
        self.write("make a dead delivery pending again", |transaction| {
            if write::revived(transaction, id)? {
                rows::pending_one(transaction, id).optional()
            } else {
                Ok(None)
            }
        })
    }

    /// Stores a fact about the running agent for readers: `started`, `version`, `heartbeat`.
    pub fn note(&mut self, key: &str, value: &str) -> Result<(), Error> {
        self.write("write a note", |transaction| write::note(transaction, key, value))
    }

    /// Deletes history and sent cards older than 30 days, or beyond a fixed number of rows or
    /// bytes, in short transactions. Pending deliveries stay. The number of steps per call is
    /// limited, so a large backlog takes several calls.
    pub fn prune(&mut self, now: Timestamp) -> Result<(), Error> {
        for _ in 0..STEPS_AT_ONCE {
            if self.forget_step(now)? == 0 {
                break;
            }
        }
        self.tidy(now);
        Ok(())
    }

    /// Deletes up to one step of rows in one transaction; returns their number.
    fn forget_step(&mut self, now: Timestamp) -> Result<u64, Error> {
        let mut history = self.history;
        let forgot = self.write("forget old history", |transaction| {
            bounds::forget(transaction, &mut history, now)
        })?;
        self.history = history;
        Ok(forgot)
    }

    /// Runs one step of keeping the file small; more while the file is too large. If that fails
    /// now, a later write tries again.
    fn tidy(&mut self, now: Timestamp) {
        loop {
            let forgot = self.forget_step(now).unwrap_or_default();
            let gave = bounds::give_back(&self.connection).unwrap_or_default();
            self.tidy_journal();
            let enough = !bounds::is_too_large(&self.connection).unwrap_or_default();
            if enough || !(forgot > 0 || gave) {
                break;
            }
        }
    }

    fn tidy_journal(&self) {
        if let Err(error) = bounds::cut_journal(&self.connection, &file::journal(&self.path)) {
            tracing::debug!("cannot truncate the journal now: {error}");
        }
    }

    fn write<T>(
        &mut self,
        what: &'static str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        let path = &self.path;
        let attempt = || {
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = change(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        attempt().map_err(|source| Error::write(path, what, source))
    }
}
