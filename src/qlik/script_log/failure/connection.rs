//! Pure. The name of the data connection that a script opened last, without its credentials.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::qlik::script_log::Line;
use crate::qlik::script_log::failure::statement;
use crate::redact::REDACTED;

/// `LIB CONNECT TO` and its older forms, with the rest of the statement.
static CONNECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)^\s*(?:(lib|odbc|oledb|custom)\s+)?connect(?:32|64)?\s+to\b\s*(.*)$")
        .expect("the pattern is fixed")
});
static DISCONNECT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^\s*disconnect\b").expect("the pattern is fixed"));
/// First words of statements that open or close a connection.
const FIRST: [&str; 8] =
    ["lib", "odbc", "oledb", "custom", "connect", "connect32", "connect64", "disconnect"];
/// Members of a connection string that contain only a name.
const NAMES: [&str; 2] = ["dsn", "provider"];
/// How many lines of a split statement are read to find the name.
const PARTS: usize = 3;
/// How many possible statements are tried.
const CANDIDATES: usize = 20;

/// The name of the last connection among these lines; `None` if it was closed again or its name
/// is unknown.
pub(crate) fn last(lines: &[Line<'_>]) -> Option<String> {
    let candidates = (0..lines.len()).rev().filter(|at| is_candidate(lines, *at));
    let at = candidates.take(CANDIDATES).find(|at| is_statement(lines, *at))?;
    let text = joined(&lines[at..]);
    let parts = CONNECT.captures(&text)?;
    let is_lib = parts.get(1).is_some_and(|kind| kind.as_str().eq_ignore_ascii_case("lib"));
    let (named, _) = unquoted(&parts[2]);
    let name = if is_lib { Some(named) } else { of_string(&named) }?;
    let name = name.trim();
    let is_known = !name.is_empty() && !name.contains("$(") && !name.contains(REDACTED);
    is_known.then(|| name.to_owned())
}

fn is_candidate(lines: &[Line<'_>], at: usize) -> bool {
    let Line::Statement { text, .. } = lines[at] else { return false };
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    if !FIRST.iter().any(|word| text[..end].eq_ignore_ascii_case(word)) {
        return false;
    }
    DISCONNECT.is_match(text) || CONNECT.is_match(&joined(&lines[at..]))
}

/// Whether a statement begins there, in contrast to the text of a message (which has the number
/// of its `TRACE`), an inline table or a comment.
fn is_statement(lines: &[Line<'_>], at: usize) -> bool {
    statement::start(&lines[..=at]) == Some(at) && !in_comment(lines, at)
}

fn in_comment(lines: &[Line<'_>], at: usize) -> bool {
    let edge = lines[..at].iter().rev().find_map(|line| match line {
        Line::Statement { text, .. } if text.contains("*/") => Some(false),
        Line::Statement { text, .. } if text.trim_start().starts_with("/*") => Some(true),
        _ => None,
    });
    edge.unwrap_or(false)
}

/// The first lines of a statement as one line, until the name is complete.
fn joined<'a>(lines: &[Line<'a>]) -> Cow<'a, str> {
    let parts = lines.iter().map_while(|line| match line {
        Line::Statement { text, .. } => Some(*text),
        Line::Engine { .. } | Line::Other(_) => None,
    });
    let mut text = Cow::Borrowed("");
    for part in parts.take(PARTS) {
        text = if text.is_empty() { part.into() } else { format!("{text} {part}").into() };
        if CONNECT.captures(&text).is_some_and(|found| unquoted(&found[2]).1) {
            break;
        }
    }
    text
}

/// The text between quotes or brackets, or the bare words; and whether it is complete.
fn unquoted(text: &str) -> (String, bool) {
    let text = text.trim_start();
    let close = match text.chars().next() {
        Some('[') => ']',
        Some(quote @ ('\'' | '"' | '`')) => quote,
        Some(_) => return bare(text),
        None => return (String::new(), false),
    };
    let mut name = String::new();
    let mut chars = text.chars().skip(1).peekable();
    while let Some(c) = chars.next() {
        if c == close && chars.next_if_eq(&close).is_none() {
            return (name, true);
        }
        name.push(c);
    }
    (name, false)
}

/// Words without quotes, up to a login in parentheses, a comment or the end.
fn bare(text: &str) -> (String, bool) {
    let ends = [";", "(", "//"].into_iter().filter_map(|end| text.find(end)).min();
    let end = if text.starts_with("$(") { text.len() } else { ends.unwrap_or(text.len()) };
    (text[..end].trim().to_owned(), true)
}

/// The name in a connection string; the string may contain credentials, so nothing else is taken.
fn of_string(text: &str) -> Option<String> {
    let mut members = text.split(';').map(str::trim);
    let first = members.next()?;
    if !first.contains('=') {
        return (!first.contains("://")).then(|| first.to_owned());
    }
    let value = |name: &str| {
        let mut pairs = text.split(';').filter_map(|member| member.split_once('='));
        let (_, value) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
        let value = value.trim().trim_matches(|c| ['"', '\'', '{', '}'].contains(&c));
        Some(value.to_owned()).filter(|value| !value.is_empty())
    };
    NAMES.into_iter().find_map(value)
}
