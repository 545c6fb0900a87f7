//! The real program under attack: tests of what the README promises.
//!
//! `tests/attack/run` runs the long forms, `tests/run attack` the short ones.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![expect(clippy::print_stdout, reason = "figures for --nocapture")]

mod account;
mod away;
mod clocks;
mod commands;
mod crowd;
mod damage;
mod fallback;
mod flow;
mod outage;
mod poison;
mod program;
mod secrets;
mod storm;
#[expect(dead_code, reason = "the other test binary uses the rest")]
mod support;

/// Whether the long forms are requested.
fn long() -> bool {
    std::env::var_os("FOOTMAN_TEST_LONG").is_some()
}
