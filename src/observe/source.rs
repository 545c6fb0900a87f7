//! I/O. Looks at machines: services, certificates, disks, memory, processor.

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

use crate::config::load::{limits, read_text};
use crate::detection::{ServiceState, StopCause};
pub use crate::observe::source::listener::{ListenerWaker, ServiceListener};
use crate::observe::source::meter::Meter;
pub use crate::observe::source::share::space;
pub use crate::observe::source::store::exported;
use crate::observe::{NodeSnapshot, Service, StartType, ending, table};

#[cfg(not(windows))]
use crate::observe::source::unsupported as system;
#[cfg(windows)]
use crate::observe::source::windows as system;

/// Where the state of services is read.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// The service control manager; on other systems than Windows there is none.
    #[default]
    System,
    /// A file with the table of a simulated node.
    Table(PathBuf),
    /// They are not watched.
    Nothing,
}

/// Services that tell of their changes are asked all the same at each so many looks.
const ASKED_EACH: u32 = 6;
/// Values change slowly: they are measured at each so many looks.
const MEASURED_EACH: u32 = 6;
/// Windows has written down why a service stopped by then.
const WRITTEN_AFTER: Duration = Duration::from_secs(2);
/// Certificates change hardly ever: they are read at each so many.
const READ_EACH: u32 = 720;

/// Looks at this machine and at the services of others.
#[derive(Debug)]
pub struct NodeProbe {
    source: Source,
    /// The name of this machine.
    host: String,
    /// Machines whose services are asked too.
    others: Vec<String>,
    meter: Option<Meter>,
    /// Where the exported certificates are; `None` if certificates are not watched.
    certificates: Option<PathBuf>,
    n_snapshots: u32,
    /// The services of this machine, as they were last seen.
    own: Option<Vec<Service>>,
    /// Whether each change of them rings.
    is_told: bool,
    /// Machine and service, stopped, whose reason has not been asked for.
    unexplained: Vec<(String, Service)>,
    /// By machine and name: what was found about the stop, if anything was.
    endings: BTreeMap<(String, String), Option<StopCause>>,
}

impl NodeProbe {
    /// Measures the disks of `folders` too, memory and processor, unless there is no folder.
    pub fn new(
        source: Source,
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
            is_told: false,
            unexplained: Vec::new(),
            endings: BTreeMap::new(),
        }
    }

    /// What is seen now: this machine first. Whatever changes after it rings the bell, as far as
    /// the system tells; `is_woken` is what its wait came to.
    pub fn take_snapshots(
        &mut self,
        is_woken: bool,
        listener: Option<&mut ServiceListener>,
    ) -> Vec<NodeSnapshot> {
        let read = self.n_snapshots.is_multiple_of(READ_EACH);
        let measured = self.n_snapshots.is_multiple_of(MEASURED_EACH);
        if is_woken || !self.is_told || self.n_snapshots.is_multiple_of(ASKED_EACH) {
            self.ask(listener);
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
        self.add_endings(&mut snapshots);
        snapshots
    }

    /// How long to wait until the next look, when it would come after `every`.
    pub fn time_until_next(&self, every: Duration) -> Duration {
        if self.unexplained.is_empty() { every } else { every.min(WRITTEN_AFTER) }
    }

    /// Asks once for each stop that the last look saw why it was. Whatever goes wrong, there is no
    /// reason then.
    pub async fn explain(&mut self) {
        let mut unexplained = std::mem::take(&mut self.unexplained).into_iter().peekable();
        while let Some((host, service)) = unexplained.next() {
            let machine = (host != self.host).then_some(host.as_str());
            let entries = system::entries(machine).await;
            let mut next = Some(service);
            while let Some(service) = next {
                let why = ending::why(&entries, &service, system::account);
                self.endings.insert((host.clone(), service.name), why);
                next = unexplained.next_if(|(its, _)| *its == host).map(|(_, service)| service);
            }
        }
    }

    fn add_endings(&mut self, snapshots: &mut [NodeSnapshot]) {
        self.unexplained.clear();
        for snapshot in snapshots {
            for service in snapshot.services.iter_mut().flatten() {
                let key = (snapshot.host.clone(), service.name.clone());
                let stopped = service.state == ServiceState::Stopped;
                if !stopped || service.start != StartType::Automatic {
                    self.endings.remove(&key);
                } else if let Some(known) = self.endings.get(&key) {
                    service.ending.clone_from(known);
                } else if matches!(self.source, Source::System) {
                    self.unexplained.push((snapshot.host.clone(), service.clone()));
                }
            }
        }
    }

    /// Listens first: what changes while they are asked rings. What was not known before is
    /// listened to and asked again.
    fn ask(&mut self, mut listener: Option<&mut ServiceListener>) {
        let tells = matches!(self.source, Source::System);
        let mut known = self.names();
        for _ in 0..2 {
            let listens =
                listener.as_mut().filter(|_| tells).map(|listener| listener.listen(&known));
            self.own = self.services(None);
            self.is_told = listens == Some(true) && self.own.is_some();
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
            Source::System => system::services(machine),
            // A table that is being written, or gone, says nothing about any service.
            Source::Table(path) => {
                read_text(path, limits::TEXT).ok().map(|text| table::parse(&text))
            }
            Source::Nothing => None,
        }
    }
}
