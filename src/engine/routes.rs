//! Pure. Reports routes that nothing can match because of the routes above and around them, and
//! matchers of routes, maintenance windows and escalation rules that nothing in force can match.

use std::collections::BTreeMap;

use crate::config::limits::PROBLEMS;
use crate::config::{
    Config, MOST_ROUTES, MatchConfig, Problem, ProblemKind, Settings, StringList, all_routes,
    nearest,
};
use crate::detect::Detector;
use crate::detection::ProductPattern;
use crate::engine::answers::MOST as MOST_ANSWERS;
use crate::route::{self, Router};

/// A matcher without a column: its value is always a capture of this name.
const STREAM: &str = "stream";
const CLASSES_HINT: &str = "see `footman patterns errors` for the classes in force";
const PATTERNS_HINT: &str = "see `footman patterns list` for the patterns in force";
const TENANTS_HINT: &str = "name a tenant as its section does: [cloud.NAME]";

/// The problems of routes that no notice can reach.
pub(crate) fn unreachable(settings: &Settings, router: &Router) -> Vec<Problem> {
    // What a problem leaves out of a route makes it match more.
    let is_whole = Config::parse(&settings.written).1.is_empty();
    if is_whole { route::unreachable(&settings.written, router) } else { Vec::new() }
}

/// The problems of matchers that no pattern, error class or tenant in force can match.
pub(crate) fn unfillable(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let mut problems = unreported(settings, detector);
    problems.extend(unknown_classes(settings, detector));
    problems.extend(unknown_patterns(settings, detector));
    problems.extend(unknown_tenants(settings));
    problems
}

/// A section of the configuration with matchers.
struct Section<'s> {
    /// Its name in problems.
    what: &'static str,
    keys: Vec<String>,
    matches: &'s MatchConfig,
}

fn sections(settings: &Settings) -> impl Iterator<Item = Section<'_>> {
    let of_list = |name: &str, number: usize| vec![name.to_owned(), number.to_string()];
    let routes = all_routes(&settings.routes).into_iter().take(MOST_ROUTES);
    let routes = routes.map(|(place, route)| Section {
        what: "route",
        keys: place.keys(&[]),
        matches: &route.matches,
    });
    let windows = settings.maintenance.iter().take(MOST_ANSWERS).enumerate();
    let windows = windows.map(move |(number, window)| Section {
        what: "window",
        keys: of_list("maintenance", number),
        matches: &window.matches,
    });
    let rules = settings.escalation.iter().take(MOST_ANSWERS).enumerate();
    let rules = rules.map(move |(number, rule)| Section {
        what: "rule",
        keys: of_list("escalation", number),
        matches: &rule.matches,
    });
    routes.chain(windows).chain(rules)
}

impl Section<'_> {
    fn problem(&self, settings: &Settings, below: &[&str], message: &str, hint: &str) -> Problem {
        let below = below.iter().map(|key| (*key).to_owned());
        let path: Vec<String> = self.keys.iter().cloned().chain(below).collect();
        settings.written.problem_at(&path, message, hint)
    }
}

/// A problem for each matcher by stream, if no pattern captures one: it never matches.
fn unreported(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    if detector.patterns().iter().any(|pattern| pattern.has_capture(STREAM)) {
        return Vec::new();
    }
    let asking = sections(settings).filter(|section| !section.matches.stream.is_empty());
    let problem = |section: Section<'_>| {
        let what = section.what;
        let message =
            format!("no pattern captures the stream of an app, so this {what} never matches");
        let hint = "match `app` or `task` instead, or capture the stream in a pattern of your own: \
                    `(?<stream>…)`";
        section.problem(settings, &["match", STREAM], &message, hint)
    };
    asking.take(PROBLEMS).map(problem).collect()
}

/// A problem for each word of an `error-class` that matches no class in force.
fn unknown_classes(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let known = error_classes(detector);
    unknown(settings, ("error-class", "error class"), |it| &it.error_class, &known, CLASSES_HINT)
}

/// A problem for each word of a `pattern` that matches no pattern in force.
fn unknown_patterns(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let known = patterns(detector);
    unknown(settings, ("pattern", "pattern"), |it| &it.pattern, &known, PATTERNS_HINT)
}

/// A problem for each word of a `tenant` that matches no tenant of the configuration. Without any
/// tenant, another machine may poll with the same file of routes.
fn unknown_tenants(settings: &Settings) -> Vec<Problem> {
    let known = tenants(settings);
    if known.is_empty() {
        return Vec::new();
    }
    unknown(settings, ("tenant", "tenant"), |it| &it.tenant, &known, TENANTS_HINT)
}

/// The ids of patterns of logs, and of conditions that Footman itself finds.
fn patterns(detector: &Detector) -> Vec<String> {
    let of_logs = detector.patterns().iter().map(|pattern| pattern.id.to_string());
    of_logs.chain(ProductPattern::ALL.map(|pattern| pattern.name().to_owned())).collect()
}

fn error_classes(detector: &Detector) -> Vec<String> {
    detector.error_classes().map(|class| class.name.to_string()).collect()
}

fn tenants(settings: &Settings) -> Vec<String> {
    Config::parse(&settings.written).0.cloud.into_keys().collect()
}

fn unknown(
    settings: &Settings,
    (key, what): (&str, &str),
    words: impl Fn(&MatchConfig) -> &StringList,
    known: &[String],
    no_near: &str,
) -> Vec<Problem> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut problems = Vec::new();
    for section in sections(settings) {
        for (number, word) in words(section.matches).iter().enumerate() {
            if problems.len() >= PROBLEMS {
                return problems;
            }
            if let Some((message, hint)) = unknown_word(what, word, &known, no_near) {
                let below = ["match", key, &number.to_string()];
                let problem = section.problem(settings, &below, &message, &hint);
                problems.push(problem.of_kind(ProblemKind::UnknownName));
            }
        }
    }
    problems
}

/// Message and hint for a word that matches nothing known.
fn unknown_word(what: &str, word: &str, known: &[&str], no_near: &str) -> Option<(String, String)> {
    // An empty word is a problem of its own.
    if word.trim().is_empty() || !route::matches_none(word, known) {
        return None;
    }
    let near = nearest(word, known.iter().copied());
    let hint = near.map_or_else(|| no_near.to_owned(), |near| format!("did you mean `{near}`?"));
    Some((format!("unknown {what} `{word}`"), hint))
}

/// The key, message and hint of the first matcher of a silence that nothing in force can match.
pub fn unfillable_matcher(
    settings: &Settings,
    detector: &Detector,
    matchers: &BTreeMap<String, Vec<String>>,
) -> Option<(&'static str, String, String)> {
    let (tenants, patterns, classes) =
        (tenants(settings), patterns(detector), error_classes(detector));
    let all = [
        ("pattern", "pattern", &patterns, PATTERNS_HINT),
        ("error-class", "error class", &classes, CLASSES_HINT),
        ("tenant", "tenant", &tenants, TENANTS_HINT),
    ];
    all.into_iter().filter(|(_, _, known, _)| !known.is_empty()).find_map(
        |(key, what, known, no_near)| {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let words = matchers.get(key).into_iter().flatten();
            let mut unknown = words.filter_map(|it| unknown_word(what, it, &known, no_near));
            unknown.next().map(|(message, hint)| (key, message, hint))
        },
    )
}

#[cfg(test)]
mod tests;
