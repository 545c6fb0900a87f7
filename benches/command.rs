//! From a command to its effect, with the real program and a real state file.
//!
//! `cargo bench --bench command [-- --smoke]`
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
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use footman::command::{Action, Command as Asked, CommandOrigin, CommandResult};
use footman::ids::CommandId;
use footman::state::{CommandFile, Reader};

use support::{HEADER, denied_row, fsync_cost, percentile, smoke, teams};

/// Longer than a command may take; only a failing run waits so long.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() {
    let rounds = if smoke() { 5 } else { 300 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let times = measure(folder.path(), rounds);
    let p99 = percentile(&times, 0.99);
    println!(
        "n {:3}  p50 {:7.2?}  p99 {p99:7.2?}  max {:7.2?}  (one fsync here: {:.2?})",
        times.len(),
        percentile(&times, 0.5),
        percentile(&times, 1.0),
        fsync_cost(folder.path()),
    );
    assert!(p99 < Duration::from_secs(1), "a command takes up to {p99:?}");
}

fn measure(folder: &Path, rounds: u32) -> Vec<Duration> {
    let (url, posts) = teams();
    let audit = folder.join("Log/Repository/Audit");
    fs::create_dir_all(&audit).expect("a log folder");
    let log = audit.join("bench_AuditSecurity_Repository.txt");
    fs::write(&log, HEADER).expect("a log");
    let state = folder.join("state");
    let mut agent = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["run", "--log-root"])
        .arg(folder.join("Log"))
        .arg("--state-dir")
        .arg(&state)
        .env("FOOTMAN_TEAMS_WEBHOOK", url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("footman starts");

    let mut file = OpenOptions::new().append(true).open(&log).expect("the log");
    // The first rows may be older than the agent's positions.
    let opened = (1..10).any(|row| {
        file.write_all(denied_row(row).as_bytes()).expect("a row");
        posts.recv_timeout(Duration::from_secs(5)).is_ok()
    });
    assert!(opened, "no POST");
    let reader = Reader::open(&state).expect("the state");
    let incident = reader.fingerprints().expect("the incidents").remove(0).to_string();
    let commands = CommandFile::open(&state).expect("the commands");
    let mut times = Vec::new();
    for round in 0..rounds {
        // Not in step with the agent.
        sleep(Duration::from_millis(u64::from(round * 37 % 211)));
        let id = CommandId::from(format!("bench-{round}"));
        let action = Action::Note { incident: incident.clone(), text: format!("note {round}") };
        let (at, by) = (footman::clock::now(), "bench".to_owned());
        let origin = CommandOrigin::CommandLine;
        let start = Instant::now();
        commands.submit(&Asked { id: id.clone(), at, by, origin, action }).expect("a command");
        let result = loop {
            if let Some(result) = reader.command_result(&id).expect("the state") {
                break result;
            }
            assert!(start.elapsed() < PATIENCE, "no answer within {PATIENCE:?}");
            sleep(Duration::from_millis(1));
        };
        times.push(start.elapsed());
        assert!(matches!(result, CommandResult::Applied(_)), "{result:?}");
    }
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
    times.sort();
    times
}
