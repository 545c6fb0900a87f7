//! I/O. Reads rows of the state file.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use crate::clock::Timestamp;
use crate::commit::{Form, HistoryEntry, Reason};
use crate::detection::Severity;
use crate::metrics::Counts;
use crate::outbox::Pending;
use crate::state::Payload;
use crate::state::column::{Bits, Length, Micros, PathColumn, named};
use crate::tail::{Checkpoint, FileId, Mark};

/// No pace has a window with more sends than this.
const RECENT_SENDS: u32 = 500;

/// Key of the note with the highest file number ever assigned.
pub(super) const LAST_FILE: &str = "last-file";

const PENDING: &str = "SELECT id, channel, severity, fingerprint, reason, form, created, attempts, \
                    next_at, wait, use_plain, refused, \
                    possible_repeat OR state = 'in_flight' AS possible_repeat FROM delivery";

pub(super) fn checkpoints(connection: &Connection) -> rusqlite::Result<Vec<Checkpoint>> {
    all(connection, "SELECT * FROM file ORDER BY id", [], checkpoint)
}

pub(super) fn largest_file(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM file", [], |row| row.get(0))
}

pub(super) fn folders(connection: &Connection) -> rusqlite::Result<Vec<PathBuf>> {
    all(connection, "SELECT path FROM folder ORDER BY path", [], |row| {
        Ok(row.get::<_, PathColumn>("path")?.0)
    })
}

pub(super) fn book(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT key, json FROM book ORDER BY key";
    all(connection, sql, [], |row| Ok((row.get("key")?, row.get("json")?)))
}

pub(super) fn pending(connection: &Connection) -> rusqlite::Result<Vec<Pending>> {
    let sql = format!("{PENDING} WHERE state IN ('pending', 'in_flight') ORDER BY seq");
    all(connection, &sql, [], pending_row)
}

pub(super) fn pending_one(connection: &Connection, id: &str) -> rusqlite::Result<Pending> {
    connection.query_row(&format!("{PENDING} WHERE id = ?1"), [id], pending_row)
}

pub(super) fn recent_sends(connection: &Connection) -> rusqlite::Result<Vec<(String, Timestamp)>> {
    let sql = "SELECT channel, departed FROM delivery WHERE departed IS NOT NULL \
               ORDER BY departed DESC LIMIT ?1";
    all(connection, sql, [RECENT_SENDS], |row| {
        Ok((row.get("channel")?, row.get::<_, Micros>("departed")?.0))
    })
}

pub(super) fn payload(connection: &Connection, id: &str) -> rusqlite::Result<Payload> {
    let sql = "SELECT payload, plain, created FROM delivery WHERE id = ?1";
    connection.query_row(sql, [id], |row| {
        Ok(Payload {
            payload: row.get("payload")?,
            plain: row.get("plain")?,
            created: row.get::<_, Micros>("created")?.0,
        })
    })
}

pub(super) fn summary(connection: &Connection, id: &str) -> rusqlite::Result<String> {
    let sql = "SELECT summary FROM delivery WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([id], |row| row.get("summary"))
}

pub(super) fn counters(connection: &Connection) -> rusqlite::Result<Counts> {
    let mut counts = Counts::default();
    let sql = "SELECT name, n FROM counter";
    for (name, n) in all(connection, sql, [], |row| {
        Ok((row.get::<_, String>("name")?, row.get::<_, Bits>("n")?.0))
    })? {
        counts.add(name, n);
    }
    Ok(counts)
}

pub(super) fn notes(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT key, value FROM note WHERE key <> ?1 ORDER BY key";
    all(connection, sql, [LAST_FILE], |row| Ok((row.get("key")?, row.get("value")?)))
}

pub(super) fn note(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT value FROM note WHERE key = ?1";
    connection.query_row(sql, [key], |row| row.get("value")).optional()
}

pub(super) fn history(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<HistoryEntry>> {
    let sql = "SELECT * FROM history ORDER BY seq DESC LIMIT ?1";
    all(connection, sql, params![limit], |row| {
        Ok(HistoryEntry {
            at: row.get::<_, Micros>("at")?.0,
            what: row.get("what")?,
            reason: row.get("reason")?,
            kind: row.get("kind")?,
            fingerprint: row.get("fingerprint")?,
            error_class: row.get("error_class")?,
            summary: row.get("summary")?,
        })
    })
}

pub(super) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, row)?.collect()
}

fn pending_row(row: &Row<'_>) -> rusqlite::Result<Pending> {
    let word = |column| row.get::<_, String>(column);
    Ok(Pending {
        id: row.get("id")?,
        channel: row.get("channel")?,
        severity: named(&word("severity")?, &Severity::ALL, Severity::name)?,
        fingerprint: row.get("fingerprint")?,
        reason: named(&word("reason")?, &Reason::ALL, Reason::name)?,
        form: named(&word("form")?, &Form::ALL, Form::name)?,
        created: row.get::<_, Micros>("created")?.0,
        attempts: row.get("attempts")?,
        next_at: row.get::<_, Option<Micros>>("next_at")?.map(|at| at.0),
        wait: row.get::<_, Length>("wait")?.0,
        use_plain: row.get("use_plain")?,
        possible_repeat: row.get("possible_repeat")?,
        refused: row.get::<_, Option<Micros>>("refused")?.map(|at| at.0),
    })
}

fn checkpoint(row: &Row<'_>) -> rusqlite::Result<Checkpoint> {
    let volume: Option<Bits> = row.get("os_volume")?;
    let index: Option<Bits> = row.get("os_index")?;
    let mark = |length, hash| -> rusqlite::Result<Mark> {
        Ok(Mark { len: row.get(length)?, hash: row.get::<_, Bits>(hash)?.0 })
    };
    Ok(Checkpoint {
        file: FileId(row.get("id")?),
        path: row.get::<_, PathColumn>("path")?.0,
        os_id: volume.zip(index).map(|(volume, index)| (volume.0, index.0)),
        head: mark("head_length", "head_hash")?,
        tail: mark("tail_length", "tail_hash")?,
        offset: row.get::<_, Bits>("offset")?.0,
        lines: row.get::<_, Option<Bits>>("lines")?.map(|lines| lines.0),
        generation: row.get("generation")?,
    })
}
