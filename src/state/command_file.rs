//! I/O. The file through which other processes submit commands to the agent.
//!
//! It is separate from the state, because a process that is stopped inside its transaction holds
//! the write lock, and the agent must never wait for it. The agent reads this file and records what
//! it consumed in the state, in the transaction of the effect.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, params};

use crate::command::{Command, MOST_BYTES};
use crate::ids::CommandId;
use crate::state::column::Micros;
use crate::state::{Error, Reader, file, place, rights, schema};

/// Name of the file in the state folder.
pub const FILE_NAME: &str = "commands.db";
/// Its format.
const VERSION: i64 = 1;
/// How long a command waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Maximum number of waiting commands.
const MOST_WAITING: u32 = 2_000;

/// The file, open for submitting commands.
#[derive(Debug)]
pub struct CommandFile {
    connection: Connection,
    path: PathBuf,
}

impl CommandFile {
    /// Opens the file beside the state in `dir`, and creates it if needed. A state of another
    /// format than this program's is refused, because its agent might not understand the command.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let state = dir.join(super::FILE_NAME);
        if !file::is_there(&state)? {
            let was_there = file::was_begun(dir);
            let path = state;
            return Err(if was_there { Error::Gone { path } } else { Error::Missing { path } });
        }
        let found = version_of(&state)?;
        if found > schema::KNOWN {
            return Err(Error::Newer { path: state, found, known: schema::KNOWN });
        }
        if found < schema::KNOWN {
            return Err(Error::Older { path: state, found, known: schema::KNOWN });
        }
        let path = dir.join(FILE_NAME);
        let failed = |cause| Error::Commands { path: path.clone(), cause };
        let connection = prepare(&path, &state)?;
        let found = schema::version(&connection).map_err(failed)?;
        if found > VERSION {
            return Err(Error::Newer { path, found, known: VERSION });
        }
        if found == 0 && schema::is_foreign(&connection).map_err(failed)? {
            return Err(Error::Foreign { path });
        }
        connection.busy_timeout(BUSY).map_err(failed)?;
        connection
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; \
                 CREATE TABLE IF NOT EXISTS command ( \
                 seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, \
                 at INTEGER NOT NULL, json TEXT NOT NULL) STRICT; \
                 PRAGMA user_version = {VERSION}; COMMIT"
            ))
            .map_err(failed)?;
        Ok(Self { connection, path })
    }

    /// Submits a command.
    pub fn submit(&self, command: &Command) -> Result<(), Error> {
        let json = json(command);
        let sql = "INSERT INTO command (id, at, json) SELECT ?1, ?2, ?3 \
                   WHERE (SELECT count(*) FROM command) < ?4";
        let params = params![command.id.as_str(), Micros(command.at), json, MOST_WAITING];
        let added = self.connection.execute(sql, params);
        let failed = |cause| Error::Commands { path: self.path.clone(), cause };
        match added.map_err(failed)? {
            0 => Err(Error::TooManyCommands { path: self.path.clone() }),
            _ => Ok(()),
        }
    }
}

/// The agent's end of the file. Nothing here waits for another process.
#[derive(Debug)]
pub struct CommandInbox {
    dir: PathBuf,
    path: PathBuf,
    connection: Option<(Connection, Presence)>,
    /// The last row that was returned.
    last: i64,
    /// Rows that were returned and are not known to be consumed; a row that is not a command has no
    /// id.
    handed: VecDeque<(i64, Option<CommandId>)>,
    /// The last row that was consumed, and the last one that was deleted.
    consumed: i64,
    deleted: i64,
}

impl CommandInbox {
    pub fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            path: dir.join(FILE_NAME),
            connection: None,
            last: 0,
            handed: VecDeque::new(),
            consumed: 0,
            deleted: 0,
        }
    }

    /// Commands that were submitted since the last call. Rows that are not commands are skipped.
    pub fn take(&mut self) -> Result<Vec<Command>, Error> {
        let rows = self.next_rows().map_err(|source| Error::read(&self.path, source))?;
        let mut commands = Vec::new();
        for (seq, json) in rows {
            self.last = seq;
            let command = serde_json::from_slice(&json).ok().map(Command::of_any_version);
            self.handed.push_back((seq, command.as_ref().map(|command| command.id.clone())));
            commands.extend(command);
        }
        Ok(commands)
    }

    /// The rows after the last one, as far as they are short enough.
    fn next_rows(&mut self) -> rusqlite::Result<Vec<(i64, Vec<u8>)>> {
        let Some(found) = presence(&self.path) else {
            self.begin(None);
            return Ok(Vec::new());
        };
        if self.connection.as_ref().is_none_or(|(_, known)| *known != found) {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(&self.path, flags)?;
            connection.busy_timeout(Duration::ZERO)?;
            self.begin(Some((connection, found)));
        }
        let Some((connection, _)) = &self.connection else { return Ok(Vec::new()) };
        if schema::version(connection)? == 0 {
            return Ok(Vec::new());
        }
        let sql = "SELECT seq, iif(octet_length(json) <= ?2, json, '') FROM command \
                   WHERE seq > ?1 ORDER BY seq LIMIT 1000";
        let most = u32::try_from(MOST_BYTES).unwrap_or(u32::MAX);
        let mut select = connection.prepare_cached(sql)?;
        let rows = select.query_map(params![self.last, most], |row| {
            // Text that is not UTF-8 is no command.
            let json = row.get_ref(1)?.as_bytes().unwrap_or_default();
            Ok((row.get(0)?, json.to_vec()))
        })?;
        rows.collect()
    }

    /// Deletes commands that the state has recorded as consumed; if another process is writing, a
    /// later call does.
    pub fn forget(&mut self) -> Result<(), Error> {
        if !self.handed.is_empty() {
            let state = Reader::open(&self.dir)?;
            while let Some((seq, id)) = self.handed.front() {
                if let Some(id) = id
                    && state.command_result(id)?.is_none()
                {
                    break;
                }
                self.consumed = *seq;
                self.handed.pop_front();
            }
        }
        let Some((connection, _)) = &self.connection else { return Ok(()) };
        if self.consumed > self.deleted {
            connection
                .execute("DELETE FROM command WHERE seq <= ?1", [self.consumed])
                .map_err(|cause| Error::Commands { path: self.path.clone(), cause })?;
            self.deleted = self.consumed;
        }
        Ok(())
    }

    /// Replaces the file with another one, or with none.
    fn begin(&mut self, connection: Option<(Connection, Presence)>) {
        self.connection = connection;
        (self.last, self.consumed, self.deleted) = (0, 0, 0);
        self.handed.clear();
    }
}

/// Distinguishes a file from the one that replaced it; on a platform where an open file cannot be
/// replaced, only whether it exists.
type Presence = Option<place::Identity>;

fn json(command: &Command) -> String {
    serde_json::to_string(command).expect("commands hold only text and times")
}

fn presence(path: &Path) -> Option<Presence> {
    path.exists().then(|| place::identity(path))
}

/// Creates the file if needed. It belongs to the account of the state, whoever submits the command.
fn prepare(path: &Path, state: &Path) -> Result<Connection, Error> {
    file::ensure_regular(path)?;
    let made = rights::private_file().create(true).truncate(false).write(true).open(path);
    made.map_err(|cause| Error::Folder { path: path.to_owned(), cause })?;
    rights::give_to_owner_of(state, path);
    let failed = |cause| Error::Commands { path: path.to_owned(), cause };
    let connection = Connection::open(path).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    Ok(connection)
}

/// The format of the state.
fn version_of(path: &Path) -> Result<i64, Error> {
    let failed = |cause| Error::open(path, cause);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    schema::version(&connection).map_err(failed)
}
