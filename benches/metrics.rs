//! `/metrics` of the real program: how long an answer takes, alone and with twenty clients at a
//! time, and whether clients delay cards.
//!
//! `cargo bench --bench metrics [-- --smoke]`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

#[path = "support/paged.rs"]
mod paged;
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use footman::clock;
use footman::web::Snapshot;
use paged::{Paged, get, show};
use support::smoke;

const CLIENTS: usize = 20;

fn main() {
    let rounds = if smoke() { 20 } else { 500 };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut paged = Paged::start(folder.path());
    let address = paged.address.clone();
    let mut quiet = paged.latencies(if smoke() { 5 } else { 200 });

    let mut alone: Vec<Duration> = (0..rounds).map(|_| timed(&address)).collect();
    show("one client", &mut alone);
    let state = folder.path().join("state");
    let reads = (0..rounds).map(|_| {
        let start = Instant::now();
        Snapshot::read(&state, clock::now()).expect("the state can be read");
        start.elapsed()
    });
    show("of that, reading the state (at most 4 a second)", &mut reads.collect::<Vec<_>>());

    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (stop, address) = (Arc::clone(&stop), address.clone());
            std::thread::spawn(move || {
                let mut times = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    times.push(timed(&address));
                    std::thread::sleep(Duration::from_millis(50));
                }
                times
            })
        })
        .collect();
    let mut polled = paged.latencies(if smoke() { 5 } else { 200 });
    stop.store(true, Ordering::Relaxed);
    let times = clients.into_iter().flat_map(|client| client.join().expect("a client ends"));
    show("20 clients, each 20 times a second", &mut times.collect::<Vec<_>>());
    show("line to POST, nobody asks", &mut quiet);
    show("line to POST, 20 clients ask", &mut polled);
}

/// The time of one answer, connection included.
fn timed(address: &str) -> Duration {
    let (time, answer) = get(address, "/metrics");
    assert!(answer.contains("footman_detections_total"), "{answer}");
    time
}
