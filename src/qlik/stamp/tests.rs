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
    for text in ["", "12.319.0", "2021-99-09 19:37:44", "ERROR", "20211109T193744", "🤪🤪🤪🤪🤪🤪"]
    {
        assert_eq!(utc(text), "unreadable", "{text}");
    }
}
