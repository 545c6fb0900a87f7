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
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_five_minutes_and_no_further() {
        let ceilings: Vec<u64> = (1..=12).map(|n| ceiling(n).as_secs()).collect();
        assert_eq!(ceilings, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
        assert_eq!(ceiling(u32::MAX), CAP);
    }

    #[test]
    fn nodes_that_fail_together_do_not_come_back_together() {
        let waits: Vec<_> = (0..1000).map(|n| wait(&format!("n{n}@ops"), 9, None)).collect();
        let early = waits.iter().filter(|wait| **wait < Duration::from_secs(150)).count();
        assert!((400..600).contains(&early), "{early} of 1000 in the first half");
        assert!(waits.iter().all(|wait| *wait < CAP));
    }

    #[test]
    fn an_absurd_retry_after_is_believed_within_reason() {
        let asked = |seconds| wait("n@ops", 1, Some(Duration::from_secs(seconds))).as_secs();
        assert_eq!([asked(0), asked(30), asked(999_999)], [1, 30, 3600]);
    }
}
