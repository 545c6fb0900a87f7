//! Pure. Incidents: opened, repeated, held back, over.

use serde::{Deserialize, Serialize};

use jiff::SignedDuration;

use crate::clock::Timestamp;
use crate::detect::{Facts, Kind, ScriptFacts, Severity};
use crate::incident::book::{IncidentBook, Told};
use crate::incident::fingerprint::error_class;
use crate::incident::run::Verdict;
use crate::incident::success::Success;
use crate::incident::{Fingerprint, Notice, Reason, Suppression, later};
use crate::ledger::{Key, Row, TableName};
use crate::qlik;

/// The repeat time doubles up to this.
const LONGEST_REPEAT: SignedDuration = SignedDuration::from_hours(24);
/// A trouble holds back what it causes until it is over, or was not seen for this long.
const INHIBITS: SignedDuration = SignedDuration::from_mins(15);
/// A trouble outside any run has no success that ends it; it ends when it was quiet this long.
const QUIET_STANDALONE: SignedDuration = SignedDuration::from_hours(24);
/// A task that neither fails nor succeeds for this long has been deleted.
const QUIET_TASK: SignedDuration = SignedDuration::from_hours(30 * 24);
/// An incident that nobody could read of is opened again so long after it was told: a digest that
/// only counts it belongs to a storm.
const REOPENS_AFTER: SignedDuration = SignedDuration::from_mins(10);
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
    /// What was told of it, nobody can read.
    #[serde(default)]
    pub(super) is_unread: bool,
    /// It was unread and failed again: it is opened again now.
    #[serde(default)]
    pub(super) reopens: bool,
    /// What its fingerprint would be with the reason that a late script log gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    explained: Option<Fingerprint>,
    /// The latest occurrence, with the counts.
    pub(super) notice: Notice,
}

/// What an incident is found by.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(super) enum IncidentBy {
    Subject(String),
    /// The fingerprint with the reason of a late script log.
    Explained(Fingerprint),
    /// As the cause of others: its pattern. The time is that until when it may be one.
    Cause(String),
    /// The same, on one node, or on one that is not known.
    CauseOn(String, Option<String>),
}

impl Row for Incident {
    const TABLE: TableName = TableName::Incidents;
    type By = IncidentBy;
    /// The repeat time of the policy.
    type Terms = SignedDuration;

    fn found_by(&self) -> Vec<(IncidentBy, Timestamp)> {
        let (pattern, host) = (&self.notice.pattern, &self.notice.facts.host);
        let until = if self.is_watched() { Timestamp::MAX } else { later(self.last, INHIBITS) };
        let host = host.as_deref().map(qlik::node::short);
        let mut by = vec![
            (IncidentBy::Subject(self.subject.clone()), Timestamp::MIN),
            (IncidentBy::Cause(pattern.clone()), until),
            (IncidentBy::CauseOn(pattern.clone(), host), until),
        ];
        let explained = self.explained.clone().map(IncidentBy::Explained);
        by.extend(explained.map(|by| (by, Timestamp::MIN)));
        by
    }

    fn due(&self, repeat: SignedDuration) -> Option<Timestamp> {
        (self.notice.held_back > 0).then(|| self.repeat_due(repeat))
    }

    fn expires(&self) -> Option<Timestamp> {
        let standalone = self.subject.starts_with(NODE);
        let keep = if standalone { QUIET_STANDALONE } else { QUIET_TASK };
        (self.notice.held_back == 0).then(|| later(self.last, keep))
    }
}

impl Key for Fingerprint {
    fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    fn text(&self) -> &str {
        &self.0
    }
}

impl IncidentBook {
    /// Ends the incidents of a task, an app or a node.
    pub(super) fn recover(&mut self, now: Timestamp, success: &Success, told: &mut Told) {
        let subject = success.subject.as_str();
        let over = self.incidents.find_all(&IncidentBy::Subject(subject.to_owned()));
        let incidents: Vec<Incident> =
            over.iter().filter_map(|print| self.incidents.remove(print)).collect();
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
        notice.at = success.at;
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

    /// A trouble happened: opens its incident, repeats it, or is held back. Returns the incident
    /// that it is part of.
    pub(super) fn occur(
        &mut self,
        now: Timestamp,
        subject: &str,
        verdict: &Verdict,
        facts: &Facts,
        script: Option<&ScriptFacts>,
        told: &mut Told,
    ) -> Option<Fingerprint> {
        if verdict.severity == Severity::Info {
            told.hold(Suppression::LowSeverity, verdict, facts);
            return None;
        }
        if self.is_inhibited(now, verdict, facts) {
            told.hold(Suppression::Inhibited, verdict, facts);
            return None;
        }
        let notice = self.notice(subject, verdict, facts, script);
        let Some(print) = self.incident_of(subject, &notice) else {
            let print = notice.fingerprint.clone();
            self.open(now, subject, notice, told);
            return Some(print);
        };
        let repeat = self.policy.repeat;
        self.incidents.change(&print, |incident| {
            incident.happen_again(now, notice);
            if now < incident.repeat_due(repeat) {
                told.hold(Suppression::Repeat, verdict, facts);
            }
            true
        });
        Some(print)
    }

    /// A script log came after its failure was decided without it: an incident without a reason
    /// has it now, and a failure with the same reason is one more of it.
    pub(super) fn explain(&mut self, print: &Fingerprint, script: &ScriptFacts) {
        let Some(error) = &script.error else { return };
        let environment = self.policy.environment.clone().unwrap_or_default();
        self.incidents.change(print, |incident| {
            let Incident { subject, notice, explained, .. } = incident;
            if notice.script.is_some() {
                return false;
            }
            let class = error_class(error);
            let parts = [notice.kind.name(), &environment, subject, &class];
            *explained = Some(Fingerprint::of(&parts));
            notice.error.clone_from(error);
            notice.script = Some(script.clone());
            true
        });
    }

    /// The open incident that a trouble is one more of: the one with its fingerprint, or to which
    /// a late script log gave the same reason.
    ///
    /// A failure without a script log says no more than its row. If an open incident of the same
    /// task, explained by a script log, had a row that said the same, the failure is taken for one
    /// more of it: a log that is late or lost is no news. The price is that another error whose
    /// log is lost is counted there, too; it is told with the next repeat, with other words in its
    /// row at once.
    fn incident_of(&self, subject: &str, notice: &Notice) -> Option<Fingerprint> {
        if self.incidents.get(&notice.fingerprint).is_some() {
            return Some(notice.fingerprint.clone());
        }
        let explained = IncidentBy::Explained(notice.fingerprint.clone());
        if let Some(print) = self.incidents.find_all(&explained).pop_first() {
            return Some(print);
        }
        let row = notice.facts.message.as_deref().filter(|_| notice.script.is_none())?;
        let said = error_class(row);
        let of_task = self.incidents.find_all(&IncidentBy::Subject(subject.to_owned())).into_iter();
        let known = of_task.filter_map(|print| Some((self.incidents.get(&print)?, print)));
        let explained = known.filter(|(incident, _)| {
            let known = &incident.notice;
            let message = known.facts.message.as_deref().map(error_class);
            known.script.is_some() && known.kind == notice.kind && message.as_ref() == Some(&said)
        });
        explained.max_by_key(|(incident, _)| incident.last).map(|(_, print)| print)
    }

    /// Whether an open incident on the same node is known to cause such troubles; one that is kept
    /// until it is over counts them.
    fn is_inhibited(&mut self, now: Timestamp, verdict: &Verdict, facts: &Facts) -> bool {
        let causes = verdict.suppressed_by.iter();
        let causes = causes.filter_map(|pattern| self.cause(now, pattern, facts.host.as_deref()));
        let Some((_, print)) = causes.min() else { return false };
        self.incidents.change(&print, |cause| {
            let counts = cause.is_watched();
            cause.notice.held_back += u32::from(counts);
            counts
        });
        true
    }

    /// An open incident of this pattern on this node (or who knows where), and whether it can be
    /// one only for a while.
    fn cause(
        &self,
        now: Timestamp,
        pattern: &str,
        host: Option<&str>,
    ) -> Option<(bool, Fingerprint)> {
        let pattern = pattern.to_owned();
        let by = match host {
            None => vec![IncidentBy::Cause(pattern)],
            // An empty name is that of no node.
            Some("") => vec![IncidentBy::CauseOn(pattern, None)],
            Some(host) => vec![
                IncidentBy::CauseOn(pattern.clone(), Some(qlik::node::short(host))),
                IncidentBy::CauseOn(pattern, None),
            ],
        };
        let watched = |by| self.incidents.find(by, Timestamp::MAX..=Timestamp::MAX).next();
        let recent = |by| self.incidents.find(by, now..=Timestamp::MAX).next();
        let found = by.iter().filter_map(|by| watched(by).or_else(|| recent(by)));
        found.map(|(until, print, _)| (until < Timestamp::MAX, print.clone())).min()
    }

    fn open(&mut self, now: Timestamp, subject: &str, mut notice: Notice, told: &mut Told) {
        notice.id = self.next_id(&notice.fingerprint);
        let fingerprint = notice.fingerprint.clone();
        told.notices.push(notice.clone());
        let subject = subject.to_owned();
        let incident = Incident {
            subject,
            last: now,
            told_at: now,
            times_told: 1,
            is_unread: false,
            reopens: false,
            explained: None,
            notice,
        };
        self.incidents.put(fingerprint, incident);
    }

    fn notice(
        &self,
        subject: &str,
        verdict: &Verdict,
        facts: &Facts,
        script: Option<&ScriptFacts>,
    ) -> Notice {
        let script = script.filter(|_| verdict.kind != Kind::TaskNotStarted);
        let told_by_script = script.and_then(|script| script.error.clone());
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
            advice: script
                .and_then(|script| script.error_advice.clone())
                .or_else(|| verdict.advice.clone()),
            pattern: verdict.pattern.clone(),
            facts: facts.clone(),
            script: script.cloned(),
            count: verdict.count,
            held_back: 0,
            since: verdict.at,
            heard_by: Vec::new(),
        }
    }

    /// Tells again what went on while it was held back.
    pub(super) fn repeat(&mut self, now: Timestamp, told: &mut Told) {
        let mut ready = self.incidents.due(now);
        ready.sort();
        for print in ready {
            let id = self.next_id(&print);
            self.incidents.change(&print, |incident| {
                told.notices.push(incident.tell_again(now, id));
                true
            });
        }
    }

    fn next_id(&mut self, fingerprint: &Fingerprint) -> String {
        format!("{}-{}", fingerprint.0, self.sequence.advance())
    }
}

impl Incident {
    /// Whether its end is seen whenever it comes.
    fn is_watched(&self) -> bool {
        self.subject.starts_with(WATCHED)
    }

    /// Counts one more occurrence and keeps its details, which are the freshest.
    fn happen_again(&mut self, now: Timestamp, notice: Notice) {
        let own = [Some(&self.notice.fingerprint), self.explained.as_ref()];
        let is_unexplained = !own.contains(&Some(&notice.fingerprint))
            || notice.script.is_none() && self.explained.is_some();
        let known = &self.notice;
        self.last = now;
        self.reopens |= self.is_unread && now >= later(self.told_at, REOPENS_AFTER);
        let mut next = Notice {
            fingerprint: known.fingerprint.clone(),
            count: known.count + 1,
            held_back: known.held_back + 1,
            since: known.since,
            heard_by: known.heard_by.clone(),
            ..notice
        };
        if is_unexplained {
            // It came without its script log: what was known of the error stays.
            next.error.clone_from(&known.error);
            next.script.clone_from(&known.script);
        }
        self.notice = next;
    }

    fn tell_again(&mut self, now: Timestamp, id: String) -> Notice {
        self.told_at = now;
        self.times_told += 1;
        let mut notice = self.notice.clone();
        notice.id = id;
        notice.reason = if self.is_unread { Reason::Opened } else { Reason::Repeated };
        (self.is_unread, self.reopens) = (false, false);
        // The occurrence that is told now was not held back; an outage counts what it causes.
        if !self.is_watched() {
            notice.held_back -= 1;
        }
        self.notice.held_back = 0;
        notice
    }

    /// Returns whether something changed. What was told later is still on its way.
    pub(super) fn unread(&mut self, channel: &str, said_at: Timestamp) -> bool {
        let is_latest = self.told_at.as_microsecond() == said_at.as_microsecond();
        if !is_latest || !self.notice.heard_by.iter().any(|known| known == channel) {
            return false;
        }
        self.notice.heard_by.retain(|known| known != channel);
        self.is_unread = self.notice.heard_by.is_empty();
        true
    }

    /// When it may be told again: the repeat time, doubled for each time it was told.
    fn repeat_due(&self, repeat: SignedDuration) -> Timestamp {
        if self.reopens {
            return self.told_at;
        }
        let doublings = self.times_told.saturating_sub(1).min(10);
        let doubled = repeat.checked_mul(2_i32.pow(doublings)).unwrap_or(SignedDuration::MAX);
        later(self.told_at, doubled.min(LONGEST_REPEAT.max(repeat)))
    }
}

/// A reload needs an app; what failed without one was a task of another kind.
fn kind_of(kind: Kind, facts: &Facts) -> Kind {
    let no_app = facts.app_id.is_none() && facts.app_name.is_none();
    if kind == Kind::ReloadFailed && no_app { Kind::TaskFailed } else { kind }
}
