//! Pure. Attempts whose run says no more: after a while they are the last word on it, unless another attempt began.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detection::{Detection, Facts, Kind};
use crate::incident::book::IncidentBook;
use crate::incident::later;
use crate::incident::run::{Run, RunBy, RunKey, Verdict};

/// So long after a failed script of a task its verdict is waited for: another node may write it,
/// whose logs are not read here.
const VERDICT_ELSEWHERE: SignedDuration = SignedDuration::from_mins(2);

impl IncidentBook {
    /// An attempt failed that is the last word on its run if no other comes in time: its pattern
    /// says so, or its script log is here and the verdict is written by another node.
    pub(super) fn presume(&self, now: Timestamp, run: &mut Run, detection: &Detection) {
        if run.is_reported || run.verdict.is_some() {
            return;
        }
        let at = detection.at.unwrap_or(now);
        let read = self.settle_clock(now);
        let due = |wait| Some(later(read.max(at.min(now)), wait));
        if let Some(wait) = detection.terms.final_after {
            run.presumed = Some(Verdict::of(detection, at));
            run.due = due(wait);
        } else if run.presumed.is_none() && detection.script.is_some() {
            run.presumed = Some(Verdict { kind: Kind::ReloadFailed, ..Verdict::of(detection, at) });
            run.due = due(VERDICT_ELSEWHERE);
        }
    }

    /// A failed script log came before the rows of its attempt: what it says may be all that comes.
    pub(super) fn presume_orphan(&self, now: Timestamp, run: &mut Run, verdict: Option<Verdict>) {
        let is_open = !run.is_reported && run.verdict.is_none() && run.presumed.is_none();
        let Some(verdict) = verdict.filter(|_| is_open) else { return };
        let read = self.settle_clock(now);
        run.due = Some(later(read.max(verdict.at.min(now)), VERDICT_ELSEWHERE));
        run.presumed = Some(Verdict { kind: Kind::ReloadFailed, ..verdict });
    }

    /// The next attempt of a run began: what the one before left is not the last word.
    pub(super) fn observe_attempt_start(&mut self, now: Timestamp, detection: &Detection) {
        let at = detection.at.unwrap_or(now);
        for key in self.presumed_runs(&detection.facts) {
            self.runs.change(&key, |run| {
                let is_later = run.presumed.as_ref().is_some_and(|verdict| verdict.at <= at);
                if is_later {
                    (run.presumed, run.due, run.over) = (None, None, None);
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
