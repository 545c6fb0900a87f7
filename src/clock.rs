//! I/O. The only reader of the system clock.
//!
//! All decisions take `now: Timestamp` as a parameter, so that a test can replay a night of logs
//! within milliseconds.

mod schedule;

pub use jiff::Timestamp;

pub use schedule::WeekSchedule;

/// The current time of this machine.
#[expect(clippy::disallowed_methods, reason = "this is the only place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
