//! Pure. Groups services that stop together into one outage with two cards: beginning and end.

use crate::clock::Timestamp;
use crate::detection::{Condition, Detection, ServiceStop, StopCause, Subject};
use crate::observe::services::{ServiceHistory, ServicePhase, Services};
use crate::qlik;

impl Services {
    /// When one stop is due, all services that are down on the machine are reported together.
    pub(crate) fn open_outage(&mut self, now: Timestamp, host: &str) -> Option<Detection> {
        let is_due = |known: &ServiceHistory| matches!(known.phase, ServicePhase::Down { due, .. } if due <= now);
        if !self.known.values().any(|known| known.host == host && is_due(known)) {
            return None;
        }
        let mut down: Vec<ServiceHistory> =
            self.known.values().filter(|known| known.is_down(host)).cloned().collect();
        down.sort_by_key(|known| rank(&known.name));
        let head = down.first()?.clone();
        self.known.change_each(|_, known| known.join_outage(host, &head.name));
        stopped(&head, &down[1..])
    }

    /// An outage ends when the last of its services has run for the settle time.
    pub(crate) fn end_outages(&mut self, now: Timestamp, host: &str) -> Vec<Detection> {
        let mut over = Vec::new();
        for known in self.known.values().filter(|known| known.host == host) {
            if let ServicePhase::Back { outage, due, .. } = &known.phase
                && *due <= now
                && self.is_over(host, outage, now)
                && !over.contains(outage)
            {
                over.push(outage.clone());
            }
        }
        over.into_iter().filter_map(|outage| self.end(host, &outage)).collect()
    }

    /// Whether every service of an outage is running and has settled by `at`.
    pub(crate) fn is_over(&self, host: &str, outage: &str, at: Timestamp) -> bool {
        self.known.values().filter(|known| known.host == host).all(|known| match &known.phase {
            ServicePhase::Out { outage: its, .. } => its != outage,
            ServicePhase::Back { outage: its, due, .. } => its != outage || *due <= at,
            _ => true,
        })
    }

    fn end(&mut self, host: &str, ended: &str) -> Option<Detection> {
        let mut last: Option<Timestamp> = None;
        self.known.change_each(|_, known| {
            let ServicePhase::Back { outage, up, .. } = known.phase.clone() else { return false };
            if known.host != host || outage != ended {
                return false;
            }
            last = last.max(Some(up));
            known.phase = ServicePhase::Up { since: Some(up), after: None };
            true
        });
        last.map(|at| started(at, host, ended))
    }
}

impl ServiceHistory {
    fn is_down(&self, host: &str) -> bool {
        self.host == host && matches!(self.phase, ServicePhase::Down { .. })
    }

    /// Moves a service that is down into the outage led by `head`; returns whether it did.
    fn join_outage(&mut self, host: &str, head: &str) -> bool {
        let ServicePhase::Down { since, .. } = self.phase else { return false };
        let joins = self.host == host;
        if joins {
            self.phase = ServicePhase::Out { outage: head.to_owned(), since };
        }
        joins
    }
}

fn rank(name: &str) -> usize {
    qlik::services::find(name).map_or(usize::MAX, |(rank, _)| rank)
}

fn stopped(head: &ServiceHistory, others: &[ServiceHistory]) -> Option<Detection> {
    let ServicePhase::Down { since, up_since, state, exit_code, ref cause, .. } = head.phase else {
        return None;
    };
    let stop = ServiceStop {
        display_name: head.display_name.clone(),
        cause: cause.clone().unwrap_or(StopCause::Manager { state, exit_code }),
        exit_code,
        up_since,
        also_down: others.iter().map(|known| known.display_name.clone()).collect(),
    };
    Some(detection(&head.host, &head.name, since, Condition::ServiceStopped(stop)))
}

fn started(at: Timestamp, host: &str, outage: &str) -> Detection {
    detection(host, outage, at, Condition::ServiceStarted)
}

fn detection(host: &str, name: &str, at: Timestamp, condition: Condition) -> Detection {
    let subject = Subject::Service { host: host.to_owned(), name: name.to_owned() };
    Detection::of_machine(at, host, subject, condition)
}
