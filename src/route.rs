//! Pure. Selects the channels of a notice, and the people to mention there.
//!
//! Routes are a tree, and select as in Alertmanager: among routes on the same level the first that
//! matches wins, unless it continues; among nested routes the deepest. A route takes missing keys
//! from the one around it. The root is the channel `default`, and matches everything.

mod compile;
mod matcher;
mod matchers;
mod reach;
mod select;
#[cfg(test)]
mod tests;
mod word;
mod worded;

use jiff::tz::TimeZone;

use crate::clock::{Timestamp, WeekSchedule};
use crate::config::{DEFAULT_CHANNEL, Mention, RoutePlace};
use crate::incident::Notice;
use crate::route::matcher::Matcher;

pub use crate::route::matcher::{Values, unknown_value};
pub use crate::route::matchers::{Matchers, RefusedMatcher};
pub use crate::route::reach::unreachable;
pub use crate::route::select::{Evaluated, RouteReason};
pub use crate::route::word::Word;
pub use crate::route::worded::matcher_fault;

/// The most people that one card mentions: Teams accepts 20.
pub(crate) const MOST_MENTIONS: usize = 20;

/// The compiled routes of the configuration.
#[derive(Clone, Debug, Default)]
pub struct Router {
    routes: Vec<Route>,
}

#[derive(Clone, Debug)]
struct Route {
    place: RoutePlace,
    matchers: Vec<Matcher>,
    when: Option<When>,
    /// Its own, else those of the route around it; empty for `default`.
    channels: Vec<String>,
    mentions: Vec<Mention>,
    continues: bool,
    routes: Vec<Route>,
}

/// When a route applies.
#[derive(Clone, Debug)]
struct When {
    schedule: WeekSchedule,
    /// `None` is the zone of the site.
    zone: Option<TimeZone>,
}

/// The destination of a card, and the people that it mentions there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub channel: String,
    pub mentions: Vec<Mention>,
}

impl Recipient {
    /// A channel in which nobody is mentioned.
    pub fn channel(name: &str) -> Self {
        Self { channel: name.to_owned(), mentions: Vec::new() }
    }
}

impl Router {
    /// The channels of a notice that is sent at this time, in the order of the routes, each once.
    /// Without a matching route it is the default channel, so the list is never empty. `zone` is
    /// that of the site.
    pub fn recipients(&self, notice: &Notice, at: Timestamp, zone: &TimeZone) -> Vec<Recipient> {
        self.evaluate(&Values::of(notice), at, zone, &mut |_| {})
    }

    /// The same for any values, with every route that was evaluated.
    pub fn explain(
        &self,
        values: &Values<'_>,
        at: Timestamp,
        zone: &TimeZone,
    ) -> (Vec<Evaluated>, Vec<Recipient>) {
        let mut evaluated = Vec::new();
        let recipients = self.evaluate(values, at, zone, &mut |one| evaluated.push(one.owned()));
        (evaluated, recipients)
    }
}

/// The recipients of the selected routes.
fn recipients<'a>(selected: impl IntoIterator<Item = &'a Route>) -> Vec<Recipient> {
    let of_route = |route: &'a Route| {
        let mentions = || route.mentions.clone();
        route
            .channels()
            .map(move |channel| Recipient { channel: channel.to_owned(), mentions: mentions() })
    };
    let joined = joined(selected.into_iter().flat_map(of_route));
    if joined.is_empty() { vec![Recipient::channel(DEFAULT_CHANNEL)] } else { joined }
}

/// The same recipients, each channel once, with the people of all.
pub fn joined(recipients: impl IntoIterator<Item = Recipient>) -> Vec<Recipient> {
    let mut joined: Vec<Recipient> = Vec::new();
    for Recipient { channel, mentions } in recipients {
        let known = joined.iter().position(|one| one.channel == channel);
        let place = known.unwrap_or_else(|| {
            joined.push(Recipient::channel(&channel));
            joined.len() - 1
        });
        joined[place].mention(&mentions);
    }
    joined
}

/// The names of the channels.
pub fn channels(recipients: &[Recipient]) -> Vec<String> {
    recipients.iter().map(|recipient| recipient.channel.clone()).collect()
}

impl Recipient {
    /// Adds people, each once.
    fn mention(&mut self, people: &[Mention]) {
        for person in people {
            let is_known = self.mentions.iter().any(|one| one.id.eq_ignore_ascii_case(&person.id));
            if !is_known && self.mentions.len() < MOST_MENTIONS {
                self.mentions.push(person.clone());
            }
        }
    }
}

impl Route {
    fn channels(&self) -> impl Iterator<Item = &str> {
        let default = self.channels.is_empty().then_some(DEFAULT_CHANNEL);
        self.channels.iter().map(String::as_str).chain(default)
    }
}

/// Whether a word, exact, glob or regex, matches none of these names. An invalid word is reported
/// when routes are compiled.
pub fn matches_none(word: &str, names: &[&str]) -> bool {
    Word::compile(word).is_ok_and(|word| !names.iter().any(|name| word.matches(name)))
}
