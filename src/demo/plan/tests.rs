use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;

fn steps_of(text: &str) -> Vec<DemoStep> {
    plan(&Story::parse("test", text).unwrap(), "salt")
}

/// Every step in one or more lines: time, file, content.
fn transcript(steps: &[DemoStep]) -> String {
    let mut out = String::new();
    for step in steps {
        let at = step.at.as_secs_f64();
        match &step.act {
            Act::Event { subject: Some(subject), words } => {
                writeln!(out, "{at:>4.1}  event: {subject}: {words}").unwrap();
            }
            Act::Event { subject: None, words } => {
                writeln!(out, "{at:>4.1}  event: {words}").unwrap();
            }
            Act::Roll => writeln!(out, "{at:>4.1}  roll").unwrap(),
            Act::Answer { id, answer } => {
                writeln!(out, "{at:>4.1}  answer {id}: {} {:?}", answer.app, answer.what).unwrap();
            }
            Act::Service { name, runs } => {
                writeln!(out, "{at:>4.1}  service: {name}, runs: {runs}").unwrap();
            }
            Act::Write(Write::Script { lines, .. }) => {
                writeln!(out, "{at:>4.1}  Script: {} lines, {:?}", lines.len(), lines.last())
                    .unwrap();
            }
            Act::Write(Write::Rows { log, rows }) => {
                for row in rows {
                    let level = row.cell("Level");
                    let message = row.cell("Message");
                    writeln!(out, "{at:>4.1}  {}: {level} {message}", log.base()).unwrap();
                }
            }
        }
    }
    out
}

#[test]
fn a_failed_reload_ends_its_script_log_before_the_scheduler_gives_its_verdict() {
    insta::assert_snapshot!(transcript(&steps_of("0 reload \"Stock\" fails \"Table not found\"")));
}

#[test]
fn a_retry_that_succeeds_gives_no_verdict_of_failure() {
    let text =
        transcript(&steps_of("0 reload \"Stock\" fails \"Table not found\" retries 1 then ok"));
    assert!(text.contains("State Change to Retry"), "{text}");
    assert!(text.contains("FinishedSuccess"), "{text}");
    assert!(!text.contains("FinishedFail"), "{text}");
    assert!(!text.contains("Max retries"), "{text}");
}

#[test]
fn exhausted_retries_give_one_verdict_and_a_script_log_for_each_attempt() {
    let steps = steps_of("0 reload \"Stock\" fails \"Table not found\" retries 2");
    let scripts: BTreeSet<_> = steps
        .iter()
        .filter_map(|step| match &step.act {
            Act::Write(Write::Script { file, .. }) => Some(file),
            _ => None,
        })
        .collect();
    assert_eq!(scripts.len(), 3);
    assert_eq!(transcript(&steps).matches("Max retries reached").count(), 1);
}

#[test]
fn every_other_scene_writes_its_rows() {
    insta::assert_snapshot!(transcript(&steps_of(
        "0 start-up\n10 reload \"A\" ok\n20 reload \"B\" aborted\n30 hub-reload \"C\" fails \"x\\ny\"\n\
         40 cannot-start \"D\"\n50 memory critical\n60 access-denied \"EXAMPLE\\visitor\"\n70 roll\n\
         80 acknowledge \"A\" by \"anna\"\n81 silence \"B\" for 2h by \"bo\" \"moving\"\n\
         82 note \"C\" by \"anna\" \"renamed\""
    )));
}

#[test]
fn a_repetition_has_other_executions_of_the_same_tasks() {
    let [one, two] = ["1", "2"].map(|salt| PlannedRun::of_task("Stock", salt));
    assert_eq!((&one.app_id, &one.task_id), (&two.app_id, &two.task_id));
    assert_ne!(one.execution_id, two.execution_id);
    assert_eq!(one.app_id.len(), 36);
}

#[test]
fn every_cell_has_a_column_in_its_log() {
    for step in plan(&Story::built_in(), "salt") {
        let Act::Write(Write::Rows { log, rows }) = step.act else { continue };
        let columns: BTreeSet<_> = log.columns().split(' ').collect();
        for (column, text) in rows.iter().flat_map(|row| &row.0) {
            assert!(columns.contains(column), "{} has no {column} for {text}", log.base());
        }
    }
}
