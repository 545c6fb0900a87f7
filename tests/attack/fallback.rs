//! A channel that fails in every way in turn, its fallback, and a kill in each round: each card arrives
//! in one of the two, once or marked.
//!
//! The long form (`tests/attack/run`) has 100 kills.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::account::{delivered, summarize};
use crate::program::{self, channel, counter, nothing_is_pending, route, start, status, until};
use crate::support::fake_teams::{Answer, FakeTeams, Fate, Post};
use crate::support::world::kill;

const PACE: &str = "pace = { burst = 1000, every = \"1ms\" }";
const PATIENCE: Duration = Duration::from_secs(170);
const FAILURES_PER_ROUND: usize = 3;
const OFF: &str = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled"}}"#;
const DELETED: &str =
    r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"trigger with state 'Deleted'"}}"#;

/// How the channel answers in a round.
fn answer(round: usize) -> Answer {
    let all = [
        Answer::Status(503),
        Answer::Hang,
        Answer::Status(404),
        Answer::too_many(1),
        Answer::Close,
        Answer::with_body(400, OFF),
        Answer::Status(202),
        Answer::with_body(400, DELETED),
        Answer::Cut,
    ];
    all[round % all.len()].clone()
}

fn rounds() -> usize {
    if crate::long() { 100 } else { 9 }
}

#[tokio::test]
async fn each_card_arrives_in_its_channel_or_in_the_fallback_despite_kills() {
    let (ops, spare) = (FakeTeams::start([]), FakeTeams::start([]));
    let mut world = program::world("");
    let keys = format!("{PACE}\nfallback = \"spare\"\nfallback-after = \"1s\"");
    world.config += &channel(&world, "ops", &ops.url(), &keys);
    world.config += &channel(&world, "spare", &spare.url(), PACE);
    world.config += &route("ops", "App *");
    world.config += "[incident]\nsettle = \"200ms\"\n";
    world.settle_in().await;
    let mut apps = Vec::new();
    for round in 0..rounds() {
        let answer = answer(round);
        ops.answer_by(move |_: &Post| answer.clone());
        let before = ops.posts().len() + spare.posts().len();
        let agent = start(&world);
        for n in 0..FAILURES_PER_ROUND {
            let app = format!("App {round:03}-{n}");
            world.fail(&app, "Table not found");
            apps.push(app);
        }
        let n = u64::try_from(apps.len()).unwrap();
        let is_read = || {
            counter(&world, "notice.opened") >= n
                && ops.posts().len() + spare.posts().len() > before
        };
        assert!(until(PATIENCE, is_read).await, "round {round}: not all failures were read");
        kill(agent);
    }
    ops.answer_by(|_: &Post| Answer::Status(202));
    let agent = start(&world);
    let is_over = until(PATIENCE, || nothing_is_pending(&world)).await;
    kill(agent);
    assert!(is_over, "still pending: {:#}", status(&world)["owed"]);
    let delivered = delivered(&world);
    let posts = [ops.posts(), spare.posts()].concat();
    let mut unmarked: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for post in posts.iter().filter(|post| post.fate != Fate::Refused).map(summarize) {
        for app in post.apps {
            *shown.entry(app.clone()).or_default() += usize::from(post.fate == Fate::Taken);
            *unmarked.entry(app).or_default() += usize::from(!post.is_marked);
        }
    }
    for app in &apps {
        let times = delivered.get(&("ops".to_owned(), app.clone())).copied().unwrap_or_default();
        assert_eq!(times, 1, "{app} ended as sent {times} times");
        assert!(shown.get(app).is_some_and(|n| *n > 0), "{app} is in neither channel");
        assert!(unmarked.get(app).is_none_or(|n| *n <= 1), "{app} was sent twice without a mark");
    }
    assert!(!spare.posts().is_empty(), "the fallback was used");
}
