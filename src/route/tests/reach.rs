//! Pure. Routes that no notice can reach.

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::tree::{compiled, trees};
use super::{CHANNELS, reload_failed};
use crate::clock::Timestamp;
use crate::config::{Config, Written};
use crate::route::reach::find;
use crate::route::{RouteReason, Router, Values, unreachable};

/// `LINE message (hint)` of each problem.
fn reported(text: &str) -> Vec<String> {
    let written = Written::new("footman.toml", text);
    let (config, problems) = Config::parse(&Written::new("", &format!("{text}\n{CHANNELS}")));
    assert_eq!(problems, []);
    let (router, problems) = Router::compile(&written, &config.route);
    assert_eq!(problems, []);
    let found = unreachable(&written, &router);
    found.iter().map(|it| format!("{} {}", it.line(), it.message)).collect()
}

fn route(rest: &str) -> String {
    format!("[[route]]\nchannel = 'ops'\n{rest}\n")
}

#[test]
fn a_route_below_one_that_matches_everything_is_never_reached() {
    let text = format!("{}{}", route("[[route.route]]"), route("match = { app = 'x' }"));
    assert_eq!(
        reported(&text),
        ["4 this route is never reached: route 1 above it matches everything"]
    );
    assert_eq!(reported(&text.replace("[[route.route]]", "continue = true")), Vec::<String>::new());
}

#[test]
fn a_route_is_hidden_by_one_above_that_matches_all_that_it_matches() {
    for (above, below, hidden) in [
        ("match.app = 'Sales*'", "match.app = 'Sales EU'", true),
        ("match.app = 'Sales*'", "match.app = 'sales*x?'", true),
        ("match.app = 'Sales*'", "match.app = ['Sales EU', 'Finance']", false),
        ("match.app = ['Finance', 'Sales*']", "match.app = ['Sales EU', 'finance']", true),
        ("match.app = 'Sales?'", "match.app = 'Sales*'", false),
        ("match.app = '*'", "match.app = '/x/'", true),
        ("match.app = '*'", "match.task = 'x'", false),
        ("match.app = '/x/'", "match.app = '/x/'", true),
        ("match.app = '/x/'", "match.app = 'x'", false),
        ("match.kind = 'reload-*'", "match.kind = '/^reload-f/'", true),
        ("match.kind = ['reload-*', 'task-*']", "match.kind = '/ed$/'", false),
        ("match.severity = '*'", "match.severity = 'error'", true),
        ("match.severity = '*'", "", false),
        ("match = { app = 'A', kind = 'reload-*' }", "match.app = 'A'", false),
        ("match.app = 'A'", "match = { app = 'A', kind = 'reload-*' }", true),
        ("when = '08:00-18:00'", "when = 'Mon 09:00-10:00'", true),
        ("when = '08:00-18:00'", "when = '09:00-19:00'", false),
        ("when = '08:00-18:00'", "", false),
        ("when = '00:00-24:00'", "", true),
        ("when = '08:00-18:00'", "when = '09:00-10:00'\ntimezone = 'Asia/Tokyo'", false),
        (
            "when = '08:00-18:00'\ntimezone = 'Asia/Tokyo'",
            "when = '09:00-10:00'\ntimezone = 'Asia/Tokyo'",
            true,
        ),
        ("match.app = 'A'\ncontinue = true", "match.app = 'A'", false),
    ] {
        let found = reported(&format!("{}{}", route(above), route(below)));
        assert_eq!(!found.is_empty(), hidden, "{above} / {below}: {found:?}");
    }
}

#[test]
fn what_the_routes_around_demand_counts_for_those_within() {
    let within = |around: &str, above: &str, below: &str| {
        let inner = |rest: &str| route(rest).replace("[[route]]", "[[route.route]]");
        reported(&format!("{}{}{}", route(around), inner(above), inner(below)))
    };
    let hidden = within("match.app = 'Sales EU'", "match.app = 'Sales*'", "match.task = 'x'");
    assert_eq!(
        hidden,
        ["7 this route is never reached: route 1.1 above it matches all that it matches"]
    );
    let hidden = within("when = 'Mon'", "when = 'Mon-Fri'", "match.task = 'x'");
    assert_eq!(hidden.len(), 1, "{hidden:?}");
    let never = within("when = 'Mon-Fri 08:00-18:00'", "when = 'Sat, Sun'", "match.task = 'x'");
    assert_eq!(never, ["6 `Sat, Sun` never opens within the routes around it"]);
    let other = "when = '20:00-22:00'\ntimezone = 'Asia/Tokyo'";
    assert_eq!(within("when = '08:00-18:00'", other, ""), Vec::<String>::new());
    let never = within("match.kind = 'reload-*'", "match.kind = 'security'", "match.task = 'x'");
    assert_eq!(
        never,
        ["6 this route never matches: a route around it allows only kind `reload-*`"]
    );
    let never =
        within("match.user = 'CORP\\*'".replace('\\', "\\\\").as_str(), "match.user = 'bob'", "");
    assert_eq!(never.len(), 1, "{never:?}");
    // One word can be the name and the other the id.
    assert_eq!(within("match.app = 'Sales'", "match.app = '0d1c2b3a'", ""), Vec::<String>::new());
}

#[test]
fn a_thousand_routes_with_long_lists_are_compared_within_bounds() {
    let words: Vec<String> = (0..150).map(|n| format!("'{n:03}*'")).collect();
    let routes: String = (0..1000)
        .map(|n| route(&format!("match.app = [{}, 'own {n}']", words.join(","))))
        .collect();
    assert_eq!(reported(&routes), Vec::<String>::new());
}

proptest! {
    #[test]
    fn a_route_that_is_reported_is_never_selected(
        tree in trees(),
        app in proptest::sample::select(vec!["Sales", "Sales EU", "Finance", "HR", "sales"]),
        task in proptest::sample::select(vec!["Daily", "Nightly"]),
        hour in 0..168_i64,
    ) {
        let router = compiled(&tree);
        let at = "2026-11-23T00:30:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour);
        let notice = reload_failed(app, task);
        let (evaluated, _) = router.explain(&Values::of(&notice), at, &TimeZone::UTC);
        for hidden in find(&router) {
            let matched = evaluated.iter().find(|one| {
                one.place == hidden.place && matches!(one.because, RouteReason::Matches { .. })
            });
            prop_assert!(matched.is_none(), "{:?}", hidden);
        }
    }
}
