//! Pure. Formats times, durations and subjects for cards.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::detection::Kind;
use crate::incident::{Notice, Reason};
use crate::render::{catalog, clean};

/// `Mon 23 Nov 2026 06:13:52 (UTC+1)`.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    let offset = offset(local.offset().seconds());
    format!("{} ({offset})", local.strftime("%a %-d %b %Y %H:%M:%S"))
}

/// `Sun 22 Nov 06:14`: for times less than a year ago.
pub(crate) fn short_moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a %-d %b %H:%M").to_string()
}

/// `06:13:52`.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// `2026-11-23 06:13:52`.
pub(crate) fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    match (seconds.abs() / 3600, seconds.abs() / 60 % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The duration between two times; negative ones count as zero.
pub(crate) fn span(from: Timestamp, to: Timestamp) -> String {
    duration(to.duration_since(from))
}

/// The two largest units: `3 min 31 s`, `2 d 2 h`.
pub fn duration(lasted: SignedDuration) -> String {
    let seconds = lasted.max(SignedDuration::ZERO).as_secs();
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min")];
    let units = units.into_iter().chain([(seconds % 60, "s")]);
    let parts: Vec<String> = units
        .skip_while(|(n, _)| *n == 0)
        .take(2)
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    if parts.is_empty() { "under 1 s".to_owned() } else { parts.join(" ") }
}

/// The subject of a card: the app, else the task, else the node.
pub(crate) fn subject(notice: &Notice) -> String {
    let facts = &notice.facts;
    let named = match notice.kind {
        Kind::TaskFailed | Kind::TaskNotStarted => {
            facts.task_name.as_ref().or(facts.app_name.as_ref())
        }
        _ => facts.app_name.as_ref().or(facts.task_name.as_ref()),
    };
    let id = facts.app_id.as_ref().or(facts.task_id.as_ref());
    let name = named.or(id).or(facts.host.as_ref()).map(|name| clean::line(name, 60));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// One line of plain text for lists: head and reason.
pub fn summary(notice: &Notice) -> String {
    let error = clean::line(&catalog::reason(notice), 160);
    match (error.is_empty(), notice.reason) {
        (true, _) | (false, Reason::Recovered) => catalog::headline(notice),
        (false, _) => format!("{}: {error}", catalog::title(notice)),
    }
}

#[cfg(test)]
mod tests;
