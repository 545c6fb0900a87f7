//! Thousands of failures at once: each is accounted for, and Teams is not overloaded.

use std::collections::BTreeMap;
use std::time::Duration;

use footman::clock;

use crate::account::{delivered, seen};
use crate::program::{self, counter, history, nothing_is_pending, start, status, until};
use crate::support::fake_teams::{FakeTeams, Fate, at_most};
use crate::support::world::{World, kill};

/// The limit of Teams for one connection of a flow.
const TEAMS_TAKES: (usize, Duration) = (25, Duration::from_mins(5));

/// Number of failures and apps, and the time for writing them.
struct Storm {
    failures: usize,
    apps: usize,
    within: Duration,
}

impl Storm {
    fn chosen() -> Self {
        if crate::long() {
            Self { failures: 100_000, apps: 3000, within: Duration::from_mins(4) }
        } else {
            Self { failures: 2000, apps: 200, within: Duration::ZERO }
        }
    }

    fn app(&self, failure: usize) -> String {
        format!("App {:04}", failure % self.apps)
    }

    /// Writes the failures evenly distributed over the time.
    async fn write(&self, world: &mut World) {
        let mut pulse = tokio::time::interval(Duration::from_millis(100));
        let (began, all) = (clock::now(), u32::try_from(self.failures).unwrap());
        for n in 0..self.failures {
            let due = began + self.within * u32::try_from(n).unwrap() / all;
            while clock::now() < due {
                pulse.tick().await;
            }
            world.fail(&self.app(n), "Table 'Orders' not found");
        }
    }
}

#[tokio::test]
async fn every_failure_of_a_storm_is_accounted_for_and_teams_is_not_overloaded() {
    let storm = Storm::chosen();
    let mut world = program::world("");
    world.node = world.node.rolling_at(8_000_000);
    let (n, per) = TEAMS_TAKES;
    world.teams = FakeTeams::by(at_most(n, per));
    world.webhook = Some(world.teams.url());
    world.settle_in().await;
    let agent = start(&world);
    storm.write(&mut world).await;

    let concluded = || {
        let (opened, repeats) = accounted(&world);
        let read = counter(&world, "pattern.reload-retries-exhausted");
        read == storm.failures as u64 && opened + repeats >= read
    };
    let over = || concluded() && nothing_is_pending(&world);
    let patience = if crate::long() { Duration::from_mins(20) } else { Duration::from_secs(150) };
    let ended = until(patience, over).await;
    kill(agent);
    let status = status(&world);
    assert!(ended, "not over: {:#}", status["counters"]);

    let posts = world.teams.posts();
    let (opened, repeats) = accounted(&world);
    println!("{} posts; {opened} incidents, {repeats} repeats held back", posts.len());
    assert!(posts.iter().all(|post| post.fate == Fate::Taken), "Teams refused some");
    assert_eq!(seen(&posts) as u64, opened, "each opened incident is in one card or digest row");
    assert_eq!(opened + repeats, storm.failures as u64, "every failure is counted once");
    assert_eq!(seen(&posts), storm.apps, "each app's incident is in one card or digest row");
    let delivered = delivered(&world);
    // Sent cards beyond a maximum number are deleted.
    if storm.apps <= 2000 {
        assert_eq!(delivered.len(), storm.apps);
        assert!(delivered.values().all(|n| *n == 1), "{delivered:?}");
        assert_eq!(counted(&world), expected(&storm), "failures of each app in the history");
    }
}

/// Number of failures that opened an incident, and of those held back as repeats.
fn accounted(world: &World) -> (u64, u64) {
    (counter(world, "notice.opened"), counter(world, "suppressed.repeat"))
}

fn expected(storm: &Storm) -> BTreeMap<String, usize> {
    let mut expected = BTreeMap::new();
    for n in 0..storm.failures {
        *expected.entry(storm.app(n)).or_default() += 1;
    }
    expected
}

/// Number of failures of each app in the history, both opened and held back as repeats.
fn counted(world: &World) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for entry in history(world) {
        let (what, reason) = (entry["what"].as_str().unwrap(), entry["reason"].as_str().unwrap());
        let is_failure = what == "opened" || (what, reason) == ("suppressed", "repeat");
        if is_failure && let Some(app) = app(entry["summary"].as_str().unwrap()) {
            *counted.entry(app).or_default() += 1;
        }
    }
    counted
}

/// The name in `Reload failed: App 0001: …` and in `App 0001 (pattern)`.
fn app(summary: &str) -> Option<String> {
    let at = summary.find("App ")?;
    summary.get(at..at + "App 0000".len()).map(str::to_owned)
}
