//! I/O. The only reader of the system clock.
//!
//! All decisions take `now: Timestamp` as a parameter, so that a test can replay a night of logs
//! within milliseconds.

mod schedule;

use jiff::SignedDuration;

pub use jiff::Timestamp;

pub use schedule::WeekSchedule;

/// The current time of this machine.
#[expect(clippy::disallowed_methods, reason = "this is the only place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// `at + by`, or the end of all times: times in logs and of tenants can be absurd.
pub fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

/// `at - by`, or the beginning of all times.
pub fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(at)
}
