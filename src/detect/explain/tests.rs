use insta::assert_snapshot;
use jiff::tz::TimeZone;

use super::*;
use crate::detect::pack::builtin_packs;

fn story(line: &str, log: Option<&str>) -> String {
    let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let explanations = detector.explain(line, log).into_iter().take(2);
    let lines = explanations.map(|one| format!("{} ({}): {}", one.pattern, one.log, one.because));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_message_alone_matches_if_no_known_column_differs() {
    assert_snapshot!(story("Max retries reached (2)", None), @r"
    reload-retries-exhausted (System_Scheduler): matches; not tried: Logger
    reload-finished-failed (System_Scheduler): Message is 'Max retries reached (2)', which does not match '^Task finished with state (?<state>FinishedFail|Error)\b'
    ");
}

#[test]
fn the_nearest_miss_comes_first_with_the_expected_value() {
    assert_snapshot!(story("Task finished with state Aborted", Some("System_Scheduler")), @r"
    reload-finished-failed (System_Scheduler): Message is 'Task finished with state Aborted', which does not match '^Task finished with state (?<state>FinishedFail|Error)\b'
    task-aborted-attempt (System_Scheduler): Message is 'Task finished with state Aborted', which does not match 'Reload sequence was not successful \(Result=False, Finished=\w+, Aborted=True\)'
    ");
}

#[test]
fn a_whole_row_is_read_with_the_common_columns() {
    let row = "1\t20261123T061300.000+0100\tWARN\tNODE1\tSystem.Other\t7\tid\tLAB\\svc\tMax retries reached";
    assert_snapshot!(story(row, Some("System_Scheduler")), @r"
    reload-retries-exhausted (System_Scheduler): Logger is 'System.Other', which does not match '\.Task\.TaskSession'
    service-repository-down (System_Scheduler): Logger is 'System.Other', which does not match 'Wrapper\.Repository\.RepositoryConnection'
    ");
}

#[test]
fn a_line_of_a_script_log_is_recognised_without_a_log_name() {
    assert_snapshot!(story("20261123T061301.100+0100      Execution Failed", None), @r"
    script-failed (Script): matches
    script-started (Script): Engine is 'Execution Failed', which does not match '^Execution started\.\s*$'
    ");
    assert_snapshot!(story("20261123T061301.100+0100 0007 Execution Failed", Some("Script")), @r"
    script-failed (Script): the line has no Engine, wanted '^Execution Failed\s*$'
    script-started (Script): the line has no Engine, wanted '^Execution started\.\s*$'
    ");
}

#[test]
fn the_text_of_a_script_log_without_its_time_is_recognised() {
    assert_snapshot!(story("Execution Failed", None), @r"
    script-failed (Script): matches; not tried: Timestamp
    script-started (Script): Engine is 'Execution Failed', which does not match '^Execution started\.\s*$'
    ");
    assert_snapshot!(story("  Execution finished.", Some("Script")), @r"
    script-succeeded (Script): matches; not tried: Timestamp
    script-failed (Script): Engine is 'Execution finished.', which does not match '^Execution Failed\s*$'
    ");
}

#[test]
fn an_unknown_log_has_no_patterns() {
    assert_snapshot!(story("anything", Some("Nonsense")), @"");
}

#[test]
fn the_nearest_pattern_is_the_one_whose_text_was_misspelt() {
    let near = |line: &str| {
        let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
        detector.explain(line, None)[0].pattern.clone()
    };
    for (line, pattern) in [
        ("Max retrys reached", "reload-retries-exhausted"),
        ("Maximum retries reachd (3)", "reload-retries-exhausted"),
        ("Task finished with status FinishedFail", "reload-finished-failed"),
        ("Changing task state from Retry to Starting", "reload-retrying"),
        ("Failed to start the session", "task-session-not-started"),
        (
            "1\t20261123T061300.000+0100\tWARN\tNODE1\tSystem.Scheduler.Scheduler.Master.Task.TaskSession\t7\tid\tLAB\\svc\tMax retrys reached",
            "reload-retries-exhausted",
        ),
    ] {
        assert_eq!(near(line), pattern, "{line}");
    }
}
