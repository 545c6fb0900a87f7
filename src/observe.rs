//! Pure. What is watched besides logs: services, certificates, disks, memory, processor.
//!
//! ```text
//! look (I/O: service control manager, system) ──▶ Services, Gauges, Certificates (pure) ──▶ detections
//! ```
//!
//! A look is what was seen at one time. What it means is decided here, in virtual time: a restart
//! during patching is no outage, a peak is no shortage.

pub mod certificates;
pub mod ending;
pub mod gauges;
pub mod services;
pub mod source;
pub mod table;

use crate::clock::Timestamp;
use crate::commit::RowChange;
use crate::detection::Detection;
use crate::metrics::Counts;
use crate::qlik::certificate::Certificate;

pub use crate::observe::certificates::Certificates;
pub use crate::observe::gauges::{Gauge, Gauges, Limits};
pub use crate::observe::services::{Service, Services, StartType};

/// What was seen of one machine at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeSnapshot {
    /// The name of the machine.
    pub host: String,
    /// `None` if they could not be asked: that says nothing about any of them.
    pub services: Option<Vec<Service>>,
    pub gauges: Vec<Gauge>,
    /// `None` if they were not looked at, or could not be read.
    pub certificates: Option<Vec<Certificate>>,
}

/// What looks came to.
#[derive(Debug, Default)]
#[must_use]
pub struct Seen {
    pub detections: Vec<Detection>,
    pub counts: Counts,
}

/// What is known of everything that is watched besides logs.
#[derive(Debug, Default)]
pub struct Watched {
    services: Services,
    gauges: Gauges,
    certificates: Certificates,
}

impl Watched {
    /// Takes up where the stored rows of the book left off.
    pub fn restore(
        services: Services,
        gauges: Gauges,
        certificates: Certificates,
        rows: &[(String, String)],
    ) -> Self {
        let mut watched = Self { services, gauges, certificates };
        for (key, json) in rows {
            watched.services.take_row(key, json);
            watched.gauges.take_row(key, json);
            watched.certificates.take_row(key, json);
        }
        watched
    }

    /// Folds in what was seen of a machine.
    pub fn apply_snapshot(&mut self, now: Timestamp, snapshot: &NodeSnapshot) {
        if let Some(services) = &snapshot.services {
            self.services.apply_snapshot(now, &snapshot.host, services);
        }
        self.gauges.apply_snapshot(now, &snapshot.host, &snapshot.gauges);
        if let Some(certificates) = &snapshot.certificates {
            self.certificates.apply_snapshot(now, &snapshot.host, certificates);
        }
    }

    /// What has lasted long enough to be said. `hints` are what the logs tell at the same time: a
    /// stop that does harm is said at once.
    pub fn due(&mut self, now: Timestamp, hints: &[Detection]) -> Seen {
        for hint in hints {
            self.services.check_now(now, hint);
        }
        let mut seen = self.services.due(now);
        seen.detections.extend(self.gauges.due(now));
        seen.detections.extend(self.certificates.due(now));
        seen
    }

    /// When [`Self::due`] will next have something to say, if nothing new is seen.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let wakeups = [
            self.services.next_wakeup(),
            self.gauges.next_wakeup(),
            self.certificates.next_wakeup(),
        ];
        wakeups.into_iter().flatten().min()
    }

    /// The rows that changed since the last call.
    pub fn take_changes(&mut self) -> Vec<RowChange> {
        let mut changes = self.services.take_changes();
        changes.extend(self.gauges.take_changes());
        changes.extend(self.certificates.take_changes());
        changes
    }
}
