use proptest::prelude::*;
use regex::Regex;

use super::*;
use crate::detect::literal::{Writing, required};

fn scanner(literals: &[&str]) -> Scanner {
    let set: Vec<Literal> = literals.iter().map(|one| Literal::exact(one.as_bytes())).collect();
    Scanner::new(vec![vec![set]], Writing::Verbatim)
}

/// The candidates with at least one suspected pattern.
fn suspected<'a>(scanner: &Scanner, text: &'a str, from: usize) -> Vec<(&'a str, Vec<usize>)> {
    let mut suspects = Suspects::default();
    let lines = found(scanner, text, from).into_iter().map(|line| {
        scanner.suspects(line.as_bytes(), &mut suspects);
        (line, suspects.numbers.clone())
    });
    lines.filter(|(_, numbers)| !numbers.is_empty()).collect()
}

fn found<'a>(scanner: &Scanner, text: &'a str, from: usize) -> Vec<&'a str> {
    scanner.candidates(text.as_bytes(), from).map(|line| &text[line]).collect()
}

#[test]
fn a_line_is_found_once_however_often_it_matches() {
    assert_eq!(
        found(&scanner(&["bad", "ugly"]), "good\nbad, bad, ugly\nbad", 0),
        ["bad, bad, ugly\n", "bad"]
    );
}

#[test]
fn lines_searched_before_are_not_found_again() {
    assert_eq!(found(&scanner(&["bad"]), "bad one\nbad two\n", 8), ["bad two\n"]);
}

#[test]
fn a_literal_across_the_start_of_the_new_bytes_is_found() {
    assert_eq!(
        found(&scanner(&["Execution Failed"]), "Execution Failed\n", 9),
        ["Execution Failed\n"]
    );
    assert_eq!(found(&scanner(&["abc"]), "abc and more", 3), Vec::<&str>::new());
}

#[test]
fn a_pattern_without_literal_makes_every_new_line_a_candidate() {
    let every = Scanner::new(vec![Vec::new()], Writing::Verbatim);
    assert_eq!(found(&every, "a\n\nb\nc", 2), ["\n", "b\n", "c"]);
    assert_eq!(
        found(&Scanner::new(Vec::new(), Writing::Verbatim), "a\nb\n", 0),
        Vec::<&str>::new()
    );
}

#[test]
fn letters_that_unicode_folds_to_k_and_s_are_found() {
    let scanner = Scanner::new(vec![required("(?i)disk is sick")], Writing::Verbatim);
    let text = "a DISK IS SICK\na di\u{17f}\u{212a} i\u{17f} \u{17f}ic\u{212a}\na disc\n";
    let found: Vec<_> = scanner.candidates(text.as_bytes(), 0).map(|line| &text[line]).collect();
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn literals_of_every_length_are_found_at_every_place() {
    for len in 3..70 {
        let letters = "abcdefghijklmnopqrstuvwxyz".chars().cycle();
        let literal: String = letters.step_by(7).take(len).collect();
        let scanner = scanner(&[&literal, "elsewhere"]);
        for before in 0..40 {
            for after in [0, 1, 9] {
                let text = format!("{}\n{}{literal}{}", ".", ".".repeat(before), ".".repeat(after));
                assert_eq!(found(&scanner, &text, 0).len(), 1, "{text}");
            }
        }
    }
}

#[test]
fn an_overlapping_earlier_literal_does_not_hide_a_new_one() {
    assert_eq!(found(&scanner(&["abc", "bcde"]), "xabcde", 4), ["xabcde"]);
}

#[test]
fn a_pattern_without_text_makes_only_lines_that_match_loosely_candidates() {
    let loose = crate::detect::loose::loosened("^[0-9]{3}-[a-z]$").unwrap();
    let scanner =
        Scanner::new(vec![Vec::new(), required("text")], Writing::Verbatim).with_loose(vec![loose]);
    let text = "1\tx\n2\ttext\n3\tx1234-ab\n\n4\t123\n-b\n123-c";
    assert_eq!(found(&scanner, text, 4), ["2\ttext\n", "3\tx1234-ab\n", "123-c"]);
    assert_eq!(
        suspected(&scanner, text, 4),
        [("2\ttext\n", vec![0, 1]), ("3\tx1234-ab\n", vec![0]), ("123-c", vec![0])]
    );
}

/// Words that both a pattern and a log may contain, so that they often match.
fn word() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "disk",
        "DISK",
        "di\u{17f}k",
        "dis\u{212a}",
        "Failed",
        "failed ",
        "K",
        "s",
        "\u{212a}",
        "\u{17f}",
        "Execution State",
        " Change to ",
        "ABORTING",
        "aborting",
        "x",
        "4",
        "\t",
        "ö",
        "Ö",
        "@`[{",
    ])
    .prop_map(str::to_owned)
}

fn pattern() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => word().prop_map(|word| regex::escape(&word)),
        1 => Just(r"\d+".to_owned()),
        1 => Just(".*".to_owned()),
        1 => word().prop_map(|word| format!("(?i:{})", regex::escape(&word))),
        1 => (word(), word()).prop_map(|(one, other)| {
            format!("({}|{})", regex::escape(&one), regex::escape(&other))
        }),
        1 => word().prop_map(|word| format!("(?:{})?", regex::escape(&word))),
    ];
    let text = prop::collection::vec(part, 1..4).prop_map(|parts| parts.concat());
    (prop::sample::select(vec!["", "(?i)"]), text)
        .prop_map(|(flags, text)| flags.to_owned() + &text)
}

/// Rows of which most contain `common`, and every hundredth `rare`.
fn rows(n: usize, common: &str, rare: &str) -> String {
    let row = |n| format!("{n}\t{}\n", if n % 100 == 0 { rare } else { common }.repeat(3));
    (0..n).map(row).collect()
}

#[test]
fn texts_that_every_line_contains_are_no_longer_searched_for() {
    let mut scanner = Scanner::new(vec![required("a common word .* lost")], Writing::Verbatim);
    let text = rows(4_000, "a common word ", "a common word is lost");
    assert_eq!(found(&scanner, &text, 0).len(), 4_000);
    assert_eq!(suspected(&scanner, &text, 0).len(), 40);
    scanner.learn(text.as_bytes(), 0, 3_960);
    assert_eq!(found(&scanner, &text, 0).len(), 40);
    // The frequencies are reversed in another part of the log.
    let text = rows(20_000, "all is lost ", "a common word is lost");
    for _ in 0..2 {
        scanner.learn(text.as_bytes(), 0, 19_800);
    }
    assert_eq!(found(&scanner, &text, 0).len(), 200);
}

#[test]
fn an_incomplete_line_is_searched_for_the_same_literals_until_its_end() {
    let mut scanner = Scanner::new(vec![required("a common word .* lost")], Writing::Verbatim);
    let text = rows(4_000, "a common word ", "a common word is lost") + "a common word that ";
    scanner.learn(text.as_bytes(), 0, 3_960);
    assert_eq!(found(&scanner, "a common word is", 0).len(), 1);
}

#[test]
fn a_pattern_is_suspected_only_if_each_of_its_sets_has_a_text_in_the_record() {
    let scanner = Scanner::new(
        vec![required("first .*(second|third)"), required("(?i)first thing"), Vec::new()],
        Writing::Verbatim,
    );
    let mut suspects = Suspects::default();
    let mut of = |line: &str| {
        scanner.suspects(line.as_bytes(), &mut suspects);
        suspects.numbers.clone()
    };
    assert_eq!(of("first of all"), [2]);
    assert_eq!(of("the third is the first "), [0, 2]);
    assert_eq!(of("FIRST THING"), [1, 2]);
    assert_eq!(of("FIR\u{17f}T THING"), [1, 2]);
}

proptest! {
    #[test]
    fn no_line_that_a_pattern_matches_is_missed(
        patterns in prop::collection::vec(pattern(), 1..6),
        lines in prop::collection::vec(prop::collection::vec(word(), 0..6), 0..20),
        from in 0_usize..200,
        learns in any::<bool>(),
    ) {
        let text: String = lines.iter().map(|words| words.concat() + "\n").collect();
        let mut scanner = Scanner::new(patterns.iter().map(|pattern| required(pattern)).collect(), Writing::Verbatim);
        let regexes: Vec<Regex> = patterns.iter().map(|one| Regex::new(one).unwrap()).collect();
        // The end of what was read before: a line's end.
        let from = text.as_bytes()[..from.min(text.len())]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        if learns {
            scanner.choose(text.as_bytes());
        }
        let candidates = suspected(&scanner, &text, from);
        let rest = &text[from..];
        for line in rest.split_inclusive('\n') {
            let bare = line.trim_end_matches('\n');
            for number in (0..regexes.len()).filter(|number| regexes[*number].is_match(bare)) {
                let is_suspected = |(found, numbers): &(&str, Vec<usize>)| {
                    *found == line && numbers.contains(&number)
                };
                prop_assert!(candidates.iter().any(is_suspected), "{line:?} by {patterns:?}");
            }
        }
    }

    #[test]
    fn candidates_are_exactly_the_lines_with_a_literal(
        lines in prop::collection::vec("[ab c]{0,12}", 0..20),
        literals in prop::collection::vec("[ab c]{3,5}", 1..5),
    ) {
        let text = lines.join("\n");
        let refs: Vec<&str> = literals.iter().map(String::as_str).collect();
        let plain: Vec<&str> = text
            .split_inclusive('\n')
            .filter(|line| refs.iter().any(|literal| line.contains(literal)))
            .collect();
        prop_assert_eq!(found(&scanner(&refs), &text, 0), plain);
    }
}
