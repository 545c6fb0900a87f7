//! A card that Teams never accepts does not delay the other cards of its channel.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::account::summarize;
use crate::program::{self, channel, history, route, start, status, until};
use crate::support::fake_teams::{Answer, FakeTeams, Fate, Post};
use crate::support::world::{World, kill};

/// Status codes for a body with the poison, each on a channel of its own.
const REFUSALS: [u16; 9] = [302, 401, 403, 404, 407, 410, 500, 502, 503];
const GOOD: usize = 10;
/// The probe with another card comes after 30 s at most.
const PATIENCE: Duration = Duration::from_secs(100);

fn poisoned(status: u16) -> String {
    format!("Poisoned {status}")
}

fn good(status: u16, n: usize) -> String {
    format!("Good {status} no {n}")
}

/// A channel with route and Teams for each refusal.
fn world() -> (World, Vec<(u16, FakeTeams)>) {
    let mut world = program::world("");
    let mut routes = String::new();
    let mut all = Vec::new();
    for status in REFUSALS {
        let teams = FakeTeams::by(move |post: &Post| {
            Answer::Status(if post.body.contains("Poisoned") { status } else { 202 })
        });
        let name = format!("c{status}");
        let pace = "pace = { burst = 1000, every = \"1ms\" }";
        world.config += &channel(&world, &name, &teams.url(), pace);
        routes += &route(&name, &format!("* {status}*"));
        all.push((status, teams));
    }
    world.config += &routes;
    world.config += "[incident]\nsettle = \"200ms\"\n";
    (world, all)
}

fn names(teams: &FakeTeams, fate: Fate) -> BTreeSet<String> {
    let posts = teams.posts();
    posts.iter().filter(|post| post.fate == fate).flat_map(|post| summarize(post).apps).collect()
}

/// Good cards that Teams did not accept.
fn missing(teams: &[(u16, FakeTeams)], range: std::ops::Range<usize>) -> Vec<String> {
    let expected = teams.iter().flat_map(|(status, teams)| {
        let seen = names(teams, Fate::Taken);
        let all = range.clone().map(|n| good(*status, n));
        all.filter(|name| !seen.contains(name)).collect::<Vec<_>>()
    });
    expected.collect()
}

#[tokio::test]
async fn a_poisoned_card_is_dead_and_the_others_are_sent_also_after_a_restart() {
    let (mut world, teams) = world();
    world.settle_in().await;
    let agent = start(&world);
    for (status, teams) in &teams {
        world.fail(&poisoned(*status), "Table not found");
        tokio::time::timeout(PATIENCE, teams.received(1)).await.unwrap();
    }
    for (status, _) in &teams {
        (0..GOOD / 2).for_each(|n| world.fail(&good(*status, n), "Table not found"));
    }
    let first = until(PATIENCE, || missing(&teams, 0..GOOD / 2).is_empty()).await;
    let before = missing(&teams, 0..GOOD / 2);
    kill(agent);

    for (status, _) in &teams {
        (GOOD / 2..GOOD).for_each(|n| world.fail(&good(*status, n), "Table not found"));
    }
    let agent = start(&world);
    let second = until(PATIENCE, || missing(&teams, 0..GOOD).is_empty()).await;
    let dead = until(PATIENCE, || dead_cards(&status(&world)).len() == REFUSALS.len()).await;
    kill(agent);

    assert!(first, "not before the restart: {before:?}");
    assert!(second, "not after the restart: {:?}", missing(&teams, 0..GOOD));
    assert!(dead, "dead: {:?}", dead_cards(&status(&world)));
    let history = history(&world);
    for app in REFUSALS.map(poisoned) {
        assert!(history.iter().any(|entry| entry.to_string().contains(&app)), "history has {app}");
    }
}

/// The summaries of cards that `footman status` lists as set aside.
fn dead_cards(status: &Value) -> Vec<String> {
    let cards = status["set-aside"].as_array().cloned().unwrap_or_default();
    cards.iter().filter_map(|card| card["summary"].as_str().map(str::to_owned)).collect()
}
