//! I/O. Replaces the service control manager on systems other than Windows.

use crate::observe::Service;
use crate::observe::stop_cause::SystemLogEntry;

/// Services are unknown here.
pub(crate) fn services(_machine: Option<&str>) -> Option<Vec<Service>> {
    None
}

/// There is no System log here.
#[expect(clippy::unused_async, reason = "the Windows variant runs a program")]
pub(crate) async fn entries(_machine: Option<&str>) -> Vec<SystemLogEntry> {
    Vec::new()
}

pub(crate) fn account(_sid: &str) -> Option<String> {
    None
}
