//! Pure. Attempts whose run says no more: after a while they are the last word on it, unless another attempt began.

use crate::clock::Timestamp;
use crate::detection::{Detection, Facts, Kind};
use crate::incident::book::IncidentBook;
use crate::incident::later;
use crate::incident::run::{Run, RunBy, RunKey, Verdict};

impl IncidentBook {
    /// An attempt failed that is the last word on its run if no other comes in time: its pattern
    /// says so, or its script log is here and the verdict is written by another node.
    pub(super) fn presume(&self, now: Timestamp, run: &mut Run, detection: &Detection) {
        if run.is_reported || run.verdict.is_some() {
            return;
        }
        let is_script = detection.script.is_some();
        if !is_script || run.presumed.is_none() {
            let verdict = Verdict::of(detection, detection.at.unwrap_or(now));
            self.set_presumed(now, run, verdict, is_script);
        }
    }

    /// A failed script log came before the rows of its attempt: what it says may be all that comes.
    pub(super) fn presume_orphan(&self, now: Timestamp, run: &mut Run, verdict: Option<Verdict>) {
        let is_open = !run.is_reported && run.verdict.is_none() && run.presumed.is_none();
        if let Some(verdict) = verdict.filter(|_| is_open) {
            self.set_presumed(now, run, verdict, true);
        }
    }

    fn set_presumed(&self, now: Timestamp, run: &mut Run, verdict: Verdict, by_script: bool) {
        let Some(wait) = verdict.final_after else { return };
        run.due = Some(later(self.settle_clock(now).max(verdict.at.min(now)), wait));
        run.by_script = by_script;
        // A script log with rows of the scheduler is of a task, whoever started that.
        let kind = if by_script { Kind::ReloadFailed } else { verdict.kind };
        run.presumed = Some(Verdict { kind, ..verdict });
    }

    /// The next attempt of a run began: what the one before left is not the last word.
    pub(super) fn observe_attempt_start(&mut self, now: Timestamp, detection: &Detection) {
        let at = detection.at.unwrap_or(now);
        for key in self.presumed_runs(&detection.facts) {
            self.runs.change(&key, |run| {
                let is_later = run.presumed.as_ref().is_some_and(|verdict| verdict.at < at);
                if is_later {
                    (run.presumed, run.due, run.over, run.by_script) = (None, None, None, false);
                }
                is_later
            });
        }
        self.note_executing_node(now, detection);
    }

    /// A run whose attempts are all that is known of it and that then succeeds has not failed.
    pub(super) fn forget_presumed(
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

    /// The runs that an attempt's start belongs to: by its execution, else by its task, else (a
    /// script log) by its app.
    fn presumed_runs(&self, facts: &Facts) -> Vec<RunKey> {
        let keys = match (&facts.execution_id, &facts.task_id, &facts.app_id) {
            (Some(execution), ..) => {
                let mut keys = self.runs.find_all(&RunBy::Execution(execution.clone()));
                keys.insert(Run::key_of_execution(execution));
                keys
            }
            (None, Some(task), _) => {
                let of = |has_execution| RunBy::Task {
                    id: task.clone(),
                    has_execution,
                    has_verdict: false,
                };
                [true, false].into_iter().flat_map(|has| self.runs.find_all(&of(has))).collect()
            }
            (None, None, Some(app)) => {
                let app = app.clone();
                self.runs.find_all(&RunBy::RowsOf { app, is_explained: false })
            }
            (None, None, None) => return Vec::new(),
        };
        let is_presumed =
            |key: &RunKey| self.runs.get(key).is_some_and(|run| run.presumed.is_some());
        keys.into_iter().filter(is_presumed).collect()
    }

    /// The row that begins an attempt may name the node that runs it: the rows of its end do not.
    fn note_executing_node(&mut self, now: Timestamp, detection: &Detection) {
        let Facts { executing_node: Some(node), execution_id: Some(execution), .. } =
            &detection.facts
        else {
            return;
        };
        let key = Run::key_of_execution(execution);
        if self.ended.get(&key).is_some() {
            return;
        }
        let mut run = self.runs.remove(&key).unwrap_or_else(|| {
            let known = Facts {
                execution_id: detection.facts.execution_id.clone(),
                task_id: detection.facts.task_id.clone(),
                ..Facts::default()
            };
            Run::known_by(now, detection, known)
        });
        run.seen = now;
        run.facts.executing_node = Some(node.clone());
        self.runs.put(key, run);
    }
}
