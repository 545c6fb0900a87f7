//! Pure. Starts of attempts, for failures that are older but read later, and the nodes that run them.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::commit::{RowChange, StoredRows};
use crate::detection::{AppId, ExecutionId, Facts, TaskId};
use crate::incident::run::{KEEP_OPEN_RUN, Run, SCRIPT_BEFORE_ROW, Verdict};
use crate::ledger::{Table, TableName, TableRow};

/// A failure that is older than a start without an execution is read at most this much later.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);
/// Bounds the memory in a storm: if there are more starts than this, those that expire first are
/// forgotten.
const MOST: usize = 10_000;

/// The subject of a start: the most specific of its ids.
#[derive(Clone, Debug, Hash, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StartOf {
    Execution(ExecutionId),
    Task(TaskId),
    App(AppId),
}

/// An attempt that began; for an execution, the latest one and the time of the first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AttemptStart {
    of: StartOf,
    at: Timestamp,
    /// When the first attempt of its execution began, if that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<Timestamp>,
    /// When it was observed.
    seen: Timestamp,
    /// The node that runs the execution: the rows of its end need not contain it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    /// The app and the task of the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app: Option<AppId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<TaskId>,
}

/// The keys of the index of starts.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) enum StartBy {
    Of(StartOf),
    /// An execution of this app is under way, since its first attempt began.
    UnderWay(AppId),
}

/// The recent starts.
#[derive(Debug, Default)]
pub(crate) struct AttemptStarts {
    table: Table<Arc<str>, AttemptStart>,
}

impl StartOf {
    /// A script log has only an app, rows of the scheduler have more ids.
    pub(crate) fn of(facts: &Facts) -> Option<Self> {
        let Facts { execution_id, task_id, app_id, .. } = facts;
        let execution = execution_id.clone().map(Self::Execution);
        let task = || task_id.clone().map(Self::Task);
        execution.or_else(task).or_else(|| app_id.clone().map(Self::App))
    }

    fn key(&self, at: Timestamp) -> Arc<str> {
        match self {
            Self::Execution(id) => Run::key_of_execution(id),
            Self::Task(id) => format!("task/{id}/{}", at.as_millisecond()).into(),
            Self::App(id) => format!("app/{id}/{}", at.as_millisecond()).into(),
        }
    }
}

impl TableRow for AttemptStart {
    const TABLE: TableName = TableName::Starts;
    type By = StartBy;
    type Terms = ();

    fn found_by(&self) -> Vec<(StartBy, Timestamp)> {
        let first = self.first.unwrap_or(self.at);
        let under_way = self.app.clone().map(|app| (StartBy::UnderWay(app), first));
        [(StartBy::Of(self.of.clone()), self.at)].into_iter().chain(under_way).collect()
    }

    fn expires(&self) -> Option<Timestamp> {
        // Those of an execution go with its end.
        let is_of_execution = matches!(self.of, StartOf::Execution(_));
        Some(later(self.seen, if is_of_execution { KEEP_OPEN_RUN } else { KEPT_FOR }))
    }
}

impl AttemptStarts {
    pub(crate) fn restored(rows: &StoredRows) -> Self {
        Self { table: Table::restored(rows) }
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        self.table.take_changes()
    }

    pub(crate) fn note(&mut self, now: Timestamp, at: Timestamp, of: StartOf, facts: &Facts) {
        let key = of.key(at);
        let mut start =
            AttemptStart { of, at, first: None, seen: now, node: None, app: None, task: None };
        if matches!(start.of, StartOf::Execution(_)) {
            let Facts { executing_node, app_id, task_id, .. } = facts.clone();
            (start.node, start.app, start.task) = (executing_node, app_id, task_id);
        }
        if let Some(known) = self.table.remove(&key) {
            let first = start.at.min(known.first.unwrap_or(known.at));
            start.at = start.at.max(known.at);
            start.first = Some(first).filter(|first| *first < start.at);
            start.node = start.node.or(known.node);
            (start.app, start.task) = (start.app.or(known.app), start.task.or(known.task));
        }
        self.table.put(key, start);
        self.table.keep_at_most(MOST, Timestamp::MAX);
    }

    /// Whether the next attempt began after this failure. Within one execution, any later start is
    /// the next attempt; for the same task or app, only one that follows soon, since the reload of
    /// the next night may be read in the same step.
    pub(crate) fn is_retried(&self, facts: &Facts, failure: &Verdict) -> bool {
        let wait = failure.final_after.unwrap_or_default().saturating_add(SCRIPT_BEFORE_ROW);
        let soon = later(failure.at, wait);
        let Facts { execution_id, task_id, app_id, .. } = facts;
        let starts = [
            (execution_id.clone().map(StartOf::Execution), Timestamp::MAX),
            (task_id.clone().map(StartOf::Task), soon),
            (app_id.clone().map(StartOf::App), soon),
        ];
        starts.into_iter().any(|(of, until)| {
            let is_later = |of| {
                let by = StartBy::Of(of);
                let mut found = self.table.find(&by, failure.at..=until);
                found.next_back().is_some_and(|(at, ..)| at > failure.at)
            };
            of.is_some_and(is_later)
        })
    }

    /// When the first and the latest attempt of this execution began, as far as that was read.
    pub(crate) fn first_and_last(&self, execution: &ExecutionId) -> Option<(Timestamp, Timestamp)> {
        let start = self.table.get(&Run::key_of_execution(execution))?;
        Some((start.first.unwrap_or(start.at), start.at))
    }

    /// Whether a script log of this app began within this time after another one had ended.
    pub(crate) fn is_begun(&self, app: &AppId, ended: Timestamp, within: SignedDuration) -> bool {
        let by = StartBy::Of(StartOf::App(app.clone()));
        let mut found = self.table.find(&by, ended..=later(ended, within));
        found.next_back().is_some_and(|(at, ..)| at > ended)
    }

    /// The latest execution of this app that began by this time and whose end has not been read, and
    /// its facts.
    pub(crate) fn under_way(&self, app: &AppId, by: Timestamp) -> Option<(ExecutionId, Facts)> {
        let app_of = StartBy::UnderWay(app.clone());
        let (_, _, start) = self.table.find(&app_of, Timestamp::MIN..=by).next_back()?;
        let StartOf::Execution(execution) = &start.of else { return None };
        let (execution_id, app_id) = (Some(execution.clone()), Some(app.clone()));
        let task_id = start.task.clone();
        Some((execution.clone(), Facts { task_id, app_id, execution_id, ..Facts::default() }))
    }

    /// The node that runs this execution, if its start was read.
    pub(crate) fn node_of(&self, execution: &ExecutionId) -> Option<String> {
        self.table.get(&Run::key_of_execution(execution))?.node.clone()
    }

    /// An execution ended: no attempt follows.
    pub(crate) fn end(&mut self, execution: &ExecutionId) {
        self.table.remove(&Run::key_of_execution(execution));
    }

    pub(crate) fn forget(&mut self, now: Timestamp) {
        self.table.forget(now);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }
}

#[cfg(test)]
mod tests;
