//! Pure. How long to wait after a failed attempt.

use std::time::Duration;

use ring::digest::{SHA256, digest};

/// The longest wait that we choose ourselves for what passes: people should have the newest
/// problem within five minutes of the channel's return.
pub(super) const LONGEST: Duration = Duration::from_mins(2);
/// What is believed of a `Retry-After`.
const SHORTEST_ASKED: Duration = Duration::from_secs(1);
pub(super) const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// The wait after failed attempt number `attempt` (from 1): what the channel asked for up to
/// `longest`, else between nothing and 2 s, 4 s, 8 s… 120 s ("full jitter", so that nodes which
/// failed together do not come back together).
pub(super) fn wait(id: &str, attempt: u32, asked: Option<Duration>, longest: Duration) -> Duration {
    match asked {
        Some(asked) => asked.clamp(SHORTEST_ASKED, longest),
        None => ceiling(attempt).mul_f64(chance(id, attempt)),
    }
}

fn ceiling(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(10);
    Duration::from_secs(2 << doublings).min(LONGEST)
}

/// A number in 0..1 that looks random, and is the same for the same delivery and attempt.
fn chance(id: &str, attempt: u32) -> f64 {
    let hash = digest(&SHA256, format!("{id}#{attempt}").as_bytes());
    let draw = hash.as_ref().iter().take(4).fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    f64::from(draw) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests;
