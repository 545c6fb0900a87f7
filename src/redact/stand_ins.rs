//! Pure. Placeholders, which are no secrets: `null`, `****`, `$(vPassword)`, `<hidden>`, `%PW%`.

use crate::redact::names::{self, has};
use crate::redact::values::{has_made_up, is_odd};
use crate::redact::{REDACTED, words};

/// Beginnings of what reads a secret from somewhere else, in lower case.
const SOURCES: [&str; 22] = [
    "os.environ",
    "process.env",
    "getpass",
    "getenv",
    "env(",
    "env[",
    "system.getenv",
    "environment.",
    "ref+",
    "vault:",
    "arn:aws:",
    "!vault",
    "!ref",
    "configuration[",
    "read-host",
    "get-credential",
    "input(",
    "osuser(",
    "getregistrystring",
    "environ(",
    "projects/",
    "secretref:",
];

/// Whether it is a placeholder.
pub(crate) fn is_stand_in(value: &str) -> bool {
    let value = value.trim();
    let value = value
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(value)
        .trim_matches(['[', ']']);
    let lower = value.to_lowercase();
    if is_nothing(value, &lower) || is_mask(value) {
        return true;
    }
    // A variable has a name; what is in its place here looks made up.
    let is_odd_name = value.is_ascii() && has_made_up(value) && !is_named_so(value);
    if is_odd_name && !value.contains(['.', '/', ' '])
        || value.starts_with("$(=") && value.contains('\'')
    {
        return false;
    }
    is_reference(value).unwrap_or_else(|| {
        SOURCES.iter().any(|source| lower.starts_with(source))
            || is_call(value) && !lower.starts_with("password(")
    })
}

/// `null`, `none`, `‹redacted›`.
fn is_nothing(value: &str, lower: &str) -> bool {
    value.is_empty()
        || has(words::STAND_INS, lower)
        || value.contains(REDACTED) && !is_odd(&value.replace(REDACTED, ""))
        || lower.contains("redacted")
}

/// `****`, `xxx`, `?`.
fn is_mask(value: &str) -> bool {
    value.chars().all(|c| "*•●.#-_?…x×X█ ".contains(c))
        && (value.chars().count() > 1 || value.starts_with(['*', '•', '?', '-', '_', '…']))
}

/// Whether what is between signs of a reference is one: `$(x)`, `${x}`, `<x>`, `%x%`, `:x`. Nothing if
/// there are no such signs.
fn is_reference(value: &str) -> Option<bool> {
    let between = |open: &str, close: &str| {
        value.starts_with(open) && value.ends_with(close) && value.len() > open.len() + close.len()
    };
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-.:[]' $\"".contains(c))
    };
    let pairs = [("$(", ")"), ("${", "}"), ("{{", "}}"), ("<%", "%>")];
    if pairs.iter().any(|(open, close)| between(open, close)) || value.starts_with("{{") {
        return Some(true);
    }
    let pairs = [("<", ">"), ("%", "%"), ("#{", "}"), ("__", "__")];
    if pairs.iter().any(|(open, close)| between(open, close)) {
        return Some(is_name(value.trim_matches(['<', '>', '%', '#', '{', '}', '_', '='])));
    }
    if between("{", "}") {
        return Some(value.len() < 4);
    }
    let name = value.strip_prefix(['$', ':', '@'])?;
    let is_plain = |c: char| c.is_alphabetic() || c == '_';
    let is_variable = name.len() > 2 && name.chars().all(is_plain);
    let is_known = name.starts_with("env:") || name.starts_with("Microsoft.KeyVault");
    Some(is_known || is_variable || name.is_empty())
}

/// `GetPassword()`, without a literal argument.
fn is_call(value: &str) -> bool {
    let name = value.find('(').map_or("", |at| &value[..at]);
    let is_name = name.len() > 2 && name.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
    is_name
        && (value.ends_with("()") || value.ends_with('('))
        && name.starts_with(char::is_alphabetic)
}

/// Whether it is a reference to what has the name of a secret or of a variable: `${DB2019_PWD}`.
fn is_named_so(value: &str) -> bool {
    let name = value.trim_matches(|c: char| !c.is_alphanumeric());
    let begin = name.as_bytes();
    let is_variable =
        begin.first() == Some(&b'v') && begin.get(1).is_some_and(u8::is_ascii_uppercase);
    is_variable || names::judge(name, None, false).is_some()
}
