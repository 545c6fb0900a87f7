//! What is measured, for one peer at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Size;
use crate::generate::Rows;
use crate::peer::{Peer, Post};
use crate::support::{HEADER, cpu_seconds, percentile, resident_kb, smoke};

/// How long to wait for what does not come.
fn patience() -> Duration {
    Duration::from_secs(if smoke() { 2 } else { 15 })
}

/// After an outage: Footman rests for a minute when a channel failed five times in a row.
fn patience_after_outage() -> Duration {
    patience() * 6
}
const IDLE_FILES: u32 = 200;

pub(crate) struct Throughput {
    pub(crate) megabytes_a_second: f64,
    pub(crate) cpu_seconds_per_gb: f64,
    pub(crate) found: usize,
    pub(crate) all: usize,
}

/// From the start of the process until the last row is posted.
pub(crate) fn throughput(peer: Peer, size: &Size) -> Throughput {
    let mut post = Post::new(peer);
    let bytes = size.mb << 20;
    let mut rows = Rows::new(7, 10_000);
    let mut file = BufWriter::new(File::create(post.live()).expect("a log"));
    let mut written = HEADER.len() as u64;
    file.write_all(HEADER.as_bytes()).expect("a header");
    while written < bytes || rows.marked() == 0 {
        let row = rows.next();
        file.write_all(row.as_bytes()).expect("a row");
        written += row.len() as u64;
    }
    file.into_inner().expect("the last rows");
    let start = Instant::now();
    post.start();
    wait(patience() * 20, || post.sink.first(rows.marked() - 1).is_some());
    let last = post.sink.first(rows.marked() - 1).unwrap_or_else(Instant::now);
    let cpu: f64 = post.ids().into_iter().map(cpu_seconds).sum();
    // The last row may have overtaken others.
    wait(patience(), || post.sink.count() == rows.marked());
    Throughput {
        megabytes_a_second: written as f64 / 1e6 / (last - start).as_secs_f64(),
        cpu_seconds_per_gb: cpu / (written as f64 / 1e9),
        found: post.sink.count(),
        all: rows.marked(),
    }
}

pub(crate) struct Idle {
    pub(crate) kilobytes: u64,
    pub(crate) percent: f64,
}

/// One live log and its many rolled ones.
pub(crate) fn idle(peer: Peer, size: &Size) -> Idle {
    let mut post = Post::new(peer);
    for number in 0..IDLE_FILES {
        fs::write(post.rolled(number), HEADER).expect("a log");
    }
    post.make_live();
    post.start();
    let mut rows = Rows::new(3, 1);
    settle_in(&post, &mut rows);
    let used = || post.ids().into_iter().map(cpu_seconds).sum::<f64>();
    let before = used();
    sleep(size.idle);
    let kilobytes =
        post.ids().into_iter().filter_map(|id| resident_kb(id).parse::<u64>().ok()).sum();
    Idle { kilobytes, percent: (used() - before) / size.idle.as_secs_f64() * 100.0 }
}

pub(crate) struct Latency {
    pub(crate) median_ms: f64,
    pub(crate) p99_ms: f64,
}

/// One row at a time into a quiet log.
pub(crate) fn latency(peer: Peer, size: &Size) -> Latency {
    let mut post = Post::new(peer);
    post.make_live();
    post.start();
    let mut rows = Rows::new(5, 1);
    settle_in(&post, &mut rows);
    let mut times = Vec::new();
    for _ in 0..size.rounds {
        let number = rows.marked();
        let start = Instant::now();
        append(&post, &rows.next());
        while post.sink.first(number).is_none() && start.elapsed() < patience() {
            sleep(Duration::from_micros(200));
        }
        times.push(post.sink.first(number).map_or(patience(), |at| at - start));
    }
    times.sort();
    let ms = |share| percentile(&times, share).as_secs_f64() * 1000.0;
    Latency { median_ms: ms(0.5), p99_ms: ms(0.99) }
}

pub(crate) struct Counts {
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
}

#[derive(Clone, Copy)]
pub(crate) enum Rotation {
    Rename,
    CopyTruncate,
}

/// A thousand rows a second, one in twenty marked, under rotations.
pub(crate) fn rotate(peer: Peer, size: &Size, way: Rotation, a_second: u32) -> Counts {
    let mut post = Post::new(peer);
    post.make_live();
    post.start();
    let mut rows = Rows::new(9, 20);
    settle_in(&post, &mut rows);
    for rotation in 0..size.rotating * a_second {
        write_for(&post, &mut rows, Duration::from_secs(1) / a_second);
        match way {
            Rotation::Rename => {
                fs::rename(post.live(), post.rolled(rotation)).expect("a rename");
            }
            Rotation::CopyTruncate => {
                fs::copy(post.live(), post.rolled(rotation)).expect("a copy");
            }
        }
        post.make_live();
    }
    count(&post, &rows, patience())
}

/// Killed and started again while rows are written.
pub(crate) fn kill(peer: Peer, size: &Size) -> Counts {
    let mut post = Post::new(peer);
    post.make_live();
    post.start();
    let mut rows = Rows::new(13, 20);
    settle_in(&post, &mut rows);
    for _ in 0..size.kills {
        write_for(&post, &mut rows, Duration::from_millis(700));
        post.kill();
        write_for(&post, &mut rows, Duration::from_millis(300));
        post.start();
    }
    write_for(&post, &mut rows, Duration::from_secs(1));
    count(&post, &rows, patience())
}

/// The receiver hangs up for a while, and rows go on.
pub(crate) fn outage(peer: Peer, size: &Size) -> Counts {
    let mut post = Post::new(peer);
    post.make_live();
    post.start();
    let mut rows = Rows::new(17, 20);
    settle_in(&post, &mut rows);
    write_for(&post, &mut rows, Duration::from_secs(1));
    post.sink.is_away(true);
    write_for(&post, &mut rows, size.outage);
    post.sink.is_away(false);
    write_for(&post, &mut rows, Duration::from_secs(2));
    count(&post, &rows, patience_after_outage())
}

/// Writes rows until one has been posted: it is up, and has read what there is.
fn settle_in(post: &Post, rows: &mut Rows) {
    let begun = Instant::now();
    while post.sink.count() == 0 && begun.elapsed() < Duration::from_secs(15) {
        append(post, &rows.next());
        sleep(Duration::from_millis(50));
    }
}

fn write_for(post: &Post, rows: &mut Rows, time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        let some: String = (0..20).map(|_| rows.next()).collect();
        append(post, &some);
        sleep(Duration::from_millis(20));
    }
}

fn append(post: &Post, text: &str) {
    let mut file = OpenOptions::new().append(true).open(post.live()).expect("the log");
    file.write_all(text.as_bytes()).expect("a row");
}

fn count(post: &Post, rows: &Rows, patience: Duration) -> Counts {
    let all = rows.marked();
    // As long as something comes, more may.
    let mut seen = usize::MAX;
    while seen != post.sink.count() && post.sink.count() < all {
        seen = post.sink.count();
        wait(patience, || post.sink.count() == all);
    }
    // What comes twice comes late.
    sleep(Duration::from_secs(2));
    let times = |number| post.sink.times(number);
    Counts {
        lost: (0..all).filter(|number| times(*number) == 0).count(),
        doubled: (0..all).filter(|number| times(*number) > 1).count(),
    }
}

fn wait(patience: Duration, enough: impl Fn() -> bool) {
    let end = Instant::now() + patience;
    while !enough() && Instant::now() < end {
        sleep(Duration::from_millis(1));
    }
}
