//! The one test binary.

mod tailing;
