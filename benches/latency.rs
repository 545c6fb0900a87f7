//! Latency from a written line to the POST on loopback, with the real program and a real state
//! file; and from the verdict of a reload without a script log, which waits for the settle time.
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
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use footman::clock;
use footman::demo::Node;
use footman::demo::log_file::Write as NodeWrite;
use footman::demo::plan::{Act, PlannedRun, reload};
use footman::demo::story::StoryEnd;
use jiff::tz::TimeZone;
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
    let folder = tempfile::tempdir().expect("a temporary folder");
    let times = settled(folder.path(), if smoke() { 2 } else { 60 });
    println!(
        "settle {SETTLE:?} and    n {:3}  p50 {:7.2?}  p99 {:7.2?}  max {:7.2?}",
        times.len(),
        percentile(&times, 0.5),
        percentile(&times, 0.99),
        percentile(&times, 1.0),
    );
}

const PATIENCE: Duration = Duration::from_secs(5);
/// The settle time of the second measurement.
const SETTLE: Duration = Duration::from_secs(1);

/// What passes beyond the settle time between the verdict of a reload and its POST.
fn settled(folder: &Path, rounds: u64) -> Vec<Duration> {
    let mut node = Node::create(&folder.join("Sense"), "bench", TimeZone::UTC).expect("a node");
    let (url, posts) = teams();
    let mut agent = start(folder, node.log_root(), &url, "[incident]\nsettle = \"1s\"\n", true);
    let mut times = Vec::new();
    for round in 1..=rounds + 3 {
        let run = PlannedRun::of_task(&format!("App {round}"), &round.to_string());
        let end =
            StoryEnd::Fails { error: "Field 'F' not found".to_owned(), retries: 0, then_ok: false };
        let start = Instant::now();
        for step in reload(&run, &end) {
            // Without a script log the card waits for the whole settle time.
            if let Act::Write(write @ NodeWrite::Rows { .. }) = &step.act {
                node.write(clock::now(), write).expect("the rows of a failure");
            }
        }
        match posts.recv_timeout(PATIENCE) {
            Ok(arrived) if round > 3 => times.push((arrived - start).saturating_sub(SETTLE)),
            Ok(_) => {}
            Err(_) => assert!(round <= 3, "no POST within {PATIENCE:?}"),
        }
    }
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
    times.sort();
    times
}

fn measure(folder: &Path, rounds: u64, notifications: bool) -> Vec<Duration> {
    let (url, posts) = teams();
    let audit = folder.join("Log/Repository/Audit");
    fs::create_dir_all(&audit).expect("a log folder");
    let log = audit.join("bench_AuditSecurity_Repository.txt");
    fs::write(&log, HEADER).expect("a log");
    let mut agent = start(folder, &folder.join("Log"), &url, "", notifications);

    let mut file = OpenOptions::new().append(true).open(&log).expect("the log");
    let mut times = Vec::new();
    // The first rounds warm up, and wait until the agent has checked the file once.
    for round in 1..=rounds + 3 {
        let start = Instant::now();
        file.write_all(denied_row(round).as_bytes()).expect("a row");
        match posts.recv_timeout(PATIENCE) {
            Ok(arrived) if round > 3 => times.push(arrived - start),
            Ok(_) => {}
            Err(_) => assert!(round <= 3, "no POST within {PATIENCE:?}"),
        }
    }
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
    times.sort();
    times
}

fn start(folder: &Path, log_root: &Path, url: &str, more: &str, notifications: bool) -> Child {
    let config = folder.join("footman.toml");
    let pace = "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\npace = { burst = 1000, every = \"1ms\" }\n";
    fs::write(&config, format!("{pace}{more}")).expect("a configuration");
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.arg("run").arg("--config").arg(&config);
    command.arg("--log-root").arg(log_root).arg("--state-dir").arg(folder.join("state"));
    if !notifications {
        command.arg("--no-notifications");
    }
    command.env("FOOTMAN_TEAMS_WEBHOOK", url).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("footman starts")
}
