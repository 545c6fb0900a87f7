use jiff::tz::{TimeZone, offset};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn times_name_their_zone() {
    let at = at("2026-11-23T05:13:52Z");
    let zone = |offset| TimeZone::fixed(offset);
    assert_eq!(moment(at, &zone(offset(1))), "Mon 23 Nov 2026 06:13:52 (UTC+1)");
    assert_eq!(moment(at, &TimeZone::UTC), "Mon 23 Nov 2026 05:13:52 (UTC)");
    let india = jiff::tz::Offset::from_seconds(19_800).unwrap();
    assert_eq!(moment(at, &zone(india)), "Mon 23 Nov 2026 10:43:52 (UTC+5:30)");
    assert_eq!(moment(at, &zone(offset(-8))), "Sun 22 Nov 2026 21:13:52 (UTC-8)");
    assert_eq!(short_moment(at, &TimeZone::UTC), "Mon 23 Nov 05:13");
}

#[test]
fn spans_are_said_in_their_two_largest_units() {
    let from = at("2026-11-21T00:00:00Z");
    let spans = [
        "2026-11-21T00:00:00Z",
        "2026-11-21T00:03:31Z",
        "2026-11-23T02:00:09Z",
        "2026-11-21T05:00:00Z",
    ]
    .map(|to| span(from, at(to)));
    assert_eq!(spans, ["under 1 s", "3 min 31 s", "2 d 2 h", "5 h"]);
    assert_eq!(span(at("2026-11-22T00:00:00Z"), from), "under 1 s");
}

#[test]
fn ordinals_know_the_teens() {
    let said = [1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111].map(ordinal);
    assert_eq!(said.join(" "), "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 103rd 111th");
}

#[test]
fn the_title_of_a_trouble_is_its_head() {
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    notice.kind = Kind::Performance;
    assert_eq!(title(&notice), "Performance trouble");
    notice.title = "Engine out of memory".to_owned();
    assert_eq!(title(&notice), "Performance: engine out of memory");
    notice.title = "RAM is short".to_owned();
    assert_eq!(title(&notice), "Performance: RAM is short");
}

#[test]
fn an_abort_says_who_stopped_the_reload() {
    let mut notice = crate::render::sample::test(Timestamp::UNIX_EPOCH);
    notice.kind = Kind::ReloadAborted;
    notice.error = "Execution State Change to Aborting".to_owned();
    assert_eq!(why(&notice), "Execution State Change to Aborting");
    notice.facts.user = Some(r"LAB\anna".to_owned());
    assert_eq!(why(&notice), r"Stopped by LAB\anna");
}
