//! The scan: measures how fast blocks of generated service logs are searched, by number of
//! patterns.
//!
//! `cargo bench --bench scan [-- --smoke]`. If ripgrep is installed, `rg -c -f` runs with the same
//! patterns over the same file, as a reference for the machine.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use footman::detect::{Detector, Pack};
use footman::tail::{FileId, Stream};
use support::{Dice, HEADER, healthy_row, phrases, resident_megabytes, smoke};

/// The lookback for records, in bytes.
const LOOKBACK: usize = 16 * 1024;

fn main() {
    let bytes = if smoke() { 8 << 20 } else { 1 << 30 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let phrases = phrases(1000);
    let log = generate(folder.path(), "log", bytes, &phrases[..30], 10_000);
    println!("patterns  any case  compiled     memory      speed     found   of 30   rg, same run");
    let mut first = None;
    for (n, any_case) in
        [(30, false), (300, false), (1000, false), (30, true), (300, true), (1000, true)]
    {
        let pack = pack(&phrases[..n], any_case);
        let speed = measure(&log, &pack, bytes, n, any_case);
        let first = *first.get_or_insert(speed);
        let rg = ripgrep(folder.path(), &log, &phrases[..n], any_case, bytes);
        let rg = rg.map_or("not installed".to_owned(), |rg| {
            format!("{:.0} MB/s: {:.1} times", rg / 1e6, speed / rg)
        });
        println!("  {:>5.2}   {rg}", speed / first);
    }
    let worst = bytes / 4;
    let log = generate(folder.path(), "worst", worst, &phrases[..1], 1);
    println!("every line matches:");
    measure(&log, &pack(&phrases[..30], false), worst, 30, false);
    println!();
}

/// Writes healthy rows, of which each `every`th contains one of the phrases.
fn generate(folder: &Path, name: &str, bytes: u64, phrases: &[String], every: u64) -> PathBuf {
    let path = folder.join(name);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).expect("a log"));
    file.write_all(HEADER.as_bytes()).expect("a header");
    let (mut written, mut sequence, mut dice) = (0, 0, Dice(7));
    while written < bytes {
        sequence += 1;
        let mut row = healthy_row(sequence, &mut dice);
        if sequence % every == 0 {
            let phrase = &phrases[(dice.roll() % phrases.len() as u64) as usize];
            row = row.replacen("qlikservice\t", &format!("qlikservice\t{phrase}: "), 1);
        }
        file.write_all(row.as_bytes()).expect("a row");
        written += row.len() as u64;
    }
    file.flush().expect("the last rows");
    path
}

fn pack(phrases: &[String], any_case: bool) -> Pack {
    let flags = if any_case { "(?i)" } else { "" };
    let mut text = String::new();
    for (n, phrase) in phrases.iter().enumerate() {
        write!(
            text,
            "[[pattern]]\nid = 'p{n}'\ntitle = 't'\nmeaning = 'm'\nlog = 'System_Scheduler'\n\
             kind = 'service'\nseverity = 'error'\nwhen = {{ Message = '{flags}{phrase}: ' }}\n"
        )
        .expect("a string takes all");
    }
    Pack { file: "bench.toml".to_owned(), text }
}

/// The best of three passes in bytes per second; the page cache is warm after the first.
fn measure(log: &Path, pack: &Pack, bytes: u64, n: usize, any_case: bool) -> f64 {
    let before = resident_megabytes();
    let start = Instant::now();
    let (mut detector, problems) =
        Detector::compile(std::slice::from_ref(pack), jiff::tz::TimeZone::UTC);
    assert!(problems.is_empty(), "{problems:?}");
    let compiled = start.elapsed();
    let (mut best, mut found) = (f64::MAX, 0);
    for _ in 0..3 {
        let file = File::open(log).expect("the log");
        let mut stream =
            Stream::open(file, FileId(1), "System_Scheduler".into(), log, LOOKBACK).expect("it");
        found = 0;
        // Reading is not part of the measurement.
        let mut seconds = 0.0;
        while let Some(block) = stream.next_block().expect("a block") {
            let start = Instant::now();
            found += detector.detect(&block).detections.len();
            seconds += start.elapsed().as_secs_f64();
        }
        best = f64::min(best, seconds);
    }
    let speed = bytes as f64 / best;
    let grown = resident_megabytes().saturating_sub(before);
    print!(
        "{n:>8}  {:<8}  {:>5} ms  {grown:>5} MB  {:>6.0} MB/s  {found:>6}",
        if any_case { "yes" } else { "no" },
        compiled.as_millis(),
        speed / 1e6,
    );
    speed
}

/// The speed of `rg -c -f` with the same patterns; the best of two.
fn ripgrep(
    folder: &Path,
    log: &Path,
    phrases: &[String],
    any_case: bool,
    bytes: u64,
) -> Option<f64> {
    let patterns = folder.join("patterns");
    let lines = phrases.join(": \n") + ": \n";
    std::fs::write(&patterns, lines).expect("a file of patterns");
    let run = || {
        let mut command = Command::new("rg");
        command.args(["-j1", "-c", "-f"]).arg(&patterns).arg(log);
        if any_case {
            command.arg("-i");
        }
        let start = Instant::now();
        command.output().ok().map(|_| bytes as f64 / start.elapsed().as_secs_f64())
    };
    Some(f64::max(run()?, run()?))
}
