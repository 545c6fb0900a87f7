//! Pure. Rewords the messages of parsers and operating systems for people who write files.

mod network;

pub use network::{NetworkFault, NetworkKind, causes};

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;
use toml::de::Error;

use crate::config::KeyForm;
use crate::config::{SystemError, SystemErrorKind, nearest};

/// A mistake in a file: its place, a description and a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub span: Range<usize>,
    pub message: String,
    pub hint: String,
}

/// An error of the operating system, in plain words.
pub fn system(error: &io::Error) -> String {
    kind(error.kind()).map_or_else(|| plain(&error.to_string()), str::to_owned)
}

/// A text without the raw error numbers of the operating system: `File exists (os error 17)`
/// becomes `something with that name exists already`.
pub fn plain(text: &str) -> String {
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([^:;()\n]*) \(os error (\d+)\)").expect("the regex is a literal")
    });
    let worded = NUMBERED.replace_all(text, |found: &regex::Captures<'_>| {
        let number: i32 = found[2].parse().unwrap_or_default();
        let begin: String = found[1].chars().take_while(|c| c.is_whitespace()).collect();
        match kind(io::Error::from_raw_os_error(number).kind()) {
            Some(words) => format!("{begin}{words}"),
            None => format!("{} (error {number})", &found[1]),
        }
    });
    worded.into_owned()
}

/// A syntax error of the JSON parser, in plain words.
pub fn json(error: &serde_json::Error) -> &'static str {
    const KNOWN: [(&str, &str); 16] = [
        ("EOF while parsing a string", "the text ends inside a string: its `\"` is missing"),
        ("EOF while parsing an object", "the text ends inside an object: its `}` is missing"),
        ("EOF while parsing a list", "the text ends inside a list: its `]` is missing"),
        ("EOF while parsing", "the text ends where a value is expected"),
        ("expected `:`", "a `:` is expected after the key"),
        ("expected `,` or `]`", "a `,` or the end `]` of the list is expected here"),
        ("expected `,` or `}`", "a `,` or the end `}` of the object is expected here"),
        ("expected value", "a value is expected here"),
        ("expected ident", "a word here is not `true`, `false` or `null`"),
        ("expected", "something else is expected here"),
        ("key must be a string", "a key is in double quotes"),
        ("trailing comma", "there is no value after the last comma"),
        ("trailing characters", "there is more after the end of the card"),
        ("control character", "a string holds a line end or a tab: write \\n or \\t"),
        ("invalid escape", "a backslash in a string is written twice"),
        ("recursion limit", "it is nested too deeply"),
    ];
    let text = error.to_string();
    let known = KNOWN.iter().find(|(raw, _)| text.starts_with(raw));
    known.map_or("a number or a character here cannot be read", |(_, words)| words)
}

/// The standard library's reason why a word of the command line is not a number or an address, in
/// plain words.
pub fn unparsed(text: &str) -> String {
    const KNOWN: [(&str, &str); 9] = [
        ("invalid digit found in string", "it is not a whole number from 0"),
        ("cannot parse integer from empty string", "it is empty; write a whole number"),
        ("number too large to fit in target type", "the number is too large"),
        ("number too small to fit in target type", "the number is too small"),
        ("number would be zero for non-zero type", "write a whole number from 1"),
        ("invalid float literal", "it is not a number"),
        ("cannot parse float from empty string", "it is empty; write a number"),
        (
            "invalid socket address syntax",
            "it is not an address with a port, such as 127.0.0.1:8640",
        ),
        ("invalid IP address syntax", "it is not an address, such as 127.0.0.1"),
    ];
    KNOWN.iter().fold(text.to_owned(), |text, (raw, worded)| text.replace(raw, worded))
}

/// Whether the error has a plain wording, and so can be fixed by the user.
pub fn is_known(it: io::ErrorKind) -> bool {
    kind(it).is_some()
}

fn kind(kind: io::ErrorKind) -> Option<&'static str> {
    SystemErrorKind::of(kind).map(of_kind)
}

/// An error of the operating system in English.
pub fn of_system(error: &SystemError) -> &str {
    match error {
        SystemError::Known(kind) => of_kind(*kind),
        SystemError::Other(text) => text,
    }
}

/// The same of a kind of errors, as the terminal and the log have it.
pub fn of_kind(kind: SystemErrorKind) -> &'static str {
    use SystemErrorKind as Kind;
    match kind {
        Kind::NotFound => "it does not exist",
        Kind::PermissionDenied => "access is denied",
        Kind::AlreadyExists => "something with that name exists already",
        Kind::NotADirectory => "a part of the path is not a folder",
        Kind::IsADirectory => "it is a folder",
        Kind::DirectoryNotEmpty => "the folder is not empty",
        Kind::ReadOnlyFilesystem => "the file system is read-only",
        Kind::StorageFull => "the disk is full",
        Kind::QuotaExceeded => "the quota is used up",
        Kind::FileTooLarge => "the file is too large",
        Kind::InvalidFilename => "the name cannot be the name of a file",
        Kind::NetworkUnreachable => "the network cannot be reached",
        Kind::HostUnreachable => "the host cannot be reached",
        Kind::ConnectionRefused => "the connection was refused",
        Kind::ConnectionReset => "the connection was reset",
        Kind::ConnectionAborted => "the connection was aborted",
        Kind::AddrInUse => "another program uses the address",
        Kind::AddrNotAvailable => "the address is not one of this machine",
        Kind::TimedOut => "it took too long",
        Kind::BrokenPipe => "the other side closed the connection",
        Kind::TooManyOpenFiles => "too many files are open",
        Kind::LinkLoop => "its links lead in a circle",
    }
}

const QUOTES: &str = "a backslash in double quotes starts an escape sequence";

/// The mistakes behind the errors of a TOML parser: one per line, without consequential errors.
pub fn syntax(text: &str, errors: &[Error]) -> Vec<Mistake> {
    let mut errors: Vec<(Range<usize>, &str)> =
        errors.iter().map(|error| (error.span().unwrap_or(0..0), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    let open = errors.iter().any(|(_, message)| message.starts_with("unclosed array,"));
    let mut mistakes: Vec<Mistake> = Vec::new();
    let mut printed = None;
    for (span, message) in &errors {
        let line = line_around(text, span.start);
        if printed.as_ref() == Some(&line) || (open && printed.is_some()) {
            continue;
        }
        let of_line = errors.iter().filter(|(span, _)| line_around(text, span.start) == line);
        let escaped =
            of_line.into_iter().any(|(_, message)| is_escape(message, &text[line.clone()]));
        mistakes.push(if escaped {
            backslash(text, &line)
        } else {
            let (message, mut hint) = worded(message, text.get(span.clone()).unwrap_or_default());
            if message.ends_with("is not closed") && text[line.clone()].contains(TYPOGRAPHIC) {
                "replace the typographic quotes by plain ones: \" or '".clone_into(&mut hint);
            }
            Mistake { span: span.clone(), message, hint }
        });
        printed = Some(line);
    }
    mistakes
}

/// The line around a position, without its line ending.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = at.min(text.len());
    let begin = text.as_bytes()[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |n| n + 1);
    let end =
        text.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |n| at + n);
    begin..end
}

fn is_escape(message: &str, line: &str) -> bool {
    let in_escape =
        ["missing escaped value", "too few unicode value", "invalid escape", "invalid unicode"];
    in_escape.iter().any(|begin| message.starts_with(begin))
        || (message.starts_with("invalid basic string") && line.contains("\\\""))
}

/// A string in double quotes that contains an invalid escape.
fn backslash(text: &str, line: &Range<usize>) -> Mistake {
    let content = text[line.clone()].trim_end();
    let begin = content.find('"').unwrap_or(0);
    let first = content[begin..].find('\\').map_or(begin, |at| begin + at);
    // The quotes around the first backslash; an escaped quote does not end the string.
    let begin = content[..first].rfind('"').unwrap_or(begin);
    let end = content[first..].find('"').map_or(content.len(), |at| first + at + 1);
    let inside = content[begin..end].trim_matches('"').trim_end_matches('\\');
    Mistake {
        span: line.start + begin..line.start + end,
        message: QUOTES.to_owned(),
        hint: single_quotes(inside),
    }
}

/// The hint to use single quotes, with the text if it fits.
fn single_quotes(inside: &str) -> String {
    if inside.is_empty() || inside.contains('\'') {
        return "use single quotes, in which a backslash is a backslash".to_owned();
    }
    format!("use single quotes: '{inside}'")
}

/// A string in double quotes whose escapes produced a control character: `"C:\temp"` contains a
/// tab.
pub fn control(written: &str, value: &str) -> Option<(String, String)> {
    let held = value.chars().find(|c| c.is_control())?;
    let inside = written.strip_prefix('"')?.strip_suffix('"')?;
    if !inside.contains('\\') || written.starts_with("\"\"\"") {
        return None;
    }
    let name = match held {
        '\t' => "`\\t` is a tab",
        '\n' => "`\\n` is a line end",
        '\r' => "`\\r` is a line end",
        '\u{8}' => "`\\b` is a backspace",
        '\u{c}' => "`\\f` is a form feed",
        _ => "the escape is a control character",
    };
    Some((format!("{QUOTES}: {name}"), single_quotes(inside)))
}

/// Message and hint for the text of a key that names a folder, a file or the like, if that name is
/// not possible.
pub fn unusable(key: &str, text: &str, form: KeyForm) -> Option<(String, String)> {
    static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"%[A-Za-z_]\w*(?:\(x86\))?%").expect("the regex is a literal")
    });
    let named = form.named()?;
    if text.trim().is_empty() {
        return Some((
            format!("`{key}` is empty"),
            format!("write the {named}, or remove the line"),
        ));
    }
    let variable = VARIABLE.find(text).filter(|_| !matches!(form, KeyForm::NameOf(_)))?.as_str();
    let hint = match variable.to_ascii_lowercase().as_str() {
        "%programdata%" => format!("write '{}'", text.replacen(variable, r"C:\ProgramData", 1)),
        "%programfiles%" => format!("write '{}'", text.replacen(variable, r"C:\Program Files", 1)),
        "%systemdrive%" => format!("write '{}'", text.replacen(variable, "C:", 1)),
        _ => "write the whole path".to_owned(),
    };
    let message = format!(
        "`{key}` does not exist: variables such as {variable} are not expanded in this file"
    );
    Some((message, hint))
}

/// Message and hint for a syntax error of the TOML parser.
fn worded(message: &str, found: &str) -> (String, String) {
    let begins = |begin: &str| message.starts_with(begin);
    let (message, hint) = if begins("string values must be quoted") && found.trim().is_empty() {
        ("the key has no value".to_owned(), "write a value after `=`, or remove the line")
    } else if begins("string values must be quoted") {
        let message = format!("`{}` is text without quotes", short(found));
        return (message, percentage(found).unwrap_or_else(|| quoted(found)));
    } else if begins("duplicate key") {
        (
            format!("`{}` is written twice", short(found)),
            "keep one of them; a table has one section",
        )
    } else if begins("key with no value") {
        ("a key needs `=` and a value".to_owned(), "write key = value; a comment begins with `#`")
    } else if begins("unclosed table") || begins("unclosed array table") {
        (
            "the head of the section is not closed".to_owned(),
            "end it with `]`, for a route with `]]`",
        )
    } else if begins("unclosed array") || begins("missing comma between array") {
        (
            "the list is not closed, or a comma is missing in it".to_owned(),
            "write ['first', 'second']",
        )
    } else if begins("missing comma between key-value") || begins("extra assignment") {
        ("a comma is missing between two keys".to_owned(), "write { first = 1, second = 2 }")
    } else if begins("unclosed inline table") || begins("invalid inline table") {
        ("the table is not closed".to_owned(), "end it with `}`")
    } else if begins("unexpected key or value") {
        (
            "the line continues after its value".to_owned(),
            "write one key a line; a text with `'` in it needs double quotes",
        )
    } else if begins("invalid literal string") || begins("invalid multi-line literal") {
        ("the text in single quotes is not closed".to_owned(), "end it with `'`")
    } else if begins("invalid basic string, expected `\"`") || begins("invalid multi-line basic") {
        ("the text in double quotes is not closed".to_owned(), "end it with `\"`")
    } else if begins("invalid basic string") {
        ("the text holds a control character".to_owned(), "remove it: type the text again")
    } else if begins("invalid boolean") {
        (
            format!("`{}` is not `true` or `false`", short(found)),
            "write true or false in lower case",
        )
    } else if begins("invalid comment") {
        ("the comment holds a control character".to_owned(), "remove it: type the comment again")
    } else if begins("unquoted keys cannot be empty") || begins("invalid key-value pair") {
        ("a key is missing".to_owned(), "write key = value")
    } else if begins("invalid unquoted key") {
        (
            format!("`{}` cannot be part of a key", short(found)),
            "a key has letters, digits, `-` and `_`; a comment begins with `#`",
        )
    } else if begins("extra `=`") {
        ("there is an extra `=`".to_owned(), "write key = value")
    } else if begins("invalid date") || begins("invalid time") || begins("invalid datetime") {
        (format!("`{}` is not a valid date", short(found)), "put a text in single quotes")
    } else if [
        "unexpected leading zero",
        "invalid fraction",
        "invalid mantissa",
        "invalid exponent",
    ]
    .iter()
    .any(|begin| begins(begin))
    {
        ("the number cannot be read".to_owned(), "write it as 15; put a text in single quotes")
    } else {
        (format!("this is not valid TOML: {message}"), "write key = value; a text needs quotes")
    };
    (message, hint.to_owned())
}

/// Message and hint for a value of the wrong form. `form` describes a known key.
pub fn value(key: &str, error: &Error, found: &str, form: Option<KeyForm>) -> (String, String) {
    let message = error.message().trim().replace('\n', " ");
    let of = if key.is_empty() { String::new() } else { format!(" of `{key}`") };
    let shown = || format!("`{}` is not a valid value{of}", short(found));
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let (word, known) = rest.split_once('`').unwrap_or((rest, ""));
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        let hint = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", known.join(", ")),
        };
        return (format!("`{word}` is not a valid value{of}"), hint);
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.trim_end_matches('`');
        return (format!("`{name}` is missing"), format!("add {name} = …"));
    }
    if message.starts_with("duplicate field") {
        return (
            message.replace("duplicate field", "written twice:"),
            "keep one of them".to_owned(),
        );
    }
    let is_raw = [
        "invalid type",
        "invalid value",
        "invalid length",
        "data did not match",
        "invalid socket",
        "number too",
        "unknown field",
        "wanted",
        "u64 value",
        "i64 value",
    ];
    if !is_raw.iter().any(|begin| message.starts_with(begin)) {
        // Our own types put the hint after a semicolon.
        return match message.split_once("; ") {
            Some((message, hint)) => {
                let with_unit = form.and_then(|form| form.with_unit(found));
                (message.to_owned(), with_unit.unwrap_or_else(|| hint.to_owned()))
            }
            None => (
                message,
                form.map_or_else(
                    || "correct it, or remove the line".to_owned(),
                    |form| expected(&form),
                ),
            ),
        };
    }
    let hint = match form {
        Some(form) => bare_number(found, form).unwrap_or_else(|| expected(&form)),
        None => expected(&wanted(&message)),
    };
    (shown(), hint)
}

/// Quotes that word processors insert in place of `"` and `'`.
const TYPOGRAPHIC: [char; 10] = ['“', '”', '„', '‟', '‘', '’', '‚', '‛', '«', '»'];

/// The hint for a text that has no quotes, with that text if it fits.
fn quoted(found: &str) -> String {
    let found = found.trim();
    let inside = found.trim_matches(TYPOGRAPHIC);
    if inside != found {
        let shown = if short(inside) == inside && !inside.contains('\'') { inside } else { "text" };
        return format!("replace the typographic quotes by single ones: '{shown}'");
    }
    let shown = if short(found) == found && !found.contains('\'') { found } else { "text" };
    format!("put it in single quotes: '{shown}'")
}

/// The hint for a number followed by a sign, such as `90%`.
fn percentage(found: &str) -> Option<String> {
    let number = found.trim().strip_suffix('%')?.trim_end();
    number.parse::<f64>().ok()?;
    Some(format!("write the number alone, without the sign: {number}"))
}

/// The hint for a number in quotes, such as `"90%"`, where a number is meant.
fn bare_number(found: &str, form: KeyForm) -> Option<String> {
    let inside = found.trim().strip_prefix(['"', '\''])?.strip_suffix(['"', '\''])?;
    let number: u32 = inside.trim_end_matches('%').trim().parse().ok()?;
    let hint = || format!("write the number alone, without quotes: {number}; {}", expected(&form));
    form.is_number().then(hint)
}

fn expected(form: &dyn fmt::Display) -> String {
    format!("expected: {form}")
}

/// What `serde` expected, in plain words.
fn wanted(message: &str) -> &str {
    let wanted = message.split_once("expected ").map_or("", |(_, wanted)| wanted);
    match wanted {
        "a string" | "path string" | "a path string" => "a text in quotes",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list: ['first', 'second']",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        wanted if wanted.starts_with("a nonzero") => "a whole number from 1",
        wanted if wanted.starts_with("struct") || wanted.contains("map") => {
            "a table: { key = value }"
        }
        _ if message.contains("untagged enum") => "a text or a list of texts",
        wanted if wanted.starts_with("a text") => wanted,
        _ => "a value of another form; see the documentation",
    }
}

/// The beginning of the faulty text, on one line. A URL may contain a password.
fn short(found: &str) -> String {
    const MOST: usize = 40;
    if let Some((scheme, _)) = found.trim().split_once("://") {
        return format!("{}://…", short(scheme));
    }
    let line: String = found.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= MOST {
        return line;
    }
    line.chars().take(MOST).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
