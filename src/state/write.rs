//! I/O. Writes rows to the state file, always within a transaction.

use std::path::PathBuf;

use rusqlite::{Transaction, params};

use crate::clock::Timestamp;
use crate::commit::{Delivery, HistoryEntry, RowChange};
use crate::metrics::Counts;
use crate::outbox::Change;
use crate::state::bounds::HistorySize;
use crate::state::column::{Bits, Length, Micros, path_value};
use crate::state::{check, rows};
use crate::tail::{Checkpoint, FileId};

/// Limits of the number of counters and of the bytes of a name; the rest is counted under
/// `OTHER_COUNTERS`.
const COUNTERS: u32 = 4_000;
const COUNTER_NAME: usize = 200;
const OTHER_COUNTERS: &str = "other";

type Result<T = ()> = rusqlite::Result<T>;

/// Inserts deliveries; a known one is ignored. A different delivery with a known id shows that the
/// source of unique numbers is damaged; it must not be ignored, because it would never be sent.
pub(super) fn deliveries(transaction: &Transaction<'_>, deliveries: &[Delivery]) -> Result {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO delivery (id, notice, channel, severity, fingerprint, reason, form, summary, \
         payload, plain, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
         ON CONFLICT (id) DO NOTHING",
    )?;
    for delivery in deliveries {
        let n = insert.execute(params![
            delivery.id,
            delivery.notice_id.0,
            delivery.channel,
            delivery.severity.name(),
            delivery.fingerprint,
            delivery.reason.name(),
            delivery.form.name(),
            delivery.summary,
            delivery.payload,
            delivery.plain,
            Micros(delivery.created),
        ])?;
        if n == 0 && rows::payload(transaction, &delivery.id)?.payload != delivery.payload {
            return Err(check::damage(&format!("{} is the id of another delivery", delivery.id)));
        }
    }
    Ok(())
}

pub(super) fn book(transaction: &Transaction<'_>, changes: &[RowChange]) -> Result {
    let mut put =
        transaction.prepare_cached("INSERT OR REPLACE INTO book (key, json) VALUES (?1, ?2)")?;
    let mut delete = transaction.prepare_cached("DELETE FROM book WHERE key = ?1")?;
    for change in changes {
        match change {
            RowChange::Put { key, json } => put.execute([key, json])?,
            RowChange::Delete { key } => delete.execute([key])?,
        };
    }
    Ok(())
}

pub(super) fn history(
    transaction: &Transaction<'_>,
    size: &mut HistorySize,
    entries: &[HistoryEntry],
) -> Result {
    let entries = size.make_room(transaction, entries)?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO history (at, what, reason, kind, fingerprint, error_class, summary) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for entry in entries {
        let HistoryEntry { at, what, reason, kind, fingerprint, error_class, summary } = entry;
        let at = Micros(*at);
        insert.execute(params![at, what, reason, kind, fingerprint, error_class, summary])?;
    }
    Ok(())
}

/// Names also come from patterns: beyond a limit of names and of bytes per name, they are counted
/// together.
pub(super) fn counts(transaction: &Transaction<'_>, counts: &Counts) -> Result {
    let mut add = transaction.prepare_cached("UPDATE counter SET n = n + ?2 WHERE name = ?1")?;
    for (name, n) in counts.iter() {
        let name = if name.len() > COUNTER_NAME { OTHER_COUNTERS } else { name };
        if add.execute(params![name, Bits(n)])? == 0 {
            new_counter(transaction, name, n)?;
        }
    }
    Ok(())
}

fn new_counter(transaction: &Transaction<'_>, name: &str, n: u64) -> Result {
    let sql = "INSERT INTO counter (name, n) \
               SELECT iif((SELECT count(*) FROM counter) < ?3, ?1, ?4), ?2 WHERE true \
               ON CONFLICT (name) DO UPDATE SET n = n + excluded.n";
    let mut insert = transaction.prepare_cached(sql)?;
    insert.execute(params![name, Bits(n), COUNTERS, OTHER_COUNTERS]).map(drop)
}

pub(super) fn forgotten(transaction: &Transaction<'_>, files: &[FileId]) -> Result {
    let mut delete = transaction.prepare_cached("DELETE FROM file WHERE id = ?1")?;
    for file in files {
        delete.execute([file.0])?;
    }
    Ok(())
}

/// Inserts folders; a known one is ignored.
pub(super) fn folders(
    transaction: &Transaction<'_>,
    now: Timestamp,
    folders: &[PathBuf],
) -> Result {
    let mut insert =
        transaction.prepare_cached("INSERT OR IGNORE INTO folder (path, since) VALUES (?1, ?2)")?;
    for folder in folders {
        insert.execute(params![path_value(folder), Micros(now)])?;
    }
    Ok(())
}

/// Stores the highest file number ever assigned.
fn last_file(transaction: &Transaction<'_>, checkpoints: &[Checkpoint]) -> Result {
    let Some(last) = checkpoints.iter().map(|checkpoint| checkpoint.file.0).max() else {
        return Ok(());
    };
    let sql = "INSERT INTO note (key, value) VALUES ('last-file', ?1) ON CONFLICT (key) \
               DO UPDATE SET value = excluded.value \
               WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)";
    transaction.prepare_cached(sql)?.execute([last.to_string()]).map(drop)
}

pub(super) fn checkpoints(
    transaction: &Transaction<'_>,
    now: Timestamp,
    checkpoints: &[Checkpoint],
) -> Result {
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO file (id, path, os_volume, os_index, head_length, head_hash, \
         tail_length, tail_hash, offset, lines, generation, committed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    for checkpoint in checkpoints {
        put.execute(params![
            checkpoint.file.0,
            path_value(&checkpoint.path),
            checkpoint.os_id.map(|(volume, _)| Bits(volume)),
            checkpoint.os_id.map(|(_, index)| Bits(index)),
            checkpoint.head.len,
            Bits(checkpoint.head.hash),
            checkpoint.tail.len,
            Bits(checkpoint.tail.hash),
            Bits(checkpoint.offset),
            checkpoint.lines.map(Bits),
            checkpoint.generation,
            Micros(now),
        ])?;
    }
    last_file(transaction, checkpoints)
}

/// Marks a delivery as in flight; returns whether it was still pending.
pub(super) fn departed(transaction: &Transaction<'_>, now: Timestamp, id: &str) -> Result<bool> {
    let sql = "UPDATE delivery SET state = 'in_flight', departed = ?2, attempts = attempts + 1 \
               WHERE id = ?1 AND state IN ('pending', 'in_flight')";
    Ok(transaction.execute(sql, params![id, Micros(now)])? == 1)
}

/// Marks the members of a digest as in flight. Only the digest itself counts as a send.
pub(super) fn departed_with(
    transaction: &Transaction<'_>,
    digest: &str,
    members: &[String],
) -> Result {
    let sql = "UPDATE delivery SET state = 'in_flight', digest = ?1 \
               WHERE state IN ('pending', 'in_flight') AND id IN (SELECT value FROM json_each(?2))";
    let members = serde_json::to_string(members).expect("a list of texts");
    transaction.prepare_cached(sql)?.execute([digest, &members]).map(drop)
}

/// Resets deliveries that were in flight when the agent died: they are pending again, as possible
/// repeats; a digest is dissolved and built again from its members.
pub(super) fn reset_in_flight(transaction: &Transaction<'_>) -> Result {
    let digests = "UPDATE delivery SET state = 'dissolved' WHERE state = 'in_flight' AND id IN \
                   (SELECT digest FROM delivery WHERE digest IS NOT NULL AND state = 'in_flight')";
    transaction.execute(digests, [])?;
    let others = "UPDATE delivery SET state = 'pending', digest = NULL, possible_repeat = 1 \
                  WHERE state = 'in_flight'";
    transaction.execute(others, []).map(drop)
}

/// Stores an outcome; returns how many deliveries were accepted as members of a digest.
pub(super) fn settled(
    transaction: &Transaction<'_>,
    now: Timestamp,
    id: &str,
    change: &Change,
) -> Result<usize> {
    match change {
        Change::Accepted { receipt } => {
            let sql = "UPDATE delivery SET state = 'delivered', settled = ?2, receipt = ?3, \
                       next_at = NULL, why = NULL WHERE id = ?1";
            transaction.execute(sql, params![id, Micros(now), receipt])?;
            let members = "UPDATE delivery SET state = 'folded', settled = ?2, receipt = ?1, \
                           digest = NULL, next_at = NULL WHERE digest = ?1 AND state = 'in_flight'";
            return transaction.execute(members, params![id, Micros(now)]);
        }
        Change::Later { next_at, wait, use_plain, possible_repeat, refused, why } => {
            let sql = "UPDATE delivery SET state = 'pending', next_at = ?2, wait = ?3, \
                       use_plain = ?4, possible_repeat = ?5, refused = ?6, why = ?7 WHERE id = ?1";
            let (at, wait, refused) = (Micros(*next_at), Length(*wait), refused.map(Micros));
            let params = params![id, at, wait, use_plain, possible_repeat, refused, why];
            transaction.execute(sql, params)?;
        }
        Change::Dissolved { possible_repeat, why } => {
            let members = "UPDATE delivery SET state = 'pending', digest = NULL, why = ?3, \
                           possible_repeat = possible_repeat OR ?2 \
                           WHERE digest = ?1 AND state = 'in_flight'";
            transaction.execute(members, params![id, possible_repeat, why])?;
            let sql = "UPDATE delivery SET state = 'dissolved', settled = ?2, why = ?3 \
                       WHERE id = ?1";
            transaction.execute(sql, params![id, Micros(now), why])?;
        }
        Change::Dead { why } => {
            record_dead(transaction, now, id, why)?;
            let sql = "UPDATE delivery SET state = 'dead', settled = ?2, next_at = NULL, \
                       why = ?3 WHERE id = ?1";
            transaction.execute(sql, params![id, Micros(now), why])?;
        }
    }
    Ok(0)
}

/// Records a dead delivery in the history.
fn record_dead(transaction: &Transaction<'_>, now: Timestamp, id: &str, why: &str) -> Result {
    let sql = "INSERT INTO history (at, what, reason, kind, fingerprint, summary) \
               SELECT ?2, 'refused', channel, 'agent', fingerprint, summary || ' (' || ?3 || ')' \
               FROM delivery WHERE id = ?1";
    transaction.execute(sql, params![id, Micros(now), why]).map(drop)
}

/// Makes a dead delivery pending again; returns whether there was one.
pub(super) fn revived(transaction: &Transaction<'_>, id: &str) -> Result<bool> {
    let sql = "UPDATE delivery SET state = 'pending', attempts = 0, next_at = NULL, settled = NULL, \
               refused = NULL, use_plain = 0 WHERE id = ?1 AND state = 'dead'";
    Ok(transaction.execute(sql, [id])? == 1)
}

pub(super) fn note(transaction: &Transaction<'_>, key: &str, value: &str) -> Result {
    let sql = "INSERT OR REPLACE INTO note (key, value) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute([key, value]).map(drop)
}
