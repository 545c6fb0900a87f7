//! Pure. The incidents that a digest covers, and its text about each.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::clock::Timestamp;
use crate::commit::Reason;
use crate::detection::Severity;
use crate::ids::{DeliveryId, Fingerprint};
use crate::outbox::Pending;

/// Maximum number of incidents that a digest names; the others are counted.
pub const NAMED: usize = 200;

/// Several deliveries sent as one card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The deliveries, in order.
    pub members: Vec<DeliveryId>,
    /// The causes of incidents that have not recovered, the worst first.
    pub causes: Vec<CauseCounts>,
    /// The incidents to name, in the order of their causes, the worst first.
    pub named: Vec<DigestRow>,
    pub counted: DigestCounts,
    /// When the first and the last of the deliveries were created.
    pub from: Timestamp,
    pub to: Timestamp,
}

/// One incident in a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestRow {
    /// The delivery whose summary describes the incident.
    pub id: DeliveryId,
    pub cause: String,
    pub severity: Severity,
    /// Number of failure cards that the row covers.
    pub times: u32,
    pub last: Timestamp,
    /// Whether the incident has recovered.
    pub is_over: bool,
}

/// The incidents and cards of one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseCounts {
    pub cause: String,
    /// The highest of its incidents.
    pub severity: Severity,
    pub incidents: u32,
    /// Their cards.
    pub cards: u32,
    pub last: Timestamp,
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
    pub fingerprint: Fingerprint,
    /// When the last of its unreadable failure cards was created.
    pub created: Timestamp,
}

impl Unread {
    /// `None` if the incident was reported before these cards.
    pub(crate) fn of(cards: &[&Pending]) -> Option<Self> {
        let first = cards.first().filter(|card| card.reason == Reason::Opened)?;
        let last = cards.iter().rfind(|card| card.reason != Reason::Recovered)?;
        let (channel, created) = (first.channel.clone(), last.created);
        Some(Self { channel, fingerprint: first.fingerprint.clone()?, created })
    }
}

/// The incidents that a digest does not name.
pub(crate) fn unread(incidents: &[Vec<&Pending>], group: &Group) -> Vec<Unread> {
    let named: HashSet<&DeliveryId> = group.named.iter().map(|row| &row.id).collect();
    let is_named = |cards: &&Vec<&Pending>| cards.iter().any(|one| named.contains(&one.id));
    let unnamed = incidents.iter().filter(|cards| !is_named(cards));
    unnamed.filter_map(|cards| Unread::of(cards)).collect()
}

/// Builds the digest of these incidents; each has its deliveries in order, at least one.
pub(crate) fn group(incidents: &[Vec<&Pending>], now: Timestamp) -> Group {
    let all = || incidents.iter().flatten();
    let rows: Vec<DigestRow> = incidents.iter().filter_map(|incident| row(incident)).collect();
    let (over, problems): (Vec<DigestRow>, Vec<DigestRow>) =
        rows.into_iter().partition(|row| row.is_over);
    let mut counted = DigestCounts {
        problems: problems.iter().fold(0, |sum, row| sum.saturating_add(row.times)),
        over: count(over.len()),
        cards: count(all().count()),
        unnamed: 0,
    };
    let causes = causes(&problems);
    let n_rows = problems.len() + over.len();
    let named = name_the_worst(&causes, problems, over);
    counted.unnamed = count(n_rows - named.len());
    let times = || all().map(|pending| pending.created);
    Group {
        members: all().map(|pending| pending.id.clone()).collect(),
        causes,
        named,
        counted,
        from: times().min().unwrap_or(now),
        to: times().max().unwrap_or(now),
    }
}

/// The causes, the worst first.
fn causes(problems: &[DigestRow]) -> Vec<CauseCounts> {
    let mut causes: HashMap<&str, CauseCounts> = HashMap::new();
    for row in problems {
        let cause = causes.entry(&row.cause).or_insert_with(|| CauseCounts {
            cause: row.cause.clone(),
            severity: row.severity,
            incidents: 0,
            cards: 0,
            last: row.last,
        });
        cause.severity = cause.severity.max(row.severity);
        cause.incidents += 1;
        cause.cards = cause.cards.saturating_add(row.times);
        cause.last = cause.last.max(row.last);
    }
    let mut causes: Vec<CauseCounts> = causes.into_values().collect();
    causes.sort_by(|a, b| {
        let rank = |one: &CauseCounts| (one.severity, one.incidents, one.last);
        rank(b).cmp(&rank(a)).then_with(|| a.cause.cmp(&b.cause))
    });
    causes
}

/// The rows to name, in the order of their causes. Each cause has its share of them, so that a large
/// one leaves room for the others. The newest problem is always kept.
fn name_the_worst(
    causes: &[CauseCounts],
    mut problems: Vec<DigestRow>,
    mut over: Vec<DigestRow>,
) -> Vec<DigestRow> {
    let ranks = causes.iter().enumerate().map(|(rank, one)| (&*one.cause, rank));
    let ranks: HashMap<&str, usize> = ranks.collect();
    let rank = |row: &DigestRow| ranks.get(&*row.cause).copied().unwrap_or(usize::MAX);
    let worth = |row: &DigestRow| Reverse((row.severity, row.times, row.last));
    problems.sort_by_key(|row| (rank(row), worth(row)));
    over.sort_by_key(worth);
    let share = (NAMED / causes.len().max(1)).max(1);
    let mut taken: HashMap<usize, usize> = HashMap::new();
    let (mut named, rest): (Vec<DigestRow>, Vec<DigestRow>) =
        problems.into_iter().partition(|row| {
            let n = taken.entry(rank(row)).or_default();
            *n += 1;
            *n <= share
        });
    named.truncate(NAMED);
    let newest = rest.iter().max_by_key(|row| row.last).cloned();
    named.extend(rest.into_iter().take(NAMED - named.len()));
    let known = named.iter().map(|row| row.last).max();
    if let Some(newest) = newest
        && known.is_none_or(|known| newest.last > known)
        && let Some(last) = named.last_mut()
    {
        *last = newest;
    }
    named.sort_by_key(|row| (rank(row), worth(row)));
    named.extend(over.into_iter().take(NAMED - named.len()));
    named
}

fn row(incident: &[&Pending]) -> Option<DigestRow> {
    let problems = || incident.iter().filter(|pending| pending.reason != Reason::Recovered);
    let last = incident.last()?;
    let described = problems().next_back().unwrap_or(last);
    Some(DigestRow {
        id: described.id.clone(),
        cause: described.cause.clone(),
        severity: problems().map(|pending| pending.severity).max().unwrap_or(last.severity),
        times: count(problems().count()),
        last: last.created,
        is_over: last.reason == Reason::Recovered,
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
