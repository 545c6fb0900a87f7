//! Pure. Incidents that a known cause holds back; the cause's recovery names them.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::detection::PatternId;
use crate::ids::Fingerprint;
use crate::incident::book::IncidentBook;
use crate::incident::book::incidents::IncidentBy;
use crate::incident::{Notice, Reason};
use crate::qlik;

impl IncidentBook {
    /// The open incident on the same node that causes the notice's incident.
    pub fn cause_of(&self, now: Timestamp, notice: &Notice) -> Option<Fingerprint> {
        let causes = notice.causes.iter();
        let host = notice.facts.host.as_deref();
        let causes = causes.filter_map(|pattern| self.cause(now, pattern, host));
        causes.min().map(|(_, print)| print)
    }

    /// An open incident of this pattern on this node or on an unknown node, and whether it can be a
    /// cause only for a limited time.
    fn cause(
        &self,
        now: Timestamp,
        pattern: &PatternId,
        host: Option<&str>,
    ) -> Option<(bool, Fingerprint)> {
        let pattern = pattern.clone();
        let by = match host {
            None => vec![IncidentBy::Cause(pattern)],
            // An empty name stands for an unknown node.
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

    /// The latest occurrence of an open incident.
    pub fn notice_of(&self, print: &Fingerprint) -> Option<&Notice> {
        self.incidents.get(print).map(|incident| &incident.notice)
    }

    /// Marks an incident as held back by its cause. The cause counts it if the cause's end is
    /// observed. `unsent` is the notice that is dropped, if one was ready.
    pub fn inhibit(&mut self, print: &Fingerprint, cause: &Fingerprint, unsent: Option<&Notice>) {
        self.incidents.change(cause, |cause| {
            let counts = cause.end_is_observed();
            cause.notice.held_back += u32::from(counts);
            counts
        });
        self.incidents.change(print, |incident| {
            incident.inhibited_by = Some(cause.clone());
            if let Some(unsent) = unsent {
                incident.n_notified -= u32::from(incident.n_notified > 0);
                incident.notice.held_back = unsent.held_back + 1;
            }
            true
        });
    }

    /// Opens the incidents of a recovered cause whose recovery names them: the channels of that
    /// recovery count as notified.
    pub(crate) fn announce_inhibited(
        &mut self,
        now: Timestamp,
        causes: &BTreeSet<Fingerprint>,
        channels: &[String],
    ) -> Vec<Notice> {
        let mut named = Vec::new();
        for print in self.inhibited_by(causes) {
            self.incidents.change(&print, |incident| {
                incident.inhibited_by = None;
                let reason =
                    if incident.n_notified == 0 { Reason::Opened } else { Reason::Repeated };
                incident.notified_at = now;
                incident.n_notified = incident.n_notified.max(1);
                incident.notice.held_back = 0;
                for channel in channels {
                    if !incident.notice.notified_channels.contains(channel) {
                        incident.notice.notified_channels.push(channel.clone());
                    }
                }
                named.push(Notice { reason, due_at: Some(now), ..incident.notice.clone() });
                true
            });
        }
        named
    }

    /// Opens the incidents of a cause that ended without a notice: they are notified when due.
    pub(crate) fn free_inhibited(&mut self, causes: &BTreeSet<Fingerprint>) {
        for print in self.inhibited_by(causes) {
            self.incidents.change(&print, |incident| {
                incident.inhibited_by = None;
                true
            });
        }
    }

    fn inhibited_by(&self, causes: &BTreeSet<Fingerprint>) -> BTreeSet<Fingerprint> {
        let by = |cause: &Fingerprint| IncidentBy::InhibitedBy(cause.clone());
        causes.iter().flat_map(|cause| self.incidents.find_all(&by(cause))).collect()
    }
}
