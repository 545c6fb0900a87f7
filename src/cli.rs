//! I/O. One file a subcommand.

pub mod diagnose;
