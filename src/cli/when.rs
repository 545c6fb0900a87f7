//! I/O. Times as people write and read them on the command line.

use anyhow::{Context, Result};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::cli::hint::Refused;
use crate::clock::Timestamp;
use crate::config::Period;

/// Parses a timestamp, or a date or time of day in the configured zone.
pub(crate) fn point(text: &str, zone: &TimeZone) -> Result<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let midnight = |date: Date| date.at(0, 0, 0, 0);
    let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(midnight));
    let Ok(local) = local else {
        let hint = "write 2026-11-20, 2026-11-20T06:00 or 2026-11-20T05:00Z";
        return Err(Refused::new(format!("`{text}` is not a valid time"), hint).into());
    };
    zone.to_timestamp(local).with_context(|| format!("finding {text} in the time zone"))
}

/// A time, or how long ago it was: `2h`, `7d`.
pub(crate) fn past(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp> {
    if let Ok(period) = text.parse::<Period>() {
        return Ok(now.saturating_sub(period.signed()).unwrap_or(Timestamp::MIN));
    }
    point(text, zone).map_err(|error| match error.downcast::<Refused>() {
        Ok(refused) => {
            let hint = format!("{}, or how long ago: 2h, 7d", refused.hint);
            Refused::new(refused.what, hint).into()
        }
        Err(error) => error,
    })
}

/// A time, or the next moment with this time of day: `18:00`.
pub(crate) fn next(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp> {
    let is_clock = text.len() <= 8 && text.contains(':');
    let Some(clock) = text.parse::<Time>().ok().filter(|_| is_clock) else {
        return point(text, zone);
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
    point(text, zone)
}

/// `Fri 27 Nov 2026 06:12:03 +01:00`.
pub(crate) fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a %d %b %Y %H:%M:%S %:z").to_string()
}

/// `27 Nov 06:12:03 +01:00`, for columns.
pub(crate) fn short(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%d %b %H:%M:%S %:z").to_string()
}
