//! Pure. Decides on detections in virtual time, each at the time of its record.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detection::{AppId, Detection};
use crate::incident::{Notice, Suppressed};
use crate::pipeline::Pipeline;
use crate::qlik::stamp::Stamp;

/// How long the replay continues after the last record, and after the time at which a failed
/// attempt becomes final: longer than any verdict waits for its script log.
const LINGER: SignedDuration = SignedDuration::from_secs(60);

/// The number of cards that are kept completely: a page with more would be too large to open.
const MOST_DRAWN: usize = 200;

/// A script log and the rows of its run are at most this far apart.
const NEAR: SignedDuration = SignedDuration::from_mins(2);

/// The time range of the records to replay; both ends may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether no time is in it.
    pub fn is_empty(&self) -> bool {
        self.since.zip(self.until).is_some_and(|(since, until)| since >= until)
    }

    fn holds(&self, at: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// One card that would have been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentCard {
    /// When it would have been sent.
    pub at: Timestamp,
    pub notice: Notice,
    pub summary: String,
    pub channels: Vec<String>,
    /// The card as its first channel would get it; only for the first cards.
    pub card: Option<String>,
}

/// The result of a replay.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    pub cards: Vec<SentCard>,
    pub held: Vec<Suppressed>,
    /// Number of matches by pattern.
    pub found: BTreeMap<String, u64>,
    /// Patterns that only mark a start, which is not noise.
    pub starts: BTreeSet<String>,
    /// Number of records found again in a copy of their file.
    pub n_copies: u64,
    /// Number of detections without any time.
    pub n_timeless: u64,
    /// The times of the first and the last detection.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// Passes detections to the pipeline in the order of their timestamps, across all files, and wakes
/// it at each of its wakeup times.
pub fn decide_in_order(pipeline: &mut Pipeline, found: Vec<Detection>, window: Window) -> Replayed {
    let mut replayed = Replayed::default();
    let ordered = in_order(found, window, &mut replayed);
    replayed.first = ordered.first().map(|(at, _)| *at);
    replayed.last = ordered.last().map(|(at, _)| *at);
    let finals = ordered.iter().filter_map(|(_, detection)| detection.terms.final_after);
    let linger = LINGER.saturating_add(finals.max().unwrap_or_default());
    for (at, detection) in ordered {
        wake(pipeline, at, &mut replayed);
        *replayed.found.entry(detection.pattern.to_string()).or_default() += 1;
        if detection.role.is_start() {
            replayed.starts.insert(detection.pattern.to_string());
        }
        decide(pipeline, at, vec![detection], &mut replayed);
    }
    if let Some(last) = replayed.last {
        let end = last.saturating_add(linger).unwrap_or(last);
        wake(pipeline, end, &mut replayed);
    }
    replayed
}

/// Detections by time, then in the order of their files. A row that two copies of a file contain
/// is kept once.
fn in_order(
    found: Vec<Detection>,
    window: Window,
    replayed: &mut Replayed,
) -> Vec<(Timestamp, Detection)> {
    let mut ordered: Vec<(Timestamp, Detection)> = Vec::with_capacity(found.len());
    for detection in settled(found) {
        match detection.at {
            Some(at) if window.holds(at) => ordered.push((at, detection)),
            Some(_) => {}
            None => replayed.n_timeless += 1,
        }
    }
    ordered.sort_by_key(|(at, _)| *at);
    let all = ordered.len();
    let mut kept: Vec<(Timestamp, Detection)> = Vec::with_capacity(all);
    for (at, detection) in ordered {
        let at_this_time = kept.iter().rev().take_while(|(other, _)| *other == at);
        if !at_this_time.into_iter().any(|(_, other)| is_copy(&detection, other)) {
            kept.push((at, detection));
        }
    }
    replayed.n_copies = (all - kept.len()) as u64;
    kept
}

/// Resolves ambiguous stamps by records of the same app whose time is certain.
fn settled(mut found: Vec<Detection>) -> Vec<Detection> {
    let mut known: HashMap<AppId, BTreeSet<Timestamp>> = HashMap::new();
    for detection in found.iter().filter(|one| one.facts.at_or.is_none()) {
        if let (Some(app), Some(at)) = (&detection.facts.app_id, detection.at) {
            known.entry(app.clone()).or_default().insert(at);
        }
    }
    for detection in found.iter_mut().filter(|one| one.facts.at_or.is_some()) {
        let known = detection.facts.app_id.as_ref().and_then(|app| known.get(app));
        let (Some(known), Some(at)) = (known, detection.at) else { continue };
        let is_near = |at: &Timestamp| known.range(*at - NEAR..=*at + NEAR).next().is_some();
        let stamps = [Some(at), detection.facts.at_or].into_iter().flatten();
        if let [at] = stamps.filter(is_near).collect::<Vec<_>>()[..] {
            detection.read_as(Stamp { at, or: None });
        }
    }
    found
}

/// Whether both are the same row of copies of one file.
fn is_copy(one: &Detection, other: &Detection) -> bool {
    one.origin.is_copy_of(&other.origin) && one.pattern == other.pattern && one.facts == other.facts
}

/// Advances the time up to `until`.
fn wake(pipeline: &mut Pipeline, until: Timestamp, replayed: &mut Replayed) {
    let mut last = None;
    while let Some(at) = pipeline.next_wakeup().filter(|at| *at < until) {
        // A pipeline that asks for the same time again has nothing to emit then.
        if last.is_some_and(|last| at <= last) {
            break;
        }
        last = Some(at);
        decide(pipeline, at, Vec::new(), replayed);
    }
}

fn decide(
    pipeline: &mut Pipeline,
    now: Timestamp,
    detections: Vec<Detection>,
    replayed: &mut Replayed,
) {
    let (commit, decisions) = pipeline.decider.decide(now, detections.into(), Vec::new());
    replayed.held.extend(decisions.suppressed);
    for notice in decisions.notices {
        let is_drawn = replayed.cards.len() < MOST_DRAWN;
        let deliveries =
            || commit.deliveries.iter().filter(|delivery| delivery.notice_id == notice.id);
        replayed.cards.push(SentCard {
            at: now,
            summary: deliveries().next().map(|one| one.summary.clone()).unwrap_or_default(),
            channels: deliveries().map(|one| one.channel.clone()).collect(),
            card: deliveries().next().filter(|_| is_drawn).map(|one| one.payload.clone()),
            notice,
        });
    }
}

#[cfg(test)]
mod tests;
