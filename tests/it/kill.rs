//! The real program, killed again and again while a node writes failures.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::support::world::{World, kill, texts};

/// How many failures there are for each kill.
const A_KILL: usize = 8;
/// A start takes up to seconds in Wine: fewer there.
const KILLS: usize = if cfg!(windows) { 15 } else { 60 };

/// As many as `FOOTMAN_TEST_KILLS` says, or a few.
fn kills() -> usize {
    std::env::var("FOOTMAN_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(KILLS)
}

/// The same seed, the same moments.
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
async fn killed_at_random_moments_it_tells_every_failure_once() {
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
        // Until a random moment, or until as many posts as there could be have come.
        let moment = Duration::from_millis(dice.roll(220));
        tokio::time::timeout(moment, world.teams.received(usize::MAX)).await.ok();
        kill(agent);
    }
    let agent = world.start_program();
    let everything = async {
        let mut n = failures;
        while told(&world).len() < failures {
            n = world.teams.received(n).await.len() + 1;
        }
    };
    let patience = Duration::from_mins(1 + kills as u64 / 200);
    let all = tokio::time::timeout(patience, everything).await;
    kill(agent);
    let told = told(&world);
    assert!(all.is_ok(), "{} of {failures} failures were told", told.len());
    let apps: BTreeSet<String> = told.keys().cloned().collect();
    assert_eq!(apps, written, "these and no others have cards");
    for (app, (first, _)) in &told {
        assert!(*first <= 1, "{app} has {first} cards without a word on repeating");
    }
}

/// For each app: cards, and cards that say "possible repeat".
fn told(world: &World) -> BTreeMap<String, (usize, usize)> {
    let mut told: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for post in world.teams.posts() {
        let texts = texts(&post.body);
        let title = texts.iter().find_map(|text| text.strip_prefix("Reload failed: "));
        let counts = told.entry(title.unwrap_or("unknown").to_owned()).or_default();
        if post.body.contains("ossible repeat") {
            counts.1 += 1;
        } else {
            counts.0 += 1;
        }
    }
    told
}
