use std::collections::BTreeSet;

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
    reload-retrying (System_Scheduler): Message is 'Task finished with state Aborted', which does not match 'Execution State Change to Retry\b|Changing task state (?:from \w+ )?to Retry\b'
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
fn a_whole_row_is_tried_only_by_patterns_of_the_log_that_it_may_be_from() {
    let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let logs = |logger: &str| -> BTreeSet<String> {
        let row = format!(
            "1\t20.4.2.0\t20261123T061300.000+0100\tWARN\tNODE1\t{logger}\t7\tid\tLAB\\svc\tx"
        );
        detector.explain(&row, None).into_iter().map(|one| one.log).collect()
    };
    let of_scheduler = logs("System.Scheduler.Scheduler.Master.Task.TaskSession");
    assert_eq!(of_scheduler, BTreeSet::from(["System_Scheduler".to_owned()]));
    let unknown = logs("Own.Logger");
    assert!(unknown.len() > 1 && unknown.contains("System_Engine"), "{unknown:?}");
    let has_columns = |log: &String| log != SCRIPT && !is_dispatched(log);
    assert!(unknown.iter().all(has_columns), "{unknown:?}");
    let of_text: BTreeSet<String> =
        detector.explain("x", None).into_iter().map(|one| one.log).collect();
    assert!(of_text.contains(SCRIPT), "a text may be of any log: {of_text:?}");
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

/// Rows as they are copied from files of each kind, without the header.
#[test]
fn a_row_of_any_log_is_read_with_the_columns_of_its_kind() {
    let inactive = "Your account is inactive. Contact your administrator to activate it.";
    let aborted = "Server aborted. Reason for restart: Internal inconsistency, type A";
    let security = format!(
        "7\t14.187.10\t20261123T061300.000+0100\tNODE1\t\tCommand=Open app\t\t\t\tLAB\tgoran\t\t\t\t\t\
         \t\t\tOpen app\t403\t{inactive}\t"
    );
    let activity = format!(
        "7\t14.187.10\t20261123T061300.000+0100\tNODE1\t\tCommand=Open app\t\t\t\tLAB\tgoran\t\t\t\t\t\
         \tOpen app\t403\t{inactive}\t"
    );
    let of_engine = format!(
        "7\t14.187.10\t20261123T061300.000+0100\tNODE1\t\t20261123T061300.000+0100\t14.187\t\
         Command=Open app\t\t\t\tLAB\tgoran\t\t\t\t\t\t\tOpen app\t403\t{inactive}\t"
    );
    let service = format!(
        "7\t14.187.10\t20261123T061300.000+0100\tError\tNODE1\t\tCommand=Start\t\t\t\t\t\t\t\t\t\t\t\
         Start\t-1\t{aborted}\t"
    );
    let system = format!(
        "7\t20261123T061300.000+0100\tERROR\tNODE1\tSystem.Engine.Engine\t7\tid\tLAB\\svc\t{aborted}\t\t\t\t"
    );
    for (row, log, pattern) in [
        (security, "AuditSecurity_Repository", "account-inactive"),
        (activity, "AuditActivity_Proxy", "account-inactive"),
        (of_engine, "AuditActivity_Engine", "account-inactive"),
        (service, "Service_Engine", "engine-aborted"),
        (system, "System_Engine", "engine-aborted"),
    ] {
        let matches = format!("{pattern} ({log}): matches");
        let said = story(&row, Some(log));
        assert!(said.lines().any(|line| line == matches), "{log}: {said}");
        let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
        let all = detector.explain(&row, None);
        let is_found = |one: &Explanation| {
            one.pattern == pattern
                && matches!(&one.because, Because::Matches { untried } if untried.is_empty())
        };
        assert!(all.iter().any(is_found), "{log}, not named: {}", story(&row, None));
    }
}

#[test]
fn a_row_below_its_header_is_read_with_that() {
    let text = "Message\tLogger\tSequence#\tTimestamp\nMax retries reached\tSystem.Scheduler.Scheduler.\
                Slave.Task.TaskSession\t1\t20261123T061300.000+0100";
    let said = story(text, Some("System_Scheduler"));
    assert!(said.starts_with("reload-retries-exhausted (System_Scheduler): matches"), "{said}");
}
