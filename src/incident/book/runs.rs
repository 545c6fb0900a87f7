//! Pure. How rows and script logs find their runs, and what a settled run says.

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detect::{Detection, Facts, Kind, Role, ScriptFacts};
use crate::incident::Suppression;
use crate::incident::book::{IncidentBook, Told};
use crate::incident::run::{Run, Verdict};

/// However long the settle time is set: a card waits no longer than this.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(15);

impl IncidentBook {
    /// A row of the scheduler that ends a run or one attempt of it.
    pub(super) fn observe_row(&mut self, now: Timestamp, detection: &Detection, told: &mut Told) {
        let at = detection.at.unwrap_or(now);
        let mut run = match self.run_of_row(detection, at) {
            Some(id) => self.runs.remove(&id).expect("run_of_row names a run that is there"),
            None => Run::start(now, detection),
        };
        run.learn(now, detection);
        self.adopt_script(&mut run, at);

        if run.told || run.verdict.is_some() {
            told.suppress(Suppression::SameRun, detection, at);
        } else if detection.role == Role::Attempt {
            told.suppress(Suppression::Attempt, detection, at);
        } else {
            run.verdict = Some(Verdict::of(detection, at));
            run.due = Some(now + self.settle_time(&run));
        }
        if run.due.is_some() && run.is_explained() {
            run.due = Some(now);
        }
        self.put_run(run);
    }

    pub(super) fn run_of_row(&self, detection: &Detection, at: Timestamp) -> Option<String> {
        let near = |run: &Run| run.distance_to_row(detection, at).map(|far| (far, run.id.clone()));
        self.runs.values().filter_map(near).min().map(|(_, id)| id)
    }

    /// Gives a run the script log that came before its rows did.
    pub(super) fn adopt_script(&mut self, run: &mut Run, at: Timestamp) {
        let near = |orphan: &Run| {
            let ended = orphan.script.as_ref()?.ended.unwrap_or(orphan.at);
            let same_app = orphan.facts.app_id == run.facts.app_id && orphan.is_script_alone();
            let far = if same_app { Run::script_distance(ended, at) } else { None };
            far.map(|far| (far, orphan.id.clone()))
        };
        let Some((_, id)) = self.runs.values().filter_map(near).min() else { return };
        if let Some(orphan) = self.remove_run(&id) {
            run.told |= orphan.told;
            orphan.script.into_iter().for_each(|script| run.take_script(script));
        }
    }

    pub(super) fn settle_time(&self, run: &Run) -> SignedDuration {
        let kind = run.verdict.as_ref().map(|verdict| verdict.kind);
        let may_have_script = matches!(kind, Some(Kind::ReloadFailed | Kind::ReloadAborted))
            && run.facts.app_id.is_some();
        if may_have_script { self.policy.settle.min(LONGEST_WAIT) } else { SignedDuration::ZERO }
    }

    /// A script log that ended with a failure.
    pub(super) fn observe_script(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        told: &mut Told,
    ) {
        let at = detection.at.unwrap_or(now);
        let Some(id) = self.run_of_script(detection, at) else {
            return self.open_orphan(now, detection);
        };
        let mut run = self.runs.remove(&id).expect("run_of_script names a run that is there");
        run.learn(now, detection);
        match (&run.verdict, run.told) {
            (_, true) => told.suppress(Suppression::LateScriptLog, detection, at),
            (None, false) => told.suppress(Suppression::Attempt, detection, at),
            (Some(_), false) => {
                told.suppress(Suppression::SameRun, detection, at);
                run.due = Some(now);
            }
        }
        self.put_run(run);
    }

    pub(super) fn run_of_script(&self, detection: &Detection, at: Timestamp) -> Option<String> {
        let ended = detection.script.as_ref().and_then(|script| script.ended).unwrap_or(at);
        let near = |run: &Run| {
            let row = run.verdict.as_ref().map_or(run.at, |verdict| verdict.at);
            let same_app = run.facts.app_id.is_some() && run.facts.app_id == detection.facts.app_id;
            let far = if same_app { Run::script_distance(ended, row) } else { None };
            far.map(|far| (far, run.id.clone()))
        };
        let rows_known = self.runs.values().filter(|run| !run.is_script_alone());
        rows_known.filter_map(near).min().map(|(_, id)| id)
    }

    /// A failed script log whose rows have not come. They may be on their way, or never come:
    /// then it was a reload from the hub or an editor.
    pub(super) fn open_orphan(&mut self, now: Timestamp, detection: &Detection) {
        let mut run = Run::start(now, detection);
        let mut verdict = Verdict::of(detection, detection.at.unwrap_or(now));
        let by_scheduler = run.script.as_ref().is_some_and(is_by_scheduler);
        verdict.kind =
            if by_scheduler { Kind::ReloadFailed } else { Kind::ReloadFailedOutsideTask };
        run.verdict = Some(verdict);
        let wait = if by_scheduler { LONGEST_WAIT } else { self.policy.settle.min(LONGEST_WAIT) };
        run.due = Some(now + wait);
        self.put_run(run);
    }

    /// A run that ended well: its attempts are forgotten, the failures of its task are over.
    pub(super) fn observe_success(
        &mut self,
        now: Timestamp,
        detection: &Detection,
        told: &mut Told,
    ) {
        let Some(subject) = run_subject(&detection.facts) else { return };
        let waiting =
            |run: &&Run| run.due.is_some() && run_subject(&run.facts).as_ref() == Some(&subject);
        let due: Vec<String> =
            self.runs.values().filter(waiting).map(|run| run.id.clone()).collect();
        // What failed before is said before it is said to be over.
        for id in due {
            self.conclude(now, &id, told);
        }
        if let Some(execution) = &detection.facts.execution_id {
            let id = format!("execution/{execution}");
            self.remove_run(&id);
        }
        self.recover(now, &subject, detection, told);
    }

    /// Says what a settled run came to.
    pub(super) fn conclude(&mut self, now: Timestamp, id: &str, told: &mut Told) {
        let Some(mut run) = self.runs.remove(id) else { return };
        run.due = None;
        run.told = true;
        if let Some(verdict) = run.verdict.clone() {
            let subject = run_subject(&run.facts).unwrap_or_else(|| format!("run/{}", run.id));
            self.occur(now, &subject, &verdict, &run.facts, run.script.clone(), told);
        }
        self.put_run(run);
    }

    pub(super) fn put_run(&mut self, run: Run) {
        self.touched.insert(format!("run:{}", run.id));
        self.runs.insert(run.id.clone(), run);
    }

    pub(super) fn remove_run(&mut self, id: &str) -> Option<Run> {
        let run = self.runs.remove(id)?;
        self.touched.insert(format!("run:{id}"));
        Some(run)
    }
}

/// Whether the scheduler's own account ran it: then its rows are written on some node.
fn is_by_scheduler(script: &ScriptFacts) -> bool {
    let by = script.executed_by.as_deref().unwrap_or_default().to_ascii_lowercase();
    by.ends_with("sa_scheduler")
}

pub(super) fn run_subject(facts: &Facts) -> Option<String> {
    let task = facts.task_id.as_ref().or(facts.task_name.as_ref());
    task.map(|task| format!("task/{task}")).or_else(|| facts.app_id.as_deref().map(app_subject))
}

pub(super) fn app_subject(app: &str) -> String {
    format!("app/{app}")
}
