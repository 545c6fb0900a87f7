//! I/O. Reads rows of the state file.

use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension as _, Params, Row, params};

use crate::clock::Timestamp;
use crate::commit::{
    About, Attention, DeliveryState, Form, HistoryEntry, HistoryReason, HistoryType, Reason,
    RowKey, StoredRows, TableName,
};
use crate::detection::{Kind, Severity};
use crate::ids::{DeliveryId, Fingerprint};
use crate::metrics::{Counter, Counts};
use crate::outbox::{FallbackNotice, Pending, Remaining, Thread, ThreadOperation};
use crate::state::column::{Bits, Length, Micros, PathColumn, named};
use crate::state::commit_mark::{self, CommitMark};
use crate::state::{Consumed, Payload};
use crate::tail::{Checkpoint, FileId, Mark};

/// No pace has a window with more sends than this.
const RECENT_SENDS: u32 = 500;

/// The channel that made the last attempt of a delivery. A delivery that a fallback sent stays
/// `via` it when the root of a thread shows it, although that is a message of its own channel.
const SENDER: &str = "iif(message IS NULL, coalesce(via, channel), channel)";

/// Key of the note with the highest file number ever assigned.
pub(crate) const LAST_FILE: &str = "last-file";

const PENDING: &str = "SELECT id, channel, severity, fingerprint, reason, form, created, attempts, \
                    next_at, wait, use_plain, refused, about, attention, remaining, \
                    possible_repeat OR state = 'in_flight' AS possible_repeat, also_in FROM delivery";

pub(crate) fn checkpoints(connection: &Connection) -> rusqlite::Result<Vec<Checkpoint>> {
    all(connection, "SELECT * FROM file ORDER BY id", [], checkpoint)
}

pub(crate) fn largest_file(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(id), 0) FROM file", [], |row| row.get(0))
}

pub(crate) fn folders(connection: &Connection) -> rusqlite::Result<Vec<PathBuf>> {
    all(connection, "SELECT path FROM folder ORDER BY path", [], |row| {
        Ok(row.get::<_, PathColumn>("path")?.0)
    })
}

/// The rows of the ledger. Those of a table that this version lacks stay in the state.
pub(crate) fn ledger(connection: &Connection) -> rusqlite::Result<StoredRows> {
    let rows = all(connection, "SELECT key, json FROM book", [], ledger_row)?;
    Ok(rows.into_iter().flatten().collect())
}

/// The rows of one table of the ledger.
pub(crate) fn table(connection: &Connection, table: TableName) -> rusqlite::Result<StoredRows> {
    // A key continues with a character that is not the largest one.
    let sql = "SELECT key, json FROM book WHERE key >= ?1 AND key < ?1 || char(1114111)";
    let rows = all(connection, sql, [RowKey::new(table, "").to_string()], ledger_row)?;
    Ok(rows.into_iter().flatten().collect())
}

fn ledger_row(row: &Row<'_>) -> rusqlite::Result<Option<(RowKey, String)>> {
    let key = RowKey::parse(&row.get::<_, String>("key")?);
    key.map(|key| Ok((key, row.get("json")?))).transpose()
}

pub(crate) fn pending(connection: &Connection) -> rusqlite::Result<Vec<Pending>> {
    let sql = format!("{PENDING} WHERE state IN ('pending', 'in_flight') ORDER BY seq");
    all(connection, &sql, [], pending_row)
}

pub(crate) fn pending_one(connection: &Connection, id: &DeliveryId) -> rusqlite::Result<Pending> {
    connection.query_row(&format!("{PENDING} WHERE id = ?1"), [id.as_str()], pending_row)
}

pub(crate) fn recent_sends(connection: &Connection) -> rusqlite::Result<Vec<(String, Timestamp)>> {
    // A message of a thread is in both tables, at the same time.
    let sql = "SELECT channel, departed FROM (SELECT coalesce(via, channel) AS channel, departed \
               FROM delivery WHERE departed IS NOT NULL ORDER BY departed DESC LIMIT ?1) \
               UNION ALL SELECT channel, at FROM operation o WHERE NOT EXISTS (SELECT 1 FROM \
               delivery d WHERE d.departed = o.at AND coalesce(d.via, d.channel) = o.channel)";
    all(connection, sql, [RECENT_SENDS], |row| {
        Ok((row.get("channel")?, row.get::<_, Micros>("departed")?.0))
    })
}

pub(crate) fn threads(connection: &Connection) -> rusqlite::Result<Vec<Thread>> {
    let at = |row: &Row<'_>, column| row.get::<_, Micros>(column).map(|at| at.0);
    all(connection, "SELECT * FROM thread ORDER BY channel, fingerprint", [], |row| {
        Ok(Thread {
            channel: row.get("channel")?,
            fingerprint: row.get::<_, String>("fingerprint")?.into(),
            key: row.get("key")?,
            root: row.get("root")?,
            opened: at(row, "opened")?,
            written: at(row, "written")?,
            shown: row.get::<_, String>("shown")?.into(),
            severity: named(&row.get::<_, String>("severity")?, &Severity::ALL, Severity::name)?,
            is_over: row.get("is_over")?,
            is_posted: row.get("is_posted")?,
            continues: row.get::<_, Option<Micros>>("continues")?.map(|at| at.0),
        })
    })
}

pub(crate) fn operations(connection: &Connection) -> rusqlite::Result<Vec<ThreadOperation>> {
    all(connection, "SELECT * FROM operation WHERE fingerprint <> '' ORDER BY at", [], |row| {
        Ok(ThreadOperation {
            channel: row.get("channel")?,
            fingerprint: row.get::<_, String>("fingerprint")?.into(),
            at: row.get::<_, Micros>("at")?.0,
        })
    })
}

/// When each channel last accepted a card, as far as recent deliveries show.
pub(crate) fn last_accepted(connection: &Connection) -> rusqlite::Result<Vec<(String, Timestamp)>> {
    // What a fallback sent is settled later if a root is still to show it.
    let sql = format!(
        "SELECT channel, max(settled) AS settled FROM (SELECT {SENDER} AS channel, \
         iif({SENDER} = channel, settled, departed) AS settled FROM delivery \
         WHERE state = 'delivered' AND departed IS NOT NULL ORDER BY seq DESC LIMIT ?1) \
         WHERE settled IS NOT NULL GROUP BY channel"
    );
    all(connection, &sql, [RECENT_SENDS], |row| {
        Ok((row.get("channel")?, row.get::<_, Micros>("settled")?.0))
    })
}

/// Since when channels have accepted nothing while others accepted their cards, alone or in a digest,
/// as far as recent deliveries show.
pub(crate) fn unavailable(connection: &Connection) -> rusqlite::Result<Vec<(String, Timestamp)>> {
    let sql = format!(
        "WITH own AS (SELECT channel, max(settled) AS at FROM delivery \
         WHERE state = 'delivered' AND {SENDER} = channel AND departed IS NOT NULL \
         GROUP BY channel), \
         elsewhere AS (SELECT channel, created, departed AS at FROM delivery \
         WHERE state = 'delivered' AND {SENDER} <> channel AND departed IS NOT NULL \
         UNION ALL SELECT channel, created, departed FROM delivery \
         WHERE state IN ('pending', 'in_flight') AND remaining = 'root' AND via <> channel \
         UNION ALL SELECT m.channel, m.created, m.settled FROM delivery m \
         JOIN delivery d ON d.id = m.receipt AND d.channel <> m.channel WHERE m.state = 'folded') \
         SELECT e.channel AS channel, min(max(e.created, coalesce(own.at, e.created))) AS since \
         FROM elsewhere e LEFT JOIN own ON own.channel = e.channel \
         WHERE own.at IS NULL OR e.at > own.at GROUP BY e.channel"
    );
    all(connection, &sql, [], |row| Ok((row.get("channel")?, row.get::<_, Micros>("since")?.0)))
}

/// Incidents whose cards fallbacks have posted, alone or in a digest, and that have not opened
/// again since.
pub(crate) fn fallback_notices(connection: &Connection) -> rusqlite::Result<Vec<FallbackNotice>> {
    // Whether what was in flight arrived is not known; an opening does not count if its own channel posted a
    // card since.
    let sql = "WITH elsewhere AS (SELECT channel, fingerprint, reason, via AS by, departed AS at, \
               NOT possible_repeat AND (state = 'delivered' OR remaining = 'root') AS is_certain \
               FROM delivery WHERE via <> channel AND departed IS NOT NULL AND form = 'card' \
               AND (state IN ('delivered', 'in_flight') OR (state = 'pending' AND remaining = 'root')) \
               UNION ALL SELECT m.channel, m.fingerprint, m.reason, d.channel, m.settled, \
               NOT m.possible_repeat FROM delivery m \
               JOIN delivery d ON d.id = m.receipt AND d.channel <> m.channel \
               WHERE m.state = 'folded'), \
               known AS (SELECT channel, fingerprint, by, min(at) AS at, \
               sum(reason = 'opened' AND is_certain) > 0 AS only_by_fallback FROM elsewhere e \
               WHERE reason <> 'recovered' AND fingerprint <> '' AND NOT EXISTS \
               (SELECT 1 FROM delivery o WHERE o.fingerprint = e.fingerprint AND o.fingerprint <> '' \
               AND o.channel = e.channel AND o.reason = 'opened' AND o.created > e.at) \
               GROUP BY channel, fingerprint) \
               SELECT channel, fingerprint, by, at, only_by_fallback AND NOT EXISTS \
               (SELECT 1 FROM delivery p LEFT JOIN delivery d ON d.id = p.receipt \
               WHERE p.fingerprint = k.fingerprint AND p.fingerprint <> '' \
               AND p.channel = k.channel AND p.reason <> 'recovered' AND p.settled > k.at \
               AND ((p.state = 'delivered' OR p.state = 'dead' AND p.possible_repeat) \
               AND coalesce(p.via, p.channel) = p.channel \
               OR p.state = 'folded' AND d.channel = p.channel)) AS only_by_fallback FROM known k";
    all(connection, sql, [], |row| {
        Ok(FallbackNotice {
            channel: row.get("channel")?,
            fingerprint: row.get::<_, String>("fingerprint")?.into(),
            by: row.get("by")?,
            at: row.get::<_, Micros>("at")?.0,
            only_by_fallback: row.get("only_by_fallback")?,
        })
    })
}

pub(crate) fn payload(connection: &Connection, id: &DeliveryId) -> rusqlite::Result<Payload> {
    let sql = "SELECT payload, plain, created, fingerprint FROM delivery WHERE id = ?1";
    connection.query_row(sql, [id.as_str()], |row| {
        Ok(Payload {
            payload: row.get("payload")?,
            plain: row.get("plain")?,
            fingerprint: incident_of(row)?,
            created: row.get::<_, Micros>("created")?.0,
        })
    })
}

/// The summary of a delivery, and its text in a digest.
pub(crate) fn described(
    connection: &Connection,
    id: &DeliveryId,
) -> rusqlite::Result<(String, About)> {
    let sql = "SELECT summary, about FROM delivery WHERE id = ?1";
    let row = |row: &Row<'_>| Ok((row.get("summary")?, about(row)?));
    connection.prepare_cached(sql)?.query_row([id.as_str()], row)
}

/// Empty for a card of an earlier version.
fn about(row: &Row<'_>) -> rusqlite::Result<About> {
    let json: String = row.get("about")?;
    Ok(serde_json::from_str(&json).unwrap_or_default())
}

/// Empty for a notice of one channel.
pub(crate) fn channels_json(channels: &[String]) -> String {
    if channels.is_empty() {
        return String::new();
    }
    serde_json::to_string(channels).expect("it holds only text")
}

/// Empty for a card that no digest describes.
pub(crate) fn about_json(about: &About) -> String {
    if *about == About::default() {
        return String::new();
    }
    serde_json::to_string(about).expect("it holds only text")
}

/// The card of a delivery, if it mentions people.
pub(crate) fn mentioning_card(connection: &Connection, id: &str) -> rusqlite::Result<String> {
    let sql = "SELECT payload FROM delivery WHERE id = ?1 AND instr(payload, '\"entities\":') > 0";
    connection.prepare_cached(sql)?.query_row([id], |row| row.get("payload"))
}

pub(crate) fn channel(connection: &Connection, id: &str) -> rusqlite::Result<String> {
    let sql = format!("SELECT {SENDER} AS channel FROM delivery WHERE id = ?1");
    connection.prepare_cached(&sql)?.query_row([id], |row| row.get("channel"))
}

pub(crate) fn counters(connection: &Connection) -> rusqlite::Result<Counts> {
    let mut counts = Counts::default();
    let sql = "SELECT name, n FROM counter";
    for (name, n) in all(connection, sql, [], |row| {
        Ok((row.get::<_, String>("name")?, row.get::<_, Bits>("n")?.0))
    })? {
        counts.add(Counter::parse(&name), n);
    }
    Ok(counts)
}

pub(crate) fn notes(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let sql = "SELECT key, value FROM note WHERE key NOT IN (?1, ?2, ?3, ?4) ORDER BY key";
    let own = [LAST_FILE, commit_mark::NOTE, commit_mark::DOUBTED, commit_mark::UNREPORTED];
    all(connection, sql, own, |row| Ok((row.get("key")?, row.get("value")?)))
}

pub(crate) fn mark(connection: &Connection) -> rusqlite::Result<Option<CommitMark>> {
    Ok(note(connection, commit_mark::NOTE)?.and_then(|text| CommitMark::parse(&text)))
}

pub(crate) fn note(connection: &Connection, key: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT value FROM note WHERE key = ?1";
    connection.query_row(sql, [key], |row| row.get("value")).optional()
}

pub(crate) fn history(connection: &Connection, limit: u32) -> rusqlite::Result<Vec<HistoryEntry>> {
    let sql = "SELECT * FROM history ORDER BY seq DESC LIMIT ?1";
    all(connection, sql, params![limit], history_entry)
}

pub(crate) fn incidents_like(
    connection: &Connection,
    prefix: &str,
) -> rusqlite::Result<Vec<Fingerprint>> {
    if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(Vec::new());
    }
    let prefix = prefix.to_ascii_lowercase();
    // `g` follows the last hex digit.
    let sql = "SELECT fingerprint FROM incident WHERE fingerprint >= ?1 AND fingerprint < ?1 || 'g' \
               ORDER BY ended IS NOT NULL, fingerprint LIMIT 20";
    all(connection, sql, [prefix], fingerprint)
}

pub(crate) fn result_of(connection: &Connection, id: &str) -> rusqlite::Result<Consumed> {
    let sql = "SELECT result FROM command WHERE id = ?1";
    let json = connection.prepare_cached(sql)?.query_row([id], |row| row.get::<_, String>(0));
    Ok(match json.optional()? {
        Some(json) => Consumed::Before(serde_json::from_str(&json).ok()),
        None => Consumed::No,
    })
}

/// The first column, which is a fingerprint.
pub(crate) fn fingerprint(row: &Row<'_>) -> rusqlite::Result<Fingerprint> {
    Ok(row.get::<_, String>(0)?.into())
}

/// The incident of a row; the column is empty if it is of none.
pub(crate) fn incident_of(row: &Row<'_>) -> rusqlite::Result<Option<Fingerprint>> {
    Ok(text_of(row, "fingerprint")?.map(Fingerprint::from))
}

/// The state of a delivery, and the incident of its card.
pub(crate) fn delivery_state(
    connection: &Connection,
    id: &str,
) -> rusqlite::Result<Option<(DeliveryState, Option<Fingerprint>, String)>> {
    let sql = "SELECT state, fingerprint, summary FROM delivery WHERE id = ?1";
    let row = |row: &Row<'_>| {
        let of = incident_of(row)?;
        Ok((state_of(row)?, of, row.get("summary")?))
    };
    connection.query_row(sql, [id], row).optional()
}

/// The latest entries of one incident. The index has only rows with a fingerprint, and is used only
/// if the query excludes the others.
pub(crate) const STORY: &str = "SELECT * FROM (SELECT * FROM history WHERE fingerprint = ?1 \
                                AND fingerprint <> '' ORDER BY seq DESC LIMIT ?2) ORDER BY seq";

pub(crate) fn story(
    connection: &Connection,
    incident: &Fingerprint,
    limit: u32,
) -> rusqlite::Result<Vec<HistoryEntry>> {
    all(connection, STORY, params![incident.as_str(), limit], history_entry)
}

pub(crate) fn history_entry(row: &Row<'_>) -> rusqlite::Result<HistoryEntry> {
    let text = |column| text_of(row, column);
    let what = HistoryType::of(&row.get::<_, String>("what")?);
    let kind = text("kind")?;
    Ok(HistoryEntry {
        at: row.get::<_, Micros>("at")?.0,
        what,
        reason: text("reason")?.map(|name| HistoryReason::of(what, &name)),
        kind: kind.and_then(|name| Kind::ALL.into_iter().find(|kind| kind.name() == name)),
        fingerprint: text("fingerprint")?.map(Fingerprint::from),
        error_class: text("error_class")?,
        summary: row.get("summary")?,
        subject: None,
        author: text("author")?,
    })
}

/// Everything that is stored of an entry but its time; what is absent is empty.
pub(crate) fn history_texts(entry: &HistoryEntry) -> [&str; 7] {
    [
        entry.what.name(),
        entry.reason_name(),
        entry.kind.map_or("", Kind::name),
        entry.print(),
        entry.error_class.as_deref().unwrap_or_default(),
        &entry.summary,
        entry.author.as_deref().unwrap_or_default(),
    ]
}

pub(crate) fn state_of(row: &Row<'_>) -> rusqlite::Result<DeliveryState> {
    Ok(named(&row.get::<_, String>("state")?, &DeliveryState::ALL, DeliveryState::name)?)
}

/// A text; none if it is empty.
pub(crate) fn text_of(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<String>> {
    Ok(Some(row.get::<_, String>(column)?).filter(|text| !text.is_empty()))
}

pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare_cached(sql)?.query_map(params, row)?.collect()
}

fn pending_row(row: &Row<'_>) -> rusqlite::Result<Pending> {
    let word = |column| row.get::<_, String>(column);
    let About { cause, unavailable, .. } = about(row)?;
    Ok(Pending {
        id: row.get::<_, String>("id")?.into(),
        channel: row.get("channel")?,
        severity: named(&word("severity")?, &Severity::ALL, Severity::name)?,
        fingerprint: incident_of(row)?,
        cause,
        reason: named(&word("reason")?, &Reason::ALL, Reason::name)?,
        form: named(&word("form")?, &Form::ALL, Form::name)?,
        created: row.get::<_, Micros>("created")?.0,
        attempts: row.get("attempts")?,
        next_at: row.get::<_, Option<Micros>>("next_at")?.map(|at| at.0),
        wait: row.get::<_, Length>("wait")?.0,
        use_plain: row.get("use_plain")?,
        possible_repeat: row.get("possible_repeat")?,
        refused: row.get::<_, Option<Micros>>("refused")?.map(|at| at.0),
        attention: named(&word("attention")?, &Attention::ALL, Attention::name)?,
        remaining: named(&word("remaining")?, &Remaining::ALL, Remaining::name)?,
        other_channels: serde_json::from_str(&word("also_in")?).unwrap_or_default(),
        unavailable,
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
