use std::time::Duration;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

fn file() -> Followed {
    Followed::new((0, Box::from(OsStr::new("a.log"))), 0)
}

/// How many seconds a file rests after this quiet period.
fn rest_after(quiet: Duration) -> u64 {
    let mut file = file();
    file.changed(NOW - quiet);
    file.rest(0, LONGEST_REST, NOW);
    (0..1000).find(|seconds| file.is_due(NOW + Duration::from_secs(*seconds))).unwrap()
}

#[test]
fn a_file_is_checked_less_often_the_longer_it_is_quiet() {
    assert_eq!(rest_after(Duration::ZERO), 0);
    assert_eq!(rest_after(Duration::from_secs(119)), 0);
    assert_eq!(rest_after(Duration::from_mins(10)), 23);
    assert_eq!(rest_after(Duration::from_hours(1)), 135);
    assert_eq!(rest_after(Duration::from_hours(24)), 450);
}

#[test]
fn a_large_clock_step_back_ends_the_rest_of_a_file() {
    let mut file = file();
    file.changed(NOW - Duration::from_hours(24));
    file.rest(0, LONGEST_REST, NOW);
    assert!(!file.is_due(NOW - Duration::from_secs(1)));
    assert!(file.is_due(NOW - Duration::from_hours(1)));
}

#[test]
fn a_file_is_gone_after_ten_listings_and_a_minute_without_it() {
    let missing = |listings, seconds| {
        Absence { listings, since: NOW - Duration::from_secs(seconds) }.is_for_good(NOW)
    };
    assert!(missing(10, 60));
    assert!(!missing(9, 3600), "few listings: the folder was not there to be listed");
    assert!(!missing(1000, 59), "many listings within a moment");
}

#[test]
fn fifty_thousand_files_fit_into_a_few_megabytes() {
    assert!(size_of::<Followed>() <= 96, "{}", size_of::<Followed>());
}
