//! I/O. Takes snapshots of machines: services, certificates, disks, memory, processor.

mod listener;
mod meter;
mod percent;
mod processor;
mod share;
mod store;
#[cfg(not(windows))]
mod unsupported;
#[cfg(windows)]
mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::config::limits;
use crate::config::load::read_text;
use crate::detection::{ServiceState, StopCause};
pub use crate::observe::source::listener::{ListenerWaker, ServiceListener};
use crate::observe::source::meter::Meter;
pub use crate::observe::source::share::space;
pub use crate::observe::source::store::exported;
use crate::observe::{NodeSnapshot, Service, StartType, stop_cause, table};

#[cfg(not(windows))]
use crate::observe::source::unsupported as system;
#[cfg(windows)]
use crate::observe::source::windows as system;

/// The source of the state of services.
#[derive(Clone, Debug, Default)]
pub enum SnapshotSource {
    /// The service control manager, on Windows only.
    #[default]
    System,
    /// A file with the table of a simulated node.
    Table(PathBuf),
    /// Services are not monitored.
    Nothing,
}

/// Services that report their changes are still queried with every sixth snapshot.
const QUERIED_EVERY: u32 = 6;
/// Gauges change slowly and are measured with every sixth snapshot.
const MEASURED_EVERY: u32 = 6;
/// Windows has logged the reason of a stop after this time.
const LOGGED_AFTER: Duration = Duration::from_secs(2);
/// Certificates rarely change and are read with every 720th snapshot.
const READ_EVERY: u32 = 720;

/// Takes snapshots of this machine, and of the services of other machines.
#[derive(Debug)]
pub struct NodeProbe {
    source: SnapshotSource,
    /// The name of this machine.
    host: String,
    /// Other machines whose services are queried.
    others: Vec<String>,
    meter: Option<Meter>,
    /// Folder of the exported certificates; `None` if certificates are not monitored.
    certificates: Option<PathBuf>,
    n_snapshots: u32,
    /// The services of this machine in the last query.
    own: Option<Vec<Service>>,
    /// Whether the listener is notified of each of their changes.
    is_notified: bool,
    /// Machine and stopped service, for which the reason has not been looked up.
    unexplained: Vec<(String, Service)>,
    /// By machine and name: the reason of the stop, `None` if it was not found.
    stop_causes: BTreeMap<(String, String), Option<StopCause>>,
}

impl NodeProbe {
    /// Also measures memory, processor and the disks of `folders`, unless there are none.
    pub fn new(
        source: SnapshotSource,
        host: String,
        others: Vec<String>,
        folders: Vec<PathBuf>,
        certificates: Option<PathBuf>,
    ) -> Self {
        let meter = (!folders.is_empty()).then(|| Meter::new(folders));
        Self {
            source,
            host,
            others,
            meter,
            certificates,
            n_snapshots: 0,
            own: None,
            is_notified: false,
            unexplained: Vec::new(),
            stop_causes: BTreeMap::new(),
        }
    }

    /// Takes snapshots, of this machine first. Later changes wake the listener, if the system
    /// reports them; `is_woken` says whether the last wait was woken.
    pub fn take_snapshots(
        &mut self,
        is_woken: bool,
        listener: Option<&mut ServiceListener>,
    ) -> Vec<NodeSnapshot> {
        let read = self.n_snapshots.is_multiple_of(READ_EVERY);
        let measured = self.n_snapshots.is_multiple_of(MEASURED_EVERY);
        if is_woken || !self.is_notified || self.n_snapshots.is_multiple_of(QUERIED_EVERY) {
            self.query(listener);
        }
        self.n_snapshots = self.n_snapshots.wrapping_add(1);
        let meter = self.meter.as_mut().filter(|_| measured);
        let gauges = meter.map(Meter::read).unwrap_or_default();
        let folder = self.certificates.as_ref().filter(|_| read);
        let certificates = folder.and_then(|folder| store::certificates(folder));
        let services = self.own.clone();
        let own = NodeSnapshot { host: self.host.clone(), services, gauges, certificates };
        let other = |host: &String| NodeSnapshot {
            host: host.clone(),
            services: self.services(Some(host)),
            gauges: Vec::new(),
            certificates: None,
        };
        let mut snapshots: Vec<NodeSnapshot> =
            std::iter::once(own).chain(self.others.iter().map(other)).collect();
        self.add_stop_causes(&mut snapshots);
        snapshots
    }

    /// How long to wait for the next snapshot, at most `every`.
    pub fn time_until_next(&self, every: Duration) -> Duration {
        if self.unexplained.is_empty() { every } else { every.min(LOGGED_AFTER) }
    }

    /// Looks up the reason of each stop in the last snapshots, once. If that fails, there is no
    /// reason.
    pub async fn explain(&mut self) {
        let mut unexplained = std::mem::take(&mut self.unexplained).into_iter().peekable();
        while let Some((host, service)) = unexplained.next() {
            let machine = (host != self.host).then_some(host.as_str());
            let entries = system::entries(machine).await;
            let mut next = Some(service);
            while let Some(service) = next {
                let why = stop_cause::why(&entries, &service, system::account);
                self.stop_causes.insert((host.clone(), service.name), why);
                next = unexplained.next_if(|(its, _)| *its == host).map(|(_, service)| service);
            }
        }
    }

    fn add_stop_causes(&mut self, snapshots: &mut [NodeSnapshot]) {
        self.unexplained.clear();
        for snapshot in snapshots {
            for service in snapshot.services.iter_mut().flatten() {
                let key = (snapshot.host.clone(), service.name.clone());
                let stopped = service.state == ServiceState::Stopped;
                if !stopped || service.start != StartType::Automatic {
                    self.stop_causes.remove(&key);
                } else if let Some(known) = self.stop_causes.get(&key) {
                    service.stop_cause.clone_from(known);
                } else if matches!(self.source, SnapshotSource::System) {
                    self.unexplained.push((snapshot.host.clone(), service.clone()));
                }
            }
        }
    }

    /// Listens before it queries, so that changes in the meantime wake the listener. Services that
    /// were unknown are listened to and queried again.
    fn query(&mut self, mut listener: Option<&mut ServiceListener>) {
        let can_listen = matches!(self.source, SnapshotSource::System);
        let mut known = self.names();
        for _ in 0..2 {
            let listens =
                listener.as_mut().filter(|_| can_listen).map(|listener| listener.listen(&known));
            self.own = self.services(None);
            self.is_notified = listens == Some(true) && self.own.is_some();
            let seen = self.names();
            if listens.is_none() || seen == known {
                return;
            }
            known = seen;
        }
    }

    fn names(&self) -> BTreeSet<String> {
        self.own.iter().flatten().map(|service| service.name.clone()).collect()
    }

    fn services(&self, machine: Option<&str>) -> Option<Vec<Service>> {
        match &self.source {
            SnapshotSource::System => system::services(machine),
            // A missing or incomplete table says nothing about any service.
            SnapshotSource::Table(path) => {
                read_text(path, limits::TEXT).ok().map(|text| table::parse(&text))
            }
            SnapshotSource::Nothing => None,
        }
    }
}
