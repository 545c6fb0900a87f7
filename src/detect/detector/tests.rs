use std::path::Path;
use std::sync::{Arc, LazyLock};

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::detect::pack::builtin_packs;
use crate::detect::row::Row;
use crate::detection::Origin;
use crate::qlik::service_log::Record;

mod dialects;

// All rows here are synthetic.
const HEADER: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\tTaskName\tAppId\tUserDirectory\tUserId\n";
const SESSION: &str = "System.Scheduler.Scheduler.Master.Task.TaskSession";

fn detector() -> Detector {
    Detector::compile(&builtin_packs(), TimeZone::UTC).0
}

fn with_pack(text: &str) -> Detector {
    let pack = Pack { file: "mine.toml".into(), text: text.to_owned() };
    let (detector, problems) = Detector::compile(&[pack], TimeZone::UTC);
    assert_eq!(problems, []);
    detector
}

fn block(label: &str, head: &str, text: &str, fresh: usize) -> Block {
    Block {
        file: FileId(1),
        generation: 0,
        label: label.into(),
        path: Arc::from(Path::new(
            "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a.2026_11_23_05_13_00.ECD010F8AE5847FFC93B.log",
        )),
        head: head.as_bytes().into(),
        bytes: text.as_bytes().to_vec(),
        fresh,
        offset: fresh as u64,
        lines: Some(text[..fresh].matches('\n').count() as u64),
    }
}

fn row(number: u32, message: &str) -> String {
    format!(
        "{number}\t20261123T061300.000+0100\tWARN\tNODE1\t{SESSION}\t{message}\tSales\tNot \
         available\tLAB\tgoran\n"
    )
}

fn ids(found: &Found) -> Vec<&str> {
    found.detections.iter().map(|one| one.pattern.as_str()).collect()
}

/// The finds when the file is read in two blocks, cut at `at`.
fn in_two(detector: &mut Detector, label: &str, head: &str, text: &str, at: usize) -> Vec<String> {
    let first = detector.detect(&block(label, head, &text[..at], 0));
    let second = detector.detect(&block(label, head, text, at));
    let found = [ids(&first), ids(&second)].concat();
    found.into_iter().map(str::to_owned).collect()
}

fn offset(one: &Detection) -> u64 {
    let Origin::Log { offset, .. } = one.origin else { panic!("{one:?}") };
    offset
}

#[test]
fn a_row_gives_the_facts_that_its_columns_hold() {
    let text = format!("{HEADER}{}", row(7, "Max retries reached (2)"));
    let found = detector().detect(&block("System_Scheduler", HEADER, &text, 0));
    assert_eq!(ids(&found), ["reload-retries-exhausted"]);
    let one = &found.detections[0];
    assert_eq!(one.at.unwrap().to_string(), "2026-11-23T05:13:00Z");
    assert_eq!(offset(one), HEADER.len() as u64);
    assert_eq!(one.facts.task_name.as_deref(), Some("Sales"));
    assert_eq!(one.facts.user.as_deref(), Some(r"LAB\goran"));
    assert_eq!(one.facts.host.as_deref(), Some("NODE1"));
    assert_eq!(one.facts.message.as_deref(), Some("Max retries reached (2)"));
    assert!(!found.unknown_layout);
}

#[test]
fn only_the_new_part_is_reported() {
    let text = format!("{HEADER}{}{}", row(1, "Max retries reached"), row(2, "nothing"));
    let mut detector = detector();
    for at in 0..text.len() {
        if at == 0 || text.as_bytes()[at - 1] == b'\n' {
            let found = in_two(&mut detector, "System_Scheduler", HEADER, &text, at);
            assert_eq!(found, ["reload-retries-exhausted"], "cut at {at}");
        }
    }
}

#[test]
fn a_record_completed_by_the_next_block_is_found_once() {
    let message = "Max retries reached\r\n   at Some.Stack()\r\n   at Other()";
    let text = format!("{HEADER}{}{}", row(1, message), row(2, "x"));
    let mut detector = detector();
    for at in text.match_indices('\n').map(|(at, _)| at + 1) {
        let found = in_two(&mut detector, "System_Scheduler", HEADER, &text, at);
        assert_eq!(found, ["reload-retries-exhausted"], "cut at {at}");
    }
}

#[test]
fn a_match_is_found_if_its_literal_was_in_an_earlier_block() {
    let mut detector = with_pack(
        "[[pattern]]
         id = 'both'
         title = 'both'
         meaning = ''
         log = 'System_Scheduler'
         kind = 'service'
         severity = 'error'
         when = { Message = 'literal', TaskName = '^S' }",
    );
    let text = format!("{HEADER}{}", row(1, "literal\nmore"));
    let cut = text.find("more").unwrap();
    assert_eq!(in_two(&mut detector, "System_Scheduler", HEADER, &text, cut), ["both"]);
}

#[test]
fn a_stray_line_after_a_quoted_cell_changes_nothing_at_any_cut() {
    let head = "Sequence#\tLevel\tMessage\tTimestamp\n";
    let text = "1\ta\tb\n1\t\t\"aab\"\n \n1\t\t\n";
    let mut detector = FAST.clone();
    let plain = reference(&detector, head, text);
    assert_eq!(plain, [("either".to_owned(), 6)]);
    for at in text.match_indices('\n').map(|(at, _)| at + 1) {
        let found = in_two(&mut detector, "System_Scheduler", head, text, at);
        assert_eq!(found, ["either"], "cut at {at}");
    }
}

#[test]
fn a_file_without_header_is_reported_once_and_still_read() {
    let mut detector = detector();
    let text = row(1, "Max retries reached");
    let found = detector.detect(&block("System_Scheduler", &text, &text, 0));
    assert!(found.unknown_layout);
    assert_eq!(ids(&found), ["reload-retries-exhausted"]);
    assert_eq!(found.detections[0].at.unwrap().to_string(), "2026-11-23T05:13:00Z");
    assert!(!detector.detect(&block("System_Scheduler", &text, &text, 0)).unknown_layout);
}

#[test]
fn a_new_header_in_mid_file_applies_from_there_and_is_counted_once() {
    let other = "Sequence#\tTimestamp\tNew\tLevel\tTaskName\tMessage\tLogger\n";
    let later =
        format!("1\t20261123T061400.000+0100\t-\tWARN\tStock\tMax retries reached\t{SESSION}\n");
    let text = format!("{HEADER}{}{other}{later}{later}", row(1, "Max retries reached"));
    for at in text.match_indices('\n').map(|(at, _)| at + 1) {
        let mut detector = detector();
        let mut found = detector.detect(&block("System_Scheduler", HEADER, &text[..at], 0));
        let rest = detector.detect(&block("System_Scheduler", HEADER, &text, at));
        found.detections.extend(rest.detections);
        let names: Vec<_> =
            found.detections.iter().map(|one| one.facts.task_name.as_deref().unwrap()).collect();
        assert_eq!(names, ["Sales", "Stock", "Stock"], "cut at {at}");
        let n_reported = [found.counts, rest.counts].map(|it| it.n(Single::ChangedLayouts));
        assert_eq!(n_reported.iter().sum::<u64>(), 1, "cut at {at}");
    }
}

#[test]
fn a_record_of_fifty_thousand_lines_is_found_once_with_a_bounded_message() {
    let stack = "   at Synthetic.Class.Method()\r\n".repeat(50_000);
    let text =
        format!("{HEADER}{}{}", row(1, &format!("Max retries reached\r\n{stack}")), row(2, "x"));
    let mut detector = detector();
    let cuts = [HEADER.len(), text.len() / 3, text.len() / 2, text.len() - 100];
    for at in cuts.map(|at| line_end(text.as_bytes(), at)) {
        let found = in_two(&mut detector, "System_Scheduler", HEADER, &text, at);
        assert_eq!(found, ["reload-retries-exhausted"], "cut at {at}");
    }
    let found = detector.detect(&block("System_Scheduler", HEADER, &text, 0));
    assert!(found.detections[0].facts.message.as_ref().unwrap().chars().count() <= 2000);
}

#[test]
fn a_column_with_another_name_does_not_hide_a_match() {
    let head = "Sequence#\tTimestamp\tSeverity\tLoggerName\tText\n";
    let text = format!("{head}1\tx\tWARN\t{SESSION}\tMax retries reached\n");
    let found = detector().detect(&block("System_Scheduler", head, &text, 0));
    assert_eq!(ids(&found), ["reload-retries-exhausted"]);
}

#[test]
fn the_description_is_used_where_the_message_is_empty() {
    let head = "Sequence#\tTimestamp\tSeverity\tDescription\tMessage\n";
    let text = format!("{head}1\tx\tError\tServer aborted. Reason for restart: odd\t\n");
    let found = detector().detect(&block("Service_Engine", head, &text, 0));
    assert_eq!(ids(&found), ["engine-aborted"]);
    assert_eq!(found.detections[0].facts.captures.get("reason"), Some("odd"));
}

#[test]
fn the_exception_is_matched_besides_the_message() {
    let head = "Sequence#\tTimestamp\tLevel\tMessage\tException\n";
    let text =
        format!("{head}1\tx\tError\tCommand failed\tServer aborted. Reason for restart: odd\n");
    let found = detector().detect(&block("Service_Engine", head, &text, 0));
    assert_eq!(ids(&found), ["engine-aborted"]);
}

#[test]
fn a_result_counts_whichever_column_tells_it() {
    let head = |columns: &str| format!("Sequence#\tTimestamp\tHostname\t{columns}\n");
    let rows = [
        ("Description", "Command=Open app;Result=9003;ResultText=Error: QVF header error (read)"),
        ("Command\tResult\tDescription", "Open app\t9003\t"),
        ("Command\tResult\tDescription", "\t\tCommand=Open app;Result=9003;ResultText=x"),
        ("Result\tCommand", "9003\tOpen app"),
    ];
    for (columns, cells) in rows {
        let head = head(columns);
        let text = format!("{head}1\t20261123T061300.000+0100\tNODE1\t{cells}\n");
        let found = detector().detect(&block("AuditActivity_Engine", &head, &text, 0));
        assert_eq!(ids(&found), ["app-file-unreadable"], "{columns}");
    }
}

#[test]
fn a_log_without_loggers_is_known_by_its_words_and_its_levels_in_small_letters() {
    let head = "Sequence#\tTimestamp\tSeverity\tHostName\tMessage\n";
    let row = |text: &str| format!("{head}1\t20261123T061300.000+0100\tWarn\tNODE1\t{text}\n");
    let text = row("Failed to request service alive response from https://node2:4747/");
    let found = detector().detect(&block("Service_Repository", head, &text, 0));
    assert_eq!(ids(&found), ["service-not-alive"]);
    let found = detector().detect(&block("Service_Repository", head, &row("Slow answer"), 0));
    assert_eq!(ids(&found), [""; 0], "a logger alone tells nothing where there is none");
}

#[test]
fn what_an_exception_says_stands_on_the_card_behind_the_message() {
    let head = "Sequence#\tTimestamp\tLevel\tHostname\tMessage\tException\n";
    let text = format!(
        "{head}1\t20261123T061300.000+0100\tERROR\tNODE1\tCould not save\tIOException: There is not enough space on the disk.\n"
    );
    let found = detector().detect(&block("System_Engine", head, &text, 0));
    assert_eq!(
        found.detections[0].facts.message.as_deref(),
        Some("Could not save: IOException: There is not enough space on the disk.")
    );
}

#[test]
fn one_row_that_two_patterns_know_is_one_find() {
    let head = "Sequence#\tTimestamp\tHostname\tDescription\tUserDirectory\tUserId\tMessage\n";
    let text = format!(
        "{head}1\t20261123T061300.000+0100\tNODE1\tCommand=License user access;Result=403;ResultText=Error: Access denied\tLAB\tgoran\tLogin access denied for SessionID: 'x'\n"
    );
    let found = detector().detect(&block("AuditSecurity_Repository", head, &text, 0));
    assert_eq!(ids(&found), ["licence-access-refused"]);
}

#[test]
fn a_name_that_contains_the_text_of_a_pattern_does_not_match() {
    let text = format!("{HEADER}{}", row(1, "started").replace("Sales", "Max retries reached"));
    assert_eq!(ids(&detector().detect(&block("System_Scheduler", HEADER, &text, 0))), [""; 0]);
}

#[test]
fn secrets_are_redacted_among_hostile_bytes() {
    let message = "Max retries reached password=hunter2 <at>\u{0}\\\" tail";
    let mut bytes = format!("{HEADER}{}", row(1, message)).into_bytes();
    let at = bytes.windows(4).position(|four| four == b"tail").unwrap();
    bytes[at] = 0xff;
    let mut odd = block("System_Scheduler", HEADER, "", 0);
    odd.bytes = bytes;
    let found = detector().detect(&odd);
    let message = found.detections[0].facts.message.as_deref();
    assert_eq!(message, Some("Max retries reached password=‹redacted› <at>\u{0}\\\" \u{fffd}ail"));
}

#[test]
fn a_very_long_line_that_comes_in_pieces_is_bounded() {
    let text = format!("{}Max retries reached {SESSION}{}", "x".repeat(5000), "y".repeat(9000));
    let found = detector().detect(&block("System_Scheduler", HEADER, &text, 4000));
    assert_eq!(ids(&found), ["reload-retries-exhausted"]);
    assert!(found.detections[0].facts.message.as_ref().unwrap().chars().count() <= 2000);
}

#[test]
fn empty_and_unwatched_blocks_have_no_finds() {
    assert_eq!(detector().detect(&block("System_Scheduler", "", "", 0)), Found::default());
    assert_eq!(detector().detect(&block("Other_Log", HEADER, HEADER, 0)), Found::default());
    assert_eq!(detector().detect(&block("Script", "", "", 0)), Found::default());
}

const HEAD: &str = "\
20261123T061300.001+0100      Execution started.\r
20261123T061300.001+0100      Reload Executed By            UserDirectory=INTERNAL; UserId=sa_scheduler\r
";
const FAILED: &str = "\
20261123T061300.900+0100 0016 LET vPassword = 'hunter2'\r
  20261123T061301.000+0100 0017 LOAD OrderID, OrderDte FROM x\r
  20261123T061301.100+0100      Error: Field 'OrderDte' not found\r
  20261123T061301.100+0100      Execution Failed\r
  20261123T061301.105+0100      Execution finished.\r
";

#[test]
fn a_failed_script_gives_user_times_error_and_statement() {
    let text = format!("{HEAD}{FAILED}");
    let found = detector().detect(&block("Script", HEAD, &text, HEAD.len()));
    assert_eq!(ids(&found), ["script-failed"]);
    let one = &found.detections[0];
    let script = one.script.as_ref().unwrap();
    let excerpt: Vec<String> = script
        .excerpt
        .lines
        .iter()
        .map(|line| format!("{} {}", if line.marked { '>' } else { ' ' }, line.text))
        .collect();
    assert_snapshot!(format!(
        "app {}\nby {}\nfrom {} to {}\nerror {}\nstatement {:?}\nline {:?}\n{}",
        one.facts.app_id.as_deref().unwrap(),
        script.executed_by.as_deref().unwrap(),
        script.started.unwrap(),
        script.ended.unwrap(),
        script.error.as_deref().unwrap(),
        script.statement.as_ref().unwrap(),
        script.excerpt.first_line,
        excerpt.join("\n"),
    ), @r#"
    app 7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a
    by INTERNAL\sa_scheduler
    from 2026-11-23T05:13:00.001Z to 2026-11-23T05:13:01.1Z
    error Field 'OrderDte' not found
    statement Statement { number: 17, text: "LOAD OrderID, OrderDte FROM x" }
    line Some(1)
      Execution started.
      Reload Executed By            UserDirectory=INTERNAL; UserId=sa_scheduler
      0016 LET vPassword = '‹redacted›'
    > 0017 LOAD OrderID, OrderDte FROM x
    > Error: Field 'OrderDte' not found
    "#);
}

#[test]
fn a_failed_script_tells_the_class_the_connection_and_whether_more_was_ignored() {
    let stamp = "20261123T061301.000+0100";
    let text = format!(
        "{HEAD}{stamp} 0016 LIB CONNECT TO 'Sales (prod)'\r\n{stamp}      Connected.\r\n{stamp} 0017 DROP TABLE a\r\n{stamp}      Error: Table not found\r\n{FAILED}"
    );
    let script = |block: &Block| detector().detect(block).detections.pop().unwrap().script.unwrap();
    let mut whole = block("Script", HEAD, &text, HEAD.len());
    whole.offset = HEAD.len() as u64;
    let one = script(&whole);
    assert_eq!(one.error_class.as_deref(), Some("field-not-found"));
    assert_eq!(one.error_title.as_deref(), Some("Field not found"));
    assert!(one.error_advice.is_some());
    assert_eq!(one.connection.as_deref(), Some("Sales (prod)"));
    assert_eq!((one.n_swallowed, one.swallowed_at_least), (1, false));
    // The beginning of the log is out of reach.
    whole.offset += 1_000_000;
    assert!(script(&whole).swallowed_at_least);
    let long = text
        .replace(HEAD, &format!("{HEAD}{}", format!("{stamp} 0001 SET a = 1\r\n").repeat(3000)));
    let mut long = block("Script", HEAD, &long, HEAD.len());
    long.offset = HEAD.len() as u64;
    assert!(script(&long).swallowed_at_least);
}

#[test]
fn an_error_with_a_page_of_html_keeps_its_cause_and_its_statement() {
    let stamp = "20261123T061301.000+0100";
    let end = format!("  {stamp}      Execution Failed\r\n");
    let mut detector = detector();
    for kilobytes in [20, 66, 200, 1000] {
        let n = kilobytes * 1000 / 50;
        let page = ["<p>", "x".repeat(41).as_str(), "</p>\r\n"].concat().repeat(n);
        let line = "x".repeat(kilobytes * 1000) + "\r\n";
        for rest in [page, line] {
            let before = format!(
                "{HEAD}  {stamp} 0017 LOAD a FROM x\r\n  {stamp}      \
                 Error: HTTP protocol error 500 (Internal): {rest}"
            );
            let text = format!("{before}{end}");
            // As a whole, and as it grew.
            for fresh in [HEAD.len(), before.len()] {
                let mut block = block("Script", HEAD, &text, fresh);
                block.offset = fresh as u64;
                let found = detector.detect(&block).detections.pop().unwrap();
                let script = found.script.unwrap();
                let error = script.error.unwrap();
                assert!(error.starts_with("HTTP protocol error 500"), "{kilobytes}: {error}");
                assert_eq!(script.statement.unwrap().text, "LOAD a FROM x", "{kilobytes}");
                assert!(script.error_class.is_some(), "{kilobytes}");
            }
        }
    }
}

#[test]
fn a_script_has_one_verdict_at_any_cut_of_its_log() {
    let text = format!("{HEAD}{FAILED}");
    let mut detector = detector();
    for at in text.match_indices('\n').map(|(at, _)| at + 1) {
        let found = in_two(&mut detector, "Script", HEAD, &text, at);
        assert_eq!(found, ["script-started", "reload-overdue", "script-failed"], "cut at {at}");
    }
}

#[test]
fn a_script_that_succeeds_is_found_and_a_printed_verdict_is_ignored() {
    let ok = format!("{HEAD}20261123T061301.105+0100      Execution finished.\r\n");
    assert_eq!(
        ids(&detector().detect(&block("Script", HEAD, &ok, 0))),
        ["script-started", "reload-overdue", "script-succeeded"]
    );
    let spoof = format!(
        "{HEAD}20261123T061301.105+0100 0009 TRACE Execution Failed\r\n\
         20261123T061301.105+0100 0009 Execution Failed\r\n\
         20261123T061301.105+0100 0009      Execution finished.\r\nExecution Failed\r\n"
    );
    let found = detector().detect(&block("Script", HEAD, &spoof, 0));
    assert_eq!(ids(&found), ["script-started", "reload-overdue"]);
}

#[test]
fn the_start_of_a_script_comes_from_its_name_if_the_header_has_none() {
    let found = detector().detect(&block("Script", "", FAILED, 0));
    let script = found.detections[0].script.clone().unwrap();
    assert_eq!(script.started.unwrap().to_string(), "2026-11-23T05:13:00Z");
}

#[test]
fn the_number_of_the_first_line_counts_from_the_top_of_the_file() {
    let mut later = block("Script", HEAD, FAILED, 60);
    later.lines = Some(1001);
    let fresh = FAILED.find('\n').unwrap() + 1;
    later.fresh = fresh;
    let found = detector().detect(&later);
    assert_eq!(found.detections[0].script.as_ref().unwrap().excerpt.first_line, Some(1001));
}

const EQUIVALENCE: &str = "
[[pattern]]
id = 'literal'
title = 'x'
meaning = ''
log = 'System_Scheduler'
kind = 'service'
severity = 'error'
when = { Message = 'abc' }
[[pattern]]
id = 'quoted'
title = 'x'
meaning = ''
log = 'System_Scheduler'
kind = 'service'
severity = 'error'
when = { Message = 'b\"ab\\sc', Level = 'a' }
[[pattern]]
id = 'either'
title = 'x'
meaning = ''
log = 'System_Scheduler'
kind = 'service'
severity = 'error'
when = { Message = '^(bca|aab)' }
";
const SLOW: &str = "
[[pattern]]
id = 'any-case'
title = 'x'
meaning = ''
log = 'System_Scheduler'
kind = 'service'
severity = 'error'
when = { Message = '(?i)aBc' }
";

static FAST: LazyLock<Detector> = LazyLock::new(|| with_pack(EQUIVALENCE));
static WITH_SLOW: LazyLock<Detector> = LazyLock::new(|| with_pack(&format!("{EQUIVALENCE}{SLOW}")));

/// The reference: every pattern tried on every single record.
fn reference(detector: &Detector, head: &str, text: &str) -> Vec<(String, u64)> {
    let layout = Layout::from_header(head.trim_end()).unwrap();
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let numbered = line.split('\t').next().is_some_and(|number| number.parse::<u32>().is_ok());
        if at == 0 || (numbered && line.contains('\t')) {
            starts.push(at);
        }
        at += line.len();
    }
    let mut found = Vec::new();
    for (place, start) in starts.iter().enumerate() {
        let end = starts.get(place + 1).copied().unwrap_or(text.len());
        let row = Row::Service(Record::new(&layout, &text[*start..end]));
        for pattern in detector.patterns().iter().filter(|pattern| pattern.matches(&row)) {
            found.push((pattern.id.to_string(), *start as u64));
        }
    }
    found
}

proptest! {
       /// A find in the first lines of a record stays when stray lines follow.
    #[test]
    fn following_lines_do_not_remove_a_find(
        cell in "\"{0,3}[ab\"]{0,5}\"{0,3}",
        strays in prop::collection::vec("[ab\" ]{0,6}\r?", 0..4),
    ) {
        let layout = Layout::from_header("Sequence#\tTimestamp\tMessage").unwrap();
        let first = format!("1\tx\t{cell}\n");
        let whole = format!("{first}{}\n", strays.join("\n"));
        let before = Record::new(&layout, &first);
        let after = Record::new(&layout, &whole);
        let (before, after) = (before.get("Message").unwrap(), after.get("Message").unwrap());
        let kept_open = before.starts_with('"') && cell.starts_with('"');
        prop_assert!(kept_open || after.starts_with(before), "{before:?} {after:?}");
    }

    #[test]
    fn scanning_blocks_finds_what_plain_matching_finds(
        lines in prop::collection::vec(
            "([1-9]\t[ab]?\t\"?[abcAB\" ]{0,9}\"?)|([abc \t]{0,9}\r?)",
            1..12,
        ),
        cut in 0..12usize,
        slow in any::<bool>(),
    ) {
        let head = "Sequence#\tLevel\tMessage\tTimestamp\n";
        let text = format!("1\ta\tb\n{}\n", lines.join("\n"));
        let mut detector = if slow { WITH_SLOW.clone() } else { FAST.clone() };
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        let at = ends[cut % ends.len()];
        let mut found = Vec::new();
        for one in [block("System_Scheduler", head, &text[..at], 0), block("System_Scheduler", head, &text, at)] {
            let detections = detector.detect(&one).detections.into_iter();
            found.extend(detections.map(|one| (one.pattern.to_string(), offset(&one))));
        }
        let mut plain = reference(&detector, head, &text);
        plain.sort();
        found.sort();
        prop_assert_eq!(found, plain);
    }
}

fn berlin() -> Detector {
    Detector::compile(&builtin_packs(), TimeZone::get("Europe/Berlin").unwrap()).0
}

#[test]
fn in_the_repeated_hour_the_order_of_rows_gives_their_pass() {
    let row = |clock: &str, message: &str| {
        row(1, message).replace("20261123T061300.000+0100", &format!("2026-10-25 {clock},000"))
    };
    let first = row("02:10:00", "Max retries reached");
    let between = row("02:50:00", "nothing");
    let text = format!("{HEADER}{first}{between}{}", row("02:12:00", "Max retries reached"));
    let read = |found: &Found| -> Vec<(String, bool)> {
        let read = |one: &Detection| (one.at.unwrap().to_string(), one.facts.at_or.is_some());
        found.detections.iter().map(read).collect()
    };
    let (open, second) = ("2026-10-25T00:10:00Z", "2026-10-25T01:12:00Z");
    let expected = [(open.to_owned(), true), (second.to_owned(), false)];
    assert_eq!(read(&berlin().detect(&block("System_Scheduler", HEADER, &text, 0))), expected);

    let (mut detector, cut) = (berlin(), HEADER.len() + first.len());
    let mut in_two = read(&detector.detect(&block("System_Scheduler", HEADER, &text[..cut], 0)));
    in_two.extend(read(&detector.detect(&block("System_Scheduler", HEADER, &text, cut))));
    assert_eq!(in_two, expected);
}

#[test]
fn in_the_repeated_hour_the_name_of_a_script_log_gives_the_start_of_its_run() {
    let text = "2026-10-25 02:17:40      Execution started.\n\
                2026-10-25 02:17:44      Error: Field 'A' not found\n\
                2026-10-25 02:17:44      Execution Failed\n";
    let read = |name: &str| {
        let mut block = block("Script", text, text, 0);
        let name = format!("7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a.{name}.ECD010F8AE5847FFC93B.log");
        block.path = Arc::from(Path::new(&name));
        let found = berlin().detect(&block);
        let script = found.detections.into_iter().find_map(|one| one.script).unwrap();
        (script.ended.unwrap().to_string(), script.ended_or.is_some())
    };
    let (first, second) = ("2026-10-25T00:17:44Z".to_owned(), "2026-10-25T01:17:44Z".to_owned());
    assert_eq!(read("2026_10_25_01_17_40"), (second, false));
    assert_eq!(
        read("2026_10_25_00_17_40"),
        (first.clone(), true),
        "the run may have taken an hour"
    );
    assert_eq!(read("2026_10_25_02_17_40"), (first, true), "not in UTC: of no use");
}
