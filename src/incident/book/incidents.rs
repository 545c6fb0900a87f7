//! Pure. Opens, repeats, holds back and ends incidents.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use jiff::SignedDuration;

use crate::clock::{Timestamp, later};
use crate::detection::{Facts, Kind, PatternId, ScriptFacts, Severity, Subject};
use crate::ids::{Fingerprint, NoticeId};
use crate::incident::book::answers::{Escalation, SilencedBy};
use crate::incident::book::{Decisions, IncidentBook};
use crate::incident::earlier::Stored;
use crate::incident::fingerprint::{error_class, of_notice};
use crate::incident::run::{Environment, Verdict};
use crate::incident::success::Success;
use crate::incident::{Notice, Reason, StillFailing, Suppression};
use crate::ledger::{Key, TableName, TableRow};
use crate::qlik;

/// The upper limit of the doubled repeat time.
const LONGEST_REPEAT: SignedDuration = SignedDuration::from_hours(24);
/// How long after its last occurrence a cause holds back others, if its end is not observed.
const INHIBITS: SignedDuration = SignedDuration::from_mins(15);
/// An incident that nothing ends expires after this quiet time.
const QUIET_WITHOUT_END: SignedDuration = SignedDuration::from_hours(24);
/// What would end an incident has not come for this time: its task was probably deleted.
const QUIET_WITH_END: SignedDuration = SignedDuration::from_hours(30 * 24);
/// An unread incident is opened again only this long after its notice: a digest that merely counts
/// it is part of a storm.
const REOPENS_AFTER: SignedDuration = SignedDuration::from_mins(10);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub(crate) struct Incident {
    /// When it was last observed.
    pub(crate) last: Timestamp,
    /// The time of its latest occurrence: rows may be read late, and in another order.
    pub(crate) latest: Timestamp,
    pub(crate) notified_at: Timestamp,
    /// Number of notices sent; 0 while none was.
    pub(crate) n_notified: u32,
    /// The open cause that holds it back.
    #[serde(default)]
    pub(crate) inhibited_by: Option<Fingerprint>,
    /// Its last notice is readable in no channel.
    #[serde(default)]
    pub(crate) is_unread: bool,
    /// It was unread and failed again: it is due to be opened again.
    #[serde(default)]
    pub(crate) reopens: bool,
    /// The fingerprint that it would have with the reason from a late script log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) explained: Option<Fingerprint>,
    /// The silence that holds it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) silenced_by: Option<SilencedBy>,
    /// Its latest opening was held back because it opens and recovers too often.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_flapping: bool,
    #[serde(default, skip_serializing_if = "Escalation::is_none")]
    pub(crate) escalation: Escalation,
    /// The latest occurrence, with the counts.
    pub(crate) notice: Notice,
}

/// The keys of the incident index.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub(crate) enum IncidentBy {
    Subject(Subject),
    /// The fingerprint with the reason from a late script log.
    Explained(Fingerprint),
    /// As the cause of others, by its pattern. The indexed time is the time until which it can be a
    /// cause.
    Cause(PatternId),
    /// The same on one node; `None` if the node is not known.
    CauseOn(PatternId, Option<String>),
    /// The cause that holds it back.
    InhibitedBy(Fingerprint),
    /// The silence that holds it back.
    SilencedBy(SilencedBy),
}

impl TableRow for Incident {
    const TABLE: TableName = TableName::Incidents;
    type By = IncidentBy;
    /// The repeat time of the policy.
    type Terms = SignedDuration;

    fn found_by(&self) -> Vec<(IncidentBy, Timestamp)> {
        let (pattern, host) = (&self.notice.pattern, &self.notice.facts.host);
        let until =
            if self.end_is_observed() { Timestamp::MAX } else { later(self.last, INHIBITS) };
        let host = host.as_deref().map(qlik::node::short);
        let inhibited_by = self.inhibited_by.clone().map(IncidentBy::InhibitedBy);
        let by = [
            (IncidentBy::Subject(self.notice.subject.clone()), Timestamp::MIN),
            (IncidentBy::Cause(pattern.clone()), until),
            (IncidentBy::CauseOn(pattern.clone(), host), until),
        ];
        let explained = self.explained.clone().map(IncidentBy::Explained);
        let silenced_by = self.silenced_by.clone().map(IncidentBy::SilencedBy);
        let more = inhibited_by.into_iter().chain(explained).chain(silenced_by);
        by.into_iter().chain(more.map(|by| (by, Timestamp::MIN))).collect()
    }

    fn due(&self, repeat: SignedDuration) -> Option<Timestamp> {
        let repeats = self.waits().then(|| self.repeat_due(repeat));
        let escalates = self.escalation.next.filter(|_| !self.is_held());
        repeats.into_iter().chain(escalates).min()
    }

    fn expires(&self) -> Option<Timestamp> {
        let has_end = self.notice.subject.has_end();
        let keep = if has_end { QUIET_WITH_END } else { QUIET_WITHOUT_END };
        (!self.waits()).then(|| later(self.last, keep))
    }
}

impl Key for Fingerprint {
    fn of(text: &str) -> Self {
        text.into()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl IncidentBook {
    /// Ends the incidents of a task, an app or a node. A recovery whose failure was in no card
    /// causes no notice; the stage that holds back flapping incidents counts it.
    pub(crate) fn recover(&mut self, now: Timestamp, success: &Success, decisions: &mut Decisions) {
        let subject = &success.subject;
        let over = self.incidents.find_all(&IncidentBy::Subject(subject.clone()));
        let mut incidents: Vec<Incident> =
            over.iter().filter_map(|print| self.incidents.remove(print)).collect();
        if subject.is_named_run() {
            for incident in &mut incidents {
                incident.notice.runs.last_success = Some(success.at);
            }
        }
        self.close(now, &incidents);
        let is_notified = incidents.iter().any(|incident| incident.n_notified > 0);
        let candidates =
            incidents.iter().filter(|incident| !is_notified || incident.n_notified > 0);
        let Some(last) = candidates.max_by_key(|incident| incident.last) else { return };

        let mut notice = last.notice.clone();
        let others = incidents.iter().filter(|one| one.notice.fingerprint != notice.fingerprint);
        for other in others.filter(|other| other.n_notified > 0) {
            let mut over = other.notice.clone();
            over.id = self.next_id(&over.fingerprint);
            show_recovered(&mut over, success);
            decisions.also_over.push(over);
        }
        show_recovered(&mut notice, success);
        notice.count = incidents.iter().map(|incident| incident.notice.count).sum();
        notice.held_back = incidents.iter().map(|incident| incident.notice.held_back).sum();
        notice.since = incidents.iter().map(|incident| incident.notice.since).min().unwrap_or(now);
        for channel in incidents.iter().flat_map(|incident| &incident.notice.notified_channels) {
            if !notice.notified_channels.contains(channel) {
                notice.notified_channels.push(channel.clone());
            }
        }
        if is_notified {
            notice.id = self.next_id(&notice.fingerprint);
            let named = self.announce_inhibited(now, &over, &notice.notified_channels);
            notice.still_failing = named.iter().map(StillFailing::of).collect();
            decisions.named.extend(named);
            decisions.notices.push(notice);
        } else {
            self.free_inhibited(&over);
            decisions.unnotified_recoveries.push(notice);
        }
    }

    /// Applies one occurrence: opens or repeats its incident, or is held back. Returns the
    /// incident that it belongs to.
    pub(crate) fn occur(
        &mut self,
        now: Timestamp,
        subject: &Subject,
        verdict: &Verdict,
        facts: &Facts,
        script: Option<&ScriptFacts>,
        decisions: &mut Decisions,
    ) -> Option<Fingerprint> {
        if verdict.severity == Severity::Info {
            decisions.hold(Suppression::LowSeverity, None, verdict, (facts, script));
            return None;
        }
        let mut notice = self.notice(subject, verdict, facts, script);
        self.names.fill_notice(now, &mut notice);
        let Some(print) = self.incident_of(&notice) else {
            let print = notice.fingerprint.clone();
            self.open(now, notice, decisions);
            return Some(print);
        };
        let (repeat, mut is_news) = (self.policy.repeat, false);
        let is_catching_up = self.is_catching_up(now);
        self.incidents.change(&print, |incident| {
            incident.happen_again(now, notice);
            if !is_catching_up {
                // The stages that follow decide anew whether a silence holds it back.
                incident.silenced_by = None;
            }
            let is_acknowledged = incident.notice.acknowledged.is_some();
            let has_reopened = incident.notice.has_reopened;
            is_news = (incident.n_notified == 0 || has_reopened) && !is_acknowledged;
            if is_acknowledged {
                decisions.hold(Suppression::Acknowledged, Some(&print), verdict, (facts, script));
            } else if !is_news && now < incident.repeat_due(repeat) {
                decisions.hold(Suppression::Repeat, Some(&print), verdict, (facts, script));
            }
            true
        });
        if is_news {
            self.notify(now, &print, None, decisions);
        }
        Some(print)
    }

    /// Applies a script log that was read after its failure was decided: sets the incident's
    /// reason if it has none, so that failures with the same reason belong to it.
    pub(crate) fn explain(&mut self, print: &Fingerprint, script: &ScriptFacts) {
        let Some(error) = &script.error else { return };
        self.incidents.change(print, |incident| {
            let Incident { notice, explained, .. } = incident;
            if notice.script.is_some() {
                return false;
            }
            *explained = Some(of_notice(notice, &error_class(error)));
            notice.error.clone_from(error);
            notice.script = Some(script.clone());
            true
        });
    }

    /// The open incident that an occurrence belongs to: the one with its fingerprint, or the one
    /// to which a late script log gave the same reason.
    ///
    /// A failure without a script log is known by its row only. If an open incident of the same
    /// task has a script log and the same kind of row, the failure counts as one more occurrence:
    /// a late or lost log is not a new incident. The cost: a different error whose script log is
    /// lost is counted there too, and appears with the next repeat only; if its row differs, it
    /// opens an incident of its own.
    fn incident_of(&self, notice: &Notice) -> Option<Fingerprint> {
        if self.incidents.get(&notice.fingerprint).is_some() {
            return Some(notice.fingerprint.clone());
        }
        let explained = IncidentBy::Explained(notice.fingerprint.clone());
        if let Some(print) = self.incidents.find_all(&explained).pop_first() {
            return Some(print);
        }
        let row = notice.facts.message.as_deref().filter(|_| notice.script.is_none())?;
        let row_class = error_class(row);
        let of_task =
            self.incidents.find_all(&IncidentBy::Subject(notice.subject.clone())).into_iter();
        let known = of_task.filter_map(|print| Some((self.incidents.get(&print)?, print)));
        let explained = known.filter(|(incident, _)| {
            let known = &incident.notice;
            let message = known.facts.message.as_deref().map(error_class);
            known.script.is_some()
                && known.kind == notice.kind
                && message.as_ref() == Some(&row_class)
        });
        explained.max_by_key(|(incident, _)| incident.last).map(|(_, print)| print)
    }

    fn open(&mut self, now: Timestamp, mut notice: Notice, decisions: &mut Decisions) {
        notice.id = self.next_id(&notice.fingerprint);
        let fingerprint = notice.fingerprint.clone();
        decisions.notices.push(notice.clone());
        let incident = Incident {
            last: now,
            latest: notice.at.min(now),
            notified_at: now,
            n_notified: 1,
            inhibited_by: None,
            is_unread: false,
            reopens: false,
            explained: None,
            silenced_by: None,
            is_flapping: false,
            escalation: Escalation::default(),
            notice,
        };
        self.incidents.put(fingerprint, incident);
    }

    fn notice(
        &self,
        subject: &Subject,
        verdict: &Verdict,
        facts: &Facts,
        script: Option<&ScriptFacts>,
    ) -> Notice {
        let script = script.filter(|_| verdict.kind != Kind::TaskNotStarted);
        let reported_by_script = script.and_then(|script| script.error.as_ref());
        let error = reported_by_script.or(facts.message.as_ref()).cloned().unwrap_or_default();
        let environment = match &verdict.environment {
            Environment::OfNode => self.policy.environment.clone(),
            Environment::Named(name) => Some(name.clone()),
            Environment::None => None,
        };
        let mut notice = Notice {
            severity: verdict.severity,
            environment,
            source: verdict.source,
            subject: subject.clone(),
            condition: verdict.condition.clone(),
            title: verdict.title.clone(),
            error,
            meaning: verdict.meaning.clone(),
            advice: verdict.advice.clone(),
            links: verdict.links.clone(),
            translations: verdict.translations.clone(),
            pattern: verdict.pattern.clone(),
            facts: facts.clone(),
            script: script.cloned(),
            runs: self.earlier_runs(subject, facts),
            count: verdict.count,
            counted_within: verdict.counted_within,
            channel: verdict.channel.clone(),
            causes: verdict.suppressed_by.clone(),
            ..Notice::new(kind_of(verdict.kind, facts), verdict.at)
        };
        if notice.kind != verdict.kind {
            // The words for a reload do not fit: the product has those for other tasks.
            (notice.title, notice.meaning, notice.advice) = (String::new(), String::new(), None);
            notice.translations.clear();
        }
        notice.fingerprint = of_notice(&notice, &class(&notice, verdict.is_counted));
        notice
    }

    /// Notifies again of incidents that occurred while they were held back.
    pub(crate) fn repeat(&mut self, now: Timestamp, decisions: &mut Decisions) {
        let mut ready = self.incidents.due(now);
        ready.sort();
        for print in ready {
            let Some(incident) = self.incidents.get(&print) else { continue };
            if incident.escalation.next.is_some_and(|next| next <= now) {
                decisions.escalations.push(print.clone());
            }
            if incident.waits() && incident.repeat_due(self.policy.repeat) <= now {
                self.notify(now, &print, Some(now), decisions);
            }
        }
    }

    fn notify(
        &mut self,
        now: Timestamp,
        print: &Fingerprint,
        due_at: Option<Timestamp>,
        decisions: &mut Decisions,
    ) {
        let id = self.next_id(print);
        self.incidents.change(print, |incident| {
            decisions.notices.push(Notice { due_at, ..incident.notify(now, id) });
            true
        });
    }

    /// Re-keys incidents that an earlier version stored under other fingerprints.
    pub(crate) fn rename_incidents(&mut self) {
        let renamed =
            self.incidents.iter().filter(|(print, one)| **print != one.notice.fingerprint);
        let renamed: Vec<Fingerprint> = renamed.map(|(print, _)| print.clone()).collect();
        for print in renamed {
            if let Some(incident) = self.incidents.remove(&print) {
                self.incidents.put(incident.notice.fingerprint.clone(), incident);
            }
        }
    }

    pub(crate) fn next_id(&mut self, fingerprint: &Fingerprint) -> NoticeId {
        format!("{}-{}", fingerprint.as_str(), self.sequence.advance()).into()
    }
}

impl Incident {
    /// Whether the end of this incident is always observed.
    pub(crate) fn end_is_observed(&self) -> bool {
        self.notice.subject.end_is_observed()
    }

    /// Counts one more occurrence and keeps its details, which are the newest.
    fn happen_again(&mut self, now: Timestamp, notice: Notice) {
        let own = [Some(&self.notice.fingerprint), self.explained.as_ref()];
        let is_unexplained = !own.contains(&Some(&notice.fingerprint))
            || notice.script.is_none() && self.explained.is_some();
        if self.escalation.is_given_up {
            self.escalation = Escalation::default();
        }
        let has_reopened = !self.is_open(now) && self.notice.acknowledged.is_some();
        if has_reopened {
            // Nobody takes care any more, and a card says so.
            self.is_unread = true;
            self.notice.acknowledged = None;
            self.escalation = Escalation::default();
        }
        let known = &self.notice;
        self.last = now;
        self.latest = self.latest.max(notice.at.min(now));
        // The stages that follow decide anew whether a cause holds it back.
        self.inhibited_by = None;
        self.reopens |= self.is_unread && now >= later(self.notified_at, REOPENS_AFTER);
        let mut next = Notice {
            fingerprint: known.fingerprint.clone(),
            count: known.count + 1,
            held_back: known.held_back + 1,
            since: known.since,
            acknowledged: known.acknowledged.clone(),
            notified_channels: known.notified_channels.clone(),
            has_reopened,
            ..notice
        };
        if is_unexplained {
            // This occurrence has no script log: keep the known error.
            next.error.clone_from(&known.error);
            next.script.clone_from(&known.script);
        }
        self.notice = next;
    }

    pub(crate) fn notify(&mut self, now: Timestamp, id: NoticeId) -> Notice {
        let mut notice = self.notice.clone();
        notice.id = id;
        let is_news = self.n_notified == 0 || self.is_unread;
        notice.reason = if is_news { Reason::Opened } else { Reason::Repeated };
        (self.is_unread, self.reopens, self.is_flapping) = (false, false, false);
        self.silenced_by = None;
        self.notified_at = now;
        self.n_notified += 1;
        // The occurrence notified now was not held back. Where the end is observed, the count is
        // that of the inhibited incidents and stays.
        if !self.end_is_observed() {
            notice.held_back = notice.held_back.saturating_sub(1);
        }
        self.notice.held_back = 0;
        notice
    }

    /// Returns whether the incident changed. A later notice is still pending and may be readable.
    pub(crate) fn unread(&mut self, channel: &str, emitted_at: Timestamp) -> bool {
        let is_latest = self.notified_at.as_microsecond() == emitted_at.as_microsecond();
        if !is_latest || !self.notice.notified_channels.iter().any(|known| known == channel) {
            return false;
        }
        self.notice.notified_channels.retain(|known| known != channel);
        self.is_unread = self.notice.notified_channels.is_empty();
        true
    }

    /// When it may be notified again: the repeat time, doubled for each notice after the first.
    fn repeat_due(&self, repeat: SignedDuration) -> Timestamp {
        if self.reopens {
            return self.notified_at;
        }
        let doublings = self.n_notified.saturating_sub(1).min(10);
        let doubled = repeat.checked_mul(2_i32.pow(doublings)).unwrap_or(SignedDuration::MAX);
        later(self.notified_at, doubled.min(LONGEST_REPEAT.max(repeat)))
    }
}

/// The class that distinguishes incidents of the same subject.
fn class(notice: &Notice, is_counted: bool) -> String {
    match notice.condition.class() {
        Some(class) => class,
        // Counted patterns distinguish incidents by their key alone, not by the row's text.
        None if is_counted => String::new(),
        None if notice.error.is_empty() => notice.pattern.to_string(),
        None => error_class(&notice.error),
    }
}

/// A reload has an app; a failed task without one is a task of another kind.
fn kind_of(kind: Kind, facts: &Facts) -> Kind {
    let no_app = facts.app_id.is_none() && facts.app_name.is_none();
    match kind {
        Kind::ReloadFailed | Kind::ReloadAborted if no_app => Kind::TaskFailed,
        kind => kind,
    }
}

fn show_recovered(notice: &mut Notice, success: &Success) {
    notice.recovered_from = Some(notice.kind);
    if success.kind == Kind::ServiceStarted {
        notice.kind = success.kind;
    } else if success.subject.is_run() {
        notice.kind = Kind::ReloadRecovered;
    }
    notice.severity = Severity::Info;
    notice.reason = Reason::Recovered;
    notice.at = success.at;
}
