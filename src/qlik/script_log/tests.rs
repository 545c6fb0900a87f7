use super::*;

fn engine(text: &str) -> bool {
    matches!(Line::new(text), Line::Engine { .. })
}

#[test]
fn engine_lines_and_statements_are_distinguished_in_both_time_formats() {
    assert_eq!(
        Line::new("2016-12-15 16:03:42      Connected.\r\n"),
        Line::Engine { stamp: "2016-12-15 16:03:42", text: "Connected." }
    );
    assert_eq!(
        Line::new("20240411T195434.446+0200 0017 SET a=1"),
        Line::Statement { stamp: "20240411T195434.446+0200", number: 17, text: "SET a=1" }
    );
}

#[test]
fn nested_lines_are_indented_by_two_blanks_per_level() {
    assert!(engine("\u{feff}2016-12-15 16:03:42      Execution started."));
    assert!(engine("    20240411T195434.446+0200      \t2 fields found: a, b, "));
    assert!(!engine("   20240411T195434.446+0200      Connected."));
}

#[test]
fn other_lines_continue_the_line_before() {
    for line in ["", "System error: no such folder", "2016-12-15 16:03:42", "2016-12-15 16:03:42 x"]
    {
        assert_eq!(Line::new(line), Line::Other(line));
    }
    assert_eq!(
        Line::new("2016-12-15 16:03:42 99999999999999 x"),
        Line::Other("2016-12-15 16:03:42 99999999999999 x")
    );
}

#[test]
fn only_an_engine_line_gives_a_verdict() {
    let verdict = |line| Line::new(line).verdict();
    assert_eq!(verdict("2016-12-15 16:03:42      Execution Failed "), Some(ScriptEnd::Failed));
    assert_eq!(verdict("2016-12-15 16:03:42      Execution finished."), Some(ScriptEnd::Finished));
    assert_eq!(verdict("2016-12-15 16:03:42 0084 Execution Failed"), None);
    assert_eq!(verdict("2016-12-15 16:03:42 0084      Execution Failed"), None);
    assert_eq!(verdict("Execution Failed"), None);
}

#[test]
fn finished_after_failed_is_a_failure() {
    let failed = "2016-12-15 16:03:42      Execution Failed";
    let finished = "2016-12-15 16:03:42      Execution finished.";
    assert_eq!(verdict([failed, finished].into_iter()), Some(ScriptEnd::Failed));
    assert_eq!(verdict([finished].into_iter()), Some(ScriptEnd::Finished));
    assert_eq!(verdict(["2016-12-15 16:03:42      Connected."].into_iter()), None);
}

#[test]
fn the_name_gives_the_app_and_the_start_in_utc() {
    let name = "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a.2016_12_15_16_03_42.ECD010F8AE5847FFC93B.log";
    let read = Name::new(name).unwrap();
    assert_eq!(read.app_id, "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a");
    assert_eq!(read.started.to_string(), "2016-12-15T16:03:42Z");
    for odd in ["", "x.log", "x.2016_12_15_16_03_42.ECD010F8AE5847FFC93B.log", &name[..60]] {
        assert_eq!(Name::new(odd), None, "{odd}");
    }
    assert_eq!(Name::new(&name.replace("_12_15", "_13_45")), None);
}

#[test]
fn the_header_gives_the_user_and_the_start() {
    let zone = TimeZone::get("Europe/Lisbon").unwrap();
    let head = "\u{feff}2016-07-15 15:54:52      Execution started.\r\n\
        2016-07-15 15:54:52      Reload Executed By            UserDirectory=INTERNAL; UserId=sa_scheduler\r\n\
        2016-07-15 15:54:52 0002 TRACE x\r\n\
        2016-07-15 15:54:53      Execution started.\r\n";
    let header = Header::new(head, &zone);
    assert_eq!(header.started.unwrap().at.to_string(), "2016-07-15T14:54:52Z");
    assert_eq!(header.executed_by.as_deref(), Some(r"INTERNAL\sa_scheduler"));
}

#[test]
fn a_personal_reload_keeps_the_user_as_written() {
    let head = "2016-07-15 15:54:52      Reload Executed By            Personal\\Me";
    let header = Header::new(head, &TimeZone::UTC);
    assert_eq!(header.executed_by.as_deref(), Some(r"Personal\Me"));
    assert_eq!(Header::new("", &TimeZone::UTC), Header::default());
}

/// What a line is, as one regex says it.
fn by_regex(line: &str) -> Line<'_> {
    let stamp = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{8}T[0-9]{6}\.[0-9]{3}[+-][0-9]{4}";
    let regex = format!(r"(?s)^(?:  )*({stamp}) (?:([0-9]{{4,}}) (.*)|     (.*))$");
    let Some(parts) = regex::Regex::new(&regex).unwrap().captures(line) else {
        return Line::Other(line);
    };
    let part = |group| parts.get(group).map_or("", |found| found.as_str());
    match part(2).parse() {
        Ok(number) => Line::Statement { stamp: part(1), number, text: part(3) },
        Err(_) if parts.get(4).is_some() => Line::Engine { stamp: part(1), text: part(4) },
        Err(_) => Line::Other(line),
    }
}

proptest::proptest! {
    #[test]
    fn a_line_is_what_the_regex_of_its_two_forms_says(
        indent in " {0,5}",
        stamp in proptest::prop_oneof![
            "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
            "[0-9]{8}T[0-9]{6}\\.[0-9]{3}[+-][0-9]{4}",
            "[0-9]{7}T[0-9]{6}\\.[0-9]{3}[+-]?[0-9]{4}",
            "[0-9-]{10} [0-9:]{8}",
        ],
        blanks in " {0,7}",
        number in "[0-9]{0,12}",
        text in " ?[a-z é\u{feff}\n\t0-9]{0,12}",
    ) {
        let line = format!("{indent}{stamp}{blanks}{number}{text}");
        let line = line.trim_end_matches(['\r', '\n']);
        proptest::prop_assert_eq!(Line::new(line), by_regex(line));
    }
}

#[test]
fn the_run_is_the_beginning_of_the_name() {
    const APP: &str = "3f8e2c1a-0b7d-4e59-9c66-5a1d2e3f4b5c";
    let run = format!("{APP}.2026_11_23_06_00_00.0123456789ABCDEF0123");
    for rest in [".log", "_copy.log", " - Copy.log", ""] {
        assert_eq!(run_of(&format!("{run}{rest}")), Some(&*run));
        assert_eq!(run_of(&format!("{APP}{rest}")), Some(APP));
    }
    assert_eq!(run_of(&format!("{APP}.2026_11_23.log")), Some(APP));
    for before in ["Copy of ", "Kopie von é"] {
        assert_eq!(run_of(&format!("{before}{run}.log")), Some(&*run));
        assert_eq!(Name::of_any(&format!("{before}{run}.log")).unwrap().app_id, APP);
        assert_eq!(Name::new(&format!("{before}{run}.log")), None);
    }
    assert_eq!(Name::of_any(&format!("{run} - Copy.log")), Name::new(&format!("{run}.log")));
    assert_eq!(Name::of_any(&format!("{APP}.log")), None);
    for other in ["", "copy.log", &APP[1..], &format!("{}é", &APP[1..])] {
        assert_eq!(run_of(other), None, "{other}");
    }
}
