//! Pure. Something that started and has not ended: it is told when it is overdue.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::config::Period;
use crate::detect::{Detection, Facts, Role};
use crate::incident::run::Verdict;
use crate::incident::usual::Usual;

/// When a backlog is read, the end may come a while after the start however old both are.
const BACKLOG: SignedDuration = SignedDuration::from_mins(10);

/// One thing that must end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct Wait {
    pub started: Timestamp,
    /// When it is told that it has not ended.
    pub due: Timestamp,
    /// Whether its end teaches how long it usually takes.
    pub learns: bool,
    pub verdict: Verdict,
    pub facts: Facts,
}

impl Wait {
    /// `None` if the pattern gives no time. What it usually takes can only shorten that time.
    pub(in crate::incident) fn start(
        now: Timestamp,
        detection: &Detection,
        usual: Option<&Usual>,
    ) -> Option<Self> {
        let given = detection.terms.overdue?;
        let learns = detection.terms.learned;
        let longest = usual.filter(|_| learns).and_then(Usual::longest);
        let learned = longest.map(|longest| (longest, Usual::limit(longest)));
        let learned = learned.filter(|(_, limit)| *limit < given);
        let overdue = learned.map_or(given, |(_, limit)| limit);
        let started = detection.at.unwrap_or(now);
        let due = (started + overdue).max(now + BACKLOG.min(overdue));
        let within = words(overdue);
        let message = match learned {
            Some((longest, _)) => {
                let longest = words(longest);
                format!(
                    "Started, and did not end within {within}; it usually takes {longest} at most"
                )
            }
            None => format!("Started, and did not end within {within}"),
        };
        let facts = Facts { message: Some(message), ..detection.facts.clone() };
        Some(Self { started, due, learns, verdict: Verdict::of(detection, due), facts })
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

/// To the second: logs are no more precise.
fn words(time: SignedDuration) -> Period {
    SignedDuration::from_secs(time.as_secs()).try_into().map(Period).unwrap_or_default()
}
