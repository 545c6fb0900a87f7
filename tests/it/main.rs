//! The one test binary: a file for each thing that is promised.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod architecture;
mod config;
