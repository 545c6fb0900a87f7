//! Pure. Which incidents a digest covers, and what it says about each.

use std::collections::HashSet;

use crate::clock::Timestamp;
use crate::commit::Reason;
use crate::detection::Severity;
use crate::outbox::Pending;

/// Maximum number of incidents that a digest names; the others are counted.
pub const NAMED: usize = 200;

/// Several deliveries sent as one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The deliveries, in order.
    pub members: Vec<String>,
    /// The incidents to name, the worst first.
    pub named: Vec<Row>,
    pub counted: DigestCounts,
    /// When the first and the last of the deliveries were created.
    pub from: Timestamp,
    pub to: Timestamp,
}

/// One incident in a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The delivery whose summary describes the incident.
    pub id: String,
    pub severity: Severity,
    /// Number of failure cards that the row covers.
    pub times: u32,
    pub last: Timestamp,
    /// Whether the incident has recovered.
    pub is_over: bool,
}

/// The totals of a digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DigestCounts {
    /// Cards of incidents that have not recovered.
    pub problems: u32,
    /// Incidents that have recovered.
    pub over: u32,
    /// All cards.
    pub cards: u32,
    /// Incidents that are not named.
    pub unnamed: u32,
}

/// An incident whose opening is not readable in this channel: its card is dead, or a digest only
/// counts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    pub channel: String,
    pub fingerprint: String,
    /// When the last of its unreadable failure cards was created.
    pub created: Timestamp,
}

impl Unread {
    /// `None` if the incident was reported before these cards.
    pub(super) fn of(cards: &[&Pending]) -> Option<Self> {
        let first = cards.first().filter(|card| card.reason == Reason::Opened)?;
        let last = cards.iter().rfind(|card| card.reason != Reason::Recovered)?;
        (!first.fingerprint.is_empty()).then(|| Self {
            channel: first.channel.clone(),
            fingerprint: first.fingerprint.clone(),
            created: last.created,
        })
    }
}

/// The incidents that a digest does not name.
pub(super) fn unread(incidents: &[Vec<&Pending>], group: &Group) -> Vec<Unread> {
    let named: HashSet<&str> = group.named.iter().map(|row| row.id.as_str()).collect();
    let is_named = |cards: &&Vec<&Pending>| cards.iter().any(|one| named.contains(one.id.as_str()));
    let unnamed = incidents.iter().filter(|cards| !is_named(cards));
    unnamed.filter_map(|cards| Unread::of(cards)).collect()
}

/// Builds the digest of these incidents; each has its deliveries in order, at least one.
pub(super) fn group(incidents: &[Vec<&Pending>], now: Timestamp) -> Group {
    let all = || incidents.iter().flatten();
    let mut rows: Vec<Row> = incidents.iter().filter_map(|incident| row(incident)).collect();
    let problems = rows.iter().filter(|row| !row.is_over);
    let mut counted = DigestCounts {
        problems: problems.fold(0, |sum, row| sum.saturating_add(row.times)),
        over: count(rows.iter().filter(|row| row.is_over).count()),
        cards: count(all().count()),
        unnamed: 0,
    };
    counted.unnamed = count(name_the_worst(&mut rows));
    let times = || all().map(|pending| pending.created);
    Group {
        members: all().map(|pending| pending.id.clone()).collect(),
        named: rows,
        counted,
        from: times().min().unwrap_or(now),
        to: times().max().unwrap_or(now),
    }
}

/// Sorts the rows and keeps those to name; returns the number of the others. The newest problem is
/// always kept.
fn name_the_worst(rows: &mut Vec<Row>) -> usize {
    let rank = |row: &Row| (!row.is_over, row.severity, row.times, row.last);
    rows.sort_by_key(|row| std::cmp::Reverse(rank(row)));
    let unnamed = rows.split_off(rows.len().min(NAMED));
    let newest = unnamed.iter().filter(|row| !row.is_over).max_by_key(|row| row.last);
    let known = rows.iter().filter(|row| !row.is_over).map(|row| row.last).max();
    if let Some(newest) = newest
        && known.is_none_or(|known| newest.last > known)
        && let Some(last) = rows.last_mut()
    {
        *last = newest.clone();
    }
    unnamed.len()
}

fn row(incident: &[&Pending]) -> Option<Row> {
    let problems = || incident.iter().filter(|pending| pending.reason != Reason::Recovered);
    let last = incident.last()?;
    let described = problems().next_back().unwrap_or(last);
    Some(Row {
        id: described.id.clone(),
        severity: problems().map(|pending| pending.severity).max().unwrap_or(last.severity),
        times: count(problems().count()),
        last: last.created,
        is_over: last.reason == Reason::Recovered,
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
