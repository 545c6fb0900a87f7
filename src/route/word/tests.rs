use proptest::prelude::*;

use super::*;

/// The result of the same glob as a case-insensitive regex.
fn by_regex(glob: &str, text: &str) -> bool {
    let letter = |c: char| match c {
        '*' => ".*".to_owned(),
        '?' => ".".to_owned(),
        other => regex::escape(&other.to_string()),
    };
    let body: String = glob.chars().map(letter).collect();
    let regex = RegexBuilder::new(&format!("(?s)^(?:{body})$")).case_insensitive(true).build();
    regex.unwrap().is_match(text)
}

proptest! {
       /// Earlier versions compiled words to regexes; the meaning is the same.
    #[test]
    fn a_glob_matches_like_a_case_insensitive_regex(
        glob in "[abAB*?ſsSkK\u{212a}ςσΣÄäßẞ\n]{0,8}",
        text in "[abABsSkK\u{212a}ſςσΣÄäßẞ\n]{0,8}",
    ) {
        let word = Word::compile(&glob).unwrap();
        prop_assert_eq!(word.matches(&text), by_regex(&glob, &text), "{:?} {:?}", glob, text);
    }
}

#[test]
fn a_glob_of_many_stars_takes_polynomial_time() {
    let word = Word::compile(&"*a".repeat(2000)).unwrap();
    assert!(!word.matches(&"a".repeat(1999)));
    assert!(word.matches(&"a".repeat(2000)));
}

#[test]
fn a_regex_that_takes_too_much_memory_is_refused() {
    let refused = Word::compile(r"/(\w{100}){100}/").unwrap_err();
    assert_eq!(refused, "it takes more than 512 KiB when it is built");
}
