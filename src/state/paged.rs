//! I/O. Long lists of the state, one page at a time and only the requested entries.

use rusqlite::{OptionalExtension as _, Row, params};

use crate::clock::Timestamp;
use crate::commit::HistoryEntry;
use crate::commit::{RowKey, TableName};
use crate::ids::Fingerprint;
use crate::incident::{Note, Overview};
use crate::mute::Silence;
use crate::state::column::Micros;
use crate::state::reader::{DELIVERY, delivery};
use crate::state::{DeliveryStatus, Error, Reader, rows};

/// The filter for entries of the history; an empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Text in summary, author or fingerprint, whatever its letters' case.
    pub text: String,
    pub kind: String,
    /// The reason of a suppression, or what happened: `opened`.
    pub reason: String,
    pub since: Option<Timestamp>,
    /// Only entries before the one with this number.
    pub before: Option<i64>,
}

/// One page of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryPage {
    /// With their numbers, the newest first.
    pub entries: Vec<(i64, HistoryEntry)>,
    /// The first entry that was searched, if there may be more before it.
    pub searched_from: Option<i64>,
}

/// Maximum number of entries that one search examines.
const SEARCHED: i64 = 5_000;
/// If there are more incidents than this, looking them up together is faster than one by one.
const FEW: usize = 300;

impl Reader {
    /// These fingerprints and the neighbors of each in order, from which their shortest ids follow.
    pub fn fingerprints_around(&self, prints: &[&Fingerprint]) -> Result<Vec<Fingerprint>, Error> {
        if prints.len() > FEW {
            return self.fingerprints();
        }
        let sql = "SELECT (SELECT max(fingerprint) FROM incident WHERE fingerprint < ?1), \
                   (SELECT min(fingerprint) FROM incident WHERE fingerprint > ?1)";
        self.read(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let mut around = Vec::with_capacity(3 * prints.len());
            for print in prints {
                let beside = |row: &Row<'_>| Ok([row.get(0)?, row.get(1)?]);
                let beside: [Option<String>; 2] = select.query_row([print.as_str()], beside)?;
                around.push((*print).clone());
                around.extend(beside.into_iter().flatten().map(Fingerprint::from));
            }
            Ok(around)
        })
    }

    /// The fingerprints with this prefix, in order.
    pub fn fingerprints_like(&self, prefix: &str) -> Result<Vec<Fingerprint>, Error> {
        // A fingerprint continues with a character that is not the largest one.
        let sql = "SELECT fingerprint FROM incident WHERE fingerprint >= ?1 \
                   AND fingerprint < ?1 || char(1114111) ORDER BY fingerprint";
        self.read(|connection| rows::all(connection, sql, [prefix], rows::fingerprint))
    }

    /// The ended incidents that match the filter, the latest first, up to `limit` of them.
    pub fn ended_incidents(
        &self,
        limit: usize,
        is_wanted: impl Fn(&Overview) -> bool,
    ) -> Result<Vec<Overview>, Error> {
        let sql = "SELECT json FROM incident WHERE ended IS NOT NULL ORDER BY last DESC";
        self.read(|connection| {
            let mut select = connection.prepare_cached(sql)?;
            let mut rows = select.query([])?;
            let mut found = Vec::new();
            while found.len() < limit
                && let Some(row) = rows.next()?
            {
                let json = row.get_ref(0)?.as_str()?;
                found.extend(serde_json::from_str(json).ok().filter(&is_wanted));
            }
            Ok(found)
        })
    }

    /// The newest entries that match the filter, with their numbers.
    ///
    /// A search examines a limited number of entries, so that it does not take longer if it finds
    /// little.
    pub fn history_page(&self, wanted: &HistoryQuery, limit: u32) -> Result<HistoryPage, Error> {
        let before = wanted.before.unwrap_or(i64::MAX);
        let newest: Option<i64> = self.read(|connection| {
            let sql = "SELECT max(seq) FROM history WHERE seq < ?1";
            connection.query_row(sql, [before], |row| row.get(0))
        })?;
        let Some(newest) = newest else { return Ok(HistoryPage::default()) };
        let from = newest.saturating_sub(SEARCHED - 1);
        let entries = self.history_between(wanted, from, newest, limit)?;
        let since = Micros(wanted.since.unwrap_or(Timestamp::MIN));
        let is_more = "SELECT EXISTS (SELECT 1 FROM history WHERE seq < ?1 AND at >= ?2)";
        let is_full = entries.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = !is_full
            && self.read(|connection| {
                connection.query_row(is_more, params![from, since], |row| row.get(0))
            })?;
        Ok(HistoryPage { entries, searched_from: is_more.then_some(from) })
    }

    fn history_between(
        &self,
        wanted: &HistoryQuery,
        from: i64,
        to: i64,
        limit: u32,
    ) -> Result<Vec<(i64, HistoryEntry)>, Error> {
        let sql = "SELECT * FROM history WHERE seq BETWEEN ?1 AND ?7 AND at >= ?2 \
                   AND (?3 = '' OR kind = ?3) AND (?4 = '' OR reason = ?4 OR what = ?4) \
                   AND (?5 = '' OR instr(lower(summary), ?5) OR instr(lower(author), ?5) \
                        OR instr(fingerprint, ?5) = 1) \
                   ORDER BY seq DESC LIMIT ?6";
        let since = Micros(wanted.since.unwrap_or(Timestamp::MIN));
        let text = wanted.text.to_ascii_lowercase();
        self.read(|connection| {
            let params = params![from, since, wanted.kind, wanted.reason, text, limit, to];
            rows::all(connection, sql, params, |row| {
                Ok((row.get("seq")?, rows::history_entry(row)?))
            })
        })
    }

    /// Deliveries that were accepted, digests included but not what they stand for, newest first;
    /// after so many of them.
    pub fn delivered(&self, after: u32, limit: u32) -> Result<Vec<DeliveryStatus>, Error> {
        let sql =
            format!("{DELIVERY} WHERE state = 'delivered' ORDER BY seq DESC LIMIT ?2 OFFSET ?1");
        self.read(|connection| rows::all(connection, &sql, params![after, limit], delivery))
    }

    /// The deliveries that a digest stands for, up to `limit`.
    pub fn folded_in(&self, digest: &str, limit: u32) -> Result<Vec<DeliveryStatus>, Error> {
        let sql =
            format!("{DELIVERY} WHERE state = 'folded' AND receipt = ?1 ORDER BY seq LIMIT ?2");
        self.read(|connection| rows::all(connection, &sql, params![digest, limit], delivery))
    }

    /// The newest note of an incident, also of one that is over.
    pub fn note_of(&self, fingerprint: &Fingerprint) -> Result<Option<Note>, Error> {
        let key = RowKey::new(TableName::Notes, fingerprint.as_str()).to_string();
        let sql = "SELECT json FROM book WHERE key = ?1";
        self.read(|connection| {
            let json = connection.query_row(sql, [key], |row| row.get::<_, String>(0));
            Ok(json.optional()?.and_then(|json| serde_json::from_str(&json).ok()))
        })
    }

    /// The silences of one incident, in force and over, the newest first.
    pub fn silences_of(&self, incident: &Fingerprint) -> Result<Vec<Silence>, Error> {
        let mut silences = self.silences()?;
        silences.retain(|silence| silence.incident.as_ref() == Some(incident));
        Ok(silences)
    }
}
