//! I/O. The local page: cards drawn as Teams would show them.
