//! Pure. Troubles outside any run: thresholds, pairs, and what started without an end.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detection::{Condition, Detection, Overdue, Role, Severity, Threshold};
use crate::incident::Suppression;
use crate::incident::book::{IncidentBook, Told};
use crate::incident::earlier::{no_subject, subject_of_text};
use crate::incident::run::Verdict;
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
        if detection.condition.is_over() {
            let success = Success::of(now, detection.subject.clone(), detection);
            return self.recover(now, &success, told);
        }
        for opened in &detection.terms.closes {
            let success = Success::of(now, detection.subject_of(opened), detection);
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
                let verdict = verdict(detection, at, n);
                let same_as = detection.terms.same_as.as_ref();
                let subject = same_as.map(|pattern| detection.subject_of(pattern));
                let subject = subject.unwrap_or_else(|| detection.subject.clone());
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
        let counted = tally.count(now, at, detection.origin.source(), threshold);
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
        let id = Arc::from(detection.subject.identity());
        if let Some(wait) = Wait::start(now, detection, self.usuals.get(&id)) {
            self.waits.put(id, wait);
        }
    }

    /// What an earlier version stored was named by its key alone, and held a sentence.
    pub(super) fn name_waits(&mut self) {
        let unnamed = self.waits.iter().filter(|(_, wait)| wait.subject == no_subject());
        let unnamed: Vec<Arc<str>> = unnamed.map(|(id, _)| Arc::clone(id)).collect();
        for id in unnamed {
            self.waits.change(&id, |wait| {
                wait.subject = subject_of_text(&id);
                let within = wait.due.duration_since(wait.started);
                wait.verdict.condition = Condition::Overdue(Overdue { within, usually: None });
                true
            });
        }
    }

    /// Forgets what this detection is the end of, and learns from a good one.
    pub(super) fn stop_waiting(&mut self, now: Timestamp, detection: &Detection) {
        let closed = detection.terms.closes.iter();
        let closed = closed.map(|opened| Arc::from(detection.subject_of(opened).identity()));
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
                drop(self.occur(now, &wait.subject, &wait.verdict, &wait.facts, None, told));
            }
        }
    }
}

/// The trouble, with how often it was found if it had to be found more than once.
fn verdict(detection: &Detection, at: Timestamp, n: u32) -> Verdict {
    let mut verdict = Verdict::of(detection, at);
    if let Some(threshold) = detection.terms.threshold {
        verdict.counted_within = Some(threshold.within);
        verdict.count = n;
    }
    verdict
}
