use std::fmt::Write as _;
use std::path::Path;

use jiff::tz::TimeZone;

use super::*;
use crate::detect::Detector;
use crate::detect::builtin_packs;
use crate::tail::{Block, FileId};

const SALES: &str = "e7af59a0-c243-480d-9571-08727551a66f";
const TASK: &str = "dec2a02a-1680-44ef-8dc2-e2bfb180af87";
const AUDIT: &str = "Sequence#\tProductVersion\tTimestamp\tHostname\tId\tDescription\tObjectId\tObjectName\tCommand\tResult\tMessage\tId2";
const SCHEDULER: &str =
    "Sequence#\tTimestamp\tLevel\tHostname\tMessage\tTaskName\tTaskId\tAppName\tAppId\tUser";

fn block(log: &str, head: &str, rows: &str, lookback: &str) -> Block {
    Block {
        file: FileId(1),
        generation: 0,
        label: log.into(),
        path: Path::new("f").into(),
        head: format!("{head}\r\n").into_bytes().into(),
        bytes: format!("{lookback}{rows}").into_bytes(),
        fresh: lookback.len(),
        offset: 0,
        lines: None,
    }
}

/// `app e7af… = Sales` for each name, in order.
fn named_in(block: &Block) -> Vec<String> {
    let mut detector = Detector::compile(&builtin_packs(), TimeZone::UTC).0;
    let named = detector.detect(block).named.into_iter();
    named.map(|one| format!("{} {} = {}", one.what.name(), &one.id[..4], one.name)).collect()
}

fn scheduler(rows: &str) -> Vec<String> {
    named_in(&block("System_Scheduler", SCHEDULER, rows, ""))
}

fn audit(rows: &str) -> Vec<String> {
    named_in(&block("AuditActivity_Engine", AUDIT, rows, ""))
}

fn row(task: &str, app: &str) -> String {
    format!("1\t20261123T060000.000+0000\tINFO\tn\tsaid\t{task}\t{TASK}\t{app}\t{SALES}\tu\r\n")
}

#[test]
fn a_row_that_no_pattern_matches_names_its_app_and_its_task() {
    assert_eq!(
        scheduler(&row("Reload Sales", "Sales")),
        ["app e7af = Sales", "task dec2 = Reload Sales"]
    );
}

#[test]
fn the_last_of_two_names_counts_with_its_time() {
    let rows = row("T", "Old") + &row("T", "New").replace("T060000", "T070000");
    let mut detector = Detector::compile(&builtin_packs(), TimeZone::UTC).0;
    let named = detector.detect(&block("System_Scheduler", SCHEDULER, &rows, "")).named;
    assert_eq!(named[0].name, "New");
    assert_eq!(named[0].at, Some("2026-11-23T07:00:00Z".parse().unwrap()));
}

#[test]
fn placeholders_are_not_names() {
    for none in ["", "  ", "-", "null", "Not Available", SALES, &format!("{{{SALES}}}"), "\"\""] {
        assert_eq!(scheduler(&row("T", none)), ["task dec2 = T"], "{none}");
    }
}

#[test]
fn ids_are_recognized_in_every_form_and_other_texts_ignored() {
    for id in [SALES.to_uppercase(), format!("{{{SALES}}}"), format!(" {SALES} ")] {
        let rows = row("", "Sales").replace(SALES, &id);
        assert_eq!(scheduler(&rows), ["app e7af = Sales"], "{id}");
    }
    for id in ["", "17", r"D:\apps\Sales.qvf", "e7af59a0-c243-480d-9571", "é".repeat(99).as_str()]
    {
        assert!(scheduler(&row("", "Sales").replace(SALES, id)).is_empty(), "{id}");
    }
}

#[test]
fn the_command_of_a_row_determines_the_kind_of_its_object() {
    let row = |command: &str, description: &str| {
        format!(
            "1\t14\t20261123T060000.000+0000\tn\t1\t{description}\t{SALES}\tSales\t{command}\t0\tm\tx\r\n"
        )
    };
    for command in ["Open app", "Reload app", "open app (engine)", "Publish App"] {
        assert_eq!(audit(&row(command, "")), ["app e7af = Sales"], "{command}");
    }
    assert_eq!(audit(&row("Start task", "")), ["task e7af = Sales"]);
    assert_eq!(
        audit(&row("", "Command=Open app;Result=0;ResultText=Success")),
        ["app e7af = Sales"]
    );
    for other in ["Update user", "Create sheet", "Upload app content", ""] {
        assert!(audit(&row(other, "")).is_empty(), "{other}");
    }
}

#[test]
fn a_part_of_an_app_names_the_app() {
    let row = format!(
        "1\t14\t20261123T060000.000+0000\tn\t1\t\t{SALES}|KpJ\tSales|My sheet\tOpen app\t0\tm\tx\r\n"
    );
    assert_eq!(audit(&row), ["app e7af = Sales"]);
    assert!(audit(&row.replace("Sales|My", "My")).is_empty());
}

#[test]
fn columns_of_other_logs_and_later_headers_are_found_by_name() {
    let head = "Sequence#\tTimestamp\tLevel\tHostname\tMessage\tAppId\tApp Title";
    let rows = format!("1\t20261123T060000.000+0000\tINFO\tn\tm\t{SALES}\tSales\r\n");
    assert_eq!(
        named_in(&block("ManagementConsole_Repository", head, &rows, "")).len(),
        0,
        "this log is not followed"
    );
    assert_eq!(named_in(&block("System_Engine", head, &rows, "")), ["app e7af = Sales"]);
    let bare = "Sequence#\tTimestamp\tLevel\tHostname\tMessage";
    let changed = format!("{head}\r\n{rows}");
    let before = "1\t20261123T060000.000+0000\tINFO\tn\tm\r\n";
    let block = block("System_Engine", bare, &changed, before);
    assert_eq!(named_in(&block), ["app e7af = Sales"]);
}

#[test]
fn a_row_over_several_lines_is_read_once_its_names_are_complete() {
    let before = "1\t20261123T060000.000+0000\tERROR\tn\tone\r\n";
    let rest = format!("two\tT\t{TASK}\tSales\t{SALES}\tu\r\n");
    let block = block("System_Scheduler", SCHEDULER, &rest, before);
    assert_eq!(named_in(&block), ["app e7af = Sales", "task dec2 = T"]);
}

#[test]
fn a_hostile_name_is_cleaned_redacted_and_bounded() {
    let clean = |text: &str| clean(text).unwrap_or_default();
    assert_eq!(clean("a\u{0}b\u{7}c"), "a b c");
    assert_eq!(clean(" Sales \u{b} & \"Co\" "), "Sales & \"Co\"");
    assert!(!clean("Sales password=hunter2hunter2").contains("hunter2"));
    let long = clean(&"я".repeat(10_000));
    assert!(long.len() <= MOST_BYTES && long.ends_with('…'), "{long}");
    assert!(clean(&"x".repeat(10_000)).chars().count() <= LONGEST);
    assert_eq!(clean("**[x](https://evil.example)**"), "**[x](https://evil.example)**");
}

#[test]
fn an_agent_far_behind_reads_a_sample_of_runs_and_all_matching_rows() {
    let mut rows = String::new();
    for n in 0..4000 {
        let says = if n == 1234 { "Execution State Change to FinishedSuccess" } else { "said" };
        writeln!(
            rows,
            "{n}\t20261123T060000.000+0000\tINFO\tn\t{says}\tT\t{TASK}\tApp {n}\t{n:08x}-0000-4000-8000-000000000000\tu\r"
        )
        .unwrap();
    }
    let mut detector = Detector::compile(&builtin_packs(), TimeZone::UTC).0;
    let found = detector.detect(&block("System_Scheduler", SCHEDULER, &rows, ""));
    assert!((40..=200).contains(&found.named.len()), "{}", found.named.len());
    let small: String = rows.split_inclusive('\n').take(500).collect();
    let found = detector.detect(&block("System_Scheduler", SCHEDULER, &small, ""));
    assert_eq!(found.named.len(), 501, "every row, if the agent is not behind");
}

#[test]
fn a_row_names_the_owner_and_the_stream_of_an_app() {
    let head = format!("{SCHEDULER}\tOwnerName\tStream");
    let rows = row("T", "Sales").replace("\tu\r\n", "\tu\tLAB\\anna\tFinance\r\n");
    assert_eq!(
        named_in(&block("System_Scheduler", &head, &rows, "")),
        ["app e7af = Sales", "task dec2 = T", "owner e7af = LAB\\anna", "stream e7af = Finance"]
    );
}
