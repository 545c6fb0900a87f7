//! Pure. Figures over the history: counts, noise, and how long things took.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::commit::{HistoryEntry, HistoryReason, HistoryType, Suppression};
use crate::detection::Kind;
use crate::ids::Fingerprint;
use crate::metrics::{CounterSet, Counts};
use crate::state::DeliveryStatus;
use crate::view::moment::Moment;

/// The input of the figures.
#[derive(Clone, Debug, Default)]
pub struct StatsInput {
    /// Newest first, as in the state.
    pub history: Vec<HistoryEntry>,
    /// Deliveries that were accepted.
    pub sent: Vec<DeliveryStatus>,
    pub counters: Counts,
}

/// Figures from one time to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// `None`: from the first entry that is kept.
    pub since: Option<Moment>,
    pub until: Moment,
    pub opened: u64,
    pub repeated: u64,
    pub escalated: u64,
    pub recovered: u64,
    pub acknowledged: u64,
    pub refused: u64,
    pub suppressed: u64,
    /// Suppressed detections by reason, the most frequent first.
    pub reasons: Vec<Tallied>,
    /// The cards and suppressions of each kind, the noisiest first.
    pub kinds: Vec<KindNoise>,
    /// Matches of each pattern since the state exists, the noisiest first.
    pub patterns: Vec<Tallied>,
    /// Openings of each day.
    pub days: Vec<Tallied>,
    /// From the record of the failure until its card is accepted.
    pub time_to_card: Option<Spread>,
    /// From the opening until somebody acknowledges it.
    pub time_to_acknowledge: Option<Spread>,
    /// From the opening to the recovery.
    pub time_to_recover: Option<Spread>,
}

/// A name and how often it occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tallied {
    pub name: String,
    pub count: u64,
}

/// The cards and the suppressed detections of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KindNoise {
    pub kind: String,
    pub cards: u64,
    pub suppressed: u64,
}

/// How long something took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// Number of measured times.
    pub count: usize,
    pub median_ms: i64,
    pub p90_ms: i64,
    pub longest_ms: i64,
}

impl Spread {
    /// The spread of some times; `None` if there are none. For an even number, the lower middle
    /// counts.
    fn of(mut times: Vec<SignedDuration>) -> Option<Self> {
        times.sort_unstable();
        let count = times.len();
        let nth = |part: usize| -> Option<i64> {
            let rank = (count * part).div_ceil(100).max(1);
            let time = times.get(rank - 1)?;
            Some(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
        };
        Some(Self { count, median_ms: nth(50)?, p90_ms: nth(90)?, longest_ms: nth(100)? })
    }
}

/// The facts about one incident while its history is read.
#[derive(Default)]
struct Life {
    /// When it was opened, and whether that was acknowledged.
    open: Option<(Timestamp, bool)>,
    /// When it failed first, if that was held back.
    held_since: Option<Timestamp>,
    openings: Vec<Timestamp>,
}

/// What is counted while the history is read.
#[derive(Default)]
struct HistoryTally {
    lives: BTreeMap<Option<Fingerprint>, Life>,
    reasons: BTreeMap<String, u64>,
    days: BTreeMap<Date, u64>,
    kinds: BTreeMap<Option<Kind>, KindNoise>,
    types: BTreeMap<HistoryType, u64>,
    acknowledged_after: Vec<SignedDuration>,
    recovered_after: Vec<SignedDuration>,
}

impl HistoryTally {
    /// Follows the incident of an entry; `counts` if the entry is in the time that is asked for.
    fn follow(&mut self, entry: &HistoryEntry, counts: bool, zone: &TimeZone) {
        let life = self.lives.entry(entry.fingerprint.clone()).or_default();
        match entry.what {
            HistoryType::Opened => {
                let failed = life.held_since.take().unwrap_or(entry.at);
                life.open = Some((failed, false));
                if counts {
                    life.openings.push(failed);
                    let day = entry.at.to_zoned_datetime(zone.clone()).date();
                    *self.days.entry(day).or_default() += 1;
                }
            }
            HistoryType::Acknowledged => {
                if let Some((at, is_known @ false)) = &mut life.open
                    && counts
                {
                    *is_known = true;
                    self.acknowledged_after.push(entry.at.duration_since(*at));
                }
            }
            HistoryType::Suppressed if life.open.is_none() && is_hold(entry) => {
                life.held_since.get_or_insert(entry.at);
            }
            HistoryType::Recovered => {
                life.held_since = None;
                if let Some((at, _)) = life.open.take().filter(|_| counts) {
                    self.recovered_after.push(entry.at.duration_since(at));
                }
            }
            _ => {}
        }
    }

    fn count(&mut self, entry: &HistoryEntry) {
        if !entry.has_no_card() || entry.what == HistoryType::Opened {
            *self.types.entry(entry.what).or_default() += 1;
        }
        let is_suppressed = entry.what == HistoryType::Suppressed;
        if is_suppressed {
            *self.reasons.entry(entry.reason_name().to_owned()).or_default() += 1;
        }
        if entry.is_card() || is_suppressed {
            let of = self.kinds.entry(entry.kind).or_default();
            of.cards += u64::from(entry.is_card());
            of.suppressed += u64::from(is_suppressed);
        }
    }
}

/// Computes the figures of the entries since a time.
pub fn stats(
    input: &StatsInput,
    since: Option<Timestamp>,
    now: Timestamp,
    zone: &TimeZone,
) -> Stats {
    let mut read = HistoryTally::default();
    for entry in input.history.iter().rev() {
        let counts = since.is_none_or(|since| entry.at >= since);
        read.follow(entry, counts, zone);
        if counts {
            read.count(entry);
        }
    }
    let n = |what| read.types.get(&what).copied().unwrap_or_default();
    let day = |(day, count): (Date, u64)| Tallied { name: day.to_string(), count };
    Stats {
        since: since.map(Moment),
        until: Moment(now),
        opened: n(HistoryType::Opened),
        repeated: n(HistoryType::Repeated),
        escalated: n(HistoryType::Escalated),
        recovered: n(HistoryType::Recovered),
        acknowledged: n(HistoryType::Acknowledged),
        refused: n(HistoryType::Refused),
        suppressed: n(HistoryType::Suppressed),
        reasons: tallied(read.reasons),
        kinds: noisiest(read.kinds),
        patterns: of_patterns(&input.counters),
        days: read.days.into_iter().map(day).collect(),
        time_to_card: Spread::of(until_card(&read.lives, &input.sent)),
        time_to_acknowledge: Spread::of(read.acknowledged_after),
        time_to_recover: Spread::of(read.recovered_after),
    }
}

/// Whether this holds back a failure that is still open when it ends.
fn is_hold(entry: &HistoryEntry) -> bool {
    matches!(
        entry.reason,
        Some(HistoryReason::Suppression(
            Suppression::Silenced | Suppression::Maintenance | Suppression::Inhibited
        ))
    )
}

/// From each opening to the first card of the incident that was accepted after it.
fn until_card(
    lives: &BTreeMap<Option<Fingerprint>, Life>,
    sent: &[DeliveryStatus],
) -> Vec<SignedDuration> {
    let mut cards: BTreeMap<&Fingerprint, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for row in sent {
        if let (Some(settled), Some(print)) = (row.settled, &row.fingerprint) {
            cards.entry(print).or_default().push((row.created, settled));
        }
    }
    let mut times = Vec::new();
    for (print, life) in lives {
        let Some(cards) = print.as_ref().and_then(|it| cards.get(it)) else { continue };
        for (number, opened) in life.openings.iter().enumerate() {
            let next = life.openings.get(number + 1).copied().unwrap_or(Timestamp::MAX);
            let own = cards.iter().filter(|(created, _)| created >= opened && *created < next);
            times.extend(own.map(|(_, settled)| settled.duration_since(*opened)).min());
        }
    }
    times
}

fn tallied(counted: BTreeMap<String, u64>) -> Vec<Tallied> {
    let mut all: Vec<Tallied> =
        counted.into_iter().map(|(name, count)| Tallied { name, count }).collect();
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    all
}

fn noisiest(kinds: BTreeMap<Option<Kind>, KindNoise>) -> Vec<KindNoise> {
    let named = kinds.into_iter().map(|(kind, noise)| {
        let kind = kind.map_or("", Kind::name).to_owned();
        KindNoise { kind, ..noise }
    });
    let mut all: Vec<KindNoise> = named.collect();
    all.sort_by(|a, b| {
        let n = |noise: &KindNoise| noise.cards + noise.suppressed;
        n(b).cmp(&n(a)).then_with(|| a.kind.cmp(&b.kind))
    });
    all
}

fn of_patterns(counters: &Counts) -> Vec<Tallied> {
    tallied(counters.of(CounterSet::Patterns).map(|(name, n)| (name.to_owned(), n)).collect())
}
