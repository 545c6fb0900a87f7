//! Access to the registry through the system's own tool.

use std::process::Command;

/// Runs `reg`, which must succeed.
pub(crate) fn reg(args: &[&str]) {
    let ran = Command::new("reg").args(args).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}
