use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::redact::redact;

/// What the regexes would hide if each was tried on the whole text.
fn everywhere(text: &str) -> Vec<(usize, usize)> {
    let mut spans = Spans::default();
    let is_tried = |near: Near| near != Near::Logon || near::may_have_logon(text);
    let all = FINDER.regexes.iter().enumerate();
    for (number, _) in all.filter(|(_, (near, _))| is_tried(*near)) {
        regex(&FINDER, text, number, 0..text.len(), &mut 0, &mut spans);
    }
    spans.joined()
}

/// Parts of texts with secrets, and what is between them.
const PARTS: &[&str] = &[
    "sqlplus",
    "conn",
    "exp",
    "userid=",
    "thin:",
    "log on with",
    "as",
    "-S",
    "-L -x",
    "scott/tiger",
    "\"a_b/p w\"",
    "ſcott/t1ger@db",
    "'u/pw@host'",
    "2026/11/24",
    "lib://Data/x.qvd",
    "XUserId is",
    "password\nis",
    "pwd is\t",
    "DKFabcDEF12",
    "identified by",
    "password 7",
    "0f1e2d3c",
    "00Dabcdefghi123!abcdef",
    "eyJhbGciOiJ9.abc.def",
    "00abcdefghijklmnopqrstuvwxyz0123456789abcdA",
    "host:1521:db:me:geheim",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAx.ABCDEF.abcdefghijklmnopqrstuvwxyz12345",
    "{SHA}abcdefgh",
    "$2a$10$abcdefghijkl",
    "otpauth://totp/x?secret=ABCDEF",
    "123456789:AAabcdefghijklmnopqrstuvwxyz0123456",
    "ä",
];
const BETWEEN: &[&str] =
    &[" ", "\n", "\n\n", "\t", " -s ", "\n-a\n\n-b\n", ":", "", "\u{a0}", "\"", "\n\n\n\n\n"];

proptest! {
    #[test]
    fn what_a_regex_would_hide_anywhere_is_hidden_where_it_is_tried(
        text in prop::collection::vec((select(PARTS), select(BETWEEN)), 1..12)
    ) {
        let text: String = text.into_iter().flat_map(|(part, between)| [part, between]).collect();
        let found = find(&text);
        for (start, end) in everywhere(&text) {
            let is_hidden = found.iter().any(|(from, to)| *from <= start && end <= *to);
            prop_assert!(is_hidden, "{:?} of {text:?} is shown: {:?}", &text[start..end], redact(&text));
        }
    }
}

#[test]
fn a_logon_may_be_many_lines_after_its_tool() {
    for text in ["sqlplus\n\n\n\nscott/tiger", "sqlplus -s -m\n-a\n-b\n-c\n-d\nscott/tiger"] {
        assert!(!redact(text).contains("tiger"), "{}", redact(text));
    }
}

/// Lines as a script log of up to 1 MiB repeats them.
#[test]
fn a_long_log_that_names_no_secret_is_kept() {
    let stamp = "20261129T141823.123+0000      ";
    for lines in [
        "0030 TRACE step 17 done\n",
        "0031 LOAD a, b\n20261129T141823.123+0000      0032 FROM [lib://Data/s00001.qvd] (qvd)\n",
        "0031 FROM [https://dwh.example.com/api/v1/sales?month=7] (html)\n",
    ] {
        let text = format!("{stamp}     Error: The cause\n");
        let lines = format!("{stamp}{lines}");
        let text = text + &lines.repeat((1 << 20) / lines.len());
        assert!(redact(&text) == text, "{lines}");
    }
}
