//! Following files without patterns, compared with a loop that reads the file and counts line ends.
//!
//! `cargo bench --bench reading [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use footman::clock;
use footman::tail::{Committed, Dirty, Start, Tailer, Watch};
use support::{Dice, healthy_row, smoke};

const PASSES: usize = 5;

fn main() {
    let bytes = if smoke() { 16 << 20 } else { 1 << 30 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lines = generate(&folder.path().join("bench.log"), bytes);
    // Loads the file into the page cache.
    count(&folder.path().join("bench.log"));
    let (mut plain, mut followed) = (Vec::new(), Vec::new());
    for _ in 0..PASSES {
        let start = Instant::now();
        assert_eq!(count(&folder.path().join("bench.log")), lines);
        plain.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        assert_eq!(follow(folder.path()), lines);
        followed.push(start.elapsed().as_secs_f64());
    }
    let (plain, followed) = (median(plain), median(followed));
    let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
    println!(
        "{} MB, {lines} lines: plain loop {:.0} MB/s, following {:.0} MB/s = {:.0} % of it",
        bytes >> 20,
        rate(plain),
        rate(followed),
        plain / followed * 100.0,
    );
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

fn generate(path: &Path, bytes: u64) -> u64 {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).expect("a log"));
    let (mut written, mut lines, mut dice) = (0, 0, Dice(7));
    while written < bytes {
        lines += 1;
        let row = healthy_row(lines, &mut dice);
        file.write_all(row.as_bytes()).expect("a row");
        written += row.len() as u64;
    }
    file.flush().expect("the last rows");
    lines
}

/// The lower bound: reads the whole file and counts the lines.
fn count(path: &Path) -> u64 {
    let mut file = File::open(path).expect("the log");
    let mut block = vec![0; 1 << 20];
    let mut lines = 0;
    loop {
        let read = file.read(&mut block).expect("a block");
        if read == 0 {
            return lines;
        }
        lines += memchr::memchr_iter(b'\n', &block[..read]).count() as u64;
    }
}

fn follow(folder: &Path) -> u64 {
    let names = globset::Glob::new("*.log").expect("a glob").compile_matcher();
    let watch = Watch {
        label: Arc::from("Bench"),
        folder: folder.to_owned(),
        names,
        lookback: (16 << 10).into(),
        subject: None,
    };
    let mut tailer = Tailer::new(vec![watch], Committed::default(), Start::Beginning);
    let mut dirty = Dirty::Everything;
    loop {
        let batch = tailer.poll(clock::now(), &dirty);
        if !batch.behind {
            let last = batch.checkpoints.last();
            if let Some(lines) = last.and_then(|checkpoint| checkpoint.lines) {
                return lines;
            }
        }
        // As the agent does after a batch.
        tailer.reuse(batch.blocks.into_iter().map(|block| block.bytes).collect());
        dirty = Dirty::Nothing;
    }
}
