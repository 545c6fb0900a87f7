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

/// Patterns of common words, of which two of three rows contain some.
const COMMON: [&str; 8] = [
    "certificate .*(has expired|was revoked)",
    "Import of .* failed",
    "Session .* lost",
    "Database connection .*(refused|terminated)",
    "Synchronization .*failed for node",
    "QVD .*(is corrupt|not found)",
    "Timeout (while|when) .*[0-9]{5,} ms",
    "disk space .*below [0-9]+ ?(MB|GB)",
];
const NEAR_MISSES: [&str; 8] = [
    "certificate of node7 is valid",
    "Import of Sales completed",
    "Session 4711 closed",
    "Database connection checked",
    "Synchronization with node 3 finished",
    "QVD Orders stored",
    "Timeout while waiting: 120 ms",
    "disk space on E: is not below 20 percent",
];
const MATCHES: [&str; 3] =
    ["Import of Sales failed", "QVD Orders not found", "Synchronization failed for node 3"];
/// Patterns that require no text.
const WITHOUT_TEXT: [&str; 3] =
    [r"[A-Z]{4}-[0-9]{5}", r"[0-9]{4}#[a-f]{2}", r"\b(x|y)[0-9]{2}[A-F]{3}\b"];

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
        let lines: Vec<String> = phrases[..n].iter().map(|one| format!("{one}: ")).collect();
        let (speed, rg) = compare(folder.path(), &log, &lines, bytes, any_case);
        let first = *first.get_or_insert(speed);
        println!("  {:>5.2}   {rg}", speed / first);
    }
    let log = near_misses(folder.path(), bytes / 2);
    let common = COMMON.map(str::to_owned);
    let without = [&common[..], &WITHOUT_TEXT.map(str::to_owned)].concat();
    for (name, patterns) in [("common words", &common[..]), ("and some without text", &without)] {
        println!("{name}:");
        for any_case in [false, true] {
            println!("          {}", compare(folder.path(), &log, patterns, bytes / 2, any_case).1);
        }
    }
    let worst = bytes / 4;
    let log = generate(folder.path(), "worst", worst, &phrases[..1], 1);
    println!("every line matches:");
    let lines: Vec<String> = phrases[..30].iter().map(|one| format!("{one}: ")).collect();
    measure(&log, &pack(&lines, false), worst, 30, false);
    println!();
}

/// The speed of the scan, and how ripgrep compares.
fn compare(
    folder: &Path,
    log: &Path,
    patterns: &[String],
    bytes: u64,
    any_case: bool,
) -> (f64, String) {
    let speed = measure(log, &pack(patterns, any_case), bytes, patterns.len(), any_case);
    let rg = ripgrep(folder, log, patterns, any_case, bytes);
    let shown = |rg: f64| format!("{:.0} MB/s: {:.1} times", rg / 1e6, speed / rg);
    (speed, rg.map_or("not installed".to_owned(), shown))
}

/// Two of three rows are near misses of the patterns of common words, one in 10,000 is a find.
fn near_misses(folder: &Path, bytes: u64) -> PathBuf {
    let mut sequence = 0;
    write(folder, "near-misses", bytes, |dice| {
        sequence += 1;
        let texts: &[&str] = match sequence % 10_000 {
            0 => &MATCHES,
            n if n % 3 != 0 => &NEAR_MISSES,
            _ => &[""],
        };
        texts[(dice.roll() % texts.len() as u64) as usize].to_owned()
    })
}

/// Writes healthy rows, of which each `every`th contains one of the phrases.
fn generate(folder: &Path, name: &str, bytes: u64, phrases: &[String], every: u64) -> PathBuf {
    let mut sequence = 0;
    write(folder, name, bytes, |dice| {
        sequence += 1;
        let phrase = &phrases[(dice.roll() % phrases.len() as u64) as usize];
        if sequence % every == 0 { format!("{phrase}: ") } else { String::new() }
    })
}

/// Writes healthy rows with a text before each message.
fn write(
    folder: &Path,
    name: &str,
    bytes: u64,
    mut text: impl FnMut(&mut Dice) -> String,
) -> PathBuf {
    let path = folder.join(name);
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&path).expect("a log"));
    file.write_all(HEADER.as_bytes()).expect("a header");
    let (mut written, mut sequence, mut dice) = (0, 0, Dice(7));
    while written < bytes {
        sequence += 1;
        let row = healthy_row(sequence, &mut dice);
        let text = text(&mut dice);
        let row = row.replacen("qlikservice\t", &format!("qlikservice\t{text}"), 1);
        file.write_all(row.as_bytes()).expect("a row");
        written += row.len() as u64;
    }
    file.flush().expect("the last rows");
    path
}

fn pack(patterns: &[String], any_case: bool) -> Pack {
    let flags = if any_case { "(?i)" } else { "" };
    let mut text = String::new();
    for (n, pattern) in patterns.iter().enumerate() {
        write!(
            text,
            "[[pattern]]\nid = 'p{n}'\ntitle = 't'\nmeaning = 'm'\nlog = 'System_Scheduler'\n\
             kind = 'service'\nseverity = 'error'\nwhen = {{ Message = '{flags}{pattern}' }}\n"
        )
        .expect("a string takes all");
    }
    Pack { file: "bench.toml".into(), text }
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
    regexes: &[String],
    any_case: bool,
    bytes: u64,
) -> Option<f64> {
    let patterns = folder.join("patterns");
    std::fs::write(&patterns, regexes.join("\n") + "\n").expect("a file of patterns");
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
