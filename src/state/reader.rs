//! I/O. Reads the state while an agent runs, without disturbing it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params};

use crate::clock::Timestamp;
use crate::command::CommandResult;
use crate::commit::TableName;
use crate::commit::{DeliveryState, HistoryEntry, StoredRows};
use crate::detection::Severity;
use crate::ids::{DeliveryId, Fingerprint};
use crate::incident::{Overview, State};
use crate::metrics::Counts;
use crate::mute::{HeldByWindow, Silence};
use crate::state::column::{Bits, Micros, named};
use crate::state::{Error, FILE_NAME, Payload, check, file, rights, rows, schema};
use crate::tail::Checkpoint;

/// A delivery without its card, which may be large.
pub(crate) const DELIVERY: &str = "SELECT id, fingerprint, channel, severity, summary, created, \
                                   state, attempts, next_at, settled, why, receipt, via FROM delivery";

/// Selects those of one incident, oldest first. The index has only rows with a fingerprint, and is
/// used only if the query excludes the others.
pub(crate) const OF_INCIDENT: &str = "fingerprint = ?1 AND fingerprint <> '' ORDER BY seq";

/// The state file, open for reading only.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
}

/// One delivery as `status` and `outbox` show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryStatus {
    pub id: DeliveryId,
    /// The incident, if it is known; a digest has none.
    pub fingerprint: Option<Fingerprint>,
    pub channel: String,
    pub severity: Severity,
    pub summary: String,
    pub created: Timestamp,
    pub state: DeliveryState,
    pub attempts: u32,
    /// Earliest time of the next attempt, if it waits.
    pub next_at: Option<Timestamp>,
    /// When it was sent or became dead.
    pub settled: Option<Timestamp>,
    /// Reason of the last failed attempt.
    pub why: Option<String>,
    /// The channel's answer to an accepted card (a run id).
    pub receipt: Option<String>,
    /// The fallback that sent it last; `None` if its own channel did. The update of a thread's root
    /// does not count.
    pub via: Option<String>,
}

impl Reader {
    /// Opens the state in `dir`, which an agent must have created.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE_NAME);
        if dir.is_file() {
            return Err(Error::NotAFolder { path: dir.to_owned() });
        }
        if !file::is_there(&path)? {
            let was_there = file::was_begun(dir);
            return Err(if was_there { Error::Gone { path } } else { Error::Missing { path } });
        }
        file::ensure_regular(&path)?;
        let opened = match connect(&path, false) {
            // A read-only disk has no room for the shared memory of readers; if no journal exists,
            // the file cannot change and is opened as immutable.
            Err(_) if rights::is_read_only(dir) && !file::journal(&path).exists() => {
                connect(&path, true)
            }
            opened => opened,
        };
        match opened {
            Ok((connection, 0)) => Err(nothing_in(&connection, dir, path)),
            Ok((connection, found)) if found <= schema::KNOWN => Ok(Self { connection, path }),
            Ok((_, found)) => Err(Error::Newer { path, found, known: schema::KNOWN }),
            Err(cause) => Err(Error::open(&path, cause)),
        }
    }

    /// Like [`Self::open`], but refuses a state in an older format, which lacks the overviews of
    /// incidents.
    pub fn open_current(dir: &Path) -> Result<Self, Error> {
        let reader = Self::open(dir)?;
        match reader.read(schema::version)? {
            schema::KNOWN => Ok(reader),
            found => Err(Error::Older { path: reader.path, found, known: schema::KNOWN }),
        }
    }

    /// Compares the tables with those of the agent. A file in an older format is not checked.
    pub fn check(&self) -> Result<(), Error> {
        self.read(|connection| match schema::version(connection)? {
            schema::KNOWN => check::schema(connection, false),
            _ => Ok(()),
        })
    }

    /// All counters since the state was created.
    pub fn counters(&self) -> Result<Counts, Error> {
        self.read(rows::counters)
    }

    /// Reads several values as of one moment.
    pub fn at_one_moment<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // Ends without a change when it is dropped.
        let moment = self.read(Connection::unchecked_transaction)?;
        let result = read(self);
        drop(moment);
        result
    }

    /// Number of incidents by state.
    pub fn n_incidents(&self) -> Result<BTreeMap<State, u64>, Error> {
        // Those that have ended are many, and all recovered: an index alone counts them.
        let sql = "SELECT state, count(*) AS n FROM incident WHERE ended IS NULL GROUP BY state \
                   UNION ALL SELECT 'recovered', count(*) FROM incident WHERE ended IS NOT NULL";
        let row = |row: &Row<'_>| {
            let state = named(&row.get::<_, String>("state")?, &State::ALL, State::name)?;
            Ok((state, row.get::<_, Bits>("n")?.0))
        };
        let rows = self.read(|connection| rows::all(connection, sql, [], row))?;
        let mut all = BTreeMap::new();
        for (state, n) in rows {
            *all.entry(state).or_default() += n;
        }
        Ok(all)
    }

    /// Number of dead deliveries for each channel that has any.
    pub fn n_dead(&self) -> Result<BTreeMap<String, u64>, Error> {
        let sql = "SELECT channel, count(*) AS n FROM delivery WHERE state = 'dead' \
                   GROUP BY channel";
        let row = |row: &Row<'_>| Ok((row.get("channel")?, row.get::<_, Bits>("n")?.0));
        self.read(|connection| Ok(rows::all(connection, sql, [], row)?.into_iter().collect()))
    }

    /// The agent's notes: `started`, `version`, `heartbeat`.
    pub fn notes(&self) -> Result<BTreeMap<String, String>, Error> {
        self.read(|connection| Ok(rows::notes(connection)?.into_iter().collect()))
    }

    /// One note that holds a time; none if it is not readable.
    pub fn note_time(&self, key: &str) -> Result<Option<Timestamp>, Error> {
        Ok(self.note(key)?.and_then(|at| at.parse().ok()))
    }

    /// One note.
    pub fn note(&self, key: &str) -> Result<Option<String>, Error> {
        self.read(|connection| rows::note(connection, key))
    }

    /// The followed files and how far each is committed.
    pub fn files(&self) -> Result<Vec<Checkpoint>, Error> {
        self.read(rows::checkpoints)
    }

    /// The rows of the ledger.
    pub fn rows(&self) -> Result<StoredRows, Error> {
        self.read(rows::ledger)
    }

    /// Incidents that are open, and those that ended, newest first, up to `limit` of them.
    pub fn incidents(&self, limit: u32) -> Result<Vec<Overview>, Error> {
        let sql = "SELECT json FROM (SELECT json, last, ended FROM incident WHERE ended IS NULL \
                   UNION ALL SELECT * FROM (SELECT json, last, ended FROM incident \
                   WHERE ended IS NOT NULL ORDER BY last DESC LIMIT ?1)) \
                   ORDER BY ended IS NOT NULL, last DESC";
        self.read(|connection| {
            let rows = rows::all(connection, sql, params![limit], |row| row.get(0))?;
            Ok(rows.iter().filter_map(|json: &String| serde_json::from_str(json).ok()).collect())
        })
    }

    /// One incident.
    pub fn incident(&self, incident: &Fingerprint) -> Result<Option<Overview>, Error> {
        let sql = "SELECT json FROM incident WHERE fingerprint = ?1";
        self.read(|connection| {
            let json =
                connection.query_row(sql, [incident.as_str()], |row| row.get::<_, String>(0));
            Ok(json.optional()?.and_then(|json| serde_json::from_str(&json).ok()))
        })
    }

    /// All fingerprints in order.
    pub fn fingerprints(&self) -> Result<Vec<Fingerprint>, Error> {
        let sql = "SELECT fingerprint FROM incident ORDER BY fingerprint";
        self.read(|connection| rows::all(connection, sql, [], rows::fingerprint))
    }

    /// The history of one incident, oldest first; its latest `limit` entries.
    pub fn story(&self, incident: &Fingerprint, limit: u32) -> Result<Vec<HistoryEntry>, Error> {
        self.read(|connection| rows::story(connection, incident, limit))
    }

    /// The deliveries of one incident that are still stored, oldest first.
    pub fn deliveries_of(&self, incident: &Fingerprint) -> Result<Vec<DeliveryStatus>, Error> {
        let sql = format!("{DELIVERY} WHERE {OF_INCIDENT}");
        self.read(|connection| rows::all(connection, &sql, [incident.as_str()], delivery))
    }

    /// One delivery.
    pub fn delivery(&self, id: &str) -> Result<Option<DeliveryStatus>, Error> {
        let sql = format!("{DELIVERY} WHERE id = ?1");
        self.read(|connection| connection.query_row(&sql, [id], delivery).optional())
    }

    /// Silences, in force and over, the newest first.
    pub fn silences(&self) -> Result<Vec<Silence>, Error> {
        let rows = self.read(|connection| rows::table(connection, TableName::Silences))?;
        Ok(Silence::stored(&rows))
    }

    /// The notices that maintenance windows have held back.
    pub fn held_by_windows(&self) -> Result<Vec<HeldByWindow>, Error> {
        let rows = self.read(|connection| rows::table(connection, TableName::HeldByWindow))?;
        Ok(HeldByWindow::stored(&rows))
    }

    /// The result of a command; `None` while the agent has not consumed it.
    pub fn command_result(&self, id: &str) -> Result<Option<CommandResult>, Error> {
        let sql = "SELECT result FROM command WHERE id = ?1";
        self.read(|connection| {
            let json = connection.query_row(sql, [id], |row| row.get::<_, String>(0));
            Ok(json.optional()?.and_then(|json| serde_json::from_str(&json).ok()))
        })
    }

    /// The latest entries of the history, newest first.
    pub fn history(&self, limit: u32) -> Result<Vec<HistoryEntry>, Error> {
        self.read(|connection| rows::history(connection, limit))
    }

    /// Deliveries that wait or are in flight, in the order of sending.
    pub fn pending(&self) -> Result<Vec<DeliveryStatus>, Error> {
        let order = "state IN ('pending', 'in_flight') ORDER BY reason = 'recovered', CASE severity \
                     WHEN 'critical' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, \
                     seq";
        self.deliveries(order, u32::MAX)
    }

    /// Dead deliveries, newest first.
    pub fn dead(&self, limit: u32) -> Result<Vec<DeliveryStatus>, Error> {
        self.deliveries("state = 'dead' ORDER BY seq DESC", limit)
    }

    /// Deliveries that were accepted, on their own or in a digest, newest first.
    pub fn sent(&self, limit: u32) -> Result<Vec<DeliveryStatus>, Error> {
        self.deliveries("state IN ('delivered', 'folded') ORDER BY seq DESC", limit)
    }

    /// The bytes of one delivery.
    pub fn payload(&self, id: &DeliveryId) -> Result<Option<Payload>, Error> {
        self.read(|connection| rows::payload(connection, id).optional())
    }

    fn deliveries(&self, which: &'static str, limit: u32) -> Result<Vec<DeliveryStatus>, Error> {
        let sql = format!("{DELIVERY} WHERE {which} LIMIT ?1");
        self.read(|connection| rows::all(connection, &sql, params![limit], delivery))
    }

    pub(crate) fn read<'r, T>(
        &'r self,
        query: impl FnOnce(&'r Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Error> {
        query(&self.connection).map_err(|source| Error::read(&self.path, source))
    }
}

fn connect(path: &Path, is_immutable: bool) -> rusqlite::Result<(Connection, i64)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if is_immutable {
        let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f");
        let uri = format!("file:{}?immutable=1", escaped.replace('#', "%23"));
        Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI)
    } else {
        Connection::open_with_flags(path, flags)
    }?;
    connection.busy_timeout(Duration::from_secs(5))?;
    schema::version(&connection).map(|found| (connection, found))
}

/// Why a file without a format holds no state.
fn nothing_in(connection: &Connection, dir: &Path, path: PathBuf) -> Error {
    match schema::is_foreign(connection) {
        Ok(true) => Error::Foreign { path },
        Ok(false) if file::was_begun(dir) => Error::Emptied { path },
        Ok(false) => Error::Missing { path },
        Err(cause) => Error::open(&path, cause),
    }
}

pub(crate) fn delivery(row: &Row<'_>) -> rusqlite::Result<DeliveryStatus> {
    let word = |name| row.get::<_, String>(name);
    let time = |name| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row.get::<_, Option<Micros>>(name)?.map(|at| at.0))
    };
    Ok(DeliveryStatus {
        id: row.get::<_, String>("id")?.into(),
        fingerprint: rows::incident_of(row)?,
        channel: row.get("channel")?,
        severity: named(&word("severity")?, &Severity::ALL, Severity::name)?,
        summary: row.get("summary")?,
        created: row.get::<_, Micros>("created")?.0,
        state: rows::state_of(row)?,
        attempts: row.get("attempts")?,
        next_at: time("next_at")?,
        settled: time("settled")?,
        why: row.get("why")?,
        receipt: row.get("receipt")?,
        via: row.get("via")?,
    })
}
