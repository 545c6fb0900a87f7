//! The whole agent with real files, a real state file and real HTTP.

use crate::support::fake_teams::{Answer, Post, refused_url};
use crate::support::world::{World, texts};

fn titles(posts: &[crate::support::fake_teams::Post]) -> Vec<String> {
    let title = |body: &str| {
        let all = texts(body);
        all.into_iter().find(|text| text.contains(": ")).unwrap_or_default()
    };
    posts.iter().map(|post| title(&post.body)).collect()
}

#[tokio::test]
async fn a_failed_reload_becomes_one_card_with_its_reason() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    let posts = world.run_until(1).await;

    let texts = texts(&posts[0].body);
    assert!(texts.iter().any(|text| text == "Reload failed: Sales"), "{texts:#?}");
    let why = texts.iter().position(|text| text == "Field 'OrderDte' not found");
    let task = texts.iter().position(|text| text == "Task");
    assert!(why.is_some() && why < task, "the reason comes first: {texts:#?}");
    assert!(texts.iter().any(|text| text.contains("Error: Field 'OrderDte' not found")));
    assert_eq!(posts.len(), 1);
}

#[tokio::test]
async fn failures_while_the_agent_is_down_are_sent_after_the_restart() {
    let mut world = World::new();
    world.settle_in().await;
    for n in 0..5 {
        world.fail(&format!("App {n}"), "Table not found");
        world.node.roll(footman::clock::now()).unwrap();
    }
    let posts = world.run_until(5).await;
    assert_eq!(posts.len(), 5, "{:?}", titles(&posts));

    world.fail("App 5", "Table not found");
    let posts = world.run_until(6).await;
    assert_eq!(titles(&posts)[5], "Reload failed: App 5");
    assert_eq!(posts.len(), 6, "nothing is sent twice: {:?}", titles(&posts));
}

#[tokio::test]
async fn a_missing_log_root_at_the_start_is_waited_for() {
    let mut world = World::new();
    let (root, away) = (world.log_root().to_owned(), world.folder.path().join("away"));
    world.fail("Old", "Not reported: written before the first start");
    std::fs::rename(&root, &away).unwrap();
    let started = world.run_while(async {
        world.until_note("troubles", "no-log-root").await;
        std::fs::rename(&away, &root).unwrap();
        world.until_note("troubles", "[]").await;
    });
    started.await;
    world.settle_in().await;
    world.fail("While down", "Table not found");
    std::fs::rename(&root, &away).unwrap();
    let posts = world.run_while(async {
        world.until_note("troubles", "no-log-root").await;
        std::fs::rename(&away, &root).unwrap();
        world.teams.received(1).await
    });
    let posts = posts.await;
    assert_eq!(titles(&posts), ["Reload failed: While down"]);
}

#[tokio::test]
async fn no_card_is_lost_while_teams_is_down() {
    let down = [Answer::Status(500), Answer::Close, Answer::too_many(1)];
    let mut world = World::with_teams(down);
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    let posts = world.run_until(4).await;
    assert_eq!(posts.len(), 4);
    assert!(posts.iter().all(|post| post.body.contains("Reload failed: Sales")));
}

#[tokio::test]
async fn a_pending_card_survives_a_restart() {
    // Longer than the agent needs to stop.
    let mut world = World::with_teams([Answer::too_many(2)]);
    let pending = |world: &World| {
        footman::state::Reader::open(&world.state_dir()).unwrap().pending().unwrap()
    };
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    world.run_until(1).await;
    assert_eq!(pending(&world).len(), 1, "{:?}", pending(&world));

    let posts = world.run_until(2).await;
    assert_eq!(titles(&posts), ["Reload failed: Sales", "Reload failed: Sales"]);
    assert_eq!(pending(&world).len(), 0, "{:?}", pending(&world));
}

#[tokio::test]
async fn a_card_that_is_too_large_is_sent_as_the_plain_one() {
    let mut world = World::with_teams([Answer::Status(413)]);
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    let posts = world.run_until(2).await;
    assert!(posts[1].body.len() < posts[0].body.len());
    assert!(posts[1].body.contains("Table not found"));
}

#[tokio::test]
async fn a_second_failure_is_counted_and_the_recovery_is_sent() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    world.run_until(1).await;
    world.fail("Sales", "Table not found");
    let run = footman::demo::plan::PlannedRun::of_task("Sales", "well");
    for step in footman::demo::plan::reload(&run, &footman::demo::story::StoryEnd::Ok) {
        if let footman::demo::plan::Act::Write(write) = &step.act {
            world.node.write(footman::clock::now(), write).unwrap();
        }
    }
    let posts = world.run_until(2).await;
    let recovered = texts(&posts[1].body).join("\n");
    assert!(recovered.contains("Sales"), "{recovered}");
    assert!(recovered.contains(" · 2 times · "), "both failures are counted: {recovered}");
    assert_eq!(posts.len(), 2);
}

#[tokio::test]
async fn a_damaged_state_is_set_aside_and_the_agent_continues() {
    let mut world = World::new();
    world.settle_in().await;
    std::fs::write(world.state_dir().join("state.db"), [7; 4096]).unwrap();
    std::fs::remove_file(world.state_dir().join("state.db-wal")).ok();
    let posts = world.run_until(1).await;
    assert!(posts[0].body.contains("damaged"), "{}", posts[0].body);
    world.fail("Sales", "Table not found");
    let posts = world.run_until(2).await;
    assert!(posts[1].body.contains("Reload failed: Sales"));
}

#[tokio::test]
async fn without_a_webhook_cards_are_written_to_a_local_folder() {
    let mut world = World::new();
    world.webhook = None;
    world.config = "[incident]\nsettle = \"200ms\"\n".to_owned();
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    let folder = footman::channels::local::folder(&world.state_dir(), "default");
    world
        .run_while(async {
            let mut interval = tokio::time::interval(std::time::Duration::from_millis(5));
            while std::fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
                interval.tick().await;
            }
        })
        .await;
    assert!(world.teams.posts().is_empty());
}

#[test]
fn a_relative_log_root_is_watched_by_absolute_paths() {
    let setup = World::new().setup_on(std::path::Path::new("Log"));
    assert!(setup.watches().iter().all(|watch| watch.folder.is_absolute()));
}

#[tokio::test]
async fn a_storm_above_the_pace_becomes_a_digest_that_counts_everything() {
    let mut world = World::new();
    world.config = "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\n\
                    pace = { burst = 2, every = \"10s\" }\n[incident]\nsettle = \"200ms\"\n\
                    [[route]]\nchannel = \"default\"\nmention = \"anna@example.com\"\n"
        .to_owned();
    world.settle_in().await;
    for n in 0..30 {
        world.fail(&format!("App {n}"), "Table not found");
    }
    // How many are decided before the first card is sent depends on the machine: here all are.
    let teams = world.webhook.replace(refused_url());
    world.run_while(world.until_pending(30)).await;
    world.webhook = teams;
    let count = |post: &Post| {
        let title = texts(&post.body).into_iter().find(|text| text.contains("shown as one card"));
        title.map_or(1, |title| title.split(' ').next().unwrap().parse::<usize>().unwrap())
    };
    let posts = world
        .run_while(async {
            let mut posts = world.teams.received(1).await;
            while posts.iter().map(count).sum::<usize>() < 30 {
                posts = world.teams.received(posts.len() + 1).await;
            }
            posts
        })
        .await;
    assert_eq!(posts.iter().map(count).sum::<usize>(), 30);
    assert!(posts.len() <= 3, "{} posts", posts.len());
    for post in &posts {
        assert_eq!(post.body.matches("<at>anna</at>").count(), 2, "one person and one entity");
    }
}
