//! Footman beside ripgrep and grep in a pipe, rsyslog and syslog-ng, over the same data.
//!
//! `benches/peers/run [--smoke] [--mb N]` installs the others and starts this (Linux).
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

#[path = "../support.rs"]
mod support;

mod cases;
mod generate;
mod peer;
mod sink;

use std::thread;
use std::time::Duration;

use support::smoke;

use crate::cases::{Counts, Rotation};
use crate::peer::{PEERS, Peer};

/// How much is done.
pub(crate) struct Size {
    /// Megabytes of the throughput case.
    mb: u64,
    idle: Duration,
    /// Lines of the latency case.
    rounds: u64,
    /// Seconds of each rotation case.
    rotating: u32,
    kills: u32,
    outage: Duration,
}

impl Size {
    fn asked() -> Size {
        if smoke() {
            return Size {
                mb: 4,
                idle: Duration::from_secs(1),
                rounds: 3,
                rotating: 1,
                kills: 1,
                outage: Duration::from_secs(1),
            };
        }
        let mb = std::env::args().skip_while(|arg| arg != "--mb").nth(1);
        Size {
            mb: mb.and_then(|mb| mb.parse().ok()).unwrap_or(1024),
            // Footman gives memory back half a minute after its start: not to be measured just then.
            idle: Duration::from_mins(1),
            rounds: 100,
            rotating: 20,
            kills: 10,
            outage: Duration::from_secs(10),
        }
    }
}

fn main() {
    let size = Size::asked();
    println!("{:<26}{}", "", PEERS.map(|peer| format!("{:>22}", peer.name())).concat());
    let throughput = each(|peer| cases::throughput(peer, &size));
    row("MB/s", &throughput, |seen| format!("{:.0}", seen.megabytes_a_second));
    row("CPU seconds per GB", &throughput, |seen| format!("{:.2}", seen.cpu_seconds_per_gb));
    row("found of all", &throughput, |seen| format!("{} of {}", seen.found, seen.all));
    let idle = each(|peer| cases::idle(peer, &size));
    row("idle, 200 files: KB", &idle, |seen| seen.kilobytes.to_string());
    row("idle: % of a core", &idle, |seen| format!("{:.3}", seen.percent));
    let latency = each(|peer| cases::latency(peer, &size));
    row("line to POST, median ms", &latency, |seen| format!("{:.1}", seen.median_ms));
    row("line to POST, p99 ms", &latency, |seen| format!("{:.1}", seen.p99_ms));
    count_row("rename once a second", |peer| cases::rotate(peer, &size, Rotation::Rename, 1));
    count_row("rename 5 times a second", |peer| cases::rotate(peer, &size, Rotation::Rename, 5));
    count_row("copytruncate each second", |peer| {
        cases::rotate(peer, &size, Rotation::CopyTruncate, 1)
    });
    count_row("killed and started", |peer| cases::kill(peer, &size));
    let outage = each(|peer| peer.posts().then(|| cases::outage(peer, &size)));
    row("the receiver is away", &outage, |counts| {
        counts.as_ref().map_or_else(|| "posts nothing".to_owned(), words)
    });
}

fn row<T>(what: &str, seen: &[T], cell: impl Fn(&T) -> String) {
    print!("{what:<26}");
    for seen in seen {
        print!("{:>22}", cell(seen));
    }
    println!();
}

fn count_row(what: &str, case: impl Fn(Peer) -> Counts + Sync) {
    row(what, &each(case), words);
}

/// One after the other, because they are measured; all at once in a smoke run, because they mostly wait.
fn each<T: Send>(case: impl Fn(Peer) -> T + Sync) -> [T; PEERS.len()] {
    if !smoke() {
        return PEERS.map(case);
    }
    let case = &case;
    thread::scope(|scope| {
        PEERS
            .map(|peer| scope.spawn(move || case(peer)))
            .map(|running| running.join().expect("no case panics"))
    })
}

fn words(counts: &Counts) -> String {
    format!("{} lost, {} twice", counts.lost, counts.doubled)
}
