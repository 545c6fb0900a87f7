//! Pure. Checks a configuration for values that have the right form but cannot work.

use std::path::Path;
use std::time::Duration;

use url::Url;

use crate::config::check_cloud::{tenant_is_sound, tenants_differ};
use crate::config::keys::inside;
use crate::config::limits::PROBLEMS;
use crate::config::{
    ChannelConfig, Config, DEFAULT_CHANNEL, Listen, MOST_LEVELS, Problem, ProblemKind, RouteConfig,
    RoutePlace, SecretSource, Which, Written, all_routes, nearest, page_url_fault,
};

/// A card that is delayed longer is too late for people on call.
const LONGEST_SETTLE: Duration = Duration::from_secs(15);

/// Figures and notes of less than a day help nobody.
const SHORTEST_HISTORY: Duration = Duration::from_hours(24);
const LONGEST_HISTORY: Duration = Duration::from_hours(1000 * 24);

/// A dead man's switch is asked for minutes; more requests only cost.
const SHORTEST_HEARTBEAT: Duration = Duration::from_millis(100);

/// Each channel keeps its own connection and its own pace.
const MOST_CHANNELS: usize = 100;
/// Each notice is checked against the routes in order.
pub const MOST_ROUTES: usize = 1000;

pub(crate) fn check(config: &Config, written: &Written) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(settle_is_short(config, written));
    problems.extend(site_is_an_address(config, written));
    problems.extend(environment_is_a_name(config, written));
    problems.extend(numbers_are_sane(config, written));
    problems.extend(percents_are_percents(config, written));
    problems.extend(heartbeat_is_sound(config, written));
    problems.extend(page_is_sound(config, written));
    problems.extend(history_is_kept(config, written));
    problems.extend(channels_are_spelt(config, written));
    let channels = config.channel.iter();
    let unsound = channels.flat_map(|(name, channel)| channel_is_sound(name, channel, written));
    problems.extend(unsound.take(PROBLEMS));
    problems.extend(fallbacks_lead_on(config, written).into_iter().take(PROBLEMS));
    let tenants = config.cloud.iter();
    let unsound = tenants.flat_map(|(name, cloud)| tenant_is_sound(name, cloud, written));
    problems.extend(unsound.take(PROBLEMS));
    problems.extend(tenants_differ(config, written).into_iter().take(PROBLEMS));
    let routes = all_routes(&config.route);
    let routes = routes.iter().take(MOST_ROUTES);
    let lost = routes.flat_map(|(place, route)| channels_exist(place, route, config, written));
    problems.extend(lost.take(PROBLEMS));
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
    let routes = all_routes(&config.route);
    if let Some((place, _)) = routes.get(MOST_ROUTES) {
        let message = format!("there are more than {MOST_ROUTES} routes");
        let hint = "give one route a list of words or a glob, instead of a route for each word";
        problems.push(written.problem_at(&place.keys(&[]), &message, hint));
    }
    if let Some((place, _)) = routes.iter().find(|(place, _)| place.level() > MOST_LEVELS) {
        let message = format!("routes are nested more than {MOST_LEVELS} levels deep");
        let hint = "give inner routes the matchers of the routes around them instead";
        problems.push(written.problem_at(&place.keys(&[]), &message, hint));
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

fn page_is_sound(config: &Config, written: &Written) -> Vec<Problem> {
    let page = &config.page;
    let mut problems = Vec::new();
    if let Some((message, hint)) = page.url.as_deref().and_then(page_url_fault) {
        problems.push(written.problem_at(&["page", "url"], message, hint));
    }
    if page.url.is_some() && page.listen == Listen::Off {
        let message = "page.url is set, but the page is off: links on cards would lead nowhere";
        let hint = "remove `page.url`, or give `page.listen` an address";
        problems.push(written.problem_at(&["page", "url"], message, hint));
    }
    let pair = [("certificate", &page.certificate), ("key", &page.key)];
    for ((key, file), (other, missing)) in [(pair[0], pair[1]), (pair[1], pair[0])] {
        if file.is_some() && missing.is_none() {
            let message = format!("page.{key} is given without page.{other}");
            let hint = "name both PEM files: the certificate with its chain, and its private key";
            problems.push(written.problem_at(&["page", key], &message, hint));
        }
    }
    problems
}

fn history_is_kept(config: &Config, written: &Written) -> Option<Problem> {
    let keep = config.history.keep;
    (keep.0 < SHORTEST_HISTORY || keep.0 > LONGEST_HISTORY).then(|| {
        let message = format!("keep is {keep}, which is not between 1d and 1000d");
        written.problem_at(&["history", "keep"], &message, "90 days are usual: write \"90d\"")
    })
}

fn heartbeat_is_sound(config: &Config, written: &Written) -> Vec<Problem> {
    let heartbeat = &config.heartbeat;
    let mut problems = Vec::new();
    let mut report = |key: &str, message: &str, hint: &str| {
        problems.push(written.problem_at(&["heartbeat", key], message, hint));
    };
    if heartbeat.url_env.is_some() && heartbeat.url_file.is_some() {
        report("url-file", "url-env and url-file are both given", "keep one of them");
    }
    if heartbeat.url_env.as_deref().is_some_and(|name| name.contains("://")) {
        report(
            "url-env",
            "url-env is the name of a variable, not the address itself",
            "put the address into the variable: it is a secret and does not belong in this file",
        );
    }
    if heartbeat.url_file.as_deref().is_some_and(is_url) {
        report(
            "url-file",
            "url-file is the name of a file, not the address itself",
            "put the address into a file of its own: it is a secret and does not belong in this file",
        );
    }
    if heartbeat.every.0 < SHORTEST_HEARTBEAT {
        let message = format!("every is {}, which is shorter than 100ms", heartbeat.every);
        report("every", &message, "one request a minute is usual: write \"1m\"");
    }
    problems
}

/// Reports a channel whose name is close to `default` and that no route uses: it is probably a
/// typo, and its cards would stay on this machine.
fn channels_are_spelt(config: &Config, written: &Written) -> Vec<Problem> {
    if config.channel.contains_key(DEFAULT_CHANNEL) {
        return Vec::new();
    }
    let routes = all_routes(&config.route);
    let is_used = |name: &str| routes.iter().any(|(_, it)| it.channel.iter().any(|it| it == name));
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
    for which in Which::ALL {
        let sources = channel.sources(which);
        if let [one, other, ..] = sources.as_slice() {
            let message = format!("{} and {} are both given", one.key(), other.key());
            report(other.key(), &message, "keep one of them");
        }
        for source in &sources {
            name_is_a_name(source, &mut report);
        }
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

/// A fallback is another channel that exists, and none leads back to where it began.
fn fallbacks_lead_on(config: &Config, written: &Written) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (name, channel) in &config.channel {
        let problem = |key: &str, message: &str, hint: &str| {
            written.problem_at(&["channel", name, key], message, hint)
        };
        let Some(other) = &channel.fallback else {
            if channel.fallback_after.is_some() {
                let hint = "name the other channel: fallback = \"…\"";
                let message = "fallback-after is given without fallback";
                problems.push(problem("fallback-after", message, hint));
            }
            continue;
        };
        let is_known = other == DEFAULT_CHANNEL || config.channel.contains_key(other);
        if !is_known {
            let known = || config.channel.keys().map(String::as_str).chain([DEFAULT_CHANNEL]);
            let hint = nearest(other, known().filter(|known| known != name)).map_or_else(
                || format!("add a section [channel.{other}]"),
                |near| format!("did you mean `{near}`?"),
            );
            let unknown = problem("fallback", &format!("unknown channel `{other}`"), &hint);
            problems.push(unknown.of_kind(ProblemKind::UnknownName));
        } else if leads_back(name, config) {
            let hint = "let the fallbacks end at a channel that has none, such as a local one";
            let message = format!("the fallbacks of channel `{name}` lead back to it");
            problems.push(problem("fallback", &message, hint));
        }
    }
    problems
}

fn leads_back(name: &str, config: &Config) -> bool {
    let next = |name: &str| config.channel.get(name)?.fallback.as_deref();
    // A circle that this channel only leads into is reported at the channels in it.
    std::iter::successors(next(name), |name| next(name))
        .take(config.channel.len())
        .any(|other| other == name)
}

/// A URL in place of a name is not repeated: it is a secret.
fn name_is_a_name(source: &SecretSource<'_>, report: &mut impl FnMut(&str, &str, &str)) {
    match source {
        SecretSource::Variable { key, name } if name.contains("://") => report(
            key,
            &format!("{key} is the name of a variable, not the URL itself"),
            "put the URL into the variable: it is a secret and does not belong in this file",
        ),
        SecretSource::File { key, path } if is_url(path) => report(
            key,
            &format!("{key} is the name of a file, not the URL itself"),
            "put the URL into a file of its own: it is a secret and does not belong in this file",
        ),
        SecretSource::Secret { key, name } if name.contains("://") => report(
            key,
            &format!("{key} is the name of a stored secret, not the URL itself"),
            "store the URL with `footman secret set NAME`: it does not belong in this file",
        ),
        SecretSource::Secret { key, name } if !is_name(name) => report(
            key,
            &format!("`{name}` cannot be the name of a secret"),
            "use letters, digits, `-` and `_`",
        ),
        _ => {}
    }
}

/// Whether a URL stands in the place of a file's name.
pub(crate) fn is_url(path: &Path) -> bool {
    path.to_string_lossy().contains("://")
}

/// Whether a text can name an environment, a channel or a secret: such names become file names.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

fn channels_exist(
    place: &RoutePlace,
    route: &RouteConfig,
    config: &Config,
    written: &Written,
) -> Vec<Problem> {
    if !has_channel(place, config) {
        if written.is_refused(&place.keys(&["channel"])) || is_misspelt(place, written) {
            return Vec::new();
        }
        let hint = "name at least one: channel = \"default\"";
        return vec![written.problem_at(&place.keys(&[]), "the route names no channel", hint)];
    }
    let known = || config.channel.keys().map(String::as_str).chain([DEFAULT_CHANNEL]);
    let is_known = |name: &str| name == DEFAULT_CHANNEL || config.channel.contains_key(name);
    let unknown = route.channel.iter().enumerate().filter(|(_, name)| !is_known(name));
    unknown
        .take(PROBLEMS)
        .map(|(number, name)| {
            let hint = nearest(name, known()).map_or_else(
                || format!("add a section [channel.{name}]"),
                |near| format!("did you mean `{near}`?"),
            );
            let path = place.keys(&["channel", &number.to_string()]);
            let problem = written.problem_at(&path, &format!("unknown channel `{name}`"), &hint);
            problem.of_kind(ProblemKind::UnknownName)
        })
        .collect()
}

/// Whether the key `channel` of the route is misspelt, which is a problem already.
fn is_misspelt(place: &RoutePlace, written: &Written) -> bool {
    let known = inside(&["route".to_owned()]);
    let keys = written.keys(&place.keys(&[]));
    let mut unknown = keys.iter().filter(|key| !known.contains(&key.as_str()));
    unknown.any(|key| nearest(key, known.iter().copied()) == Some("channel"))
}

/// Whether the route names a channel, or one that it is in; one with routes within it may go on to
/// the channel `default`.
fn has_channel(place: &RoutePlace, config: &Config) -> bool {
    let mut routes = config.route.as_slice();
    for number in place.numbers() {
        let Some(route) = routes.get(*number) else { return false };
        if !route.channel.is_empty() {
            return true;
        }
        routes = &route.route;
    }
    !routes.is_empty()
}
