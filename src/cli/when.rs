//! I/O. Times as people write and read them on the command line.

use anyhow::{Context, Error, Result};
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::cli::hint::Refused;
use crate::clock::Timestamp;
use crate::view;

/// The forms of a point in time.
const FORMS: &str = "write 2026-11-20, 2026-11-20T06:00 or 2026-11-20T05:00Z";

/// Parses a timestamp, or a date or time of day in the configured zone.
pub(crate) fn point(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    view::point(text, zone).ok_or_else(|| not_a_time(text, FORMS.to_owned()))
}

/// A time, or how long ago it was: `2h`, `7d`.
pub(crate) fn past(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp> {
    let past = view::past(text, zone, now);
    past.ok_or_else(|| not_a_time(text, format!("{FORMS}, or how long ago: 2h, 7d")))
}

fn not_a_time(text: &str, hint: String) -> Error {
    Refused::new(format!("`{text}` is not a valid time"), hint).into()
}

/// A time, or the next moment with this time of day: `18:00`.
pub(crate) fn next(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp> {
    let is_clock = text.len() <= 8 && text.contains(':');
    let Some(clock) = text.parse::<Time>().ok().filter(|_| is_clock) else {
        return of_day_or_point(text, zone);
    };
    let today = now.to_zoned_datetime(zone.clone()).date();
    let tomorrow = today.tomorrow().unwrap_or(today);
    let found = [today, tomorrow].map(|day| zone.to_timestamp(day.to_datetime(clock)));
    for at in found {
        let at = at.with_context(|| format!("finding {text} in the time zone"))?;
        if at > now {
            return Ok(at);
        }
    }
    of_day_or_point(text, zone)
}

fn of_day_or_point(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    let point = view::point(text, zone);
    point.ok_or_else(|| not_a_time(text, format!("{FORMS}, or a time of day: 18:00")))
}

/// `Fri 27 Nov 2026 06:12:03 +01:00`.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a %d %b %Y %H:%M:%S %:z").to_string()
}

/// `27 Nov 06:12:03 +01:00`, for columns.
pub(crate) fn short(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%d %b %H:%M:%S %:z").to_string()
}
