//! Pure. Labels of tables: `Passwords: LOAD …` names a table, not a secret.

use crate::redact::names::has;

/// Prefixes of a `LOAD` or a `SELECT`, which may have arguments in parentheses or a number.
const PREFIXES: &str = " add buffer concatenate crosstable first generic hierarchy hierarchybelongsto inner intervalmatch \
    join keep left mapping merge no noconcatenate only outer partial replace right sample semantic unless when ";

/// Verbs of SQL behind `SQL`.
const VERBS: &str = " begin call declare exec execute insert select show with ";

/// What a statement has behind its verb, so that `load the file` is none.
const PARTS: [&str; 7] =
    [" from ", " resident ", " inline", " autogenerate ", " as ", " where ", ","];

/// How far a statement is read, in bytes.
const STATEMENT: usize = 2 * 1024;

/// Whether what follows a colon is a statement that loads a table.
pub(crate) fn begins_load(text: &str) -> bool {
    let stop = text.floor_char_boundary(STATEMENT);
    let statement = text[..stop].split(';').next().unwrap_or_default();
    let mut rest = statement.trim_start();
    while !rest.is_empty() {
        let len = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let word = rest[..len].to_ascii_lowercase();
        let behind = &rest[len..];
        // `LOAD123` is a word of its own.
        let ends = behind.starts_with(|c: char| c.is_ascii_whitespace() || "(*[\"".contains(c));
        match word.as_str() {
            _ if !ends => return false,
            "load" | "select" => return has_parts(behind),
            "sql" => return is_sql(behind),
            prefix if has(PREFIXES, prefix) => rest = behind_arguments(behind),
            _ => return false,
        }
    }
    false
}

/// The text after the parentheses or the number behind a prefix.
fn behind_arguments(text: &str) -> &str {
    let text = text.trim_start();
    let text = match text.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
        Some((_, behind)) => behind,
        None => text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'),
    };
    text.trim_start()
}

fn is_sql(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.starts_with("{call") || word == "/*" || has(VERBS, &word.to_ascii_lowercase())
}

fn has_parts(text: &str) -> bool {
    if text.trim_start().starts_with('*') {
        return true;
    }
    let mut line = String::from(" ");
    for word in text.split_whitespace() {
        line.extend([word, " "]);
    }
    line.make_ascii_lowercase();
    PARTS.iter().any(|part| line.contains(part))
}
