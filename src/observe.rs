//! Pure. Monitors services, certificates, disks, memory and processor, which logs do not show.
//!
//! ```text
//! snapshot (I/O: services, system) ──▶ Services, Gauges, Certificates (pure) ──▶ detections
//! ```
//!
//! A snapshot is the state of a machine at one time. This room interprets it in virtual time: a
//! restart during patching is not an outage, a peak is not a shortage.

pub mod certificates;
pub mod gauges;
pub mod services;
pub mod source;
pub mod stop_cause;
pub mod table;

use crate::clock::Timestamp;
use crate::commit::{RowChange, StoredRows};
use crate::detection::Detection;
use crate::metrics::Counts;
use crate::qlik::certificate::Certificate;

pub use crate::observe::certificates::Certificates;
pub use crate::observe::gauges::{Gauge, Gauges, Limits};
pub use crate::observe::services::{Service, Services, StartType};

/// The observed state of one machine at one time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeSnapshot {
    /// The name of the machine.
    pub host: String,
    /// `None` if the services could not be queried, so that nothing is known about them.
    pub services: Option<Vec<Service>>,
    pub gauges: Vec<Gauge>,
    /// `None` if the certificates were not read or could not be read.
    pub certificates: Option<Vec<Certificate>>,
}

/// The results of the snapshots.
#[derive(Debug, Default)]
#[must_use]
pub struct Seen {
    pub detections: Vec<Detection>,
    pub counts: Counts,
}

/// The known state of everything that is monitored besides logs.
#[derive(Debug, Default)]
pub struct Watched {
    services: Services,
    gauges: Gauges,
    certificates: Certificates,
}

impl Watched {
    /// Restores the state from the stored rows of the book.
    pub fn restore(
        mut services: Services,
        mut gauges: Gauges,
        mut certificates: Certificates,
        rows: &StoredRows,
    ) -> Self {
        services.restore(rows);
        gauges.restore(rows);
        certificates.restore(rows);
        Self { services, gauges, certificates }
    }

    /// Applies a snapshot of a machine.
    pub fn apply_snapshot(&mut self, now: Timestamp, snapshot: &NodeSnapshot) {
        if let Some(services) = &snapshot.services {
            self.services.apply_snapshot(now, &snapshot.host, services);
        }
        self.gauges.apply_snapshot(now, &snapshot.host, &snapshot.gauges);
        if let Some(certificates) = &snapshot.certificates {
            self.certificates.apply_snapshot(now, &snapshot.host, certificates);
        }
    }

    /// Problems that have lasted long enough to be reported. `hints` are detections from the logs
    /// at the same time: a stop that already has an impact is reported at once.
    pub fn due(&mut self, now: Timestamp, hints: &[Detection]) -> Seen {
        for hint in hints {
            self.services.check_now(now, hint);
        }
        let mut seen = self.services.due(now);
        seen.detections.extend(self.gauges.due(now));
        seen.detections.extend(self.certificates.due(now));
        seen
    }

    /// When [`Self::due`] returns something next, if there is no new snapshot.
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
