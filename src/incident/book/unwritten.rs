//! Pure. Script logs of the scheduler whose rows are read much later: what they say is not final while
//! their execution is under way, or if another attempt begins.

use jiff::SignedDuration;

use crate::clock::{Timestamp, later};
use crate::detection::{ExecutionId, Facts, ScriptFacts, Subject};
use crate::incident::Suppression;
use crate::incident::book::{Decisions, IncidentBook};
use crate::incident::run::{CLOCK_SLACK, Run, RunBy, RunKey, SCRIPT_BEFORE_ROW, Verdict};
use crate::incident::success;

/// The next attempt begins at most this long after the one before has ended.
const RETRIED_WITHIN: SignedDuration = SignedDuration::from_secs(60);

impl IncidentBook {
    /// Lets a script log of the scheduler wait longer for its rows if rows of its app have been read
    /// before, or if the app is reloaded again at once. Returns whether it waits.
    pub(crate) fn waits_for_rows(&mut self, now: Timestamp, key: &RunKey) -> bool {
        let Some(run) = self.runs.get(key).filter(|run| is_alone(run)) else { return false };
        let due = later(run.seen, SCRIPT_BEFORE_ROW);
        let Some(app) = run.facts.app_id.clone().filter(|_| self.settle_clock(now) < due) else {
            return false;
        };
        let is_expected = self.execution_of(run).is_none()
            && !self.lacks_script_near(&app, run.script_end())
            && (self.is_retried_at_once(run) || self.histories.has_rows(&Subject::Reload(app)));
        if is_expected {
            self.runs.change(key, |run| {
                run.due = Some(due);
                true
            });
        }
        is_expected
    }

    /// Called when a script log without rows is about to be decided. If it ended after the last row of
    /// an execution of its app that is under way, it is that of the next attempt: it becomes the result
    /// only if no row and no other attempt follows. Returns whether that is so.
    pub(crate) fn give_to_execution(
        &mut self,
        now: Timestamp,
        script: &Run,
        decisions: &mut Decisions,
    ) -> bool {
        let under_way = self.execution_of(script).map(|it| self.run_under_way(it));
        let Some(((key, facts), verdict)) = under_way.zip(passing(script)) else { return false };
        let ended = script.script_end();
        let is_newer = |run: &Run| {
            run.verdict.is_none()
                && run.row_at() <= ended
                && run.script.as_ref().is_none_or(|known| known.ended <= Some(ended))
        };
        if self.ended.get(&key).is_some() || !self.runs.get(&key).is_none_or(is_newer) {
            return false;
        }
        decisions.hold(Suppression::Attempt, None, &verdict, held(script));
        let run = self.runs.remove(&key);
        let mut run = run.unwrap_or_else(|| Run::known_by(now, ended, facts));
        run.take_script_before_row(script, ended);
        self.presume_script(now, &mut run, Some(verdict.by_row(ended)));
        self.runs.put(key, run);
        true
    }

    /// The same for a script log that nothing else has explained: it is of an earlier attempt of an
    /// execution that is under way, or of one that is retried. No card is made of it.
    pub(crate) fn is_of_attempt(&mut self, script: &Run, decisions: &mut Decisions) -> bool {
        let Some(verdict) = passing(script).filter(|_| is_alone(script)) else { return false };
        let why = match self.execution_of(script).map(|it| self.run_under_way(it)) {
            Some((key, _)) if self.ended.get(&key).is_some() => Suppression::LateScriptLog,
            Some(_) => Suppression::Attempt,
            None if self.is_retried_at_once(script) => Suppression::Attempt,
            None => return false,
        };
        decisions.hold(why, None, &verdict, held(script));
        true
    }

    /// Notes that rows of the scheduler about an app are read.
    pub(crate) fn note_rows(&mut self, now: Timestamp, facts: &Facts) {
        if let Some(app) = facts.app_id.clone().filter(|_| facts.task_id.is_some()) {
            self.histories.note_rows(now, &Subject::Reload(app));
        }
    }

    /// The key of the run of an execution, whether it is decided or not.
    fn run_under_way(&self, (execution, facts): (ExecutionId, Facts)) -> (RunKey, Facts) {
        let key = Run::key_of_execution(&execution);
        let by = RunBy::Execution(execution);
        let mut found = self.runs.find_all(&by);
        found.extend(self.ended.find_all(&by));
        let is_known = self.runs.get(&key).is_some() || self.ended.get(&key).is_some();
        let other = found.pop_first().filter(|_| !is_known);
        (other.unwrap_or(key), facts)
    }

    /// The execution of its app that was under way when this script log ended, and still is.
    fn execution_of(&self, script: &Run) -> Option<(ExecutionId, Facts)> {
        let app = script.facts.app_id.as_ref().filter(|_| is_alone(script))?;
        let (execution, facts) =
            self.starts.under_way(app, later(script.script_end(), CLOCK_SLACK))?;
        let (_, began) = self.starts.first_and_last(&execution)?;
        // Its end may have been missed. A success of the app alone may be a person's.
        let task = facts.task_id.clone().map(|task| success::key(&Subject::Task(task)));
        let latest = task.and_then(|key| self.successes.get(&key));
        let is_over = latest.is_some_and(|latest| latest.success.at > began);
        (!is_over).then_some((execution, facts))
    }

    /// Whether the next script log of its app began soon after this one had ended.
    fn is_retried_at_once(&self, script: &Run) -> bool {
        let app = script.facts.app_id.as_ref();
        app.is_some_and(|app| self.starts.is_begun(app, script.script_end(), RETRIED_WITHIN))
    }
}

/// The failure of a script log, if that becomes final by time: then it may wait, and is not lost.
fn passing(script: &Run) -> Option<Verdict> {
    script.verdict.clone().filter(|verdict| verdict.final_after.is_some())
}

fn held(script: &Run) -> (&Facts, Option<&ScriptFacts>) {
    (&script.facts, script.script.as_ref())
}

/// Whether this is a script log of the scheduler without rows. One that seems to have ended after it
/// was read says nothing about when that was.
fn is_alone(run: &Run) -> bool {
    let read = later(run.seen, CLOCK_SLACK);
    run.is_script_alone() && run.is_by_scheduler() && run.script_end() <= read
}
