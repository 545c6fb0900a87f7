//! Pure. Says times, spans and titles in the words of the cards.

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::detect::{Kind, Severity};
use crate::incident::{Notice, Reason};
use crate::render::clean;

/// `Mon 23 Nov 2026 06:13:52 (UTC+1)`.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    let offset = offset(local.offset().seconds());
    format!("{} ({offset})", local.strftime("%a %-d %b %Y %H:%M:%S"))
}

/// `Sun 22 Nov 06:14`: for what is less than a year ago.
pub(crate) fn short_moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a %-d %b %H:%M").to_string()
}

/// `06:13:52`.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// What stands by a time that may mean either of the two hours that a clock told alike.
pub(crate) const UNCERTAIN: &str = "time uncertain";

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

/// From one moment to another. A span that ends before it starts counts as none.
pub(crate) fn span(from: Timestamp, to: Timestamp) -> String {
    duration(to.duration_since(from))
}

/// The two largest units: `3 min 31 s`, `2 d 2 h`.
pub fn duration(lasted: SignedDuration) -> String {
    let seconds = lasted.max(SignedDuration::ZERO).as_secs();
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min")];
    let units = units.into_iter().chain([(seconds % 60, "s")]);
    let said: Vec<String> = units
        .skip_while(|(n, _)| *n == 0)
        .take(2)
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    if said.is_empty() { "under 1 s".to_owned() } else { said.join(" ") }
}

/// `1st`, `2nd`, `3rd`, `11th`.
pub(crate) fn ordinal(n: u32) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

/// What the card is about: the app, else the task, else the service or node.
pub(crate) fn subject(notice: &Notice) -> String {
    let facts = &notice.facts;
    let named = match notice.kind {
        Kind::TaskFailed | Kind::TaskNotStarted => {
            facts.task_name.as_ref().or(facts.app_name.as_ref())
        }
        _ => facts.app_name.as_ref().or(facts.task_name.as_ref()),
    };
    let id = facts.app_id.as_ref().or(facts.task_id.as_ref());
    let told = named.or(id).or(facts.host.as_ref()).map(|name| clean::line(name, 60));
    told.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}

/// The head of the card, at most 100 characters: `Reload failed: Sales Dashboard`.
pub(crate) fn title(notice: &Notice) -> String {
    let (kind, subject) = (notice.kind, subject(notice));
    let title = match notice.reason {
        Reason::Opened => head(kind, notice, &subject),
        Reason::Repeated => still(kind, notice, &subject),
        Reason::Recovered => over(kind, notice, &subject),
    };
    clean::ellipsis(&title, 100)
}

fn still(kind: Kind, notice: &Notice, subject: &str) -> String {
    match kind {
        Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => {
            format!("Reload still fails: {subject}")
        }
        Kind::ReloadAborted => format!("Reload aborted again: {subject}"),
        Kind::TaskFailed => format!("Task still fails: {subject}"),
        Kind::TaskNotStarted => format!("Task still cannot start: {subject}"),
        Kind::ServiceStopped => format!("Service still stopped: {}", service(notice)),
        Kind::ReloadRecovered => head(kind, notice, subject),
        _ => format!("Still: {}", head(kind, notice, subject)),
    }
}

fn over(kind: Kind, notice: &Notice, subject: &str) -> String {
    match kind {
        Kind::TaskFailed | Kind::TaskNotStarted => format!("Recovered: {subject} runs again"),
        Kind::ServiceStopped | Kind::ServiceStarted => format!("Recovered: {}", service(notice)),
        Kind::Performance | Kind::Security | Kind::Service | Kind::Agent => {
            format!("Over: {}", head(kind, notice, subject))
        }
        _ => format!("Recovered: {subject} reloads again"),
    }
}

fn head(kind: Kind, notice: &Notice, subject: &str) -> String {
    match kind {
        Kind::ReloadFailed | Kind::ReloadFailedOutsideTask => format!("Reload failed: {subject}"),
        Kind::ReloadAborted => format!("Reload aborted: {subject}"),
        Kind::TaskFailed => format!("Task failed: {subject}"),
        Kind::TaskNotStarted => format!("Task could not start: {subject}"),
        Kind::ReloadRecovered => format!("Recovered: {subject} reloads again"),
        Kind::Performance => trouble("Performance", notice),
        Kind::Security => trouble("Security", notice),
        Kind::Service => trouble("Qlik service", notice),
        Kind::ServiceStopped => format!("Service stopped: {}", service(notice)),
        Kind::ServiceStarted => format!("Recovered: {}", service(notice)),
        Kind::Agent => trouble("Footman", notice),
        Kind::Digest => "Several troubles, shown as one".to_owned(),
        Kind::Test => "Test card".to_owned(),
    }
}

/// `Qlik Sense Engine and 2 more`.
fn service(notice: &Notice) -> String {
    let also = notice.facts.captures.get("also_down").map_or(0, |names| names.split(" · ").count());
    let name = Some(clean::line(&notice.title, 60)).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "a service of Qlik Sense".to_owned());
    if also == 0 { name } else { format!("{name} and {also} more") }
}

/// `Performance: engine memory is high`.
fn trouble(family: &str, notice: &Notice) -> String {
    let title = clean::line(&notice.title, 72);
    if title.is_empty() {
        format!("{family} trouble")
    } else {
        format!("{family}: {}", begin_low(&title))
    }
}

/// The first letter small, unless the word is an abbreviation or a name in capitals.
fn begin_low(text: &str) -> String {
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// Why it happened: an abort's row only says that it happened, but also by whom.
pub(crate) fn why(notice: &Notice) -> Cow<'_, str> {
    let told_by_script = notice.script.as_ref().is_some_and(|script| script.error.is_some());
    match &notice.facts.user {
        Some(user) if notice.kind == Kind::ReloadAborted && !told_by_script => {
            Cow::Owned(format!("Stopped by {user}"))
        }
        _ => Cow::Borrowed(&notice.error),
    }
}

/// One line of plain text for lists: head and reason.
pub fn summary(notice: &Notice) -> String {
    let error = clean::line(&why(notice), 160);
    match (error.is_empty(), notice.reason) {
        (true, _) | (false, Reason::Recovered) => title(notice),
        (false, _) => format!("{}: {error}", title(notice)),
    }
}

/// The name of a kind, as configuration writes it.
pub(crate) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ReloadFailed => "reload-failed",
        Kind::ReloadAborted => "reload-aborted",
        Kind::ReloadFailedOutsideTask => "reload-failed-outside-task",
        Kind::TaskFailed => "task-failed",
        Kind::TaskNotStarted => "task-not-started",
        Kind::ReloadRecovered => "reload-recovered",
        Kind::Performance => "performance",
        Kind::Security => "security",
        Kind::Service => "service",
        Kind::ServiceStopped => "service-stopped",
        Kind::ServiceStarted => "service-started",
        Kind::Agent => "agent",
        Kind::Digest => "digest",
        Kind::Test => "test",
    }
}

pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
        Severity::Critical => "critical",
    }
}

pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Opened => "opened",
        Reason::Repeated => "repeated",
        Reason::Recovered => "recovered",
    }
}

#[cfg(test)]
mod tests;
