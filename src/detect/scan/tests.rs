use proptest::prelude::*;

use super::*;

fn scanner(literals: &[&str]) -> Scanner {
    let set: Vec<Vec<u8>> = literals.iter().map(|one| one.as_bytes().to_vec()).collect();
    Scanner::new([Some(set.as_slice())].into_iter())
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
fn lines_that_were_searched_before_are_not_found_again() {
    assert_eq!(found(&scanner(&["bad"]), "bad one\nbad two\n", 8), ["bad two\n"]);
}

#[test]
fn a_literal_that_lies_across_the_beginning_of_the_new_bytes_is_found() {
    assert_eq!(
        found(&scanner(&["Execution Failed"]), "Execution Failed\n", 9),
        ["Execution Failed\n"]
    );
    assert_eq!(found(&scanner(&["abc"]), "abc and more", 3), Vec::<&str>::new());
}

#[test]
fn a_pattern_without_literal_makes_every_new_line_a_candidate() {
    let every = Scanner::new([None].into_iter());
    assert_eq!(found(&every, "a\n\nb\nc", 2), ["\n", "b\n", "c"]);
    assert_eq!(found(&Scanner::new([].into_iter()), "a\nb\n", 0), Vec::<&str>::new());
}

proptest! {
    #[test]
    fn candidates_are_exactly_the_lines_that_hold_a_literal(
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
