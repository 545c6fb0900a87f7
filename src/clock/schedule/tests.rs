use jiff::civil;
use proptest::prelude::*;

use super::*;

/// Zones whose clocks change by an hour, by half an hour, never, by a whole day, and in the south.
const ZONES: [&str; 6] = [
    "Europe/Stockholm",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
];

fn schedule(text: &str) -> WeekSchedule {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The wall-clock times of a day in UTC at which the schedule is open, in whole hours.
fn hours(text: &str, day: &str) -> Vec<u32> {
    let schedule = schedule(text);
    let is_open =
        |hour: &u32| schedule.contains(at(&format!("{day}T{hour:02}:00:00Z")), &TimeZone::UTC);
    (0..24).filter(is_open).collect()
}

/// 2026-11-23 was a Monday.
#[test]
fn each_form_opens_on_its_days_and_hours() {
    let (monday, friday) = ("2026-11-23", "2026-11-27");
    let (saturday, sunday) = ("2026-11-28", "2026-11-29");
    let work: Vec<u32> = (8..18).collect();
    let all: Vec<u32> = (0..24).collect();
    let none: Vec<u32> = Vec::new();
    for (text, day, expected) in [
        ("Mon-Fri 08:00-18:00", monday, &work),
        ("Mon-Fri 08:00-18:00", friday, &work),
        ("Mon-Fri 08:00-18:00", saturday, &none),
        ("monday – FRIDAY 8:00 – 18:00", friday, &work),
        ("08:00-18:00", sunday, &work),
        ("Sat, Sun", saturday, &all),
        ("Sat, Sun", monday, &none),
        ("Sat-Sun", sunday, &all),
        ("Fri-Mon", monday, &all),
        ("Fri-Mon", "2026-11-24", &none),
        ("Mon,Wed 08:00-18:00", monday, &work),
        ("Mon,Wed 08:00-18:00", "2026-11-24", &none),
        ("Mon,Wed 08:00-18:00", "2026-11-25", &work),
        ("22:00-06:00", monday, &vec![0, 1, 2, 3, 4, 5, 22, 23]),
        ("Mon 22:00-02:00", monday, &vec![22, 23]),
        ("Mon 22:00-02:00", "2026-11-24", &vec![0, 1]),
        ("Sun 22:00-02:00", monday, &vec![0, 1]),
        ("Sun 22:00-02:00", sunday, &vec![22, 23]),
        ("Mon 22:00-00:00", monday, &vec![22, 23]),
        ("Mon 22:00-24:00", "2026-11-24", &none),
        ("Mon 00:00-24:00", monday, &all),
        ("Mon-Fri 08:00-10:00, 13:00-15:00", monday, &vec![8, 9, 13, 14]),
        ("Mon-Fri 08:00-10:00, 13:00-15:00", saturday, &none),
        ("Mon 08:00-10:00, Tue 13:00-15:00", monday, &vec![8, 9]),
        ("Mon 08:00-18:00, Sat, Sun", sunday, &all),
    ] {
        assert_eq!(&hours(text, day), expected, "{text} on {day}");
    }
}

#[test]
fn a_range_begins_with_its_first_nanosecond_and_ends_before_its_last_minute() {
    let schedule = schedule("Mon 08:00-18:00");
    let is_open = |text: &str| schedule.contains(at(text), &TimeZone::UTC);
    assert!(!is_open("2026-11-23T07:59:59.999999999Z"));
    assert!(is_open("2026-11-23T08:00:00Z"));
    assert!(is_open("2026-11-23T17:59:59.999999999Z"));
    assert!(!is_open("2026-11-23T18:00:00Z"));
    // Before the epoch, too.
    assert!(is_open("1969-12-29T08:00:00.000000001Z"));
}

#[test]
fn what_is_no_schedule_is_refused_with_a_hint() {
    for (text, message) in [
        ("", "the time range is empty"),
        ("Mon-Fri 08:00", "`08:00` has no end"),
        ("Mo-Fr 08:00-18:00", "`Mo` is not a day"),
        ("Mon-Fry 08:00-18:00", "`Fry` is not a day"),
        ("08:00-25:00", "`25:00` is not a time of day"),
        ("08:00-24:01", "`24:01` is not a time of day"),
        ("8-18", "`8` is not a time of day"),
        ("08:0-18:00", "`08:0` is not a time of day"),
        ("08:60-18:00", "`08:60` is not a time of day"),
        ("08:00:00-18:00:00", "`08:00:00` is not a time of day"),
        ("08:+1-18:00", "`08:+1` is not a time of day"),
        ("24:00-06:00", "a time range cannot begin at 24:00"),
        ("Mon 08:00-08:00", "`08:00-08:00` never opens: it ends when it begins"),
        ("Mon-Fri 08:00-12:00,", "there is a comma without a time range"),
        ("Mon-Fri 08:00-12:00 13:00-15:00", "`Mon-Fri 08:00-12:00 13:00-15:00` is not a valid"),
        ("08:00-18:00 Mon-Fri", "`08:00-18:00 Mon-Fri` is not a valid time range"),
        ("Mon Tue", "`Mon Tue` is not a valid time range"),
        ("always", "`always` is not a day"),
    ] {
        let problem = text.parse::<WeekSchedule>().unwrap_err();
        let (said, hint) = problem.split_once("; ").unwrap();
        assert!(said.starts_with(message) && hint.starts_with("write "), "{text}: {problem}");
    }
    assert!("Mon,".repeat(100_000).parse::<WeekSchedule>().is_err());
}

/// The openings and closings of a day and the day after, as the wall clock shows them.
fn changes(text: &str, zone_name: &str, from: &str) -> Vec<String> {
    let (schedule, zone) = (schedule(text), zone(zone_name));
    let mut at = from
        .parse::<civil::DateTime>()
        .unwrap()
        .to_zoned_datetime(zone.clone())
        .unwrap()
        .timestamp();
    let mut changes = Vec::new();
    for _ in 0..4 {
        at = schedule.next_change(at, &zone).unwrap();
        let sign = if schedule.contains(at, &zone) { "opens" } else { "closes" };
        changes
            .push(format!("{sign} {}", at.to_zoned_datetime(zone.clone()).strftime("%d %H:%M %Z")));
    }
    changes
}

#[test]
fn a_range_within_an_hour_that_does_not_exist_opens_only_on_other_days() {
    let found = changes("Sun 02:00-03:00", "Europe/Stockholm", "2026-03-28T12:00");
    assert_eq!(found[0], "opens 05 02:00 CEST");
    // The part that exists is kept, at both ends of the gap.
    let found = changes("Sun 01:30-02:30", "Europe/Stockholm", "2026-03-28T12:00");
    assert_eq!(found[..2], ["opens 29 01:30 CET", "closes 29 03:00 CEST"]);
    let found = changes("Sun 02:30-03:30", "Europe/Stockholm", "2026-03-28T12:00");
    assert_eq!(found[..2], ["opens 29 03:00 CEST", "closes 29 03:30 CEST"]);
}

#[test]
fn a_range_within_a_repeated_hour_opens_twice_and_one_around_it_once() {
    let found = changes("Sun 02:15-02:45", "Europe/Stockholm", "2026-10-24T12:00");
    assert_eq!(
        found,
        [
            "opens 25 02:15 CEST",
            "closes 25 02:45 CEST",
            "opens 25 02:15 CET",
            "closes 25 02:45 CET"
        ]
    );
    let found = changes("Sun 02:00-03:00", "Europe/Stockholm", "2026-10-24T12:00");
    assert_eq!(found[..2], ["opens 25 02:00 CEST", "closes 25 03:00 CET"]);
    let found = changes("Sun 01:00-02:30", "Europe/Stockholm", "2026-10-24T12:00");
    let expected = [
        "opens 25 01:00 CEST",
        "closes 25 02:30 CEST",
        "opens 25 02:00 CET",
        "closes 25 02:30 CET",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_change_of_the_clock_does_not_move_a_daily_range() {
    for (from, expected) in [
        ("2026-03-28T12:00", ["opens 28 22:00 CET", "closes 29 06:00 CEST"]),
        ("2026-10-24T12:00", ["opens 24 22:00 CEST", "closes 25 06:00 CET"]),
    ] {
        assert_eq!(changes("22:00-06:00", "Europe/Stockholm", from)[..2], expected);
    }
}

#[test]
fn what_is_always_open_never_changes() {
    for text in ["00:00-24:00", "Mon-Sun", "Mon 12:00-24:00, Mon 00:00-12:00, Tue-Sun"] {
        assert_eq!(schedule(text).next_change(Timestamp::UNIX_EPOCH, &zone(ZONES[0])), None);
    }
    let end = schedule("Mon").next_change(Timestamp::MAX, &TimeZone::UTC);
    assert_eq!(end, None);
}

#[test]
fn an_intersection_that_is_empty_never_opens() {
    let (work, weekend) = (schedule("Mon-Fri 08:00-18:00"), schedule("Sat, Sun"));
    assert!(!work.never_opens());
    assert!(work.intersection(&weekend).never_opens());
    let evening = work.intersection(&schedule("17:00-22:00"));
    assert_eq!(evening.open, schedule("Mon-Fri 17:00-18:00").open);
}

#[test]
fn a_schedule_is_written_as_it_was_read() {
    let schedule = schedule(" mon - fri 8:00-18:00 ");
    assert_eq!(schedule.to_string(), "mon - fri 8:00-18:00");
    let json = serde_json::to_string(&schedule).unwrap();
    assert_eq!(serde_json::from_str::<WeekSchedule>(&json).unwrap(), schedule);
}

/// A range as a person reads it, and the reference for [`WeekSchedule`].
#[derive(Clone, Debug)]
struct Reading {
    days: Vec<usize>,
    /// In quarters of an hour; the end may be 96.
    begin: u32,
    end: u32,
}

impl Reading {
    fn text(&self) -> String {
        let days: Vec<&str> = self.days.iter().map(|day| &text::DAYS[*day][..3]).collect();
        let time = |quarters: u32| format!("{:02}:{:02}", quarters / 4, quarters % 4 * 15);
        format!("{} {}-{}", days.join(","), time(self.begin), time(self.end))
    }

    fn contains(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let shown = zone.to_datetime(at);
        let today = usize::try_from(shown.weekday().to_monday_zero_offset()).unwrap();
        let minute =
            u32::try_from(shown.hour()).unwrap() * 60 + u32::try_from(shown.minute()).unwrap();
        let (begin, end) = (self.begin * 15, self.end * 15);
        let starts = |day: usize| self.days.contains(&day);
        if begin < end {
            return starts(today) && (begin..end).contains(&minute);
        }
        (starts(today) && minute >= begin) || (starts((today + 6) % 7) && minute < end)
    }
}

fn readings() -> impl Strategy<Value = Vec<Reading>> {
    let days = proptest::collection::vec(0..7_usize, 1..4);
    let reading = (days, 0..96_u32, 0..97_u32)
        .prop_filter("a range that is not empty", |(_, begin, end)| begin != end)
        .prop_map(|(days, begin, end)| Reading { days, begin, end });
    proptest::collection::vec(reading, 1..4)
}

/// Moments around the changes of the clocks of the zones, in quarters of an hour.
fn moments() -> impl Strategy<Value = Timestamp> {
    let days = proptest::sample::select(vec![
        "2026-03-29T00:00:00Z",
        "2026-10-25T00:00:00Z",
        "2026-03-08T00:00:00Z",
        "2026-11-01T00:00:00Z",
        "2026-04-04T12:00:00Z",
        "2026-10-03T12:00:00Z",
        "2011-12-30T00:00:00Z",
        "1960-06-01T00:00:00Z",
    ]);
    (days, -400_i64..400)
        .prop_map(|(day, quarters)| at(day) + SignedDuration::from_mins(quarters * 15))
}

proptest! {
    #[test]
    fn contains_is_what_the_wall_clock_shows(
        readings in readings(), from in moments(), more in 0..900_i64, zone in 0..ZONES.len()
    ) {
        let zone = TimeZone::get(ZONES[zone]).unwrap();
        let text = readings.iter().map(Reading::text).collect::<Vec<_>>().join(", ");
        let at = from + SignedDuration::from_secs(more);
        let expected = readings.iter().any(|one| one.contains(at, &zone));
        prop_assert_eq!(schedule(&text).contains(at, &zone), expected, "{}", text);
    }

    #[test]
    fn the_next_change_is_the_first_moment_with_the_other_answer(
        readings in readings(), from in moments(), more in 0..900_i64, zone in 0..ZONES.len()
    ) {
        let zone = TimeZone::get(ZONES[zone]).unwrap();
        let text = readings.iter().map(Reading::text).collect::<Vec<_>>().join(", ");
        let schedule = schedule(&text);
        let now = schedule.contains(from, &zone);
        let later = |quarter: i64| from + SignedDuration::from_mins(quarter * 15);
        let changed = (1..16 * 96).map(later).find(|at| schedule.contains(*at, &zone) != now);
        let within = from + SignedDuration::from_secs(more);
        prop_assert_eq!(schedule.next_change(within, &zone), changed, "{}", text);
    }

    #[test]
    fn any_text_is_read_or_refused_with_a_hint(text in "[a-zMTWFS0-9:,–— -]{0,40}") {
        if let Err(problem) = text.parse::<WeekSchedule>() {
            prop_assert!(problem.contains("; write "), "{}", problem);
        }
    }
}
