//! Pure. Nested routes: tables, and random trees against a naive evaluation.

use std::fmt::Write as _;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{channels, reload_failed, router};
use crate::clock::Timestamp;
use crate::config::{MatchKey, RouteConfig, Written};
use crate::incident::Notice;
use crate::route::{Recipient, RouteReason, Router, Values};

/// Sales in a tree: its own channel, at night another, and the errors of the warehouse also to `ops`.
const SALES: &str = "\
[[route]]
match = { app = 'Sales*' }
channel = 'sales'
mention = 'anna@example.com'

[[route.route]]
match = { error-class = 'login-failed' }
channel = 'ops'
continue = true

[[route.route]]
when = '22:00-06:00'
channel = ['night', 'sales']
mention = ['Bo <bo@example.com>', 'anna@example.com']

[[route.route.route]]
match = { task = 'Quiet*' }
mention = []

[[route]]
channel = 'default'
";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// `sales(anna) ops`
fn shown(recipients: &[Recipient]) -> String {
    let one = |recipient: &Recipient| {
        let names: Vec<&str> = recipient.mentions.iter().map(|one| one.name.as_str()).collect();
        let names = if names.is_empty() { String::new() } else { format!("({})", names.join(",")) };
        format!("{}{names}", recipient.channel)
    };
    recipients.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn without_script(notice: Notice) -> Notice {
    Notice { script: None, ..notice }
}

#[test]
fn the_deepest_match_decides_and_takes_what_it_does_not_give_from_around_it() {
    let router = router(SALES);
    let (day, night) = (at("2026-11-23T12:00:00Z"), at("2026-11-23T23:00:00Z"));
    for (notice, at, expected) in [
        (without_script(reload_failed("Sales EU", "Daily")), day, "sales(anna)"),
        (
            without_script(reload_failed("Sales EU", "Daily")),
            night,
            "night(Bo,anna) sales(Bo,anna)",
        ),
        (without_script(reload_failed("Sales EU", "Quiet 1")), night, "night sales"),
        (without_script(reload_failed("Sales EU", "Quiet 1")), day, "sales(anna)"),
        (reload_failed("Sales EU", "Daily"), day, "ops(anna)"),
        (reload_failed("Sales EU", "Daily"), night, "ops(anna) night(Bo,anna) sales(Bo,anna)"),
        (reload_failed("Finance", "Daily"), night, "default"),
    ] {
        let recipients = router.recipients(&notice, at, &TimeZone::UTC);
        assert_eq!(
            shown(&recipients),
            expected,
            "{:?} {:?} {at}",
            notice.facts.app_name,
            notice.facts.task_name
        );
    }
}

#[test]
fn people_of_several_routes_to_one_channel_are_mentioned_once_each() {
    let text = "[[route]]\nchannel = 'ops'\nmention = ['Anna <anna@example.com>', 'bo@example.com']\ncontinue = true\n\
                [[route]]\nchannel = ['ops', 'sales']\nmention = ['ANNA@example.com', 'eva@example.com']\n";
    let recipients = router(text).recipients(
        &reload_failed("A", "B"),
        at("2026-11-23T12:00:00Z"),
        &TimeZone::UTC,
    );
    assert_eq!(shown(&recipients), "ops(Anna,bo,eva) sales(ANNA,eva)");
    let mut many = String::new();
    for route in 0..3 {
        let people: Vec<String> = (0..20).map(|n| format!("'p{route}.{n}@example.com'")).collect();
        let people = people.join(",");
        writeln!(many, "[[route]]\nchannel = 'ops'\nmention = [{people}]\ncontinue = true")
            .unwrap();
    }
    let recipients =
        router(&many).recipients(&reload_failed("A", "B"), Timestamp::UNIX_EPOCH, &TimeZone::UTC);
    assert_eq!(recipients[0].mentions.len(), 20);
}

#[test]
fn the_hours_of_a_route_are_those_of_its_zone_else_of_the_site() {
    let text = "[[route]]\nwhen = '08:00-18:00'\nchannel = 'sales'\n\
                [[route]]\ntimezone = 'America/New_York'\nchannel = 'ops'\n\
                [[route.route]]\nwhen = '08:00-18:00'\nchannel = 'night'\n";
    let router = router(text);
    let stockholm = TimeZone::get("Europe/Stockholm").unwrap();
    for (time, expected) in [
        // Summer time began in Stockholm that night, and in New York three weeks before.
        ("2026-03-27T07:30:00Z", "sales"),
        ("2026-03-27T06:30:00Z", "ops"),
        ("2026-03-30T06:30:00Z", "sales"),
        ("2026-03-27T17:30:00Z", "night"),
        ("2026-03-27T16:30:00Z", "sales"),
        ("2026-11-23T23:30:00Z", "ops"),
    ] {
        let recipients = router.recipients(&reload_failed("A", "B"), at(time), &stockholm);
        assert_eq!(shown(&recipients), expected, "{time}");
    }
}

#[test]
fn a_broken_route_is_left_out_with_those_in_it_and_a_broken_person_alone() {
    let text = "[[route]]\ntimezone = 'Mars/Base'\nchannel = 'ops'\n[[route.route]]\nchannel = 'sales'\n\
                [[route]]\nchannel = 'night'\nmention = ['nobody', 'bo@example.com']\n\
                [[route.route]]\nmatch = { kind = 'nothing' }\nchannel = 'sales'\n";
    let written = Written::new("footman.toml", text);
    let configs: Vec<RouteConfig> = crate::config::Config::parse(&written).0.route;
    let (router, problems) = Router::compile(&written, &configs);
    let reported: Vec<_> =
        problems.iter().map(|it| (&it.text[it.span.clone()], it.message.as_str())).collect();
    let expected = [
        ("'Mars/Base'", "`Mars/Base` is not a known time zone"),
        ("'nobody'", "this is not a person in Teams"),
        ("'nothing'", "unknown kind `nothing`"),
    ];
    assert_eq!(reported, expected);
    let recipients =
        router.recipients(&reload_failed("A", "B"), Timestamp::UNIX_EPOCH, &TimeZone::UTC);
    assert_eq!(shown(&recipients), "night(bo)");
}

#[test]
fn each_route_on_the_way_is_explained() {
    let router = router(SALES);
    let given = [(MatchKey::App, "Sales EU".to_owned()), (MatchKey::Task, "Daily".to_owned())];
    let explain = |time: &str| {
        let (evaluated, _) = router.explain(&Values::Given(&given), at(time), &TimeZone::UTC);
        evaluated.into_iter().map(|one| (one.place.to_string(), one.because)).collect::<Vec<_>>()
    };
    let matches = |place: &str| (place.to_owned(), RouteReason::Matches { continues: false });
    let differs = |place: &str, key, word: &str, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        (place.to_owned(), RouteReason::Differs { key, words: vec![word.to_owned()], values })
    };
    let class = || differs("1.1", MatchKey::ErrorClass, "login-failed", &[]);
    let closed = RouteReason::Closed { when: "22:00-06:00".to_owned(), zone: None };
    let at_noon = [matches("1"), class(), ("1.2".to_owned(), closed)];
    assert_eq!(explain("2026-11-23T12:00:00Z"), at_noon);
    let quiet = differs("1.2.1", MatchKey::Task, "Quiet*", &["Daily"]);
    assert_eq!(explain("2026-11-23T23:00:00Z"), [matches("1"), class(), matches("1.2"), quiet]);
}

#[test]
fn a_route_around_others_without_a_channel_passes_the_default_on() {
    let text = "[[route]]\nmatch = { app = 'A' }\n[[route.route]]\nmatch = { task = 'B' }\nchannel = 'ops'\n";
    let router = router(text);
    assert_eq!(channels(&router, &reload_failed("A", "B")), ["ops"]);
    assert_eq!(channels(&router, &reload_failed("A", "C")), ["default"]);
}

const APPS: [&str; 4] = ["Sales", "Sales EU", "Finance", "HR"];
const WORDS: [&str; 6] = ["Sales*", "sales", "Finance", "?R", "/^S/", "*"];
const TASKS: [&str; 2] = ["Daily", "Nightly"];
const NAMES: [&str; 4] = ["ops", "sales", "night", "bi"];
const HOURS: [&str; 3] = ["08:00-18:00", "Sat, Sun", "22:00-06:00"];
const PEOPLE: [&str; 3] = ["a@example.com", "b@example.com", "c@example.com"];

/// Routes as a file has them, as JSON.
pub(crate) fn trees() -> impl Strategy<Value = Value> {
    let own = (
        proptest::option::weighted(0.6, proptest::sample::select(WORDS.to_vec())),
        proptest::option::weighted(0.3, proptest::sample::select(TASKS.to_vec())),
        proptest::option::weighted(0.6, proptest::sample::subsequence(NAMES.to_vec(), 1..3)),
        proptest::bool::weighted(0.3),
        proptest::option::weighted(0.3, proptest::sample::select(HOURS.to_vec())),
        proptest::option::weighted(0.4, proptest::sample::subsequence(PEOPLE.to_vec(), 0..3)),
    );
    let route = own.prop_map(|(app, task, channel, continues, when, mention)| {
        let mut route = json!({ "match": {}, "continue": continues });
        let values = [
            ("when", when.map(Value::from)),
            ("channel", channel.map(Value::from)),
            ("mention", mention.map(Value::from)),
        ];
        for (key, value) in values {
            if let Some(value) = value {
                route[key] = value;
            }
        }
        for (key, word) in [("app", app), ("task", task)] {
            if let Some(word) = word {
                route["match"][key] = word.into();
            }
        }
        route
    });
    let tree = route.prop_recursive(3, 24, 4, |inner| {
        (inner.clone(), proptest::collection::vec(inner, 0..4)).prop_map(|(mut route, inner)| {
            route["route"] = inner.into();
            route
        })
    });
    proptest::collection::vec(tree, 0..5).prop_map(Value::from)
}

pub(crate) fn compiled(tree: &Value) -> Router {
    let configs: Vec<RouteConfig> = serde_json::from_value(tree.clone()).unwrap();
    let (router, problems) = Router::compile(&Written::new("", ""), &configs);
    assert_eq!(problems, []);
    router
}

/// Whether a word matches, written down again.
fn accepts(word: &str, text: &str) -> bool {
    match word {
        "*" => true,
        "Sales*" => text.starts_with("Sales"),
        "?R" => text == "HR",
        "/^S/" => text.starts_with('S'),
        word => word.eq_ignore_ascii_case(text),
    }
}

/// The hour of the week, from Monday 00:00.
fn is_open(when: &str, hour: i64) -> bool {
    match when {
        "08:00-18:00" => (8..18).contains(&(hour % 24)),
        "Sat, Sun" => hour >= 5 * 24,
        _ => !(6..22).contains(&(hour % 24)),
    }
}

/// Channel and people by the rules of Alertmanager, on the file itself.
type Selected = Vec<(Value, Value)>;

fn naive(route: &Value, around: (&Value, &Value), app: &str, task: &str, hour: i64) -> Selected {
    let word = |key: &str| route["match"][key].as_str();
    let matches = word("app").is_none_or(|word| accepts(word, app))
        && word("task").is_none_or(|word| accepts(word, task))
        && route["when"].as_str().is_none_or(|when| is_open(when, hour));
    if !matches {
        return Vec::new();
    }
    let own = (route.get("channel").unwrap_or(around.0), route.get("mention").unwrap_or(around.1));
    let inner = naive_all(route.get("route").unwrap_or(&json!([])), own, app, task, hour);
    if inner.is_empty() { vec![(own.0.clone(), own.1.clone())] } else { inner }
}

fn naive_all(
    routes: &Value,
    around: (&Value, &Value),
    app: &str,
    task: &str,
    hour: i64,
) -> Selected {
    let mut all = Vec::new();
    for route in routes.as_array().unwrap() {
        let found = naive(route, around, app, task, hour);
        let is_end = !found.is_empty() && route["continue"] != json!(true);
        all.extend(found);
        if is_end {
            break;
        }
    }
    all
}

fn merged(selected: &Selected) -> Vec<(String, Vec<String>)> {
    let mut merged: Vec<(String, Vec<String>)> = Vec::new();
    for (channels, people) in selected {
        for channel in channels.as_array().unwrap() {
            let channel = channel.as_str().unwrap().to_owned();
            if !merged.iter().any(|(known, _)| *known == channel) {
                merged.push((channel.clone(), Vec::new()));
            }
            let (_, all) = merged.iter_mut().find(|(known, _)| *known == channel).unwrap();
            for person in people.as_array().unwrap() {
                let person = person.as_str().unwrap().to_owned();
                if !all.contains(&person) {
                    all.push(person);
                }
            }
        }
    }
    merged
}

proptest! {
    #[test]
    fn a_random_tree_selects_what_a_naive_evaluation_selects(
        tree in trees(),
        app in proptest::sample::select(APPS.to_vec()),
        task in proptest::sample::select(TASKS.to_vec()),
        hour in 0..168_i64,
    ) {
        let root = json!({ "continue": false, "channel": ["default"], "mention": [], "route": tree });
        let expected = merged(&naive(&root, (&json!([]), &json!([])), app, task, hour));
        let at = at("2026-11-23T00:30:00Z") + SignedDuration::from_hours(hour);
        let router = compiled(&tree);
        let recipients = router.recipients(&reload_failed(app, task), at, &TimeZone::UTC);
        let given = [(MatchKey::App, app.to_owned()), (MatchKey::Task, task.to_owned())];
        let (_, explained) = router.explain(&Values::Given(&given), at, &TimeZone::UTC);
        prop_assert_eq!(&explained, &recipients, "what is explained is what happens");
        let selected: Vec<(String, Vec<String>)> = recipients
            .into_iter()
            .map(|one| (one.channel, one.mentions.into_iter().map(|one| one.id).collect()))
            .collect();
        prop_assert_eq!(selected, expected);
    }
}
