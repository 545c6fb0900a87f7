//! Pure. Checks a configuration for values that have the right form but cannot work.

use std::time::Duration;

use url::Url;

use crate::config::load::limits::PROBLEMS;
use crate::config::{
    ChannelConfig, Config, DEFAULT_CHANNEL, Problem, RouteConfig, Written, nearest,
};

/// A card that is delayed longer is too late for people on call.
const LONGEST_SETTLE: Duration = Duration::from_secs(15);

/// Each channel keeps its own connection and its own pace.
const MOST_CHANNELS: usize = 100;
/// Each notice is checked against the routes in order.
pub const MOST_ROUTES: usize = 1000;

/// `complete` means that no part was left out, so that parts can be checked against each other.
pub(in crate::config) fn check(config: &Config, written: &Written, complete: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(settle_is_short(config, written));
    problems.extend(site_is_an_address(config, written));
    problems.extend(environment_is_a_name(config, written));
    problems.extend(numbers_are_sane(config, written));
    problems.extend(percents_are_percents(config, written));
    problems.extend(channels_are_spelt(config, written));
    let channels = config.channel.iter();
    let unsound = channels.flat_map(|(name, channel)| channel_is_sound(name, channel, written));
    problems.extend(unsound.take(PROBLEMS));
    let routes = config.route.iter().take(MOST_ROUTES).enumerate();
    let lost = routes.flat_map(|(number, route)| channels_exist(number, route, config, written));
    problems.extend(lost.take(PROBLEMS));
    if complete {
        problems.extend(routes_are_reached(config, written));
    }
    problems
}

fn settle_is_short(config: &Config, written: &Written) -> Option<Problem> {
    (config.incident.settle.0 > LONGEST_SETTLE).then(|| {
        written.problem_at(
            &["incident", "settle"],
            &format!("settle is {}, which is longer than 15s", config.incident.settle),
            "a card must not wait for a script log that may never come; write \"15s\" or less",
        )
    })
}

fn numbers_are_sane(config: &Config, written: &Written) -> Vec<Problem> {
    let mut problems = Vec::new();
    if config.channel.len() > MOST_CHANNELS {
        let message = format!("there are more than {MOST_CHANNELS} channels");
        let hint = "send what goes to the same place through one channel";
        problems.push(written.problem_at(&["channel"], &message, hint));
    }
    if config.route.len() > MOST_ROUTES {
        let message = format!("there are more than {MOST_ROUTES} routes");
        let hint = "give one route a list of words or a glob, instead of a route for each word";
        problems.push(written.problem_at(&["route", &MOST_ROUTES.to_string()], &message, hint));
    }
    problems
}

fn site_is_an_address(config: &Config, written: &Written) -> Option<Problem> {
    let url = config.site_url.as_deref()?;
    let report = |message: &str, hint: &str| Some(written.problem_at(&["site-url"], message, hint));
    let typed = "write it as people type it, such as \"https://qlik.example.com\"";
    let Some(address) = Url::parse(url).ok().filter(Url::has_host) else {
        return report("site-url is not a web address", typed);
    };
    let rest = url.trim_start().get("https://".len()..).unwrap_or_default();
    match address.scheme() {
        "https" => {}
        "http" => {
            let host = address.host_str().unwrap_or_default();
            let hint = format!("write \"https://{host}\", or remove the line");
            let message = "site-url begins with `http:`, but Teams opens only https links";
            return report(message, &hint);
        }
        _ => return report("site-url is not a web address", typed),
    }
    if !address.username().is_empty() || address.password().is_some() {
        return report("site-url holds a user name or a password", typed);
    }
    if !rest.starts_with(char::is_alphanumeric) && !rest.starts_with('[') {
        return report("site-url is not a web address", typed);
    }
    let has_rest = address.query().is_some() || address.fragment().is_some();
    has_rest.then(|| {
        let message = "site-url has a part after `?` or `#`, so no link can be appended";
        written.problem_at(&["site-url"], message, typed)
    })
}

/// The type also allows values above 100.
fn percents_are_percents(config: &Config, written: &Written) -> Vec<Problem> {
    let node = &config.node;
    let percents = [("disk", node.disk), ("memory", node.memory), ("processor", node.processor)];
    let beyond = percents.into_iter().filter(|(_, percent)| *percent > 100);
    let problem = |(key, percent): (&str, u8)| {
        let message = format!("`{percent}` is not a valid value of `node.{key}`");
        written.problem_at(&["node", key], &message, "expected: percent from 1 to 100, `0` is off")
    };
    beyond.map(problem).collect()
}

/// Reports a channel whose name is close to `default` and that no route uses: it is probably a
/// typo, and its cards would stay on this machine.
fn channels_are_spelt(config: &Config, written: &Written) -> Vec<Problem> {
    if config.channel.contains_key(DEFAULT_CHANNEL) {
        return Vec::new();
    }
    let is_used =
        |name: &str| config.route.iter().any(|route| route.channel.iter().any(|it| it == name));
    let names = config.channel.keys().filter(|name| !is_used(name));
    let near = names.filter(|name| nearest(name, [DEFAULT_CHANNEL]).is_some());
    near.map(|name| {
        let message = format!("no route leads to the channel `{name}`");
        written.problem_at(&["channel", name], &message, "did you mean [channel.default]?")
    })
    .take(PROBLEMS)
    .collect()
}

/// The name becomes a file name, so it must not lead out of the folder.
fn environment_is_a_name(config: &Config, written: &Written) -> Option<Problem> {
    let name = config.environment.as_deref()?;
    (!is_name(name)).then(|| {
        written.problem_at(
            &["environment"],
            &format!("`{name}` cannot be the name of an environment"),
            "use letters, digits, `-` and `_`",
        )
    })
}

fn channel_is_sound(name: &str, channel: &ChannelConfig, written: &Written) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |key: &str, message: &str, hint: &str| {
        problems.push(written.problem_at(&["channel", name, key], message, hint));
    };
    if !is_name(name) {
        report(
            "",
            &format!("`{name}` cannot be the name of a channel"),
            "use letters, digits, `-` and `_`",
        );
    }
    if channel.webhook_env.is_some() && channel.webhook_file.is_some() {
        report("webhook-file", "webhook-env and webhook-file are both given", "keep one of them");
    }
    if channel.webhook_env.as_deref().is_some_and(|env| env.contains("://")) {
        report(
            "webhook-env",
            "webhook-env is the name of a variable, not the URL itself",
            "put the URL into the variable: it is a secret and does not belong in this file",
        );
    }
    if channel.pace.every.0.is_zero() {
        report(
            "pace",
            "pace.every is zero",
            "Teams refuses more than 25 cards in 300 s; \"15s\" is safe",
        );
    }
    problems
}

/// Whether a text can name an environment or a channel: such names become file names.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

fn channels_exist(
    number: usize,
    route: &RouteConfig,
    config: &Config,
    written: &Written,
) -> Vec<Problem> {
    let at = number.to_string();
    if route.channel.is_empty() {
        let hint = "name at least one: channel = \"default\"";
        return vec![written.problem_at(&["route", &at], "the route names no channel", hint)];
    }
    let known = || config.channel.keys().map(String::as_str).chain([DEFAULT_CHANNEL]);
    let is_known = |name: &str| name == DEFAULT_CHANNEL || config.channel.contains_key(name);
    let unknown = route.channel.iter().enumerate().filter(|(_, name)| !is_known(name));
    unknown
        .take(PROBLEMS)
        .map(|(place, name)| {
            let hint = nearest(name, known()).map_or_else(
                || format!("add a section [channel.{name}]"),
                |near| format!("did you mean `{near}`?"),
            );
            let path = ["route", &at, "channel", &place.to_string()];
            written.problem_at(&path, &format!("unknown channel `{name}`"), &hint)
        })
        .collect()
}

/// Reports a catch-all route that does not continue, because it hides all routes below it.
fn routes_are_reached(config: &Config, written: &Written) -> Option<Problem> {
    let last =
        config.route.iter().position(|route| route.matches.is_empty() && !route.continues)?;
    (last + 1 < config.route.len()).then(|| {
        written.problem_at(
            &["route", &(last + 1).to_string()],
            &format!("this route is never reached: route {} above it matches everything", last + 1),
            "move it up, or add `continue = true` to the one above",
        )
    })
}
