//! Pure. The open incidents and the runs under way.

mod endings;
pub(in crate::incident) mod incidents;
mod inhibited;
mod runs;
mod standalone;

use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::commit::RowChange;
use crate::detection::{Detection, Facts, Kind, PatternId, Role};
use crate::incident::book::incidents::Incident;
use crate::incident::book::runs::LONGEST_WAIT;
use crate::incident::deadline::Deadline;
use crate::incident::ended::EndedRun;
use crate::incident::reading::Reading;
use crate::incident::run::{Run, RunKey, Verdict};
use crate::incident::success::LatestSuccess;
use crate::incident::threshold::ThresholdWindow;
use crate::incident::typical_duration::TypicalDuration;
use crate::incident::{Fingerprint, Notice, Suppression, display_name, later};
use crate::ledger::{Sequence, Table};

/// A storm must not fill the memory: of more decided runs than this the oldest are forgotten early,
/// once all is read that they may have left.
const MOST_ENDED: usize = 20_000;
/// More than this are not kept even if their rows and script logs may still be unread.
const MOST_ENDED_UNREAD: usize = 100_000;

/// What an administrator can tune.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The environment of this node: that of what earlier versions stored without one.
    pub environment: Option<String>,
    /// How long a verdict waits for its script log; at most 15 s.
    pub settle: SignedDuration,
    /// How long after a notice its incident is told again; doubles each time, up to 24 h.
    pub repeat: SignedDuration,
}

/// The open incidents and the runs under way.
///
/// Invariant: every detection ends up in exactly one place: a notice, a named suppression, or
/// (a success) the end of an incident.
#[derive(Debug)]
pub struct IncidentBook {
    policy: Policy,
    runs: Table<RunKey, Run>,
    /// Runs that were decided: their late rows are known by them.
    ended: Table<RunKey, EndedRun>,
    incidents: Table<Fingerprint, Incident>,
    /// What is counted until its threshold is reached.
    windows: Table<Arc<str>, ThresholdWindow>,
    /// What started and has not ended.
    deadlines: Table<Arc<str>, Deadline>,
    /// How long it usually takes until what started has ended.
    typical_durations: Table<Arc<str>, TypicalDuration>,
    /// The latest successes that may have been read before a failure that came before them.
    successes: Table<Arc<str>, LatestSuccess>,
    /// How far files are read; `None` where nothing is ever late, as in old logs.
    reading: Option<Reading>,
    /// Numbers the notices, so that a card's id is never used twice.
    sequence: Sequence,
}

/// What one step has to say, and what it held back.
#[derive(Debug, Default)]
#[must_use]
pub struct Decisions {
    pub notices: Vec<Notice>,
    pub suppressed: Vec<Suppressed>,
}

/// One detection that is not said now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    pub why: Suppression,
    pub kind: Kind,
    pub at: Timestamp,
    /// The name of the app, task or node.
    pub name: String,
    pub pattern: PatternId,
    /// The incident that it belongs to, if there is one.
    pub fingerprint: Option<Fingerprint>,
}

impl IncidentBook {
    /// Takes up where the stored rows left off. Rows that cannot be read are dropped: their
    /// incidents are told again rather than never.
    pub fn restore(policy: Policy, rows: &[(String, String)]) -> Self {
        let mut book = Self {
            runs: Table::default(),
            ended: Table::default(),
            incidents: Table::new(policy.repeat),
            windows: Table::default(),
            deadlines: Table::default(),
            typical_durations: Table::default(),
            successes: Table::default(),
            reading: None,
            sequence: Sequence::default(),
            policy,
        };
        for (key, json) in rows {
            book.runs.take_row(key, json);
            book.ended.take_row(key, json);
            book.incidents.take_row(key, json);
            book.windows.take_row(key, json);
            book.deadlines.take_row(key, json);
            book.typical_durations.take_row(key, json);
            book.successes.take_row(key, json);
            book.sequence.take_row(key, json);
        }
        book.set_ended_runs_apart();
        book.rename_incidents();
        book.name_deadlines();
        book
    }

    /// Goes on with other times.
    pub fn set_times(&mut self, settle: SignedDuration, repeat: SignedDuration) {
        self.policy.settle = settle;
        self.policy.repeat = repeat;
        self.incidents.set_terms(repeat);
    }

    /// The rows that changed since the last call.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        let mut changes = self.runs.take_changes();
        changes.extend(self.ended.take_changes());
        changes.extend(self.incidents.take_changes());
        changes.extend(self.windows.take_changes());
        changes.extend(self.deadlines.take_changes());
        changes.extend(self.typical_durations.take_changes());
        changes.extend(self.successes.take_changes());
        changes.extend(self.sequence.take_changes());
        changes
    }

    /// Folds in what was detected, then says everything that is due.
    pub fn step(&mut self, now: Timestamp, detections: Vec<Detection>) -> Decisions {
        let mut decisions = Decisions::default();
        for detection in detections {
            self.observe(now, &detection, &mut decisions);
        }
        self.reading.iter_mut().for_each(Reading::advance);
        self.tick(now, &mut decisions);
        decisions
    }

    /// Goes on after a time in which nothing was read: what was settling then settles anew, when
    /// what was written meanwhile is read.
    pub fn resume(&mut self, now: Timestamp) {
        self.reading = Some(Reading::new(now));
        let settles = later(now, self.policy.settle.min(LONGEST_WAIT));
        for key in self.runs.due(settles) {
            self.runs.change(&key, |run| {
                run.due = Some(settles);
                false
            });
        }
    }

    /// Everything that was written until then was read before.
    pub fn had_read(&mut self, now: Timestamp, until: Timestamp) {
        self.has_read(now, Some(until));
        self.reading.iter_mut().for_each(Reading::advance);
    }

    /// Reading got on: with what the next step folds in, everything is read that was written until
    /// then, if that is known.
    pub fn has_read(&mut self, now: Timestamp, until: Option<Timestamp>) {
        let reading = self.reading.get_or_insert_with(|| Reading::new(now));
        (reading.next, reading.got_on) = (until, now);
    }

    /// From when on it would be worth knowing that all is read: something is decided then.
    pub fn wants_reading(&self) -> Option<Timestamp> {
        let until = self.reading?.until;
        self.runs.next_due().filter(|due| until < *due)
    }

    /// The time by which runs settle.
    fn settle_clock(&self, now: Timestamp) -> Timestamp {
        self.reading.map_or(now, |reading| reading.clock(now))
    }

    /// When [`Self::step`] will next have something to say, if nothing else is detected or read.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let settled = |due| self.reading.map_or(due, |reading| reading.shows(due));
        let runs = self.runs.next_due().map(settled);
        let wakeups = [runs, self.incidents.next_due(), self.deadlines.next_due()];
        wakeups.into_iter().flatten().min()
    }

    /// Remembers which channels a notice went to: a recovery goes to the same.
    pub fn note_notified(&mut self, fingerprint: &Fingerprint, channels: &[String]) {
        self.incidents.change(fingerprint, |incident| {
            for channel in channels {
                if !incident.notice.notified_channels.contains(channel) {
                    incident.notice.notified_channels.push(channel.clone());
                }
            }
            true
        });
    }

    /// Nobody can read in this channel what was said of the incident at this time. If nobody can
    /// anywhere, its next failure opens it again and its recovery is not sent.
    pub fn unread(&mut self, fingerprint: &Fingerprint, channel: &str, said_at: Timestamp) {
        self.incidents.change(fingerprint, |incident| incident.unread(channel, said_at));
    }

    fn observe(&mut self, now: Timestamp, detection: &Detection, decisions: &mut Decisions) {
        let at = detection.at.unwrap_or(now);
        let latest = detection.facts.at_or.unwrap_or(at);
        if detection.terms.max_age.is_some_and(|age| now.duration_since(latest) > age) {
            return decisions.suppress(Suppression::TooOld, detection, at);
        }
        self.stop_waiting(now, detection);
        match detection.role {
            Role::Start => self.await_end(now, detection),
            Role::Verdict | Role::Attempt => self.observe_row(now, detection, decisions),
            Role::ScriptFailed => self.observe_script(now, detection, decisions),
            Role::Success => self.observe_success(now, detection, decisions),
            Role::ScriptSucceeded => self.observe_script_success(now, detection, decisions),
            Role::Standalone => self.observe_standalone(now, detection, decisions),
        }
    }

    fn tick(&mut self, now: Timestamp, decisions: &mut Decisions) {
        for key in self.runs.due(self.settle_clock(now)) {
            self.conclude(now, &key, decisions);
        }
        self.report_overdue(now, decisions);
        self.repeat(now, decisions);
        self.forget(now);
    }

    /// Drops what nothing will come of any more.
    fn forget(&mut self, now: Timestamp) {
        self.runs.forget(now);
        // While reading lags, late rows are no later than what is read.
        self.ended.forget(self.settle_clock(now));
        let read = self.reading.map_or(now, |reading| reading.until.min(now));
        self.ended.keep_at_most(MOST_ENDED, EndedRun::expiry_of_complete(read));
        self.ended.keep_at_most(MOST_ENDED_UNREAD, Timestamp::MAX);
        // A cause whose end is never seen holds back nothing for ever.
        let gone = self.incidents.forget(now).into_iter().collect();
        self.free_inhibited(&gone);
        self.windows.forget(now);
        self.typical_durations.forget(now);
        self.successes.forget(now);
    }
}

impl Decisions {
    fn hold(
        &mut self,
        why: Suppression,
        print: Option<&Fingerprint>,
        verdict: &Verdict,
        facts: &Facts,
    ) {
        let (kind, at, pattern) = (verdict.kind, verdict.at, &verdict.pattern);
        let held = Suppressed::new(why, kind, at, facts, pattern);
        self.suppressed.push(Suppressed { fingerprint: print.cloned(), ..held });
    }

    fn suppress(&mut self, why: Suppression, detection: &Detection, at: Timestamp) {
        let pattern = &detection.pattern;
        self.suppressed.push(Suppressed::new(why, detection.kind, at, &detection.facts, pattern));
    }
}

impl Suppressed {
    /// What a notice would have told.
    pub fn of(why: Suppression, notice: &Notice) -> Self {
        let held = Self::new(why, notice.kind, notice.at, &notice.facts, &notice.pattern);
        Self { fingerprint: Some(notice.fingerprint.clone()), ..held }
    }

    fn new(
        why: Suppression,
        kind: Kind,
        at: Timestamp,
        facts: &Facts,
        pattern: &PatternId,
    ) -> Self {
        let (name, pattern) = (display_name(facts), pattern.clone());
        Self { why, kind, at, name, pattern, fingerprint: None }
    }

    /// For one line: `Sales (reload-retries-exhausted)`.
    pub fn summary(&self) -> String {
        format!("{} ({})", self.name, self.pattern)
    }
}

#[cfg(test)]
mod tests;
