//! Pure. Troubles outside any run: thresholds, pairs, and what started without an end.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::config::Period;
use crate::detect::{Detection, Role, Severity, Threshold};
use crate::incident::Suppression;
use crate::incident::book::incidents::{NODE, WATCHED};
use crate::incident::book::rows::{TALLY, USUAL, WAIT};
use crate::incident::book::runs::run_subject;
use crate::incident::book::{IncidentBook, Told};
use crate::incident::run::Verdict;
use crate::incident::threshold::{Counted, Tally};
use crate::incident::usual::Usual;
use crate::incident::wait::Wait;

/// Someone who tries a name after the other must not fill the memory.
const MOST_TALLIES: usize = 4096;
/// More tasks and apps than a site has.
const MOST_USUALS: usize = 4096;
/// What has not ended for so long does not say how long it takes now.
const KEEP_USUAL: SignedDuration = SignedDuration::from_hours(90 * 24);
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
            self.recover(now, &subject(detection, opened), detection, told);
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
                self.occur(now, &subject, &verdict, &detection.facts, None, told);
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
        let id = format!("{own}/{group}");
        self.touched.insert(format!("{TALLY}{id}"));
        let threshold = terms.threshold.unwrap_or(EVERY_ONE);
        let tally = self.tallies.entry(id).or_insert_with(|| Tally::new(now));
        let counted = tally.count(now, at, &detection.log, threshold);
        if self.tallies.len() > MOST_TALLIES {
            self.drop_oldest_tally();
        }
        counted
    }

    fn drop_oldest_tally(&mut self) {
        let oldest = self.tallies.iter().min_by_key(|(_, tally)| tally.seen);
        if let Some(id) = oldest.map(|(id, _)| id.clone()) {
            self.tallies.remove(&id);
            self.touched.insert(format!("{TALLY}{id}"));
        }
    }

    pub(super) fn forget_tallies(&mut self, now: Timestamp) {
        let old = |tally: &Tally| now.duration_since(tally.seen) > tally.keep;
        let over = self.tallies.iter().filter(|(_, tally)| old(tally));
        let over: Vec<String> = over.map(|(id, _)| id.clone()).collect();
        for id in over {
            self.tallies.remove(&id);
            self.touched.insert(format!("{TALLY}{id}"));
        }
    }

    /// Something began. A second start of the same means that the first ended unseen.
    pub(super) fn wait(&mut self, now: Timestamp, detection: &Detection) {
        let id = run_subject(&detection.facts);
        let id = id.unwrap_or_else(|| subject(detection, &detection.pattern));
        if let Some(wait) = Wait::start(now, detection, self.usuals.get(&id)) {
            self.touched.insert(format!("{WAIT}{id}"));
            self.waits.insert(id, wait);
        }
    }

    /// Forgets what this detection is the end of, and learns from a good one.
    pub(super) fn stop_waiting(&mut self, now: Timestamp, detection: &Detection) {
        let closed: Vec<String> =
            detection.terms.closes.iter().map(|opened| subject(detection, opened)).collect();
        let ended =
            |(id, wait): &(&String, &Wait)| closed.contains(*id) || wait.is_ended_by(detection);
        let ended: Vec<String> =
            self.waits.iter().filter(ended).map(|(id, _)| id.clone()).collect();
        let is_good = matches!(detection.role, Role::Success | Role::ScriptSucceeded);
        for id in ended {
            let wait = self.remove_wait(&id).filter(|wait| wait.learns && is_good);
            if let Some(took) =
                wait.zip(detection.at).map(|(wait, at)| at.duration_since(wait.started))
            {
                self.learn(now, id, took);
            }
        }
    }

    fn learn(&mut self, now: Timestamp, id: String, took: SignedDuration) {
        if self.usuals.len() < MOST_USUALS || self.usuals.contains_key(&id) {
            self.touched.insert(format!("{USUAL}{id}"));
            self.usuals.entry(id).or_insert_with(|| Usual::new(now)).learn(now, took);
        }
    }

    pub(super) fn forget_usuals(&mut self, now: Timestamp) {
        let old = |usual: &Usual| now.duration_since(usual.seen) > KEEP_USUAL;
        let over = self.usuals.iter().filter(|(_, usual)| old(usual));
        let over: Vec<String> = over.map(|(id, _)| id.clone()).collect();
        for id in over {
            self.usuals.remove(&id);
            self.touched.insert(format!("{USUAL}{id}"));
        }
    }

    fn remove_wait(&mut self, id: &str) -> Option<Wait> {
        self.touched.insert(format!("{WAIT}{id}"));
        self.waits.remove(id)
    }

    /// Tells what has not ended in its time.
    pub(super) fn tell_overdue(&mut self, now: Timestamp, told: &mut Told) {
        let due = self.waits.iter().filter(|(_, wait)| wait.due <= now);
        let due: Vec<String> = due.map(|(id, _)| id.clone()).collect();
        for id in due {
            if let Some(wait) = self.remove_wait(&id) {
                self.occur(now, &id, &wait.verdict, &wait.facts, None, told);
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
