//! Latency from a written line to the POST on loopback, with the real program and a real state
//! file.
//!
//! `cargo bench --bench latency [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and panics when it cannot run"
)]

mod support;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{HEADER, denied_row, fsync_cost, percentile, smoke, teams};

fn main() {
    let rounds = if smoke() { 5 } else { 300 };
    for notifications in [true, false] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let times =
            measure(folder.path(), if notifications { rounds } else { rounds / 5 }, notifications);
        println!(
            "notifications {:3}  n {:3}  p50 {:7.2?}  p99 {:7.2?}  max {:7.2?}  (one fsync here: {:.2?})",
            if notifications { "on" } else { "off" },
            times.len(),
            percentile(&times, 0.5),
            percentile(&times, 0.99),
            percentile(&times, 1.0),
            fsync_cost(folder.path()),
        );
    }
}

fn measure(folder: &std::path::Path, rounds: u64, notifications: bool) -> Vec<Duration> {
    let (url, posts) = teams();
    let audit = folder.join("Log/Repository/Audit");
    fs::create_dir_all(&audit).expect("a log folder");
    let log = audit.join("bench_AuditSecurity_Repository.txt");
    fs::write(&log, HEADER).expect("a log");
    let config = folder.join("footman.toml");
    let pace = "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\npace = { burst = 1000, every = \"1ms\" }\n";
    fs::write(&config, pace).expect("a configuration");
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.arg("run").arg("--config").arg(&config);
    command.arg("--log-root").arg(folder.join("Log")).arg("--state-dir").arg(folder.join("state"));
    if !notifications {
        command.arg("--no-notifications");
    }
    command.env("FOOTMAN_TEAMS_WEBHOOK", url).stdout(Stdio::null()).stderr(Stdio::null());
    let mut agent = command.spawn().expect("footman starts");

    let mut file = OpenOptions::new().append(true).open(&log).expect("the log");
    let mut times = Vec::new();
    // The first rounds warm up, and wait until the agent has checked the file once.
    let patience = Duration::from_secs(5);
    for round in 1..=rounds + 3 {
        let start = Instant::now();
        file.write_all(denied_row(round).as_bytes()).expect("a row");
        match posts.recv_timeout(patience) {
            Ok(arrived) if round > 3 => times.push(arrived - start),
            Ok(_) => {}
            Err(_) => assert!(round <= 3, "no POST within {patience:?}"),
        }
    }
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
    times.sort();
    times
}
