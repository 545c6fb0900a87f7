//! Inputs for which another well-known tool loses the card; here each gives the right one. The
//! numbers are those of the comparison.

use footman::demo::log_file::{Row, ServiceLog, Write};

use crate::support::fake_teams::Answer;
use crate::support::world::{World, texts};

/// Writes a verdict row of the scheduler with the given cells, without a script log.
fn verdict(world: &mut World, cells: &[(&'static str, &str)]) {
    let defaults = [
        ("Level", "WARN"),
        ("Logger", "System.Scheduler.Scheduler.Master.Task.TaskSession"),
        ("Message", "Max retries reached"),
        ("TaskName", "Nightly"),
        ("TaskId", "11111111-2222-4333-8444-555555555555"),
        ("ExecutionId", "21111111-2222-4333-8444-555555555555"),
        ("AppName", "Sales"),
        ("AppId", "31111111-2222-4333-8444-555555555555"),
        ("User", "INTERNAL\\sa_scheduler"),
    ];
    // The first cell of a name is used.
    let row = cells.iter().chain(&defaults).fold(Row::default(), |row, (k, v)| row.with(k, *v));
    let write = Write::Rows { log: ServiceLog::SystemScheduler, rows: vec![row] };
    world.node.write(footman::clock::now(), &write).unwrap();
}

/// The texts of the only card.
async fn only_card(world: &World) -> Vec<String> {
    let posts = world.run_until(1).await;
    assert_eq!(posts.len(), 1);
    texts(&posts[0].body)
}

async fn card_of(cells: &[(&'static str, &str)]) -> Vec<String> {
    let mut world = World::new();
    world.settle_in().await;
    verdict(&mut world, cells);
    only_card(&world).await
}

fn shows(texts: &[String], text: &str) {
    assert!(texts.iter().any(|shown| shown.contains(text)), "{text} is not in {texts:#?}");
}

#[tokio::test]
async fn a4_a_semicolon_in_the_task_name() {
    shows(&card_of(&[("TaskName", "Load; then sort")]).await, "Load; then sort");
}

#[tokio::test]
async fn a5_a_semicolon_in_the_message() {
    let message = "Max retries reached; giving up; see script log";
    shows(&card_of(&[("Message", message)]).await, message);
}

#[tokio::test]
async fn a6_a_backslash_in_the_task_name() {
    shows(&card_of(&[("TaskName", r"Load DEV\Sales")]).await, r"Load DEV\Sales");
}

#[tokio::test]
async fn a7_quotes_and_markup_in_the_app_name() {
    let name = r#"Bob's "Q1" R&D = x <b>"#;
    shows(&card_of(&[("AppName", name)]).await, name);
}

#[tokio::test]
async fn a8_a_windows_path_in_the_message() {
    let message = r"Max retries reached, see C:\Qlik\x.csv";
    shows(&card_of(&[("Message", message)]).await, message);
}

#[tokio::test]
async fn a9_control_characters_in_the_script_log() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("Sales", "bad \u{b}value\u{1b}[31m found");
    let texts = only_card(&world).await;
    shows(&texts, "found");
    assert!(!texts.concat().contains(['\u{b}', '\u{1b}']));
}

#[tokio::test]
async fn a10_a_path_with_backslash_n_stays_a_path() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("Sales", r"Cannot open file: C:\new\rows");
    shows(&only_card(&world).await, r"C:\new\rows");
}

#[tokio::test]
async fn a11_a12_no_script_log_at_all() {
    let texts = card_of(&[]).await;
    shows(&texts, "Reload failed: Sales");
    shows(&texts, "Max retries reached");
}

#[tokio::test]
async fn a13_the_task_fails_again_after_a_429() {
    let mut world = World::with_teams([Answer::too_many(1)]);
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    world.run_until(1).await;
    world.fail("Sales", "Table not found");
    let posts = world.run_until(2).await;
    assert!(posts[1].body.contains("Reload failed: Sales"));
}

#[tokio::test]
async fn a14_an_error_and_a_closed_connection_before_the_202() {
    let mut world = World::with_teams([Answer::Status(500), Answer::Close]);
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    let posts = world.run_until(3).await;
    assert!(posts[2].body.contains("Reload failed: Sales"));
}

#[tokio::test]
async fn a15_a16_no_request_to_the_repository_and_no_app_are_needed() {
    let texts = card_of(&[("AppName", ""), ("AppId", "")]).await;
    shows(&texts, "Nightly");
    shows(&texts, "Max retries reached");
}
