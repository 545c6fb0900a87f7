//! Failures and successes that were written while the agent was down, and are read together.

use crate::incident::tests::play;

#[test]
fn a_failure_read_together_with_its_success_is_notified_with_its_reason() {
    insta::assert_snapshot!(play(
        "0   verdict app=a task=t exec=1 ended=-600
         0   success app=a task=t exec=2 ended=-300
         0.2 script  app=a ended=-601"
    ), @r"
    0.2s   held back: same-run
    0.2s opened reload-failed x1 (0 held back) Field 'A' not found
    0.2s recovered reload-recovered x1 (0 held back) Field 'A' not found
    ");
}

#[test]
fn a_failure_read_together_with_its_success_counts_for_the_open_incident() {
    insta::assert_snapshot!(play(
        "0    script  app=a ended=-1
         0    verdict app=a task=t exec=1
         3600 verdict app=a task=t exec=2 ended=3000
         3600 success app=a task=t exec=3 ended=3300
         3601 script  app=a ended=2999"
    ), @r"
    0s opened reload-failed x1 (0 held back) Field 'A' not found
    3601s   held back: same-run
    3601s   held back: repeat
    3601s recovered reload-recovered x2 (1 held back) Field 'A' not found
    ");
}

#[test]
fn a_failure_after_the_success_stays_open_whichever_script_log_is_read_first() {
    insta::assert_snapshot!(play(
        "0   verdict app=a task=t exec=1 ended=-900
         0   success app=a task=t exec=2 ended=-600
         0   verdict app=a task=t exec=3 ended=-300
         0.1 script  app=a ended=-301
         0.2 script  app=a ended=-901"
    ), @r"
    0.1s   held back: same-run
    0.2s   held back: same-run
    0.2s opened reload-failed x1 (0 held back) Field 'A' not found
    0.2s recovered reload-recovered x1 (0 held back) Field 'A' not found
    0.2s opened reload-failed x1 (0 held back) Field 'A' not found
    ");
}

#[test]
fn two_failures_before_one_success_are_one_incident() {
    insta::assert_snapshot!(play(
        "0   verdict app=a task=t exec=1 ended=-900
         0   verdict app=a task=t exec=2 ended=-600
         0   success app=a task=t exec=3 ended=-300
         0.1 script  app=a ended=-601
         0.2 script  app=a ended=-901"
    ), @r"
    0.1s   held back: same-run
    0.1s opened reload-failed x1 (0 held back) Field 'A' not found
    0.2s   held back: same-run
    0.2s   held back: repeat
    0.2s recovered reload-recovered x2 (1 held back) Field 'A' not found
    ");
}

#[test]
fn each_of_two_successes_ends_what_failed_before_it() {
    insta::assert_snapshot!(play(
        "0 verdict app=a task=t exec=1 ended=-900
         0 success app=a task=t exec=2 ended=-800
         0 verdict app=a task=t exec=3 ended=-700
         0 success app=a task=t exec=4 ended=-600"
    ), @r"
    3s opened reload-failed x1 (0 held back) Max retries reached
    3s recovered reload-recovered x1 (0 held back) Max retries reached
    3s opened reload-failed x1 (0 held back) Max retries reached
    3s recovered reload-recovered x1 (0 held back) Max retries reached
    ");
}

#[test]
fn a_reload_in_the_hub_that_failed_and_then_succeeded_does_not_stay_open() {
    let both = r"
    3s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found
    3s recovered reload-recovered x1 (0 held back) Field 'A' not found
    ";
    let lines = |transcript: &str| {
        transcript
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
    };
    for script in [
        "0 script    app=a by=LAB\\anna ended=-600
         0 script-ok app=a ended=-300",
        "0 script-ok app=a ended=-300
         0 script    app=a by=LAB\\anna ended=-600",
    ] {
        assert_eq!(lines(&play(script)), lines(both), "{script}");
    }
    // A failure after the success stays open.
    insta::assert_snapshot!(play(
        "0 script-ok app=a ended=-600
         0 script    app=a by=LAB\\anna ended=-300"
    ), @"3s opened reload-failed-outside-task x1 (0 held back) Field 'A' not found");
}
