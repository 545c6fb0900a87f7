//! Pure. One execution of a task or a script, gathered from its rows and script logs.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::detection::{
    AppId, Condition, Detection, ExecutionId, Facts, Kind, Link, PatternId, Role, ScriptFacts,
    Severity, Source, Subject, TaskId, Translations,
};
use crate::incident::success::Success;
use crate::ledger::{TableName, TableRow};
use crate::qlik::stamp::Stamp;

/// The last rows of a run follow its verdict within this time.
pub(crate) const AFTER_VERDICT: SignedDuration = SignedDuration::from_secs(30);
/// A script log is complete at most this long before the scheduler's row (measured: 1.5 s).
pub(crate) const SCRIPT_BEFORE_ROW: SignedDuration = SignedDuration::from_secs(120);
/// Stamps of two services on one node differ by at most this much.
pub(crate) const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(5);

/// The rows of one attempt are at most this far apart.
const ROWS_OF_ATTEMPT: SignedDuration = SignedDuration::from_secs(10);
/// Orders a start and a row of the same stamp; stamps have milliseconds.
pub(crate) const A_MOMENT: SignedDuration = SignedDuration::from_micros(1);

/// An attempt waits this long for the verdict of its run, since retries can be far apart.
pub(crate) const KEEP_OPEN_RUN: SignedDuration = SignedDuration::from_hours(24);

pub(crate) type RunKey = Arc<str>;

/// The keys of the run index. The indexed time is that of the latest row (`Execution`, `Task`), the
/// end of the script log (`ScriptOf`), or the row that script logs belong to (`RowsOf`).
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) enum RunBy {
    Execution(ExecutionId),
    Task {
        id: TaskId,
        has_execution: bool,
        has_verdict: bool,
    },
    /// Only its script log is known.
    ScriptOf(Option<AppId>),
    /// A row of the scheduler is known; `is_explained` if the last attempt's script log is too.
    RowsOf {
        app: AppId,
        is_explained: bool,
    },
    /// It is not decided yet; a success of this subject ends it.
    DueOf(Subject),
}

/// One execution in progress.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    /// When any of its rows was last observed.
    pub seen: Timestamp,
    /// The stamp of its latest row.
    pub at: Timestamp,
    pub facts: Facts,
    pub script: Option<ScriptFacts>,
    /// The time of the row that its script log belongs to, if another clock wrote that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_of: Option<Timestamp>,
    /// The latest row of the attempt that its script log belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script_row: Option<Timestamp>,
    /// When its first and its latest attempt began, if rows say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<(Timestamp, Timestamp)>,
    /// Rows of earlier attempts whose script logs have not been read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_rows: Vec<Timestamp>,
    /// The final result, once known.
    pub verdict: Option<Verdict>,
    /// The result if no other follows until it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presumed: Option<Box<Verdict>>,
    /// Its verdict is known only from its script log: another node writes the rows of the
    /// scheduler.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_script: bool,
    /// When the run is decided; `None` before the verdict and after the decision.
    pub due: Option<Timestamp>,
    /// Its script log was notified before its rows were read. Older versions also set this for
    /// decided runs.
    #[serde(alias = "told")]
    pub is_reported: bool,
    /// The success that was read while it was settling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Success>,
}

impl TableRow for Run {
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
            let ended = self.script_end();
            let or = self.script.as_ref().and_then(|script| script.ended_or);
            for ended in [Some(ended), or].into_iter().flatten() {
                by.push((RunBy::ScriptOf(facts.app_id.clone()), ended));
            }
        } else if let Some(app) = &facts.app_id {
            let is_explained = self.has_last_script();
            for row in [Some(self.row_at()), facts.at_or].into_iter().flatten() {
                by.push((RunBy::RowsOf { app: app.clone(), is_explained }, row));
            }
            for row in &self.earlier_rows {
                by.push((RunBy::RowsOf { app: app.clone(), is_explained: false }, *row));
            }
        }
        if let (Some(_), Some(subject)) = (self.due, self.subject()) {
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

/// The final result of a run, with the pattern's texts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub kind: Kind,
    pub severity: Severity,
    pub pattern: PatternId,
    pub title: String,
    pub meaning: String,
    pub advice: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    #[serde(default, skip_serializing_if = "Translations::is_empty")]
    pub translations: Translations,
    pub at: Timestamp,
    /// Patterns whose open incidents hold this one back.
    #[serde(default)]
    pub suppressed_by: Vec<PatternId>,
    /// Number of matches when the threshold was reached; 1 without a threshold.
    #[serde(default = "once")]
    pub count: u32,
    /// The time span of that threshold.
    #[serde(default)]
    pub counted_within: Option<SignedDuration>,
    /// Whether the pattern's key alone distinguishes its incidents.
    #[serde(default)]
    pub is_counted: bool,
    #[serde(default)]
    pub condition: Condition,
    #[serde(default)]
    pub environment: Environment,
    /// Where it was found; unknown in states of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The channel that the pattern names, if any.
    #[serde(default)]
    pub channel: Option<String>,
    /// For an attempt: the time after which it is final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub final_after: Option<SignedDuration>,
}

/// The environment of a detection.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Environment {
    /// That of this node: stored by a version whose verdicts had none.
    #[default]
    OfNode,
    Named(String),
    None,
}

impl Verdict {
    pub(crate) fn of(detection: &Detection, at: Timestamp) -> Self {
        Self {
            kind: detection.kind,
            severity: detection.severity,
            pattern: detection.pattern.clone(),
            title: detection.words.title.clone(),
            meaning: detection.words.meaning.clone(),
            advice: detection.words.advice.clone(),
            links: detection.words.links.clone(),
            translations: detection.words.translations.clone(),
            at,
            suppressed_by: detection.terms.suppressed_by.clone(),
            source: Some(detection.origin.found_in()),
            count: 1,
            counted_within: None,
            is_counted: detection.terms.is_counted(),
            condition: detection.condition.clone(),
            environment: match &detection.environment {
                Some(name) => Environment::Named(name.to_string()),
                None => Environment::None,
            },
            channel: detection.terms.channel.clone(),
            final_after: detection.terms.final_after,
        }
    }

    /// The verdict of a script log that a row belongs to: at the latest at the time of the row, since
    /// the starts of the attempts that may follow are by that clock.
    pub(crate) fn by_row(self, row: Timestamp) -> Self {
        Self { at: self.at.min(row), ..self }
    }
}

impl Run {
    /// The key of a run that starts with this detection.
    pub(crate) fn key(now: Timestamp, detection: &Detection) -> RunKey {
        let at = detection.at.unwrap_or(now);
        let id = match (&detection.facts.execution_id, &detection.facts.task_id) {
            (Some(execution), _) => return Self::key_of_execution(execution),
            (None, Some(task)) => format!("task/{task}/{}", at.as_millisecond()),
            (None, None) => format!("row/{}", detection.origin.id()),
        };
        id.into()
    }

    pub(crate) fn key_of_execution(id: &ExecutionId) -> RunKey {
        format!("execution/{id}").into()
    }

    /// A run with one known detection.
    pub(crate) fn start(now: Timestamp, detection: &Detection) -> Self {
        let known = Facts { at_or: detection.facts.at_or, ..Facts::default() };
        let mut run = Self::known_by(now, detection.at.unwrap_or(now), known);
        run.learn(now, detection);
        run
    }

    /// A run of which only this is known.
    pub(crate) fn known_by(now: Timestamp, at: Timestamp, facts: Facts) -> Self {
        Self {
            seen: now,
            at,
            facts,
            script: None,
            script_of: None,
            script_row: None,
            began: None,
            earlier_rows: Vec::new(),
            verdict: None,
            presumed: None,
            by_script: false,
            due: None,
            is_reported: false,
            over: None,
        }
    }

    /// Adds the facts of a detection that the run lacks.
    pub(crate) fn learn(&mut self, now: Timestamp, detection: &Detection) {
        self.seen = now;
        self.at = self.at.max(detection.at.unwrap_or(now));
        // The verdict's row wins: an abort names the user who stopped the reload.
        let from = &detection.facts;
        if detection.role == Role::Verdict && self.verdict.is_none() {
            self.facts = filled(from.clone(), &self.facts);
        } else {
            self.facts = filled(std::mem::take(&mut self.facts), from);
        }
        if detection.role.is_attempt() && self.verdict.is_none() {
            self.facts.at_or = from.at_or;
        }
        if let Some(script) = &detection.script {
            self.take_script(script.clone());
        }
    }

    /// The subject whose success ends its failure. If only script logs show how reloads end, that
    /// is the app.
    pub(crate) fn subject(&self) -> Option<Subject> {
        match &self.facts.app_id {
            Some(app) if self.by_script => Some(Subject::Reload(app.clone())),
            _ => Subject::of_run(&self.facts),
        }
    }

    /// The time of the row that script logs belong to.
    pub(crate) fn row_at(&self) -> Timestamp {
        self.verdict.as_ref().map_or(self.at, |verdict| verdict.at)
    }

    /// Resolves an ambiguous time of the row or its script log from the other one.
    pub(crate) fn agree_on_time(&mut self) {
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

    /// Keeps the newest script log: after retries, the last attempt explains the verdict.
    pub(crate) fn take_script(&mut self, script: ScriptFacts) {
        let newer = self.script.as_ref().is_none_or(|known| known.ended <= script.ended);
        if newer {
            (self.script, self.script_of) = (Some(script), None);
        }
    }

    /// Takes the script log of its latest row, whose own times cannot be used.
    pub(crate) fn take_script_of_other_clock(&mut self, from: &Self) {
        (self.script, self.script_of) = (from.script.clone(), Some(self.row_at()));
        self.script_row = self.script_of;
        self.facts = filled(std::mem::take(&mut self.facts), &from.facts);
    }

    /// When its script log ended, by the clock of its rows if that is known.
    fn script_ended(&self) -> Option<Timestamp> {
        self.script_of.or(self.script.as_ref()?.ended)
    }

    /// The time of a script log without rows.
    pub(crate) fn script_end(&self) -> Timestamp {
        self.script_ended().unwrap_or(self.at)
    }

    /// Whether it is a script log whose rows may be missing: a reload by a person has no rows.
    pub(crate) fn lacks_rows(&self) -> bool {
        let by = self.script.as_ref().and_then(|script| script.executed_by.as_deref());
        self.is_script_alone() && by.is_none_or(is_scheduler)
    }

    /// Whether the script log of its latest row may be missing.
    pub(crate) fn lacks_script(&self) -> bool {
        let kind = self.verdict.as_ref().map(|verdict| verdict.kind);
        let may_have = matches!(kind, None | Some(Kind::ReloadFailed | Kind::ReloadAborted));
        let has_rows = self.facts.task_id.is_some() || self.facts.execution_id.is_some();
        let is_here = self.has_script_of_last_attempt();
        may_have && has_rows && !is_here.unwrap_or_else(|| self.has_script_of(self.row_at()))
    }

    /// Whether the script log of its latest attempt is known; `None` if no row says when that began.
    fn has_script_of_last_attempt(&self) -> Option<bool> {
        let (_, last) = self.began?;
        Some(self.script_row.is_some_and(|row| last <= row))
    }

    /// Whether its script log is that of an earlier attempt: it does not explain the result.
    pub(crate) fn has_script_of_earlier_attempt(&self) -> bool {
        let (last, row) = (self.began.map(|(_, last)| last), self.script_row);
        last.zip(row).is_some_and(|(last, row)| row < last)
    }

    /// Whether this is the row of its latest attempt and the script log of that is known for certain.
    pub(crate) fn has_script_of_attempt(&self, row: Timestamp) -> bool {
        self.row_at() == row && self.has_script_of_last_attempt() == Some(true)
    }

    /// Takes the times of its attempts. A row after the start of another attempt is of that one: the
    /// script log of the one before may still be missing. So is a row of an attempt that is far from
    /// the one before, since starts may be read late.
    pub(crate) fn attempts_began(
        &mut self,
        began: Option<(Timestamp, Timestamp)>,
        row: Timestamp,
        is_of_attempt: bool,
    ) {
        let (previous, has_rows) = (self.row_at(), !self.is_script_alone());
        let is_far = is_of_attempt && has_rows && self.verdict.is_none();
        let between = later(previous, A_MOMENT);
        let between = Some(between).filter(|_| is_far && later(previous, ROWS_OF_ATTEMPT) < row);
        let Some(first) = began.map(|(first, _)| first).or(between) else { return };
        let Some(last) = began.map(|(_, last)| last).max(between) else { return };
        let (known_first, known_last) = self.began.unwrap_or((first, last));
        let began = self.began.insert((known_first.min(first), known_last.max(last)));
        if !has_rows || row <= previous {
            return;
        }
        let is_explained = self.script_row == Some(previous);
        if previous < last && last <= row {
            // The start of that attempt need not have been read.
            if previous < began.0 {
                began.0 = later(previous, -SCRIPT_BEFORE_ROW);
            }
            self.earlier_rows.extend(Some(previous).filter(|_| !is_explained));
        } else if is_explained {
            self.script_row = Some(row);
        }
    }

    /// Takes the script log of an attempt whose row has not been read: the end of the script log stands
    /// for that row.
    pub(crate) fn take_script_before_row(&mut self, from: &Self, ended: Timestamp) {
        let began = self.began;
        if self.row_at() < ended && !self.is_script_alone() {
            self.attempts_began(began, ended, true);
        }
        self.at = self.at.max(ended);
        if let Some(script) = &from.script {
            self.take_script(script.clone());
        }
        self.script_row = Some(ended);
        self.facts = filled(std::mem::take(&mut self.facts), &from.facts);
    }

    fn has_script_of(&self, row: Timestamp) -> bool {
        let belongs = |ended| rows_of_script(ended).contains(&row);
        self.script.is_some() && self.script_ended().is_none_or(belongs)
    }

    /// Whether only its script log is known so far.
    pub(crate) fn is_script_alone(&self) -> bool {
        let facts = &self.facts;
        self.script.is_some() && facts.task_id.is_none() && facts.execution_id.is_none()
    }

    /// Whether the script log of its last attempt is known: a later one belongs to the next run.
    pub(crate) fn has_last_script(&self) -> bool {
        let Some(verdict) = &self.verdict else { return false };
        let ended_with_it =
            || self.script_ended().is_some_and(|ended| is_last_script(ended, verdict.at));
        self.has_script_of_last_attempt().unwrap_or_else(ended_with_it)
    }

    /// The range in which the script logs of one of its rows ended, if any can be missing.
    pub(crate) fn scripts_of_row(&self, at: Timestamp) -> Option<RangeInclusive<Timestamp>> {
        let is_here = self.has_script_of_last_attempt() == Some(true);
        let verdict = self.verdict.as_ref().filter(|_| self.has_last_script());
        let times = verdict.map_or_else(|| scripts_of_row(at), |it| earlier_scripts(it.at));
        let times = since(times, self.first_began());
        (!is_here || !self.earlier_rows.is_empty()).then_some(times)
    }

    /// Whether rows or a script log may still be read.
    pub(crate) fn may_learn(&self) -> bool {
        self.is_script_alone() || !self.has_last_script()
    }

    /// The script log of this row of an earlier attempt is known; returns whether it is one.
    pub(crate) fn take_earlier_row(&mut self, row: Timestamp) -> bool {
        let before = self.earlier_rows.len();
        self.earlier_rows.retain(|other| *other != row);
        self.earlier_rows.len() < before
    }

    /// When its first attempt began, if rows say so.
    pub(crate) fn first_began(&self) -> Option<Timestamp> {
        self.began.map(|(first, _)| first)
    }

    /// Whether its rows name the scheduler's account, not a person's.
    pub(crate) fn is_scheduled(&self) -> bool {
        self.facts.user.as_deref().is_some_and(is_scheduler)
    }

    /// Whether the scheduler's account ran its script log: then rows for it exist on some node.
    pub(crate) fn is_by_scheduler(&self) -> bool {
        let by = self.script.as_ref().and_then(|script| script.executed_by.as_deref());
        by.is_some_and(is_scheduler)
    }

    /// Whether its script log is by a person.
    pub(crate) fn is_by_person(&self) -> bool {
        self.script.as_ref().is_some_and(ScriptFacts::is_by_person)
    }
}

/// Whether this is the account of the scheduler.
pub(crate) fn is_scheduler(account: &str) -> bool {
    account.to_ascii_lowercase().ends_with("sa_scheduler")
}

impl ScriptFacts {
    /// Whether a person reloaded, not the scheduler.
    pub(crate) fn is_by_person(&self) -> bool {
        self.executed_by.as_deref().is_some_and(|by| !is_scheduler(by))
    }
}

/// Whether a script log can belong to a row by its time and by who ran it: what a person reloads
/// leaves no rows of the scheduler's account, and others only at the same time, if any.
pub(crate) fn fits(
    (ended, is_by_person): (Timestamp, bool),
    (row, is_scheduled): (Timestamp, bool),
) -> bool {
    !is_by_person || !is_scheduled && is_last_script(ended, row)
}

/// Whether a script log ended before the run began, by the same clock.
pub(crate) fn is_before(ended: Timestamp, began: Option<Timestamp>) -> bool {
    began.is_some_and(|began| ended < later(began, -CLOCK_SLACK))
}

/// These times, as far as they are not before the run began.
pub(crate) fn since(
    times: RangeInclusive<Timestamp>,
    began: Option<Timestamp>,
) -> RangeInclusive<Timestamp> {
    let (from, to) = times.into_inner();
    began.map_or(from, |began| from.max(later(began, -CLOCK_SLACK)).min(to))..=to
}

/// Resolves an ambiguous end of a script log from its row, if the row's time is certain.
pub(crate) fn settle_script(script: &mut ScriptFacts, row: Timestamp, or: Option<Timestamp>) {
    if let (Some(at), None) = (script.ended, or) {
        let ended = Stamp { at, or: script.ended_or }.near(row, SCRIPT_BEFORE_ROW);
        (script.ended, script.ended_or) = (Some(ended.at), ended.or);
    }
}

/// The range in which the rows of a script log with this end were written.
pub(crate) fn rows_of_script(ended: Timestamp) -> RangeInclusive<Timestamp> {
    later(ended, -CLOCK_SLACK)..=later(ended, SCRIPT_BEFORE_ROW)
}

/// The same for runs whose last script log is known: the script log is of an earlier attempt.
pub(crate) fn rows_of_earlier_script(ended: Timestamp) -> RangeInclusive<Timestamp> {
    ended..=later(ended, SCRIPT_BEFORE_ROW)
}

/// The range in which script logs of earlier attempts ended.
pub(crate) fn earlier_scripts(verdict: Timestamp) -> RangeInclusive<Timestamp> {
    later(verdict, -SCRIPT_BEFORE_ROW)..=verdict
}

/// Whether a script log with this end is that of the last attempt before the verdict.
pub(crate) fn is_last_script(ended: Timestamp, verdict: Timestamp) -> bool {
    ended.duration_since(verdict).abs() <= CLOCK_SLACK
}

/// The range in which the script logs of a row of this time ended.
pub(crate) fn scripts_of_row(at: Timestamp) -> RangeInclusive<Timestamp> {
    later(at, -SCRIPT_BEFORE_ROW)..=later(at, CLOCK_SLACK)
}

fn once() -> u32 {
    1
}

/// `facts`, with its gaps filled from `other`.
fn filled(facts: Facts, other: &Facts) -> Facts {
    let or = |ours: Option<String>, theirs: &Option<String>| ours.or_else(|| theirs.clone());
    Facts {
        task_name: or(facts.task_name, &other.task_name),
        task_id: facts.task_id.or_else(|| other.task_id.clone()),
        app_name: or(facts.app_name, &other.app_name),
        app_id: facts.app_id.or_else(|| other.app_id.clone()),
        execution_id: facts.execution_id.or_else(|| other.execution_id.clone()),
        user: or(facts.user, &other.user),
        host: or(facts.host, &other.host),
        executing_node: or(facts.executing_node, &other.executing_node),
        message: or(facts.message, &other.message),
        tenant: or(facts.tenant, &other.tenant),
        space: or(facts.space, &other.space),
        owner: or(facts.owner, &other.owner),
        stream: or(facts.stream, &other.stream),
        tags: if facts.tags.is_empty() { other.tags.clone() } else { facts.tags },
        app_link: or(facts.app_link, &other.app_link),
        at_or: facts.at_or,
        captures: facts.captures.filled_from(&other.captures),
    }
}
