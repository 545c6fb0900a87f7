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
