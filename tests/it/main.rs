//! The one test binary.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod architecture;
mod cards;
mod config;
mod delivery;
mod demo_node;
mod page;
mod patterns;
mod samples;
mod state;
mod support;
mod tailing;
