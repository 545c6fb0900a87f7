//! Attempts and the starts of the next ones, read together or in any order: an agent that catches up.

use crate::commit::{RowChange, RowKey, StoredRows, TableName};
use crate::incident::tests::{at, book, detection, play};
use crate::incident::{IncidentBook, Notice};

const SECOND_OF_TWO: &str = r"
400s   held back: attempt
400s   held back: attempt
520s opened reload-failed x1 (0 held back) second
";

#[test]
fn a_worker_that_reads_two_failed_attempts_at_once_says_what_the_second_failed_with() {
    let scripts = "400 script  app=a by=INTERNAL\\sa_scheduler error=first ended=0
         400 script  app=a by=INTERNAL\\sa_scheduler error=second ended=300";
    let rows = "400 attempt app=a task=t exec=1 at=1.5
         400 attempt app=a task=t exec=1 at=301";
    for starts in ["400 begun app=a at=2", "400 begun app=a at=2\n400 begun app=a at=290"] {
        for order in [[scripts, starts, rows], [starts, scripts, rows], [scripts, rows, starts]] {
            let transcript = play(&order.join("\n"));
            assert_eq!(transcript.trim(), SECOND_OF_TWO.trim(), "{order:?}");
        }
    }
}

#[test]
fn a_later_failure_of_the_script_is_the_last_word_even_if_no_start_was_read() {
    insta::assert_snapshot!(play(
        "0    script  app=a by=INTERNAL\\sa_scheduler error=first
         1.5  attempt app=a task=t exec=1
         58   script  app=a by=INTERNAL\\sa_scheduler error=second
         59.5 attempt app=a task=t exec=1"
    ), @r"
    1.5s   held back: attempt
    59.5s   held back: attempt
    179.5s opened reload-failed x1 (0 held back) second
    ");
    // Script logs are read in any order: the earlier one takes nothing from the later one.
    insta::assert_snapshot!(play(
        "70 script  app=a by=INTERNAL\\sa_scheduler error=second ended=58
         70 attempt app=a task=t exec=1 at=59.5
         80 script  app=a by=INTERNAL\\sa_scheduler error=first ended=0
         80 attempt app=a task=t exec=1 at=1.5
         81 begun   app=a at=2"
    ), @r"
    70s   held back: attempt
    80s   held back: attempt
    80s   held back: attempt
    190s opened reload-failed x1 (0 held back) second
    ");
}

#[test]
fn a_retry_that_was_read_in_an_earlier_step_than_its_failure_is_still_one() {
    for (start, rows) in [
        ("1 begun app=a at=-8", ["2 script app=a by=sa_scheduler ended=-10", ATTEMPT]),
        ("1 begun app=a task=t at=-8", ["2 script app=a by=sa_scheduler ended=-10", ATTEMPT]),
        ("1 begun app=a task=t exec=1 at=-8", [ATTEMPT, "3 script app=a ended=-10"]),
        ("1 begun app=a task=t exec=1 at=-8", [ATTEMPT_FINAL, "3 script app=a ended=-10"]),
    ] {
        let transcript = play(&[start, rows[0], rows[1]].join("\n"));
        assert!(!transcript.contains("opened"), "{start} {rows:?}: {transcript}");
        // The start of the attempt that failed is no retry.
        let own = start.replace("at=-8", "at=-300");
        let transcript = play(&[&own, rows[0], rows[1]].join("\n"));
        assert!(transcript.contains("opened"), "{own} {rows:?}: {transcript}");
    }
}

const ATTEMPT: &str = "2 attempt app=a task=t exec=1 at=-8.5";
const ATTEMPT_FINAL: &str = "2 attempt app=a task=t exec=1 at=-8.5 final=120";

#[test]
fn the_reload_of_the_next_night_is_no_retry_of_the_one_before() {
    for start in ["0 begun app=a at=-3600", "0 begun app=a task=t at=-3600"] {
        let night = "0 script app=a by=INTERNAL\\sa_scheduler ended=-90000";
        let row = "0 attempt app=a task=t exec=1 at=-89998.5";
        for order in [[night, row, start], [start, night, row], [night, start, row]] {
            let transcript = play(&order.join("\n"));
            assert!(transcript.contains("120s opened reload-failed x1"), "{order:?} {transcript}");
        }
    }
    // What names the execution is one, however late.
    insta::assert_snapshot!(play(
        "0 script  app=a by=INTERNAL\\sa_scheduler ended=-90000
         0 attempt app=a task=t exec=1 at=-89998.5
         0 begun   app=a task=t exec=1 at=-3600"
    ), @"0s   held back: attempt");
}

/// The notices of steps, each of several rows that are read at once.
fn notices_of(steps: &[&[&str]]) -> (IncidentBook, Vec<Notice>) {
    let (mut book, mut notices) = (book(&StoredRows::default()), Vec::new());
    for rows in steps {
        let found: Vec<_> = rows.iter().map(|row| detection(row)).collect();
        let seconds = found[0].0;
        let found = found.into_iter().map(|(_, detection)| detection).collect();
        notices.extend(book.step(at(seconds), found).notices);
    }
    while let Some(due) = book.next_wakeup().filter(|due| *due < at(600.0)) {
        notices.extend(book.step(due, Vec::new()).notices);
    }
    (book, notices)
}

/// The rows of these tables that are to be stored.
fn stored(book: &mut IncidentBook, tables: &[TableName]) -> Vec<RowKey> {
    let rows = book.take_changes().into_iter().filter_map(|change| match change {
        RowChange::Put { key, .. } => Some(key),
        RowChange::Delete { .. } => None,
    });
    rows.filter(|key| tables.contains(&key.table)).collect()
}

#[test]
fn a_start_that_is_read_together_with_its_success_leaves_no_run_for_later_rows() {
    let success = "0 success app=a task=t exec=1";
    let (mut book, notices) = notices_of(&[
        &["0 begun task=t exec=1 node=node2 at=-60", success],
        &["10 verdict app=a task=t"],
    ]);
    let facts = &notices[0].facts;
    assert_eq!((&facts.execution_id, &facts.executing_node), (&None, &None));
    assert_eq!(stored(&mut book, &[TableName::Runs, TableName::Starts]), []);
}

#[test]
fn a_run_that_is_known_by_its_task_gets_no_twin_from_the_start_of_its_execution() {
    insta::assert_snapshot!(play(
        "0  attempt app=a task=t final=120
         1  attempt app=a task=t exec=1
         20 begun   task=t exec=1 node=node2 at=-1
         60 verdict app=a task=t exec=1"
    ), @r"
    0s   held back: attempt
    1s   held back: attempt
    63s opened reload-failed x1 (0 held back) Max retries reached
    ");
    let (mut book, notices) = notices_of(&[
        &["0 attempt app=a task=t"],
        &["1 attempt app=a task=t exec=1"],
        &["2 begun task=t exec=1 node=node2"],
        &["9 verdict app=a task=t exec=1"],
    ]);
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].facts.executing_node.as_deref(), Some("node2"));
    assert_eq!(stored(&mut book, &[TableName::Runs, TableName::Starts]), []);
    // A row that is read after the decision starts nothing.
    let late = detection("20 begun task=t exec=1 node=node2 at=2").1;
    drop(book.step(at(20.0), vec![late]));
    assert_eq!(stored(&mut book, &[TableName::Runs, TableName::Starts]), []);
}

#[test]
fn the_node_is_that_of_the_last_attempt_however_the_rows_are_read() {
    let rows = [
        "0 begun   task=t exec=1 node=node2 at=-600",
        "0 attempt app=a task=t exec=1 node=node2 at=-400",
        "0 begun   task=t exec=1 node=node3 at=-399",
        "0 attempt app=a task=t exec=1 node=node3 at=-200",
        "0 verdict app=a task=t exec=1 at=-199",
    ];
    let node = |steps: &[&[&str]]| notices_of(steps).1[0].facts.executing_node.clone();
    assert_eq!(node(&[&rows]).as_deref(), Some("node3"));
    let each: Vec<_> = rows.iter().map(std::slice::from_ref).collect();
    assert_eq!(node(&each).as_deref(), Some("node3"));
}

#[test]
fn a_failure_whose_retry_was_read_before_it_takes_the_place_of_an_earlier_one() {
    // The start of the second attempt was not read, that of the third is far from the first failure.
    let rows = [
        "0 attempt app=a task=t exec=1 at=-1000 final=120",
        "1 begun app=a task=t at=-500",
        "2 attempt app=a task=t exec=1 at=-501 final=120",
    ];
    insta::assert_snapshot!(play(&rows.join("\n")), @r"
    0s   held back: attempt
    2s   held back: attempt
    ");
}
