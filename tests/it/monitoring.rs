//! `/metrics`, `/healthz` and the heartbeat of the real agent.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::time::Duration;

use footman::agent::PageNote;
use footman::config::load::secret::write_secret;
use footman::state::FILE_NAME;
use rusqlite::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{interval, timeout};

use crate::faults_state;
use crate::support::fake_teams::{Answer, FakeTeams};
use crate::support::world::{World, kill, texts};

const PATIENCE: Duration = Duration::from_mins(1);
/// A page on any free port.
const PAGE: &str = "[page]\nlisten = \"127.0.0.1:0\"\n";

/// A settled world with the page, and its agent.
async fn with_page(more: &str) -> (World, Child, SocketAddr) {
    let mut world = World::new();
    world.settle_in().await;
    world.config.push_str(PAGE);
    world.config.push_str(more);
    let (agent, address) = start(&world).await;
    (world, agent, address)
}

/// Starts the real program; its page is where the state says.
async fn start(world: &World) -> (Child, SocketAddr) {
    let earlier = note(world);
    let agent = faults_state::start(world);
    let mut turns = interval(Duration::from_millis(10));
    let address = async {
        loop {
            turns.tick().await;
            let note = note(world).filter(|note| Some(note) != earlier.as_ref());
            if let Some(address) = note.and_then(|note| PageNote::read(&note).address()) {
                return address;
            }
        }
    };
    let address = timeout(PATIENCE, address).await.expect("the state names no page");
    (agent, address)
}

fn note(world: &World) -> Option<String> {
    footman::state::Reader::open(&world.state_dir()).ok()?.note("page").ok()?
}

async fn get(address: SocketAddr, path: &str, accept: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Asks until the answer is as expected; returns it.
async fn until(address: SocketAddr, path: &str, is_so: impl Fn(&str) -> bool) -> String {
    let mut turns = interval(Duration::from_millis(20));
    let mut last = String::new();
    let asking = async {
        loop {
            turns.tick().await;
            last = get(address, path, "*/*").await;
            if is_so(&last) {
                return;
            }
        }
    };
    assert!(timeout(PATIENCE, asking).await.is_ok(), "never as expected: {last}");
    last
}

fn is_well(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\nok")
}

/// The value of a sample in an answer.
fn value(answer: &str, sample: &str) -> f64 {
    let value = answer.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    value.and_then(|value| value.parse().ok()).unwrap_or(-1.0)
}

const ACCEPTED: &str = "footman_deliveries_total{channel=\"default\",result=\"accepted\"}";
const FAILED: &str = "footman_detections_total{kind=\"reload-failed\"}";

#[tokio::test]
async fn a_node_with_teams_has_the_page_too_and_its_counters_survive_a_restart() {
    let (mut world, agent, address) = with_page("").await;
    until(address, "/healthz", is_well).await;
    assert!(get(address, "/", "*/*").await.starts_with("HTTP/1.1 200"));
    world.fail("Sales", "Table not found");
    let all = until(address, "/metrics", |answer| value(answer, ACCEPTED) >= 1.0).await;
    assert!(all.contains("content-type: text/plain; version=0.0.4"), "{all}");
    assert!(value(&all, FAILED) >= 1.0, "{all}");
    assert!(value(&all, "footman_read_bytes_total") > 0.0, "{all}");
    assert!(value(&all, "footman_followed_files") > 0.0, "{all}");
    assert!(value(&all, "footman_last_commit_timestamp_seconds") > 1.7e9, "{all}");
    let open = "footman_incidents{state=\"open\"}";
    until(address, "/metrics", |answer| value(answer, open) >= 1.0).await;
    let other = get(address, "/metrics", "application/openmetrics-text").await;
    assert!(other.contains("openmetrics-text; version=1.0.0") && other.contains("# EOF"));
    kill(agent);

    let (agent, address) = start(&world).await;
    let all = until(address, "/metrics", |answer| value(answer, ACCEPTED) >= 0.0).await;
    kill(agent);
    assert!(value(&all, ACCEPTED) >= 1.0 && value(&all, FAILED) >= 1.0, "{all}");
}

#[tokio::test]
async fn every_metric_of_dashboard_and_rules_exists_and_no_secret_does() {
    let (world, agent, address) = with_page("").await;
    let all = until(address, "/metrics", |answer| answer.contains("footman_build_info")).await;
    kill(agent);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging");
    let mut named = BTreeSet::new();
    for file in ["grafana/footman.json", "prometheus/footman.rules.yml"] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_metric = |word: &&str| word.starts_with("footman_") || word.starts_with("process_");
        named.extend(words.filter(is_metric).map(str::to_owned));
    }
    assert!(named.len() > 15, "{named:?}");
    // What a system does not count is missing there.
    let is_here = |name: &String| cfg!(not(windows)) || !name.starts_with("process_");
    for name in named.into_iter().filter(is_here) {
        assert!(all.contains(&format!("# TYPE {name} ")), "{name} is not in:\n{all}");
    }
    assert!(!all.contains("topSecret") && world.teams.url().contains("topSecret"));
}

/// Another process holds the state: the agent's writes fail, and nothing else does.
#[tokio::test]
async fn health_and_metrics_answer_while_the_core_is_stalled() {
    let (mut world, agent, address) = with_page("").await;
    until(address, "/healthz", is_well).await;
    let outside = Connection::open(world.state_dir().join(FILE_NAME)).unwrap();
    outside.busy_timeout(PATIENCE).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let is_stalled = |answer: &str| answer.starts_with("HTTP/1.1 503");
    // Something to write, sooner than the next sign of life.
    world.fail("Sales", "Table not found");
    let answer = until(address, "/healthz", is_stalled).await;
    let json = answer.split("\r\n\r\n").nth(1).unwrap();
    let parts: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(parts, serde_json::json!({ "read": true, "commit": false, "deliver": true }));
    let all = get(address, "/metrics", "*/*").await;
    assert!(all.contains("footman_works{part=\"commit\"} 0"), "{all}");
    assert!(value(&all, "footman_read_bytes_total") >= 0.0, "the state can be read: {all}");
    outside.execute_batch("COMMIT").unwrap();
    until(address, "/healthz", is_well).await;
    kill(agent);
}

/// A log root that is not there, such as a share that is not mounted, is not reading.
#[tokio::test]
async fn an_agent_that_waits_for_its_logs_is_not_healthy() {
    let mut world = World::new();
    world.settle_in().await;
    world.config.push_str(PAGE);
    let root = world.log_root().to_owned();
    let away = world.folder.path().join("away");
    fs::rename(&root, &away).unwrap();
    let (agent, address) = start(&world).await;
    let waits =
        |answer: &str| answer.ends_with("{\"read\":false,\"commit\":true,\"deliver\":true}");
    until(address, "/healthz", waits).await;
    fs::rename(&away, &root).unwrap();
    until(address, "/healthz", is_well).await;
    kill(agent);
}

/// What `status` prints, and its exit code.
fn status(world: &World, more: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["status", "--config"])
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .args(more)
        .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

async fn until_running(world: &World) -> String {
    let mut turns = interval(Duration::from_millis(50));
    let running = async {
        loop {
            turns.tick().await;
            let (code, text) = status(world, &[]);
            if code == Some(0) && text.contains("running since") {
                return text;
            }
        }
    };
    timeout(PATIENCE, running).await.expect("the agent never runs")
}

#[tokio::test]
async fn status_prints_the_address_of_the_page_while_the_agent_runs() {
    let (world, agent, address) = with_page("").await;
    let text = until_running(&world).await;
    assert!(text.contains(&format!("page        http://{address}/")), "{text}");
    let json: serde_json::Value = serde_json::from_str(&status(&world, &["--json"]).1).unwrap();
    assert_eq!(json["page"], format!("http://{address}/"));
    kill(agent);
    let json: serde_json::Value =
        serde_json::from_str(status(&world, &["--json"]).1.split("footman:").next().unwrap())
            .unwrap();
    assert_eq!(json["page"], serde_json::Value::Null);
}

/// The output of the real program so far.
fn output(world: &World) -> String {
    fs::read_to_string(world.folder.path().join("output.txt")).unwrap()
}

#[tokio::test]
async fn a_port_in_use_is_reported_once_and_the_agent_runs() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let mut world = World::new();
    world.settle_in().await;
    let page = format!("[page]\nlisten = \"{address}\"\n");
    world.config.push_str(&page);
    let agent = faults_state::start(&world);
    let text = until_running(&world).await;
    kill(agent);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(&format!("page not served: cannot listen on {address}")), "{text}");
    assert_eq!(output(&world).matches("cannot listen on").count(), 1, "{}", output(&world));
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused_with_its_reason() {
    let mut world = World::new();
    world.settle_in().await;
    world.config.push_str("[page]\nlisten = \"0.0.0.0:0\"\n");
    let agent = faults_state::start(&world);
    let text = until_running(&world).await;
    kill(agent);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("not served: page.listen is 0.0.0.0:0"), "{text}");
    assert!(flat.contains("without page.certificate and page.key"), "{text}");
    assert_eq!(output(&world).matches("without page.certificate").count(), 1, "{}", output(&world));
}

#[tokio::test]
async fn without_an_address_there_is_no_page() {
    let mut world = World::new();
    world.settle_in().await;
    world.config.push_str("[page]\nlisten = \"\"\n");
    let agent = faults_state::start(&world);
    let text = until_running(&world).await;
    kill(agent);
    assert!(text.contains("page        off"), "{text}");
    assert!(!output(&world).contains("page"), "{}", output(&world));
}

/// The configuration of a heartbeat to this server, its address in a file.
fn heartbeat_to(world: &World, server: &FakeTeams) -> String {
    let file = world.folder.path().join("ping.txt");
    write_secret(&file, &server.url()).unwrap();
    format!("[heartbeat]\nurl-file = '{}'\nevery = \"100ms\"\n", file.display())
}

#[tokio::test]
async fn heartbeats_are_sent_while_all_works_and_stop_while_the_state_cannot_be_written() {
    let switch = FakeTeams::start([]);
    let mut world = World::new();
    world.settle_in().await;
    world.config.push_str(PAGE);
    let heartbeat = heartbeat_to(&world, &switch);
    world.config.push_str(&heartbeat);
    let (agent, address) = start(&world).await;
    let beats = timeout(PATIENCE, switch.received(3)).await.expect("no heartbeats");
    assert!(beats.iter().all(|beat| beat.method == "GET"), "{beats:?}");
    assert!(switch.url().ends_with(&beats[0].target), "byte for byte");

    let outside = Connection::open(world.state_dir().join(FILE_NAME)).unwrap();
    outside.busy_timeout(PATIENCE).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    world.fail("Sales", "Table not found");
    until(address, "/healthz", |answer| answer.starts_with("HTTP/1.1 503")).await;
    // One may be under way.
    let before = switch.posts().len() + 1;
    // Long enough for many: until the next attempt to write fails, too.
    let mut turns = interval(Duration::from_millis(20));
    let stalled = async {
        while output(&world).matches("nothing is read or sent until").count() < 2 {
            turns.tick().await;
        }
    };
    timeout(PATIENCE, stalled).await.expect("the state can be written");
    assert!(get(address, "/healthz", "*/*").await.starts_with("HTTP/1.1 503"));
    assert!(switch.posts().len() <= before);
    outside.execute_batch("COMMIT").unwrap();
    timeout(PATIENCE, switch.received(before + 2)).await.expect("no heartbeats after the stall");
    kill(agent);
}

#[tokio::test]
async fn a_heartbeat_that_fails_is_logged_once_and_its_address_never() {
    let failures =
        vec![Answer::Status(404), Answer::Status(500), Answer::Close, Answer::Status(302)];
    let switch = FakeTeams::start(failures);
    let mut world = World::new();
    world.settle_in().await;
    let heartbeat = heartbeat_to(&world, &switch);
    world.config.push_str(&heartbeat);
    let agent = faults_state::start(&world);
    timeout(PATIENCE, switch.received(6)).await.expect("no heartbeats");
    let mut turns = interval(Duration::from_millis(20));
    let again = async {
        while !output(&world).contains("heartbeats reach 127.0.0.1 again") {
            turns.tick().await;
        }
    };
    timeout(PATIENCE, again).await.expect("its end is not logged");
    kill(agent);
    let output = output(&world);
    assert_eq!(output.matches("a heartbeat did not reach 127.0.0.1").count(), 1, "{output}");
    assert!(output.contains("hint: "), "{output}");
    assert!(!output.contains("topSecret") && !output.contains("invoke"), "{output}");
}

#[test]
fn check_and_doctor_test_the_heartbeat_without_sending_one() {
    let switch = FakeTeams::start([]);
    let mut world = World::new();
    let heartbeat = heartbeat_to(&world, &switch);
    world.config.push_str(&heartbeat);
    let footman = |command: &str, config: &std::path::Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args([command, "--config"])
            .arg(config)
            .arg("--log-root")
            .arg(world.log_root())
            .arg("--state-dir")
            .arg(world.state_dir())
            .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    let config = world.config_file();
    for command in ["check", "doctor"] {
        let (code, text) = footman(command, &config);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("heartbeat") && text.contains("127.0.0.1 responds (202)"), "{text}");
        assert!(!text.contains("topSecret"), "{text}");
    }
    assert!(switch.posts().iter().all(|one| one.method == "HEAD" && one.target == "/"));
    drop(switch);
    let (code, text) = footman("doctor", &config);
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("127.0.0.1 cannot be reached") && !text.contains("topSecret"), "{text}");
}

#[tokio::test]
async fn the_heartbeat_card_goes_to_each_channel_and_a_restart_does_not_repeat_it() {
    let mut world = World::new();
    world.settle_in().await;
    let local = "[channel.local]\n[heartbeat]\ncard-every = \"1s\"\n";
    world.config.push_str(local);
    let folder = world.state_dir().join("cards").join("local");
    let both = async {
        let posts = world.teams.received(1).await;
        crate::support::world::until(|| folder.exists()).await;
        posts
    };
    let posts = world.run_while(both).await;
    let card = texts(&posts[0].body).join("\n");
    assert!(card.contains("Footman is alive: qlik-test-1"), "{card}");
    assert!(card.contains("no reload succeeded, no incident, no card"), "{card}");

    world.config = world.config.replace("\"1s\"", "\"30d\"");
    let n = world.teams.posts().len();
    world.fail("Sales", "Table not found");
    let posts = world.run_until(n + 1).await;
    assert!(posts[n].body.contains("Reload failed: Sales"), "{}", posts[n].body);
}
