use proptest::prelude::*;

use super::*;

fn stockholm() -> TimeZone {
    TimeZone::get("Europe/Stockholm").unwrap()
}

fn utc(text: &str) -> String {
    parse(text, &stockholm()).map_or_else(|| "unreadable".to_owned(), |at| at.to_string())
}

#[test]
fn every_known_form_is_read_and_only_zoneless_ones_take_the_configured_zone() {
    assert_eq!(utc("20211109T193744.331+0100"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("2021-11-09 19:37:44,331"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("2021-11-09 19:37:44"), "2021-11-09T18:37:44Z");
    assert_eq!(utc("2021-11-09T18:37:44.331Z"), "2021-11-09T18:37:44.331Z");
    assert_eq!(utc("2021-11-09T18:37:44.331"), "2021-11-09T17:37:44.331Z");
}

#[test]
fn what_is_no_stamp_is_said_to_be_unreadable() {
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
    /// The library's own reader of the format is the measure.
    #[test]
    fn a_stamp_is_read_as_the_library_would(
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
