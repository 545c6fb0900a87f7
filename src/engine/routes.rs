//! Pure. Reports routes that nothing can match: by what the patterns in force cannot fill, and by
//! the routes above and around them.

use crate::config::load::limits::PROBLEMS;
use crate::config::{
    Config, MOST_ROUTES, MatchConfig, Problem, RouteConfig, RoutePlace, Settings, StringList,
    all_routes, nearest,
};
use crate::detect::Detector;
use crate::route::{self, Router};

/// A matcher without a column: its value is always a capture of this name.
const STREAM: &str = "stream";

/// The problems of routes that no notice can reach.
pub(crate) fn unreachable(settings: &Settings, router: &Router) -> Vec<Problem> {
    // What a problem leaves out of a route makes it match more.
    let is_whole = Config::parse(&settings.written).1.is_empty();
    if is_whole { route::unreachable(&settings.written, router) } else { Vec::new() }
}

/// The problems of routes that the patterns and error classes in force cannot fill.
pub(crate) fn unfillable(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let mut problems = unreported(settings, detector);
    problems.extend(unknown_classes(settings, detector));
    problems.extend(unknown_patterns(settings, detector));
    problems
}

fn routes(settings: &Settings) -> impl Iterator<Item = (RoutePlace, &RouteConfig)> {
    all_routes(&settings.routes).into_iter().take(MOST_ROUTES)
}

/// A problem for each route by stream, if no pattern captures one: such a route never matches.
fn unreported(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    if detector.patterns().iter().any(|pattern| pattern.has_capture(STREAM)) {
        return Vec::new();
    }
    let asking = routes(settings).filter(|(_, route)| !route.matches.stream.is_empty());
    asking.take(PROBLEMS).map(|(place, _)| problem(settings, &place)).collect()
}

/// A problem for each word of an `error-class` that matches no class in force.
fn unknown_classes(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let known: Vec<&str> = detector.error_classes().map(|class| &*class.name).collect();
    let hint = "see `footman patterns errors` for the classes in force";
    unknown(settings, ("error-class", "error class"), |it| &it.error_class, &known, hint)
}

/// A problem for each word of a `pattern` that matches no pattern in force.
fn unknown_patterns(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let known: Vec<&str> = detector.patterns().iter().map(|pattern| pattern.id.as_str()).collect();
    let hint = "see `footman patterns list` for the patterns in force";
    unknown(settings, ("pattern", "pattern"), |it| &it.pattern, &known, hint)
}

fn unknown(
    settings: &Settings,
    (key, what): (&str, &str),
    words: impl Fn(&MatchConfig) -> &StringList,
    known: &[&str],
    no_near: &str,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (place, route) in routes(settings) {
        for (number, word) in words(&route.matches).iter().enumerate() {
            if problems.len() >= PROBLEMS {
                return problems;
            }
            if route::matches_none(word, known) {
                let hint = nearest(word, known.iter().copied());
                let hint = hint
                    .map_or_else(|| no_near.to_owned(), |near| format!("did you mean `{near}`?"));
                let path = place.keys(&["match", key, &number.to_string()]);
                let message = format!("unknown {what} `{word}`");
                problems.push(settings.written.problem_at(&path, &message, &hint));
            }
        }
    }
    problems
}

fn problem(settings: &Settings, place: &RoutePlace) -> Problem {
    settings.written.problem_at(
        &place.keys(&["match", STREAM]),
        "no pattern captures the stream of an app, so this route never matches",
        "match `app` or `task` instead, or capture the stream in a pattern of your own: \
         `(?<stream>…)`",
    )
}

#[cfg(test)]
mod tests;
