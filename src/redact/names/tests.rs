//! What a name is one of, held against the lists one word after the other.

use proptest::prelude::*;

use super::*;

/// The same question, answered by a walk over every list.
fn class_by_walk(word: &str) -> Option<Class> {
    if has(words::NEVER, word) || is_compound_about_by_walk(word) {
        return None;
    }
    if words::HEADERS.contains(&word) {
        return Some(Class::Header);
    }
    if words::COOKIES.contains(&word) {
        return Some(Class::Cookie);
    }
    let is_inside = words::INSIDE.iter().any(|inside| word.contains(inside));
    if is_inside || is_one_by_walk(words::WHOLE, word) || ends_so(word) {
        return Some(Class::Strong);
    }
    if is_one_by_walk(words::PINS, word) {
        return Some(Class::Pin);
    }
    (is_one_by_walk(words::WEAK, word) || word.ends_with("token")).then_some(Class::Weak)
}

fn is_compound_about_by_walk(word: &str) -> bool {
    words::INSIDE.iter().any(|inside| {
        word.split_once(inside).is_some_and(|(_, rest)| {
            let rest =
                rest.strip_prefix("ort").or_else(|| rest.strip_prefix("ord")).unwrap_or(rest);
            let joined = rest.trim_start_matches(['s', '-']);
            words::ABOUT_ENDINGS
                .iter()
                .any(|about| rest.starts_with(about) || joined.starts_with(about))
        })
    })
}

fn is_one_by_walk(list: &[&str], word: &str) -> bool {
    let behind = |before: &&str| {
        word.strip_prefix(*before).is_some_and(|rest| {
            let is_long = before.len() > 1 || rest.len() > 3 || rest == "pw" || rest == "pwd";
            list.contains(&rest) && is_long
        })
    };
    list.contains(&word) || words::BEFORE.iter().any(behind)
}

fn all_words() -> Vec<&'static str> {
    let lists = [
        words::INSIDE,
        words::WHOLE,
        words::WEAK,
        words::PINS,
        words::HEADERS,
        words::COOKIES,
        words::BEFORE,
        words::ABOUT_ENDINGS,
        &["", "x", "ort", "s", "é"],
    ];
    let split = [words::ABOUT, words::ABOUT_BEFORE, words::NEVER]
        .into_iter()
        .flat_map(|list| list.split(' '));
    lists.into_iter().flatten().copied().chain(split).collect()
}

#[test]
fn every_word_of_the_lists_is_what_a_walk_over_them_says() {
    for word in all_words() {
        assert_eq!(class(word), class_by_walk(word), "{word}");
        let is_in = |list: &[&str]| list.contains(&word);
        let listed = [words::WHOLE, words::WEAK, words::PINS, words::HEADERS, words::COOKIES];
        assert_eq!(is_listed(word), listed.into_iter().any(is_in), "{word}");
        assert_eq!(SETS.about.contains(word), has(words::ABOUT, word), "{word}");
        assert_eq!(SETS.about_before.contains(word), has(words::ABOUT_BEFORE, word), "{word}");
    }
}

proptest! {
    #[test]
    fn joined_words_are_what_a_walk_over_the_lists_says(
        words in prop::collection::vec(prop::sample::select(all_words()), 1..4),
    ) {
        let word = words.concat();
        prop_assert_eq!(class(&word), class_by_walk(&word), "{}", word);
    }
}
