use proptest::prelude::*;

use super::*;
use crate::redact::{REDACTED, redact};

/// The view that is searched.
fn view(text: &str) -> String {
    let bare = TextView::without(text, &prefixes(text));
    TextView::without(&bare.text, &joints(&bare.text)).text.into_owned()
}

#[test]
fn stamps_and_numbers_are_left_out_of_several_lines() {
    for (text, expected) in [
        (
            "20261123T061301.000+0100      0020  LET v =\n20261123T061301.000+0100      0021    'x';",
            " LET v = 'x';",
        ),
        (
            "20261123T061301 0020 a\n20261123T061301 0021\n20261123T061301 0022 b;\n20261123T061301 0023 c\n20261123T061301     d\n20261123T061301 0024 e",
            " a b;\n c\n d\n e",
        ),
        (
            "20261123T061301 0020 Load * Inline [\n20261123T061301 0021 a\n20261123T061301 0022 ];\n20261123T061301 0023 a\n20261123T061301 0024 b",
            " Load * Inline [\n a\n ];\n a b",
        ),
        (
            "20261123T061301 0020 IF x\n20261123T061301 0021 let a;\n20261123T061301 0022 a & // b\n20261123T061301 0023 c",
            " IF x\n let a;\n a & // b\n c",
        ),
        ("cut BY\n20261123T061301 0021 x", "cut BY x"),
        (
            "20261123T061301 0020 T:\n20261123T061301 0021 // x\n20261123T061301 0022 b",
            " T:\n // x\n b",
        ),
        ("2026-11-23 06:13:01 0020 a\n2026-11-23T06:13:01,5Z b\n", " a\n b\n"),
        ("20261123T061301 \n20261123T061301+01:00 12345678\n", " \n 12345678\n"),
        ("20261123T061301 0012\nx", "\nx"),
        ("20261123T061301.000+0100 0020 one line", "20261123T061301.000+0100 0020 one line"),
        ("2026 11 23\n20261123 x\n20261123T06130x y", "2026 11 23\n20261123 x\n20261123T06130x y"),
    ] {
        assert_eq!(view(text), expected, "{text}");
    }
}

#[test]
fn joined_literals_are_one() {
    for (text, expected) in [
        ("'a=' & 'b' & ';c'", "'a=b;c'"),
        ("\"a\"+\"b\" || 'c'", "\"abc'"),
        ("'a' & ' & ' & 'b'", "'a & b'"),
        ("'a' &\n  'b'\n & 'c'", "'abc'"),
        ("\"a\" & _\n \"b\"", "\"ab\""),
        ("'a' & // b\n 'c'", "'ac'"),
        ("'a' & chr(39) & 'b' & Chr(39)", "'ab' & Chr(39)"),
        ("'a' & v & 'b'", "'a' & v & 'b'"),
        ("Replace(x, '&', '')", "Replace(x, '&', '')"),
        ("'a' && 'b' | 'c'", "'a' && 'b' | 'c'"),
        ("- \"a\"\n+ \"b\"", "- \"a\"\n+ \"b\""),
    ] {
        assert_eq!(view(text), expected, "{text}");
    }
}

#[test]
fn a_stamp_is_never_a_secret() {
    let log = |lines: &[&str]| {
        let line = |line: &&str| format!("20261123T061301.000+0100      {line}\n");
        lines.iter().map(line).collect::<String>()
    };
    for lines in [
        ["0020  ALTER USER q IDENTIFIED BY", "0021  Zq7-Marten9;"],
        ["0020  TRACE XPassword is", "0021  Zq7-Marten9;"],
        ["0020  TRACE password is", "Zq7-Marten9"],
        ["0020  LET vPassword =", "0021  'Zq7-Marten9';"],
    ] {
        let text = log(&lines);
        assert_eq!(redact(&text), text.replace("Zq7-Marten9", REDACTED));
    }
    let text = "password: 2026-11-23T06:13:01.000Z";
    assert_eq!(redact(text), text);
}

proptest! {
    #[test]
    fn what_is_found_in_a_view_is_mapped_to_the_same_text(
        parts in prop::collection::vec(prop::sample::select(vec![
            "'", "\"", " & ", "&", "+", "||", "\n", "20261123T061301.000+0100", " 0020 ", "chr(39)", "é", "a b", "_", "2026-11-23 06:13:01",
        ]), 0..20),
        from in 0_usize..40,
        len in 1_usize..40,
    ) {
        let text = parts.concat();
        let mut seen = String::new();
        let spans = search(&text, |view| {
            let start = view.floor_char_boundary(from);
            let end = view.floor_char_boundary(start + len);
            seen = view[start..end].to_owned();
            vec![(start, end)]
        });
        let without_blanks = |text: &str| text.replace(char::is_whitespace, "");
        let mapped: String = spans.iter().map(|(start, end)| &text[*start..*end]).collect();
        prop_assert_eq!(without_blanks(&mapped), without_blanks(&seen));
    }
}
