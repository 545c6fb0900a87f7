//! Public functions have a caller: one that only tests call is dead code, or a test aid that
//! belongs to the tests.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The code of all Rust files below a folder except tests, with their paths.
fn code_below(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" && name != "target" {
                code_below(&path, found);
            }
        } else if path.extension().is_some_and(|end| end == "rs") && !name.ends_with("tests.rs") {
            let code = without_imports(&without_words(&fs::read_to_string(&path).unwrap()));
            found.push((path, code));
        }
    }
}

/// The code without comments and string contents.
fn without_words(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = word_length(rest, code.chars().next_back());
        if skipped == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            code.push(' ');
            rest = &rest[skipped..];
        }
    }
    code
}

/// The code without `use`, which names what it may not call.
fn without_imports(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut in_import = false;
    for line in code.split_inclusive('\n') {
        let words = line.trim_start();
        let words = words.strip_prefix("pub(crate) ").unwrap_or(words);
        let words = words.strip_prefix("pub ").unwrap_or(words);
        in_import |= words.starts_with("use ");
        if !in_import {
            kept.push_str(line);
        }
        in_import &= !line.contains(';');
    }
    kept
}

/// The length of the comment, string or character literal that begins here; 0 if none does.
fn word_length(rest: &str, before: Option<char>) -> usize {
    let until = |end: &str, from: usize| {
        rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len())
    };
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with('r') && !in_word {
        let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
        if rest[1 + hashes..].starts_with('"') {
            return until(&format!("\"{}", "#".repeat(hashes)), hashes + 2);
        }
    }
    if rest.starts_with('"') {
        return until_quote(rest, '"');
    }
    // Not a lifetime.
    let is_character =
        rest.starts_with("'\\") || rest.starts_with('\'') && rest.chars().nth(2) == Some('\'');
    if is_character { until_quote(rest, '\'') } else { 0 }
}

/// The length of a quoted text, with escapes.
fn until_quote(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The functions that are public outside the crate.
fn public_functions(code: &str) -> Vec<&str> {
    let name = |line: &'_ str| -> Option<usize> {
        let words = line.trim_start().strip_prefix("pub ")?;
        let kinds = ["const ", "async ", "unsafe "];
        let mut rest = words;
        while let Some(kind) = kinds.iter().find(|kind| rest.starts_with(**kind)) {
            rest = &rest[kind.len()..];
        }
        rest.strip_prefix("fn ").map(|name| line.len() - name.len())
    };
    let names = code.lines().filter_map(|line| name(line).map(|at| first_word(&line[at..])));
    names.collect()
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// Whether the code calls a function of this name or passes it on.
fn calls(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let whole = !before.ends_with(is_part) && !after.starts_with(is_part);
        let is_value =
            before.trim_end().ends_with(['(', ',']) && after.trim_start().starts_with([')', ',']);
        let is_call = after.starts_with('(') || after.starts_with("::<");
        // Not the module of the same name.
        let is_path = before.ends_with("::") && !after.starts_with("::");
        whole && !before.ends_with("fn ") && (is_call || is_value || is_path)
    })
}

#[test]
fn a_public_function_has_a_caller_outside_the_tests() {
    let mut code = Vec::new();
    code_below(&root().join("src"), &mut code);
    let n_product = code.len();
    for folder in ["benches", "examples", "fuzz/targets"] {
        code_below(&root().join(folder), &mut code);
    }
    let mut uncalled: Vec<(&str, String)> = Vec::new();
    for (path, text) in &code[..n_product] {
        for name in public_functions(text) {
            if !code.iter().any(|(_, text)| calls(text, name)) {
                uncalled.push((name, path.strip_prefix(root()).unwrap().display().to_string()));
            }
        }
    }
    assert!(
        uncalled.is_empty(),
        "only tests call these; remove them, or move them beside the tests: {uncalled:#?}"
    );
}

#[test]
fn a_call_is_recognised_and_a_mention_is_not() {
    for code in ["x.name(1)", "room::name", ".map(name)", "name::<u8>()", ".zip(a, name)"] {
        assert!(calls(&without_words(code), "name"), "{code}");
    }
    for code in [
        "pub fn name() {}",
        "crate::name::other()",
        "use crate::name;",
        "pub(crate) use crate::{\n    other, name,\n};",
        "// name()",
        "\"name()\"",
        "r#\"name()\"#",
        "name: 3",
        "rename()",
        "x.name",
    ] {
        assert!(!calls(&without_imports(&without_words(code)), "name"), "{code}");
    }
    let quotes = without_words("let (a, b) = ('\"', \"x\\\"\"); fn f<'a>() { name() }");
    assert!(calls(&quotes, "name"), "{quotes}");
}
