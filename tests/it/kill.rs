//! The real program, killed repeatedly while a node writes failures.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::support::world::{World, kill, texts};

/// Number of failures for each kill.
const A_KILL: usize = 8;
/// Number of kills; fewer in Wine, where a start can take seconds.
const KILLS: usize = if cfg!(windows) { 15 } else { 60 };

/// `FOOTMAN_TEST_KILLS`, or the default.
fn kills() -> usize {
    std::env::var("FOOTMAN_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS)
}

/// The same seed gives the same moments.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[tokio::test]
async fn killed_at_random_moments_every_failure_is_sent_once() {
    let mut world = World::new();
    world.node = world.node.rolling_at(400_000);
    world.settle_in().await;
    let mut dice = Dice(0x5eed);
    let (kills, mut written) = (kills(), BTreeSet::new());
    let failures = kills * A_KILL;
    for round in 0..kills {
        let agent = world.start_program();
        let target = A_KILL * (round + 1);
        while written.len() < target {
            let (n, app) = (written.len() + 1, format!("App {:05}", written.len() + 1));
            world.fail(&app, &format!("Table 'T{n}' not found"));
            written.insert(app);
        }
        // Until a random moment.
        let moment = Duration::from_millis(dice.roll(220));
        tokio::time::timeout(moment, world.teams.received(usize::MAX)).await.ok();
        kill(agent);
    }
    let agent = world.start_program();
    let everything = async {
        let mut n = failures;
        while cards(&world).len() < failures {
            n = world.teams.received(n).await.len() + 1;
        }
    };
    let patience = Duration::from_mins(1 + kills as u64 / 200);
    let all = tokio::time::timeout(patience, everything).await;
    kill(agent);
    let cards = cards(&world);
    assert!(all.is_ok(), "{} of {failures} failures have cards", cards.len());
    let apps: BTreeSet<String> = cards.keys().cloned().collect();
    assert_eq!(apps, written, "exactly these have cards");
    for (app, (first, _)) in &cards {
        assert!(*first <= 1, "{app} has {first} unmarked cards");
    }
}

/// For each app: the number of unmarked cards, and of those with "possible repeat".
fn cards(world: &World) -> BTreeMap<String, (usize, usize)> {
    let mut cards: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for post in world.teams.posts() {
        let texts = texts(&post.body);
        let title = texts.iter().find_map(|text| text.strip_prefix("Reload failed: "));
        let counts = cards.entry(title.unwrap_or("unknown").to_owned()).or_default();
        if post.body.contains("ossible repeat") {
            counts.1 += 1;
        } else {
            counts.0 += 1;
        }
    }
    cards
}
