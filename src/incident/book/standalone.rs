//! Pure. Troubles outside any run: thresholds, pairs, and what started without an end.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::Period;
use crate::detect::{Detection, Role, Severity, Threshold};
use crate::incident::Suppression;
use crate::incident::book::incidents::{NODE, WATCHED};
use crate::incident::book::{IncidentBook, Told};
use crate::incident::run::{Verdict, run_subject};
use crate::incident::success::Success;
use crate::incident::threshold::{BySeen, Counted, Tally};
use crate::incident::usual::Usual;
use crate::incident::wait::{Wait, WaitBy, is_end};

/// Someone who tries a name after the other must not fill the memory.
const MOST_TALLIES: usize = 4096;
/// More tasks and apps than a site has.
const MOST_USUALS: usize = 4096;
/// What tells every find, but each only once whichever log it stands in.
const EVERY_ONE: Threshold = Threshold { count: 1, within: SignedDuration::from_secs(2) };

impl IncidentBook {
    pub(super) fn observe_standalone(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        told: &mut Told,
    ) {
        for opened in &detection.terms.closes {
            let success = Success::of(now, &subject(detection, opened), detection);
            self.recover(now, &success, told);
        }
        if !detection.terms.closes.is_empty() && detection.severity == Severity::Info {
            return;
        }
        let at = detection.at.unwrap_or(now);
        match self.count(now, at, detection) {
            Counted::TooFew => told.suppress(Suppression::BelowThreshold, detection, at),
            Counted::Known => told.suppress(Suppression::OtherLog, detection, at),
            Counted::Enough(n) => {
                let own = detection.terms.same_as.as_ref().unwrap_or(&detection.pattern);
                let verdict = verdict(detection, at, n);
                let subject = subject(detection, own);
                drop(self.occur(now, &subject, &verdict, &detection.facts, None, told));
            }
        }
    }

    fn count(&mut self, now: Timestamp, at: Timestamp, detection: &Detection) -> Counted {
        let terms = &detection.terms;
        if !terms.is_counted() {
            return Counted::Enough(1);
        }
        let Some(group) = &detection.group else { return Counted::TooFew };
        let own = terms.same_as.as_ref().unwrap_or(&detection.pattern);
        let id = Arc::from(format!("{own}/{group}"));
        let threshold = terms.threshold.unwrap_or(EVERY_ONE);
        let mut tally = self.tallies.remove(&id).unwrap_or_else(|| Tally::new(now));
        let counted = tally.count(now, at, &detection.log, threshold);
        self.tallies.put(id, tally);
        if self.tallies.len() > MOST_TALLIES {
            self.drop_oldest_tally();
        }
        counted
    }

    fn drop_oldest_tally(&mut self) {
        let mut all = self.tallies.find(&BySeen, Timestamp::MIN..=Timestamp::MAX);
        if let Some(oldest) = all.next().map(|(_, id, _)| Arc::clone(id)) {
            drop(all);
            self.tallies.remove(&oldest);
        }
    }

    /// Something began. A second start of the same means that the first ended unseen.
    pub(super) fn wait(&mut self, now: Timestamp, detection: &Detection) {
        let id = run_subject(&detection.facts);
        let id = id.unwrap_or_else(|| subject(detection, &detection.pattern));
        let id = Arc::from(id);
        if let Some(wait) = Wait::start(now, detection, self.usuals.get(&id)) {
            self.waits.put(id, wait);
        }
    }

    /// Forgets what this detection is the end of, and learns from a good one.
    pub(super) fn stop_waiting(&mut self, now: Timestamp, detection: &Detection) {
        let closed = detection.terms.closes.iter();
        let closed = closed.map(|opened| Arc::from(subject(detection, opened)));
        let mut ended: BTreeSet<Arc<str>> = closed.collect();
        if is_end(detection) {
            for by in WaitBy::all_of(&detection.facts) {
                ended.extend(self.waits.find_all(&by));
            }
        }
        let is_good = matches!(detection.role, Role::Success | Role::ScriptSucceeded);
        for id in ended {
            let wait = self.waits.remove(&id).filter(|wait| wait.learns && is_good);
            if let Some(took) =
                wait.zip(detection.at).map(|(wait, at)| at.duration_since(wait.started))
            {
                self.learn(now, id, took);
            }
        }
    }

    fn learn(&mut self, now: Timestamp, id: Arc<str>, took: SignedDuration) {
        if self.usuals.len() < MOST_USUALS || self.usuals.get(&id).is_some() {
            let mut usual = self.usuals.remove(&id).unwrap_or_else(|| Usual::new(now));
            usual.learn(now, took);
            self.usuals.put(id, usual);
        }
    }

    /// Tells what has not ended in its time.
    pub(super) fn tell_overdue(&mut self, now: Timestamp, told: &mut Told) {
        let mut due = self.waits.due(now);
        due.sort();
        for id in due {
            if let Some(wait) = self.waits.remove(&id) {
                drop(self.occur(now, &id, &wait.verdict, &wait.facts, None, told));
            }
        }
    }
}

/// The trouble, with how often it was found if it had to be found more than once.
fn verdict(detection: &Detection, at: Timestamp, n: u32) -> Verdict {
    let mut verdict = Verdict::of(detection, at);
    if let Some(threshold) = detection.terms.threshold {
        let within = threshold.within.try_into().map(Period).unwrap_or_default();
        verdict.meaning = format!("Found {n} times within {within}. {}", verdict.meaning);
        verdict.count = n;
    }
    verdict
}

/// Whose end a trouble of this pattern is, with the key of the detection.
fn subject(detection: &Detection, pattern: &str) -> String {
    let host = detection.facts.host.as_deref().unwrap_or_default();
    // Without a key of its own, a pattern's id stands in its place.
    let key = if detection.key == detection.pattern { pattern } else { &detection.key };
    let whose = if detection.terms.until_over { WATCHED } else { NODE };
    format!("{whose}{host}/{pattern}/{key}")
}
