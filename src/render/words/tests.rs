use jiff::tz::{TimeZone, offset};

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn site(timezone: TimeZone) -> Site {
    Site {
        url: None,
        page: None,
        scripts: None,
        node: "n".to_owned(),
        timezone,
        language: Language::English,
        version: "0",
    }
}

#[test]
fn times_include_their_zone() {
    let at = at("2026-11-23T05:13:52Z");
    let zone = |offset| site(TimeZone::fixed(offset));
    assert_eq!(moment(at, &zone(offset(1))), "Mon 23 Nov 2026 06:13:52 (UTC+1)");
    assert_eq!(moment(at, &site(TimeZone::UTC)), "Mon 23 Nov 2026 05:13:52 (UTC)");
    let india = jiff::tz::Offset::from_seconds(19_800).unwrap();
    assert_eq!(moment(at, &zone(india)), "Mon 23 Nov 2026 10:43:52 (UTC+5:30)");
    assert_eq!(moment(at, &zone(offset(-8))), "Sun 22 Nov 2026 21:13:52 (UTC-8)");
    assert_eq!(short_moment(at, &site(TimeZone::UTC)), "Mon 23 Nov 05:13");
}

#[test]
fn durations_use_their_two_largest_units() {
    let from = at("2026-11-21T00:00:00Z");
    let spans = [
        "2026-11-21T00:00:00Z",
        "2026-11-21T00:03:31Z",
        "2026-11-23T02:00:09Z",
        "2026-11-21T05:00:00Z",
    ]
    .map(|to| span(from, at(to), Language::English));
    assert_eq!(spans, ["under 1 s", "3 min 31 s", "2 d 2 h", "5 h"]);
    assert_eq!(span(at("2026-11-22T00:00:00Z"), from, Language::English), "under 1 s");
}
