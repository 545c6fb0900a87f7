//! Pure. Reports routes by stream that no pattern in force can fill.

use crate::config::load::limits::PROBLEMS;
use crate::config::{MOST_ROUTES, Problem, RouteConfig, Settings};
use crate::detect::Detector;

/// A matcher without a column: its value is always a capture of this name.
const STREAM: &str = "stream";

/// A problem for each route by stream, if no pattern captures one: such a route never matches.
pub(in crate::engine) fn unreported(settings: &Settings, detector: &Detector) -> Vec<Problem> {
    if detector.patterns().iter().any(|pattern| pattern.has_capture(STREAM)) {
        return Vec::new();
    }
    let asks = |route: &RouteConfig| !route.matches.stream.is_empty();
    let routes = settings.routes.iter().take(MOST_ROUTES).enumerate();
    let asking = routes.filter(|(_, route)| asks(route)).take(PROBLEMS);
    asking.map(|(number, _)| problem(settings, number)).collect()
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
