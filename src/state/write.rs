//! I/O. Writes rows to the state file, always within a transaction.

use std::path::PathBuf;

use jiff::SignedDuration;
use rusqlite::{Connection, Transaction, params};

use crate::clock::Timestamp;
use crate::command::{Action, Answered, Command, Refusal};
use crate::commit::{
    self, Commit, Delivery, DeliveryState, HistoryEntry, HistoryReason, HistoryType, IncidentRow,
    RowChange,
};
use crate::detection::Kind;
use crate::ids::{DeliveryId, Fingerprint};
use crate::metrics::Counts;
use crate::outbox::{Change, Redundant, Remaining, Thread, ThreadChange, ThreadMessage};
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

/// Writes one step.
pub(crate) fn step(
    transaction: &Transaction<'_>,
    size: &mut HistorySize,
    now: Timestamp,
    commit: &Commit,
) -> Result {
    deliveries(transaction, &commit.deliveries)?;
    ledger(transaction, &commit.rows)?;
    incidents(transaction, &commit.incidents)?;
    commands(transaction, &commit.commands)?;
    history(transaction, size, &commit.history)?;
    counts(transaction, &commit.counts)?;
    forgotten(transaction, &commit.forgotten)?;
    folders(transaction, now, &commit.folders)?;
    checkpoints(transaction, now, &commit.checkpoints)
}

/// Inserts deliveries; a known one is ignored. A different delivery with a known id shows that the
/// source of unique numbers is damaged; it must not be ignored, because it would never be sent.
pub(crate) fn deliveries(transaction: &Transaction<'_>, deliveries: &[Delivery]) -> Result {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO delivery (id, channel, severity, fingerprint, reason, form, summary, payload, \
         plain, created, about, attention, remaining, also_in, possible_repeat) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) \
         ON CONFLICT (id) DO NOTHING",
    )?;
    for (delivery, others) in deliveries.iter().zip(commit::other_channels(deliveries)) {
        let n = insert.execute(params![
            delivery.id.as_str(),
            delivery.channel,
            delivery.severity.name(),
            delivery.fingerprint.as_ref().map_or("", Fingerprint::as_str),
            delivery.reason.name(),
            delivery.form.name(),
            delivery.summary,
            delivery.payload,
            delivery.plain,
            Micros(delivery.created),
            rows::about_json(&delivery.about),
            delivery.attention.name(),
            Remaining::at_first(delivery.attention).name(),
            rows::channels_json(&others),
            delivery.possible_repeat,
        ])?;
        if n == 0 && rows::payload(transaction, &delivery.id)?.payload != delivery.payload {
            return Err(check::damage(&format!("{} is the id of another delivery", delivery.id)));
        }
    }
    Ok(())
}

pub(crate) fn ledger(transaction: &Transaction<'_>, changes: &[RowChange]) -> Result {
    let mut put =
        transaction.prepare_cached("INSERT OR REPLACE INTO book (key, json) VALUES (?1, ?2)")?;
    let mut delete = transaction.prepare_cached("DELETE FROM book WHERE key = ?1")?;
    for change in changes {
        match change {
            RowChange::Put { key, json } => put.execute([&key.to_string(), json])?,
            RowChange::Delete { key } => delete.execute([key.to_string()])?,
        };
    }
    Ok(())
}

pub(crate) fn history(
    transaction: &Transaction<'_>,
    size: &mut HistorySize,
    entries: &[HistoryEntry],
) -> Result {
    let entries = size.make_room(transaction, entries)?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO history (at, what, reason, kind, fingerprint, error_class, summary, author) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for entry in entries {
        let [what, reason, kind, fingerprint, error_class, summary, author] =
            rows::history_texts(entry);
        insert.execute(params![
            Micros(entry.at),
            what,
            reason,
            kind,
            fingerprint,
            error_class,
            summary,
            author
        ])?;
    }
    Ok(())
}

/// Replaces the overviews of incidents.
pub(crate) fn incidents(transaction: &Transaction<'_>, incidents: &[IncidentRow]) -> Result {
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO incident (fingerprint, state, last, ended, json) \
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for incident in incidents {
        let IncidentRow { fingerprint, state, last, ended, json } = incident;
        put.execute(params![fingerprint.as_str(), state, Micros(*last), ended.map(Micros), json])?;
    }
    Ok(())
}

/// Records commands with their results.
pub(crate) fn commands(transaction: &Transaction<'_>, commands: &[Answered]) -> Result {
    let mut insert = transaction.prepare_cached(
        "INSERT OR IGNORE INTO command (id, at, author, origin, action, result, applied) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for Answered { command, result, applied_at } in commands {
        insert.execute(params![
            command.id.as_str(),
            Micros(command.at),
            command.by,
            command.origin.name(),
            json(&command.action),
            json(result),
            Micros(*applied_at),
        ])?;
    }
    Ok(())
}

/// The delivery that a command is for, or why the command cannot be applied to it.
pub(crate) fn commanded(
    connection: &Connection,
    command: &Command,
) -> Result<std::result::Result<DeliveryId, Refusal>> {
    let (id, states): (_, &[DeliveryState]) = match &command.action {
        Action::DeliveryRetry { delivery } => (delivery, &[DeliveryState::Dead]),
        Action::DeliveryDrop { delivery } => {
            (delivery, &[DeliveryState::Dead, DeliveryState::Pending])
        }
        _ => return Ok(Err(Refusal::UnknownDelivery)),
    };
    Ok(match rows::delivery_state(connection, id)? {
        None => Err(Refusal::UnknownDelivery),
        Some((state, ..)) if !states.contains(&state) => Err(Refusal::DeliveryState(state)),
        Some(_) => Ok(id.as_str().into()),
    })
}

/// Retries or drops a delivery; returns its id, or why it cannot be done.
pub(crate) fn command_delivery(
    transaction: &Transaction<'_>,
    size: &mut HistorySize,
    now: Timestamp,
    command: &Command,
) -> Result<std::result::Result<DeliveryId, Refusal>> {
    let id = match commanded(transaction, command)? {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let found = rows::delivery_state(transaction, id.as_str())?;
    let Some((_, fingerprint, summary)) = found else { return Ok(Err(Refusal::UnknownDelivery)) };
    let what = if matches!(command.action, Action::DeliveryRetry { .. }) {
        revived(transaction, &id)?;
        HistoryType::Retried
    } else {
        transaction.execute("DELETE FROM delivery WHERE id = ?1", [id.as_str()])?;
        HistoryType::Dropped
    };
    let entry = HistoryEntry {
        reason: Some(HistoryReason::Command(command.origin)),
        fingerprint,
        author: Some(command.by.clone()),
        ..HistoryEntry::new(now, what, summary)
    };
    history(transaction, size, std::slice::from_ref(&entry))?;
    Ok(Ok(id))
}

fn json(value: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("commands hold only text and times")
}

/// Names also come from patterns: beyond a limit of names and of bytes per name, they are counted
/// together.
pub(crate) fn counts(transaction: &Transaction<'_>, counts: &Counts) -> Result {
    let mut add = transaction.prepare_cached("UPDATE counter SET n = n + ?2 WHERE name = ?1")?;
    for (counter, n) in counts.iter() {
        let name = counter.to_string();
        let name = if name.len() > COUNTER_NAME { OTHER_COUNTERS } else { &name };
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

pub(crate) fn forgotten(transaction: &Transaction<'_>, files: &[FileId]) -> Result {
    let mut delete = transaction.prepare_cached("DELETE FROM file WHERE id = ?1")?;
    for file in files {
        delete.execute([file.0])?;
    }
    Ok(())
}

/// Inserts folders; a known one is ignored.
pub(crate) fn folders(
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

pub(crate) fn checkpoints(
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

/// Marks a delivery as in flight; returns whether it was still pending. A delivery that the
/// fallback has sent stays a send of the fallback when the root must show it.
pub(crate) fn departed(
    transaction: &Transaction<'_>,
    now: Timestamp,
    id: &DeliveryId,
    via: Option<&str>,
) -> Result<bool> {
    let sql = "UPDATE delivery SET state = 'in_flight', \
               departed = iif(remaining = 'root' AND via IS NOT NULL, departed, ?2), \
               via = iif(remaining = 'root', coalesce(via, ?3), ?3), message = NULL, attempts = attempts + 1 \
               WHERE id = ?1 AND state IN ('pending', 'in_flight')";
    Ok(transaction.execute(sql, params![id.as_str(), Micros(now), via])? == 1)
}

/// Operations before this no longer count towards any limit.
const OPERATIONS_KEPT: SignedDuration = SignedDuration::from_mins(10);

/// Records a message of a thread that is about to be written.
pub(crate) fn operation(
    transaction: &Transaction<'_>,
    now: Timestamp,
    id: &DeliveryId,
    message: ThreadMessage,
) -> Result {
    let sql = "UPDATE delivery SET message = ?2 WHERE id = ?1";
    transaction.execute(sql, [id.as_str(), message.name()])?;
    let sql = "INSERT INTO operation (at, channel, fingerprint) \
               SELECT ?2, channel, fingerprint FROM delivery WHERE id = ?1";
    transaction.execute(sql, params![id.as_str(), Micros(now)])?;
    let before = now.saturating_sub(OPERATIONS_KEPT).unwrap_or(Timestamp::MIN);
    transaction.execute("DELETE FROM operation WHERE at < ?1", [Micros(before)]).map(drop)
}

/// Stores changed threads, and forgets those that no longer matter.
pub(crate) fn threads(
    transaction: &Transaction<'_>,
    now: Timestamp,
    changes: &[ThreadChange],
) -> Result {
    for change in changes {
        match change {
            ThreadChange::Put(thread) => thread_row(transaction, thread)?,
            ThreadChange::Remove { channel, fingerprint } => {
                let sql = "DELETE FROM thread WHERE channel = ?1 AND fingerprint = ?2";
                transaction
                    .prepare_cached(sql)?
                    .execute([channel.as_str(), fingerprint.as_str()])
                    .map(drop)?;
            }
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    let [over, all] = Thread::forgotten_before(now).map(Micros);
    let sql = "DELETE FROM thread WHERE written <= ?2 OR (is_over AND written <= ?1)";
    transaction.execute(sql, params![over, all]).map(drop)
}

fn thread_row(transaction: &Transaction<'_>, thread: &Thread) -> Result {
    let mut put = transaction.prepare_cached(
        "INSERT OR REPLACE INTO thread (channel, fingerprint, key, root, opened, written, shown, \
         severity, is_over, is_posted, continues) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    put.execute(params![
        thread.channel,
        thread.fingerprint.as_str(),
        thread.key,
        thread.root,
        Micros(thread.opened),
        Micros(thread.written),
        thread.shown.as_str(),
        thread.severity.name(),
        thread.is_over,
        thread.is_posted,
        thread.continues.map(Micros),
    ])
    .map(drop)
}

/// Marks the members of a digest as in flight. Only the digest itself counts as a send.
pub(crate) fn departed_with(
    transaction: &Transaction<'_>,
    digest: &DeliveryId,
    members: &[DeliveryId],
) -> Result {
    let sql = "UPDATE delivery SET state = 'in_flight', digest = ?1 \
               WHERE state IN ('pending', 'in_flight') AND id IN (SELECT value FROM json_each(?2))";
    let members = serde_json::to_string(members).expect("a list of texts");
    transaction.prepare_cached(sql)?.execute([digest.as_str(), &members]).map(drop)
}

/// Resets deliveries that were in flight when the agent died: they are pending again, as possible
/// repeats; a digest is dissolved and built again from its members.
pub(crate) fn reset_in_flight(transaction: &Transaction<'_>) -> Result {
    let digests = "UPDATE delivery SET state = 'dissolved' WHERE state = 'in_flight' AND id IN \
                   (SELECT digest FROM delivery WHERE digest IS NOT NULL AND state = 'in_flight')";
    transaction.execute(digests, [])?;
    // An update of a root is no repeat, however often it is sent.
    let updates = "UPDATE delivery SET state = 'pending' WHERE state = 'in_flight' \
                   AND digest IS NULL AND message = 'update'";
    transaction.execute(updates, [])?;
    let others = "UPDATE delivery SET state = 'pending', digest = NULL, possible_repeat = 1 \
                  WHERE state = 'in_flight'";
    transaction.execute(others, []).map(drop)
}

fn delivered(
    transaction: &Transaction<'_>,
    now: Timestamp,
    ids: &[DeliveryId],
    receipt: Option<&str>,
) -> Result {
    let sql = "UPDATE delivery SET state = 'delivered', settled = ?2, receipt = coalesce(?3, receipt), \
               next_at = NULL, why = NULL WHERE id IN (SELECT value FROM json_each(?1))";
    transaction.execute(sql, params![json(ids), Micros(now), receipt]).map(drop)
}

/// Deliveries that are not sent. The story names the channel whose delivery has the same content.
pub(crate) fn redundant(
    transaction: &Transaction<'_>,
    now: Timestamp,
    deliveries: &[Redundant],
) -> Result {
    let sql = "UPDATE delivery SET state = 'delivered', settled = ?2, next_at = NULL, why = NULL, \
               via = coalesce(via, ?3) WHERE id = ?1 AND state = 'pending'";
    let mut update = transaction.prepare_cached(sql)?;
    for Redundant { id, via } in deliveries {
        update.execute(params![id.as_str(), Micros(now), via])?;
    }
    Ok(())
}

/// Stores an outcome; returns how many deliveries were accepted as members of a digest.
pub(crate) fn settled(
    transaction: &Transaction<'_>,
    now: Timestamp,
    id: &DeliveryId,
    change: &Change,
) -> Result<usize> {
    match change {
        Change::Accepted { receipt } => {
            let sql = "UPDATE delivery SET state = 'delivered', settled = ?2, receipt = ?3, \
                       next_at = NULL, why = NULL WHERE id = ?1";
            transaction.execute(sql, params![id.as_str(), Micros(now), receipt])?;
            let members = "UPDATE delivery SET state = 'folded', settled = ?2, receipt = ?1, \
                           digest = NULL, next_at = NULL WHERE digest = ?1 AND state = 'in_flight'";
            return transaction.execute(members, params![id.as_str(), Micros(now)]);
        }
        Change::Later { next_at, wait, use_plain, possible_repeat, refused, why } => {
            let sql = "UPDATE delivery SET state = 'pending', next_at = ?2, wait = ?3, \
                       use_plain = ?4, possible_repeat = ?5, refused = ?6, why = ?7 WHERE id = ?1";
            let (at, wait, refused) = (Micros(*next_at), Length(*wait), refused.map(Micros));
            let params = params![id.as_str(), at, wait, use_plain, possible_repeat, refused, why];
            transaction.execute(sql, params)?;
        }
        Change::Shown { to_reply, done, receipt, .. } => {
            let sql = "UPDATE delivery SET state = 'pending', remaining = 'reply', attempts = 0, \
                       next_at = NULL, wait = 0, use_plain = 0, refused = NULL, why = NULL \
                       WHERE id IN (SELECT value FROM json_each(?1))";
            transaction.execute(sql, [json(to_reply)])?;
            delivered(transaction, now, done, receipt.as_deref())?;
        }
        Change::KnownElsewhere { done, receipt } => {
            delivered(transaction, now, done, None)?;
            let sql = "UPDATE delivery SET state = 'pending', remaining = 'root', attempts = 0, \
                       next_at = NULL, wait = 0, possible_repeat = 0, refused = NULL, why = NULL, \
                       receipt = ?2 WHERE id = ?1";
            transaction.execute(sql, params![id.as_str(), receipt])?;
        }
        Change::Dissolved { possible_repeat, why } => {
            let members = "UPDATE delivery SET state = 'pending', digest = NULL, why = ?3, \
                           possible_repeat = possible_repeat OR ?2 \
                           WHERE digest = ?1 AND state = 'in_flight'";
            transaction.execute(members, params![id.as_str(), possible_repeat, why])?;
            let sql = "UPDATE delivery SET state = 'dissolved', settled = ?2, why = ?3 \
                       WHERE id = ?1";
            transaction.execute(sql, params![id.as_str(), Micros(now), why])?;
        }
        Change::Dead { why } => {
            record_dead(transaction, now, id, why)?;
            let sql = "UPDATE delivery SET state = 'dead', settled = ?2, next_at = NULL, \
                       why = ?3 WHERE id = ?1";
            transaction.execute(sql, params![id.as_str(), Micros(now), why])?;
        }
    }
    Ok(0)
}

/// Records a dead delivery in the history.
fn record_dead(
    transaction: &Transaction<'_>,
    now: Timestamp,
    id: &DeliveryId,
    why: &str,
) -> Result {
    let sql = "INSERT INTO history (at, what, reason, kind, fingerprint, summary) \
               SELECT ?2, ?4, channel, ?5, fingerprint, summary || ' (' || ?3 || ')' \
               FROM delivery WHERE id = ?1";
    let (what, kind) = (HistoryType::Refused.name(), Kind::Agent.name());
    transaction.execute(sql, params![id.as_str(), Micros(now), why, what, kind]).map(drop)
}

/// Makes a dead delivery pending again; returns whether there was one. If it is older than the card
/// that the root of its thread shows, only the reply is left.
pub(crate) fn revived(transaction: &Transaction<'_>, id: &DeliveryId) -> Result<bool> {
    let sql = "UPDATE delivery SET state = 'pending', attempts = 0, next_at = NULL, settled = NULL, \
               refused = NULL, use_plain = 0, remaining = CASE \
               WHEN EXISTS (SELECT 1 FROM thread t LEFT JOIN delivery s ON s.id = t.shown \
               WHERE t.channel = delivery.channel AND t.fingerprint = delivery.fingerprint \
               AND t.is_posted AND coalesce(s.seq >= delivery.seq, 1)) THEN 'reply' \
               WHEN attention = 'quiet' THEN 'root' ELSE 'all' END \
               WHERE id = ?1 AND state = 'dead'";
    Ok(transaction.execute(sql, [id.as_str()])? == 1)
}

pub(crate) fn note(transaction: &Transaction<'_>, key: &str, value: &str) -> Result {
    let sql = "INSERT OR REPLACE INTO note (key, value) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute([key, value]).map(drop)
}

pub(crate) fn delete_note(transaction: &Transaction<'_>, key: &str) -> Result {
    transaction.execute("DELETE FROM note WHERE key = ?1", [key]).map(drop)
}

/// What is pending may have been sent by commits that the state lacks.
pub(crate) fn doubt_pending(transaction: &Transaction<'_>) -> Result {
    let sql = "UPDATE delivery SET possible_repeat = 1 WHERE state = 'pending'";
    transaction.execute(sql, []).map(drop)
}
