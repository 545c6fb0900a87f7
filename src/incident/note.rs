//! Pure. Notes of people about an incident, shown on its next card.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::clock::{Timestamp, later};
use crate::ledger::{TableName, TableRow};

/// An incident that comes back later than this is another one.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(365 * 24);

/// The newest note of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub by: String,
    pub text: String,
}

impl TableRow for Note {
    const TABLE: TableName = TableName::Notes;
    type By = ();
    type Terms = ();

    fn expires(&self) -> Option<Timestamp> {
        Some(later(self.at, KEPT_FOR))
    }
}
