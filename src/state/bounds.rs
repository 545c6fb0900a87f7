//! I/O. Keeps the state file within its bounds, in short transactions.
//!
//! Pending deliveries are never deleted. Everything else has a maximum number of rows, number of
//! bytes and age, beyond which the oldest rows are deleted.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use rusqlite::{Connection, Row, Transaction, params};

use crate::clock::Timestamp;
use crate::commit::{DeliveryState, HistoryEntry};
use crate::observe::source::space;
use crate::state::column::{Bits, Micros};
use crate::state::file::BUSY;
use crate::state::rows;

/// Sent cards are kept this long…
const CARDS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// …and history, incidents that ended and commands this long, if nothing else is configured…
pub(crate) const KEPT_FOR: SignedDuration = SignedDuration::from_hours(90 * 24);
/// …and no more of them than this, in rows and in bytes.
const HISTORY_ROWS: u64 = 200_000;
const HISTORY_BYTES: u64 = 20 << 20;
const SETTLED: [Kept; 2] = [
    Kept {
        states: &[DeliveryState::Delivered, DeliveryState::Folded, DeliveryState::Dissolved],
        rows: 2_000,
        bytes: 12 << 20,
        by_age: true,
    },
    // Dead cards are kept at any age, until an administrator handles them.
    Kept { states: &[DeliveryState::Dead], rows: 1_000, bytes: 4 << 20, by_age: false },
];
/// Incidents that ended, and commands: both have rows of about 1 KB.
const INCIDENT_ROWS: u32 = 12_000;
const COMMAND_ROWS: u32 = 5_000;
/// Limit for everything that is not pending, including the overhead of pages and indexes.
const BOUND: u64 = 48 << 20;
/// Free pages that stay in the file for the next writes: 1 MB.
const SPARE_PAGES: u64 = 256;
/// One step frees this many pages and deletes this many rows.
const STEP_PAGES: u64 = 256;
const STEP_ROWS: u32 = 200;
/// A write-ahead log longer than this is checkpointed at once.
const LONG_JOURNAL: u64 = 8 << 20;
/// Size of a row in addition to its text, in bytes.
const ROW: u64 = 40;

/// The limits for deliveries that are no longer pending.
struct Kept {
    states: &'static [DeliveryState],
    rows: u32,
    bytes: u64,
    by_age: bool,
}

/// The size of the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistorySize {
    rows: u64,
    bytes: u64,
}

const ENTRY_BYTES: &str = "40 + octet_length(what) + octet_length(reason) + octet_length(kind) \
                           + octet_length(fingerprint) + octet_length(error_class) \
                           + octet_length(summary) + octet_length(author)";

impl HistorySize {
    pub(crate) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let sql = format!("SELECT count(*), coalesce(sum({ENTRY_BYTES}), 0) FROM history");
        connection
            .query_row(&sql, [], |row| Ok(Self { rows: number(row, 0)?, bytes: number(row, 1)? }))
    }

    /// Deletes the oldest entries to make room; returns the entries that fit, the newest ones.
    pub(crate) fn make_room<'a>(
        &mut self,
        transaction: &Transaction<'_>,
        entries: &'a [HistoryEntry],
    ) -> rusqlite::Result<&'a [HistoryEntry]> {
        let mut more = Self::default();
        let mut from = entries.len();
        for (at, entry) in entries.iter().enumerate().rev() {
            let with = more.plus(1, bytes_of(entry));
            if !with.fits() {
                break;
            }
            (more, from) = (with, at);
        }
        while !self.plus(more.rows, more.bytes).fits() && self.forget_oldest(transaction)? > 0 {}
        *self = self.plus(more.rows, more.bytes);
        Ok(&entries[from..])
    }

    /// Deletes one step of the oldest entries; returns their number.
    fn forget_oldest(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
        self.forget(transaction, "", Timestamp::MIN)
    }

    fn forget_older(
        &mut self,
        transaction: &Transaction<'_>,
        before: Timestamp,
    ) -> rusqlite::Result<u64> {
        self.forget(transaction, "AND at < ?2", before)
    }

    fn forget(
        &mut self,
        transaction: &Transaction<'_>,
        which: &str,
        before: Timestamp,
    ) -> rusqlite::Result<u64> {
        let sql = format!(
            "DELETE FROM history WHERE seq IN (SELECT seq FROM history ORDER BY seq LIMIT ?1) \
             AND ?2 IS NOT NULL {which} RETURNING {ENTRY_BYTES}"
        );
        let mut statement = transaction.prepare_cached(&sql)?;
        let sizes =
            statement.query_map(params![STEP_ROWS, Micros(before)], |row| number(row, 0))?;
        let mut n = 0;
        for bytes in sizes {
            n += 1;
            self.bytes = self.bytes.saturating_sub(bytes?);
            self.rows = self.rows.saturating_sub(1);
        }
        Ok(n)
    }

    fn plus(self, rows: u64, bytes: u64) -> Self {
        Self { rows: self.rows + rows, bytes: self.bytes + bytes }
    }

    fn fits(self) -> bool {
        self.rows <= HISTORY_ROWS && self.bytes <= HISTORY_BYTES
    }
}

fn bytes_of(entry: &HistoryEntry) -> u64 {
    ROW + rows::history_texts(entry).iter().map(|text| text.len() as u64).sum::<u64>()
}

/// Deletes one step of rows that are out of bounds; returns their number.
pub(crate) fn forget(
    transaction: &Transaction<'_>,
    size: &mut HistorySize,
    now: Timestamp,
    keep: SignedDuration,
) -> rusqlite::Result<u64> {
    let before = now.saturating_sub(keep).unwrap_or(Timestamp::MIN);
    let mut n = size.forget_older(transaction, before)?;
    if !size.fits() {
        n += size.forget_oldest(transaction)?;
    }
    n += forget_incidents(transaction, before)?;
    n += forget_commands(transaction, before)?;
    let before = now.saturating_sub(CARDS_KEPT_FOR).unwrap_or(Timestamp::MIN);
    for kept in &SETTLED {
        n += forget_settled(transaction, kept, before)?;
    }
    Ok(n)
}

/// Deletes one step of incidents that ended, the oldest first; open ones stay.
fn forget_incidents(transaction: &Transaction<'_>, before: Timestamp) -> rusqlite::Result<u64> {
    let old = "DELETE FROM incident WHERE fingerprint IN (SELECT fingerprint FROM incident \
               WHERE ended < ?1 ORDER BY ended LIMIT ?2)";
    let n = transaction.prepare_cached(old)?.execute(params![Micros(before), STEP_ROWS])?;
    let beyond = "DELETE FROM incident WHERE fingerprint IN (SELECT fingerprint FROM incident \
                  WHERE ended IS NOT NULL AND ended <= (SELECT ended FROM incident \
                  WHERE ended IS NOT NULL ORDER BY ended DESC LIMIT 1 OFFSET ?1) \
                  ORDER BY ended LIMIT ?2)";
    let more = transaction.prepare_cached(beyond)?.execute(params![INCIDENT_ROWS, STEP_ROWS])?;
    Ok((n + more) as u64)
}

/// Deletes one step of consumed commands, the oldest first.
fn forget_commands(transaction: &Transaction<'_>, before: Timestamp) -> rusqlite::Result<u64> {
    let sql = "DELETE FROM command WHERE id IN (SELECT id FROM command WHERE applied < max(?1, \
               coalesce((SELECT applied FROM command ORDER BY applied DESC LIMIT 1 OFFSET ?2), ?1)) \
               ORDER BY applied LIMIT ?3)";
    let params = params![Micros(before), COMMAND_ROWS, STEP_ROWS];
    Ok(transaction.prepare_cached(sql)?.execute(params)? as u64)
}

/// Examines only as many of the newest rows as may be kept; older ones are deleted unseen, the
/// oldest first.
fn forget_settled(
    transaction: &Transaction<'_>,
    kept: &Kept,
    before: Timestamp,
) -> rusqlite::Result<u64> {
    let (old, too_many) = beyond(transaction, kept, before)?;
    let mut n = 0;
    if !old.is_empty() {
        let old = serde_json::to_string(&old).expect("a list of numbers");
        let sql = "DELETE FROM delivery WHERE seq IN (SELECT value FROM json_each(?1) LIMIT ?2)";
        n += small(transaction.prepare_cached(sql)?.execute(params![old, STEP_ROWS])?);
    }
    let sql = "DELETE FROM delivery WHERE seq IN (SELECT seq FROM delivery \
               WHERE state = ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)";
    let mut oldest = transaction.prepare_cached(sql)?;
    for state in kept.states.iter().filter(|_| too_many.is_some()) {
        let left = STEP_ROWS.saturating_sub(n);
        n += small(oldest.execute(params![state.name(), too_many, left])?);
    }
    Ok(n.into())
}

/// Returns which of the newest rows are too old, and the row from which on there are too many rows
/// or bytes.
fn beyond(
    transaction: &Transaction<'_>,
    kept: &Kept,
    before: Timestamp,
) -> rusqlite::Result<(Vec<i64>, Option<i64>)> {
    let of_state = |state: &DeliveryState| {
        let state = state.name();
        format!(
            "SELECT * FROM (SELECT seq, settled, {ROW} + octet_length(payload) + \
             octet_length(plain) + octet_length(summary) AS bytes FROM delivery \
             WHERE state = '{state}' ORDER BY seq DESC LIMIT {})",
            kept.rows + 1
        )
    };
    let states: Vec<String> = kept.states.iter().map(of_state).collect();
    let sql = format!("{} ORDER BY seq DESC", states.join(" UNION ALL "));
    let mut newest = transaction.prepare_cached(&sql)?;
    let mut found = newest.query([])?;
    let (mut rows, mut bytes, mut old) = (0, 0, Vec::new());
    while let Some(row) = found.next()? {
        (rows, bytes) = (rows + 1, bytes + number(row, 2)?);
        let seq = row.get(0)?;
        if rows > kept.rows || bytes > kept.bytes {
            return Ok((old, Some(seq)));
        }
        let settled: Option<Micros> = row.get(1)?;
        if kept.by_age && settled.is_some_and(|settled| settled.0 < before) {
            old.push(seq);
        }
    }
    Ok((old, None))
}

/// Frees one step of free pages; returns whether there were any.
pub(crate) fn give_back(connection: &Connection) -> rusqlite::Result<bool> {
    let spare = pages(connection, "freelist_count")?.saturating_sub(SPARE_PAGES);
    if spare == 0 || pages(connection, "auto_vacuum")? != INCREMENTAL {
        return Ok(false);
    }
    let before = pages(connection, "page_count")?;
    // Each returned row frees one page.
    let sql = format!("PRAGMA incremental_vacuum({})", spare.min(STEP_PAGES));
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(pages(connection, "page_count")? < before)
}

/// The value of `PRAGMA auto_vacuum` if free pages can be freed in steps.
const INCREMENTAL: u64 = 2;

/// Whether the file exceeds its limit, not counting pending deliveries.
pub(crate) fn is_too_large(connection: &Connection) -> rusqlite::Result<bool> {
    let bytes = pages(connection, "page_count")? * pages(connection, "page_size")?;
    if bytes <= BOUND {
        return Ok(false);
    }
    let sql = "SELECT coalesce(sum(octet_length(payload) + octet_length(plain) + 4096), 0) \
               FROM delivery WHERE state IN ('pending', 'in_flight')";
    let pending: u64 = connection.prepare_cached(sql)?.query_row([], |row| number(row, 0))?;
    Ok(bytes > BOUND + pending)
}

/// Checkpoints and truncates a long write-ahead log, unless a reader prevents it.
pub(crate) fn cut_journal(connection: &Connection, journal: &Path) -> rusqlite::Result<()> {
    if fs::metadata(journal).is_ok_and(|found| found.len() > LONG_JOURNAL) {
        // A reader that holds the log is not waited for.
        connection.busy_timeout(Duration::ZERO)?;
        let taken = checkpoint(connection);
        connection.busy_timeout(BUSY)?;
        taken?;
    }
    Ok(())
}

pub(crate) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Rewrites a file of an earlier version once, if there is room, because it could not free pages.
pub(crate) fn shrink(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    if pages(connection, "auto_vacuum")? == INCREMENTAL {
        return Ok(());
    }
    let size = pages(connection, "page_size")?;
    let all = pages(connection, "page_count")? * size;
    let live = all - pages(connection, "freelist_count")? * size;
    let needed = 2 * live + SPARE_PAGES * size;
    let free = path.parent().and_then(space).map_or(u64::MAX, |(_, free)| free);
    if free < needed {
        tracing::warn!(
            "{} keeps its {} MB: shrinking it needs {} MB free on its disk, {} MB are; it is tried \
             at the next start",
            path.display(),
            all >> 20,
            needed >> 20,
            free >> 20
        );
        return Ok(());
    }
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.execute_batch("VACUUM")?;
    checkpoint(connection)?;
    let left = pages(connection, "page_count")? * size;
    tracing::info!(
        "{} shrunk once: {} KB before, {} KB now",
        path.display(),
        all >> 10,
        left >> 10
    );
    Ok(())
}

fn pages(connection: &Connection, pragma: &str) -> rusqlite::Result<u64> {
    connection.pragma_query_value(None, pragma, |row| number(row, 0))
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn number(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get::<_, Bits>(at).map(|n| n.0)
}
