//! I/O. Plays the same faults to linemux and to Footman's reader, and prints what each made of it.
//!
//! `cargo run --release --manifest-path benches/linemux/Cargo.toml [-- --smoke]`

mod cases;
mod readers;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::cases::{CASES, Case};
use crate::readers::{Reader, follow_with_footman, follow_with_linemux};

/// What a reader made of the lines of one case.
struct Made {
    lost: usize,
    doubled: usize,
    /// Lines that nobody wrote: pieces of lines, and lines of errors.
    wrong: usize,
    /// Whether its thread no longer does anything else.
    stuck: bool,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let smoke = args.iter().any(|arg| arg == "--smoke");
    let rounds = |case: &Case| if smoke { 2 } else { case.rounds };
    if let Some(case) = args.iter().find_map(|arg| CASES.iter().find(|case| case.name == arg)) {
        let (_, made) = play(case, rounds(case), follow_with_linemux);
        println!("{}", tell(&made));
        // A thread that is stuck in linemux ends with the process only.
        std::process::exit(0);
    }
    println!("{:<58} {:>6}  {:<34} {:<34}", "what happens", "lines", "linemux 0.3.0", "footman");
    let mut kept = true;
    let both = |case| (apart(case, smoke), play(case, rounds(case), follow_with_footman));
    let mut judge = |case: &Case, (linemux, (lines, footman)): (String, (usize, Made))| {
        println!("{:<58} {lines:>6}  {linemux:<34} {:<34}", case.name, tell(&footman));
        kept &= footman.lost + footman.wrong == 0 && !footman.stuck;
        kept &= footman.doubled == 0 || case.may_double;
    };
    if smoke {
        // They wait most of the time: all at once.
        let both = &both;
        std::thread::scope(|scope| {
            let running: Vec<_> =
                CASES.iter().map(|case| scope.spawn(move || both(case))).collect();
            for (case, running) in CASES.iter().zip(running) {
                judge(case, running.join().expect("no case panics"));
            }
        });
    } else {
        CASES.iter().for_each(|case| judge(case, both(case)));
    }
    std::process::exit(i32::from(!kept));
}

/// Plays one case to linemux in a process of its own, and returns what it made of it: what is stuck there keeps a core
/// busy for the rest of the process.
fn apart(case: &Case, smoke: bool) -> String {
    let program = std::env::current_exe().expect("the path of this program");
    let mut child = std::process::Command::new(program);
    child.arg(case.name).args(smoke.then_some("--smoke"));
    let output = child.output().expect("this program starts");
    assert!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Plays one case to one reader; returns how many lines there were and what became of them.
fn play(case: &Case, rounds: usize, follow: fn(&Path) -> Reader) -> (usize, Made) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).expect("a log folder");
    (case.before)(&logs);
    let reader = follow(&logs);
    reader.wait_until_quiet();
    let written = (case.act)(&logs, &reader, rounds);
    reader.wait_until_quiet();
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    for line in reader.lines() {
        *read.entry(line).or_default() += 1;
    }
    let times = |line: &String| read.get(line).copied().unwrap_or(0);
    let made = Made {
        lost: written.iter().filter(|line| times(line) == 0).count(),
        doubled: written.iter().filter(|line| times(line) > 1).count(),
        wrong: read.keys().filter(|line| !written.contains(line)).count(),
        stuck: !reader.is_alive(Duration::from_secs(2)),
    };
    reader.stop();
    (written.len(), made)
}

fn tell(made: &Made) -> String {
    let parts = [(made.lost, "lost"), (made.doubled, "doubled"), (made.wrong, "wrong")];
    let mut parts: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if made.stuck {
        parts.push("stuck for ever".to_owned());
    }
    if parts.is_empty() { "all, once".to_owned() } else { parts.join(", ") }
}
