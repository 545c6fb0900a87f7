//! Pure. How long to wait after a refusal, and when it causes a card.

use std::time::Duration;

use jiff::SignedDuration;

use crate::cloud::answers::Fault;
use crate::detection::TenantRefusal;

/// Bounds of `Retry-After`.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);
const LONGEST: SignedDuration = SignedDuration::from_mins(10);
/// Without `Retry-After`.
const RATE_LIMITED: SignedDuration = SignedDuration::from_secs(30);
/// The first wait after a failed request; doubles each time.
const FIRST: SignedDuration = SignedDuration::from_secs(2);
const LAST: SignedDuration = SignedDuration::from_mins(5);
/// The interval of retries for a problem that a person must fix: error answers have a limit of
/// their own.
const BY_HAND: SignedDuration = SignedDuration::from_mins(5);

/// The time until the next request after `n` refusals in a row.
pub(crate) fn wait(fault: &Fault, n: u32, every: SignedDuration) -> SignedDuration {
    match fault.refusal {
        TenantRefusal::RateLimited => asked(fault.after).unwrap_or(RATE_LIMITED),
        TenantRefusal::Credentials | TenantRefusal::Rights if n > 1 => BY_HAND,
        TenantRefusal::Request | TenantRefusal::NotFound if n > 2 => BY_HAND,
        // One more attempt soon: a renewed token, or a list from its first page.
        TenantRefusal::Credentials
        | TenantRefusal::Rights
        | TenantRefusal::Request
        | TenantRefusal::NotFound => FIRST,
        TenantRefusal::Unreachable => {
            let doubled = FIRST * 2_i32.pow(n.saturating_sub(1).min(10));
            asked(fault.after).unwrap_or(doubled.min(LAST.max(every)))
        }
    }
}

fn asked(after: Option<Duration>) -> Option<SignedDuration> {
    let after = SignedDuration::try_from(after?).unwrap_or(LONGEST);
    Some(after.clamp(SHORTEST, LONGEST))
}

/// How long a refusal must last before people are notified.
pub(crate) fn tolerated_for(refusal: TenantRefusal) -> SignedDuration {
    match refusal {
        // The second refusal in a row counts.
        TenantRefusal::Credentials
        | TenantRefusal::Rights
        | TenantRefusal::Request
        | TenantRefusal::NotFound => SignedDuration::from_secs(1),
        TenantRefusal::RateLimited => SignedDuration::from_mins(30),
        TenantRefusal::Unreachable => SignedDuration::from_mins(10),
    }
}
