//! The scan of each dialect finds what plain matching of every parsed record finds.

use std::fmt::Write;

use super::*;
use crate::qlik::line_log::LineRecord;
use crate::qlik::script_log::Line;

/// The logs, one of each dialect. Service logs begin their records with numbers or not.
const LOGS: [&str; 4] = ["System_Scheduler", "Service_Printing", "HubService", "Script"];
const HEADS: [&str; 4] = [
    "Sequence#\tTimestamp\tLevel\tHostname\tMessage\tException\tContext\n",
    "Timestamp\tSeverity\tHost\tMessage\tException\tContext\n",
    "",
    "",
];

const OF_ROWS: [&str; 11] = [
    "Message = 'disk full'",
    "Message = '(?i)disk full'",
    "Message = 'the \"disk\" of C:\\\\data/x'",
    "Message = 'caf[eé] (<b>|a & b)'",
    "Message = ' refused'",
    "Message = \"it's\\ntwo lines\"",
    "Exception = 'CODE: disk'",
    "Exception = 'CODE:.* refused$'",
    "Message = 'disk', Level = '>=ERROR'",
    "Severity = '>=FATAL', Hostname = 'node[0-9]'",
    "Context = '^.{0,3}x.{0,5}1e3|disk.{1,9}full'",
];
const OF_LINES: [&str; 3] =
    ["Engine = 'disk full'", "Statement = '(?i)the \"disk\"'", "Line = 'caf[eé]'"];

/// Patterns that require no text.
const WITHOUT_TEXT: [&str; 3] = [
    "Message = '^[A-Z]{3,4}[^a-z]?$'",
    "Exception = '[a-z]{3}[é\"\\\\][^x]'",
    "Context = '[k\"]\\s[d-f]..'",
];

/// What texts are made of: all that a pattern asks for, and near misses.
const WORDS: [&str; 18] = [
    "disk",
    "DISK",
    "di\u{17f}\u{212a}",
    " ",
    " full",
    "the ",
    "\"",
    " of C:",
    "\\",
    "data",
    "/x",
    "café",
    "<b>",
    "a & b",
    "it's",
    "two lines",
    "CODE",
    " refused",
];

static DETECTORS: LazyLock<[Detector; 4]> = LazyLock::new(|| {
    LOGS.map(|log| {
        let whens = match log {
            "Script" => OF_LINES.to_vec(),
            "Service_Printing" => [&OF_ROWS[..], &WITHOUT_TEXT].concat(),
            _ => OF_ROWS.to_vec(),
        };
        let patterns = whens.iter().enumerate().map(|(number, when)| {
            format!(
                "[[pattern]]\nid = 'p{number}'\ntitle = 'x'\nmeaning = ''\nlog = '{log}'\nkind = 'service'\nseverity = 'error'\nwhen = {{ {when} }}\n"
            )
        });
        let text: String = patterns.collect();
        with_pack(&text.replace("\\ntwo", "\\\\ntwo"))
    })
});

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&WORDS[..]), 0..5).prop_map(|words| words.concat())
}

/// A string of JSON, with more characters escaped the higher `style` is.
fn quoted(text: &str, style: u8) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        let is_code = match style {
            0 => false,
            1 | 2 => !c.is_ascii(),
            3 => !c.is_ascii() || "<>&'+`\"".contains(c),
            _ => true,
        };
        match c {
            _ if is_code => write!(json, "\\u{:04x}", u32::from(c)).unwrap(),
            '"' | '\\' => json.extend(['\\', c]),
            '/' if style == 2 => json.push_str("\\/"),
            '\n' => json.push_str("\\n"),
            _ => json.push(c),
        }
    }
    json + "\""
}

fn level() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "30",
        "40",
        "50",
        "60",
        "\"critical\"",
        "\"Error\"",
        "\"INFO\"",
        "null",
    ])
}

fn json_line() -> impl Strategy<Value = String> {
    let texts = [text(), text(), text(), text()];
    (level(), texts, 0..5_u8, any::<bool>()).prop_map(|(level, texts, style, is_object)| {
        let [message, code, error, inner] = texts.map(|text| quoted(&text, style));
        let error = if is_object {
            format!("{{\"code\":{code}, \"message\" : {error}}}")
        } else {
            error
        };
        format!(
            "{{\"level\": {level},\"msg\":{message},\"host\":\"node1\",\"err\":{error},\"context\":{{\"x\": 1e3, \"y\" : [{inner}]}}}}"
        )
    })
}

fn plain_line() -> impl Strategy<Value = String> {
    let level = prop::sample::select(vec!["", "error: ", "CRITICAL ", "[FATAL] ", "info - "]);
    (level, text()).prop_map(|(level, text)| format!("2026-11-23 06:13:52,304 {level}{text}"))
}

fn line(log: &'static str) -> BoxedStrategy<String> {
    let cell = || {
        (text(), any::<bool>()).prop_map(|(text, is_quoted)| {
            if is_quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
        })
    };
    let level = prop::sample::select(vec!["ERROR", "Fatal", "Info", ""]);
    let row = (level, cell(), cell(), cell()).prop_map(|(level, one, two, three)| {
        format!("20261123T061300.000+0100\t{level}\tnode1\t{one}\t{two}\t{three}")
    });
    match log {
        "System_Scheduler" => {
            prop_oneof![3 => row.prop_map(|row| format!("1\t{row}")), 1 => text()].boxed()
        }
        "Service_Printing" => row.boxed(),
        "HubService" => prop_oneof![3 => json_line(), 1 => plain_line()].boxed(),
        _ => prop_oneof![
            text().prop_map(|text| format!("20261123T061300.000+0100      {text}")),
            text().prop_map(|text| format!("  20261123T061300.000+0100 0012 {text}")),
            text(),
        ]
        .boxed(),
    }
}

fn lines() -> impl Strategy<Value = (usize, Vec<String>)> {
    (0..LOGS.len()).prop_flat_map(|log| (Just(log), prop::collection::vec(line(LOGS[log]), 1..8)))
}

/// Every pattern tried on every record.
fn plainly(log: usize, detector: &Detector, text: &str) -> Vec<(String, u64)> {
    if LOGS[log] == "System_Scheduler" {
        return reference(detector, HEADS[log], text);
    }
    let layout = Layout::from_header(HEADS[log]);
    let (mut found, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        let row = match (LOGS[log], &layout) {
            ("Script", _) => Row::Script(Line::new(line)),
            (_, Some(layout)) => Row::Service(Record::new(layout, line)),
            (_, None) => Row::Plain(LineRecord::new(line)),
        };
        let matching = detector.patterns().iter().filter(|pattern| pattern.matches(&row));
        found.extend(matching.map(|pattern| (pattern.id.to_string(), at as u64)));
        at += line.len();
    }
    found
}

/// The finds of both blocks of a file that is cut there.
fn scanned(mut detector: Detector, log: usize, text: &str, at: usize) -> Vec<(String, u64)> {
    let (log, head) = (LOGS[log], HEADS[log]);
    let first = detector.detect(&block(log, head, &text[..at], 0)).detections;
    let second = detector.detect(&block(log, head, text, at)).detections;
    let found = first.iter().chain(&second);
    found.map(|one| (one.pattern.to_string(), offset(one))).collect()
}

fn sorted(mut found: Vec<(String, u64)>) -> Vec<(String, u64)> {
    found.sort();
    found
}

proptest! {
    #[test]
    fn scanning_any_dialect_finds_what_plain_matching_finds((log, lines) in lines(), cut in any::<prop::sample::Index>()) {
        let mut text: String = lines.into_iter().map(|line| line + "\n").collect();
        if LOGS[log] == "System_Scheduler" {
            text.insert_str(0, "1\tx\t\t\t\t\t\n");
        }
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        let found = scanned(DETECTORS[log].clone(), log, &text, *cut.get(&ends));
        prop_assert_eq!(sorted(found), sorted(plainly(log, &DETECTORS[log], &text)));
    }

    /// A line that is longer than a block is cut anywhere.
    #[test]
    fn a_line_cut_in_the_middle_is_searched_for_what_the_scan_looks_for((log, lines) in lines(), cut in any::<prop::sample::Index>()) {
        let text: String = lines.into_iter().map(|line| line + "\n").collect();
        let cuts: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let at = *cut.get(&cuts);
        let detector = &DETECTORS[log];
        let found = scanned(detector.clone(), log, &text, at);
        prop_assert_eq!(found, scanned(detector.without_scan(), log, &text, at));
    }
}

#[test]
fn what_json_escapes_or_numbers_is_found_in_the_log_of_a_service() {
    let found = |line: &str| {
        let text = format!("{line}\n");
        let found = scanned(DETECTORS[2].clone(), 2, &text, 0);
        found.into_iter().map(|(id, _)| id).collect::<Vec<_>>().join(" ")
    };
    for (line, ids) in [
        (r#"{"level":50,"msg":"disk"}"#, "p8"),
        (r#"{"level":60,"msg":"","host":"node1"}"#, "p9"),
        (r#"{"severity":"critical","hostname":"node1"}"#, "p9"),
        (r"CRITICAL disk", "p8"),
        (r#"{"msg":"the \"disk\" of C:\\data\/x"}"#, "p2"),
        (r#"{"msg":"caf\u00e9 \u003cb\u003e"}"#, "p3"),
        (r#"{"msg":"it\u0027s\ntwo lines"}"#, "p5"),
        (r#"{"msg":"\u0064\u0069\u0073\u006b\u0020full"}"#, "p0 p1"),
        (r#"{"msg":"di\u017f\u212A FULL"}"#, "p1"),
        (r#"{"err":{"code":"CODE","message":"disk"}}"#, "p6"),
        (r#"{"err":{"code":"CODE","message":"refused"}}"#, "p4 p7"),
        (r#"{"context":{"x" : 1e3}}"#, "p10"),
    ] {
        assert_eq!(found(line), ids, "{line}");
    }
}

#[test]
fn one_line_that_two_patterns_know_is_one_find() {
    let pattern = |id: &str, more: &str| {
        format!(
            "[[pattern]]\nid = '{id}'\ntitle = 'x'\nmeaning = ''\nlog = 'HubService'\nkind = 'service'\nseverity = 'error'\n{more}\nwhen = {{ Message = 'gone' }}\n"
        )
    };
    let mut detector = with_pack(&(pattern("one", "") + &pattern("other", "same-as = 'one'")));
    assert_eq!(ids(&detector.detect(&block("HubService", "", "gone\n", 0))), ["one"]);
}
