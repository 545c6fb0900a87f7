use super::*;

#[test]
fn the_wait_grows_to_at_most_two_minutes() {
    let ceilings: Vec<u64> = (1..=9).map(|n| ceiling(n).as_secs()).collect();
    assert_eq!(ceilings, [2, 4, 8, 16, 32, 64, 120, 120, 120]);
    assert_eq!(ceiling(u32::MAX), LONGEST);
}

#[test]
fn nodes_that_fail_together_do_not_retry_together() {
    let waits: Vec<_> = (0..1000).map(|n| wait(&format!("n{n}@ops"), 9, None, LONGEST)).collect();
    let early = waits.iter().filter(|wait| **wait < LONGEST / 2).count();
    assert!((400..600).contains(&early), "{early} of 1000 in the first half");
    assert!(waits.iter().all(|wait| *wait < LONGEST));
}

#[test]
fn an_absurd_retry_after_is_clamped() {
    let asked =
        |seconds, longest| wait("n@ops", 1, Some(Duration::from_secs(seconds)), longest).as_secs();
    let busy = |seconds| asked(seconds, LONGEST_ASKED);
    assert_eq!([busy(0), busy(30), busy(999_999)], [1, 30, 3600]);
    assert_eq!(asked(999_999, LONGEST), 120, "one transient 503 does not stop sending for an hour");
}
