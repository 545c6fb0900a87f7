//! The simulated node writes the same bytes as a real one.

use std::fs;
use std::path::{Path, PathBuf};

use footman::clock::Timestamp;
use footman::demo::answers::Answers;
use footman::demo::plan::{Act, plan};
use footman::demo::{Node, PlayedLine, Story, play};
use jiff::tz::{TimeZone, offset};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::failing::FailNow;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn node(folder: &TempDir) -> Node {
    Node::create(folder.path(), "NODE1", TimeZone::fixed(offset(2))).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

fn names(folder: &Path) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    files(folder).iter().map(name).collect()
}

#[test]
fn a_failure_is_written_like_on_a_real_node() {
    let folder = TempDir::new().unwrap();
    let mut node = node(&folder);
    let run =
        node.fail_now(at("2026-11-23T04:13:52.1239Z"), "Söner & Co", "Table not found").unwrap();

    assert_eq!(fs::read(folder.path().join("Host.cfg")).unwrap(), b"cWxpay5leGFtcGxlLmNvbQ==");
    let log = node.log_root().join("Scheduler/Trace/NODE1_System_Scheduler.txt");
    let text = fs::read_to_string(log).unwrap();
    assert_eq!(
        text.lines().next().unwrap(),
        "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tThread\tId\tServiceUser\tMessage\tException\t\
         StackTrace\tProxySessionId\tTaskName\tTaskId\tExecutionId\tAppName\tAppId\tUser"
    );
    assert!(text.ends_with("\r\n"));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let verdict = text.lines().find(|line| line.contains("Max retries reached")).unwrap();
    let cells: Vec<_> = verdict.split('\t').collect();
    assert_eq!(cells.len(), 18);
    assert_eq!(cells[1], "20261123T061352.123+0200");
    assert_eq!(cells[3], "NODE1");
    assert_eq!(
        cells[12..],
        [
            "Reload Söner & Co",
            &run.task_id,
            &run.execution_id,
            "Söner & Co",
            &run.app_id,
            &run.user
        ]
    );
    for (number, line) in text.lines().skip(1).enumerate() {
        assert!(line.starts_with(&format!("{}\t", number + 1)), "{line}");
    }
}

#[test]
fn a_script_log_has_a_byte_order_mark_a_header_and_both_kinds_of_lines() {
    let folder = TempDir::new().unwrap();
    let mut node = node(&folder);
    let run = node.fail_now(at("2026-11-23T04:13:52.1Z"), "Stock", "first\nsecond").unwrap();

    let [path] = files(&node.log_root().join("Script")).try_into().unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let [id, time, hex, log] = name.split('.').collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((id, time, log), (run.app_id.as_str(), "2026_11_23_04_13_52", "log"));
    assert!(hex.len() == 20 && hex.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F')), "{hex}");

    let text = fs::read_to_string(&path).unwrap();
    let stamp = "20261123T061352.100+0200";
    assert!(text.starts_with(&format!("\u{feff}{stamp}      Execution started.\r\n")));
    let engine = format!("{stamp}      ");
    let header = text.trim_start_matches('\u{feff}').lines().take_while(|l| l.starts_with(&engine));
    assert_eq!(header.count(), 28);
    assert!(text.contains(&format!("{stamp} 0002 SET ThousandSep=','\r\n")));
    assert!(text.ends_with(&format!(
        "{engine}Error: first\r\n{engine}second\r\n{engine}Execution Failed\r\n\
         {engine}Execution finished.\r\n"
    )));
}

#[test]
fn a_full_log_rolls_in_its_folder_and_the_new_file_has_a_header() {
    let folder = TempDir::new().unwrap();
    let mut node = node(&folder).rolling_at(1);
    node.fail_now(at("2026-11-23T04:13:52Z"), "Stock", "one").unwrap();
    node.fail_now(at("2026-11-23T06:13:53Z"), "Stock", "two").unwrap();

    let trace = node.log_root().join("Scheduler/Trace");
    let rolled = names(&trace);
    assert_eq!(
        rolled,
        [
            "NODE1_System_Scheduler.txt",
            "NODE1_System_Scheduler_2026-11-23T04.13.52Z.log",
            "NODE1_System_Scheduler_2026-11-23T06.13.53Z.log",
        ]
    );
    for file in files(&trace) {
        let text = fs::read_to_string(file).unwrap();
        assert!(text.starts_with("Sequence#\t"));
        assert!(text.lines().nth(1).unwrap().starts_with("1\t"));
        assert_eq!(text.matches("Sequence#").count(), 1);
    }
}

#[test]
fn a_restarted_node_rolls_the_files_of_its_earlier_start() {
    let folder = TempDir::new().unwrap();
    node(&folder).fail_now(at("2026-11-23T04:13:52Z"), "Stock", "one").unwrap();
    let mut again = node(&folder);
    again.fail_now(at("2026-11-23T05:00:00Z"), "Stock", "two").unwrap();
    assert_eq!(names(&again.log_root().join("Scheduler/Trace")).len(), 2);
}

#[test]
fn many_failures_at_once_have_different_ids() {
    let folder = TempDir::new().unwrap();
    let mut node = node(&folder);
    let now = at("2026-11-23T04:13:52Z");
    let runs: Vec<_> = (0..50)
        .map(|n| node.fail_now(now, &format!("App {n}"), &format!("E{n}")).unwrap())
        .collect();
    let count = |id: fn(&footman::demo::plan::PlannedRun) -> &String| {
        runs.iter().map(id).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(
        (count(|r| &r.app_id), count(|r| &r.task_id), count(|r| &r.execution_id)),
        (50, 50, 50)
    );
    assert_eq!(files(&node.log_root().join("Script")).len(), 50);
}

/// The built-in story, written at once with the times of its steps.
fn written(node: &mut Node) {
    let start = at("2026-11-23T04:13:52Z");
    for step in plan(&Story::built_in(), "salt") {
        match step.act {
            Act::Write(write) => node.write(start + step.at, &write).unwrap(),
            Act::Roll => node.roll(start + step.at).unwrap(),
            Act::Service { name, runs } => node.set_service(&name, runs).unwrap(),
            Act::Event { .. } | Act::Answer { .. } => {}
        }
    }
}

#[test]
fn the_built_in_story_writes_complete_rows_and_a_script_log_for_each_attempt() {
    let folder = TempDir::new().unwrap();
    let mut node = node(&folder);
    written(&mut node);
    let scripts = files(&node.log_root().join("Script"));
    let texts: Vec<_> = scripts.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let count = |end: &str| texts.iter().filter(|text| text.contains(end)).count();
    assert_eq!(
        (texts.len(), count("Execution Failed\r\n"), count("Execution finished.")),
        (13, 8, 12)
    );

    let trace = files(&node.log_root().join("Scheduler/Trace"));
    assert!(trace.len() >= 2, "{trace:?}");
    for line in
        trace.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<String>().lines()
    {
        // The exception of a task that cannot start has two lines.
        let cells = line.split('\t').count();
        assert!(
            cells == 18 || line.contains("TimeoutException") || line.starts_with("   at "),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_story_is_printed_while_it_is_written() {
    let folder = TempDir::new().unwrap();
    let mut node = node(&folder);
    let story = Story::parse("test", "0 start-up\n0 cannot-start \"Budget\"").unwrap();
    let mut printed = Vec::new();
    let now = || at("2026-11-23T04:13:52Z");
    let answers = Answers::new(folder.path(), TimeZone::UTC);
    let stop = CancellationToken::new();
    let playing = play(&mut node, &answers, &story, now, stop, |line| {
        let PlayedLine::Event(event) = line else { panic!("nobody answers") };
        let subject = event.subject.unwrap_or("-");
        printed.push(format!("{} {subject} {}", event.at, event.words));
    });
    playing.await.unwrap();
    assert_eq!(
        printed,
        ["06:13:52 - the services of the node start", "06:13:52 Budget the task cannot start"]
    );
    let log = node.log_root().join("Scheduler/Trace/NODE1_System_Scheduler.txt");
    assert!(fs::read_to_string(log).unwrap().contains("Failed to start session"));
}

#[tokio::test]
async fn a_repeating_story_can_be_stopped() {
    let folder = TempDir::new().unwrap();
    let stop = CancellationToken::new();
    let now = || at("2026-11-23T04:13:52Z");
    let mut node = node(&folder);
    let answers = Answers::new(folder.path(), TimeZone::UTC);
    let story = Story::built_in();
    play(&mut node, &answers, &story, now, stop.clone(), |_| stop.cancel()).await.unwrap();
}
