//! Pure. One execution of a task or a script, gathered from the rows that it leaves.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detection::{
    Condition, Detection, Facts, Kind, Link, PatternId, Role, ScriptFacts, Severity, Subject,
};
use crate::incident::later;
use crate::incident::success::Success;
use crate::ledger::{Row, TableName};
use crate::qlik::stamp::Stamp;

/// The last rows of a run follow its verdict within this time.
pub(in crate::incident) const AFTER_VERDICT: SignedDuration = SignedDuration::from_secs(30);
/// A script log is complete this long before the scheduler's row at most (measured: 1.5 s).
const SCRIPT_BEFORE_ROW: SignedDuration = SignedDuration::from_secs(120);
/// Stamps of two services on one node differ by this much at most.
pub(in crate::incident) const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(5);

/// An attempt waits this long for the verdict of its run (retries can be far apart).
const KEEP_OPEN_RUN: SignedDuration = SignedDuration::from_hours(24);

pub(in crate::incident) type RunKey = Arc<str>;

/// What a run is found by. The times beside it: of its latest row, the end of its script log, the
/// row that script logs belong to.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(in crate::incident) enum RunBy {
    Execution(String),
    Task {
        id: String,
        has_execution: bool,
        has_verdict: bool,
    },
    /// Only its script log is known.
    ScriptOf(Option<String>),
    /// Some row of the scheduler is known, and whether the script log of its last attempt is.
    RowsOf {
        app: String,
        is_explained: bool,
    },
    /// It is to be decided, and this is whose success would end it.
    DueOf(Subject),
}

/// One execution under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct Run {
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
    /// Its script log made a notice before its rows came. Older versions kept decided runs so.
    #[serde(alias = "told")]
    pub is_reported: bool,
    /// The success that came while it was settling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Success>,
}

impl Row for Run {
    const TABLE: TableName = TableName::Runs;
    type By = RunBy;
    type Terms = ();

    fn found_by(&self) -> Vec<(RunBy, Timestamp)> {
        let facts = &self.facts;
        let mut by = Vec::new();
        if let Some(execution) = &facts.execution_id {
            by.push((RunBy::Execution(execution.clone()), self.at));
        }
        if let Some(task) = &facts.task_id {
            let has_execution = facts.execution_id.is_some();
            let has_verdict = self.verdict.is_some();
            for at in [Some(self.at), facts.at_or].into_iter().flatten() {
                by.push((RunBy::Task { id: task.clone(), has_execution, has_verdict }, at));
            }
        }
        if self.is_script_alone() {
            let ended = self.script.as_ref().and_then(|script| script.ended).unwrap_or(self.at);
            let or = self.script.as_ref().and_then(|script| script.ended_or);
            for ended in [Some(ended), or].into_iter().flatten() {
                by.push((RunBy::ScriptOf(facts.app_id.clone()), ended));
            }
        } else if let Some(app) = &facts.app_id {
            let is_explained = self.has_last_script();
            for row in [Some(self.row_at()), facts.at_or].into_iter().flatten() {
                by.push((RunBy::RowsOf { app: app.clone(), is_explained }, row));
            }
        }
        if let (Some(_), Some(subject)) = (self.due, Subject::of_run(facts)) {
            by.push((RunBy::DueOf(subject), Timestamp::MIN));
        }
        by
    }

    fn due(&self, (): ()) -> Option<Timestamp> {
        self.due
    }

    fn expires(&self) -> Option<Timestamp> {
        self.due.is_none().then(|| later(self.seen, KEEP_OPEN_RUN))
    }
}

/// The final word on a run, with the pattern's words for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::incident) struct Verdict {
    pub kind: Kind,
    pub severity: Severity,
    pub pattern: PatternId,
    pub title: String,
    pub meaning: String,
    pub advice: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    pub at: Timestamp,
    /// Patterns whose open incidents hold this one back.
    #[serde(default)]
    pub suppressed_by: Vec<PatternId>,
    /// How often it happened until it was told.
    #[serde(default = "once")]
    pub count: u32,
    /// Within which time it was found so often.
    #[serde(default)]
    pub counted_within: Option<SignedDuration>,
    /// Whether the pattern's key alone tells its incidents apart.
    #[serde(default)]
    pub is_counted: bool,
    #[serde(default)]
    pub condition: Condition,
    #[serde(default)]
    pub environment: Environment,
    /// Where its cards go, if its pattern says so.
    #[serde(default)]
    pub channel: Option<String>,
}

/// Where a detection is from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::incident) enum Environment {
    /// Stored by a version whose verdicts did not say it: that of this node.
    #[default]
    OfNode,
    Named(String),
    None,
}

impl Verdict {
    pub(in crate::incident) fn of(detection: &Detection, at: Timestamp) -> Self {
        Self {
            kind: detection.kind,
            severity: detection.severity,
            pattern: detection.pattern.clone(),
            title: detection.words.title.clone(),
            meaning: detection.words.meaning.clone(),
            advice: detection.words.advice.clone(),
            links: detection.words.links.clone(),
            at,
            suppressed_by: detection.terms.suppressed_by.clone(),
            count: 1,
            counted_within: None,
            is_counted: detection.terms.is_counted(),
            condition: detection.condition.clone(),
            environment: match &detection.environment {
                Some(name) => Environment::Named(name.to_string()),
                None => Environment::None,
            },
            channel: detection.terms.channel.clone(),
        }
    }
}

impl Run {
    /// What a run is kept under whose first detection this is.
    pub(in crate::incident) fn key(now: Timestamp, detection: &Detection) -> RunKey {
        let at = detection.at.unwrap_or(now);
        let id = match (&detection.facts.execution_id, &detection.facts.task_id) {
            (Some(execution), _) => return Self::key_of_execution(execution),
            (None, Some(task)) => format!("task/{task}/{}", at.as_millisecond()),
            (None, None) => format!("row/{}", detection.origin.id()),
        };
        id.into()
    }

    pub(in crate::incident) fn key_of_execution(id: &str) -> RunKey {
        format!("execution/{id}").into()
    }

    /// A run of which one detection is known.
    pub(in crate::incident) fn start(now: Timestamp, detection: &Detection) -> Self {
        let mut run = Self {
            seen: now,
            at: detection.at.unwrap_or(now),
            facts: Facts { at_or: detection.facts.at_or, ..Facts::default() },
            script: None,
            verdict: None,
            due: None,
            is_reported: false,
            over: None,
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
        if detection.role == Role::Attempt && self.verdict.is_none() {
            self.facts.at_or = from.at_or;
        }
        if let Some(script) = &detection.script {
            self.take_script(script.clone());
        }
    }

    /// When the row was written that script logs belong to.
    pub(in crate::incident) fn row_at(&self) -> Timestamp {
        self.verdict.as_ref().map_or(self.at, |verdict| verdict.at)
    }

    /// A row and its script log that belong together: where the time of one is certain, so is that
    /// of the other.
    pub(in crate::incident) fn agree_on_time(&mut self) {
        let Some(script) = self.script.as_mut().filter(|_| self.facts.task_id.is_some()) else {
            return;
        };
        let row = self.verdict.as_ref().map_or(self.at, |verdict| verdict.at);
        settle_script(script, row, self.facts.at_or);
        if let (Some(ended), None) = (script.ended, script.ended_or) {
            let row = Stamp { at: row, or: self.facts.at_or }.near(ended, SCRIPT_BEFORE_ROW);
            (self.at, self.facts.at_or) = (self.at.max(row.at), row.or);
            self.verdict.iter_mut().for_each(|verdict| verdict.at = row.at);
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

    /// Whether its script log ended with its verdict: what ended later is of the next run.
    pub(in crate::incident) fn has_last_script(&self) -> bool {
        let (Some(script), Some(verdict)) = (&self.script, &self.verdict) else { return false };
        script.ended.is_some_and(|ended| is_last_script(ended, verdict.at))
    }

    /// When script logs ended that a row of it may bring.
    pub(in crate::incident) fn scripts_of_row(&self, at: Timestamp) -> RangeInclusive<Timestamp> {
        match &self.verdict {
            Some(verdict) if self.has_last_script() => earlier_scripts(verdict.at),
            _ => scripts_of_row(at),
        }
    }

    /// Whether its rows or its script log may still come.
    pub(in crate::incident) fn may_learn(&self) -> bool {
        self.is_script_alone() || !self.is_explained()
    }

    /// Whether the script log that explains the verdict is here.
    pub(in crate::incident) fn is_explained(&self) -> bool {
        let (Some(script), Some(verdict)) = (&self.script, &self.verdict) else { return false };
        let belongs = |ended| rows_of_script(ended).contains(&verdict.at);
        script.ended.is_none_or(belongs)
    }
}

/// The end of a script log is that near its row, if the time of the row is certain.
pub(in crate::incident) fn settle_script(
    script: &mut ScriptFacts,
    row: Timestamp,
    or: Option<Timestamp>,
) {
    if let (Some(at), None) = (script.ended, or) {
        let ended = Stamp { at, or: script.ended_or }.near(row, SCRIPT_BEFORE_ROW);
        (script.ended, script.ended_or) = (Some(ended.at), ended.or);
    }
}

/// When rows were written to which a script log belongs that ended at this time.
pub(in crate::incident) fn rows_of_script(ended: Timestamp) -> RangeInclusive<Timestamp> {
    later(ended, -CLOCK_SLACK)..=later(ended, SCRIPT_BEFORE_ROW)
}

/// When rows were written, of runs whose last script log is known, to which a script log of this
/// end belongs: it is of an earlier attempt.
pub(in crate::incident) fn rows_of_earlier_script(ended: Timestamp) -> RangeInclusive<Timestamp> {
    ended..=later(ended, SCRIPT_BEFORE_ROW)
}

/// When script logs of earlier attempts ended.
pub(in crate::incident) fn earlier_scripts(verdict: Timestamp) -> RangeInclusive<Timestamp> {
    later(verdict, -SCRIPT_BEFORE_ROW)..=verdict
}

/// Whether a script log of this end is that of the last attempt before a verdict.
pub(in crate::incident) fn is_last_script(ended: Timestamp, verdict: Timestamp) -> bool {
    ended.duration_since(verdict).abs() <= CLOCK_SLACK
}

/// When script logs ended that belong to a row of this time.
pub(in crate::incident) fn scripts_of_row(at: Timestamp) -> RangeInclusive<Timestamp> {
    later(at, -SCRIPT_BEFORE_ROW)..=later(at, CLOCK_SLACK)
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
        at_or: facts.at_or,
        captures,
    }
}
