//! An agent that does not get on says so: status, doctor, page and one emergency card.

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
    let told = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&told).into_owned())
}

/// Waits until `status` ends so; what it said.
async fn until_status(world: &World, code: i32, text: &str) -> String {
    let mut turns = tokio::time::interval(Duration::from_millis(100));
    let waiting = async {
        loop {
            turns.tick().await;
            let (ended, told) = footman(world, &["status"]);
            if ended == Some(code) && told.contains(text) {
                return told;
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
async fn a_disk_that_is_full_is_said_by_status_doctor_page_and_one_card_and_over_when_it_is() {
    let mut world = World::new();
    world.settle_in().await;
    (0..5).for_each(|n| world.fail(&format!("App {n}"), "Table not found"));
    // No file may grow over 8 KiB, as if the disk were full.
    let limits = "ulimit -f 16;";
    for _ in 0..2 {
        let agent = crate::faults_state::start_limited(&world, limits);
        until_status(&world, 3, "the state cannot be ").await;
        emergency(&world).await;
        let (code, told) = footman(&world, &["doctor"]);
        assert_eq!(code, Some(3), "{told}");
        assert!(told.contains("the agent is stalled"), "{told}");
        let (_, json) = footman(&world, &["status", "--json"]);
        assert!(json.contains("\"condition\": \"stalled\""), "{json}");
        assert!(page(&world).await.contains("Cards are delayed"));
        kill(agent);
        let (code, told) = footman(&world, &["status"]);
        assert_eq!(code, Some(3), "{told}");
    }
    assert_eq!(emergencies(&world), 1, "at most one an hour, over restarts too");
    let agent = crate::faults_state::start(&world);
    until_status(&world, 0, "running since").await;
    kill(agent);
}

#[cfg(unix)]
async fn page(world: &World) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = tokio_util::sync::CancellationToken::new();
    let place = footman::web::PageAddress {
        cards: world.folder.path().join("cards"),
        state_dir: world.state_dir(),
        node: "n".to_owned(),
        environment: None,
    };
    let client = async {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let ask = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        stop.cancel();
        answer
    };
    let (served, answer) = tokio::join!(footman::web::serve(listener, place, stop.clone()), client);
    served.unwrap();
    answer
}

#[tokio::test]
async fn a_state_that_somebody_holds_is_said_and_forgotten_when_it_is_free() {
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
async fn a_table_that_is_broken_while_the_agent_runs_is_set_aside_and_said() {
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
        let said = |text| world.teams.posts().iter().any(|post| post.body.contains(text));
        while !(said("the state file was damaged") && said("Sales")) {
            n = world.teams.received(n + 1).await.len();
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.unwrap();
    until_status(&world, 0, "running since").await;
    kill(agent);
}

#[tokio::test]
async fn an_agent_that_was_killed_is_dead_and_one_that_was_stopped_is_not() {
    let world = World::new();
    world.settle_in().await;
    let (code, told) = footman(&world, &["status"]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(footman(&world, &["doctor"]).0, Some(0));
    let agent = crate::faults_state::start(&world);
    until_status(&world, 0, "running since").await;
    kill(agent);
    let (code, told) = footman(&world, &["status"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("without being asked"), "{told}");
    assert_eq!(footman(&world, &["doctor"]).0, Some(3));
}

#[test]
fn a_state_that_cannot_be_read_ends_status_with_3_and_a_sentence() {
    let world = World::new();
    drop(Store::open(&world.state_dir(), clock::now()).unwrap());
    let outside = Connection::open(world.state_dir().join(FILE_NAME)).unwrap();
    outside.execute_batch("DROP TABLE history").unwrap();
    let (code, told) = footman(&world, &["status"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("history"), "{told}");
    fs::write(world.state_dir().join(FILE_NAME), "no database ".repeat(500)).unwrap();
    let (code, told) = footman(&world, &["status", "--json"]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("\"condition\": \"unreadable\""), "{told}");
}

#[tokio::test]
async fn the_health_file_has_its_room_from_the_start_and_no_secret() {
    let world = World::new();
    world.settle_in().await;
    let path: &Path = &world.state_dir().join(HEALTH_NAME);
    assert_eq!(fs::metadata(path).unwrap().len(), 4096);
    assert_eq!(Health::read(&world.state_dir()).unwrap().stalls, []);
}
