//! Pure. Turns snapshots of services into outages: their beginning, their members, their end.
//!
//! ```text
//!        stopped             settle time over: card            runs            settle time over: card
//!  Up ───────────▶ Down ────────────────────────▶ Out ───────────────▶ Back ──────────────────────▶ Up
//!   ▲               │                              ▲                    │
//!   └─ runs again ──┘ a restart, only counted      └──── stops again ───┘
//! ```

mod outage;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::commit::{RowChange, StoredRows};
use crate::detection::{Detection, Kind, ServiceState, StopCause};
use crate::ledger::{Table, TableName, TableRow};
use crate::metrics::{Counts, Single};
use crate::observe::Seen;
use crate::qlik;

/// Allowed time for a service to start; also applies if it was never started since the boot.
const START_TIME: SignedDuration = SignedDuration::from_mins(5);
/// Windows: `ERROR_SERVICE_NEVER_STARTED`, no attempt to start the service since the boot.
const NEVER_STARTED: u32 = 1077;

/// The state of one service at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The short name: `QlikSenseEngineService`.
    pub name: String,
    /// The name for people: `Qlik Sense Engine Service`.
    pub display_name: String,
    pub state: ServiceState,
    pub start: StartType,
    /// Its exit code in the service control manager; 0 means that the stop was requested.
    pub exit_code: u32,
    /// The process id, if known; a different one reveals an unobserved restart.
    pub process: Option<u32>,
    /// Why it stopped, if Windows logged it.
    pub stop_cause: Option<StopCause>,
}

/// Only services that start automatically are expected to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartType {
    Automatic,
    Manual,
    Disabled,
}

/// The known services of all monitored machines.
#[derive(Debug, Default)]
pub struct Services {
    /// How long a stop or a start must last before it is reported.
    settle: SignedDuration,
    /// Indexed by machine and name.
    known: Table<Arc<str>, ServiceHistory>,
    restarts: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ServiceHistory {
    host: String,
    name: String,
    display_name: String,
    phase: ServicePhase,
    /// The process in which it was last seen running.
    #[serde(default)]
    process: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ServicePhase {
    /// Running; `since` and the time of the preceding stop are set if they were observed.
    Up { since: Option<Timestamp>, after: Option<Timestamp> },
    /// Not running, and not yet reported.
    Down {
        since: Timestamp,
        up_since: Option<Timestamp>,
        state: ServiceState,
        exit_code: u32,
        /// The reason, if Windows logged it. Earlier versions stored a sentence under another name.
        #[serde(default)]
        cause: Option<StopCause>,
        due: Timestamp,
    },
    /// Reported, under the name of the service that leads the outage.
    Out { outage: String, since: Timestamp },
    /// Running again; reported when that has lasted.
    Back { outage: String, since: Timestamp, up: Timestamp, due: Timestamp },
}

impl TableRow for ServiceHistory {
    const TABLE: TableName = TableName::Services;
    type By = ();
    type Terms = ();

    fn due(&self, (): ()) -> Option<Timestamp> {
        match self.phase {
            ServicePhase::Down { due, .. } | ServicePhase::Back { due, .. } => Some(due),
            ServicePhase::Up { .. } | ServicePhase::Out { .. } => None,
        }
    }
}

impl Services {
    /// Starts without known services; `settle` is how long a stop or a start must last before it is
    /// reported.
    pub fn new(settle: SignedDuration) -> Self {
        Self { settle, ..Self::default() }
    }

    pub(crate) fn restore(&mut self, rows: &StoredRows) {
        self.known.restore(rows);
    }

    pub(crate) fn take_changes(&mut self) -> Vec<RowChange> {
        self.known.take_changes()
    }

    pub(crate) fn apply_snapshot(&mut self, now: Timestamp, host: &str, services: &[Service]) {
        self.drop_removed(host, services);
        let node_of_qlik = services.iter().any(|service| is_qlik_own(&service.name));
        for service in services {
            let belongs = is_qlik_own(&service.name) || node_of_qlik && is_qlik(&service.name);
            if belongs {
                self.apply(now, host, service);
            }
        }
    }

    /// An uninstalled service is not an outage.
    fn drop_removed(&mut self, host: &str, services: &[Service]) {
        self.known.retain(|_, known| {
            known.host != host || services.iter().any(|service| service.name == known.name)
        });
    }

    fn apply(&mut self, now: Timestamp, host: &str, service: &Service) {
        let id = Arc::from(format!("{host}/{}", service.name));
        let before = self.known.get(&id);
        let process = service.process.or(before.and_then(|known| known.process));
        let is_other =
            before.is_some_and(|known| known.process.is_some_and(|id| Some(id) != process));
        let phase = before.map(|known| known.phase.clone());
        let Some(phase) = self.next_phase(now, phase.as_ref(), service, is_other) else {
            self.known.remove(&id);
            return;
        };
        let known = ServiceHistory {
            host: host.to_owned(),
            name: service.name.clone(),
            display_name: service.display_name.clone(),
            phase,
            process,
        };
        if self.known.get(&id) != Some(&known) {
            self.known.put(id, known);
        }
    }

    /// `None` for a service that is not expected to run. `is_other`: its process differs from the
    /// one seen before.
    fn next_phase(
        &mut self,
        now: Timestamp,
        before: Option<&ServicePhase>,
        service: &Service,
        is_other: bool,
    ) -> Option<ServicePhase> {
        let expected = service.start == StartType::Automatic;
        let runs = service.state == ServiceState::Running;
        Some(match (before.cloned(), runs) {
            (None, true) => ServicePhase::Up { since: None, after: None },
            (Some(ServicePhase::Out { outage, since }), true) => {
                ServicePhase::Back { outage, since, up: now, due: now + self.settle }
            }
            (Some(ServicePhase::Back { outage, since, .. }), false) => {
                ServicePhase::Out { outage, since }
            }
            (Some(ServicePhase::Down { since, .. }), true) => {
                self.restarts += 1;
                ServicePhase::Up { since: Some(now), after: Some(since) }
            }
            (Some(ServicePhase::Up { .. } | ServicePhase::Down { .. }) | None, false)
                if !expected =>
            {
                return None;
            }
            (Some(ServicePhase::Up { since, after }), true) if is_other => {
                self.restarts += 1;
                ServicePhase::Up { since: Some(now), after: Some(self.began(now, since, after)) }
            }
            (Some(ServicePhase::Back { outage, since, .. }), true) if is_other => {
                self.restarts += 1;
                ServicePhase::Back { outage, since, up: now, due: now + self.settle }
            }
            (None, false) => self.down(now, None, service),
            (Some(ServicePhase::Up { since, after }), false) => {
                self.down(self.began(now, since, after), since, service)
            }
            (Some(ServicePhase::Down { since, up_since, .. }), false) => {
                self.down(since, up_since, service)
            }
            (Some(phase @ (ServicePhase::Up { .. } | ServicePhase::Back { .. })), true)
            | (Some(phase @ ServicePhase::Out { .. }), false) => phase,
        })
    }

    /// The beginning of the stop. Stops with short runs in between count as one stop.
    fn began(
        &self,
        now: Timestamp,
        up_since: Option<Timestamp>,
        down_before: Option<Timestamp>,
    ) -> Timestamp {
        let again = up_since.is_some_and(|since| now < since + self.settle);
        down_before.filter(|_| again).unwrap_or(now)
    }

    fn down(
        &self,
        since: Timestamp,
        up_since: Option<Timestamp>,
        service: &Service,
    ) -> ServicePhase {
        let starts = service.state == ServiceState::Starting || service.exit_code == NEVER_STARTED;
        let wait = if starts { START_TIME.max(self.settle) } else { self.settle };
        let (state, exit_code) = (service.state, service.exit_code);
        let cause = service.stop_cause.clone();
        ServicePhase::Down { since, up_since, state, exit_code, cause, due: since + wait }
    }

    /// A reload that fails because of a stopped service makes the stop due at once.
    pub(crate) fn check_now(&mut self, now: Timestamp, hint: &Detection) {
        let Some(host) = hint.facts.host.as_deref().filter(|_| is_reload(hint.kind)) else {
            return;
        };
        self.known.change_each(|_, known| {
            let needed = qlik::services::find(&known.name).is_some_and(|(_, it)| it.fails_reloads);
            match &mut known.phase {
                ServicePhase::Down { due, .. }
                    if needed && *due > now && qlik::node::is_same(&known.host, host) =>
                {
                    *due = now;
                    true
                }
                _ => false,
            }
        });
    }

    pub(crate) fn due(&mut self, now: Timestamp) -> Seen {
        let mut seen = Seen::default();
        for host in self.hosts() {
            seen.detections.extend(self.open_outage(now, &host));
            seen.detections.extend(self.end_outages(now, &host));
        }
        let restarts = std::mem::take(&mut self.restarts);
        if restarts > 0 {
            seen.counts = Counts::default();
            seen.counts.add(Single::ServiceRestarts, restarts);
        }
        seen
    }

    pub(crate) fn next_wakeup(&self) -> Option<Timestamp> {
        // A service that is back waits for the others of its outage.
        let mut due = self.known.all_due().filter(|(due, known)| match &known.phase {
            ServicePhase::Back { outage, .. } => self.is_over(&known.host, outage, *due),
            _ => true,
        });
        due.next().map(|(due, _)| due)
    }

    fn hosts(&self) -> BTreeSet<String> {
        self.known.values().map(|known| known.host.clone()).collect()
    }
}

fn is_reload(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ReloadFailed
            | Kind::ReloadAborted
            | Kind::ReloadFailedOutsideTask
            | Kind::TaskFailed
            | Kind::TaskNotStarted
    )
}

fn is_qlik(name: &str) -> bool {
    qlik::services::find(name).is_some()
}

/// A database service alone does not show that the machine is a Qlik node.
fn is_qlik_own(name: &str) -> bool {
    is_qlik(name) && name.to_ascii_lowercase().starts_with("qlik")
}
