//! Pure. Incidents outside any run: thresholds, pairs of patterns, and overdue ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detection::{Condition, Detection, Overdue, Role, Severity, Threshold};
use crate::incident::Suppression;
use crate::incident::book::{Decisions, IncidentBook};
use crate::incident::deadline::{Deadline, DeadlineBy, is_end};
use crate::incident::earlier::{no_subject, subject_of_text};
use crate::incident::run::Verdict;
use crate::incident::success::Success;
use crate::incident::threshold::{BySeen, Counted, ThresholdWindow};
use crate::incident::typical_duration::TypicalDuration;

/// Bounds the memory when an attacker tries one name after another.
const MOST_WINDOWS: usize = 4096;
/// More than the tasks and apps of any known site.
const MOST_TYPICAL_DURATIONS: usize = 4096;
/// Reports every match, but only once if several logs contain it.
const EVERY_ONE: Threshold = Threshold { count: 1, within: SignedDuration::from_secs(2) };

impl IncidentBook {
    pub(crate) fn observe_standalone(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        decisions: &mut Decisions,
    ) {
        if detection.condition.is_over() {
            let success = Success::of(now, detection.subject.clone(), detection);
            self.note_run_success(now, detection, &success, decisions);
            return self.recover(now, &success, decisions);
        }
        for opened in &detection.terms.closes {
            let success = Success::of(now, detection.subject_of(opened), detection);
            self.recover(now, &success, decisions);
        }
        if !detection.terms.closes.is_empty() && detection.severity == Severity::Info {
            return;
        }
        let at = detection.at.unwrap_or(now);
        match self.count(now, at, detection) {
            Counted::TooFew => decisions.suppress(Suppression::BelowThreshold, detection, at),
            Counted::Known => decisions.suppress(Suppression::OtherLog, detection, at),
            Counted::Enough(n) => {
                let verdict = verdict(detection, at, n);
                let same_as = detection.terms.same_as.as_ref();
                let subject = same_as.map(|pattern| detection.subject_of(pattern));
                let subject = subject.unwrap_or_else(|| detection.subject.clone());
                let script = detection.script.as_ref();
                self.note_failure(now, &subject, &verdict);
                drop(self.occur(now, &subject, &verdict, &detection.facts, script, decisions));
            }
        }
    }

    /// A successful run says how long it takes, and that no failure is left.
    fn note_run_success(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        success: &Success,
        decisions: &mut Decisions,
    ) {
        if !success.subject.is_run() {
            return;
        }
        decisions.n_reloads += u64::from(self.note_success(now, success, None));
        let times = detection.script.as_ref().and_then(|it| it.started.zip(it.ended));
        if let Some((started, ended)) = times {
            self.learn(now, success.subject.identity().into(), ended.duration_since(started));
        }
    }

    fn count(&mut self, now: Timestamp, at: Timestamp, detection: &Detection) -> Counted {
        let terms = &detection.terms;
        if !terms.is_counted() {
            return Counted::Enough(1);
        }
        let (Some(group), Some(log)) = (&detection.group, &detection.counted_in) else {
            return Counted::TooFew;
        };
        let own = terms.same_as.as_ref().unwrap_or(&detection.pattern);
        let id = Arc::from(format!("{own}/{group}"));
        let threshold = terms.threshold.unwrap_or(EVERY_ONE);
        let mut window = self.windows.remove(&id).unwrap_or_else(|| ThresholdWindow::new(now));
        let counted = window.count(now, at, log, threshold);
        self.windows.put(id, window);
        if self.windows.len() > MOST_WINDOWS {
            self.drop_oldest_window();
        }
        counted
    }

    fn drop_oldest_window(&mut self) {
        let mut all = self.windows.find(&BySeen, Timestamp::MIN..=Timestamp::MAX);
        if let Some(oldest) = all.next().map(|(_, id, _)| Arc::clone(id)) {
            drop(all);
            self.windows.remove(&oldest);
        }
    }

    /// Starts a deadline. A second start replaces the first, whose end was not seen.
    pub(crate) fn await_end(&mut self, now: Timestamp, detection: &Detection) {
        let id = Arc::from(detection.subject.identity());
        if let Some(deadline) = Deadline::start(now, detection, self.typical_durations.get(&id)) {
            self.deadlines.put(id, deadline);
        }
    }

    /// Fills in the subject and condition of deadlines of an earlier version, which had only a key
    /// and a sentence.
    pub(crate) fn name_deadlines(&mut self) {
        let unnamed =
            self.deadlines.iter().filter(|(_, deadline)| deadline.subject == no_subject());
        let unnamed: Vec<Arc<str>> = unnamed.map(|(id, _)| Arc::clone(id)).collect();
        for id in unnamed {
            self.deadlines.change(&id, |deadline| {
                deadline.subject = subject_of_text(&id);
                let within = deadline.due.duration_since(deadline.started);
                deadline.verdict.condition = Condition::Overdue(Overdue { within, usually: None });
                true
            });
        }
    }

    /// Removes the deadlines that this detection ends, and learns the duration from a success.
    pub(crate) fn stop_waiting(&mut self, now: Timestamp, detection: &Detection) {
        let closed = detection.terms.closes.iter();
        let closed = closed.map(|opened| Arc::from(detection.subject_of(opened).identity()));
        let mut ended: BTreeSet<Arc<str>> = closed.collect();
        if is_end(detection) {
            for by in DeadlineBy::all_of(&detection.facts) {
                ended.extend(self.deadlines.find_all(&by));
            }
        }
        let is_good = matches!(detection.role, Role::Success | Role::ScriptSucceeded);
        for id in ended {
            let deadline = self.deadlines.remove(&id).filter(|deadline| deadline.learns && is_good);
            if let Some(took) =
                deadline.zip(detection.at).map(|(deadline, at)| at.duration_since(deadline.started))
            {
                self.learn(now, id, took);
            }
        }
    }

    fn learn(&mut self, now: Timestamp, id: Arc<str>, took: SignedDuration) {
        if self.typical_durations.len() < MOST_TYPICAL_DURATIONS
            || self.typical_durations.get(&id).is_some()
        {
            let mut typical =
                self.typical_durations.remove(&id).unwrap_or_else(|| TypicalDuration::new(now));
            typical.learn(now, took);
            self.typical_durations.put(id, typical);
        }
    }

    /// Reports starts that have not ended by their deadline.
    pub(crate) fn report_overdue(&mut self, now: Timestamp, decisions: &mut Decisions) {
        let mut due = self.deadlines.due(now);
        due.sort();
        for id in due {
            if let Some(deadline) = self.deadlines.remove(&id) {
                drop(self.occur(
                    now,
                    &deadline.subject,
                    &deadline.verdict,
                    &deadline.facts,
                    None,
                    decisions,
                ));
            }
        }
    }
}

/// The verdict, with its count if the pattern has a threshold.
fn verdict(detection: &Detection, at: Timestamp, n: u32) -> Verdict {
    let mut verdict = Verdict::of(detection, at);
    if let Some(threshold) = detection.terms.threshold {
        verdict.counted_within = Some(threshold.within);
        verdict.count = n;
    }
    verdict
}
