//! Pure. How long to wait after a failed attempt.

use std::time::Duration;

use ring::digest::{SHA256, digest};

/// Longest wait after a transient failure: the newest problem must arrive within five minutes after
/// the channel is back.
pub(crate) const LONGEST: Duration = Duration::from_mins(2);
/// Limits of a `Retry-After`; the upper one applies to a 429, others are limited to `LONGEST`.
const SHORTEST_ASKED: Duration = Duration::from_secs(1);
pub(crate) const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// Wait after failed attempt number `attempt` (from 1): the time that the channel requested, up to
/// `longest`; otherwise a random time up to 2 s, 4 s, 8 s… 120 s ("full jitter", so that nodes that
/// failed together do not retry together).
pub(crate) fn wait(id: &str, attempt: u32, asked: Option<Duration>, longest: Duration) -> Duration {
    match asked {
        Some(asked) => asked.clamp(SHORTEST_ASKED, longest),
        None => ceiling(attempt).mul_f64(chance(id, attempt)),
    }
}

fn ceiling(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(10);
    Duration::from_secs(2 << doublings).min(LONGEST)
}

/// A pseudo-random number in 0..1 that is the same for the same delivery and attempt.
fn chance(id: &str, attempt: u32) -> f64 {
    let hash = digest(&SHA256, format!("{id}#{attempt}").as_bytes());
    let draw = hash.as_ref().iter().take(4).fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    f64::from(draw) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests;
