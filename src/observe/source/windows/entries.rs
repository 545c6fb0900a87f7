//! I/O. Queries the System log of a machine for stops of services, with `wevtutil`.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::observe::stop_cause::{self, SystemLogEntry};

/// Timeout of the query.
const TIMEOUT: Duration = Duration::from_secs(5);
const MOST: &str = "/c:40";

/// The recent entries about stops, newest first; empty if they cannot be read.
pub(crate) async fn entries(machine: Option<&str>) -> Vec<SystemLogEntry> {
    match read(machine).await {
        Ok(text) => stop_cause::parse(&text),
        Err(error) => {
            let machine = machine.unwrap_or("this machine");
            tracing::debug!("cannot query the System log of {machine}: {error}");
            Vec::new()
        }
    }
}

async fn read(machine: Option<&str>) -> io::Result<String> {
    let system = std::env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    let program = PathBuf::from(system).join("System32").join("wevtutil.exe");
    let mut command = Command::new(program);
    command.args(["qe", "System", "/f:xml", "/rd:true", "/uni:true", MOST]);
    command.arg(format!("/q:{}", stop_cause::QUERY));
    command.args(machine.map(|machine| format!("/r:{machine}")));
    command.stdin(Stdio::null()).kill_on_drop(true);
    let asked = tokio::time::timeout(TIMEOUT, command.output()).await;
    let output = asked.map_err(|_| io::ErrorKind::TimedOut)??;
    if output.status.success() {
        Ok(stop_cause::decode(&output.stdout))
    } else {
        Err(io::Error::other(format!("wevtutil: {}", output.status)))
    }
}
