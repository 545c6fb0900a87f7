//! Catch-up: reads generated service logs and matches the built-in packs, in one thread.
//!
//! `cargo bench --bench catch_up [-- --smoke]`
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
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use footman::clock;
use footman::detect::{Detector, builtin_packs};
use footman::qlik;
use footman::tail::{Committed, Dirty, Start, Tailer};
use support::{Dice, HEADER, healthy_row, smoke};

fn main() {
    let bytes = if smoke() { 8 << 20 } else { 1 << 30 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let matching = generate(folder.path(), bytes);
    // The first pass loads the file into the page cache.
    for pass in ["cold", "warm", "warm", "warm"] {
        let (seconds, found, starts) = catch_up(folder.path());
        println!(
            "{pass}  {} MB  {seconds:.2} s  {:.0} MB/s  {found} of {matching} matching rows found, and {starts} starts of runs",
            bytes >> 20,
            bytes as f64 / 1e6 / seconds,
        );
    }
}

/// Healthy rows, of which one in six is the start of a run, and one matching row in ten thousand.
fn generate(root: &Path, bytes: u64) -> u64 {
    let trace = root.join("Scheduler/Trace");
    fs::create_dir_all(&trace).expect("a log folder");
    let file = File::create(trace.join("bench_System_Scheduler.txt")).expect("a log");
    let mut file = BufWriter::with_capacity(1 << 20, file);
    file.write_all(HEADER.as_bytes()).expect("a header");
    let (mut written, mut sequence, mut matching, mut dice) = (0, 0, 0, Dice(7));
    while written < bytes {
        sequence += 1;
        let mut row = healthy_row(sequence, &mut dice);
        if sequence % 10_000 == 0 {
            matching += 1;
            row = row.replace("\tINFO\t", "\tERROR\t").replacen(
                "LAB\\qlikservice\t",
                "LAB\\qlikservice\tMax retries reached. ",
                1,
            );
        }
        file.write_all(row.as_bytes()).expect("a row");
        written += row.len() as u64;
    }
    file.flush().expect("the last rows");
    matching
}

fn catch_up(root: &Path) -> (f64, usize, usize) {
    let (mut detector, problems) = Detector::compile(&builtin_packs(), jiff::tz::TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    let watches = qlik::watches(root, detector.logs());
    let mut tailer = Tailer::new(watches, Committed::default(), Start::Beginning);
    let start = Instant::now();
    let (mut found, mut starts, mut dirty) = (0, 0, Dirty::Everything);
    loop {
        let batch = tailer.poll(clock::now(), &dirty);
        for block in &batch.blocks {
            let detections = detector.detect(block).detections;
            let n_starts = detections.iter().filter(|it| it.role.is_start()).count();
            (found, starts) = (found + detections.len() - n_starts, starts + n_starts);
        }
        if !batch.behind {
            return (start.elapsed().as_secs_f64(), found, starts);
        }
        tailer.reuse(batch.blocks.into_iter().map(|block| block.bytes).collect());
        dirty = Dirty::Nothing;
    }
}
