//! Pure. The prefixes of a statement: the words before its `LOAD`, `SELECT` or other first word.

use std::sync::LazyLock;

use crate::qlik::script_log::failure::statement::{SINGLE, WordSet, first_word};

/// First words of prefixes.
static PREFIXES: WordSet = LazyLock::new(|| {
    "add buffer bundle concatenate crosstable first generic hierarchy hierarchybelongsto \
        inner intervalmatch join keep left mapping merge noconcatenate outer partial replace \
        right sample semantic unless when"
        .split_whitespace()
        .collect()
});

/// The text after the prefixes of a `LOAD` or `SELECT`, and whether there are any.
pub(crate) fn after_prefixes(text: &str) -> (&str, bool) {
    let mut rest = text.trim_start();
    let mut any = false;
    while let Some(after) = after_prefix(rest) {
        (rest, any) = (after.trim_start(), true);
    }
    (rest, any)
}

fn after_prefix(text: &str) -> Option<&str> {
    let word = first_word(text);
    if !PREFIXES.contains(word.as_str()) {
        return None;
    }
    let rest = text.get(word.len()..)?.trim_start();
    let next = first_word(rest);
    match word.as_str() {
        "inner" | "left" | "right" | "outer" => {
            let is_one = ["join", "keep"].contains(&next.as_str()) || rest.is_empty();
            is_one.then(|| after_group(&rest[next.len()..]))
        }
        "join" | "keep" | "concatenate" | "crosstable" | "intervalmatch" | "hierarchy"
        | "hierarchybelongsto" | "semantic" => Some(after_group(rest)),
        "buffer" if rest.is_empty() || rest.starts_with('(') || leads_on(&next) => {
            Some(after_group(rest))
        }
        "noconcatenate" | "mapping" | "generic" | "bundle" | "partial"
            if leads_on(&next) || rest.is_empty() =>
        {
            Some(rest)
        }
        "add" | "replace" | "merge" => match next.as_str() {
            "only" => Some(after_group(&rest[next.len()..])),
            "on" => Some(after_key(&rest[next.len()..])),
            _ if leads_on(&next) || rest.is_empty() => Some(rest),
            _ if word == "merge" && rest.starts_with('(') => Some(after_group(rest)),
            _ => None,
        },
        "first" | "sample" => {
            let number = rest
                .trim_start_matches(|c: char| c.is_ascii_digit() || ".()".contains(c) || c == ' ');
            let is_alone = number.is_empty() && rest.bytes().any(|byte| byte.is_ascii_digit());
            (is_alone || leads_on(&first_word(number))).then_some(number)
        }
        "when" | "unless" => {
            let at = rest.to_ascii_lowercase().rfind(" load").or_else(|| condition_end(rest));
            Some(at.map_or("", |at| &rest[at..]))
        }
        _ => None,
    }
}

/// Words that may follow a prefix.
fn leads_on(word: &str) -> bool {
    PREFIXES.contains(word) || ["load", "select", "sql"].contains(&word)
}

/// Where the statement after `when` or `unless` begins.
fn condition_end(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    SINGLE
        .iter()
        .copied()
        .chain(["sql", "select"])
        .filter_map(|word| lower.find(&format!(" {word} ")))
        .min()
}

/// The text after `(…)`, if it begins with that.
fn after_group(text: &str) -> &str {
    behind_groups(text, 0).1
}

/// The text after the keys of `merge on a, b`.
pub(crate) fn after_key(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let at = [" load", " concatenate", " select", " sql"]
        .iter()
        .filter_map(|word| lower.find(word))
        .min();
    at.map_or("", |at| &text[at..])
}

/// How many parentheses are still open at the end, and the rest after them if none is.
pub(crate) fn behind_groups(text: &str, mut open: usize) -> (usize, &str) {
    let text = text.trim_start();
    if open == 0 && !text.starts_with('(') {
        return (0, text);
    }
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            _ => {}
        }
        if open == 0 {
            return (0, text[at + 1..].trim_start());
        }
    }
    (open, "")
}
