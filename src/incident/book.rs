//! Pure. The open incidents and the runs in progress.

pub(crate) mod answers;
pub(crate) mod clocks;
mod earlier_runs;
mod endings;
pub(crate) mod incidents;
mod inhibited;
mod presumed;
mod runs;
mod standalone;
mod unwritten;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;

use crate::clock::{Timestamp, later};
use crate::commit::{RowChange, StoredRows};
use crate::detection::{Detection, Facts, Kind, Named, PatternId, Role, ScriptFacts};
use crate::ids::Fingerprint;
use crate::incident::book::incidents::Incident;
use crate::incident::book::runs::LONGEST_WAIT;
use crate::incident::deadline::Deadline;
use crate::incident::ended::EndedRun;
use crate::incident::names::RecentNames;
use crate::incident::reading::ReadingState;
use crate::incident::run::{Run, RunKey, Verdict};
use crate::incident::run_history::RunHistories;
use crate::incident::start::AttemptStarts;
use crate::incident::success::LatestSuccess;
use crate::incident::threshold::ThresholdWindow;
use crate::incident::typical_duration::TypicalDuration;
use crate::incident::{Acknowledgement, Note, Notice, Overview, Suppression, display_name};
use crate::ledger::{Sequence, Table};

/// Bounds the memory in a storm: above this number, the oldest decided runs are dropped early, but
/// only those whose rows and script logs have all been read.
const MOST_ENDED: usize = 5_000;
/// The hard limit, which also drops runs whose rows and script logs may still be unread.
const MOST_ENDED_UNREAD: usize = 100_000;

/// The settings that control when notices are sent.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The environment of this node; used for rows of earlier versions, which stored none.
    pub environment: Option<String>,
    /// How long a verdict waits for its script log; at most 15 s.
    pub settle: SignedDuration,
    /// The time after which an open incident is notified again; doubles each time, up to 24 h.
    pub repeat: SignedDuration,
}

/// The open incidents and the runs in progress.
///
/// Invariant: every detection has exactly one result: a notice, a named suppression, or (for a
/// success) the end of an incident.
#[derive(Debug)]
pub struct IncidentBook {
    policy: Policy,
    runs: Table<RunKey, Run>,
    /// Decided runs, kept so that their late rows are recognised.
    ended: Table<RunKey, EndedRun>,
    incidents: Table<Fingerprint, Incident>,
    /// Counts towards the thresholds of patterns.
    windows: Table<Arc<str>, ThresholdWindow>,
    /// What has started and not ended.
    deadlines: Table<Arc<str>, Deadline>,
    /// How long a task or app usually takes.
    typical_durations: Table<Arc<str>, TypicalDuration>,
    /// The latest successes, for failures that are older but read later.
    successes: Table<Arc<str>, LatestSuccess>,
    /// Attempts that began, for failures that are older but read later.
    starts: AttemptStarts,
    /// How far files have been read; `None` if no record can be late, as in a replay.
    reading: Option<ReadingState>,
    /// When the agent resumed; `None` once everything written before that has been read: until
    /// then, an incident may already be over.
    resumed: Option<Timestamp>,
    /// Acknowledgements given while catching up: they also apply to incidents that the unread logs
    /// reopen.
    acknowledged_early: BTreeMap<Fingerprint, Acknowledgement>,
    /// The names of apps and tasks.
    names: RecentNames,
    /// The last success of each task and app, and its failures since.
    histories: RunHistories,
    /// The newest note of each incident.
    notes: Table<Fingerprint, Note>,
    /// Overviews of incidents that ended since the last call of [`Self::take_overviews`].
    closed: Vec<(Notice, Overview)>,
    /// Numbers the notices, so that no id is used twice.
    sequence: Sequence,
}

/// The result of one step: notices to send, and detections that were held back.
#[derive(Debug, Default)]
#[must_use]
pub struct Decisions {
    pub notices: Vec<Notice>,
    pub suppressed: Vec<Suppressed>,
    /// Recoveries that are not sent, because no channel received the failure.
    pub unnotified_recoveries: Vec<Notice>,
    /// Incidents that ended together with one of `notices`: only their threads show it.
    pub also_over: Vec<Notice>,
    /// Incidents that are named on the card of another, which counts as a notice of them.
    pub named: Vec<Notice>,
    /// Incidents whose next escalation is due.
    pub escalations: Vec<Fingerprint>,
    /// Number of reloads that succeeded, each once.
    pub n_reloads: u64,
}

/// One detection that sends no notice now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    pub why: Suppression,
    pub kind: Kind,
    pub at: Timestamp,
    /// The name of the app, task or node.
    pub name: Option<String>,
    pub pattern: PatternId,
    /// The incident that it belongs to, if any.
    pub fingerprint: Option<Fingerprint>,
    /// The class of the error, if a script log has one.
    pub error_class: Option<String>,
}

impl IncidentBook {
    /// Restores the book from its stored rows. Unreadable rows are dropped: their incidents are
    /// notified again rather than never.
    pub fn restore(policy: Policy, rows: &StoredRows) -> Self {
        let mut incidents = Table::new(policy.repeat);
        incidents.restore(rows);
        let mut book = Self {
            runs: Table::restored(rows),
            ended: Table::restored(rows),
            incidents,
            windows: Table::restored(rows),
            deadlines: Table::restored(rows),
            typical_durations: Table::restored(rows),
            successes: Table::restored(rows),
            acknowledged_early: BTreeMap::new(),
            names: RecentNames::restored(rows),
            starts: AttemptStarts::restored(rows),
            histories: RunHistories::restored(rows),
            notes: Table::restored(rows),
            closed: Vec::new(),
            reading: None,
            resumed: None,
            sequence: Sequence::restored(rows),
            policy,
        };
        book.set_ended_runs_apart();
        book.rename_incidents();
        book.name_deadlines();
        book.show_all();
        book
    }

    /// Replaces the settle time and the repeat time.
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
        changes.extend(self.names.take_changes());
        changes.extend(self.starts.take_changes());
        changes.extend(self.histories.take_changes());
        changes.extend(self.notes.take_changes());
        changes.extend(self.sequence.take_changes());
        changes
    }

    /// Applies the detections, then emits every notice that is due.
    pub fn step(&mut self, now: Timestamp, detections: Vec<Detection>) -> Decisions {
        let mut decisions = Decisions::default();
        for detection in &detections {
            self.names.learn_facts(now, detection.at, &detection.facts);
        }
        for detection in detections {
            self.observe(now, &detection, &mut decisions);
        }
        let read = self.reading.and_then(|reading| reading.next);
        self.reading.iter_mut().for_each(ReadingState::advance);
        self.tick(now, &mut decisions);
        // In the next step, what waited for it comes after the ends of silences.
        self.resumed = self.resumed.filter(|resumed| read.is_none_or(|read| read < *resumed));
        decisions.notices.iter_mut().for_each(|notice| self.names.fill_notice(now, notice));
        decisions.suppressed.iter_mut().for_each(|held| self.names.fill_suppressed(now, held));
        decisions
    }

    /// Learns the names of apps and tasks from rows, to show them where only the id is known.
    pub fn learn_names(&mut self, now: Timestamp, named: Vec<Named>) {
        for one in named {
            self.names.learn(now, one);
        }
    }

    /// Resumes after a time without reading: runs that were settling wait again until the files
    /// written in the meantime have been read.
    pub fn resume(&mut self, now: Timestamp) {
        self.reading = Some(ReadingState::new(now));
        self.resumed = Some(now);
        let settles = later(now, self.policy.settle.min(LONGEST_WAIT));
        for key in self.runs.due(settles) {
            self.runs.change(&key, |run| {
                run.due = Some(settles);
                false
            });
        }
    }

    /// Records that everything written up to `until` had been read before this step.
    pub fn had_read(&mut self, now: Timestamp, until: Timestamp) {
        self.has_read(now, Some(until));
        self.reading.iter_mut().for_each(ReadingState::advance);
    }

    /// Records progress of reading: after the next step, everything written up to `until` has been
    /// applied; `None` if that time is not known.
    pub fn has_read(&mut self, now: Timestamp, until: Option<Timestamp>) {
        let reading = self.reading.get_or_insert_with(|| ReadingState::new(now));
        (reading.next, reading.got_on) = (until, now);
    }

    /// The time up to which everything must have been read before the next run can be decided.
    pub fn wants_reading(&self) -> Option<Timestamp> {
        let until = self.reading?.until;
        self.runs.next_due().filter(|due| until < *due)
    }

    /// While the logs of the agent's absence are being read, everything that depends on time alone
    /// waits until this time at the latest: repeats, escalations, missed ends, the ends of silences
    /// and of flapping.
    pub fn catches_up_until(&self) -> Option<Timestamp> {
        Some(self.reading?.gives_up(self.resumed?))
    }

    /// Whether the logs of the agent's absence are still being read. A clock that was set back to
    /// before the resumption does not start this again.
    pub fn is_catching_up(&self, now: Timestamp) -> bool {
        let began = self.resumed.is_some_and(|resumed| resumed <= now);
        began && self.catches_up_until().is_some_and(|until| now < until)
    }

    /// The clock by which runs settle.
    fn settle_clock(&self, now: Timestamp) -> Timestamp {
        self.reading.map_or(now, |reading| reading.clock(now))
    }

    /// When [`Self::step`] next has something to emit, if nothing else is detected or read.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let settled = |due| self.reading.map_or(due, |reading| reading.shows(due));
        let runs = self.runs.next_due().map(settled);
        let caught_up = self.catches_up_until().unwrap_or(Timestamp::MIN);
        let others = [self.incidents.next_due(), self.deadlines.next_due()];
        let others = others.into_iter().flatten().map(|due| due.max(caught_up));
        runs.into_iter().chain(others).min()
    }

    /// Records the channels that a notice went to: the recovery goes to the same ones.
    pub fn note_notified(&mut self, fingerprint: &Fingerprint, channels: &[String]) {
        self.incidents.change(fingerprint, |incident| {
            for channel in channels {
                if !incident.notice.notified_channels.contains(channel) {
                    incident.notice.notified_channels.push(channel.clone());
                }
            }
            incident.is_unread &= channels.is_empty();
            true
        });
    }

    /// Records that the notice of `emitted_at` is not readable in this channel. If it is readable
    /// in no channel, the next failure opens the incident again, and its recovery is not sent.
    pub fn unread(&mut self, fingerprint: &Fingerprint, channel: &str, emitted_at: Timestamp) {
        self.incidents.change(fingerprint, |incident| incident.unread(channel, emitted_at));
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
            Role::AttemptStarted => self.observe_attempt_start(now, detection),
            Role::AttemptRetried => self.observe_retry(now, detection, decisions),
            Role::Verdict | Role::Attempt => self.observe_row(now, detection, decisions),
            Role::ScriptFailed => self.observe_script(now, detection, decisions),
            Role::Success => self.observe_success(now, detection, decisions),
            Role::ScriptSucceeded => self.observe_script_success(now, detection, decisions),
            Role::Standalone => self.observe_standalone(now, detection, decisions),
        }
    }

    fn tick(&mut self, now: Timestamp, decisions: &mut Decisions) {
        loop {
            let due = self.runs.due(self.settle_clock(now));
            if due.is_empty() {
                break;
            }
            // A decision may let others go that waited for it.
            for key in due {
                if !self.waits_for_earlier(now, &key) && !self.waits_for_rows(now, &key) {
                    self.conclude(now, &key, decisions);
                }
            }
        }
        if !self.is_catching_up(now) {
            self.report_overdue(now, decisions);
            self.repeat(now, decisions);
        }
        self.forget(now);
    }

    /// Drops expired rows.
    fn forget(&mut self, now: Timestamp) {
        self.runs.forget(now);
        // While reading lags, this clock lags too, so that late rows still find their runs.
        self.ended.forget(self.settle_clock(now));
        self.starts.forget(self.settle_clock(now));
        let read = self.reading.map_or(now, |reading| reading.until.min(now));
        self.ended.keep_at_most(MOST_ENDED, EndedRun::expiry_of_complete(read));
        self.ended.keep_at_most(MOST_ENDED_UNREAD, Timestamp::MAX);
        // Frees what an expired cause held back.
        let mut gone = BTreeSet::new();
        while let Some(incident) = self.incidents.forget_one(now) {
            self.close(now, std::slice::from_ref(&incident));
            gone.insert(incident.notice.fingerprint.clone());
        }
        self.free_inhibited(&gone);
        self.notes.forget(now);
        self.windows.forget(now);
        self.typical_durations.forget(now);
        self.histories.forget(now);
        self.successes.forget(now);
    }
}

impl Decisions {
    fn hold(
        &mut self,
        why: Suppression,
        print: Option<&Fingerprint>,
        verdict: &Verdict,
        (facts, script): (&Facts, Option<&ScriptFacts>),
    ) {
        let (kind, at, pattern) = (verdict.kind, verdict.at, &verdict.pattern);
        let held = Suppressed::new(why, kind, at, facts, pattern);
        let error_class = script.and_then(|script| script.error_class.clone());
        self.suppressed.push(Suppressed { fingerprint: print.cloned(), error_class, ..held });
    }

    fn suppress(&mut self, why: Suppression, detection: &Detection, at: Timestamp) {
        let pattern = &detection.pattern;
        let held = Suppressed::new(why, detection.kind, at, &detection.facts, pattern);
        let script = detection.script.as_ref();
        let error_class = script.and_then(|script| script.error_class.clone());
        self.suppressed.push(Suppressed { error_class, ..held });
    }
}

impl Suppressed {
    /// The suppression of a whole notice.
    pub fn of(why: Suppression, notice: &Notice) -> Self {
        let held = Self::new(why, notice.kind, notice.at, &notice.facts, &notice.pattern);
        let error_class = notice.error_class().map(str::to_owned);
        Self { fingerprint: Some(notice.fingerprint.clone()), error_class, ..held }
    }

    fn new(
        why: Suppression,
        kind: Kind,
        at: Timestamp,
        facts: &Facts,
        pattern: &PatternId,
    ) -> Self {
        let (name, pattern) = (display_name(facts), pattern.clone());
        Self { why, kind, at, name, pattern, fingerprint: None, error_class: None }
    }

    /// One line: `Sales (reload-retries-exhausted)`.
    pub fn summary(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.pattern),
            None => self.pattern.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
