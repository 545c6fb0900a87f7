//! Pure. Deadlines: a start without an end is reported when it is overdue.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::detection::{
    AppId, Condition, Detection, ExecutionId, Facts, Overdue, Role, Subject, TaskId,
};
use crate::incident::earlier::no_subject;
use crate::incident::run::Verdict;
use crate::incident::typical_duration::TypicalDuration;
use crate::ledger::{TableName, TableRow};

/// In a backlog, the end may be read this much later than the start, however old both are.
const BACKLOG: SignedDuration = SignedDuration::from_mins(10);

/// One start whose end is awaited.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deadline {
    pub started: Timestamp,
    /// When it is reported as overdue.
    pub due: Timestamp,
    /// Whether its duration is learned when it ends.
    pub learns: bool,
    #[serde(default = "no_subject")]
    pub subject: Subject,
    pub verdict: Verdict,
    pub facts: Facts,
}

impl Deadline {
    /// `None` if the pattern has no `overdue` time. The learned duration can only shorten it.
    pub(crate) fn start(
        now: Timestamp,
        detection: &Detection,
        typical: Option<&TypicalDuration>,
    ) -> Option<Self> {
        let given = detection.terms.overdue?;
        let learns = detection.terms.learned;
        let longest = typical.filter(|_| learns).and_then(TypicalDuration::longest);
        let learned = longest.map(|longest| (longest, TypicalDuration::limit(longest)));
        let learned = learned.filter(|(_, limit)| *limit < given);
        let overdue = learned.map_or(given, |(_, limit)| limit);
        let started = detection.at.unwrap_or(now);
        let due = later(started, overdue).max(later(now, BACKLOG.min(overdue)));
        let usually = learned.map(|(longest, _)| longest);
        let mut verdict = Verdict::of(detection, due);
        verdict.condition = Condition::Overdue(Overdue { within: overdue, usually });
        let (subject, facts) = (detection.subject.clone(), detection.facts.clone());
        Some(Self { started, due, learns, subject, verdict, facts })
    }
}

/// The ids by which the row that ends it finds the deadline.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) enum DeadlineBy {
    Execution(ExecutionId),
    Task(TaskId),
    App(AppId),
}

impl DeadlineBy {
    /// All keys that these facts give.
    pub(crate) fn all_of(facts: &Facts) -> Vec<Self> {
        let Facts { execution_id, task_id, app_id, .. } = facts;
        let by = [
            execution_id.clone().map(Self::Execution),
            task_id.clone().map(Self::Task),
            app_id.clone().map(Self::App),
        ];
        by.into_iter().flatten().collect()
    }
}

impl TableRow for Deadline {
    const TABLE: TableName = TableName::Deadlines;
    type By = DeadlineBy;
    type Terms = ();

    fn found_by(&self) -> Vec<(DeadlineBy, Timestamp)> {
        DeadlineBy::all_of(&self.facts).into_iter().map(|by| (by, self.started)).collect()
    }

    fn due(&self, (): ()) -> Option<Timestamp> {
        Some(self.due)
    }
}

/// Whether this detection ends a run or one of its attempts.
pub(crate) fn is_end(detection: &Detection) -> bool {
    !matches!(detection.role, Role::Start | Role::AttemptStarted | Role::Standalone)
}
