//! I/O. One file a subcommand.
