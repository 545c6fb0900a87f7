use jiff::SignedDuration;

use super::*;

#[test]
fn durations_use_their_two_largest_units() {
    let durations = [40, 300, 7500, 90_000]
        .map(|seconds| duration(SignedDuration::from_secs(seconds), Language::English));
    assert_eq!(durations, ["40 s", "5 min", "2 h 5 min", "1 d 1 h"]);
}

#[test]
fn an_empty_replay_is_reported_as_empty() {
    let (replayed, walk) = (Replayed::default(), ReadTotals::default());
    let report = Report {
        replayed: &replayed,
        walk: &walk,
        zone: &TimeZone::UTC,
        environment: Some("<prod>"),
        language: Language::English,
    };
    let page = page(&report);
    assert!(page.contains("nothing was found · &lt;prod&gt;"), "{page}");
    assert!(!page.contains("<script") && !page.contains("src="));
}

#[test]
fn the_style_of_the_cards_is_part_of_the_page_without_the_page_s_own() {
    let style = card_style();
    assert!(style.contains("\n.card {") && style.contains("--card:"), "{style}");
    assert!(!style.contains("\n.top {") && !style.contains("\nbody"), "{style}");
}

#[test]
fn days_of_a_german_report_are_german() {
    let day = jiff::civil::date(2026, 11, 27);
    let days = [(day, [1; 24])].into();
    assert!(heat_map(&days, Language::German).contains(">Fr 27.11.</text>"));
    assert!(heat_map(&days, Language::English).contains(">Fri 27 Nov</text>"));
}
