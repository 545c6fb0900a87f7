//! Pure. The effects of people's answers: acknowledgements, silences, notes, escalations.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::detection::{AgentPart, Detection, Role, Subject};
use crate::ids::{Fingerprint, SilenceId};
use crate::incident::book::IncidentBook;
use crate::incident::book::incidents::{Incident, IncidentBy};
use crate::incident::overview::{OPEN_UNSEEN, Overview, State};
use crate::incident::{Acknowledgement, Ends, Note, Notice, Reason, SilenceEnd, StillFailing};

/// The reason why an incident is held back for a time: the id of a silence, or the name of a
/// maintenance window.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SilencedBy {
    Silence(SilenceId),
    Maintenance(String),
}

/// The escalations of one opening.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// When the time of all rules began: the first card, or the end of a silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When the next rule is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
    /// The channels to which it was escalated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// It was silenced and not seen again, so it is no longer escalated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_given_up: bool,
}

impl Escalation {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    fn restart(&mut self, now: Timestamp) {
        let left = self.next.zip(self.since).map(|(next, since)| next.duration_since(since));
        self.next = left.map(|left| later(now, left));
        self.since = self.since.map(|_| now);
    }
}

impl IncidentBook {
    /// Whether a cause, a silence, flapping or a person holds an incident back.
    pub fn is_held(&self, print: &Fingerprint) -> bool {
        self.incidents.get(print).is_some_and(Incident::is_held)
    }

    /// Whether the incident is known and has not recovered.
    pub fn is_known(&self, print: &Fingerprint) -> bool {
        self.incidents.get(print).is_some()
    }

    /// The parts of a node's agent that have an open report. Takes linear time.
    pub fn reported_parts<'a>(&'a self, node: &'a str) -> impl Iterator<Item = &'a AgentPart> {
        self.incidents.values().filter_map(move |incident| match &incident.notice.subject {
            Subject::AgentPart { host, part } if host == node => Some(part),
            _ => None,
        })
    }

    /// The incidents that these detections end.
    pub fn recovering(&self, detections: &[Detection]) -> BTreeSet<Fingerprint> {
        let subject = |one: &Detection| match one.role {
            Role::Success => Subject::of_run(&one.facts),
            Role::ScriptSucceeded => one.facts.app_id.clone().map(Subject::Reload),
            _ => one.condition.is_over().then(|| one.subject.clone()),
        };
        let subjects = detections.iter().filter_map(subject);
        subjects.flat_map(|one| self.incidents.find_all(&IncidentBy::Subject(one))).collect()
    }

    /// Records who takes care. If nobody does any more, the time until escalation starts again.
    pub fn acknowledge(
        &mut self,
        now: Timestamp,
        print: &Fingerprint,
        by: Option<Acknowledgement>,
    ) {
        match &by {
            Some(by) if self.is_catching_up(now) => {
                self.acknowledged_early.insert(print.clone(), by.clone());
            }
            _ => drop(self.acknowledged_early.remove(print)),
        }
        self.incidents.change(print, |incident| {
            if by.is_none() {
                incident.escalation.restart(now);
            }
            incident.notice.acknowledged = by;
            true
        });
    }

    /// Applies acknowledgements to incidents that reopened in the logs of an absence and were
    /// acknowledged meanwhile; returns these incidents, once everything has been read.
    pub fn acknowledge_reopened(&mut self, now: Timestamp) -> Vec<Fingerprint> {
        if self.is_catching_up(now) {
            return Vec::new();
        }
        let mut reopened = Vec::new();
        for (print, by) in std::mem::take(&mut self.acknowledged_early) {
            if self.is_known(&print) && self.acknowledged(&print).is_none() {
                self.acknowledge(now, &print, Some(by));
                reopened.push(print);
            }
        }
        reopened
    }

    /// Who takes care of an incident.
    pub fn acknowledged(&self, print: &Fingerprint) -> Option<&Acknowledgement> {
        self.incidents.get(print)?.notice.acknowledged.as_ref()
    }

    /// Stores the newest note of an incident, for its next card.
    pub fn note(&mut self, print: &Fingerprint, note: Note) {
        self.notes.put(print.clone(), note);
    }

    /// The newest note of an incident.
    pub fn note_of(&self, print: &Fingerprint) -> Option<&Note> {
        self.notes.get(print)
    }

    /// The incidents that have not recovered, with their latest occurrence.
    pub fn known(&self) -> impl Iterator<Item = (&Fingerprint, &Notice)> {
        self.incidents.iter().map(|(print, incident)| (print, &incident.notice))
    }

    /// The silence or window that silences an incident.
    pub fn silenced_by(&self, print: &Fingerprint) -> Option<&SilencedBy> {
        self.incidents.get(print)?.silenced_by.as_ref()
    }

    /// All silences and windows that silence an incident now.
    pub fn silencers(&self) -> BTreeSet<SilencedBy> {
        self.incidents.values().filter_map(|incident| incident.silenced_by.clone()).collect()
    }

    /// Incidents that changed in this step, with their latest occurrence.
    pub fn changed(&self) -> Vec<Fingerprint> {
        self.incidents.changed()
    }

    /// The incidents that this holds back.
    pub fn silenced(&self, by: &SilencedBy) -> BTreeSet<Fingerprint> {
        self.incidents.find_all(&IncidentBy::SilencedBy(by.clone()))
    }

    /// Marks an incident as held back; `unsent` is the notice that is dropped, if one was ready.
    pub fn silence(&mut self, print: &Fingerprint, by: &SilencedBy, unsent: Option<&Notice>) {
        self.incidents.change(print, |incident| {
            incident.silenced_by = Some(by.clone());
            incident.take_back(unsent);
            true
        });
    }

    /// The incident is no longer held back, and its time until escalation starts again. It is over
    /// if its end cannot be observed, it was not seen lately and no card was sent for it.
    pub fn unsilence(&mut self, now: Timestamp, print: &Fingerprint) {
        let is_over = |one: &Incident| one.n_notified == 0 && !one.is_open(now);
        if self.incidents.get(print).is_some_and(is_over) {
            let incident = self.incidents.remove(print);
            self.close(now, incident.as_slice());
            return self.free_inhibited(&BTreeSet::from([print.clone()]));
        }
        self.incidents.change(print, |incident| {
            incident.silenced_by = None;
            if incident.is_open(now) {
                incident.escalation.restart(now);
            } else {
                incident.escalation.next = None;
                incident.escalation.is_given_up = true;
            }
            true
        });
    }

    /// Whether a card must say that the incident is still open, now that nothing silences it.
    pub fn needs_card_after_silence(&self, now: Timestamp, print: &Fingerprint) -> bool {
        let Some(incident) = self.incidents.get(print) else { return false };
        incident.is_open(now) && !incident.is_held()
    }

    /// Notices that these incidents are still open after a silence, in the same order.
    pub fn announce_after_silence(
        &mut self,
        now: Timestamp,
        prints: &[Fingerprint],
        end: &SilenceEnd,
    ) -> Vec<Notice> {
        let announced = prints.iter().filter_map(|print| self.announce_open(now, print));
        announced.map(|notice| Notice { after_silence: Some(end.clone()), ..notice }).collect()
    }

    /// One notice for several incidents: the most severe one (of several, the newest) in full, the
    /// others by name.
    pub fn joined(&mut self, notices: &[Notice]) -> Option<Notice> {
        let worst = notices.iter().max_by_key(|notice| (notice.severity, notice.at))?;
        let others = notices.iter().filter(|notice| notice.id != worst.id);
        let still_failing = others.map(StillFailing::of).collect();
        let id = self.next_id(&worst.fingerprint);
        let held_back = notices.iter().map(|notice| notice.held_back).sum();
        Some(Notice { id, held_back, still_failing, ..worst.clone() })
    }

    /// The escalations of an incident.
    pub fn escalation(&self, print: &Fingerprint) -> Option<&Escalation> {
        self.incidents.get(print).map(|incident| &incident.escalation)
    }

    /// Whether people were notified of an incident and the time until its escalation has not
    /// started.
    pub fn needs_clock(&self, print: &Fingerprint) -> bool {
        let known = self.incidents.get(print);
        known.is_some_and(|it| it.n_notified > 0 && it.escalation.since.is_none())
    }

    pub fn set_escalation(&mut self, print: &Fingerprint, escalation: Escalation) {
        self.incidents.change(print, |incident| {
            let is_new = incident.escalation != escalation;
            incident.escalation = escalation;
            is_new
        });
    }

    /// The notice for another channel, while nobody takes care.
    pub fn escalated(
        &mut self,
        now: Timestamp,
        print: &Fingerprint,
        channel: &str,
    ) -> Option<Notice> {
        let mut notice = self.notice_of(print)?.clone();
        notice.id = self.next_id(print);
        notice.due_at = Some(now);
        notice.reason = Reason::Escalated;
        notice.channel = Some(channel.to_owned());
        Some(notice)
    }

    /// The notice of a change that people made to an incident: an acknowledgement, or a change of
    /// its card.
    pub fn changed_by_people(
        &mut self,
        now: Timestamp,
        print: &Fingerprint,
        is_taken: bool,
    ) -> Option<Notice> {
        let mut notice = self.notice_of(print)?.clone();
        notice.id = self.next_id(print);
        notice.note = self.note_of(print).cloned();
        notice.reason = match notice.count {
            _ if is_taken => Reason::Acknowledged,
            0 | 1 => Reason::Opened,
            _ => Reason::Repeated,
        };
        if is_taken {
            notice.at = now;
        }
        Some(notice)
    }

    /// Holds back a notice of an incident that changes too often.
    pub fn hold_flapping(&mut self, notice: &Notice) {
        self.incidents.change(&notice.fingerprint, |incident| {
            incident.is_flapping = true;
            incident.take_back(Some(notice));
            true
        });
    }

    /// The incident has been quiet for long enough. People who saw an earlier failure in these
    /// channels did not see its recovery, so the channels count as notified of this one.
    pub fn end_flapping(&mut self, print: &Fingerprint, channels: &[String]) {
        self.incidents.change(print, |incident| {
            incident.is_flapping = false;
            if !channels.is_empty() {
                incident.n_notified = incident.n_notified.max(1);
            }
            true
        });
        self.note_notified(print, channels);
    }

    pub fn is_flapping(&self, print: &Fingerprint) -> bool {
        self.incidents.get(print).is_some_and(|incident| incident.is_flapping)
    }

    /// Whether an incident is held back for a reason other than its changes.
    pub fn is_held_otherwise(&self, print: &Fingerprint) -> bool {
        self.incidents.get(print).is_some_and(Incident::is_held_otherwise)
    }

    /// The notice of an incident that is still open after it has changed too often.
    pub fn announce_open(&mut self, now: Timestamp, print: &Fingerprint) -> Option<Notice> {
        let id = self.next_id(print);
        let mut announced = None;
        self.incidents.change(print, |incident| {
            let held_back = incident.notice.held_back;
            announced = Some(Notice { held_back, due_at: Some(now), ..incident.notify(now, id) });
            true
        });
        announced
    }

    /// A new id for a notice of this incident.
    pub fn renumber(&mut self, notice: &mut Notice) {
        notice.id = self.next_id(&notice.fingerprint);
    }

    /// The incidents that changed since the last call, as people see them, in the words that this
    /// gives them.
    pub fn take_overviews(
        &mut self,
        worded: impl Fn(&Notice, Overview) -> Overview,
    ) -> Vec<Overview> {
        let closed = std::mem::take(&mut self.closed).into_iter();
        let mut shown: Vec<Overview> =
            closed.map(|(notice, overview)| worded(&notice, overview)).collect();
        for print in self.incidents.changed() {
            if let Some(incident) = self.incidents.get(&print) {
                shown.push(worded(&incident.notice, incident.overview(None)));
            }
        }
        shown
    }

    /// An earlier version may have stored no overviews.
    pub(crate) fn show_all(&mut self) {
        let known = self.incidents.values();
        self.closed = known.map(|one| (one.notice.clone(), one.overview(None))).collect();
    }

    /// Keeps the overviews of incidents that are over.
    pub(crate) fn close(&mut self, now: Timestamp, incidents: &[Incident]) {
        let closed = incidents.iter();
        self.closed.extend(closed.map(|one| (one.notice.clone(), one.overview(Some(now)))));
    }
}

impl Incident {
    /// Whether it counts as open: the end of some cannot be observed.
    pub(crate) fn is_open(&self, now: Timestamp) -> bool {
        self.ends() == Ends::Observed || now <= later(self.latest, OPEN_UNSEEN)
    }

    pub(crate) fn ends(&self) -> Ends {
        let subject = &self.notice.subject;
        let is_part = matches!(subject, Subject::AgentPart { .. });
        if subject.is_named_run() || subject.end_is_observed() || is_part {
            Ends::Observed
        } else {
            Ends::Unknown
        }
    }

    /// Whether a cause, a silence, flapping or a person holds it back.
    pub(crate) fn is_held(&self) -> bool {
        self.is_flapping || self.is_held_otherwise()
    }

    fn is_held_otherwise(&self) -> bool {
        self.inhibited_by.is_some()
            || self.silenced_by.is_some()
            || self.notice.acknowledged.is_some()
    }

    /// Whether a repeat is due later.
    pub(crate) fn waits(&self) -> bool {
        self.notice.held_back > 0 && !self.is_held()
    }

    /// Undoes what was counted for a notice that is not sent.
    fn take_back(&mut self, unsent: Option<&Notice>) {
        if let Some(unsent) = unsent {
            self.n_notified -= u32::from(self.n_notified > 0);
            self.notice.held_back = unsent.held_back + 1;
        }
    }

    pub(crate) fn overview(&self, ended: Option<Timestamp>) -> Overview {
        let notice = &self.notice;
        let facts = &notice.facts;
        let silenced_by = self.silenced_by.as_ref().filter(|_| ended.is_none());
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Overview {
            fingerprint: notice.fingerprint.clone(),
            kind: notice.kind,
            severity: notice.severity,
            title: String::new(),
            error: text(&notice.error),
            error_class: notice.error_class().map(str::to_owned),
            app: facts.app_name.clone(),
            app_id: facts.app_id.clone(),
            task: facts.task_name.clone(),
            task_id: facts.task_id.clone(),
            node: facts.host.clone(),
            environment: notice.environment.clone(),
            source: notice.source(),
            since: notice.since,
            last: self.latest,
            count: notice.count,
            held_back: notice.held_back,
            state: self.state(ended),
            ends: self.ends(),
            acknowledged: notice.acknowledged.clone(),
            silenced_by: silenced_by.cloned(),
            inhibited_by: self.inhibited_by.clone().filter(|_| ended.is_none()),
            channels: notice.notified_channels.clone(),
            last_success: notice.runs.last_success,
            ended,
        }
    }

    fn state(&self, ended: Option<Timestamp>) -> State {
        if ended.is_some() {
            State::Recovered
        } else if self.inhibited_by.is_some() {
            State::Inhibited
        } else if self.silenced_by.is_some() {
            State::Silenced
        } else if self.notice.acknowledged.is_some() {
            State::Acknowledged
        } else {
            State::Open
        }
    }
}
