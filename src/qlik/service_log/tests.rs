use super::*;

// All rows here are synthetic.
const HEADER: &str = "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\tTaskName\tId2";

fn shown(header: &str, row: &str, columns: &[&str]) -> String {
    let layout = Layout::from_header(header).expect("a header");
    let record = Record::new(&layout, row);
    let cell = |name: &&str| format!("{name}={}", record.get(name).unwrap_or("-"));
    columns.iter().map(cell).collect::<Vec<_>>().join(" | ")
}

fn records(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let line = at..line_end(text.as_bytes(), at);
        let record = Records::Numbered.around(text.as_bytes(), line);
        found.push(&text[record.clone()]);
        at = record.end;
    }
    found
}

#[test]
fn cells_are_found_by_name_in_any_order_and_case() {
    assert_eq!(
        shown("MESSAGE\ttimestamp\tsequence#", "it broke\t2026\t7", &["Message", "Sequence#"]),
        "Message=it broke | Sequence#=7"
    );
}

#[test]
fn a_header_may_have_a_bom_quotes_a_line_end_and_unknown_columns() {
    let header = "\u{feff}\"Sequence#\"\t\"Timestamp\"\t\"New One\"\tMessage\r\n";
    assert_eq!(
        shown(header, "1\tnow\tkept\t\"said \"\"hi\"\"\"\r\n", &["New One", "Message"]),
        "New One=kept | Message=said \"hi\""
    );
}

#[test]
fn a_short_row_lacks_cells_and_a_long_one_keeps_its_named_cells() {
    assert_eq!(shown(HEADER, "1\tnow\tWARN", &["Level", "Message"]), "Level=WARN | Message=-");
    let long = "1\tnow\tWARN\tn\tl\tm\tt\tid2\tmore\tand more";
    assert_eq!(shown(HEADER, long, &["Message", "Id2"]), "Message=m | Id2=id2");
}

#[test]
fn stray_quotes_are_kept() {
    let row = "1\tnow\tWARN\tn\tl\tsaid \"no\tt";
    assert_eq!(shown(HEADER, row, &["Message", "TaskName"]), "Message=said \"no | TaskName=t");
    assert_eq!(shown(HEADER, "1\tnow\tWARN\tn\tl\t\"\tt", &["Message"]), "Message=\"");
}

#[test]
fn severity_is_an_alias_of_level_and_description_of_message() {
    let header = "Sequence#\tTimestamp\tSeverity\tDescription";
    assert_eq!(
        shown(header, "1\tnow\tError\tgone", &["Level", "Severity", "Message"]),
        "Level=Error | Severity=Error | Message=gone"
    );
}

#[test]
fn rows_and_free_text_are_not_headers() {
    for line in ["", "1\t20211109T193744.331+0100\tWARN", "Timestamp", "a\tb\tc", "\t\t\t\t"] {
        assert_eq!(Layout::from_header(line), None, "{line:?}");
    }
}

#[test]
fn a_cell_with_line_ends_stays_in_one_record() {
    let text = "1\tone\n2\ttwo\r\n   at Some.Stack()\r\n\r\n   at Other()\tTask\r\n3\tthree\n";
    let found = records(text);
    assert_eq!(found.len(), 3);
    assert_eq!(found[1], "2\ttwo\r\n   at Some.Stack()\r\n\r\n   at Other()\tTask\r\n");
    let layout = Layout::from_header("Sequence#\tMessage\tTimestamp\tTaskName").unwrap();
    let record = Record::new(&layout, "2\ttwo\r\n at S()\t2026\tTask\r\n");
    assert_eq!(record.get("Message"), Some("two\r\n at S()"));
    assert_eq!(record.get("TaskName"), Some("Task"));
}

#[test]
fn a_repeated_header_ends_the_record_before_it() {
    let text = format!("1\tone\n{HEADER}\n2\ttwo\n");
    assert_eq!(records(&text), ["1\tone\n", &format!("{HEADER}\n"), "2\ttwo\n"]);
}

#[test]
fn only_a_number_and_a_tab_start_a_record() {
    for line in ["1\t", "2147483647\tx", "\"12\"\tx"] {
        assert!(starts_record(line.as_bytes()), "{line:?}");
    }
    for line in ["", "\t", "12", "12 \t", "12345678901\t", "-1\t", "x\t"] {
        assert!(!starts_record(line.as_bytes()), "{line:?}");
    }
}

#[test]
fn a_file_without_header_or_numbers_is_read_line_by_line() {
    assert_eq!(Records::of(None, b"free text\n"), Records::Lines);
    assert_eq!(Records::of(None, b"\xef\xbb\xbf12\trow\n"), Records::Numbered);
    assert_eq!(Records::of(Layout::from_header(HEADER).as_ref(), b""), Records::Numbered);
    let odd = Layout::from_header("Timestamp\tLevel\tMessage");
    assert_eq!(Records::of(odd.as_ref(), b""), Records::Lines);
}
