//! Pure. Selects the channels of a notice: the first matching route wins, else the default channel.

mod matcher;
#[cfg(test)]
mod tests;
mod word;

use crate::config::load::limits::PROBLEMS;
use crate::config::{DEFAULT_CHANNEL, MOST_ROUTES, Problem, RouteConfig, Written};
use crate::incident::Notice;
use crate::route::matcher::Matcher;
use crate::route::word::Word;

/// The most regexes of all routes together, since each takes memory.
const REGEXES: usize = 200;

/// The compiled routes of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Router {
    routes: Vec<Route>,
}

#[derive(Clone, Debug)]
struct Route {
    matchers: Vec<Matcher>,
    channels: Vec<String>,
    continues: bool,
}

impl Router {
    /// Compiles the routes of a file. A route with a problem is left out; the others stay.
    pub fn compile(written: &Written, configs: &[RouteConfig]) -> (Self, Vec<Problem>) {
        let mut router = Self::default();
        let mut problems = Vec::new();
        let mut regexes = REGEXES;
        for (number, config) in configs.iter().enumerate().take(MOST_ROUTES) {
            let (route, found) = compile(written, number, config, &mut regexes);
            router.routes.extend(route);
            problems.extend(found);
            if problems.len() >= PROBLEMS {
                break;
            }
        }
        (router, problems)
    }

    /// The channels of a notice, in the order of the routes, each once. Without a matching route it
    /// is the default channel, so the list is never empty.
    pub fn channels(&self, notice: &Notice) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for route in self.routes.iter().filter(|route| route.matches(notice)) {
            for name in &route.channels {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                }
            }
            if !route.continues {
                return names;
            }
        }
        if names.is_empty() {
            names.push(DEFAULT_CHANNEL);
        }
        names
    }
}

/// Whether a word, exact, glob or regex, matches none of these names. One that cannot be read is
/// named where routes are compiled.
pub fn matches_none(word: &str, names: &[&str]) -> bool {
    Word::compile(word).is_ok_and(|word| !names.iter().any(|name| word.matches(name)))
}

impl Route {
    fn matches(&self, notice: &Notice) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches(notice))
    }
}

fn compile(
    written: &Written,
    number: usize,
    config: &RouteConfig,
    regexes: &mut usize,
) -> (Option<Route>, Vec<Problem>) {
    let mut matchers = Vec::new();
    let mut problems = Vec::new();
    let mut is_whole = true;
    for (key, words) in config.matches.all().into_iter().filter(|(_, words)| !words.is_empty()) {
        let (matcher, found) = Matcher::compile(key, words, regexes);
        matchers.push(matcher);
        is_whole &= found.iter().all(|refused| refused.is_idle);
        problems.extend(found.into_iter().map(|refused| {
            let path = ["route", &number.to_string(), "match", key, &refused.place.to_string()];
            written.problem_at(&path, &refused.message, &refused.hint)
        }));
    }
    let route = is_whole.then(|| Route {
        matchers,
        channels: config.channel.to_vec(),
        continues: config.continues,
    });
    (route, problems)
}
