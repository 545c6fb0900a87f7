//! Pure. A known cause holds back what it causes.

use crate::clock::Timestamp;
use crate::incident::{IncidentBook, Notice};
use crate::mute::Hold;

/// Whether an incident is open that the notice's pattern names as its cause.
pub(in crate::mute) fn hold(now: Timestamp, book: &IncidentBook, notice: &Notice) -> Option<Hold> {
    let cause = book.cause_of(now, notice)?;
    (cause != notice.fingerprint).then_some(Hold::Inhibited { cause })
}
