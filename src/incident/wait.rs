//! Pure. Something that started and has not ended: it is told when it is overdue.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::Period;
use crate::detect::{Detection, Facts, Role};
use crate::incident::run::Verdict;

/// When a backlog is read, the end may come a while after the start however old both are.
const BACKLOG: SignedDuration = SignedDuration::from_mins(10);

/// One thing that must end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct Wait {
    /// When it is told that it has not ended.
    pub due: Timestamp,
    pub verdict: Verdict,
    pub facts: Facts,
}

impl Wait {
    /// `None` if the pattern gives no time.
    pub(in crate::incident) fn start(now: Timestamp, detection: &Detection) -> Option<Self> {
        let overdue = detection.terms.overdue?;
        let at = detection.at.unwrap_or(now);
        let due = (at + overdue).max(now + BACKLOG.min(overdue));
        let within = overdue.try_into().map(Period).unwrap_or_default();
        let facts = Facts {
            message: Some(format!("Started, and did not end within {within}")),
            ..detection.facts.clone()
        };
        Some(Self { due, verdict: Verdict::of(detection, due), facts })
    }

    /// Whether this row tells how the run ended, or how this attempt of it did.
    pub(in crate::incident) fn is_ended_by(&self, detection: &Detection) -> bool {
        let ends = !matches!(detection.role, Role::Start | Role::Standalone);
        let (ours, theirs) = (&self.facts, &detection.facts);
        let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
        ends && (same(&ours.execution_id, &theirs.execution_id)
            || same(&ours.task_id, &theirs.task_id)
            || same(&ours.app_id, &theirs.app_id))
    }
}
