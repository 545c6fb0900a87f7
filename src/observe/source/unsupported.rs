//! I/O. Where there is no service control manager.

use crate::observe::Service;
use crate::observe::ending::SystemLogEntry;

/// Nothing is known of services here.
pub(in crate::observe::source) fn services(_machine: Option<&str>) -> Option<Vec<Service>> {
    None
}

/// Nothing is written down of them.
#[expect(clippy::unused_async, reason = "on Windows a program is asked")]
pub(in crate::observe::source) async fn entries(_machine: Option<&str>) -> Vec<SystemLogEntry> {
    Vec::new()
}

pub(in crate::observe::source) fn account(_sid: &str) -> Option<String> {
    None
}
