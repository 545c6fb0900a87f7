//! Tens of thousands of finished script logs, and new ones each second: measures memory and CPU
//! time of the real program, and checks that it finds every failure.
//!
//! `cargo bench --bench cold [-- --smoke | [--seconds N] [--files N]]` (Linux)
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use footman::clock;
use footman::demo::Node;
use footman::demo::log_file::{ScriptFile, Write};
use footman::demo::script_log::{bad_end, beginning, good_end, header};
use footman::metrics::CounterSet;
use footman::state::Reader;
use jiff::tz::TimeZone;
use support::{Dice, cpu_seconds, resident_kb, smoke, teams};

/// New script logs per second; one of them failed.
const NEW: u64 = 20;
/// The time limit for finding the last failure.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let seconds = if smoke() { 2 } else { asked("--seconds").unwrap_or(60) };
    let all = match asked("--files") {
        Some(files) => vec![files],
        None if smoke() => vec![100, 1_000],
        None => vec![100, 1_000, 10_000, 50_000],
    };
    println!("finished logs   idle, % of a core   20 new a second, % of a core   resident");
    for files in all {
        let usage = measure(files, seconds);
        println!(
            "{files:13}   {:17.3}   {:28.3}   {} KB   {}",
            usage.idle / seconds as f64 * 100.0,
            usage.busy / seconds as f64 * 100.0,
            usage.resident_kb,
            "#".repeat((usage.busy / seconds as f64 * 1000.0) as usize),
        );
    }
}

/// The number after a switch.
fn asked(switch: &str) -> Option<u64> {
    std::env::args().skip_while(|arg| arg != switch).nth(1)?.parse().ok()
}

/// The measured CPU seconds and memory.
struct Usage {
    idle: f64,
    busy: f64,
    resident_kb: String,
}

fn measure(files: u64, seconds: u64) -> Usage {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node =
        Node::create(&folder.path().join("Sense"), "bench", TimeZone::UTC).expect("a node");
    let script = node.log_root().join("Script");
    fs::create_dir_all(&script).expect("a log folder");
    write_finished(&script, files);
    let (url, posts) = teams();
    let state = folder.path().join("state");
    let mut agent = start(node.log_root(), &state, &url);
    wait(&posts, PATIENCE, || known(&state) >= files);
    // The positions of the start are committed by now; wait until recent files count as cold.
    wait(&posts, Duration::from_secs(if smoke() { 0 } else { 10 }), || false);

    let before = cpu_seconds(agent.id());
    wait(&posts, Duration::from_secs(seconds), || false);
    let idle = cpu_seconds(agent.id()) - before;

    let mut dice = Dice(11);
    let before = cpu_seconds(agent.id());
    for _ in 0..seconds {
        let next = Instant::now() + Duration::from_secs(1);
        for number in 0..NEW {
            write_log(&mut node, &mut dice, number == 0);
        }
        wait(&posts, next - Instant::now(), || false);
    }
    let busy = cpu_seconds(agent.id()) - before;
    wait(&posts, PATIENCE, || failures(&state) >= seconds);
    assert_eq!(failures(&state), seconds, "every failure is found once");
    let resident_kb = resident_kb(agent.id());
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
    Usage { idle, busy, resident_kb }
}

fn start(logs: &Path, state: &Path, url: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["run", "--log-root"])
        .arg(logs)
        .arg("--state-dir")
        .arg(state)
        .env("FOOTMAN_TEAMS_WEBHOOK", url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("footman starts")
}

/// Receives posts until the condition holds, for at most `patience`.
fn wait(posts: &Receiver<Instant>, patience: Duration, enough: impl Fn() -> bool) {
    let end = Instant::now() + patience;
    while !enough() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        posts.recv_timeout(left.min(Duration::from_millis(500))).ok();
    }
}

/// Number of files with a position in the state.
fn known(state: &Path) -> u64 {
    Reader::open(state).and_then(|it| it.files()).map_or(0, |files| files.len() as u64)
}

/// Number of failed reloads found in script logs.
fn failures(state: &Path) -> u64 {
    let counts = Reader::open(state).and_then(|it| it.counters());
    counts.map_or(0, |counts| counts.n(CounterSet::Patterns.of("script-failed")))
}

fn write_finished(folder: &Path, files: u64) {
    let age = Duration::from_hours(24);
    let text = "2026-11-23 06:12:00      Execution started.\n".repeat(40);
    for number in 0..files {
        let path =
            folder.join(format!("{number:08}-0000-4000-8000-000000000000.{number:020X}.log"));
        fs::write(&path, format!("{text}2026-11-23 06:13:00      {number} lines fetched\n"))
            .expect("a log");
        let modified = std::time::SystemTime::now() - age;
        let file = File::options().write(true).open(&path).expect("the log");
        file.set_modified(modified).expect("a time");
    }
}

/// Writes one complete script log.
fn write_log(node: &mut Node, dice: &mut Dice, fails: bool) {
    let run = format!("{:020X}", dice.roll());
    let file = ScriptFile { app_id: dice.guid(), run };
    let mut lines = header(r"EXAMPLE\bench");
    lines.extend(beginning());
    lines.extend(if fails { bad_end("Table 'Bench' not found") } else { good_end() });
    node.write(clock::now(), &Write::Script { file, lines }).expect("a script log");
}
