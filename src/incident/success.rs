//! Pure. Successes, which end the incidents of their task or app.

use std::sync::Arc;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::detection::{Detection, Kind, Subject};
use crate::ledger::{TableName, TableRow};

/// A failure that is older than a success is read at most this much later.
const KEPT_FOR: SignedDuration = SignedDuration::from_mins(10);
/// No older failure is read after a success that was read this soon.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// One success and the subject whose incidents it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Success {
    pub(crate) subject: Subject,
    pub(crate) kind: Kind,
    pub(crate) at: Timestamp,
}

impl Success {
    pub(crate) fn of(now: Timestamp, subject: Subject, detection: &Detection) -> Self {
        Self { subject, kind: detection.kind, at: detection.at.unwrap_or(now) }
    }
}

/// The latest success of an app whose script logs may be read in any order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LatestSuccess {
    pub(crate) success: Success,
    seen: Timestamp,
}

impl LatestSuccess {
    /// `None` if it was read at once: no older failure is read after it.
    pub(crate) fn of(now: Timestamp, success: &Success) -> Option<Self> {
        let is_late = now.duration_since(success.at) > FRESH;
        is_late.then(|| Self { success: success.clone(), seen: now })
    }
}

impl TableRow for LatestSuccess {
    const TABLE: TableName = TableName::Successes;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(later(self.seen, KEPT_FOR))
    }
}

/// The key of its row.
pub(crate) fn key(subject: &Subject) -> Arc<str> {
    subject.identity().into()
}
