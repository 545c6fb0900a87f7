//! A storm of failures: thousands of apps fail repeatedly within minutes. Measures when the first
//! card arrives, when everything is read and what it costs, and checks that every failure is
//! counted.
//!
//! `cargo bench --bench storm [-- --smoke | [--failures N] [--apps N] [--seconds N]]` (Linux)
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

#[path = "../tests/it/support/failing.rs"]
mod failing;
mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use footman::clock;
use footman::commit::TableName;
use footman::demo::Node;
use footman::metrics::{Counter, Counts};
use footman::state::Reader;
use jiff::tz::TimeZone;

use failing::FailNow as _;
use support::{LimitedTeams, asked, cpu_seconds, peak_kb, smoke};

/// A node rolls its logs at this size.
const ROLL_AT: u64 = 8 << 20;
/// The time limit for reading everything after the last row.
const PATIENCE: Duration = Duration::from_mins(15);
/// The two patterns that each failure matches once: verdict and script log.
const EACH_ONCE: [&str; 2] = ["pattern.reload-retries-exhausted", "pattern.script-failed"];

struct Storm {
    failures: u64,
    apps: u64,
    time: Duration,
}

fn main() {
    let storm = if smoke() {
        Storm { failures: 300, apps: 30, time: Duration::from_secs(1) }
    } else {
        Storm {
            failures: asked("--failures").unwrap_or(100_000),
            apps: asked("--apps").unwrap_or(3_000),
            time: Duration::from_secs(asked("--seconds").unwrap_or(240)),
        }
    };
    println!("{} failures of {} apps in {:?}", storm.failures, storm.apps, storm.time);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::create(&folder.path().join("Sense"), "bench", TimeZone::UTC).expect("a node");
    let state = folder.path().join("state");
    let teams = LimitedTeams::start();
    let mut agent = start(node.log_root(), &state, &teams.url);
    until(PATIENCE, || Reader::open(&state).is_ok());
    measure(&storm, node.rolling_at(ROLL_AT), &state, &teams, &mut agent);
}

fn measure(storm: &Storm, node: Node, state: &Path, teams: &LimitedTeams, agent: &mut Child) {
    let pid = agent.id();
    let cpu_before = cpu_seconds(pid);
    let start = Instant::now();
    let (written, end) = channel();
    let (failures, apps, time) = (storm.failures, storm.apps, storm.time);
    std::thread::spawn(move || {
        write_failures(node, failures, apps, time);
        written.send(Instant::now()).ok();
    });
    let last_row = end.recv().expect("the storm ends");
    println!("written in       {:7.1} s", (last_row - start).as_secs_f64());
    let mut counts = Counts::default();
    until(PATIENCE, || {
        counts = counters(state);
        EACH_ONCE.iter().all(|name| count_of(&counts, name) >= storm.failures)
    });
    let cpu = cpu_seconds(pid) - cpu_before;
    let wall = start.elapsed();
    println!("read to the end  {:7.1} s after the last row", last_row.elapsed().as_secs_f64());
    println!("processor        {:7.1} % of a core ({cpu:.1} s)", cpu / wall.as_secs_f64() * 100.0);
    // The last runs settle.
    until(PATIENCE, || counted(state) >= storm.failures);
    println!("peak memory      {:7.1} MB", peak_kb(pid) as f64 / 1024.0);
    let counts = counters(state);
    println!("opened           {:7}  of {} apps", count_of(&counts, "notice.opened"), storm.apps);
    println!("unexplained      {:7}  that lack the words of a script log", unexplained(state));
    println!("counted          {:7}  of {} failures", counted(state), storm.failures);
    for name in EACH_ONCE {
        println!("{:16} {:7}", name.trim_start_matches("pattern."), count_of(&counts, name));
    }
    let first = teams.first().expect("a card");
    println!("first card       {:7.1} s after the first row", (first - start).as_secs_f64());
    let (taken, refused) = teams.answered();
    println!("posts            {taken:7}  taken, {refused} refused with 429");
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
}

/// Writes the failures at a constant rate, for all apps in turn.
fn write_failures(mut node: Node, failures: u64, apps: u64, time: Duration) {
    let start = Instant::now();
    let (_keep, pause) = channel::<()>();
    for n in 0..failures {
        let due = time.mul_f64(n as f64 / failures as f64);
        let ahead = due.saturating_sub(start.elapsed());
        if ahead > Duration::from_millis(5) {
            assert_eq!(pause.recv_timeout(ahead), Err(RecvTimeoutError::Timeout));
        }
        let app = format!("App {}", n % apps);
        let error = format!("Field 'F{}' not found", n % apps);
        node.fail_now(clock::now(), &app, &error).expect("the rows of a failure");
    }
}

fn start(log_root: &Path, state: &Path, url: &str) -> Child {
    let config = log_root.with_file_name("footman.toml");
    std::fs::write(&config, "start = \"beginning\"\n").expect("a configuration");
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.arg("run").arg("--config").arg(config);
    command.arg("--log-root").arg(log_root).arg("--state-dir").arg(state);
    command.env("FOOTMAN_TEAMS_WEBHOOK", url).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("footman starts")
}

fn counters(state: &Path) -> Counts {
    Reader::open(state).and_then(|reader| reader.counters()).unwrap_or_default()
}

fn count_of(counts: &Counts, wanted: &str) -> u64 {
    counts.n(Counter::parse(wanted))
}

/// Number of failures that the open incidents count.
fn counted(state: &Path) -> u64 {
    incidents(state).iter().map(|row| row["notice"]["count"].as_u64().unwrap_or(0)).sum()
}

/// Number of open incidents without the error of a script log.
fn unexplained(state: &Path) -> usize {
    let incidents = incidents(state);
    incidents.iter().filter(|row| row["notice"]["script"].is_null()).count()
}

fn incidents(state: &Path) -> Vec<serde_json::Value> {
    let rows = Reader::open(state).and_then(|reader| reader.rows()).unwrap_or_default();
    let incidents = rows.of(TableName::Incidents);
    incidents.map(|(_, json)| serde_json::from_str(json).unwrap_or_default()).collect()
}

/// Polls until the condition holds or the time is over.
fn until(patience: Duration, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    let (_keep, pause) = channel::<()>();
    while !condition() && start.elapsed() < patience {
        assert_eq!(pause.recv_timeout(Duration::from_millis(250)), Err(RecvTimeoutError::Timeout));
    }
}
