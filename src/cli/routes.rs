//! I/O. `footman routes test`: which channels a notice would go to, and why.

use anyhow::Result;
use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::hint::Refused;
use crate::cli::{End, Global, diagnose, output};
use crate::clock::{self, Timestamp};
use crate::config::{MatchKey, Problem, Settings, nearest};
use crate::detect::pattern::Pattern;
use crate::engine::Engine;
use crate::route::{self, Evaluated, Recipient, RouteReason, Router, Values};

#[derive(clap::Subcommand)]
pub(crate) enum RoutesCommand {
    /// Show which channels a notice would go to, and which routes lead there
    Test(TestRoutesArgs),
}

#[derive(clap::Args)]
pub(crate) struct TestRoutesArgs {
    /// What is known of the notice, such as kind=reload-failed or "app=Sales EU": any matcher of
    /// routes, and at=TIME for another time than now
    #[arg(required = true, value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// One JSON object: `path`, the numbers of the routes that match, and `channels`
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(global: &Global, command: &RoutesCommand) -> Result<End> {
    match command {
        RoutesCommand::Test(args) => test(global, args),
    }
}

fn test(global: &Global, args: &TestRoutesArgs) -> Result<End> {
    let (settings, mut problems) = global.settings();
    // Where a notice goes does not depend on a URL.
    problems.retain(|problem| !settings.secret_problems.contains(problem));
    problems.extend(Router::compile(&settings.written, &settings.routes).1);
    if refuse_broken(&problems) {
        return Ok(End::Problems);
    }
    let (engine, _) = Engine::compile(&settings);
    let asked = match DescribedNotice::parse(&args.values, &settings, &engine) {
        Ok(asked) => asked,
        Err(RouteRefusal::Usage(why)) => {
            eprintln!("footman: {why}");
            eprintln!("hint: write KEY=VALUE, such as kind=reload-failed or \"app=Sales EU\"");
            return Ok(End::Usage);
        }
        Err(RouteRefusal::Unknown(refused)) => return Err(refused.into()),
    };
    let zone = &settings.timezone;
    let values = Values::Given(&asked.values);
    let (evaluated, recipients) = match &asked.channel {
        Some(channel) => (Vec::new(), vec![Recipient::channel(channel)]),
        None => engine.router.explain(&values, asked.at, zone),
    };
    let channels: Vec<&str> = recipients.iter().map(|one| one.channel.as_str()).collect();
    if args.json {
        println!("{}", json!({ "path": path(&evaluated), "channels": channels }));
        return Ok(End::Done);
    }
    output::field("at", &shown(asked.at, zone));
    print(&asked, &evaluated, &recipients);
    println!("channels: {}", channels.join(", "));
    Ok(End::Done)
}

/// Evaluating only a part of the routes would give another result than evaluating all of them.
fn refuse_broken(problems: &[Problem]) -> bool {
    diagnose::print(problems, false);
    if !problems.is_empty() {
        eprintln!("footman: nothing was tested: the configuration has problems, see above");
    }
    !problems.is_empty()
}

/// Why a route matches or not.
fn worded(because: &RouteReason) -> String {
    match because {
        RouteReason::Matches { continues: false } => "matches".to_owned(),
        RouteReason::Matches { continues: true } => {
            "matches, and continues with the routes below it".to_owned()
        }
        RouteReason::Differs { key, words, values } => {
            let (key, words) = (key.name(), listed(words, " or "));
            if values.is_empty() {
                return format!("does not match: {key} is unknown, not {words}");
            }
            format!("does not match: {key} is {}, not {words}", listed(values, " and "))
        }
        RouteReason::Closed { when, zone } => {
            let zone = zone.as_ref().map(|zone| format!(" ({zone})")).unwrap_or_default();
            format!("does not apply at this time: only {when}{zone}")
        }
    }
}

/// `` `a` or `b` ``
fn listed(words: &[String], between: &str) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(between)
}

/// The routes that match, in the order of evaluation.
fn path(evaluated: &[Evaluated]) -> Vec<String> {
    let matching =
        evaluated.iter().filter(|one| matches!(one.because, RouteReason::Matches { .. }));
    matching.map(|one| one.place.to_string()).collect()
}

fn print(asked: &DescribedNotice, evaluated: &[Evaluated], recipients: &[Recipient]) {
    for one in evaluated {
        output::field(&format!("route {}", one.place), &worded(&one.because));
    }
    if asked.channel.is_some() {
        output::field("routes", "do not apply: the pattern names the channel of its cards");
    } else if path(evaluated).is_empty() {
        output::field("no match", "a notice that no route matches goes to the channel `default`");
    }
    for Recipient { channel, mentions } in recipients.iter().filter(|it| !it.mentions.is_empty()) {
        let people: Vec<String> =
            mentions.iter().map(|one| format!("{} <{}>", one.name, one.id)).collect();
        output::field("mentions", &format!("{channel}: {}", people.join(", ")));
    }
}

fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a %-d %b %Y %H:%M:%S (%Z)").to_string()
}

/// A notice as the command line describes it.
struct DescribedNotice {
    values: Vec<(MatchKey, String)>,
    at: Timestamp,
    /// The channel that the pattern names.
    channel: Option<String>,
}

/// Why a description cannot be used.
enum RouteRefusal {
    Usage(String),
    Unknown(Refused),
}

impl DescribedNotice {
    fn parse(texts: &[String], settings: &Settings, engine: &Engine) -> Result<Self, RouteRefusal> {
        let mut asked = Self { values: Vec::new(), at: clock::now(), channel: None };
        for text in texts {
            let Some((key, value)) = text.split_once('=') else {
                return Err(RouteRefusal::Usage(format!("`{text}` has no `=`")));
            };
            asked.take(key.trim(), value.trim(), &settings.timezone, engine)?;
        }
        if let Some(environment) = &settings.environment {
            asked.add_unless_given(MatchKey::Environment, environment);
        }
        Ok(asked)
    }

    fn take(
        &mut self,
        key: &str,
        value: &str,
        zone: &TimeZone,
        engine: &Engine,
    ) -> Result<(), RouteRefusal> {
        if key == "at" {
            self.at = time(value, zone)?;
            return Ok(());
        }
        let Some(key) = MatchKey::of(key) else {
            let known = MatchKey::ALL.map(MatchKey::name);
            return Err(unknown("matcher", key, known.into_iter().chain(["at"])));
        };
        if let Some((message, hint)) = route::unknown_value(key, value) {
            return Err(RouteRefusal::Unknown(Refused::new(message, hint)));
        }
        match key {
            MatchKey::ErrorClass => {
                let known: Vec<&str> =
                    engine.detector.error_classes().map(|class| &*class.name).collect();
                if !known.contains(&value) {
                    return Err(unknown("error class", value, known));
                }
            }
            MatchKey::Pattern => self.take_pattern(value, engine.detector.patterns())?,
            _ => {}
        }
        self.values.push((key, value.to_owned()));
        Ok(())
    }

    /// The pattern decides kind, severity and perhaps the channel.
    fn take_pattern(&mut self, id: &str, patterns: &[Pattern]) -> Result<(), RouteRefusal> {
        let Some(pattern) = patterns.iter().find(|pattern| *pattern.id == *id) else {
            return Err(unknown("pattern", id, patterns.iter().map(|one| one.id.as_str())));
        };
        self.add_unless_given(MatchKey::Kind, pattern.kind.name());
        self.add_unless_given(MatchKey::Severity, pattern.severity.name());
        self.channel = pattern.channel().map(ToString::to_string);
        Ok(())
    }

    fn add_unless_given(&mut self, key: MatchKey, value: &str) {
        if !self.values.iter().any(|(known, _)| *known == key) {
            self.values.push((key, value.to_owned()));
        }
    }
}

fn unknown<'a>(what: &str, word: &str, known: impl IntoIterator<Item = &'a str>) -> RouteRefusal {
    let known: Vec<&str> = known.into_iter().collect();
    let hint = match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.len() > 20 => format!("{} are known", known.len()),
        None => format!("known: {}", known.join(", ")),
    };
    RouteRefusal::Unknown(Refused::new(format!("unknown {what} `{word}`"), hint))
}

/// A time with an offset, else by the clock of the site.
fn time(text: &str, zone: &TimeZone) -> Result<Timestamp, RouteRefusal> {
    let local = || {
        let local: civil::DateTime = text.parse().ok()?;
        Some(local.to_zoned_datetime(zone.clone()).ok()?.timestamp())
    };
    text.parse().ok().or_else(local).ok_or_else(|| {
        let hint = "write it as 2026-11-28T22:30 in the time zone of the site, or with an offset: \
                    2026-11-28T22:30:00Z";
        RouteRefusal::Unknown(Refused::new(format!("`{text}` is not a time"), hint))
    })
}
