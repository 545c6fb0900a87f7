//! Pure. The settings of a pattern besides its regexes: thresholds, pairs, times, levels.

use std::time::Duration;

use toml::Spanned;

use crate::config::{Period, Problem};
use crate::detect::pack::{Limit, PackFile, PatternTable};
use crate::detection::{Role, Terms, Threshold};

/// The levels of service logs, the lowest first.
const LEVELS: [&str; 5] = ["DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
/// How logs write them: `Service_*` has `Error`, JSON has `error`, some services write the word out.
/// Each is written here, because a regex that ignores case would make a level alone a slow pattern.
const SPELLINGS: [&str; 5] = [
    "DEBUG|Debug|debug",
    "INFO|Info|info",
    "WARN|Warn|warn|WARNING|Warning|warning",
    "ERROR|Error|error",
    "FATAL|Fatal|fatal",
];
/// A higher threshold would need its own storage.
const HIGHEST_COUNT: u32 = 1000;
/// Maximum time that a run waits for the verdict on its attempts.
const LONGEST_FINAL_AFTER: Duration = Duration::from_hours(24);

pub(crate) fn of(entry: &PatternTable) -> Terms {
    let ids =
        |list: &[Spanned<String>]| list.iter().map(|one| one.get_ref().as_str().into()).collect();
    Terms {
        threshold: entry.threshold.as_ref().map(|limit| threshold(limit.get_ref())),
        closes: ids(&entry.closes),
        suppressed_by: ids(&entry.suppressed_by),
        overdue: entry.overdue.as_ref().map(|period| period.get_ref().signed()),
        final_after: entry.final_after.as_ref().map(|period| period.get_ref().signed()),
        learned: entry.learned.as_ref().is_some_and(|it| *it.get_ref()),
        max_age: entry.max_age.map(Period::signed),
        same_as: entry.same_as.as_ref().map(|id| id.get_ref().as_str().into()),
        channel: entry.channel.as_ref().map(|channel| channel.get_ref().clone()),
        in_many_logs: entry.same_as.is_some() || entry.log.get_ref().list().len() > 1,
    }
}

pub(crate) fn threshold(limit: &Limit) -> Threshold {
    Threshold { count: limit.count, within: limit.within.signed() }
}

/// Settings that exclude each other.
pub(crate) fn problems(entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
    let role = *entry.role.get_ref();
    let mut problems = Vec::new();
    if let Some(limit) = &entry.threshold {
        problems.extend(limit_problem(limit, source));
        if role != Role::Standalone {
            let message = "only a pattern of the role `standalone` can have a threshold";
            let hint = "the scheduler's own retries are the threshold of a run";
            problems.push(source.problem(limit.span(), message, Some(hint.to_owned())));
        }
    }
    match (&entry.overdue, role) {
        (None, Role::Start) => {
            let hint = Some("add `overdue = \"4h\"`".to_owned());
            let message = "the role `start` needs `overdue`";
            problems.push(source.problem(entry.role.span(), message, hint));
        }
        (Some(overdue), role) if role != Role::Start => {
            let hint = Some("add `role = \"start\"`".to_owned());
            let message = "`overdue` needs the role `start`";
            problems.push(source.problem(overdue.span(), message, hint));
        }
        _ => {}
    }
    if let Some(period) = &entry.final_after {
        problems.extend(final_after_problem(period, role, source));
    }
    if let Some(learned) = &entry.learned
        && role != Role::Start
    {
        let hint = Some("add `role = \"start\"`".to_owned());
        problems.push(source.problem(learned.span(), "`learned` needs the role `start`", hint));
    }
    problems
}

fn final_after_problem(period: &Spanned<Period>, role: Role, source: &PackFile) -> Option<Problem> {
    let after = *period.get_ref();
    let (message, hint) = if !matches!(role, Role::Attempt | Role::ScriptFailed) {
        let message = "only a failed attempt can become the final word after a time".to_owned();
        (message, "add `role = \"attempt\"`".to_owned())
    } else if after.0 > LONGEST_FINAL_AFTER {
        let longest = Period(LONGEST_FINAL_AFTER);
        let message = format!("a `final-after` of {after} is too long");
        (message, format!("give a time of at most {longest}, such as \"2m\""))
    } else {
        return None;
    };
    Some(source.problem(period.span(), message, Some(hint)))
}

pub(crate) fn limit_problem(limit: &Spanned<Limit>, source: &PackFile) -> Option<Problem> {
    let Limit { count, within, .. } = limit.get_ref();
    let is_wrong = *count == 0 || *count > HIGHEST_COUNT || within.0.is_zero();
    let message = format!("a threshold of {count} in {within} is not valid");
    let hint = format!("give a count from 1 to {HIGHEST_COUNT} and a time such as \"5m\"");
    is_wrong.then(|| source.problem(limit.span(), message, Some(hint)))
}

/// The regex of a condition as written: a regex, `=text`, or a minimum level.
pub(crate) fn expression(column: &str, written: &str) -> Result<String, String> {
    let is_level = ["Level", "Severity"].iter().any(|name| name.eq_ignore_ascii_case(column));
    if is_level && let Some(level) = written.strip_prefix(">=") {
        return at_least(level.trim());
    }
    Ok(match written.strip_prefix('=') {
        Some(text) => format!(r"^\s*{}\s*$", regex_syntax::escape(text.trim())),
        None => written.to_owned(),
    })
}

fn at_least(level: &str) -> Result<String, String> {
    match LEVELS.iter().position(|known| known.eq_ignore_ascii_case(level)) {
        Some(place) => Ok(format!(r"^\s*(?:{})\s*$", SPELLINGS[place..].join("|"))),
        None => Err(format!("`{level}` is not a level")),
    }
}
