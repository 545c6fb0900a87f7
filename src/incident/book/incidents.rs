//! Pure. Incidents: opened, repeated, held back, over.

use serde::{Deserialize, Serialize};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detect::{Detection, Facts, Kind, ScriptFacts, Severity};
use crate::incident::book::rows::{SEQUENCE, incident_key};
use crate::incident::book::{IncidentBook, Policy, Told};
use crate::incident::fingerprint::error_class;
use crate::incident::run::Verdict;
use crate::incident::{Fingerprint, Notice, Reason, Suppression};
use crate::qlik;

/// The repeat time doubles up to this.
const LONGEST_REPEAT: SignedDuration = SignedDuration::from_hours(24);
/// A trouble holds back what it causes until it is over, or was not seen for this long.
const INHIBITS: SignedDuration = SignedDuration::from_mins(15);
/// How subjects of troubles outside any run begin.
pub(super) const NODE: &str = "node/";
/// How those begin whose end is seen whenever it comes.
pub(super) const WATCHED: &str = "watched/";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Incident {
    /// Whose success ends it: `task/…`, `app/…`; `node/…` or `watched/…` outside any run.
    pub(super) subject: String,
    /// When it was last observed.
    pub(super) last: Timestamp,
    pub(super) told_at: Timestamp,
    pub(super) times_told: u32,
    /// The latest occurrence, with the counts.
    pub(super) notice: Notice,
}

impl IncidentBook {
    pub(super) fn recover(
        &mut self,
        now: Timestamp,
        subject: &str,
        success: &Detection,
        told: &mut Told,
    ) {
        let over = |(_, incident): &(&Fingerprint, &Incident)| incident.subject == subject;
        let over: Vec<Fingerprint> =
            self.incidents.iter().filter(over).map(|(print, _)| print.clone()).collect();
        let incidents: Vec<Incident> = over.iter().filter_map(|print| self.close(print)).collect();
        let Some(last) = incidents.iter().max_by_key(|incident| incident.last) else { return };

        let mut notice = last.notice.clone();
        notice.id = self.next_id(&notice.fingerprint);
        if success.kind == Kind::ServiceStarted {
            notice.kind = success.kind;
        } else if !subject.starts_with(NODE) && !subject.starts_with(WATCHED) {
            notice.kind = Kind::ReloadRecovered;
        }
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

    /// A trouble happened: opens its incident, repeats it, or is held back.
    pub(super) fn occur(
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
        if self.is_inhibited(now, verdict, facts) {
            return told.hold(Suppression::Inhibited, verdict, facts);
        }
        let notice = self.notice(subject, verdict, facts, script);
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

    /// Whether an open incident on the same node is known to cause such troubles; one that is kept
    /// until it is over counts them.
    fn is_inhibited(&mut self, now: Timestamp, verdict: &Verdict, facts: &Facts) -> bool {
        let same_node = |other: &Facts| match (&facts.host, &other.host) {
            (Some(ours), Some(theirs)) => qlik::node::is_same(ours, theirs),
            _ => true,
        };
        let cause = self.incidents.iter_mut().find(|(_, incident)| {
            verdict.suppressed_by.contains(&incident.notice.pattern)
                && (incident.is_watched() || now.duration_since(incident.last) <= INHIBITS)
                && same_node(&incident.notice.facts)
        });
        let Some((print, cause)) = cause else { return false };
        if cause.is_watched() {
            cause.notice.held_back += 1;
            self.touched.insert(incident_key(print));
        }
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
        // Where the pattern's key alone tells incidents apart, the words of the row do not count.
        let class = if verdict.is_counted { String::new() } else { error_class(&error) };
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
            count: verdict.count,
            held_back: 0,
            since: verdict.at,
            heard_by: Vec::new(),
        }
    }

    /// Tells again what went on while it was held back.
    pub(super) fn repeat(&mut self, now: Timestamp, told: &mut Told) {
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

    pub(super) fn close(&mut self, fingerprint: &Fingerprint) -> Option<Incident> {
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
    /// Whether its end is seen whenever it comes.
    fn is_watched(&self) -> bool {
        self.subject.starts_with(WATCHED)
    }

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
        if !self.is_watched() {
            notice.held_back -= 1;
        }
        self.notice.held_back = 0;
        notice
    }
}

/// When an incident may be told again: the repeat time, doubled for each time it was told.
pub(super) fn repeat_due(policy: &Policy, incident: &Incident) -> Timestamp {
    let doubled = policy.repeat * 2_i32.pow(incident.times_told.saturating_sub(1).min(10));
    incident.told_at + doubled.min(LONGEST_REPEAT.max(policy.repeat))
}

/// A reload needs an app; what failed without one was a task of another kind.
fn kind_of(kind: Kind, facts: &Facts) -> Kind {
    let no_app = facts.app_id.is_none() && facts.app_name.is_none();
    if kind == Kind::ReloadFailed && no_app { Kind::TaskFailed } else { kind }
}
