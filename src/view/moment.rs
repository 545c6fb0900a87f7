//! Pure. Times as people write them, and as in the JSON of commands and the API.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use crate::clock::Timestamp;
use crate::config::Period;

/// A time in UTC with milliseconds: `2026-11-27T05:12:03.250Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A time in a sentence of the JSON of commands, in UTC: `2026-11-27T05:12:03Z`.
pub fn utc(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// Parses a timestamp, or a date or time of day in the zone.
pub fn point(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let midnight = |date: Date| date.at(0, 0, 0, 0);
    let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(midnight)).ok()?;
    zone.to_timestamp(local).ok()
}

/// Parses a time, or how long ago it was: `2h`, `7d`.
pub fn past(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    match text.parse::<Period>() {
        Ok(period) => Some(now.saturating_sub(period.signed()).unwrap_or(Timestamp::MIN)),
        Err(_) => point(text, zone),
    }
}
