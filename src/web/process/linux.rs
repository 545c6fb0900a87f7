//! I/O. Reads `/proc/self`, see proc(5).

use std::fs;

use crate::web::process::Usage;

pub(crate) fn usage() -> Usage {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = kilobytes.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
    let open = fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    let open = open.map(|n| n as f64);
    Usage { resident: kilobytes.map(|n| n * 1024.0), open }
}
