//! What is known of an incident that opens again.

use super::*;
use crate::incident::tests::{at, book, detection};

const DAY: f64 = 86_400.0;

/// Whether the notice of each change, in seconds, says that the incident has reopened.
fn reopened(changes: &[(f64, Reason)], restarts: bool) -> Vec<bool> {
    let mut watch = FlapWatch::default();
    let (mut book, mut rows) = (book(&StoredRows::default()), StoredRows::default());
    let mut found = Vec::new();
    for (seconds, reason) in changes {
        let now = at(*seconds);
        let (_, failure) = detection("0 verdict app=a task=t exec=1");
        let notice = Notice { reason: *reason, at: now, since: now, ..Notice::of(&failure, now) };
        let mut decisions = Decisions { notices: vec![notice], ..Decisions::default() };
        watch.apply(now, &mut book, &mut decisions);
        found.extend(decisions.notices.iter().map(|notice| notice.has_reopened));
        rows.apply(watch.take_changes());
        if restarts {
            watch = FlapWatch::restored(&rows);
        }
    }
    found
}

#[test]
fn what_fails_again_within_days_of_its_recovery_has_reopened() {
    use Reason::{Opened, Recovered, Repeated};
    for restarts in [false, true] {
        let night =
            [(0.0, Opened), (20_000.0, Recovered), (DAY, Opened), (DAY + 9_000.0, Repeated)];
        assert_eq!(reopened(&night, restarts), [false, false, true, false]);
        let soon = [(0.0, Opened), (300.0, Recovered), (600.0, Opened)];
        assert_eq!(reopened(&soon, restarts), [false, false, true]);
        let long_ago = [(0.0, Opened), (300.0, Recovered), (9.0 * DAY, Opened)];
        assert_eq!(reopened(&long_ago, restarts), [false, false, false]);
    }
}
