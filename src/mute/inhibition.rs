//! Pure. Holds back the consequences of a known cause.

use crate::clock::Timestamp;
use crate::incident::{IncidentBook, Notice};
use crate::mute::Hold;

/// Holds a notice back if an incident is open that its pattern names as a cause.
pub(crate) fn hold(now: Timestamp, book: &IncidentBook, notice: &Notice) -> Option<Hold> {
    let cause = book.cause_of(now, notice)?;
    (cause != notice.fingerprint).then_some(Hold::Inhibited { cause })
}
