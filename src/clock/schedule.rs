//! Pure. Recurring time ranges of a week: `Mon-Fri 08:00-18:00`, `22:00-06:00`, `Sat, Sun`.
//!
//! A moment is inside if the wall clock of the zone shows a day and time inside, as in
//! Alertmanager's time intervals. So a range within an hour that a zone skips does not open on that
//! day, and one within an hour that it repeats opens twice.

mod text;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// Minutes of a day and of a week. Minute 0 of the week is Monday 00:00.
const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;

const NANOS_OF_MINUTE: i128 = 60_000_000_000;
/// Minutes from a Monday 00:00 to the epoch, which was a Thursday.
const EPOCH: i128 = 3 * DAY as i128;

/// When something applies: a set of half-open time ranges of a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WeekSchedule {
    /// As it was written.
    text: String,
    /// In minutes of the week, in order; neither overlapping nor touching.
    open: Vec<Range<u32>>,
}

impl WeekSchedule {
    /// Whether the wall clock of the zone shows a time inside.
    pub fn contains(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let minute = nanos_of_week(at, zone) / NANOS_OF_MINUTE;
        u32::try_from(minute).is_ok_and(|minute| self.is_open(minute))
    }

    /// The first moment after `at` from which [`Self::contains`] gives the other answer; `None` if
    /// it never does.
    pub fn next_change(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let is_open = self.contains(at, zone);
        let mut from = at;
        // Between two transitions of the zone its clock runs evenly.
        loop {
            let edge = self.next_edge(from, zone)?;
            let transition = zone.following(from).next().map(|next| next.timestamp());
            match transition.filter(|transition| *transition <= edge) {
                None => return Some(edge),
                Some(transition) if self.contains(transition, zone) != is_open => {
                    return Some(transition);
                }
                Some(transition) => from = transition,
            }
        }
    }

    /// Whether no time of a week is inside. A text cannot say that; an intersection can.
    pub fn never_opens(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether every time of a week is inside.
    pub fn is_always_open(&self) -> bool {
        matches!(self.open[..], [Range { start: 0, end: WEEK }])
    }

    /// Whether all times that are inside the other are inside this one.
    pub fn covers(&self, other: &Self) -> bool {
        let is_inside = |inner: &Range<u32>| {
            self.open.iter().any(|range| range.start <= inner.start && inner.end <= range.end)
        };
        other.open.iter().all(is_inside)
    }

    /// The times that are inside both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let pairs = self.open.iter().flat_map(|one| other.open.iter().map(move |two| (one, two)));
        let shared = pairs.map(|(one, two)| one.start.max(two.start)..one.end.min(two.end));
        Self {
            text: format!("{self} and {other}"),
            open: shared.filter(|range| !range.is_empty()).collect(),
        }
    }

    fn is_open(&self, minute: u32) -> bool {
        self.open.iter().any(|range| range.contains(&minute))
    }

    /// When the schedule opens or closes next, if the zone keeps its offset.
    fn next_edge(&self, from: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let now = nanos_of_week(from, zone);
        let ends = self.open.iter().flat_map(|range| [range.start, range.end % WEEK]);
        let edges =
            ends.filter(|edge| self.is_open(*edge) != self.is_open((edge + WEEK - 1) % WEEK));
        let until = edges.map(|edge| {
            let week = i128::from(WEEK) * NANOS_OF_MINUTE;
            week - (now - i128::from(edge) * NANOS_OF_MINUTE).rem_euclid(week)
        });
        let until = i64::try_from(until.min()?).ok()?;
        from.checked_add(SignedDuration::from_nanos(until)).ok()
    }
}

/// What the wall clock of the zone shows, in nanoseconds since Monday 00:00.
fn nanos_of_week(at: Timestamp, zone: &TimeZone) -> i128 {
    let offset = i128::from(zone.to_offset(at).seconds()) * (NANOS_OF_MINUTE / 60);
    let shown = at.as_nanosecond() + offset + EPOCH * NANOS_OF_MINUTE;
    shown.rem_euclid(i128::from(WEEK) * NANOS_OF_MINUTE)
}

impl FromStr for WeekSchedule {
    /// The problem, a semicolon and a hint.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.trim().to_owned(), open: text::parse(text)? })
    }
}

impl fmt::Display for WeekSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for WeekSchedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<WeekSchedule> for String {
    fn from(schedule: WeekSchedule) -> Self {
        schedule.text
    }
}

#[cfg(test)]
mod tests;
