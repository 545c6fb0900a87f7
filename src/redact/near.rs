//! Pure. Selects where the regexes of secrets are tried: near the sign that each of them needs.
//! Trying each of them on every whole text would take most of the time.

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

use crate::redact::{random, values};

/// The sign that a regex needs in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Near {
    /// This sign, in lower case. All that the regex matches is in one word.
    Word(&'static str),
    /// This sign, in lower case. The regex is tried on the whole text.
    Text(&'static str),
    /// A slash after a name that may be a user's. What it matches may be the path of a file.
    Logon,
    /// A word as long as a token of three parts between dots.
    Dotted,
    /// Four colons in one word.
    Colons,
}

impl Near {
    pub(crate) fn sign(self) -> Option<&'static str> {
        match self {
            Self::Word(sign) | Self::Text(sign) => Some(sign),
            Self::Logon | Self::Dotted | Self::Colons => None,
        }
    }
}

/// No regex for one word matches less.
const SHORTEST_TOKEN: usize = 9;
/// No regex for a token of three parts matches less.
const DOTTED: usize = 56;

/// The place of the word around `at`, if it is long enough for a token.
pub(crate) fn token(text: &str, at: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = bytes[..at].iter().rposition(u8::is_ascii_whitespace).map_or(0, |found| found + 1);
    let len = bytes[at..].iter().position(u8::is_ascii_whitespace);
    let end = len.map_or(bytes.len(), |len| at + len);
    (end - start >= SHORTEST_TOKEN).then_some(start..end)
}

pub(crate) fn has_dotted(text: &str) -> bool {
    random::has_run(text, DOTTED, |byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

pub(crate) fn has_colons(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut found = [None; 4];
    memchr_iter(b':', bytes).any(|at| {
        found.rotate_left(1);
        found[3] = Some(at);
        found[0].is_some_and(|first: usize| !bytes[first..at].iter().any(u8::is_ascii_whitespace))
    })
}

/// The lines that may contain a user and a password, separated by a slash. Each is returned with
/// the lines before it, from the one that may end with the tool.
pub(crate) fn logons(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for slash in memchr_iter(b'/', text.as_bytes()).filter(|slash| is_after_user(text, *slash)) {
        let done = all.last().map_or(0, |last| last.end);
        if slash < done {
            continue;
        }
        if all.is_empty() && !may_have_logon(text) {
            break;
        }
        let start = tool_line(text, values::whole_line_start(text, slash), done);
        let end = values::whole_line_end(text, slash);
        match all.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => all.push(start..end),
        }
    }
    all
}

/// The start of the line that may end with a tool, before a line that starts at `at`; not before
/// `done`. Between them are only options and empty lines.
fn tool_line(text: &str, at: usize, done: usize) -> usize {
    let mut at = at;
    while at > done {
        let start = memrchr(b'\n', &text.as_bytes()[..at - 1]).map_or(0, |end| end + 1);
        let line = text[start..at].trim();
        at = start;
        let is_option = line.split_whitespace().all(|word| {
            let is = |other: &str| word.eq_ignore_ascii_case(other);
            word.starts_with('-') || is("target") || is("as")
        });
        if !is_option {
            break;
        }
    }
    at
}

/// Whether the name directly before a slash may be a user's: it begins with a letter, after a
/// quotation mark, a blank or another separator. Nearly all slashes belong to paths and dates.
fn is_after_user(text: &str, slash: usize) -> bool {
    let before = &text[..slash];
    // Where case does not count, these two are letters of ASCII.
    let is_letter = |c: char| c.is_ascii_alphabetic() || ['ſ', '\u{212a}'].contains(&c);
    let is_part = |c: char| is_letter(c) || c.is_ascii_digit() || "_$#.".contains(c);
    let start = before.trim_end_matches(is_part).len();
    let is_separated = !before[..start].ends_with(['/', '\\', '-', '@', '%', '?', '&']);
    before.ends_with(']') || is_separated && before[start..].starts_with(is_letter)
}

/// Whether anything in the text belongs to a logon; `SQL I/O` and `n/a` do not.
pub(crate) fn may_have_logon(text: &str) -> bool {
    const TOOLS: [&str; 14] = [
        "sqlplus", "sqlcl", "userid", "conn", "imp", "exp", "rman", "sqlldr", "log on", "logon",
        "dblink", "orapwd", "thin:", "oci:",
    ];
    let lower = text.to_ascii_lowercase();
    text.contains('@') || TOOLS.iter().any(|tool| lower.contains(tool))
}
