//! Pure. The open incidents and the runs under way.

mod incidents;
mod rows;
mod runs;
mod standalone;

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detect::{Detection, Facts, Kind, Role};
use crate::incident::book::incidents::{Incident, NODE, repeat_due};
use crate::incident::book::rows::incident_key;
use crate::incident::book::runs::app_subject;
use crate::incident::run::{Run, Verdict};
use crate::incident::threshold::Tally;
use crate::incident::usual::Usual;
use crate::incident::wait::Wait;
use crate::incident::{Fingerprint, Notice, Suppression};

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
    /// What is counted until its threshold is reached.
    tallies: BTreeMap<String, Tally>,
    /// What started and has not ended.
    waits: BTreeMap<String, Wait>,
    /// How long it usually takes until what started has ended.
    usuals: BTreeMap<String, Usual>,
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

impl IncidentBook {
    /// Takes up where the stored rows left off. Rows that cannot be read are dropped: their
    /// incidents are told again rather than never.
    pub fn restore(policy: Policy, rows: &[(String, String)]) -> Self {
        let mut book = Self {
            policy,
            runs: BTreeMap::new(),
            incidents: BTreeMap::new(),
            tallies: BTreeMap::new(),
            waits: BTreeMap::new(),
            usuals: BTreeMap::new(),
            sequence: 0,
            touched: BTreeSet::new(),
        };
        for (key, json) in rows {
            book.take_row(key, json);
        }
        book
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
        let repeats = held_back.map(|incident| repeat_due(&self.policy, incident));
        let waits = self.waits.values().map(|wait| wait.due);
        runs.chain(repeats).chain(waits).min()
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

    fn observe(&mut self, now: Timestamp, detection: &Detection, told: &mut Told) {
        let at = detection.at.unwrap_or(now);
        if detection.terms.max_age.is_some_and(|age| now.duration_since(at) > age) {
            return told.suppress(Suppression::TooOld, detection, at);
        }
        self.stop_waiting(now, detection);
        match detection.role {
            Role::Start => self.wait(now, detection),
            Role::Verdict | Role::Attempt => self.observe_row(now, detection, told),
            Role::ScriptFailed => self.observe_script(now, detection, told),
            Role::Success => self.observe_success(now, detection, told),
            Role::ScriptSucceeded => {
                if let Some(app) = &detection.facts.app_id {
                    self.recover(now, &app_subject(app), detection, told);
                }
            }
            Role::Standalone => self.observe_standalone(now, detection, told),
        }
    }

    fn tick(&mut self, now: Timestamp, told: &mut Told) {
        let due = |run: &&Run| run.due.is_some_and(|due| due <= now);
        let mut ready: Vec<(Option<Timestamp>, String)> =
            self.runs.values().filter(due).map(|run| (run.due, run.id.clone())).collect();
        ready.sort();
        for (_, id) in ready {
            self.conclude(now, &id, told);
        }
        self.tell_overdue(now, told);
        self.repeat(now, told);
        self.forget(now);
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
            let standalone = incident.subject.starts_with(NODE);
            let keep = if standalone { QUIET_STANDALONE } else { QUIET_TASK };
            incident.notice.held_back == 0 && now.duration_since(incident.last) > keep
        };
        let over = self.incidents.iter().filter(|(_, incident)| quiet(incident));
        let over: Vec<Fingerprint> = over.map(|(print, _)| print.clone()).collect();
        for print in over {
            self.close(&print);
        }
        self.forget_tallies(now);
        self.forget_usuals(now);
    }
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
