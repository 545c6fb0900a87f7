//! I/O. The only reader of the system clock.
//!
//! Everything that decides takes `now: Timestamp` as a parameter, so that a night of logs can be
//! replayed in a test within milliseconds.

pub use jiff::Timestamp;

/// The time of this machine, now.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
