//! Pure. Keeps the earlier runs of a task or app for later cards.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::detection::{AppId, Facts, Kind, Subject};
use crate::incident::EarlierRuns;
use crate::incident::book::IncidentBook;
use crate::incident::run::Verdict;
use crate::incident::success::Success;
use crate::incident::typical_duration::TypicalDuration;

impl IncidentBook {
    /// A success of a task is also a success of its app. Returns whether the run was not known yet.
    pub(crate) fn note_success(
        &mut self,
        now: Timestamp,
        success: &Success,
        app: Option<&AppId>,
    ) -> bool {
        let is_new = self.histories.succeed(now, &success.subject, success.at);
        if let Some(app) = reload_of(app).filter(|app| *app != success.subject) {
            self.histories.succeed(now, &app, success.at);
        }
        is_new
    }

    /// A run failed; a run that a person or a time limit stopped does not count as a failure.
    pub(crate) fn note_failure(&mut self, now: Timestamp, subject: &Subject, verdict: &Verdict) {
        if verdict.kind != Kind::ReloadAborted && subject.is_named_run() {
            self.histories.fail(now, subject, verdict.at);
        }
    }

    /// The known runs of a task or app. The data is as old as the last reload of the app, whichever
    /// task ran it.
    pub(crate) fn earlier_runs(&self, subject: &Subject, facts: &Facts) -> EarlierRuns {
        if !subject.is_named_run() {
            return EarlierRuns::default();
        }
        let own = self.histories.of(subject);
        let app = reload_of(facts.app_id.as_ref());
        let of_app = app.as_ref().map(|app| self.histories.of(app).last_success);
        let usual = [app.as_ref(), Some(subject)].into_iter().flatten().find_map(|subject| {
            let id: Arc<str> = subject.identity().into();
            self.typical_durations.get(&id).and_then(TypicalDuration::median)
        });
        let last_success = own.last_success.max(of_app.flatten());
        EarlierRuns { last_success, usual_duration: usual, ..own }
    }
}

fn reload_of(app: Option<&AppId>) -> Option<Subject> {
    app.cloned().map(Subject::Reload)
}
