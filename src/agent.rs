//! I/O. The only place that spawns, waits and commits.
