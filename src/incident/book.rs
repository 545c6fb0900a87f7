//! Pure. The open incidents and the runs under way.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::detect::{Detection, Facts, Kind, Role, ScriptFacts, Severity};
use crate::incident::fingerprint::error_class;
use crate::incident::run::{Run, Verdict};
use crate::incident::{Fingerprint, Notice, Reason, Suppression, inhibit};
use crate::pipeline::BookChange;

/// However long the settle time is set: a card waits no longer than this.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(15);
/// The repeat time doubles up to this.
const LONGEST_REPEAT: SignedDuration = SignedDuration::from_hours(24);
/// Rows of a run that come later than this after its card open a run of their own.
const KEEP_TOLD_RUN: SignedDuration = SignedDuration::from_mins(10);
/// An attempt waits this long for the verdict of its run (retries can be far apart).
const KEEP_OPEN_RUN: SignedDuration = SignedDuration::from_hours(24);
/// A trouble outside any run has no success that ends it; it ends when it was quiet this long.
const QUIET_STANDALONE: SignedDuration = SignedDuration::from_hours(24);
/// A task that neither fails nor succeeds for this long has been deleted.
const QUIET_TASK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What an administrator can tune.
#[derive(Clone, Debug)]
pub struct Policy {
    pub environment: Option<String>,
    /// How long a verdict waits for its script log; at most 15 s.
    pub settle: SignedDuration,
    /// How long after a notice its incident is told again; doubles each time, up to 24 h.
    pub repeat: SignedDuration,
}

/// The open incidents and the runs under way.
///
/// Invariant: every detection ends up in exactly one place: a notice, a named suppression, or
/// (a success) the end of an incident.
#[derive(Debug)]
pub struct IncidentBook {
    policy: Policy,
    runs: BTreeMap<String, Run>,
    incidents: BTreeMap<Fingerprint, Incident>,
    /// Numbers the notices, so that a card's id is never used twice.
    sequence: u64,
    /// Rows to write with the next commit.
    touched: BTreeSet<String>,
}

/// What one step has to say, and what it held back.
#[derive(Debug, Default)]
#[must_use]
pub struct Told {
    pub notices: Vec<Notice>,
    pub suppressed: Vec<Suppressed>,
}

/// One detection that is not said now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    pub why: Suppression,
    pub kind: Kind,
    pub at: Timestamp,
    /// The name of the task, app or node, and the pattern.
    pub summary: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Incident {
    /// Whose success ends it: `task/…`, `app/…`; `node/…` for troubles outside any run.
    subject: String,
    /// When it was last observed.
    last: Timestamp,
    told_at: Timestamp,
    times_told: u32,
    /// The latest occurrence, with the counts.
    notice: Notice,
}

const SEQUENCE: &str = "sequence";

impl IncidentBook {
    /// Takes up where the stored rows left off. Rows that cannot be read are dropped: their
    /// incidents are told again rather than never.
    pub fn restore(policy: Policy, rows: &[(String, String)]) -> Self {
        let mut book = Self {
            policy,
            runs: BTreeMap::new(),
            incidents: BTreeMap::new(),
            sequence: 0,
            touched: BTreeSet::new(),
        };
        for (key, json) in rows {
            book.take_row(key, json);
        }
        book
    }

    fn take_row(&mut self, key: &str, json: &str) {
        if key == SEQUENCE {
            self.sequence = json.parse().unwrap_or(0);
        } else if let Some(id) = key.strip_prefix("run:") {
            if let Ok(run) = serde_json::from_str(json) {
                self.runs.insert(id.to_owned(), run);
            }
        } else if let Some(fingerprint) = key.strip_prefix("incident:")
            && let Ok(incident) = serde_json::from_str(json)
        {
            self.incidents.insert(Fingerprint(fingerprint.to_owned()), incident);
        }
    }

    /// The environment that stands on every notice.
    pub fn environment(&self) -> Option<&str> {
        self.policy.environment.as_deref()
    }

    /// Folds in what was detected, then says everything that is due.
    pub fn step(&mut self, now: Timestamp, detections: Vec<Detection>) -> Told {
        let mut told = Told::default();
        for detection in detections {
            self.observe(now, &detection, &mut told);
        }
        self.tick(now, &mut told);
        told
    }

    /// When [`Self::step`] will next have something to say, if nothing else is detected.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let runs = self.runs.values().filter_map(|run| run.due);
        let held_back = self.incidents.values().filter(|incident| incident.notice.held_back > 0);
        runs.chain(held_back.map(|incident| self.repeat_due(incident))).min()
    }

    /// Remembers which channels a notice went to: a recovery goes to the same.
    pub fn heard(&mut self, fingerprint: &Fingerprint, channels: &[String]) {
        if let Some(incident) = self.incidents.get_mut(fingerprint) {
            for channel in channels {
                if !incident.notice.heard_by.contains(channel) {
                    incident.notice.heard_by.push(channel.clone());
                }
            }
            self.touched.insert(incident_key(fingerprint));
        }
    }

    /// The rows that changed since the last call.
    pub fn take_changes(&mut self) -> Vec<BookChange> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().map(|key| self.change_of(key)).collect()
    }

    fn change_of(&self, key: String) -> BookChange {
        let json = if key == SEQUENCE {
            Some(self.sequence.to_string())
        } else if let Some(id) = key.strip_prefix("run:") {
            self.runs.get(id).map(json_of)
        } else {
            let fingerprint = Fingerprint(key.trim_start_matches("incident:").to_owned());
            self.incidents.get(&fingerprint).map(json_of)
        };
        match json {
            Some(json) => BookChange::Put { key, json },
            None => BookChange::Delete { key },
        }
    }

    fn observe(&mut self, now: Timestamp, detection: &Detection, told: &mut Told) {
        match detection.role {
            Role::Verdict | Role::Attempt => self.observe_row(now, detection, told),
            Role::ScriptFailed => self.observe_script(now, detection, told),
            Role::Success => self.observe_success(now, detection, told),
            Role::ScriptSucceeded => {
                if let Some(app) = &detection.facts.app_id {
                    self.recover(now, &app_subject(app), detection, told);
                }
            }
            Role::Standalone => {
                let subject = standalone_subject(detection);
                let verdict = Verdict::of(detection, detection.at.unwrap_or(now));
                self.occur(now, &subject, &verdict, &detection.facts, None, told);
            }
            Role::Over => self.recover(now, &standalone_subject(detection), detection, told),
        }
    }

    /// A row of the scheduler that ends a run or one attempt of it.
    fn observe_row(&mut self, now: Timestamp, detection: &Detection, told: &mut Told) {
        let at = detection.at.unwrap_or(now);
        let mut run = match self.run_of_row(detection, at) {
            Some(id) => self.runs.remove(&id).expect("run_of_row names a run that is there"),
            None => Run::start(now, detection),
        };
        run.learn(now, detection);
        self.adopt_script(&mut run, at);

        if run.told || run.verdict.is_some() {
            told.suppress(Suppression::SameRun, detection, at);
        } else if detection.role == Role::Attempt {
            told.suppress(Suppression::Attempt, detection, at);
        } else {
            run.verdict = Some(Verdict::of(detection, at));
            run.due = Some(now + self.settle_time(&run));
        }
        if run.due.is_some() && run.is_explained() {
            run.due = Some(now);
        }
        self.put_run(run);
    }

    fn run_of_row(&self, detection: &Detection, at: Timestamp) -> Option<String> {
        let near = |run: &Run| run.distance_to_row(detection, at).map(|far| (far, run.id.clone()));
        self.runs.values().filter_map(near).min().map(|(_, id)| id)
    }

    /// Gives a run the script log that came before its rows did.
    fn adopt_script(&mut self, run: &mut Run, at: Timestamp) {
        let near = |orphan: &Run| {
            let ended = orphan.script.as_ref()?.ended.unwrap_or(orphan.at);
            let same_app = orphan.facts.app_id == run.facts.app_id && orphan.is_script_alone();
            let far = if same_app { Run::script_distance(ended, at) } else { None };
            far.map(|far| (far, orphan.id.clone()))
        };
        let Some((_, id)) = self.runs.values().filter_map(near).min() else { return };
        if let Some(orphan) = self.remove_run(&id) {
            run.told |= orphan.told;
            orphan.script.into_iter().for_each(|script| run.take_script(script));
        }
    }

    fn settle_time(&self, run: &Run) -> SignedDuration {
        let kind = run.verdict.as_ref().map(|verdict| verdict.kind);
        let may_have_script = matches!(kind, Some(Kind::ReloadFailed | Kind::ReloadAborted))
            && run.facts.app_id.is_some();
        if may_have_script { self.policy.settle.min(LONGEST_WAIT) } else { SignedDuration::ZERO }
    }

    /// A script log that ended with a failure.
    fn observe_script(&mut self, now: Timestamp, detection: &Detection, told: &mut Told) {
        let at = detection.at.unwrap_or(now);
        let Some(id) = self.run_of_script(detection, at) else {
            return self.open_orphan(now, detection);
        };
        let mut run = self.runs.remove(&id).expect("run_of_script names a run that is there");
        run.learn(now, detection);
        match (&run.verdict, run.told) {
            (_, true) => told.suppress(Suppression::LateScriptLog, detection, at),
            (None, false) => told.suppress(Suppression::Attempt, detection, at),
            (Some(_), false) => {
                told.suppress(Suppression::SameRun, detection, at);
                run.due = Some(now);
            }
        }
        self.put_run(run);
    }

    fn run_of_script(&self, detection: &Detection, at: Timestamp) -> Option<String> {
        let ended = detection.script.as_ref().and_then(|script| script.ended).unwrap_or(at);
        let near = |run: &Run| {
            let row = run.verdict.as_ref().map_or(run.at, |verdict| verdict.at);
            let same_app = run.facts.app_id.is_some() && run.facts.app_id == detection.facts.app_id;
            let far = if same_app { Run::script_distance(ended, row) } else { None };
            far.map(|far| (far, run.id.clone()))
        };
        let rows_known = self.runs.values().filter(|run| !run.is_script_alone());
        rows_known.filter_map(near).min().map(|(_, id)| id)
    }

    /// A failed script log whose rows have not come. They may be on their way, or never come:
    /// then it was a reload from the hub or an editor.
    fn open_orphan(&mut self, now: Timestamp, detection: &Detection) {
        let mut run = Run::start(now, detection);
        let mut verdict = Verdict::of(detection, detection.at.unwrap_or(now));
        let by_scheduler = run.script.as_ref().is_some_and(is_by_scheduler);
        if by_scheduler {
            verdict.kind = Kind::ReloadFailed;
        }
        run.verdict = Some(verdict);
        let wait = if by_scheduler { LONGEST_WAIT } else { self.policy.settle.min(LONGEST_WAIT) };
        run.due = Some(now + wait);
        self.put_run(run);
    }

    /// A run that ended well: its attempts are forgotten, the failures of its task are over.
    fn observe_success(&mut self, now: Timestamp, detection: &Detection, told: &mut Told) {
        let Some(subject) = run_subject(&detection.facts) else { return };
        let waiting =
            |run: &&Run| run.due.is_some() && run_subject(&run.facts).as_ref() == Some(&subject);
        let due: Vec<String> =
            self.runs.values().filter(waiting).map(|run| run.id.clone()).collect();
        // What failed before is said before it is said to be over.
        for id in due {
            self.conclude(now, &id, told);
        }
        if let Some(execution) = &detection.facts.execution_id {
            let id = format!("execution/{execution}");
            self.remove_run(&id);
        }
        self.recover(now, &subject, detection, told);
    }

    fn recover(&mut self, now: Timestamp, subject: &str, success: &Detection, told: &mut Told) {
        let over = |(_, incident): &(&Fingerprint, &Incident)| incident.subject == subject;
        let over: Vec<Fingerprint> =
            self.incidents.iter().filter(over).map(|(print, _)| print.clone()).collect();
        let incidents: Vec<Incident> = over.iter().filter_map(|print| self.close(print)).collect();
        let Some(last) = incidents.iter().max_by_key(|incident| incident.last) else { return };

        let mut notice = last.notice.clone();
        notice.id = self.next_id(&notice.fingerprint);
        notice.kind = if success.role == Role::Over { success.kind } else { Kind::ReloadRecovered };
        notice.severity = Severity::Info;
        notice.reason = Reason::Recovered;
        notice.at = success.at.unwrap_or(now);
        notice.count = incidents.iter().map(|incident| incident.notice.count).sum();
        notice.held_back = incidents.iter().map(|incident| incident.notice.held_back).sum();
        notice.since = incidents.iter().map(|incident| incident.notice.since).min().unwrap_or(now);
        for channel in incidents.iter().flat_map(|incident| &incident.notice.heard_by) {
            if !notice.heard_by.contains(channel) {
                notice.heard_by.push(channel.clone());
            }
        }
        told.notices.push(notice);
    }

    fn tick(&mut self, now: Timestamp, told: &mut Told) {
        let due = |run: &&Run| run.due.is_some_and(|due| due <= now);
        let mut ready: Vec<(Option<Timestamp>, String)> =
            self.runs.values().filter(due).map(|run| (run.due, run.id.clone())).collect();
        ready.sort();
        for (_, id) in ready {
            self.conclude(now, &id, told);
        }
        self.repeat(now, told);
        self.forget(now);
    }

    /// Says what a settled run came to.
    fn conclude(&mut self, now: Timestamp, id: &str, told: &mut Told) {
        let Some(mut run) = self.runs.remove(id) else { return };
        run.due = None;
        run.told = true;
        if let Some(verdict) = run.verdict.clone() {
            let subject = run_subject(&run.facts).unwrap_or_else(|| format!("run/{}", run.id));
            self.occur(now, &subject, &verdict, &run.facts, run.script.clone(), told);
        }
        self.put_run(run);
    }

    /// A trouble happened: opens its incident, repeats it, or is held back.
    fn occur(
        &mut self,
        now: Timestamp,
        subject: &str,
        verdict: &Verdict,
        facts: &Facts,
        script: Option<ScriptFacts>,
        told: &mut Told,
    ) {
        if verdict.severity == Severity::Info {
            return told.hold(Suppression::LowSeverity, verdict, facts);
        }
        let notice = self.notice(subject, verdict, facts, script);
        if self.is_inhibited(&notice) {
            return told.hold(Suppression::Inhibited, verdict, facts);
        }
        let print = notice.fingerprint.clone();
        self.touched.insert(incident_key(&print));
        match self.incidents.get_mut(&print) {
            Some(incident) => {
                incident.happen_again(now, notice);
                if now < repeat_due(&self.policy, incident) {
                    told.hold(Suppression::Repeat, verdict, facts);
                }
            }
            None => self.open(now, subject, notice, told),
        }
    }

    /// Whether an open incident is the cause and speaks for this one too; it then counts it.
    fn is_inhibited(&mut self, notice: &Notice) -> bool {
        let cause =
            self.incidents.iter_mut().find(|(_, it)| inhibit::speaks_for(&it.notice, notice));
        let Some((print, cause)) = cause else { return false };
        cause.notice.held_back += 1;
        self.touched.insert(incident_key(print));
        true
    }

    fn open(&mut self, now: Timestamp, subject: &str, mut notice: Notice, told: &mut Told) {
        notice.id = self.next_id(&notice.fingerprint);
        let fingerprint = notice.fingerprint.clone();
        told.notices.push(notice.clone());
        let subject = subject.to_owned();
        let incident = Incident { subject, last: now, told_at: now, times_told: 1, notice };
        self.incidents.insert(fingerprint, incident);
    }

    fn notice(
        &self,
        subject: &str,
        verdict: &Verdict,
        facts: &Facts,
        script: Option<ScriptFacts>,
    ) -> Notice {
        let script = script.filter(|_| verdict.kind != Kind::TaskNotStarted);
        let told_by_script = script.as_ref().and_then(|script| script.error.clone());
        let error = told_by_script
            .or_else(|| facts.message.clone())
            .unwrap_or_else(|| verdict.title.clone());
        let kind = kind_of(verdict.kind, facts);
        let environment = self.policy.environment.clone();
        let class = error_class(&error);
        let named = environment.as_deref().unwrap_or_default();
        let fingerprint = Fingerprint::of(&[kind.name(), named, subject, &class]);
        Notice {
            id: String::new(),
            fingerprint,
            kind,
            severity: verdict.severity,
            reason: Reason::Opened,
            environment,
            at: verdict.at,
            title: verdict.title.clone(),
            error,
            meaning: verdict.meaning.clone(),
            advice: verdict.advice.clone(),
            pattern: verdict.pattern.clone(),
            facts: facts.clone(),
            script,
            count: 1,
            held_back: 0,
            since: verdict.at,
            heard_by: Vec::new(),
        }
    }

    /// Tells again what went on while it was held back.
    fn repeat(&mut self, now: Timestamp, told: &mut Told) {
        let due = |incident: &Incident, policy: &Policy| {
            incident.notice.held_back > 0 && repeat_due(policy, incident) <= now
        };
        let ready: Vec<Fingerprint> = self
            .incidents
            .iter()
            .filter(|(_, incident)| due(incident, &self.policy))
            .map(|(print, _)| print.clone())
            .collect();
        for print in ready {
            let id = self.next_id(&print);
            let incident = self.incidents.get_mut(&print).expect("the key was just read");
            told.notices.push(incident.tell_again(now, id));
            self.touched.insert(incident_key(&print));
        }
    }

    fn repeat_due(&self, incident: &Incident) -> Timestamp {
        repeat_due(&self.policy, incident)
    }

    /// Drops what nothing will come of any more.
    fn forget(&mut self, now: Timestamp) {
        let old_run = |run: &&Run| {
            let keep = if run.told { KEEP_TOLD_RUN } else { KEEP_OPEN_RUN };
            run.due.is_none() && now.duration_since(run.seen) > keep
        };
        let runs: Vec<String> =
            self.runs.values().filter(old_run).map(|run| run.id.clone()).collect();
        for id in runs {
            self.remove_run(&id);
        }
        let quiet = |incident: &Incident| {
            let standalone = incident.subject.starts_with("node/");
            let keep = if standalone { QUIET_STANDALONE } else { QUIET_TASK };
            incident.notice.held_back == 0 && now.duration_since(incident.last) > keep
        };
        let over = self.incidents.iter().filter(|(_, incident)| quiet(incident));
        let over: Vec<Fingerprint> = over.map(|(print, _)| print.clone()).collect();
        for print in over {
            self.close(&print);
        }
    }

    fn put_run(&mut self, run: Run) {
        self.touched.insert(format!("run:{}", run.id));
        self.runs.insert(run.id.clone(), run);
    }

    fn remove_run(&mut self, id: &str) -> Option<Run> {
        let run = self.runs.remove(id)?;
        self.touched.insert(format!("run:{id}"));
        Some(run)
    }

    fn close(&mut self, fingerprint: &Fingerprint) -> Option<Incident> {
        let incident = self.incidents.remove(fingerprint)?;
        self.touched.insert(incident_key(fingerprint));
        Some(incident)
    }

    fn next_id(&mut self, fingerprint: &Fingerprint) -> String {
        self.sequence += 1;
        self.touched.insert(SEQUENCE.to_owned());
        format!("{}-{}", fingerprint.0, self.sequence)
    }
}

impl Incident {
    /// Counts one more occurrence and keeps its details, which are the freshest.
    fn happen_again(&mut self, now: Timestamp, notice: Notice) {
        let known = &self.notice;
        self.last = now;
        self.notice = Notice {
            count: known.count + 1,
            held_back: known.held_back + 1,
            since: known.since,
            heard_by: known.heard_by.clone(),
            ..notice
        };
    }

    fn tell_again(&mut self, now: Timestamp, id: String) -> Notice {
        self.told_at = now;
        self.times_told += 1;
        let mut notice = self.notice.clone();
        notice.id = id;
        notice.reason = Reason::Repeated;
        // The occurrence that is told now was not held back; an outage counts what it causes.
        if notice.kind != Kind::ServiceStopped {
            notice.held_back -= 1;
        }
        self.notice.held_back = 0;
        notice
    }
}

/// When an incident may be told again: the repeat time, doubled for each time it was told.
fn repeat_due(policy: &Policy, incident: &Incident) -> Timestamp {
    let doubled = policy.repeat * 2_i32.pow(incident.times_told.saturating_sub(1).min(10));
    incident.told_at + doubled.min(LONGEST_REPEAT.max(policy.repeat))
}

impl Told {
    fn hold(&mut self, why: Suppression, verdict: &Verdict, facts: &Facts) {
        let (kind, at, pattern) = (verdict.kind, verdict.at, &verdict.pattern);
        self.suppressed.push(Suppressed::new(why, kind, at, facts, pattern));
    }

    fn suppress(&mut self, why: Suppression, detection: &Detection, at: Timestamp) {
        let pattern = &detection.pattern;
        self.suppressed.push(Suppressed::new(why, detection.kind, at, &detection.facts, pattern));
    }
}

impl Suppressed {
    fn new(why: Suppression, kind: Kind, at: Timestamp, facts: &Facts, pattern: &str) -> Self {
        let named = facts.app_name.as_ref().or(facts.task_name.as_ref()).or(facts.app_id.as_ref());
        let named = named.or(facts.host.as_ref()).map_or("unknown", String::as_str);
        Self { why, kind, at, summary: format!("{named} ({pattern})") }
    }
}

/// A reload needs an app; what failed without one was a task of another kind.
fn kind_of(kind: Kind, facts: &Facts) -> Kind {
    let no_app = facts.app_id.is_none() && facts.app_name.is_none();
    if kind == Kind::ReloadFailed && no_app { Kind::TaskFailed } else { kind }
}

/// Whether the scheduler's own account ran it: then its rows are written on some node.
fn is_by_scheduler(script: &ScriptFacts) -> bool {
    let by = script.executed_by.as_deref().unwrap_or_default().to_ascii_lowercase();
    by.ends_with("sa_scheduler")
}

fn run_subject(facts: &Facts) -> Option<String> {
    let task = facts.task_id.as_ref().or(facts.task_name.as_ref());
    task.map(|task| format!("task/{task}")).or_else(|| facts.app_id.as_deref().map(app_subject))
}

fn app_subject(app: &str) -> String {
    format!("app/{app}")
}

fn standalone_subject(detection: &Detection) -> String {
    let host = detection.facts.host.as_deref().unwrap_or_default();
    // An outage ends with the start of its services, however long that takes.
    let whose = if detection.pattern == "service-stopped" { "service" } else { "node" };
    format!("{whose}/{host}/{}/{}", detection.pattern, detection.key)
}

fn incident_key(fingerprint: &Fingerprint) -> String {
    format!("incident:{}", fingerprint.0)
}

fn json_of<T: Serialize>(row: &T) -> String {
    serde_json::to_string(row).expect("rows of the book hold only text, numbers and times")
}
