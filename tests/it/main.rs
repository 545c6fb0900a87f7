//! The one test binary.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod agent;
mod architecture;
mod cards;
mod cli;
mod config;
mod delivery;
mod demo_node;
mod hostile;
mod incumbent;
mod kill;
mod page;
mod patterns;
mod quality;
mod replay;
mod samples;
mod service;
mod state;
mod support;
mod tailing;
