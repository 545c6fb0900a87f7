//! The real program, ended at each step between a line and its card, and restarted.
//!
//! Runs with the feature `failpoints` only, as in `tests/run tests`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tokio::time::interval;

use crate::support::world::{World, texts};

/// The failpoints between a line and a settled card, in order.
const POINTS: [&str; 14] = [
    "polled",
    "hint",
    "read",
    "matched",
    "committed",
    "card-made",
    "card-pending",
    "departing",
    "departed",
    "posting",
    "posted",
    "settling",
    "settled",
    // The same again, when part of the work is done.
    "settled=1*off",
];

const FAILURES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(30);

fn start(world: &World, points: Option<&str>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command
        .args(["run", "--config"])
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(points) = points {
        command.env("FAILPOINTS", points);
    }
    command.spawn().unwrap()
}

/// Waits until the program has ended.
async fn ended(agent: &mut Child) -> ExitStatus {
    let mut look = interval(Duration::from_millis(5));
    loop {
        look.tick().await;
        if let Some(status) = agent.try_wait().unwrap() {
            return status;
        }
    }
}

/// The apps of all cards, and whether each is marked as a possible repeat.
fn cards(world: &World) -> Vec<(String, bool)> {
    let posts = world.teams.posts();
    let title = |body: &str| {
        let texts = texts(body);
        texts.iter().find_map(|text| text.strip_prefix("Reload failed: ")).map(str::to_owned)
    };
    let marked = |body: &str| body.contains("ossible repeat");
    posts.iter().filter_map(|post| Some((title(&post.body)?, marked(&post.body)))).collect()
}

/// A node on which some reloads fail while the agent is down.
async fn world() -> World {
    let mut world = World::new();
    world.settle_in().await;
    for n in 0..FAILURES {
        world.fail(&format!("App {n}"), &format!("Table 'T{n}' not found"));
    }
    world
}

/// Runs the program until every failure has a card.
async fn finish(world: &World) -> BTreeSet<String> {
    let mut agent = start(world, None);
    let everything = async {
        let mut n = FAILURES;
        let names = |world| cards(world).into_iter().map(|(app, _)| app).collect::<BTreeSet<_>>();
        while names(world).len() < FAILURES {
            n = world.teams.received(n).await.len() + 1;
        }
        names(world)
    };
    let names = tokio::time::timeout(PATIENCE, everything).await;
    agent.kill().unwrap();
    agent.wait().unwrap();
    names.unwrap_or_else(|_| panic!("only {:?} have cards", cards(world)))
}

#[tokio::test]
async fn an_end_at_any_failpoint_leads_to_the_same_cards() {
    let undisturbed = finish(&world().await).await;
    for point in POINTS {
        let world = world().await;
        let points = match point.split_once('=') {
            Some((name, before)) => format!("{name}={before}->return"),
            None => format!("{point}=return"),
        };
        let mut agent = start(&world, Some(&points));
        let end = tokio::time::timeout(PATIENCE, ended(&mut agent)).await;
        let end = end.unwrap_or_else(|_| panic!("{point} was never reached"));
        assert!(end.code().is_none(), "{point}: a regular end with {end}");

        assert_eq!(finish(&world).await, undisturbed, "{point}");
        let mut unmarked: BTreeMap<String, usize> = BTreeMap::new();
        for (app, marked) in cards(&world) {
            *unmarked.entry(app).or_default() += usize::from(!marked);
        }
        assert!(unmarked.values().all(|n| *n <= 1), "{point}: {unmarked:?}");
    }
}
