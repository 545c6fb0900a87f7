//! Pure. Compiles the routes of the configuration, and reports their problems.

use jiff::tz::TimeZone;

use crate::config::limits::PROBLEMS;
use crate::config::{MOST_LEVELS, MOST_ROUTES, Mention, Problem, RouteConfig, RoutePlace, Written};
use crate::route::matcher::Matcher;
use crate::route::worded::matcher_fault;
use crate::route::{MOST_MENTIONS, Route, Router, When};

/// The most regexes of all routes together, since each takes memory.
const REGEXES: usize = 200;

impl Router {
    /// Compiles the routes of a file. A route with a problem is left out, with those within it; the
    /// others stay.
    pub fn compile(written: &Written, configs: &[RouteConfig]) -> (Self, Vec<Problem>) {
        let mut compiler =
            Compiler { written, regexes: REGEXES, routes: MOST_ROUTES, problems: Vec::new() };
        let routes = compiler.routes(&RoutePlace::default(), configs, &Inherited::default());
        compiler.problems.truncate(PROBLEMS);
        (Self { routes }, compiler.problems)
    }
}

/// The keys that a route takes from the one around it if it does not set them.
#[derive(Clone, Default)]
struct Inherited {
    channels: Vec<String>,
    mentions: Vec<Mention>,
    zone: Option<TimeZone>,
}

struct Compiler<'a> {
    written: &'a Written,
    /// How many regexes and routes are still allowed.
    regexes: usize,
    routes: usize,
    problems: Vec<Problem>,
}

impl Compiler<'_> {
    fn routes(
        &mut self,
        around: &RoutePlace,
        configs: &[RouteConfig],
        inherited: &Inherited,
    ) -> Vec<Route> {
        let mut routes = Vec::new();
        for (number, config) in configs.iter().enumerate() {
            let place = around.within(number);
            let is_too_much = self.routes == 0 || place.level() > MOST_LEVELS;
            if is_too_much || self.problems.len() >= PROBLEMS {
                break;
            }
            self.routes -= 1;
            routes.extend(self.route(place, config, inherited));
        }
        routes
    }

    fn route(
        &mut self,
        place: RoutePlace,
        config: &RouteConfig,
        inherited: &Inherited,
    ) -> Option<Route> {
        let (matchers, is_whole) = self.matchers(&place, config);
        let mut own = inherited.clone();
        if !config.channel.is_empty() {
            own.channels = config.channel.to_vec();
        }
        if let Some(people) = &config.mention {
            own.mentions = self.mentions(&place, people);
        }
        let is_timed = self.zone(&place, config, &mut own);
        let routes = self.routes(&place, &config.route, &own);
        let Inherited { channels, mentions, zone } = own;
        let when = config.when.clone().map(|schedule| When { schedule, zone });
        let continues = config.continues;
        (is_whole && is_timed).then(|| Route {
            place,
            matchers,
            when,
            channels,
            mentions,
            continues,
            routes,
        })
    }

    /// The matchers, and whether all of their words can be used.
    fn matchers(&mut self, place: &RoutePlace, config: &RouteConfig) -> (Vec<Matcher>, bool) {
        let mut matchers = Vec::new();
        let mut is_whole = true;
        let given = config.matches.all().into_iter().filter(|(_, words)| !words.is_empty());
        for (key, words) in given {
            let (matcher, found) = Matcher::compile(key, words, &mut self.regexes);
            matchers.push(matcher);
            is_whole &= found.iter().all(|refused| refused.is_idle);
            for refused in found {
                let below = ["match", key.name(), &refused.place.to_string()];
                let (message, hint) = matcher_fault(&refused.fault, key.name());
                self.report(place, &below, &message, &hint);
            }
        }
        (matchers, is_whole)
    }

    /// The people of a route. One that cannot be mentioned is left out.
    fn mentions(&mut self, place: &RoutePlace, people: &[String]) -> Vec<Mention> {
        if people.len() > MOST_MENTIONS {
            let message = format!("a route mentions more than {MOST_MENTIONS} people");
            let hint = "Teams does not accept more on one card; mention those who are on call";
            self.report(place, &["mention"], &message, hint);
        }
        let mut mentions = Vec::new();
        for (number, person) in people.iter().enumerate().take(MOST_MENTIONS) {
            match Mention::parse(person) {
                Ok(mention) => mentions.push(mention),
                Err((message, hint)) => {
                    self.report(place, &["mention", &number.to_string()], message, hint);
                }
            }
        }
        mentions
    }

    /// Whether the zone of a route, if it has one, is known.
    fn zone(&mut self, place: &RoutePlace, config: &RouteConfig, own: &mut Inherited) -> bool {
        let Some(name) = &config.timezone else { return true };
        own.zone = TimeZone::get(name).ok();
        if own.zone.is_none() {
            let message = format!("`{name}` is not a known time zone");
            let hint = "write an IANA name such as \"Europe/Stockholm\"";
            self.report(place, &["timezone"], &message, hint);
        }
        own.zone.is_some()
    }

    fn report(&mut self, place: &RoutePlace, below: &[&str], message: &str, hint: &str) {
        self.problems.push(self.written.problem_at(&place.keys(below), message, hint));
    }
}
