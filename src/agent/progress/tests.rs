use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

#[test]
fn a_hanging_turn_is_detected_and_the_next_turn_resolves_it() {
    let mut progress = Progress::new(at(0));
    for n in 1..10 {
        assert_eq!(progress.observe(at(n * 30), n.unsigned_abs()), None);
    }
    let stuck: Vec<_> = (10..21).map(|n| progress.observe(at(n * 30), 9)).collect();
    assert_eq!(stuck[8], None, "not before five minutes");
    assert_eq!(stuck[9], Some(at(270)));
    assert_eq!(progress.observe(at(700), 10), None);
}

#[test]
fn a_sleeping_machine_does_not_look_like_a_hang() {
    let mut progress = Progress::new(at(0));
    assert_eq!(progress.observe(at(30), 1), None);
    assert_eq!(
        progress.observe(at(36_000), 1),
        None,
        "observed once: its turn may be about to begin"
    );
    assert_eq!(progress.observe(at(36_030), 2), None);
    assert_eq!(progress.observe(at(60), 2), None, "a clock that was set back");
}
