//! A stalled agent is reported by status, doctor, page and one emergency card.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use footman::clock;
use footman::state::{FILE_NAME, HEALTH_NAME, Health, Store};
use rusqlite::Connection;

use crate::support::world::{World, kill};

#[cfg(unix)]
const EMERGENCY: &str = "Footman cannot write its state; alerts are delayed";

fn footman(world: &World, command: &[&str]) -> (Option<i32>, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(command)
        .arg("--config")
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
        .output()
        .unwrap();
    let output_text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&output_text).into_owned())
}

/// Waits until `status` has this exit code and text; returns its output.
async fn until_status(world: &World, code: i32, text: &str) -> String {
    let mut turns = tokio::time::interval(Duration::from_millis(100));
    let waiting = async {
        loop {
            turns.tick().await;
            let (ended, output_text) = footman(world, &["status"]);
            if ended == Some(code) && output_text.contains(text) {
                return output_text;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_mins(1), waiting).await;
    found.unwrap_or_else(|_| panic!("never {code}: {:?}", footman(world, &["status"])))
}

#[cfg(unix)]
fn emergencies(world: &World) -> usize {
    world.teams.posts().iter().filter(|post| post.body.contains(EMERGENCY)).count()
}

#[cfg(unix)]
/// Waits for an emergency card.
async fn emergency(world: &World) {
    let waiting = async {
        let mut n = world.teams.posts().len();
        while emergencies(world) == 0 {
            n = world.teams.received(n + 1).await.len();
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_reported_by_status_doctor_page_and_one_card_until_it_has_space() {
    let mut world = World::new();
    world.settle_in().await;
    (0..5).for_each(|n| world.fail(&format!("App {n}"), "Table not found"));
    // No file can grow above 8 KiB, as on a full disk.
    let limits = "ulimit -f 16;";
    for _ in 0..2 {
        let agent = crate::faults_state::start_limited(&world, limits);
        until_status(&world, 3, "stalled: the state cannot be ").await;
        emergency(&world).await;
        let (code, output_text) = footman(&world, &["doctor"]);
        assert_eq!(code, Some(3), "{output_text}");
        assert!(output_text.contains("the agent is stalled"), "{output_text}");
        let (_, json) = footman(&world, &["status", "--json"]);
        assert!(json.contains("\"condition\": \"stalled\""), "{json}");
        assert!(page(&world).await.contains("Cards are delayed"));
        kill(agent);
        for command in ["status", "doctor"] {
            let (code, output_text) = footman(&world, &[command]);
            assert_eq!(code, Some(3), "{output_text}");
            assert!(output_text.contains("it ended; before that"), "{output_text}");
            assert!(!output_text.contains("stalled"), "nobody runs: {output_text}");
        }
    }
    assert_eq!(emergencies(&world), 1, "at most one per hour, also across restarts");
    let agent = crate::faults_state::start(&world);
    until_status(&world, 0, "running since").await;
    kill(agent);
}

#[cfg(unix)]
async fn page(world: &World) -> String {
    use crate::support::browse::served;
    served(&world.state_dir(), async |client| client.get("/").await).await.body
}

#[tokio::test]
async fn a_locked_state_is_reported_until_it_is_free() {
    let world = World::new();
    world.settle_in().await;
    let agent = crate::faults_state::start(&world);
    until_status(&world, 0, "running since").await;
    let outside = Connection::open(world.state_dir().join(FILE_NAME)).unwrap();
    outside.busy_timeout(Duration::from_mins(1)).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    until_status(&world, 3, "stalled").await;
    outside.execute_batch("COMMIT").unwrap();
    until_status(&world, 0, "running since").await;
    kill(agent);
}

#[tokio::test]
async fn a_state_that_is_broken_while_the_agent_runs_is_set_aside_and_reported() {
    let mut world = World::new();
    world.settle_in().await;
    let agent = crate::faults_state::start(&world);
    until_status(&world, 0, "running since").await;
    let outside = Connection::open(world.state_dir().join(FILE_NAME)).unwrap();
    outside.busy_timeout(Duration::from_mins(1)).unwrap();
    outside.execute_batch("ALTER TABLE history RENAME COLUMN summary TO words").unwrap();
    drop(outside);
    world.fail("Sales", "Table not found");
    let waiting = async {
        let mut n = 0;
        let has_card = |text| world.teams.posts().iter().any(|post| post.body.contains(text));
        while !(has_card("The state file was damaged") && has_card("Sales")) {
            n = world.teams.received(n + 1).await.len();
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.unwrap();
    until_status(&world, 0, "running since").await;
    kill(agent);
}

#[tokio::test]
async fn a_killed_agent_is_reported_and_a_stopped_one_is_not() {
    let world = World::new();
    world.settle_in().await;
    let (code, output_text) = footman(&world, &["status"]);
    assert_eq!(code, Some(0), "{output_text}");
    assert_eq!(footman(&world, &["doctor"]).0, Some(0));
    let agent = crate::faults_state::start(&world);
    until_status(&world, 0, "running since").await;
    kill(agent);
    let (code, output_text) = footman(&world, &["status"]);
    assert_eq!(code, Some(3), "{output_text}");
    assert!(output_text.contains("ended unexpectedly"), "{output_text}");
    assert!(output_text.contains("hint: its log may say why: "), "{output_text}");
    let (code, output_text) = footman(&world, &["doctor"]);
    assert_eq!(code, Some(3), "{output_text}");
    assert!(output_text.contains("its log may say why: "), "{output_text}");
}

#[test]
fn an_unreadable_state_ends_status_with_3_and_a_message() {
    let world = World::new();
    drop(Store::open(&world.state_dir(), clock::now()).unwrap());
    let outside = Connection::open(world.state_dir().join(FILE_NAME)).unwrap();
    outside.execute_batch("DROP TABLE history").unwrap();
    let (code, output_text) = footman(&world, &["status"]);
    assert_eq!(code, Some(3), "{output_text}");
    assert!(output_text.contains("history"), "{output_text}");
    fs::write(world.state_dir().join(FILE_NAME), "no database ".repeat(500)).unwrap();
    let (code, output_text) = footman(&world, &["status", "--json"]);
    assert_eq!(code, Some(3), "{output_text}");
    assert!(output_text.contains("\"condition\": \"unreadable\""), "{output_text}");
}

#[tokio::test]
async fn the_health_file_is_preallocated_and_contains_no_secret() {
    let world = World::new();
    world.settle_in().await;
    let path: &Path = &world.state_dir().join(HEALTH_NAME);
    assert_eq!(fs::metadata(path).unwrap().len(), 4096);
    assert_eq!(Health::read(&world.state_dir()).unwrap().stalls, []);
}
