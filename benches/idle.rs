//! 200 idle files: measures resident memory and CPU time of the real program.
//!
//! `cargo bench --bench idle [-- --smoke]` (Linux)
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{Dice, HEADER, cpu_seconds, denied_row, healthy_row, resident_kb, smoke, teams};

const FILES: u64 = 200;
const AGE: Duration = Duration::from_hours(1);

fn main() {
    let seconds = if smoke() { 2 } else { 60 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let logs = folder.path().join("Log");
    write_logs(&logs);
    let (url, posts) = teams();
    let started = Instant::now();
    let mut agent = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["run", "--log-root"])
        .arg(&logs)
        .arg("--state-dir")
        .arg(folder.path().join("state"))
        .env("FOOTMAN_TEAMS_WEBHOOK", url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("footman starts");

    // One card shows that the program runs and has read everything.
    let audit = logs.join("Repository/Audit/node0_AuditSecurity_Repository.txt");
    let up = loop {
        let rows = fs::read_to_string(&audit).unwrap_or_else(|_| HEADER.to_owned());
        fs::write(&audit, rows + &denied_row(1)).expect("a row");
        if let Ok(at) = posts.recv_timeout(Duration::from_millis(500)) {
            break at;
        }
    };
    let before = cpu_seconds(agent.id());
    // Nothing else is posted; this only waits.
    posts.recv_timeout(Duration::from_secs(seconds)).ok();
    let used = cpu_seconds(agent.id()) - before;
    println!(
        "{FILES} idle files, {seconds} s: {} KB resident, {used:.3} CPU s = {:.3} % of a core; first card {:.0?} after the start",
        resident_kb(agent.id()),
        used / seconds as f64 * 100.0,
        up - started,
    );
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
}

fn write_logs(logs: &std::path::Path) {
    let mut dice = Dice(3);
    for folder in ["Scheduler/Trace", "Repository/Audit", "Script"] {
        fs::create_dir_all(logs.join(folder)).expect("a log folder");
    }
    for n in 0..FILES {
        let rows: String = (0..200).map(|sequence| healthy_row(sequence, &mut dice)).collect();
        let name = logs.join(format!("Scheduler/Trace/node{n}_System_Scheduler.txt"));
        fs::write(&name, HEADER.to_owned() + &rows).expect("a log");
        // The last change of idle files is some time ago.
        let file = fs::File::options().write(true).open(name).expect("the log");
        file.set_modified(std::time::SystemTime::now() - AGE).expect("a time");
    }
}
