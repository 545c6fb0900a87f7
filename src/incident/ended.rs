//! Pure. The kept part of a decided run: enough to recognise its late rows.

use std::ops::RangeInclusive;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::detection::{AppId, Detection, ExecutionId, TaskId};
use crate::ids::Fingerprint;
use crate::incident::run::{
    AFTER_VERDICT, Run, RunBy, RunKey, SCRIPT_BEFORE_ROW, earlier_scripts, is_last_script,
    scripts_of_row, since,
};
use crate::ledger::{TableName, TableRow};

/// Rows that are read later than this start a run of their own.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The same for a run that was decided without its verdict, which may be written much later: such a
/// run is not dropped early within ten minutes.
const KEPT_FOR_IF_PRESUMED: SignedDuration = SignedDuration::from_mins(20);

/// A decided run. It holds only ids and times, since a storm makes many of them in ten minutes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each stored by its name")]
pub(crate) struct EndedRun {
    /// When it was decided or any of its rows was last observed.
    seen: Timestamp,
    /// The timestamp of its latest row.
    pub(crate) at: Timestamp,
    /// The timestamp of its verdict, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) verdict_at: Option<Timestamp>,
    /// The other reading of its verdict's timestamp, if that is ambiguous.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) verdict_or: Option<Timestamp>,
    /// When its script log ended, if no row of the run is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) script_ended: Option<Timestamp>,
    /// The other reading of that time, if it is ambiguous.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    script_or: Option<Timestamp>,
    /// Whether the script log of its last attempt is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_explained: bool,
    /// When its first attempt began, if a row says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) began: Option<Timestamp>,
    /// Rows of earlier attempts whose script logs have not been read.
    #[serde(default, skip_serializing_if = "<[Timestamp]>::is_empty")]
    pub(crate) earlier_rows: Box<[Timestamp]>,
    /// Whether it is a script log that a person made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_by_person: bool,
    /// Whether its rows name the scheduler's account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_scheduled: bool,
    /// Whether it succeeded after attempts that failed: their script logs are of no failure.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) succeeded: bool,
    /// Another clock wrote its script log: no script log belongs to it by its time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) other_clock: bool,
    /// Whether it was decided without its verdict.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_presumed: bool,
    /// Its incident, if it was decided without its script log, or its script log without rows.
    #[serde(default, alias = "unexplained", skip_serializing_if = "Option::is_none")]
    pub(crate) unmatched: Option<Fingerprint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) task: Option<TaskId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) app: Option<AppId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) execution: Option<ExecutionId>,
    /// The key contains the execution id, which is then not stored in `execution`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) execution_in_key: bool,
}

impl EndedRun {
    pub(crate) fn of(key: &RunKey, run: &Run) -> Self {
        let execution = &run.facts.execution_id;
        let in_key = execution.as_ref().is_some_and(|id| *key == Run::key_of_execution(id));
        let ended = run.script.as_ref().map(|script| script.ended.unwrap_or(run.at));
        Self {
            seen: run.seen,
            at: run.at,
            verdict_at: run.verdict.as_ref().map(|verdict| verdict.at),
            verdict_or: run.facts.at_or.filter(|_| run.verdict.is_some()),
            script_ended: ended.filter(|_| run.is_script_alone()),
            script_or: run.script.as_ref().and_then(|script| script.ended_or),
            is_explained: run.has_last_script(),
            began: run.first_began(),
            earlier_rows: run.earlier_rows.as_slice().into(),
            is_by_person: run.is_script_alone() && run.is_by_person(),
            is_scheduled: !run.is_script_alone() && run.is_scheduled(),
            succeeded: false,
            other_clock: run.script_of.is_some(),
            is_presumed: false,
            unmatched: None,
            task: run.facts.task_id.clone(),
            app: run.facts.app_id.clone(),
            execution: execution.clone().filter(|_| !in_key),
            execution_in_key: in_key,
        }
    }

    /// The failed attempts of a run that succeeded, if script logs of them may follow.
    pub(crate) fn of_attempts(now: Timestamp, key: &RunKey, attempts: &Run) -> Option<Self> {
        let is_explained = !attempts.lacks_script();
        let attempts = Self { seen: now, is_explained, succeeded: true, ..Self::of(key, attempts) };
        (!is_explained || !attempts.earlier_rows.is_empty()).then_some(attempts)
    }

    /// Whether this is the row of an attempt that another one or a success followed, and its script
    /// log has not been read.
    pub(crate) fn is_attempt(&self, row: Timestamp) -> bool {
        self.earlier_rows.contains(&row) || self.succeeded && !self.is_explained
    }

    /// Takes the script log of one of its rows; returns whether that is the row of its verdict.
    pub(crate) fn take_script(&mut self, row: Timestamp) -> bool {
        let is_earlier = self.earlier_rows.contains(&row);
        let others = self.earlier_rows.iter().filter(|other| **other != row);
        self.earlier_rows = others.copied().collect();
        self.is_explained |= !is_earlier && (self.began.is_some() || self.succeeded);
        !is_earlier
    }

    /// Runs that expire by this time are complete, if everything written up to `read` has been
    /// read.
    pub(crate) fn expiry_of_complete(read: Timestamp) -> Timestamp {
        later(read, KEPT_FOR - AFTER_VERDICT)
    }

    pub(crate) fn app(&self) -> Option<&AppId> {
        self.app.as_ref()
    }

    /// The range in which the script logs of a late row ended.
    pub(crate) fn scripts_of_row(&self, at: Timestamp) -> Option<RangeInclusive<Timestamp>> {
        let verdict = self.verdict_at.filter(|_| self.is_explained);
        let times = verdict.map_or_else(|| scripts_of_row(at), earlier_scripts);
        let is_whole = self.is_explained && self.began.is_some() && self.earlier_rows.is_empty();
        (!is_whole).then(|| since(times, self.began))
    }

    /// Its other half has been read: no other script log explains it.
    pub(crate) fn match_up(&mut self) {
        (self.unmatched, self.is_explained) = (None, true);
    }

    fn has_execution(&self) -> bool {
        self.execution_in_key || self.execution.is_some()
    }

    /// Adds the facts of a late row.
    pub(crate) fn learn(&mut self, now: Timestamp, detection: &Detection) {
        self.seen = now;
        self.at = self.at.max(detection.at.unwrap_or(now));
        let from = &detection.facts;
        self.task = self.task.take().or_else(|| from.task_id.clone());
        self.app = self.app.take().or_else(|| from.app_id.clone());
        if !self.has_execution() {
            self.execution.clone_from(&from.execution_id);
        }
        if let (Some(script), Some(verdict)) = (&detection.script, self.verdict_at) {
            self.is_explained |= script.ended.is_some_and(|ended| is_last_script(ended, verdict));
        }
        if self.task.is_some() || self.has_execution() {
            self.script_ended = None;
        } else if let Some(script) = &detection.script {
            self.script_ended = self.script_ended.max(script.ended.or(Some(self.at)));
        }
    }
}

impl TableRow for EndedRun {
    const TABLE: TableName = TableName::EndedRuns;
    type By = RunBy;
    type Terms = ();

    fn found_by(&self) -> Vec<(RunBy, Timestamp)> {
        let mut by = Vec::with_capacity(3);
        if let Some(execution) = &self.execution {
            by.push((RunBy::Execution(execution.clone()), self.at));
        }
        if let Some(id) = self.task.clone() {
            let has_execution = self.has_execution();
            let has_verdict = self.verdict_at.is_some() || self.succeeded;
            let by_task = RunBy::Task { id, has_execution, has_verdict };
            by.extend(self.verdict_or.map(|or| (by_task.clone(), or)));
            by.push((by_task, self.at));
        }
        let app = self.app.clone();
        match (self.script_ended, app) {
            (Some(ended), app) => {
                by.extend(self.script_or.map(|or| (RunBy::ScriptOf(app.clone()), or)));
                by.push((RunBy::ScriptOf(app), ended));
            }
            (None, Some(app)) => {
                for row in &self.earlier_rows {
                    by.push((RunBy::RowsOf { app: app.clone(), is_explained: false }, *row));
                }
                if !self.other_clock {
                    let by_app = RunBy::RowsOf { app, is_explained: self.is_explained };
                    by.extend(self.verdict_or.map(|or| (by_app.clone(), or)));
                    by.push((by_app, self.verdict_at.unwrap_or(self.at)));
                }
            }
            (None, None) => {}
        }
        by
    }

    fn expires(&self) -> Option<Timestamp> {
        let kept_for = match self.script_ended {
            _ if self.is_presumed => KEPT_FOR_IF_PRESUMED,
            Some(_) => KEPT_FOR.saturating_add(SCRIPT_BEFORE_ROW),
            None => KEPT_FOR,
        };
        Some(later(self.seen, kept_for))
    }
}
