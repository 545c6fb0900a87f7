//! Pure. Compiles maintenance windows and escalation rules, and reports their problems.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::config::{
    DEFAULT_CHANNEL, EscalationConfig, MaintenanceConfig, MatchConfig, Mention, Problem,
    ProblemKind, Settings, Written, nearest,
};
use crate::mute::MaintenanceWindow;
use crate::pipeline::EscalationRule;
use crate::route::{MOST_MENTIONS, Matchers, RefusedMatcher, matcher_fault};

/// The most windows and the most rules: each notice is compared with all of them.
pub(crate) const MOST: usize = 100;

/// The windows and rules of the settings, and the problems; windows and rules with a problem are
/// left out.
pub(crate) fn compile(
    settings: &Settings,
) -> (Vec<MaintenanceWindow>, Vec<EscalationRule>, Vec<Problem>) {
    let written = &settings.written;
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    let mut windows = Vec::new();
    for (number, config) in settings.maintenance.iter().enumerate().take(MOST) {
        let place = ListSection { written, section: "maintenance", number };
        if !config.name.trim().is_empty() && !names.insert(config.name.trim()) {
            let message = format!("two windows are named `{}`", config.name.trim());
            problems.push(place.problem("name", &message, "give each its own name"));
        }
        if place.is_refused(["name", "when"]) {
            continue;
        }
        match window(&place, config, &settings.timezone) {
            Ok(window) => windows.push(window),
            Err(refused) => problems.extend(refused),
        }
    }
    let mut rules = Vec::new();
    for (number, config) in settings.escalation.iter().enumerate().take(MOST) {
        let place = ListSection { written, section: "escalation", number };
        if place.is_refused(["after", "channel"]) {
            continue;
        }
        match rule(&place, config, settings) {
            Ok(rule) => rules.push(rule),
            Err(refused) => problems.extend(refused),
        }
    }
    for (section, n) in
        [("maintenance", settings.maintenance.len()), ("escalation", settings.escalation.len())]
    {
        if n > MOST {
            let message = format!("there are more than {MOST} sections [[{section}]]");
            let hint = "give one a list of words or a glob";
            problems.push(
                ListSection { written, section, number: MOST }.problem("match", &message, hint),
            );
        }
    }
    (windows, rules, problems)
}

/// One section of a list.
struct ListSection<'w> {
    written: &'w Written,
    section: &'static str,
    number: usize,
}

impl ListSection<'_> {
    fn problem(&self, key: &str, message: &str, hint: &str) -> Problem {
        let number = self.number.to_string();
        let mut path = vec![self.section, &number];
        path.extend(key.split('.'));
        self.written.problem_at(&path, message, hint)
    }

    /// Whether one of these keys has an unreadable value, so that it is not missing.
    fn is_refused(&self, keys: [&str; 2]) -> bool {
        let number = self.number.to_string();
        keys.iter().any(|key| self.written.is_refused(&[self.section, &number, key]))
    }

    fn missing(&self, key: &str, example: &str) -> Problem {
        let message = format!("{} has no `{key}`", self.section);
        self.problem(key, &message, &format!("write {example}")).of_kind(ProblemKind::Missing)
    }

    /// The matchers, and a problem for each that cannot be used.
    fn matchers(&self, matches: &MatchConfig, problems: &mut Vec<Problem>) -> Matchers {
        let words = matches.all().map(|(key, words)| (key.name().to_owned(), words.to_vec()));
        let compiled = Matchers::compile(&words.into_iter().collect());
        let checked =
            compiled.and_then(|it| it.check_kinds().map(|()| it).map_err(|one| vec![one]));
        checked.unwrap_or_else(|refused| {
            for RefusedMatcher { key, place, fault } in refused {
                let (message, hint) = matcher_fault(&fault, &key);
                let place = place.map_or_else(String::new, |place| format!(".{place}"));
                problems.push(self.problem(&format!("match.{key}{place}"), &message, &hint));
            }
            Matchers::default()
        })
    }
}

fn window(
    place: &ListSection<'_>,
    config: &MaintenanceConfig,
    zone: &TimeZone,
) -> Result<MaintenanceWindow, Vec<Problem>> {
    let mut problems = Vec::new();
    let name = config.name.trim();
    if name.is_empty() || name.chars().count() > 60 {
        problems.push(place.missing("name", "a short one, such as name = \"nightly backup\""));
    }
    if config.when.is_none() {
        let example = "days and times, such as when = \"Sun 02:00-06:00\"";
        problems.push(place.missing("when", example));
    }
    let mut timezone = zone.clone();
    if let Some(name) = config.timezone.as_deref() {
        if let Ok(zone) = TimeZone::get(name) {
            timezone = zone;
        } else {
            let message = format!("`{name}` is not a known time zone");
            let hint = "write an IANA name such as \"Europe/Stockholm\"";
            problems.push(place.problem("timezone", &message, hint));
        }
    }
    let matchers = place.matchers(&config.matches, &mut problems);
    match config.when.clone().filter(|_| problems.is_empty()) {
        Some(when) => {
            let (name, reason) = (name.to_owned(), config.reason.clone());
            Ok(MaintenanceWindow { name, when, timezone, matchers, reason })
        }
        None => Err(problems),
    }
}

fn rule(
    place: &ListSection<'_>,
    config: &EscalationConfig,
    settings: &Settings,
) -> Result<EscalationRule, Vec<Problem>> {
    let mut problems = Vec::new();
    let after = config.after.filter(|after| !after.0.is_zero());
    if after.is_none() {
        problems.push(place.missing("after", "a time, such as after = \"30m\""));
    }
    let channel = config.channel.trim();
    if channel.is_empty() {
        let example = "the name of a channel, such as channel = \"on-call\"";
        problems.push(place.missing("channel", example));
    } else if channel != DEFAULT_CHANNEL && !settings.channels.contains_key(channel) {
        let known = settings.channels.keys().map(String::as_str);
        let hint = nearest(channel, known).map_or_else(
            || format!("add a section [channel.{channel}]"),
            |near| format!("did you mean `{near}`?"),
        );
        let problem = place.problem("channel", &format!("unknown channel `{channel}`"), &hint);
        problems.push(problem.of_kind(ProblemKind::UnknownName));
    }
    if config.mention.len() > MOST_MENTIONS {
        let message = format!("an escalation mentions more than {MOST_MENTIONS} people");
        let hint = "Teams does not accept more on one card; mention those who are on call";
        problems.push(place.problem("mention", &message, hint));
    }
    let mut mentions = Vec::new();
    for (number, person) in config.mention.iter().enumerate().take(MOST_MENTIONS) {
        match Mention::parse(person) {
            Ok(mention) => mentions.push(mention),
            Err((message, hint)) => {
                problems.push(place.problem(&format!("mention.{number}"), message, hint));
            }
        }
    }
    let matchers = place.matchers(&config.matches, &mut problems);
    match after.filter(|_| problems.is_empty()) {
        Some(after) => {
            let (after, channel) = (after.signed(), channel.to_owned());
            Ok(EscalationRule { matchers, after, channel, mentions })
        }
        None => Err(problems),
    }
}

#[cfg(test)]
mod tests;
