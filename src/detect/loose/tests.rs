use proptest::prelude::*;
use regex::bytes;

use super::*;
use crate::qlik::service_log::{Layout, Record};

fn searched(regex: &str) -> Option<bytes::Regex> {
    let hir = loosened(regex)?;
    Some(bytes::RegexBuilder::new(&hir.to_string()).unicode(false).build().unwrap())
}

#[test]
fn what_matches_in_nearly_every_line_has_no_loose_form() {
    for regex in [r"\d+", ".", "^$", "", "[a-z]{2}", "(abc|.)", "(abcd)?"] {
        assert!(loosened(regex).is_none(), "{regex}");
    }
    for regex in [r"^\d{3}$", "[a-z]+-[0-9]{2}", r"\b(x|y)[0-9]{2}\b"] {
        assert!(loosened(regex).is_some(), "{regex}");
    }
}

fn regex() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a", "\"", "é", "[a-c]", "[\"b]", "[^a]", ".", r"\d", r"\w", r"\b", "^", "$", r"\s",
        "(?i)k", "(a|\"b)", "[é-ü]", "\u{fffd}", "(?s).",
    ]);
    let part = (part, prop::sample::select(vec!["", "", "*", "+", "?", "{2}", "{1,3}"]));
    let part = part.prop_map(|(part, times)| format!("(?:{part}){times}"));
    prop::collection::vec(part, 1..6).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn what_matches_in_a_cell_matches_loosely_in_its_row(
        regex in regex(),
        cell in prop::collection::vec(prop::sample::select(vec!["a", "b", "\"", "é", "ü", "K", "\u{212a}", "1", " ", "\n", "\u{1}"]), 0..8),
        is_quoted in any::<bool>(),
    ) {
        let Some(loose) = searched(&regex) else { return Ok(()) };
        let cell = cell.concat();
        let written = if is_quoted { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell };
        // Half of a character is read as a replacement.
        let row: Vec<u8> = format!("1\t{written}\n").bytes().map(|byte| if byte == 1 { 0xc3 } else { byte }).collect();
        let text = String::from_utf8_lossy(&row);
        let layout = Layout::unknown();
        let record = Record::new(&layout, &text);
        let exact = regex::Regex::new(&regex).unwrap();
        let texts = record.cells().chain([record.text()]);
        if texts.into_iter().any(|text| exact.is_match(text)) {
            prop_assert!(loose.is_match(&row), "{regex} in {row:?}");
        }
    }
}
