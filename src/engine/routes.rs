//! Pure. Reports routes by stream that no pattern or error class in force can fill.

use crate::config::load::limits::PROBLEMS;
use crate::config::{MOST_ROUTES, Problem, RouteConfig, Settings, nearest};
use crate::detect::Detector;
use crate::route;

/// A matcher without a column: its value is always a capture of this name.
const STREAM: &str = "stream";

/// The problems of routes that the patterns and error classes in force cannot fill.
pub(in crate::engine) fn unfillable(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let mut problems = unreported(settings, detector);
    problems.extend(unknown_classes(settings, detector));
    problems
}

/// A problem for each route by stream, if no pattern captures one: such a route never matches.
fn unreported(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    if detector.patterns().iter().any(|pattern| pattern.has_capture(STREAM)) {
        return Vec::new();
    }
    let asks = |route: &RouteConfig| !route.matches.stream.is_empty();
    let routes = settings.routes.iter().take(MOST_ROUTES).enumerate();
    let asking = routes.filter(|(_, route)| asks(route)).take(PROBLEMS);
    asking.map(|(number, _)| problem(settings, number)).collect()
}

/// A problem for each word of an `error-class` that matches no class in force.
fn unknown_classes(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    let known: Vec<&str> = detector.error_classes().map(|class| &*class.name).collect();
    let routes = settings.routes.iter().take(MOST_ROUTES).enumerate();
    let words = routes.flat_map(|(number, route)| {
        let words = route.matches.error_class.iter().enumerate();
        words.map(move |(place, word)| (number, place, word))
    });
    let unknown = words.filter(|(.., word)| route::matches_none(word, &known));
    let problem = |(number, place, word): (usize, usize, &String)| {
        let hint = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see `footman patterns errors` for the classes in force".to_owned(),
        };
        let (number, place) = (number.to_string(), place.to_string());
        let path = ["route", &number, "match", "error-class", &place];
        settings.written.problem_at(&path, &format!("unknown error class `{word}`"), &hint)
    };
    unknown.take(PROBLEMS).map(problem).collect()
}

fn problem(settings: &Settings, number: usize) -> Problem {
    settings.written.problem_at(
        &["route", &number.to_string(), "match", STREAM],
        "no pattern captures the stream of an app, so this route never matches",
        "match `app` or `task` instead, or capture the stream in a pattern of your own: \
         `(?<stream>…)`",
    )
}

#[cfg(test)]
mod tests;
