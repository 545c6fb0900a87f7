//! Pure. Counts the results of a replay.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::detection::Kind;
use crate::incident::{Notice, Reason, Suppression, error_class};
use crate::render::catalog;
use crate::replay::decide_in_order::Replayed;

/// The most characters of an error class.
const LONGEST_CLASS: usize = 120;

/// The figures of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Failures, notified or held back as repeats, by day and hour in the given zone.
    pub by_day: BTreeMap<Date, [u64; 24]>,
    pub by_app: Vec<(String, u64)>,
    pub by_error: Vec<(String, u64)>,
    /// The same by the title of the error class.
    pub by_class: Vec<(String, u64)>,
    /// Longest first.
    pub outages: Vec<Outage>,
    pub by_pattern: Vec<Noise>,
    /// Suppressed detections, by reason.
    pub held: Vec<(String, u64)>,
}

/// A task or app that was down from its first failure to its success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    pub name: String,
    pub from: Timestamp,
    /// `None` if the logs end before it.
    pub to: Option<Timestamp>,
    pub lasted: SignedDuration,
    pub n_failures: u64,
}

/// The matches of a pattern, and the cards that they caused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noise {
    pub pattern: String,
    pub n_found: u64,
    pub n_cards: u64,
}

impl Tally {
    /// Counts the results, with days in `zone`, and errors worded as on cards in this language.
    pub fn of(replayed: &Replayed, zone: &TimeZone, language: Language) -> Self {
        Self {
            by_day: by_day(replayed, zone),
            by_app: by_app(replayed),
            by_error: by_error(replayed, language),
            by_class: by_class(replayed),
            outages: outages(replayed),
            by_pattern: by_pattern(replayed),
            held: most_first(replayed.held.iter().map(|held| held.why.name().to_owned())),
        }
    }
}

fn opened(replayed: &Replayed) -> impl Iterator<Item = &Notice> {
    let notices = replayed.cards.iter().map(|card| &card.notice);
    notices.filter(|notice| notice.reason == Reason::Opened)
}

fn by_day(replayed: &Replayed, zone: &TimeZone) -> BTreeMap<Date, [u64; 24]> {
    let again = replayed.held.iter().filter(|held| held.why == Suppression::Repeat);
    let times = opened(replayed).map(|notice| notice.at).chain(again.map(|held| held.at));
    let mut days: BTreeMap<Date, [u64; 24]> = BTreeMap::new();
    for at in times {
        let local = at.to_zoned_datetime(zone.clone());
        let hour = usize::try_from(local.hour()).unwrap_or(0);
        days.entry(local.date()).or_default()[hour] += 1;
    }
    days
}

fn by_app(replayed: &Replayed) -> Vec<(String, u64)> {
    // What happens to a node or a service is about no app.
    let again =
        replayed.held.iter().filter(|held| held.why == Suppression::Repeat && ends(held.kind));
    let again = again.filter_map(|held| held.name.clone());
    most_first(opened(replayed).filter(|notice| ends(notice.kind)).map(name_of).chain(again))
}

fn by_error(replayed: &Replayed, language: Language) -> Vec<(String, u64)> {
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    for (notice, n) in failures(replayed) {
        let notice = notice.in_language(language);
        let reason = catalog::reason(&notice, language);
        let first = reason.lines().next().unwrap_or_default();
        let class: String = error_class(first).chars().take(LONGEST_CLASS).collect();
        *classes.entry(class).or_default() += n;
    }
    sorted(classes.into_iter().filter(|(_, n)| *n > 0))
}

/// Reloads whose script log names an error without a class are counted together.
fn by_class(replayed: &Replayed) -> Vec<(String, u64)> {
    let mut classes: BTreeMap<String, u64> = BTreeMap::new();
    for (notice, n) in failures(replayed).filter(|(_, n)| *n > 0) {
        let Some(script) = notice.script.as_ref().filter(|script| script.error.is_some()) else {
            continue;
        };
        let title = script.error_title.as_deref().unwrap_or("Of no known class");
        *classes.entry(title.to_owned()).or_default() += n;
    }
    sorted(classes.into_iter())
}

/// Each card, and the number of failures that it covers.
fn failures(replayed: &Replayed) -> impl Iterator<Item = (&Notice, u64)> {
    let notices = replayed.cards.iter().map(|card| &card.notice);
    notices.map(|notice| match notice.reason {
        Reason::Opened => (notice, 1),
        Reason::Repeated => (notice, u64::from(notice.held_back) + 1),
        Reason::Escalated | Reason::Acknowledged => (notice, 0),
        Reason::Recovered => (notice, u64::from(notice.held_back)),
    })
}

/// Outages of tasks and apps: only their ends are notified.
fn outages(replayed: &Replayed) -> Vec<Outage> {
    let mut open: BTreeMap<String, Outage> = BTreeMap::new();
    let mut over = Vec::new();
    let last = replayed.last;
    for notice in replayed.cards.iter().map(|card| &card.notice) {
        let name = name_of(notice);
        match notice.reason {
            Reason::Recovered => {
                open.remove(&name);
                over.push(Outage {
                    name,
                    from: notice.since,
                    to: Some(notice.at),
                    lasted: notice.at.duration_since(notice.since),
                    n_failures: u64::from(notice.count),
                });
            }
            _ if ends(notice.kind) => {
                let lasted = last.map(|last| last.duration_since(notice.since)).unwrap_or_default();
                let known = open.entry(name.clone()).or_insert(Outage {
                    name,
                    from: notice.since,
                    to: None,
                    lasted,
                    n_failures: 0,
                });
                known.n_failures = known.n_failures.max(u64::from(notice.count));
            }
            _ => {}
        }
    }
    over.extend(open.into_values());
    over.sort_by_key(|outage| std::cmp::Reverse(outage.lasted));
    over
}

fn ends(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ReloadFailed
            | Kind::ReloadAborted
            | Kind::ReloadFailedOutsideTask
            | Kind::TaskFailed
            | Kind::TaskNotStarted
    )
}

fn by_pattern(replayed: &Replayed) -> Vec<Noise> {
    let n_cards = |pattern: &str| {
        let cards = replayed.cards.iter().filter(|card| card.notice.pattern == *pattern);
        cards.filter(|card| card.notice.reason != Reason::Recovered).count() as u64
    };
    let noise = |(pattern, n_found): (&String, &u64)| Noise {
        n_cards: n_cards(pattern),
        pattern: pattern.clone(),
        n_found: *n_found,
    };
    let found = replayed.found.iter().filter(|(pattern, _)| !replayed.starts.contains(*pattern));
    let mut patterns: Vec<Noise> = found.map(noise).collect();
    patterns.sort_by_key(|noise| std::cmp::Reverse(noise.n_found));
    patterns
}

/// The app, else the task, else the node.
pub fn name_of(notice: &Notice) -> String {
    let facts = &notice.facts;
    let named = facts.app_name.as_deref().or(facts.task_name.as_deref());
    let named = named.or(facts.app_id.as_deref()).or(facts.host.as_deref());
    named.unwrap_or("unknown").to_owned()
}

fn most_first(names: impl Iterator<Item = String>) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    sorted(counts.into_iter())
}

fn sorted(counts: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts.collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}
