use super::*;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(1_000_000_000 + millisecond).unwrap()
}

#[test]
fn many_files_within_a_second_are_a_rush_until_a_second_after_the_last_of_them() {
    let mut rush = Rush::new(at(0));
    let seen = [(0, 30), (900, 19), (999, 1), (1_500, 0), (1_998, 0), (1_999, 0)];
    let seen = seen.map(|(time, files)| rush.observe(at(time), files));
    assert_eq!(seen, [false, false, true, true, true, false]);
}

#[test]
fn a_few_files_each_second_are_none_however_long_they_come() {
    let mut rush = Rush::new(at(0));
    assert!((0..100).all(|n| !rush.observe(at(n * 100), 4)));
}

#[test]
fn a_clock_that_steps_back_ends_it() {
    let mut rush = Rush::new(at(0));
    assert!(rush.observe(at(500), 100));
    assert!(!rush.observe(at(-10_000), 0));
    assert!(rush.observe(at(-9_999), 100));
}
