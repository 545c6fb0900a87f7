//! Pure. Something that started and has not ended: it is told when it is overdue.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::{Condition, Detection, Facts, Overdue, Role, Subject};
use crate::incident::earlier::no_subject;
use crate::incident::later;
use crate::incident::run::Verdict;
use crate::incident::typical_duration::TypicalDuration;
use crate::ledger::{Row, TableName};

/// When a backlog is read, the end may come a while after the start however old both are.
const BACKLOG: SignedDuration = SignedDuration::from_mins(10);

/// One thing that must end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct Deadline {
    pub started: Timestamp,
    /// When it is told that it has not ended.
    pub due: Timestamp,
    /// Whether its end teaches how long it usually takes.
    pub learns: bool,
    #[serde(default = "no_subject")]
    pub subject: Subject,
    pub verdict: Verdict,
    pub facts: Facts,
}

impl Deadline {
    /// `None` if the pattern gives no time. What it usually takes can only shorten that time.
    pub(in crate::incident) fn start(
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

/// What of it may be named by the row that tells how it ended.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(in crate::incident) enum DeadlineBy {
    Execution(String),
    Task(String),
    App(String),
}

impl DeadlineBy {
    /// Under what something is found by a row with these facts.
    pub(in crate::incident) fn all_of(facts: &Facts) -> Vec<Self> {
        let Facts { execution_id, task_id, app_id, .. } = facts;
        let by = [
            execution_id.clone().map(Self::Execution),
            task_id.clone().map(Self::Task),
            app_id.clone().map(Self::App),
        ];
        by.into_iter().flatten().collect()
    }
}

impl Row for Deadline {
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

/// Whether this row tells how a run ended, or how an attempt of it did.
pub(in crate::incident) fn is_end(detection: &Detection) -> bool {
    !matches!(detection.role, Role::Start | Role::AttemptStarted | Role::Standalone)
}
