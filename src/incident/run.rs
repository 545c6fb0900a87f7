//! Pure. One execution of a task or a script, gathered from the rows that it leaves.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::{Detection, Facts, Kind, Role, ScriptFacts, Severity};

/// The last rows of a run follow its verdict within this time.
const AFTER_VERDICT: SignedDuration = SignedDuration::from_secs(30);
/// A script log is complete this long before the scheduler's row at most (measured: 1.5 s).
const SCRIPT_BEFORE_ROW: SignedDuration = SignedDuration::from_secs(120);
/// Stamps of two services on one node differ by this much at most.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(5);

/// One execution under way, or just over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct Run {
    pub id: String,
    /// When any of its rows was last observed.
    pub seen: Timestamp,
    /// The stamp of its latest row.
    pub at: Timestamp,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
    /// The final word, once there is one.
    pub verdict: Option<Verdict>,
    /// When what is known will be said; `None` while nothing is final, and afterwards.
    pub due: Option<Timestamp>,
    pub told: bool,
}

/// The final word on a run, with the pattern's words for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct Verdict {
    pub kind: Kind,
    pub severity: Severity,
    pub pattern: String,
    pub title: String,
    pub meaning: String,
    pub advice: Option<String>,
    pub at: Timestamp,
    /// Patterns whose open incidents hold this one back.
    #[serde(default)]
    pub suppressed_by: Vec<String>,
    /// How often it happened until it was told.
    #[serde(default = "once")]
    pub count: u32,
    /// Whether the pattern's key alone tells its incidents apart.
    #[serde(default)]
    pub is_counted: bool,
}

impl Verdict {
    pub(in crate::incident) fn of(detection: &Detection, at: Timestamp) -> Self {
        Self {
            kind: detection.kind,
            severity: detection.severity,
            pattern: detection.pattern.clone(),
            title: detection.title.to_string(),
            meaning: detection.meaning.to_string(),
            advice: detection.advice.as_deref().map(str::to_owned),
            at,
            suppressed_by: detection.terms.suppressed_by.clone(),
            count: 1,
            is_counted: detection.terms.is_counted(),
        }
    }
}

impl Run {
    /// A run of which one detection is known.
    pub(in crate::incident) fn start(now: Timestamp, detection: &Detection) -> Self {
        let at = detection.at.unwrap_or(now);
        let id = match (&detection.facts.execution_id, &detection.facts.task_id) {
            (Some(execution), _) => format!("execution/{execution}"),
            (None, Some(task)) => format!("task/{task}/{}", at.as_millisecond()),
            (None, None) => format!("row/{}/{}", detection.path, detection.offset),
        };
        let mut run = Self {
            id,
            seen: now,
            at,
            facts: Facts::default(),
            script: None,
            verdict: None,
            due: None,
            told: false,
        };
        run.learn(now, detection);
        run
    }

    /// Takes over what a detection knows and the run does not.
    pub(in crate::incident) fn learn(&mut self, now: Timestamp, detection: &Detection) {
        self.seen = now;
        self.at = self.at.max(detection.at.unwrap_or(now));
        // The verdict's own row says who (an abort names the one who stopped it) and what.
        let from = &detection.facts;
        if detection.role == Role::Verdict && self.verdict.is_none() {
            self.facts = filled(from.clone(), &self.facts);
        } else {
            self.facts = filled(std::mem::take(&mut self.facts), from);
        }
        if let Some(script) = &detection.script {
            self.take_script(script.clone());
        }
    }

    /// Keeps the newest script log: after a retry the last attempt explains the verdict.
    pub(in crate::incident) fn take_script(&mut self, script: ScriptFacts) {
        let newer = self.script.as_ref().is_none_or(|known| known.ended <= script.ended);
        if newer {
            self.script = Some(script);
        }
    }

    /// No row of the scheduler belongs to it so far.
    pub(in crate::incident) fn is_script_alone(&self) -> bool {
        let facts = &self.facts;
        self.script.is_some() && facts.task_id.is_none() && facts.execution_id.is_none()
    }

    /// How closely a scheduler row belongs to this run; smaller is closer, `None` is not at all.
    pub(in crate::incident) fn distance_to_row(
        &self,
        detection: &Detection,
        at: Timestamp,
    ) -> Option<i64> {
        let facts = &detection.facts;
        if let (Some(ours), Some(theirs)) = (&self.facts.execution_id, &facts.execution_id) {
            return (ours == theirs).then_some(0);
        }
        if self.facts.task_id.is_none() || self.facts.task_id != facts.task_id {
            return None;
        }
        let gap = at.duration_since(self.at);
        let open = self.verdict.is_none() || gap.abs() <= AFTER_VERDICT;
        // A new attempt after the verdict is the next run of the same task.
        let next = self.verdict.is_some() && detection.role == Role::Attempt && gap > CLOCK_SLACK;
        (open && !next).then(|| 1 + gap.abs().as_secs())
    }

    /// How closely a script log that ended at `ended` belongs to a row at `row`.
    pub(in crate::incident) fn script_distance(ended: Timestamp, row: Timestamp) -> Option<i64> {
        let gap = row.duration_since(ended);
        (-CLOCK_SLACK <= gap && gap <= SCRIPT_BEFORE_ROW).then(|| gap.abs().as_secs())
    }

    /// Whether the script log that explains the verdict is here.
    pub(in crate::incident) fn is_explained(&self) -> bool {
        let (Some(script), Some(verdict)) = (&self.script, &self.verdict) else { return false };
        script.ended.is_none_or(|ended| Self::script_distance(ended, verdict.at).is_some())
    }
}

fn once() -> u32 {
    1
}

/// `facts`, with its gaps filled from `other`.
fn filled(facts: Facts, other: &Facts) -> Facts {
    let or = |ours: Option<String>, theirs: &Option<String>| ours.or_else(|| theirs.clone());
    let mut captures = other.captures.clone();
    captures.extend(facts.captures);
    Facts {
        task_name: or(facts.task_name, &other.task_name),
        task_id: or(facts.task_id, &other.task_id),
        app_name: or(facts.app_name, &other.app_name),
        app_id: or(facts.app_id, &other.app_id),
        execution_id: or(facts.execution_id, &other.execution_id),
        user: or(facts.user, &other.user),
        host: or(facts.host, &other.host),
        message: or(facts.message, &other.message),
        captures,
    }
}
