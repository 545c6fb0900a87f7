//! Pure. The routes of a configuration as a tree, and the place of each.

use std::fmt;

use crate::config::RouteConfig;

/// The deepest nesting of routes.
pub const MOST_LEVELS: usize = 10;

/// The place of a route: its number in each level, counted from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutePlace(Vec<usize>);

impl RoutePlace {
    /// The route with this number within the route at this place.
    #[must_use]
    pub fn within(&self, number: usize) -> Self {
        Self(self.0.iter().copied().chain([number]).collect())
    }

    /// Its number in each level, counted from 0.
    pub fn numbers(&self) -> &[usize] {
        &self.0
    }

    /// How deep the route is nested; 1 is a route that is in no other.
    pub fn level(&self) -> usize {
        self.0.len()
    }

    /// The keys and list indexes that lead to a value of the route in the file.
    pub fn keys(&self, below: &[&str]) -> Vec<String> {
        let routes = self.0.iter().flat_map(|number| ["route".to_owned(), number.to_string()]);
        routes.chain(below.iter().map(|key| (*key).to_owned())).collect()
    }
}

impl fmt::Display for RoutePlace {
    /// Counted from 1: `2.1` is the first route within the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(|number| (number + 1).to_string()).collect();
        f.write_str(&numbers.join("."))
    }
}

/// Every route of a tree with its place, in the order of evaluation.
pub fn all_routes(routes: &[RouteConfig]) -> Vec<(RoutePlace, &RouteConfig)> {
    let mut found = Vec::new();
    collect(&RoutePlace::default(), routes, &mut found);
    found
}

fn collect<'a>(
    place: &RoutePlace,
    routes: &'a [RouteConfig],
    found: &mut Vec<(RoutePlace, &'a RouteConfig)>,
) {
    for (number, route) in routes.iter().enumerate() {
        let place = place.within(number);
        found.push((place.clone(), route));
        collect(&place, &route.route, found);
    }
}

#[cfg(test)]
mod tests;
