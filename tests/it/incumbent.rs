//! Inputs for which another well-known tool loses the card; here each gives the right one. The
//! numbers are those of the comparison.

use footman::commit::HistoryEntry;
use footman::demo::Story;
use footman::demo::log_file::{ServiceLog, ServiceRow, Write};
use footman::demo::plan::{Act, PlannedRun, plan, reload};
use footman::demo::story::StoryEnd;
use footman::state::Reader;

use crate::support::fake_teams::Answer;
use crate::support::world::{World, kill, texts, until};

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
    let row =
        cells.iter().chain(&defaults).fold(ServiceRow::default(), |row, (k, v)| row.with(k, *v));
    let write = Write::Rows { log: ServiceLog::SystemScheduler, rows: vec![row] };
    world.node.write(footman::clock::now(), &write).unwrap();
}

/// The cells of another task's execution.
const OF_ANOTHER: [(&str, &str); 5] = [
    ("TaskName", "Other"),
    ("TaskId", "41111111-2222-4333-8444-555555555555"),
    ("ExecutionId", "51111111-2222-4333-8444-555555555555"),
    ("AppName", "Other"),
    ("AppId", "61111111-2222-4333-8444-555555555555"),
];

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

/// Writes a reload of one execution at once, as it ends.
fn reload_of(world: &mut World, run: &PlannedRun, end: &StoryEnd) {
    for step in reload(run, end) {
        if let Act::Write(write) = &step.act {
            world.node.write(footman::clock::now(), write).unwrap();
        }
    }
}

fn failed(error: &str) -> StoryEnd {
    StoryEnd::Fails { error: error.to_owned(), retries: 0, then_ok: false }
}

/// The entries of the history, the oldest first, without the other rows of one run.
fn history(world: &World) -> Vec<String> {
    let entries = Reader::open(&world.state_dir()).unwrap().history(10_000).unwrap();
    let line = |entry: &HistoryEntry| {
        format!("{} {}", entry.what.name(), entry.reason_name()).trim().to_owned()
    };
    let is_of_one_run =
        |line: &String| ["suppressed attempt", "suppressed same-run"].contains(&&**line);
    entries.iter().rev().map(line).filter(|line| !is_of_one_run(line)).collect()
}

#[tokio::test]
async fn a1_one_failure_is_one_card_and_needs_no_request_to_anything_else() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    shows(&only_card(&world).await, "Table not found");
    assert_eq!(history(&world), ["opened"]);
}

#[tokio::test]
async fn a2_the_second_failure_of_a_task_is_counted_with_its_reason() {
    let mut world = World::new();
    world.settle_in().await;
    world.fail("Sales", "Table not found");
    world.run_until(1).await;
    world.fail("Sales", "Table not found");
    world.run_while(until(|| history(&world) == ["opened", "suppressed repeat"])).await;
    let end = PlannedRun::of_task("Sales", "well");
    reload_of(&mut world, &end, &StoryEnd::Ok);
    let posts = world.run_until(2).await;
    assert!(posts[1].body.contains("Recovered: Sales"), "{}", posts[1].body);
}

#[tokio::test]
async fn a3_one_execution_that_is_logged_twice_is_one_card() {
    let mut world = World::new();
    world.settle_in().await;
    verdict(&mut world, &[]);
    verdict(&mut world, &[]);
    verdict(&mut world, &OF_ANOTHER);
    let posts = world.run_until(2).await;
    let of_sales = posts.iter().filter(|post| post.body.contains("Reload failed: Sales"));
    assert_eq!((posts.len(), of_sales.count()), (2, 1));
}

#[tokio::test]
async fn a17_an_execution_that_is_aborted_and_then_failed_is_one_incident() {
    let mut world = World::new();
    world.settle_in().await;
    verdict(&mut world, &[("Message", "Execution State Change to Aborting")]);
    verdict(&mut world, &[]);
    let posts = world.run_until(1).await;
    assert_eq!(posts.len(), 1);
    assert!(posts[0].body.contains("Sales"), "{}", posts[0].body);
}

#[tokio::test]
async fn a18_the_success_after_a_failure_is_a_card_and_any_other_success_is_none() {
    let mut world = World::new();
    world.settle_in().await;
    reload_of(&mut world, &PlannedRun::of_task("Finance", "well"), &StoryEnd::Ok);
    world.fail("Sales", "Table not found");
    world.run_until(1).await;
    reload_of(&mut world, &PlannedRun::of_task("Sales", "well"), &StoryEnd::Ok);
    let posts = world.run_until(2).await;
    assert!(posts[1].body.contains("Recovered: Sales"), "{}", posts[1].body);
    assert!(posts.iter().all(|post| !post.body.contains("Finance")));
}

/// So many tasks fail at once: each app is named in exactly one card.
async fn so_many_at_once(mut world: World, n: usize) {
    world.settle_in().await;
    for app in 0..n {
        world.fail(&format!("App {app:03}"), "Table not found");
    }
    let posts = world.run_until(n).await;
    let cards_of = |app: usize| {
        let title = format!("Reload failed: App {app:03}\"");
        posts.iter().filter(|post| post.body.contains(&title)).count()
    };
    assert_eq!((0..n).map(cards_of).collect::<Vec<_>>(), vec![1; n]);
}

#[tokio::test]
async fn a19_sixty_tasks_at_once_at_a_channel_with_a_pace() {
    let mut world = World::new();
    let pace = r#"pace = { burst = 5, every = "50ms" }"#;
    world.config = world.config.replace(r#"pace = { burst = 1000, every = "1ms" }"#, pace);
    assert!(world.config.contains(pace));
    so_many_at_once(world, 60).await;
}

/// Four hundred; fewer in Wine, where they take a minute.
#[tokio::test]
async fn a20_of_hundreds_of_tasks_at_once_none_is_missed() {
    so_many_at_once(World::new(), if cfg!(windows) { 120 } else { 400 }).await;
}

#[tokio::test]
async fn a21_a_script_log_of_sixty_megabytes() {
    let mut world = World::new();
    world.settle_in().await;
    let run = PlannedRun::of_task("Sales", "large");
    let noise = footman::demo::script_log::beginning().into_iter().cycle();
    let mut steps = reload(&run, &failed("Table not found"));
    let (mut script, mut rows) = (Vec::new(), Vec::new());
    for step in &mut steps {
        match &mut step.act {
            Act::Write(Write::Script { file, lines }) => {
                if script.is_empty() {
                    lines.extend(noise.clone().take(1_100_000));
                }
                script.push(Write::Script { file: file.clone(), lines: std::mem::take(lines) });
            }
            Act::Write(write) => rows.push(write.clone()),
            _ => {}
        }
    }
    let agent = world.start_program();
    let now = footman::clock::now;
    for write in &script {
        world.node.write(now(), write).unwrap();
    }
    // The log has grown while the reload ran, so it has been read when the scheduler says how it ended.
    let read = || {
        Some(
            Reader::open(&world.state_dir())
                .ok()?
                .files()
                .ok()?
                .iter()
                .map(|file| file.offset)
                .sum(),
        )
    };
    until(|| read().is_some_and(|read: u64| read > 50_000_000)).await;
    for write in &rows {
        world.node.write(now(), write).unwrap();
    }
    let posts = world.teams.received(1).await;
    let peak = peak_memory_mb(agent.id());
    kill(agent);
    assert!(posts[0].body.contains("Table not found"), "{}", posts[0].body);
    assert!(peak < 100, "{peak} MB");
}

/// The most memory that a process has ever used, if the system says so.
fn peak_memory_mb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = peak.and_then(|peak| peak.trim().split(' ').next()?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}

#[tokio::test]
async fn a22_a_row_that_was_reported_is_not_reported_again_after_a_restart() {
    let mut world = World::new();
    world.settle_in().await;
    verdict(&mut world, &[]);
    world.run_until(1).await;
    verdict(&mut world, &[]);
    verdict(&mut world, &OF_ANOTHER);
    let posts = world.run_until(2).await;
    assert!(posts[1].body.contains("Other"), "{}", posts[1].body);
}

#[tokio::test]
async fn a23_what_fails_while_the_agent_is_down_is_reported_at_its_start() {
    let mut world = World::new();
    world.settle_in().await;
    verdict(&mut world, &[]);
    shows(&only_card(&world).await, "Reload failed: Sales");
}

#[tokio::test]
async fn a24_a_reload_in_the_hub_that_fails_without_a_task() {
    let mut world = World::new();
    world.settle_in().await;
    let story = r#"0 hub-reload "Ad hoc Analysis" fails "Table not found""#;
    for step in plan(&Story::parse("story", story).unwrap(), "1") {
        if let Act::Write(write) = &step.act {
            world.node.write(footman::clock::now(), write).unwrap();
        }
    }
    shows(&only_card(&world).await, "Table not found");
}
