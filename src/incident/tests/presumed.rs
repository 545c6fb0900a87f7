//! Attempts whose verdict never comes: it is not written, or another node writes it.

use crate::commit::StoredRows;
use crate::detection::Kind;
use crate::incident::Notice;
use crate::incident::tests::{at, book, detection, play};

/// The first notice of rows that come one after the other, each in a step of its own.
fn first_notice(rows: &[&str]) -> Notice {
    let mut book = book(&StoredRows::default());
    for row in rows {
        let (seconds, detection) = detection(row);
        let decisions = book.step(at(seconds), vec![detection]);
        if let Some(notice) = decisions.notices.into_iter().next() {
            return notice;
        }
    }
    let due = book.next_wakeup().expect("something is to be decided");
    book.step(due, Vec::new()).notices.remove(0)
}

#[test]
fn a_failed_state_without_a_verdict_is_one_after_two_minutes() {
    insta::assert_snapshot!(play(
        "0   attempt app=a task=t exec=1 final=120 message=FinishedFail
         1   script  app=a ended=-1
         600 verdict app=b task=u exec=2"
    ), @r"
    0s   held back: attempt
    1s   held back: attempt
    120s opened reload-failed x1 (0 held back) Field 'A' not found
    603s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_failed_state_whose_verdict_comes_waits_no_longer_than_any_other() {
    insta::assert_snapshot!(play(
        "0    script  app=a ended=-1
         0    attempt app=a task=t exec=1 final=120
         0.5  verdict app=a task=t exec=1
         400  attempt app=b task=u exec=2 final=120
         510  verdict app=b task=u exec=2"
    ), @r"
    0s   held back: attempt
    0.5s opened reload-failed x1 (0 held back) Field 'A' not found
    400s   held back: attempt
    513s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_retry_takes_the_deadline_away_and_its_own_failure_brings_a_new_one() {
    insta::assert_snapshot!(play(
        "0    attempt app=a task=t exec=1 final=120
         0.5  begun   app=a task=t exec=1
         300  attempt app=a task=t exec=1 final=120 message=second"
    ), @r"
    0s   held back: attempt
    300s   held back: attempt
    420s opened reload-failed x1 (0 held back) Max retries reached
    ");
    insta::assert_snapshot!(play(
        "0    attempt app=a task=t exec=1 final=120
         30   begun   app=a task=t exec=1
         300  success app=a task=t exec=1"
    ), @"0s   held back: attempt");
}

#[test]
fn a_script_of_the_same_app_that_starts_is_a_retry_too() {
    insta::assert_snapshot!(play(
        "0    attempt app=a task=t exec=1 final=120
         10   begun   app=a
         300  success app=a task=t exec=1"
    ), @"0s   held back: attempt");
}

#[test]
fn an_attempt_that_began_before_the_failure_or_belongs_to_another_task_takes_nothing_away() {
    insta::assert_snapshot!(play(
        "0    attempt app=a task=t exec=1 final=120
         1    begun   app=a task=t exec=1 at=-60
         2    begun   app=b task=u exec=2
         3    begun   app=a task=t exec=3
         4    begun   app=b"
    ), @r"
    0s   held back: attempt
    120s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_retry_that_is_read_before_the_failure_that_it_follows_is_still_one() {
    insta::assert_snapshot!(play(
        "5 begun   app=a at=1
         5 attempt app=a task=t exec=1 final=120 at=0"
    ), @"5s   held back: attempt");
}

#[test]
fn a_success_within_two_minutes_leaves_nothing_to_say() {
    insta::assert_snapshot!(play(
        "0   attempt app=a task=t exec=1 final=120
         60  success app=a task=t exec=1
         200 attempt app=a task=t final=120
         260 success app=a task=t"
    ), @r"
    0s   held back: attempt
    200s   held back: attempt
    ");
}

#[test]
fn a_verdict_that_comes_after_its_deadline_makes_no_second_card() {
    insta::assert_snapshot!(play(
        "0   attempt app=a task=t exec=1 final=120
         180 verdict app=a task=t exec=1
         900 success app=a task=t exec=2"
    ), @r"
    0s   held back: attempt
    120s opened reload-failed x1 (0 held back) Max retries reached
    180s   held back: same-run
    900s recovered reload-recovered x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_worker_that_sees_no_verdict_says_why_the_script_failed() {
    insta::assert_snapshot!(play(
        "0   script  app=a by=INTERNAL\\sa_scheduler
         1.5 attempt app=a task=t exec=1 message=Reload+failed+in+Engine"
    ), @r"
    1.5s   held back: attempt
    121.5s opened reload-failed x1 (0 held back) Field 'A' not found
    ");
    insta::assert_snapshot!(play(
        "1   attempt app=a task=t exec=1 message=Reload+failed+in+Engine
         2   script  app=a by=INTERNAL\\sa_scheduler ended=0"
    ), @r"
    1s   held back: attempt
    2s   held back: attempt
    122s opened reload-failed x1 (0 held back) Field 'A' not found
    ");
}

#[test]
fn a_worker_that_sees_a_retry_says_nothing_of_the_first_attempt() {
    insta::assert_snapshot!(play(
        "0   script  app=a by=INTERNAL\\sa_scheduler error=first
         1.5 attempt app=a task=t exec=1
         2   begun   app=a
         300 script  app=a by=INTERNAL\\sa_scheduler error=second
         301 attempt app=a task=t exec=1"
    ), @r"
    1.5s   held back: attempt
    301s   held back: attempt
    421s opened reload-failed x1 (0 held back) second
    ");
}

#[test]
fn attempts_without_a_script_log_stay_silent_on_a_worker() {
    insta::assert_snapshot!(play("0 attempt app=a task=t exec=1"), @"0s   held back: attempt");
}

#[test]
fn what_a_worker_said_is_over_when_the_script_of_its_app_succeeds_there() {
    insta::assert_snapshot!(play(
        "0   script    app=a by=INTERNAL\\sa_scheduler
         1.5 attempt   app=a task=t exec=1
         900 script-ok app=a"
    ), @r"
    1.5s   held back: attempt
    121.5s opened reload-failed x1 (0 held back) Field 'A' not found
    900s recovered reload-recovered x1 (0 held back) Field 'A' not found
    ");
    insta::assert_snapshot!(play(
        "0   script    app=a by=INTERNAL\\sa_scheduler
         1.5 attempt   app=a task=t exec=1
         60  script-ok app=a"
    ), @"1.5s   held back: attempt");
}

#[test]
fn the_node_that_runs_a_task_is_known_from_the_row_that_began_it() {
    let rows = ["0 begun   task=t exec=1 node=node2", "9 verdict app=a task=t exec=1 host=node1"];
    let notice = first_notice(&rows);
    assert_eq!(notice.facts.executing_node.as_deref(), Some("node2"));
    assert_eq!(notice.facts.host.as_deref(), Some("node1"));
}

#[test]
fn what_has_no_app_is_a_failed_task_with_words_of_its_own() {
    for row in ["0 verdict task=t exec=1", "0 abort task=t exec=1"] {
        let notice = first_notice(&[row]);
        assert_eq!(notice.kind, Kind::TaskFailed);
        assert_eq!((notice.title.as_str(), notice.advice), ("", None), "no words of a reload");
    }
    let notice = first_notice(&["0 no-start task=t exec=1"]);
    assert_eq!(notice.kind, Kind::TaskNotStarted);
}

#[test]
fn a_task_without_an_app_has_its_deadline_too() {
    insta::assert_snapshot!(play(
        "0    attempt task=t exec=1 final=120
         1000 success task=t exec=2"
    ), @r"
    0s   held back: attempt
    120s opened task-failed x1 (0 held back) Max retries reached
    1000s recovered reload-recovered x1 (0 held back) Max retries reached
    ");
}

#[test]
fn the_start_of_the_very_attempt_that_failed_in_the_same_moment_is_no_retry() {
    insta::assert_snapshot!(play(
        "5 begun   app=a at=0
         5 begun   app=a task=t exec=1 at=0
         5 attempt app=a task=t exec=1 final=120 at=0"
    ), @r"
    5s   held back: attempt
    125s opened reload-failed x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_verdict_after_an_attempt_that_was_final_after_long_makes_no_second_card() {
    insta::assert_snapshot!(play(
        "0    attempt app=a task=t exec=1 final=900 message=FinishedFail
         950  verdict app=a task=t exec=1
         1000 success app=a task=t exec=1"
    ), @r"
    0s   held back: attempt
    900s opened reload-failed x1 (0 held back) FinishedFail
    950s   held back: same-run
    1000s recovered reload-recovered x1 (0 held back) FinishedFail
    ");
}
