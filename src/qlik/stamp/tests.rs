use proptest::prelude::*;

use super::*;

fn stockholm() -> TimeZone {
    TimeZone::get("Europe/Stockholm").unwrap()
}

fn utc(text: &str) -> String {
    parse(text, &stockholm()).map_or_else(|| "unreadable".to_owned(), |stamp| stamp.at.to_string())
}

#[test]
fn every_known_form_is_parsed_and_only_those_without_offset_use_the_configured_zone() {
    assert_eq!(utc("20211109T193744.331+0100"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("20211109T193744.331+01:00"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("20211109T183744.331Z"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("2021-11-09 19:37:44,331"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("2021-11-09 19:37:44"), "2021-11-09T18:37:44Z");
    assert_eq!(utc("2021-11-09T18:37:44.331Z"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("2021-11-09T18:37:44.331"), "2021-11-09T17:37:44.331Z");
}

#[test]
fn a_stamp_without_offset_in_the_repeated_hour_has_two_readings() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    let read = |text: &str| parse(text, &berlin).unwrap();
    let utc = |text: &str| text.parse::<Timestamp>().unwrap();
    let open = read("2026-10-25 02:17:44");
    assert_eq!(open.at, utc("2026-10-25T00:17:44Z"));
    assert_eq!(open.or, Some(utc("2026-10-25T01:17:44Z")));
    assert_eq!(read("2026-10-25 03:17:44").or, None);
    assert_eq!(read("20261025T021744.000+0100").or, None);
    let missing = read("2026-03-29 02:17:44");
    assert_eq!((missing.at, missing.or), (utc("2026-03-29T01:17:44Z"), None));

    let second = Stamp { at: utc("2026-10-25T01:17:44Z"), or: None };
    assert_eq!(
        open.not_before(utc("2026-10-25T00:50:00Z")),
        second,
        "the file has an earlier stamp"
    );
    assert_eq!(open.not_before(utc("2026-10-25T00:19:00Z")), open, "a clock was corrected");
    let near = |known: &str| open.near(utc(known), SignedDuration::from_mins(2));
    assert_eq!(near("2026-10-25T01:18:00Z"), second);
    assert_eq!(near("2026-10-25T00:50:00Z"), open);
}

#[test]
fn other_texts_are_not_parsed() {
    for text in [
        "",
        "12.319.0",
        "2021-99-09 19:37:44",
        "ERROR",
        "20211109T193744",
        "20211109T193744.331+010099999999",
        "🤪🤪🤪🤪🤪🤪",
    ] {
        assert_eq!(utc(text), "unreadable", "{text}");
    }
}

proptest! {
       /// The reference is the library's own parser of the format.
    #[test]
    fn a_stamp_is_parsed_like_the_library_does(
        date in "(19|20)[0-9]{2}(0[0-9]|1[0-3])([0-2][0-9]|3[0-2])",
        clock in "T([01][0-9]|2[0-4])[0-6][0-9][0-5][0-9]",
        fraction in "(\\.[0-9]{1,10})?",
        offset in "[+-][0-2][0-9][0-6][0-9]",
    ) {
        let text = format!("{date}{clock}{fraction}{offset}");
        let library = Timestamp::strptime("%Y%m%dT%H%M%S%.f%z", &text).ok();
        prop_assert_eq!(basic(&text), library, "{}", text);
    }
}
