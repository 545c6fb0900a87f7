//! `footman doctor` with real files, a real state and a loopback Teams.

use std::net::TcpListener;
use std::process::{Command, Output};

use footman::clock;
use footman::state::Store;
use serde_json::Value;

use crate::support::fake_teams::refused_url;
use crate::support::world::World;

/// Runs the doctor on this node; returns its exit code and its output.
fn doctor(world: &World, arguments: &[&str], webhook: &str) -> (Option<i32>, String) {
    asked("doctor", world, arguments, webhook)
}

/// The same for another command that checks this node.
fn asked(command: &str, world: &World, arguments: &[&str], webhook: &str) -> (Option<i32>, String) {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .arg(command)
        .args(arguments)
        .arg("--config")
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .env("FOOTMAN_TEAMS_WEBHOOK", webhook)
        .env("COMPUTERNAME", "qlik-test-1")
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), report.replace('\\', "/"))
}

#[tokio::test]
async fn on_a_healthy_node_no_problem_is_found_and_no_card_is_posted() {
    let mut world = World::new();
    world.fail("Sales", "Table not found");
    world.settle_in().await;
    let url = world.teams.url();
    let (code, report) = doctor(&world, &[], &url);
    assert_eq!(code, Some(0), "{report}");
    for expected in [
        "node qlik-test-1",
        "System_Scheduler: 1 file, UTF-8",
        "columns Sequence# Timestamp Level",
        "Script: 1 file, UTF-8 with BOM",
        "written by 0.1.0, 0 cards pending",
        "memory ",
        "default: Teams webhook at 127.0.0.1 (workflow …cdef) responds (202)",
        if cfg!(windows) { "no problems found" } else { "no problems in what was tested" },
    ] {
        assert!(report.contains(expected), "{expected} is not in\n{report}");
    }
    assert!(!report.contains("/workflows/"), "the webhook is a secret:\n{report}");
    let asked = world.teams.received(1).await.pop().unwrap();
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("HEAD", "/"), "no card is posted");
}

#[tokio::test]
async fn an_unreadable_folder_is_reported_with_the_account_and_a_hint() {
    let mut world = World::new();
    world.fail("Sales", "Table not found");
    // A file in place of a folder is unreadable for every account, including root.
    let trace = world.log_root().join("Engine").join("Trace");
    std::fs::remove_dir_all(&trace).ok();
    std::fs::create_dir_all(trace.parent().unwrap()).unwrap();
    std::fs::write(&trace, "no folder").unwrap();
    let url = world.teams.url();
    let (code, report) = doctor(&world, &["--json"], &url);
    assert_eq!(code, Some(3), "{report}");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["well"], false);
    let findings = report["findings"].as_array().unwrap();
    let bad = findings.iter().find(|it| it["level"] == "bad").unwrap();
    assert_eq!(bad["area"], "logs");
    assert!(bad["what"].as_str().unwrap().contains("cannot be read by "), "{bad}");
    assert!(bad["todo"].as_str().unwrap().contains("grant the account"), "{bad}");
}

#[test]
fn a_channel_that_cannot_be_reached_ends_with_4() {
    let world = World::new();
    let (code, report) = doctor(&world, &[], &refused_url());
    assert_eq!(code, Some(4), "{report}");
    assert!(report.contains("cannot be reached: "), "{report}");
}

#[test]
fn the_address_of_the_page_is_tried() {
    let mut world = World::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    world.config = format!("{}[page]\nlisten = \"{address}\"\n", world.config);
    let url = world.teams.url();
    for command in ["check", "doctor"] {
        let (code, report) = asked(command, &world, &[], &url);
        assert_eq!(code, Some(3), "{command}: {report}");
        let what = format!("✗ the page cannot be served on {address}: another program uses");
        assert!(report.contains(&what), "{command}: {report}");
    }
    let (mut store, _) = Store::open(&world.state_dir(), clock::now()).unwrap();
    store.note("page", &format!("http://{address}/")).unwrap();
    let (_, report) = doctor(&world, &[], &url);
    assert!(report.contains(&format!("{address} is served by the running agent")), "{report}");
    drop((store, taken));
    let (_, report) = doctor(&world, &[], &url);
    assert!(report.contains(&format!("{address} is free for the page")), "{report}");
}

#[test]
fn an_address_that_others_reach_without_tls_is_one_problem() {
    let mut world = World::new();
    world.config.push_str("[page]\nlisten = \"0.0.0.0:8640\"\n");
    let url = world.teams.url();
    for command in ["check", "doctor"] {
        let (code, report) = asked(command, &world, &[], &url);
        assert_eq!(code, Some(3), "{command}: {report}");
        assert_eq!(report.matches("without TLS").count(), 1, "{command}: {report}");
        assert!(report.contains("1 problem found"), "{command}: {report}");
    }
}

#[test]
fn an_unknown_header_and_certificates_are_reported() {
    let world = World::new();
    let folder = world.log_root().join("Repository").join("System");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("NODE1_Service_Repository.txt"), "odd\theader\n").unwrap();
    let exported = footman::observe::source::exported(world.log_root());
    std::fs::create_dir_all(&exported).unwrap();
    std::fs::write(exported.join("root.pem"), include_str!("https/ca.pem")).unwrap();
    let url = world.teams.url();
    let (code, report) = doctor(&world, &[], &url);
    assert_eq!(code, Some(0), "{report}");
    assert!(report.contains("Service_Repository: 1 file, UTF-8, no known header in "), "{report}");
    assert!(report.contains("Footman test authority expires on "), "{report}");
}
