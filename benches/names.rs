//! The memory that remembered names of apps take, and what it costs to learn and to use one.
//!
//! `cargo bench --bench names`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a benchmark measures time, prints figures and uses a part of what they share"
)]

mod support;

use std::time::Instant;

use footman::clock;
use footman::commit::StoredRows;
use footman::detection::{Nameable, Named};
use footman::incident::{IncidentBook, Policy};
use jiff::SignedDuration;
use support::{Dice, smoke};

const APPS: usize = 5_000;
/// What is wanted of all of them.
const MOST_KB: u64 = 2_048;

fn main() {
    let policy = Policy {
        environment: None,
        settle: SignedDuration::from_secs(3),
        repeat: SignedDuration::from_hours(4),
    };
    let mut book = IncidentBook::restore(policy, &StoredRows::default());
    let mut dice = Dice(7);
    let named = |dice: &mut Dice, n: usize| Named {
        what: Nameable::App,
        id: dice.guid(),
        name: format!("Department {n} monthly report of orders"),
        at: Some(clock::now()),
    };
    let all: Vec<Named> = (0..APPS).map(|n| named(&mut dice, n)).collect();
    let again = all.clone();
    let (before, start) = (resident_kb(), Instant::now());
    book.learn_names(clock::now(), all);
    let rows = book.take_changes().len();
    let learned = start.elapsed();
    let kilobytes = resident_kb().saturating_sub(before);
    let start = Instant::now();
    book.learn_names(clock::now(), again);
    println!(
        "{APPS} names: {kilobytes} kB; learned in {:.1} us each, known ones met in {:.1} us each; {rows} rows",
        learned.as_secs_f64() * 1e6 / APPS as f64,
        start.elapsed().as_secs_f64() * 1e6 / APPS as f64,
    );
    // In a moment of a machine that is busy the figures of time say nothing, that of memory does.
    assert!(smoke() || kilobytes < MOST_KB, "{kilobytes} kB are more than {MOST_KB}");
}

fn resident_kb() -> u64 {
    support::resident_kb(std::process::id()).parse().unwrap_or(0)
}
