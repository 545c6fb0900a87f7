//! Pure. Finds routes that no notice can reach.

use crate::clock::WeekSchedule;
use crate::config::limits::PROBLEMS;
use crate::config::{MatchKey, Problem, RoutePlace, Written};
use crate::route::matcher::{Matcher, names};
use crate::route::word::Word;
use crate::route::{Route, Router, When};

/// Maximum number of words that are compared, so that no file takes long. Real ones need far fewer.
const MOST_COMPARISONS: usize = 1_000_000;

/// Keys with several values: one word can match the name and another the id.
const SEVERAL: [MatchKey; 2] = [MatchKey::App, MatchKey::Task];

/// A problem for each route that is hidden by one above it, and for each that cannot match within
/// those around it. Only for routes without other problems, because a route with a part left out
/// matches more.
pub fn unreachable(written: &Written, router: &Router) -> Vec<Problem> {
    let problem = |found: Unreachable| {
        let path = found.place.keys(&found.below);
        written.problem_at(&path, &found.message, found.hint)
    };
    find(router).into_iter().map(problem).collect()
}

/// A route that no notice can reach.
#[derive(Debug)]
pub(crate) struct Unreachable {
    pub(crate) place: RoutePlace,
    /// The key that causes it.
    below: Vec<&'static str>,
    message: String,
    hint: &'static str,
}

pub(crate) fn find(router: &Router) -> Vec<Unreachable> {
    let mut search = ReachSearch { left: MOST_COMPARISONS, found: Vec::new() };
    search.routes(&router.routes, &[]);
    search.found
}

struct ReachSearch {
    left: usize,
    found: Vec<Unreachable>,
}

impl ReachSearch {
    /// `around`: the routes that these are in, from the outermost.
    fn routes(&mut self, routes: &[Route], around: &[&Route]) {
        for (number, route) in routes.iter().enumerate() {
            if self.found.len() >= PROBLEMS {
                return;
            }
            let within: Vec<&Route> = around.iter().copied().chain([route]).collect();
            let above = routes[..number].iter().filter(|above| !above.continues);
            let mut left = self.left;
            let hiding = above.into_iter().find(|above| above.hides(&within, &mut left));
            self.left = left;
            match hiding {
                Some(above) => self.report_hidden(route, above),
                None if self.is_contradicted(route, around) => {}
                None => self.routes(&route.routes, &within),
            }
        }
    }

    fn report_hidden(&mut self, route: &Route, above: &Route) {
        let matches_all = above.matchers.is_empty() && above.when.is_none();
        let what = if matches_all { "everything" } else { "all that it matches" };
        let message =
            format!("this route is never reached: route {} above it matches {what}", above.place);
        let hint = "move it up, or add `continue = true` to the one above";
        self.report(route, Vec::new(), message, hint);
    }

    /// Reports a route that matches no notice that the routes around it match.
    fn is_contradicted(&mut self, route: &Route, around: &[&Route]) -> bool {
        if let Some(when) = route.when.as_ref().filter(|when| never_opens(when, around)) {
            let message = format!("`{}` never opens within the routes around it", when.schedule);
            self.report(route, vec!["when"], message, "write times at which those routes apply");
            return true;
        }
        let outer = || around.iter().flat_map(|outer| outer.matchers.iter());
        let excluded = route.matchers.iter().find_map(|inner| {
            outer().find(|outer| outer.excludes(inner, &mut self.left)).map(|outer| (inner, outer))
        });
        let Some((inner, outer)) = excluded else { return false };
        let (key, words) = (inner.key().name(), outer.texts().join("`, `"));
        let message =
            format!("this route never matches: a route around it allows only {key} `{words}`");
        let hint = "remove it, or move it out of that route";
        self.report(route, vec!["match", key], message, hint);
        true
    }

    fn report(
        &mut self,
        route: &Route,
        below: Vec<&'static str>,
        message: String,
        hint: &'static str,
    ) {
        self.found.push(Unreachable { place: route.place.clone(), below, message, hint });
    }
}

impl Route {
    /// Whether this route matches whatever the last of these routes matches. The others are those
    /// around both.
    fn hides(&self, within: &[&Route], left: &mut usize) -> bool {
        let theirs = || within.iter().flat_map(|route| route.matchers.iter());
        let is_covered = |mine: &Matcher| theirs().any(|matcher| mine.covers(matcher, left));
        self.matchers.iter().all(is_covered)
            && self.when.as_ref().is_none_or(|mine| covers(mine, within))
    }
}

/// Whether the time ranges contain those of one of these routes.
fn covers(mine: &When, within: &[&Route]) -> bool {
    let theirs = within.iter().filter_map(|route| route.when.as_ref());
    mine.schedule.is_always_open()
        || theirs
            .filter(|when| when.zone == mine.zone)
            .any(|when| mine.schedule.covers(&when.schedule))
}

/// Whether the time ranges have no time in common with those of the routes around.
fn never_opens(when: &When, around: &[&Route]) -> bool {
    let outer = around.iter().filter_map(|route| route.when.as_ref());
    let outer = outer.filter(|outer| outer.zone == when.zone);
    let common = |common: WeekSchedule, outer: &When| common.intersection(&outer.schedule);
    outer.fold(when.schedule.clone(), common).never_opens()
}

impl Matcher {
    /// Whether this one accepts every value that the other accepts.
    fn covers(&self, other: &Self, left: &mut usize) -> bool {
        if self.key() != other.key() {
            return false;
        }
        let known = names(self.key());
        if !known.is_empty() {
            let mut both = known.iter().filter(|name| other.accepts_value(name));
            return both.all(|name| self.accepts_value(name));
        }
        let is_covered = |theirs: &Word| {
            self.words().iter().any(|mine| {
                *left = left.saturating_sub(1);
                *left > 0 && mine.covers(theirs)
            })
        };
        other.words().iter().all(is_covered)
    }

    /// Whether no value is accepted by both.
    fn excludes(&self, other: &Self, left: &mut usize) -> bool {
        if self.key() != other.key() || SEVERAL.contains(&self.key()) {
            return false;
        }
        let known = names(self.key());
        if !known.is_empty() {
            return !known.iter().any(|name| self.accepts_value(name) && other.accepts_value(name));
        }
        let is_excluded = |theirs: &Word| {
            self.words().iter().all(|mine| {
                *left = left.saturating_sub(1);
                *left > 0 && mine.excludes(theirs)
            })
        };
        other.words().iter().all(is_excluded)
    }
}
