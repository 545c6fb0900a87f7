//! I/O. The state file: positions, incidents and pending cards, changed in one transaction.
//!
//! One `SQLite` file, `state.db`, in a local folder, written by one agent at a time and open to any
//! number of [`Reader`]s. A committed transaction survives a power loss (`synchronous=FULL`); an
//! uncommitted one leaves nothing behind.

mod bounds;
mod check;
mod column;
mod command_file;
mod commit_mark;
#[cfg(windows)]
mod drive;
mod error;
mod file;
mod health;
mod keys;
mod not_advancing;
mod paged;
mod place;
mod reader;
mod rights;
mod rows;
mod schema;
#[cfg(test)]
mod tests;
mod vitals;
mod write;
mod write_ahead;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::command::{Answered, Applied, Command, CommandResult, Refusal};
use crate::commit::{About, Commit, Delivery, StoredRows};
use crate::ids::{DeliveryId, Fingerprint};
use crate::metrics::{Counter, Counts};
use crate::outbox::{
    Change, DeliveryResult, FallbackNotice, Pending, Redundant, Thread, ThreadChange,
    ThreadOperation, ThreadWrite,
};
use crate::state::bounds::HistorySize;
use crate::state::commit_mark::CommitMark;
use crate::state::place::StateFolder;
use crate::tail::Checkpoint;

pub use crate::state::command_file::{CommandFile, CommandInbox, FILE_NAME as COMMANDS_NAME};
pub use crate::state::error::{Error, LockFault};
pub use crate::state::file::{StateLock, can_be_locked, check_is_local};
pub use crate::state::health::{FILE_NAME as HEALTH_NAME, Health, HealthFile, Stall, Stalled};
pub use crate::state::keys::{LINK_KEYS_NAME, LinkKeys, PAGE_KEY_NAME, PageKey};
pub use crate::state::not_advancing::{NOT_ADVANCING, NotAdvancing};
pub use crate::state::paged::{HistoryPage, HistoryQuery};
pub use crate::state::reader::{DeliveryStatus, Reader};
pub(crate) use crate::state::rights::give_to_owner_of;
pub use crate::state::rights::{create_private_folder, private_file, tighten};
pub use crate::state::vitals::{
    AgentCondition, HEARTBEAT, STARTED, STOPPED, Vitals, VitalsHint, VitalsReason, WATCHING,
};

/// Name of the state file in the state folder.
pub const FILE_NAME: &str = "state.db";

/// Maximum number of prune steps at once, so that pruning delays nothing noticeably.
const STEPS_AT_ONCE: u32 = 50;

fn counter_of(result: DeliveryResult, channel: &str) -> Counter {
    Counter::OfChannel { result: result.name().into(), channel: channel.to_owned() }
}

/// The state file, open for writing. Only one `Store` per folder can be open.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// Identities of the open files, to detect that their paths lead elsewhere.
    place: StateFolder,
    history: HistorySize,
    /// How long history is kept.
    keep: SignedDuration,
    /// Held as long as the store exists.
    lock: StateLock,
    /// The last durable commit.
    mark: CommitMark,
}

/// The result of [`Store::open`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// There was no state before: nothing was ever read or sent from this folder.
    pub new: bool,
    /// There was a state before, and it is damaged or gone.
    pub lost: bool,
    /// The damaged state was renamed to this path, and a new one created.
    pub damaged: Option<PathBuf>,
    /// It lacks commits that were durable: its write-ahead log was lost or damaged, or an older copy
    /// was put in its place.
    pub went_back: bool,
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
    /// What was written until then may have been reported, and the state does not show it.
    pub doubted_until: Option<Timestamp>,
    /// The state went back, which was not reported yet.
    pub must_report_back: bool,
    /// The rows of the ledger.
    pub rows: StoredRows,
    /// In the order in which they were queued. Deliveries that were in flight are pending again, as
    /// possible repeats.
    pub pending: Vec<Pending>,
    /// Channel and time of the latest sends, to prime the pace.
    pub recent_sends: Vec<(String, Timestamp)>,
    /// For channels with threads: the threads, and the latest messages in them.
    pub threads: Vec<Thread>,
    pub operations: Vec<ThreadOperation>,
    /// Channel and time of the last card that it accepted, as far as recent deliveries show.
    pub last_accepted: Vec<(String, Timestamp)>,
    /// Channel and since when its fallback has sent its cards, if it has accepted none since.
    pub unavailable: Vec<(String, Timestamp)>,
    /// Incidents whose cards fallbacks have posted.
    pub fallback_notices: Vec<FallbackNotice>,
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
    /// Its incident, if it is of one.
    pub fingerprint: Option<Fingerprint>,
    pub payload: String,
    pub plain: String,
    pub created: Timestamp,
}

/// Whether a command was consumed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consumed {
    No,
    /// With its result, if that can be read.
    Before(Option<CommandResult>),
}

impl Store {
    /// Opens the state in `dir`, creates folder and file if needed, and locks out other agents.
    /// `now` is part of the name of a damaged file that is set aside.
    pub fn open(dir: &Path, now: Timestamp) -> Result<(Self, Opened), Error> {
        Self::open_locked(dir, StateLock::take(dir)?, now)
    }

    /// The same with the lock of the folder, which is already taken.
    fn open_locked(dir: &Path, lock: StateLock, now: Timestamp) -> Result<(Self, Opened), Error> {
        file::check_is_writable(dir)?;
        let path = dir.join(FILE_NAME);
        let begun = lock.has_begun();
        let (connection, mut opened) = file::open(&path, &lock, now)?;
        if !begun {
            lock.note_begun(dir)?;
        }
        rights::tighten_folder(dir);
        let mut store = Self::on(connection, path, lock, &mut opened, now)?;
        store.write("reset deliveries in flight", |transaction| {
            write::reset_in_flight(transaction)
        })?;
        Ok((store, opened))
    }

    fn on(
        connection: Connection,
        path: PathBuf,
        lock: StateLock,
        opened: &mut Opened,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let history = HistorySize::of(&connection).map_err(|source| Error::read(&path, source))?;
        let found = rows::mark(&connection).map_err(|source| Error::read(&path, source))?;
        let is_marked = found.is_some();
        let judged = CommitMark::judge(found, lock.mark().filter(|_| !opened.new).as_ref(), now);
        opened.went_back |= judged.went_back;
        let mut store = Self {
            connection,
            place: StateFolder::default(),
            path,
            history,
            keep: bounds::KEPT_FOR,
            lock,
            mark: judged.mark,
        };
        if opened.went_back {
            store.doubt(now)?;
        } else if is_marked {
            store.lock.note_mark(&store.mark);
        }
        // How long history is kept is not known yet.
        store.keep = SignedDuration::MAX;
        // A full disk may have room later, so the start continues.
        if let Err(error) = store.prune(now) {
            tracing::warn!("cannot prune old history now: {error}");
        }
        if let Err(error) = bounds::shrink(&store.connection, &store.path) {
            tracing::warn!("{} cannot be shrunk now: {error}", store.path.display());
        }
        store.place = StateFolder::of(&store.path);
        store.keep = bounds::KEPT_FOR;
        Ok(store)
    }

    /// Opens and loads the state. A state that opens but cannot be read is also damaged.
    pub fn open_and_load(
        dir: &Path,
        lock: StateLock,
        now: Timestamp,
    ) -> Result<(Self, Opened, Loaded), Error> {
        let (store, opened) = Self::open_locked(dir, lock, now)?;
        match store.load() {
            Err(error) if !error.is_passing() => {
                tracing::error!("{error}: the state is damaged");
                store.begin_anew(now)
            }
            loaded => loaded.map(|loaded| (store, opened, loaded)),
        }
    }

    /// Sets aside a state that opens but cannot be written, and creates a new one.
    pub fn open_anew(
        dir: &Path,
        lock: StateLock,
        now: Timestamp,
    ) -> Result<(Self, Opened, Loaded), Error> {
        Self::open_locked(dir, lock, now)?.0.begin_anew(now)
    }

    fn begin_anew(self, now: Timestamp) -> Result<(Self, Opened, Loaded), Error> {
        let Self { connection, path, lock, .. } = self;
        drop(connection);
        let (connection, mut opened) = file::begin_anew(&path, &lock, now)?;
        let store = Self::on(connection, path, lock, &mut opened, now)?;
        let loaded = store.load()?;
        Ok((store, opened, loaded))
    }

    /// Notes in the first commit of a state that it lacks commits: what it sends again from then on is
    /// marked.
    fn doubt(&mut self, now: Timestamp) -> Result<(), Error> {
        tracing::error!(
            "{} went back: it lacks what was written last; its write-ahead log was lost or \
             damaged, or an older copy was put in its place",
            self.path.display()
        );
        self.write("note what the state lacks", |transaction| {
            write::note(transaction, commit_mark::DOUBTED, &now.to_string())?;
            write::note(transaction, commit_mark::UNREPORTED, &now.to_string())?;
            write::doubt_pending(transaction)
        })
    }

    /// Notes that it was reported that the state went back.
    pub fn confirm_went_back(&mut self) -> Result<(), Error> {
        self.write("delete a note", |transaction| {
            write::delete_note(transaction, commit_mark::UNREPORTED)
        })
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
                doubted_until: note(commit_mark::DOUBTED)?.and_then(|at| at.parse().ok()),
                must_report_back: note(commit_mark::UNREPORTED)?.is_some(),
                rows: rows::ledger(&self.connection)?,
                pending: rows::pending(&self.connection)?,
                recent_sends: rows::recent_sends(&self.connection)?,
                threads: rows::threads(&self.connection)?,
                operations: rows::operations(&self.connection)?,
                last_accepted: rows::last_accepted(&self.connection)?,
                unavailable: rows::unavailable(&self.connection)?,
                fallback_notices: rows::fallback_notices(&self.connection)?,
            })
        };
        read().map_err(|source| Error::read(&self.path, source))
    }

    /// Writes one step, all or nothing. A delivery with a known id is left unchanged.
    pub fn commit(&mut self, now: Timestamp, commit: &Commit) -> Result<(), Error> {
        let mut history = self.history;
        self.write("commit what was read", |transaction| {
            write::step(transaction, &mut history, now, commit)
        })?;
        self.history = history;
        self.tidy_journal();
        Ok(())
    }

    /// Marks a delivery as in flight and returns its bytes. `None` if it is no longer pending and
    /// must not be sent again.
    pub fn begin_sending(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
    ) -> Result<Option<Payload>, Error> {
        self.begin_sending_via(now, id, None)
    }

    /// The same for a delivery that the fallback `via` sends in place of its own channel.
    pub fn begin_sending_via(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
        via: Option<&str>,
    ) -> Result<Option<Payload>, Error> {
        self.write("mark a delivery as in flight", |transaction| {
            if !write::departed(transaction, now, id, via)? {
                return Ok(None);
            }
            rows::payload(transaction, id).optional()
        })
    }

    /// The same for a delivery that writes a message of a thread; returns the card that is written,
    /// which may be that of another delivery of its incident. `threads` are those that are known from
    /// now on.
    pub fn begin_sending_in_thread(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
        written: &ThreadWrite,
        threads: &[ThreadChange],
    ) -> Result<Option<Payload>, Error> {
        self.write("mark a delivery as in flight", |transaction| {
            if !write::departed(transaction, now, id, None)? {
                return Ok(None);
            }
            write::operation(transaction, now, id, written.message)?;
            write::threads(transaction, now, threads)?;
            let payload = rows::payload(transaction, &written.card).optional()?;
            payload.map_or_else(|| rows::payload(transaction, id).optional(), |it| Ok(Some(it)))
        })
    }

    /// Stores the outcome of a delivery, its counters, and the threads that changed with it. The
    /// members of a digest share its outcome.
    pub fn settle(
        &mut self,
        now: Timestamp,
        id: &DeliveryId,
        change: &Change,
        counts: &Counts,
        threads: &[ThreadChange],
    ) -> Result<(), Error> {
        self.write("settle a delivery", |transaction| {
            write::threads(transaction, now, threads)?;
            let n_folded = write::settled(transaction, now, id, change)? as u64;
            let mut results = Counts::default();
            if n_folded > 0 {
                results.add(DeliveryResult::Folded.counter(), n_folded);
            }
            if let Some(channel) = rows::channel(transaction, id).optional()? {
                results.add(counter_of(change.result(), &channel), change.n_results() as u64);
                if n_folded > 0 {
                    results.add(counter_of(DeliveryResult::Folded, &channel), n_folded);
                }
            }
            write::counts(transaction, &results)?;
            write::counts(transaction, counts)
        })?;
        self.tidy(now);
        Ok(())
    }

    /// Stores that deliveries are not sent, because people already have their content.
    pub fn settle_redundant(
        &mut self,
        now: Timestamp,
        deliveries: &[Redundant],
    ) -> Result<(), Error> {
        self.write("settle deliveries", |transaction| {
            write::redundant(transaction, now, deliveries)
        })
    }

    /// All counters since the state was created.
    pub fn counters(&self) -> Result<Counts, Error> {
        rows::counters(&self.connection).map_err(|source| Error::read(&self.path, source))
    }

    /// The summaries of deliveries and their texts in a digest, in the order of `ids`; empty for an
    /// unknown one.
    pub fn described(&self, ids: &[&DeliveryId]) -> Result<Vec<(String, About)>, Error> {
        let read = |id: &&DeliveryId| rows::described(&self.connection, id).optional();
        let found: rusqlite::Result<Vec<_>> = ids.iter().map(read).collect();
        let found = found.map_err(|source| Error::read(&self.path, source))?;
        Ok(found.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// The cards of these deliveries that mention people.
    pub fn mentioning_cards(&self, ids: &[&str]) -> Result<Vec<String>, Error> {
        let read = |id: &&str| rows::mentioning_card(&self.connection, id).optional();
        let found: rusqlite::Result<Vec<_>> = ids.iter().map(read).collect();
        let found = found.map_err(|source| Error::read(&self.path, source))?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Marks a digest and its members as in flight, all or nothing.
    pub fn begin_sending_together(
        &mut self,
        now: Timestamp,
        digest: &Delivery,
        members: &[DeliveryId],
    ) -> Result<(), Error> {
        self.write("mark a digest as in flight", |transaction| {
            write::deliveries(transaction, std::slice::from_ref(digest))?;
            write::departed(transaction, now, &digest.id, None)?;
            write::departed_with(transaction, &digest.id, members)
        })?;
        self.tidy(now);
        Ok(())
    }

    /// The fingerprints of incidents, open and over, that begin with this prefix; at most a few.
    pub fn incidents_like(&self, prefix: &str) -> Result<Vec<Fingerprint>, Error> {
        let found = rows::incidents_like(&self.connection, prefix);
        found.map_err(|source| Error::read(&self.path, source))
    }

    /// Whether a command was consumed before, and its result.
    pub fn result_of(&self, id: &str) -> Result<Consumed, Error> {
        let found = rows::result_of(&self.connection, id);
        found.map_err(|source| Error::read(&self.path, source))
    }

    /// The current delivery of a command, or why the command cannot be applied to it.
    pub fn commanded_delivery(&self, command: &Command) -> Result<Result<Pending, Refusal>, Error> {
        let read = || match write::commanded(&self.connection, command)? {
            Ok(id) => Ok(rows::pending_one(&self.connection, &id)
                .optional()?
                .ok_or(Refusal::UnknownDelivery)),
            Err(refusal) => Ok(Err(refusal)),
        };
        read().map_err(|source| Error::read(&self.path, source))
    }

    /// Applies a command to a delivery and records it with its effects (`follows`), all or nothing.
    /// Returns the new state of a delivery that is pending again, or why it cannot be done. For a
    /// refused command, the effects are not written.
    pub fn command_delivery(
        &mut self,
        now: Timestamp,
        command: &Command,
        follows: &Commit,
    ) -> Result<Result<Option<Pending>, Refusal>, Error> {
        let mut history = self.history;
        let applied = self.write("apply a command to a delivery", |transaction| {
            let result = write::command_delivery(transaction, &mut history, now, command)?;
            let pending = match &result {
                Ok(id) => rows::pending_one(transaction, id).optional()?,
                Err(_) => None,
            };
            let answered = Answered {
                command: command.clone(),
                result: match &result {
                    Ok(id) => CommandResult::Applied(Applied::Delivery(id.clone())),
                    Err(refusal) => CommandResult::Refused(refusal.clone()),
                },
                applied_at: now,
            };
            write::commands(transaction, &[answered])?;
            if result.is_ok() {
                write::step(transaction, &mut history, now, follows)?;
            }
            Ok(result.map(|_| pending))
        })?;
        self.history = history;
        Ok(applied)
    }

    /// Stores a time that concerns the running agent for readers, such as [`HEARTBEAT`].
    pub fn note_time(&mut self, key: &str, at: Timestamp) -> Result<(), Error> {
        self.note(key, &at.to_string())
    }

    /// Stores a fact about the running agent for readers, such as its version.
    pub fn note(&mut self, key: &str, value: &str) -> Result<(), Error> {
        self.write("write a note", |transaction| write::note(transaction, key, value))
    }

    /// Writes several notes in one transaction.
    pub fn notes(&mut self, notes: &[(&str, &str)]) -> Result<(), Error> {
        self.write("write notes", |transaction| {
            notes.iter().try_for_each(|(key, value)| write::note(transaction, key, value))
        })
    }

    /// Keeps history and incidents that ended for this long.
    pub fn set_keep(&mut self, keep: SignedDuration) {
        self.keep = keep;
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
        let (mut history, keep) = (self.history, self.keep);
        let forgot = self.write("forget old history", |transaction| {
            bounds::forget(transaction, &mut history, now, keep)
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
        let (path, next) = (&self.path, self.mark.next());
        let attempt = || {
            let before = self.connection.total_changes();
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = change(&transaction)?;
            // Without a change, nothing is written to the disk.
            let has_changed = transaction.total_changes() > before;
            if has_changed {
                write::note(&transaction, commit_mark::NOTE, &next.text())?;
            }
            transaction.commit()?;
            Ok((result, has_changed))
        };
        let (result, has_changed) = attempt().map_err(|source| Error::write(path, what, source))?;
        if has_changed {
            self.lock.note_mark(&next);
            self.mark = next;
        }
        Ok(result)
    }
}
