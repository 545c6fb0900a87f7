//! A hundred rotations per second under a reader that commits: counts lost and duplicate lines.
//!
//! `cargo bench --bench rotation [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use footman::clock;
use footman::commit::Commit;
use footman::state::Store;
use footman::tail::{Block, Committed, Hints, Start, Tailer, Watch};
use support::smoke;

const A_SECOND: u32 = 100;
/// Lines between two rotations.
const LINES: u64 = 10;
/// Number of rolled files that are kept, as by `logrotate`.
const KEPT: u64 = 100;
const HEADER: &str = "Sequence#\tTimestamp\tLevel\tMessage\n";

#[derive(Clone, Copy, Debug)]
enum Way {
    Rename,
    CopyTruncate,
}

fn main() {
    let seconds = if smoke() { 1 } else { 30 };
    for way in [Way::Rename, Way::CopyTruncate] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let logs = folder.path().join("logs");
        fs::create_dir(&logs).expect("a log folder");
        let (done, written) = channel();
        let writer = thread::spawn({
            let logs = logs.clone();
            move || {
                let lines = rotate(&logs, way, seconds * A_SECOND);
                done.send(lines).expect("the reader waits");
            }
        });
        let counts = follow(folder.path(), &logs, &written);
        writer.join().expect("the writer ends");
        let lost = counts.iter().filter(|n| **n == 0).count();
        let doubled = counts.iter().filter(|n| **n > 1).count();
        println!(
            "{way:?}: {} lines, {} rotations in {seconds} s: {lost} lost, {doubled} doubled",
            counts.len(),
            seconds * A_SECOND,
        );
        if let Way::Rename = way {
            assert_eq!((lost, doubled), (0, 0));
        }
    }
}

/// Writes numbered lines with rotations in between; returns the number of lines.
fn rotate(logs: &Path, way: Way, rotations: u32) -> u64 {
    let (live, mut number) = (logs.join("a.log"), 0);
    let start = Instant::now();
    fs::write(&live, HEADER).expect("a log");
    for rotation in 0..rotations {
        let mut file = OpenOptions::new().append(true).open(&live).expect("the log");
        for _ in 0..LINES {
            file.write_all(format!("line\t{number}\n").as_bytes()).expect("a line");
            number += 1;
        }
        drop(file);
        let rolled = logs.join(format!("a_{rotation}.log"));
        match way {
            Way::Rename => fs::rename(&live, rolled).expect("a rename"),
            Way::CopyTruncate => {
                fs::copy(&live, rolled).expect("a copy");
            }
        }
        let mut file = File::create(&live).expect("the log");
        file.write_all(HEADER.as_bytes()).expect("a header");
        if let Some(old) = u64::from(rotation).checked_sub(KEPT) {
            fs::remove_file(logs.join(format!("a_{old}.log"))).expect("an old log");
        }
        sleep((start + Duration::from_secs(1) / A_SECOND * (rotation + 1)) - Instant::now());
    }
    number
}

/// How often each line was read, by a reader like the agent's.
fn follow(folder: &Path, logs: &Path, written: &Receiver<u64>) -> Vec<u32> {
    let (mut store, _) = Store::open(&folder.join("state"), clock::now()).expect("a state");
    let names = globset::Glob::new("*.log").expect("a glob").compile_matcher();
    let watch = Watch {
        label: Arc::from("Bench"),
        folder: logs.to_owned(),
        names,
        lookback: 0.into(),
        subject: None,
    };
    let mut tailer = Tailer::new(vec![watch], Committed::default(), Start::Beginning);
    let mut hints = Hints::new(vec![logs.to_owned()]);
    let mut counts = Vec::new();
    let mut quiet = 0;
    let mut lines = None;
    while lines.is_none() || quiet < 3 {
        match written.try_recv() {
            Ok(n) => lines = Some(n),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
        }
        let dirty = hints.wait(Duration::from_secs(1));
        let batch = tailer.poll(clock::now(), &dirty);
        quiet = if batch.blocks.is_empty() { quiet + 1 } else { 0 };
        for block in &batch.blocks {
            count(block, &mut counts);
        }
        let commit = Commit {
            checkpoints: batch.checkpoints,
            forgotten: batch.forgotten,
            folders: batch.folders,
            ..Commit::default()
        };
        store.commit(clock::now(), &commit).expect("a commit");
    }
    counts.resize(lines.unwrap_or(0) as usize, 0);
    counts
}

fn count(block: &Block, counts: &mut Vec<u32>) {
    let text = String::from_utf8_lossy(&block.bytes[block.fresh..]);
    for number in text.lines().filter_map(|line| line.strip_prefix("line\t")) {
        let number: usize = number.parse().expect("a whole line");
        counts.resize(counts.len().max(number + 1), 0);
        counts[number] += 1;
    }
}
