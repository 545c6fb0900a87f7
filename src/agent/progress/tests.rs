use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

#[test]
fn a_turn_that_never_ends_is_noticed_and_the_next_one_ends_it() {
    let mut progress = Progress::new(at(0));
    for n in 1..10 {
        assert_eq!(progress.observe(at(n * 30), n.unsigned_abs()), None);
    }
    let standing: Vec<_> = (10..21).map(|n| progress.observe(at(n * 30), 9)).collect();
    assert_eq!(standing[8], None, "not before five minutes");
    assert_eq!(standing[9], Some(at(270)));
    assert_eq!(progress.observe(at(700), 10), None);
}

#[test]
fn a_machine_that_slept_does_not_hang() {
    let mut progress = Progress::new(at(0));
    assert_eq!(progress.observe(at(30), 1), None);
    assert_eq!(progress.observe(at(36_000), 1), None, "seen once: it is about to take its turn");
    assert_eq!(progress.observe(at(36_030), 2), None);
    assert_eq!(progress.observe(at(60), 2), None, "a clock that was put back");
}
