//! What must not grow: long files and functions, shared names, replaced words.

use std::collections::BTreeMap;
use std::fs;

use crate::architecture::{assert_none, files, is_comment, is_test, parts_of, root};

/// Private words of earlier versions, each replaced by the usual word of the field. No name may
/// use them again.
const REPLACED: [&str; 22] = [
    "bell", "contest", "courier", "crowd", "eye", "felt", "flying", "heard", "hire", "homeless",
    "hurry", "insist", "lane", "mailbag", "mend", "nameless", "owed", "postman", "ringer", "told",
    "unseated", "whisper",
];

/// Phrases that plain English replaced in code, documents, patterns and templates.
const REPLACED_PHRASES: [&str; 10] = [
    "goes on with",
    "is told",
    "look whether",
    "looks into",
    "make-believe",
    "no length of time",
    "so it is with",
    "stands there",
    "told twice",
    "whatever stands",
];

/// Files with more lines than this are counted; see [`MOST_LONG_FILES`].
const LONG_FILE: usize = 400;
/// Functions with more lines than this are counted; see [`MOST_LONG_FUNCTIONS`].
const LONG_FUNCTION: usize = 40;

// A ratchet: these figures are those of the day. Lower them when you split a file or a function or
// rename a type; never raise them.
const MOST_LONG_FILES: usize = 29;
const MOST_LONG_FUNCTIONS: usize = 103;
const MOST_REPEATED_TYPES: usize = 0;

/// The source files of the product, without tests.
fn sources() -> Vec<(String, String)> {
    let mut sources = files("src", ".rs");
    sources.retain(|(file, _)| !is_test(file) && !file.ends_with("_tests.rs"));
    sources
}

/// Fails if there are more than `most`, and says what to do.
fn assert_at_most(most: usize, what: &str, remedy: &str, found: &[String]) {
    assert!(
        found.len() <= most,
        "{} {what}, but only {most} are allowed: {remedy}\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn no_more_files_are_long() {
    let long = |(file, text): (String, String)| {
        let n_lines = text.lines().count();
        (n_lines > LONG_FILE).then(|| format!("{file}: {n_lines} lines"))
    };
    let long: Vec<String> = sources().into_iter().filter_map(long).collect();
    let what = format!("source files have more than {LONG_FILE} lines");
    let remedy = "move a part of the file that you extended into a file of its own";
    assert_at_most(MOST_LONG_FILES, &what, remedy, &long);
}

#[test]
fn no_more_functions_are_long() {
    let mut long = Vec::new();
    for (file, text) in sources() {
        let functions = functions(&text).into_iter().filter(|(.., lines)| *lines > LONG_FUNCTION);
        long.extend(
            functions.map(|(at, name, lines)| format!("{file}:{at} {name}: {lines} lines")),
        );
    }
    let what = format!("functions have more than {LONG_FUNCTION} lines");
    let remedy = "move a part of the function that you extended into a function of its own";
    assert_at_most(MOST_LONG_FUNCTIONS, &what, remedy, &long);
}

/// The functions of a file as rustfmt lays it out: line, name, number of lines. The end of a function
/// is the brace with the indentation of its `fn`.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut functions = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_end = |line: &&str| line.strip_prefix(indent) == Some("}");
        let has_body = lines[at..].iter().find(|line| line.ends_with(['{', '}', ';']));
        let has_body = has_body.is_some_and(|line| line.ends_with('{'));
        if let Some(n_more) = lines[at..].iter().position(is_end).filter(|_| has_body) {
            functions.push((at + 1, name.to_owned(), n_more + 1));
        }
    }
    functions
}

/// The name of the function that begins in this line.
fn function_name(line: &str) -> Option<&str> {
    let (before, name) = line.trim_start().split_once("fn ")?;
    let qualifiers = ["pub", "pub(crate)", "const", "async", "unsafe", "extern", "\"system\""];
    let is_function = before.split_whitespace().all(|word| qualifiers.contains(&word));
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (is_function && end > 0).then(|| &name[..end])
}

#[test]
fn no_more_types_share_a_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            if let Some(name) = type_name(line) {
                places.entry(name.to_owned()).or_default().push(format!("{file}:{}", number + 1));
            }
        }
    }
    // Errors and arguments are named by their module, as usual.
    places.retain(|name, _| name != "Error" && name != "Args");
    let mut repeated = Vec::new();
    for (name, places) in &mut places {
        // A platform has its own form of the same type.
        places.retain(|place| !place.contains("windows") && !place.contains("unsupported"));
        let others = places.iter().skip(1).map(|place| format!("{name}: {place}, {}", places[0]));
        repeated.extend(others);
    }
    let remedy = "give the new type a name that no other type has";
    assert_at_most(MOST_REPEATED_TYPES, "types repeat the name of another", remedy, &repeated);
}

/// The name of the type that begins in this line.
fn type_name(line: &str) -> Option<&str> {
    let is_associated = line.starts_with(' ') && line.contains("type ");
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").or(line.strip_prefix("pub(crate) ")).unwrap_or(line);
    let kinds = ["struct ", "enum ", "trait ", "union ", "type "];
    let name = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
    let is_type = name.starts_with(|c: char| c.is_uppercase()) && !is_associated;
    is_type.then(|| &name[..end])
}

#[test]
fn no_name_uses_a_word_that_was_replaced() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            // Texts between quotes are no names of the code.
            let code: String = line.split('"').step_by(2).collect();
            let names = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            let replaced = names.filter(|name| {
                let parts = parts_of(name);
                REPLACED.iter().any(|word| parts.iter().any(|part| part == word))
            });
            wrong.extend(replaced.map(|name| format!("{file}:{} {name}", number + 1)));
        }
    }
    assert_none(&format!("use the usual word instead of one of {REPLACED:?}"), &wrong);
}

#[test]
fn no_text_uses_a_phrase_that_was_replaced() {
    let read = |file: &str| (file.to_owned(), fs::read_to_string(root().join(file)).unwrap());
    let mut texts = ["README.md", "CHANGELOG.md", "packaging/footman.toml"].map(read).to_vec();
    for (folder, ending) in
        [("src", ".rs"), ("docs", ".md"), ("patterns", ".toml"), ("templates", ".json")]
    {
        texts.extend(files(folder, ending));
    }
    // The decisions are history.
    texts.retain(|(file, _)| !file.starts_with("docs/decisions/"));
    let mut wrong = Vec::new();
    for (file, text) in texts {
        for (number, line) in text.lines().enumerate() {
            let line = line.to_lowercase();
            for phrase in REPLACED_PHRASES.iter().filter(|phrase| line.contains(*phrase)) {
                wrong.push(format!("{file}:{}: {phrase}", number + 1));
            }
        }
    }
    assert_none("say it in plain English", &wrong);
}
