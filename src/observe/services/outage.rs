//! Pure. Services that stop together are one outage: one card tells of it, one of its end.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::detect::{Detection, Facts, Kind, Role, Severity, Terms};
use crate::observe::services::{Known, Phase, Services, State};
use crate::qlik;

impl Services {
    /// Once one stop is due, all that are down on the machine are told with it.
    pub(in crate::observe::services) fn open_outage(
        &mut self,
        now: Timestamp,
        host: &str,
    ) -> Option<Detection> {
        let is_due = |known: &Known| matches!(known.phase, Phase::Down { due, .. } if due <= now);
        if !self.known.values().any(|known| known.host == host && is_due(known)) {
            return None;
        }
        let mut down: Vec<Known> =
            self.known.values().filter(|known| known.is_down(host)).cloned().collect();
        down.sort_by_key(|known| rank(&known.name));
        let head = down.first()?.clone();
        self.known.change_each(|_, known| known.fall_out(host, &head.name));
        stopped(&head, &down[1..])
    }

    /// An outage is over when the last of its services has run for the settle time.
    pub(in crate::observe::services) fn end_outages(
        &mut self,
        now: Timestamp,
        host: &str,
    ) -> Vec<Detection> {
        let mut over = Vec::new();
        for known in self.known.values().filter(|known| known.host == host) {
            if let Phase::Back { outage, due, .. } = &known.phase
                && *due <= now
                && self.is_over(host, outage, now)
                && !over.contains(outage)
            {
                over.push(outage.clone());
            }
        }
        over.into_iter().filter_map(|outage| self.end(host, &outage)).collect()
    }

    /// Whether every service of an outage runs, and has done so long enough at `at`.
    pub(in crate::observe::services) fn is_over(
        &self,
        host: &str,
        outage: &str,
        at: Timestamp,
    ) -> bool {
        self.known.values().filter(|known| known.host == host).all(|known| match &known.phase {
            Phase::Out { outage: its, .. } => its != outage,
            Phase::Back { outage: its, due, .. } => its != outage || *due <= at,
            _ => true,
        })
    }

    fn end(&mut self, host: &str, ended: &str) -> Option<Detection> {
        let mut last: Option<(Timestamp, Known)> = None;
        self.known.change_each(|_, known| {
            let Phase::Back { outage, up, .. } = known.phase.clone() else { return false };
            if known.host != host || outage != ended {
                return false;
            }
            if known.name == ended || last.is_none() {
                last = Some((last.as_ref().map_or(up, |(at, _)| up.max(*at)), known.clone()));
            } else if let Some((at, _)) = &mut last {
                *at = (*at).max(up);
            }
            known.phase = Phase::Up { since: Some(up), after: None };
            true
        });
        let (at, head) = last?;
        Some(started(at, &head, ended))
    }
}

impl Known {
    fn is_down(&self, host: &str) -> bool {
        self.host == host && matches!(self.phase, Phase::Down { .. })
    }

    /// Whether it was down and now belongs to the outage that `head` names.
    fn fall_out(&mut self, host: &str, head: &str) -> bool {
        let Phase::Down { since, .. } = self.phase else { return false };
        let falls = self.host == host;
        if falls {
            self.phase = Phase::Out { outage: head.to_owned(), since };
        }
        falls
    }
}

fn rank(name: &str) -> usize {
    qlik::services::find(name).map_or(usize::MAX, |(rank, _)| rank)
}

fn stopped(head: &Known, others: &[Known]) -> Option<Detection> {
    let Phase::Down { since, up_since, state, exit_code, ref ending, .. } = head.phase else {
        return None;
    };
    let others: Vec<&str> = others.iter().map(|known| short(&known.display_name)).collect();
    let mut captures = captures(head);
    captures.insert("exit_code".to_owned(), exit_code.to_string());
    if !others.is_empty() {
        captures.insert("also_down".to_owned(), others.join(" · "));
    }
    if let Some(up_since) = up_since {
        captures.insert("up_since".to_owned(), up_since.to_string());
    }
    let felt = qlik::services::find(&head.name).map_or("", |(_, known)| known.user_impact);
    Some(detection(
        head,
        Kind::ServiceStopped,
        since,
        felt,
        Facts {
            host: Some(head.host.clone()),
            message: Some(ending.clone().unwrap_or_else(|| why(state, exit_code))),
            captures,
            ..Facts::default()
        },
    ))
}

fn started(at: Timestamp, head: &Known, outage: &str) -> Detection {
    let facts =
        Facts { host: Some(head.host.clone()), captures: captures(head), ..Facts::default() };
    let mut started = detection(head, Kind::ServiceStarted, at, "", facts);
    started.severity = Severity::Info;
    "service-started".clone_into(&mut started.pattern);
    outage.clone_into(&mut started.key);
    let closes = vec![qlik::services::pattern(outage).to_owned()];
    started.terms = Arc::new(Terms { closes, until_over: true, ..Terms::default() });
    started
}

fn captures(known: &Known) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("service".to_owned(), known.name.clone()),
        ("service_name".to_owned(), known.display_name.clone()),
    ])
}

fn detection(known: &Known, kind: Kind, at: Timestamp, meaning: &str, facts: Facts) -> Detection {
    Detection {
        pattern: qlik::services::pattern(&known.name).to_owned(),
        kind,
        role: Role::Standalone,
        severity: Severity::Error,
        title: short(&known.display_name).into(),
        meaning: meaning.into(),
        advice: None,
        at: Some(at),
        log: "".into(),
        path: "".into(),
        offset: 0,
        key: known.name.clone(),
        group: None,
        terms: Arc::new(Terms { until_over: true, ..Terms::default() }),
        facts,
        script: None,
    }
}

/// `Qlik Sense Engine` for `Qlik Sense Engine Service`.
fn short(display_name: &str) -> &str {
    display_name.strip_suffix(" Service").unwrap_or(display_name)
}

/// Why it does not run, by the service control manager (`winerror.h`).
fn why(state: State, exit_code: u32) -> String {
    match (state, exit_code) {
        (State::Starting, _) => "It is starting and does not come up".to_owned(),
        (State::Stopping, _) => "It is stopping and does not come to an end".to_owned(),
        (State::Paused, _) => "It is paused".to_owned(),
        (_, 0) => "Stopped: somebody or a program asked it to".to_owned(),
        (_, 1077) => "Not started since this machine started".to_owned(),
        (_, 1067) => "Stopped unexpectedly: its process ended (1067)".to_owned(),
        (_, 1066) => "Stopped with an error of its own (1066); its log says more".to_owned(),
        (_, 1069) => "Could not start: its account could not sign in (1069)".to_owned(),
        (_, code) if code > 0xFFFF => format!("Stopped unexpectedly, exit code 0x{code:08x}"),
        (_, code) => format!("Stopped with error {code}"),
    }
}
