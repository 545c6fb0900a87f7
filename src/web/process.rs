//! I/O. The resources that this process uses, under the usual names of Prometheus' own clients.

#[cfg(not(any(windows, target_os = "linux")))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(not(any(windows, target_os = "linux")))]
use crate::web::process::elsewhere as system;
#[cfg(target_os = "linux")]
use crate::web::process::linux as system;
#[cfg(windows)]
use crate::web::process::windows as system;

use crate::agent::descriptors;
use crate::clock::Timestamp;

/// The figures that the system reports about this process, as far as it does.
#[derive(Clone, Copy, Debug, Default)]
struct Usage {
    /// Bytes.
    resident: Option<f64>,
    /// Number of files, connections and the like.
    open: Option<f64>,
}

/// A gauge: name, help, value.
pub type ProcessGauge = (&'static str, &'static str, f64);

/// The gauges that this system has.
pub fn gauges(started: Timestamp) -> Vec<ProcessGauge> {
    let Usage { resident, open } = system::usage();
    #[expect(clippy::cast_precision_loss, reason = "a limit below 2^53 is exact")]
    let most = descriptors::limit().map(|limit| limit as f64);
    let started = started.as_duration().as_secs_f64();
    let all = [
        ("process_start_time_seconds", "When the agent was started", Some(started)),
        ("process_resident_memory_bytes", "Resident memory", resident),
        ("process_open_fds", "Open files and connections", open),
        ("process_max_fds", "Files and connections that may be open", most),
    ];
    all.into_iter().filter_map(|(name, help, value)| Some((name, help, value?))).collect()
}
