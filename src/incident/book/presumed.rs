//! Pure. Attempts without a later result of their run: after a while they count as its result,
//! unless another attempt began.

use crate::clock::{Timestamp, later};
use crate::detection::{Detection, ExecutionId, Kind};
use crate::incident::book::{Decisions, IncidentBook};
use crate::incident::run::{A_MOMENT, CLOCK_SLACK, Run, RunBy, RunKey, Verdict, is_scheduler};
use crate::incident::start::StartOf;

impl IncidentBook {
    /// An attempt failed that is the last word on its run if no other comes in time, as its pattern
    /// says.
    pub(crate) fn presume(&self, now: Timestamp, run: &mut Run, detection: &Detection) {
        if run.is_reported || run.verdict.is_some() {
            return;
        }
        let verdict = Verdict::of(detection, detection.at.unwrap_or(now));
        self.set_presumed(now, run, verdict, false);
    }

    /// The failed script log of an attempt is known: what it says may be all that comes.
    pub(crate) fn presume_script(&self, now: Timestamp, run: &mut Run, verdict: Option<Verdict>) {
        let is_open = !run.is_reported && run.verdict.is_none();
        if let Some(verdict) = verdict.filter(|_| is_open) {
            self.set_presumed(now, run, verdict, true);
        }
    }

    fn set_presumed(&self, now: Timestamp, run: &mut Run, verdict: Verdict, by_script: bool) {
        let Some(wait) = verdict.final_after else { return };
        if !is_last_word(run, &verdict, by_script) {
            return;
        }
        if self.starts.is_retried(&run.facts, &verdict) || self.has_succeeded(run, verdict.at) {
            return presume_nothing(run);
        }
        run.due = Some(later(self.settle_clock(now).max(verdict.at.min(now)), wait));
        run.by_script = by_script;
        // A script log with rows of the scheduler is of a task, whoever started that.
        let kind = if by_script { Kind::ReloadFailed } else { verdict.kind };
        run.presumed = Some(Box::new(Verdict { kind, ..verdict }));
    }

    /// The next attempt of a run began: the failure of the previous one is not final, whichever is
    /// read first.
    pub(crate) fn observe_attempt_start(&mut self, now: Timestamp, detection: &Detection) {
        let Some(of) = StartOf::of(&detection.facts) else { return };
        // A reload by a person is no attempt of a task.
        let is_by_person = || detection.facts.user.as_deref().is_some_and(|by| !is_scheduler(by));
        let is_other = match &of {
            StartOf::Execution(id) => self.has_ended(id),
            StartOf::Task(_) => false,
            StartOf::App(_) => is_by_person(),
        };
        if is_other {
            return;
        }
        let runs = self.presumed_runs(&of);
        let at = self.start_after_row(&of, detection.at.unwrap_or(now));
        self.starts.note(now, at, of, &detection.facts);
        for key in runs {
            let starts = &self.starts;
            self.runs.change(&key, |run| {
                let presumed = run.presumed.as_ref();
                let is_retried = presumed.is_some_and(|last| starts.is_retried(&run.facts, last));
                if is_retried {
                    presume_nothing(run);
                }
                is_retried
            });
        }
    }

    /// An attempt failed and another follows: the script log of the one before belongs to this row if
    /// another node writes the others.
    pub(crate) fn observe_retry(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        decisions: &mut Decisions,
    ) {
        // What it says is no error.
        let mut row = detection.clone();
        row.facts.message = None;
        self.observe_row(now, &row, decisions);
        self.observe_attempt_start(now, detection);
    }

    /// The time of a start. If the last row of its execution has the same stamp and was read before,
    /// it is that of the attempt that this one follows, so this is just after it.
    fn start_after_row(&self, of: &StartOf, at: Timestamp) -> Timestamp {
        let StartOf::Execution(id) = of else { return at };
        let run = self.runs.get(&Run::key_of_execution(id));
        if run.is_some_and(|run| run.row_at() == at) { later(at, A_MOMENT) } else { at }
    }

    /// Whether the task or app of a run has succeeded since.
    fn has_succeeded(&self, run: &Run, since: Timestamp) -> bool {
        let success = run.subject().and_then(|subject| self.histories.of(&subject).last_success);
        success.is_some_and(|success| since <= success)
    }

    fn has_ended(&self, execution: &ExecutionId) -> bool {
        self.ended.get(&Run::key_of_execution(execution)).is_some()
            || !self.ended.find_all(&RunBy::Execution(execution.clone())).is_empty()
    }

    /// A run of which only attempts are known and that then succeeds has not failed.
    pub(crate) fn forget_presumed(
        &mut self,
        keys: impl IntoIterator<Item = RunKey>,
        at: Timestamp,
    ) {
        for key in keys {
            let run = self.runs.get(&key).and_then(|run| run.presumed.as_ref());
            if run.is_some_and(|verdict| verdict.at <= at) {
                self.runs.remove(&key);
            }
        }
    }

    /// A person reloaded the app of these runs without an error: their attempts that failed before are
    /// not the result, but the scheduler goes on.
    pub(crate) fn presume_nothing_of(&mut self, keys: &[RunKey], at: Timestamp) {
        for key in keys {
            self.runs.change(key, |run| {
                let is_before = run.presumed.as_ref().is_some_and(|verdict| verdict.at <= at);
                if is_before && run.verdict.is_none() {
                    presume_nothing(run);
                }
                is_before
            });
        }
    }

    /// The runs that an attempt's start belongs to.
    fn presumed_runs(&self, of: &StartOf) -> Vec<RunKey> {
        let keys = match of.clone() {
            StartOf::Execution(id) => self.runs.find_all(&RunBy::Execution(id)),
            StartOf::Task(id) => {
                let of = |has_execution| RunBy::Task {
                    id: id.clone(),
                    has_execution,
                    has_verdict: false,
                };
                [true, false].into_iter().flat_map(|has| self.runs.find_all(&of(has))).collect()
            }
            StartOf::App(app) => self.runs.find_all(&RunBy::RowsOf { app, is_explained: false }),
        };
        let is_presumed =
            |key: &RunKey| self.runs.get(key).is_some_and(|run| run.presumed.is_some());
        keys.into_iter().filter(is_presumed).collect()
    }
}

/// The run continues: another result follows.
fn presume_nothing(run: &mut Run) {
    (run.presumed, run.due, run.over, run.by_script) = (None, None, None, false);
}

/// Whether this failure replaces the one that is presumed so far: the row of an attempt takes
/// precedence over its script log, and a later attempt over an earlier one.
fn is_last_word(run: &Run, verdict: &Verdict, by_script: bool) -> bool {
    run.presumed.as_ref().is_none_or(|known| {
        if by_script {
            run.by_script && known.at < verdict.at
        } else {
            known.at <= later(verdict.at, CLOCK_SLACK)
        }
    })
}
