//! Pure. How long to wait after a failed attempt.

use std::time::Duration;

use ring::digest::{SHA256, digest};

/// The longest wait that we choose ourselves: the window of the Teams connector's limit.
const CAP: Duration = Duration::from_mins(5);
/// What is believed of a `Retry-After`.
const SHORTEST_ASKED: Duration = Duration::from_secs(1);
pub(super) const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// The wait after failed attempt number `attempt` (from 1): what the channel asked for, else
/// between nothing and 2 s, 4 s, 8 s… 300 s ("full jitter", so that nodes which failed together
/// do not come back together).
pub(super) fn wait(id: &str, attempt: u32, asked: Option<Duration>) -> Duration {
    match asked {
        Some(asked) => asked.clamp(SHORTEST_ASKED, LONGEST_ASKED),
        None => ceiling(attempt).mul_f64(chance(id, attempt)),
    }
}

fn ceiling(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(10);
    Duration::from_secs(2 << doublings).min(CAP)
}

/// A number in 0..1 that looks random, and is the same for the same delivery and attempt.
fn chance(id: &str, attempt: u32) -> f64 {
    let hash = digest(&SHA256, format!("{id}#{attempt}").as_bytes());
    let draw = hash.as_ref().iter().take(4).fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    f64::from(draw) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests;
