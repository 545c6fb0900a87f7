//! Services that stop and start, over the whole agent.

use crate::support::world::{World, texts};

const ENGINE: &str = "Qlik Sense Engine Service";
const REPOSITORY: &str = "Qlik Sense Repository Service";

#[tokio::test]
async fn a_stopped_service_is_told_once_and_its_start_to_those_who_heard() {
    let mut world = World::new();
    world.settle_in().await;
    world.node.set_service(ENGINE, false).unwrap();
    let posts = world.run_until(1).await;
    let stopped = texts(&posts[0].body).join("\n");
    assert!(stopped.contains("Service stopped: Qlik Sense Engine"), "{stopped}");
    assert!(stopped.contains("its process ended (1067)"), "{stopped}");
    assert!(stopped.contains("cannot open apps"), "{stopped}");
    assert!(stopped.contains("nothing else on this node"), "{stopped}");

    // The agent starts again, sees the same, and says nothing; then it sees the start.
    world.settle_in().await;
    world.node.set_service(ENGINE, true).unwrap();
    let posts = world.run_until(2).await;
    let started = texts(&posts[1].body).join("\n");
    assert!(started.contains("Recovered: Qlik Sense Engine"), "{started}");
    assert!(started.contains("running since"), "{started}");
    assert_eq!(posts.len(), 2);
}

#[tokio::test]
async fn reloads_that_fail_because_the_repository_is_stopped_are_not_told_one_by_one() {
    let mut world = World::new();
    world.settle_in().await;
    world.node.set_service(REPOSITORY, false).unwrap();
    world.run_until(1).await;
    world.fail("Sales", "Connection to the repository lost");
    world.fail("Stock", "Connection to the repository lost");
    let reader = || footman::state::Reader::open(&world.state_dir()).unwrap();
    world
        .run_while(async {
            let mut interval = tokio::time::interval(std::time::Duration::from_millis(5));
            let held = |(name, n): (&str, u64)| name == "suppressed.inhibited" && n == 2;
            while !reader().counters().unwrap().iter().any(held) {
                interval.tick().await;
            }
        })
        .await;
    world.node.set_service(REPOSITORY, true).unwrap();
    let posts = world.run_until(2).await;
    let started = texts(&posts[1].body).join("\n");
    assert!(started.contains("2 failures on this node were its effect"), "{started}");
}

#[tokio::test]
async fn without_a_table_or_a_service_manager_nothing_is_said_of_services() {
    let mut world = World::new();
    std::fs::remove_file(world.node.service_table()).unwrap();
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    let posts = world.run_until(1).await;
    assert!(posts[0].body.contains("Reload failed: Sales"));
}
