//! Pure. Evaluates the tree of routes, and explains for each route why it matches or not.

use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::config::{MatchKey, RoutePlace};
use crate::route::matcher::Values;
use crate::route::{Recipient, Route, Router, When, recipients};

/// A route that was evaluated, and the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluated {
    pub place: RoutePlace,
    pub because: RouteReason,
}

/// Why a route matches or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteReason {
    Matches {
        continues: bool,
    },
    /// One of its matchers accepts none of the values.
    Differs {
        key: MatchKey,
        words: Vec<String>,
        values: Vec<String>,
    },
    /// Its time ranges do not contain the time.
    Closed {
        when: String,
        zone: Option<String>,
    },
}

/// An evaluated route, before it is copied.
pub(crate) struct Visited<'a> {
    route: &'a Route,
    result: RouteResult<'a>,
}

enum RouteResult<'a> {
    Matches,
    Differs { matcher: usize, values: &'a Values<'a> },
    Closed,
}

impl Visited<'_> {
    pub(crate) fn owned(&self) -> Evaluated {
        let because = match &self.result {
            RouteResult::Matches => RouteReason::Matches { continues: self.route.continues },
            RouteResult::Differs { matcher, values } => {
                let matcher = &self.route.matchers[*matcher];
                let key = matcher.key();
                RouteReason::Differs {
                    key,
                    words: matcher.texts().to_vec(),
                    values: values.of_key(key),
                }
            }
            RouteResult::Closed => closed(self.route.when.as_ref()),
        };
        Evaluated { place: self.route.place.clone(), because }
    }
}

fn closed(when: Option<&When>) -> RouteReason {
    let zone = when.and_then(|when| when.zone.as_ref()?.iana_name().map(str::to_owned));
    RouteReason::Closed {
        when: when.map(|when| when.schedule.to_string()).unwrap_or_default(),
        zone,
    }
}

/// The values for which a tree is evaluated.
struct RoutingInput<'a, 'v> {
    values: &'a Values<'v>,
    at: Timestamp,
    zone: &'a TimeZone,
}

type OnVisit<'n> = &'n mut dyn FnMut(&Visited<'_>);

impl Router {
    pub(crate) fn evaluate(
        &self,
        values: &Values<'_>,
        at: Timestamp,
        zone: &TimeZone,
        note: OnVisit<'_>,
    ) -> Vec<Recipient> {
        let mut selected = Vec::new();
        select(&self.routes, &RoutingInput { values, at, zone }, note, &mut selected);
        recipients(selected)
    }
}

/// Adds the routes that these select: for each that matches, the deepest within it, until one does
/// not continue.
fn select<'r>(
    routes: &'r [Route],
    input: &RoutingInput<'_, '_>,
    note: OnVisit<'_>,
    selected: &mut Vec<&'r Route>,
) {
    for route in routes {
        let result = route.result(input);
        let matches = matches!(result, RouteResult::Matches);
        note(&Visited { route, result });
        if !matches {
            continue;
        }
        let before = selected.len();
        select(&route.routes, input, note, selected);
        if selected.len() == before {
            selected.push(route);
        }
        if !route.continues {
            return;
        }
    }
}

impl Route {
    fn result<'a>(&self, input: &'a RoutingInput<'_, '_>) -> RouteResult<'a> {
        let differs = self.matchers.iter().position(|matcher| !matcher.accepts(input.values));
        if let Some(matcher) = differs {
            return RouteResult::Differs { matcher, values: input.values };
        }
        let is_open = |when: &When| {
            when.schedule.contains(input.at, when.zone.as_ref().unwrap_or(input.zone))
        };
        if self.when.as_ref().is_none_or(is_open) {
            RouteResult::Matches
        } else {
            RouteResult::Closed
        }
    }
}
