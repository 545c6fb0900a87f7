//! What one failure costs: its excerpt cut out of a script log's last 64 KiB, and its card.
//!
//! `cargo bench --bench card [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use footman::clock;
use footman::config::{ChannelKind, Language};
use footman::detect::{Detector, builtin_packs};
use footman::detection::Role;
use footman::incident::Notice;
use footman::qlik::script_log::failure::Failure;
use footman::render::{Renderer, Site, builtin_templates};
use footman::tail::{Block, FileId};
use jiff::tz::TimeZone;
use support::{percentile, smoke};

/// Bytes of a script log that a failure is explained from.
const TAIL: usize = 64 * 1024;

fn main() {
    let (short, long) = (log(10), log(2_000));
    let (mut detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let (renderer, _) = Renderer::compile(&builtin_templates());
    let site = Site {
        url: None,
        page: None,
        node: "n".to_owned(),
        scripts: None,
        timezone: TimeZone::UTC,
        language: Language::English,
        version: "0",
    };
    for (name, text) in [("many short statements", short), ("one long statement", long)] {
        let tail: Vec<&str> = text.lines().collect();
        timed(&format!("{name}: excerpt"), || drop(black_box(Failure::new(black_box(&tail)))));
        let block = block(&text);
        timed(&format!("{name}: detection with its excerpt, redacted"), || {
            drop(black_box(detector.detect(black_box(&block))));
        });
        let found = detector.detect(&block).detections;
        let failed = found.into_iter().find(|one| one.role == Role::ScriptFailed);
        let notice = Notice::of(&failed.expect("the log ends with a failure"), clock::now());
        timed(&format!("{name}: card"), || {
            drop(black_box(renderer.card(black_box(&notice), &site, ChannelKind::Teams)));
        });
    }
}

/// A log of at least 64 KiB whose statements have so many lines.
fn log(lines: usize) -> String {
    let (mut text, mut number) = (String::new(), 1);
    let stamp = "20261123T061301.000+0100";
    while text.len() < TAIL - 200 {
        writeln!(text, "{stamp} {number:04} Orders:").expect("a string takes everything");
        writeln!(text, "{stamp} {:04} LOAD", number + 1).expect("a string takes everything");
        for field in 0..lines {
            let at = number + 2 + field;
            writeln!(text, "{stamp} {at:04}     \"Field {field}\" AS [Name of {field}],")
                .expect("a string takes everything");
            if text.len() > TAIL - 200 {
                break;
            }
        }
        number += lines + 3;
        if text.len() < TAIL - 200 {
            writeln!(text, "{stamp}      2,035 lines fetched").expect("a string takes everything");
        }
    }
    text + &format!(
        "{stamp}      Error: Field 'OrderDte' not found\n{stamp}      Execution Failed\n"
    )
}

fn block(text: &str) -> Block {
    Block {
        file: FileId(1),
        generation: 0,
        label: "Script".into(),
        path: Path::new(
            "e7af59a0-c243-480d-9571-08727551a66f.2026_11_23_05_12_00.D27A488D96C716E5FA4A.log",
        )
        .into(),
        head: text.as_bytes().into(),
        bytes: text.as_bytes().to_vec(),
        fresh: 0,
        offset: 0,
        lines: Some(0),
    }
}

fn timed(name: &str, mut work: impl FnMut()) {
    let rounds = if smoke() { 5 } else { 500 };
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let micros = |share| percentile(&times, share).as_secs_f64() * 1e6;
    println!("{name}: p50 {:.0} us, p99 {:.0} us", micros(0.5), micros(0.99));
}
