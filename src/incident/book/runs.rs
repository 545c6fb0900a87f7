//! Pure. Gathers rows and script logs into runs.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use jiff::SignedDuration;

use crate::clock::{Timestamp, later};
use crate::detection::{AppId, Detection, Kind, Role, ScriptFacts};
use crate::incident::Suppression;
use crate::incident::book::{Decisions, IncidentBook};
use crate::incident::ended::EndedRun;
use crate::incident::run::{
    AFTER_VERDICT, CLOCK_SLACK, Run, RunBy, RunKey, Verdict, fits, is_before,
    rows_of_earlier_script, rows_of_script, settle_script,
};
use crate::ledger::{Table, TableRow};
use crate::qlik::stamp::Stamp;

/// Maximum time that a card waits, whatever the settle time.
pub(crate) const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(15);

/// How closely a row matches a run; smaller is closer.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    SameExecution,
    Apart(SignedDuration),
}

impl IncidentBook {
    /// A row of the scheduler that ends a run or one of its attempts.
    pub(crate) fn observe_row(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        decisions: &mut Decisions,
    ) {
        let at = detection.at.unwrap_or(now);
        let found = self.run_of_row(detection, at);
        let (key, mut run) = match found {
            Some(key) if self.ended.get(&key).is_some() => {
                self.observe_late_row(now, &key, detection);
                self.note_end(detection, true);
                return decisions.suppress(Suppression::SameRun, detection, at);
            }
            Some(key) => {
                let run = self.runs.remove(&key);
                (key, run.expect("run_of_row names an existing run"))
            }
            None => (Run::key(now, detection), Run::start(now, detection)),
        };
        self.learn_row(now, &mut run, detection);
        if run.is_reported || run.verdict.is_some() {
            self.note_end(detection, run.is_reported);
            decisions.suppress(Suppression::SameRun, detection, at);
        } else if detection.role.is_attempt() {
            self.presume(now, &mut run, detection);
            decisions.suppress(Suppression::Attempt, detection, at);
        } else {
            (run.presumed, run.by_script) = (None, false);
            run.verdict = Some(Verdict::of(detection, at));
            run.due = Some(self.due(now, at, &run));
        }
        run.agree_on_time();
        if run.due.is_some() && run.has_last_script() {
            run.due = Some(self.settle_clock(now));
        }
        self.put_run(key, run);
    }

    /// A verdict after the decision ends its execution all the same; until then, that says which node ran it.
    fn note_end(&mut self, detection: &Detection, is_decided: bool) {
        let execution = detection.facts.execution_id.as_ref().filter(|_| is_decided);
        if let (Role::Verdict, Some(execution)) = (detection.role, execution) {
            self.starts.end(execution);
        }
    }

    /// A row of a run that was decided before; its script log need not make a card of its own.
    fn observe_late_row(&mut self, now: Timestamp, key: &RunKey, detection: &Detection) {
        self.learn_late(now, key, detection);
        let Some(ended) = self.ended.get(key) else { return };
        let (app, is_scheduled) = (ended.app().cloned(), ended.is_scheduled);
        let times = detection.readings(now);
        let times = times.filter_map(|at| Some((at, ended.scripts_of_row(at)?)));
        let times: Vec<_> = times.collect();
        drop(self.take_orphan(app.as_ref(), is_scheduled, &times));
    }

    /// Adds a row to its run, and the script log of that row if it was read before.
    fn learn_row(&mut self, now: Timestamp, run: &mut Run, detection: &Detection) {
        let at = detection.at.unwrap_or(now);
        let execution = detection.facts.execution_id.as_ref();
        let began = execution.and_then(|id| self.starts.first_and_last(id));
        // A state that is final unless another follows is written later than its attempt.
        let is_of_attempt =
            detection.role == Role::Attempt && detection.terms.final_after.is_none();
        run.attempts_began(began, at, is_of_attempt);
        run.learn(now, detection);
        let times = detection.readings(now);
        let times: Vec<_> = times.filter_map(|at| Some((at, run.scripts_of_row(at)?))).collect();
        let app = run.facts.app_id.clone();
        if let Some(orphan) = self.take_orphan(app.as_ref(), run.is_scheduled(), &times) {
            run.is_reported |= orphan.is_reported;
            run.script_row = Some(at);
            if detection.role.is_attempt() {
                let verdict = orphan.verdict.map(|verdict| verdict.by_row(at));
                self.presume_script(now, run, verdict);
            }
            if let Some(mut script) = orphan.script {
                settle_script(&mut script, at, detection.facts.at_or);
                run.take_script(script);
            }
        }
    }

    fn run_of_row(&self, detection: &Detection, at: Timestamp) -> Option<RunKey> {
        let found = detection.readings(at).flat_map(|at| {
            let under_way = run_of_row_in(&self.runs, detection, at);
            under_way.into_iter().chain(run_of_row_in(&self.ended, detection, at))
        });
        found.min().map(|(_, key)| key)
    }

    /// Takes the script log that was read before the rows of its run. `rows` holds the possible
    /// times of a row, each with the range in which its script logs ended.
    fn take_orphan(
        &mut self,
        app: Option<&AppId>,
        is_scheduled: bool,
        rows: &[(Timestamp, RangeInclusive<Timestamp>)],
    ) -> Option<Orphan> {
        let found = rows.iter();
        let found =
            found.filter_map(|(at, times)| self.script_of_row(app, (*at, is_scheduled), times));
        let (_, key, is_ended) = found.min()?;
        if is_ended {
            self.ended.remove(&key);
            return Some(Orphan { is_reported: true, script: None, verdict: None });
        }
        let run = self.runs.remove(&key)?;
        Some(Orphan { is_reported: run.is_reported, script: run.script, verdict: run.verdict })
    }

    /// The script log that is nearest to a row, given with whether it is the scheduler's: distance,
    /// key, and whether it was decided.
    fn script_of_row(
        &self,
        app: Option<&AppId>,
        row: (Timestamp, bool),
        times: &RangeInclusive<Timestamp>,
    ) -> Option<(SignedDuration, RunKey, bool)> {
        let by = RunBy::ScriptOf(app.cloned());
        let far = |ended: Timestamp| row.0.duration_since(ended).abs();
        let under_way = self.runs.find(&by, times.clone());
        let under_way = under_way.filter(|(ended, _, run)| fits((*ended, run.is_by_person()), row));
        let decided = self.ended.find(&by, times.clone());
        let decided = decided.filter(|(ended, _, run)| fits((*ended, run.is_by_person), row));
        let under_way = under_way.map(|(ended, key, _)| (far(ended), key.clone(), false));
        let decided = decided.map(|(ended, key, _)| (far(ended), key.clone(), true));
        under_way.chain(decided).min()
    }

    /// The run that a script log belongs to. If rows say when the attempts of a run began, what lacks
    /// its script log is known exactly, otherwise by the times alone.
    fn run_of_script(
        &self,
        app: &AppId,
        ended: Timestamp,
        is_by_person: bool,
    ) -> Option<RunOfScript> {
        let candidates = [false, true].into_iter().filter_map(|is_explained| {
            let by = RunBy::RowsOf { app: app.clone(), is_explained };
            let times =
                if is_explained { rows_of_earlier_script(ended) } else { rows_of_script(ended) };
            let is_open = |row, began: Option<Timestamp>| {
                fits((ended, is_by_person), row)
                    && !is_before(ended, began)
                    && !(is_explained && began.is_some())
            };
            let far = |row: Timestamp| row.duration_since(ended).abs();
            let under_way = self.runs.find(&by, times.clone());
            let under_way = under_way.filter(|(row, _, run)| {
                is_open((*row, run.is_scheduled()), run.first_began())
                    && !run.has_script_of_attempt(*row)
            });
            let under_way = under_way.map(|(row, key, _)| RunOfScript {
                far: far(row),
                key: key.clone(),
                is_ended: false,
                row,
            });
            let decided = self.ended.find(&by, times);
            let decided =
                decided.filter(|(row, _, run)| is_open((*row, run.is_scheduled), run.began));
            let decided = decided.map(|(row, key, _)| RunOfScript {
                far: far(row),
                key: key.clone(),
                is_ended: true,
                row,
            });
            under_way.chain(decided).min()
        });
        candidates.min()
    }

    fn learn_late(&mut self, now: Timestamp, key: &RunKey, detection: &Detection) {
        self.ended.change(key, |ended| {
            ended.learn(now, detection);
            true
        });
    }

    /// When the run is decided: after the settle time if it may have a script log, counted from its
    /// row or from what has been read so far, whichever is later; else now.
    fn due(&self, now: Timestamp, at: Timestamp, run: &Run) -> Timestamp {
        let kind = run.verdict.as_ref().map(|verdict| verdict.kind);
        let may_have_script = matches!(kind, Some(Kind::ReloadFailed | Kind::ReloadAborted))
            && run.facts.app_id.is_some();
        let read = self.settle_clock(now);
        if may_have_script {
            later(read.max(at.min(now)), self.policy.settle.min(LONGEST_WAIT))
        } else {
            read
        }
    }

    /// Applies a script log that ended with a failure.
    pub(crate) fn observe_script(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        decisions: &mut Decisions,
    ) {
        let at = detection.at.unwrap_or(now);
        let script = detection.script.as_ref();
        let ended = script.and_then(|script| script.ended).unwrap_or(at);
        let or = script.and_then(|script| script.ended_or);
        let app = detection.facts.app_id.as_ref();
        let is_by_person = script.is_some_and(ScriptFacts::is_by_person);
        let found = [Some(ended), or].into_iter().flatten().filter_map(|ended| {
            let run = self.run_of_script(app?, ended, is_by_person)?;
            Some((run.far, ended, run))
        });
        let Some((_, ended, RunOfScript { key, is_ended, row, .. })) = found.min() else {
            return self.open_orphan(now, detection);
        };
        let mut read = Cow::Borrowed(detection);
        if let Some(other) = detection.facts.at_or {
            let or = if other == ended { at } else { other };
            read.to_mut().read_as(Stamp { at: ended, or: Some(or) });
        }
        let detection = &*read;
        if is_ended {
            return self.take_late_script(now, &key, row, detection, decisions);
        }
        let mut run = self.runs.remove(&key).expect("the index names an existing run");
        if run.take_earlier_row(row) {
            self.runs.put(key, run);
            return decisions.suppress(Suppression::Attempt, detection, at);
        }
        run.script_row = Some(row);
        run.learn(now, detection);
        run.agree_on_time();
        if run.is_reported {
            decisions.suppress(Suppression::LateScriptLog, detection, at);
        } else if run.verdict.is_none() {
            let verdict = Verdict::of(detection, at).by_row(row);
            self.presume_script(now, &mut run, Some(verdict));
            decisions.suppress(Suppression::Attempt, detection, at);
        } else {
            decisions.suppress(Suppression::SameRun, detection, at);
            run.due = Some(self.settle_clock(now));
        }
        self.put_run(key, run);
    }

    /// A script log of a row of a run that was decided before.
    fn take_late_script(
        &mut self,
        now: Timestamp,
        key: &RunKey,
        row: Timestamp,
        detection: &Detection,
        decisions: &mut Decisions,
    ) {
        let (mut is_last, mut why) = (true, Suppression::LateScriptLog);
        self.ended.change(key, |ended| {
            is_last = ended.take_script(row);
            if ended.succeeded || !is_last {
                why = Suppression::Attempt;
            }
            true
        });
        if is_last {
            self.learn_late(now, key, detection);
            self.explain_late(key, detection);
        }
        decisions.suppress(why, detection, detection.at.unwrap_or(now));
    }

    /// Explains the incident of a run that was decided without this script log.
    fn explain_late(&mut self, key: &RunKey, detection: &Detection) {
        let incident = self.ended.get(key).and_then(|ended| ended.unmatched.clone());
        if let (Some(print), Some(script)) = (incident, &detection.script) {
            self.explain(&print, script);
            self.ended.change(key, |ended| {
                ended.match_up();
                true
            });
        }
    }

    /// Starts a run for a failed script log without rows. Rows may follow; if none do, it was a
    /// reload from the hub or an editor.
    fn open_orphan(&mut self, now: Timestamp, detection: &Detection) {
        let mut run = Run::start(now, detection);
        let mut verdict = Verdict::of(detection, detection.at.unwrap_or(now));
        let by_scheduler = run.is_by_scheduler();
        verdict.kind =
            if by_scheduler { Kind::ReloadFailed } else { Kind::ReloadFailedOutsideTask };
        run.verdict = Some(verdict);
        let wait = if by_scheduler { LONGEST_WAIT } else { self.policy.settle.min(LONGEST_WAIT) };
        // Its rows were written after it ended: not before everything of that time is read, it is
        // certain that there are none.
        let ended = run.script.as_ref().and_then(|script| script.ended);
        let written = ended.or(detection.at).unwrap_or(now).min(now);
        run.due = Some(later(self.settle_clock(now).max(written), wait));
        self.put_run(Run::key(now, detection), run);
    }

    /// Stores a run; for a decided one, only the values that identify its late rows.
    fn put_run(&mut self, key: RunKey, run: Run) {
        if run.is_reported && run.due.is_none() {
            let ended = EndedRun::of(&key, &run);
            self.ended.put(key, ended);
        } else {
            self.runs.put(key, run);
        }
    }

    /// Moves decided runs to their own table; earlier versions kept them with the others.
    pub(crate) fn set_ended_runs_apart(&mut self) {
        let ended = self.runs.iter().filter(|(_, run)| run.is_reported && run.due.is_none());
        for key in ended.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            if let Some(run) = self.runs.remove(&key) {
                self.put_run(key, run);
            }
        }
    }
}

/// The run of a script log: how far its row is, and whether it was decided.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RunOfScript {
    far: SignedDuration,
    key: RunKey,
    is_ended: bool,
    row: Timestamp,
}

/// A script log that was read before any row of its run.
struct Orphan {
    is_reported: bool,
    script: Option<ScriptFacts>,
    verdict: Option<Verdict>,
}

/// The run that a row of the scheduler belongs to: by its execution, else by its task and time.
fn run_of_row_in<V: TableRow<By = RunBy>>(
    runs: &Table<RunKey, V>,
    detection: &Detection,
    at: Timestamp,
) -> Option<(Distance, RunKey)> {
    let facts = &detection.facts;
    if let Some(execution) = &facts.execution_id {
        let key = Run::key_of_execution(execution);
        let by = RunBy::Execution(execution.clone());
        let same = runs.get(&key).map(|_| key);
        if let Some(key) = same.or_else(|| runs.find_all(&by).pop_first()) {
            return Some((Distance::SameExecution, key));
        }
    }
    let task = facts.task_id.as_ref()?;
    // A new attempt after the verdict is the next run of the same task.
    let before = if detection.role.is_attempt() { CLOCK_SLACK } else { AFTER_VERDICT };
    let ended = later(at, -before)..=later(at, AFTER_VERDICT);
    let any_time = Timestamp::MIN..=Timestamp::MAX;
    // Rows with different execution ids never belong to the same run.
    let with_execution = facts.execution_id.is_none().then_some(true);
    let found = with_execution.into_iter().chain([false]).flat_map(|has_execution| {
        let by = |has_verdict| RunBy::Task { id: task.clone(), has_execution, has_verdict };
        let open = runs.nearest(&by(false), at, any_time.clone());
        open.into_iter().chain(runs.nearest(&by(true), at, ended.clone()))
    });
    found.map(|(far, key)| (Distance::Apart(far), key)).min()
}

#[cfg(test)]
mod tests;
