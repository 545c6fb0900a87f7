//! Parses the command line, runs the command, maps its end to an exit code.

fn main() {}
