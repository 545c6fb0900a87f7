//! Pure. Formats times, durations and subjects for cards.

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::config::Language;
use crate::detection::Kind;
use crate::incident::{Notice, Reason};
use crate::qlik::node::is_guid;
use crate::render::{Site, catalog, clean};

/// `Mon 23 Nov 2026 06:13:52 (UTC+1)`.
pub(crate) fn moment(at: Timestamp, site: &Site) -> String {
    let local = at.to_zoned_datetime(site.timezone.clone());
    let offset = offset(local.offset().seconds());
    format!("{} ({offset})", catalog::of(site.language).moment(&local))
}

/// `Sun 22 Nov 06:14`: for times less than a year ago.
pub(crate) fn short_moment(at: Timestamp, site: &Site) -> String {
    catalog::of(site.language).short_moment(&at.to_zoned_datetime(site.timezone.clone()))
}

/// `12 Nov`.
pub(crate) fn day(at: Timestamp, site: &Site) -> String {
    catalog::of(site.language).day(&at.to_zoned_datetime(site.timezone.clone()))
}

/// An amount of memory or disk: `41.2 GB`, `512 MB`.
pub(crate) fn bytes(bytes: u64, point: char) -> String {
    const GIGABYTE: u64 = 1_000_000_000;
    if bytes < GIGABYTE {
        return format!("{} MB", bytes / 1_000_000);
    }
    let tenths = bytes / 100_000_000;
    format!("{}{point}{} GB", tenths / 10, tenths % 10)
}

/// `06:13:52`.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// `2026-11-23 06:13:52`.
pub(crate) fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `UTC+1`.
pub(crate) fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    match (seconds.abs() / 3600, seconds.abs() / 60 % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// The duration between two times; negative ones count as zero.
pub(crate) fn span(from: Timestamp, to: Timestamp, language: Language) -> String {
    duration(to.duration_since(from), language)
}

/// The two largest units: `3 min 31 s`, `2 d 2 h`.
pub fn duration(lasted: SignedDuration, language: Language) -> String {
    in_two_units(lasted).unwrap_or_else(|| catalog::of(language).instant().to_owned())
}

/// The symbols of the units are the same in every language. `None` for less than a second.
pub(crate) fn in_two_units(lasted: SignedDuration) -> Option<String> {
    let seconds = lasted.max(SignedDuration::ZERO).as_secs();
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min")];
    let units = units.into_iter().chain([(seconds % 60, "s")]);
    let parts: Vec<String> = units
        .skip_while(|(n, _)| *n == 0)
        .take(2)
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The digits in groups of three.
pub(crate) fn grouped(n: u64, sign: char) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(sign);
        }
        out.push(digit);
    }
    out
}

/// The subject of a card: the app, else the task, else the node.
pub(crate) fn subject(notice: &Notice, language: Language) -> String {
    let facts = &notice.facts;
    let node = facts.host.as_deref().or(facts.tenant.as_deref());
    let node = || node.map(|node| clean::line(node, 60)).filter(|node| !node.is_empty());
    let known = app_or_task(notice, language).or_else(node);
    known.unwrap_or_else(|| catalog::of(language).labels().unknown.to_owned())
}

/// The app or the task that a card is about. Without a name, a word says what the beginning of the
/// id identifies.
pub(crate) fn app_or_task(notice: &Notice, language: Language) -> Option<String> {
    let facts = &notice.facts;
    let named = match notice.kind {
        Kind::TaskFailed | Kind::TaskNotStarted | Kind::CloudTaskDisabled => {
            facts.task_name.as_ref().or(facts.app_name.as_ref())
        }
        _ => facts.app_name.as_ref().or(facts.task_name.as_ref()),
    };
    let name = named.filter(|name| !is_guid(name)).map(|name| clean::line(name, 60));
    let catalog = catalog::of(language);
    let by_id = || {
        [(facts.app_id.as_deref(), true), (facts.task_id.as_deref(), false)].into_iter().find_map(
            |(id, app)| {
                let id = clean::line(id?, 60);
                let begin: String = id.chars().take(8).collect();
                match (is_guid(&id), app) {
                    (true, true) => Some(catalog.app_by_id(&begin)),
                    (true, false) => Some(catalog.task_by_id(&begin)),
                    (false, _) => Some(id).filter(|id| !id.is_empty()),
                }
            },
        )
    };
    name.filter(|name| !name.is_empty()).or_else(by_id)
}

/// One line of plain text for lists: head and reason.
pub(crate) fn summary(notice: &Notice, language: Language) -> String {
    let error = clean::line(&catalog::reason(notice, language), 160);
    match (error.is_empty(), notice.reason) {
        (true, _) | (false, Reason::Recovered) => catalog::headline(notice, language),
        (false, _) => format!("{}: {error}", catalog::title(notice, language)),
    }
}

#[cfg(test)]
mod tests;
