//! Two nodes with an agent each: one writes the verdict on a reload, the other ran it.

use std::time::Duration;

use footman::clock;
use footman::demo::Node;
use footman::demo::log_file::{ServiceLog, ServiceRow, Write};
use footman::demo::plan::{Act, PlannedRun, reload};
use footman::demo::story::StoryEnd;
use jiff::tz::TimeZone;

use crate::support::world::{World, texts};

const WORKER: &str = "qlik-test-2";

/// The node that runs reloads. Two minutes are too long for a test: its pack says 300 ms.
fn worker() -> World {
    let mut world = World::new();
    let data = world.folder.path().join("Sense");
    world.node = Node::create(&data, WORKER, TimeZone::UTC).unwrap();
    let folder = world.folder.path().join("patterns");
    std::fs::create_dir_all(&folder).unwrap();
    let pack = include_str!("../../patterns/script.toml");
    assert!(pack.contains("final-after = \"2m\""));
    std::fs::write(folder.join("script.toml"), pack.replace("\"2m\"", "\"300ms\"")).unwrap();
    world
}

/// Whether the scheduler that hands tasks out wrote the row, not the one that runs them.
fn is_of_manager(row: &ServiceRow) -> bool {
    let logger = row.cell("Logger");
    !logger.contains(".Slave.") && !logger.contains(".EngineWrapper.")
}

/// What one failed reload leaves on each of the two nodes.
fn fail(manager: &mut World, worker: &mut World, run: &PlannedRun, names_worker: bool) {
    let begin = clock::now() - Duration::from_secs(10);
    let end =
        StoryEnd::Fails { error: "Field 'A' not found".to_owned(), retries: 0, then_ok: false };
    let text = format!("Trying to start task. Sending task to worker scheduler {WORKER}");
    let sent = ServiceRow::default()
        .with("Level", "INFO")
        .with("Logger", "System.Scheduler.Scheduler.Master.Task.TaskSession")
        .with("Message", text)
        .with("TaskId", &run.task_id)
        .with("ExecutionId", &run.execution_id);
    if names_worker {
        let write = Write::Rows { log: ServiceLog::SystemScheduler, rows: vec![sent] };
        manager.node.write(begin, &write).unwrap();
    }
    for step in reload(run, &end) {
        let at = begin + step.at;
        match step.act {
            Act::Write(Write::Rows { log, rows }) => {
                let (here, there): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_of_manager);
                manager.node.write(at, &Write::Rows { log, rows: here }).unwrap();
                worker.node.write(at, &Write::Rows { log, rows: there }).unwrap();
            }
            Act::Write(script) => worker.node.write(at, &script).unwrap(),
            _ => {}
        }
    }
}

/// What the one card of each node says.
async fn cards(names_worker: bool) -> [Vec<String>; 2] {
    let (mut manager, mut worker) = (World::new(), worker());
    manager.settle_in().await;
    worker.settle_in().await;
    let run = PlannedRun::of_task("Sales", "two nodes");
    fail(&mut manager, &mut worker, &run, names_worker);
    let (first, second) = tokio::join!(manager.run_until(1), worker.run_until(1));
    [texts(&first[0].body), texts(&second[0].body)]
}

#[tokio::test]
async fn the_verdict_says_which_node_has_the_script_log_and_that_node_says_the_reason() {
    let [verdict, reason] = Box::pin(cards(true)).await;
    let has = |card: &[String], text: &str| card.iter().any(|one| one.contains(text));
    assert!(has(&verdict, "Reload failed: Sales"), "{verdict:#?}");
    assert!(has(&verdict, "Max retries reached"), "{verdict:#?}");
    assert!(has(&verdict, "qlik-test-2 ran it and has the log."), "{verdict:#?}");
    assert!(has(&reason, "Reload failed: Sales"), "{reason:#?}");
    assert!(has(&reason, "Field 'A' not found"), "{reason:#?}");
    assert!(!has(&reason, "another node"), "{reason:#?}");
}

#[tokio::test]
async fn a_verdict_that_names_no_other_node_says_where_the_script_log_was_looked_for() {
    let [verdict, reason] = Box::pin(cards(false)).await;
    let has = |card: &[String], text: &str| card.iter().any(|one| one.contains(text));
    assert!(
        has(&verdict, "(qlik-test-1). If another node ran it, the log is there."),
        "{verdict:#?}"
    );
    assert!(has(&reason, "Field 'A' not found"), "{reason:#?}");
}
