use super::*;

// All lines here are synthetic.
fn shown(line: &str) -> String {
    let record = LineRecord::new(line);
    let names = ["Timestamp", "Level", "Hostname", "Logger", "Message", "Exception"];
    let part = |name: &&str| Some(format!("{name}={}", record.get(name)?));
    names.iter().filter_map(part).collect::<Vec<_>>().join(" | ")
}

#[test]
fn json_is_read_whatever_it_calls_its_parts() {
    assert_eq!(
        shown(r#"{"severity":"error","time":"2026-11-23T06:13:52.304Z","message":"gone"}"#),
        "Timestamp=2026-11-23T06:13:52.304Z | Level=error | Message=gone"
    );
    assert_eq!(
        shown(
            r#"{"name":"hub","hostname":"node1","level":50,"msg":"gone","err":{"code":"ECONNREFUSED","message":"connect"}}"#
        ),
        "Level=ERROR | Hostname=node1 | Logger=hub | Message=gone | Exception=ECONNREFUSED: connect"
    );
    assert_eq!(
        shown(r#"{"timestamp":"2026-11-23T06:13:52Z","logseverity":"WARN","message":"x"}"#),
        "Timestamp=2026-11-23T06:13:52Z | Level=WARN | Message=x"
    );
}

#[test]
fn plain_lines_are_read_with_and_without_stamp_and_level() {
    for (line, wanted) in [
        (
            "2026-11-23T06:13:52.304Z - error: gone",
            "Timestamp=2026-11-23T06:13:52.304Z | Level=error | Message=gone",
        ),
        (
            "[2026-11-23 06:13:52,304] [hub] WARN gone\r\n",
            "Timestamp=2026-11-23 06:13:52,304 | Level=WARN | Message=gone",
        ),
        (
            "20261123T061352.304+0100\tERROR\tgone\tfor good",
            "Timestamp=20261123T061352.304+0100 | Level=ERROR | Message=gone\tfor good",
        ),
        ("error: gone", "Level=error | Message=gone"),
        ("errors: 0", "Message=errors: 0"),
        ("no stamp and no level", "Message=no stamp and no level"),
        ("{not json", "Message={not json"),
        ("", "Message="),
    ] {
        assert_eq!(shown(line), wanted);
    }
}

proptest::proptest! {
    #[test]
    fn nothing_breaks_the_reading(line in ".*") {
        let record = LineRecord::new(&line);
        let is_json = line.contains('{');
        proptest::prop_assert!(is_json || record.get("Message").is_some());
    }
}
