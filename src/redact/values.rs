//! Pure. Finds the extent of a value, and decides whether it can be a secret.

use crate::redact::names::{has, is_unspaced};
pub(crate) use crate::redact::stand_ins::is_stand_in;
use crate::redact::words;

/// A value found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    pub start: usize,
    pub end: usize,
    /// The end of the value, after the closing quote if there is one.
    pub after: usize,
    pub quoted: bool,
}

/// The context of a bare value, which decides where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// In a script, a file or a command.
    Plain,
    /// A part of a URL.
    Query,
    /// A pair of a connection string, which ends at the semicolon.
    Pair,
}

/// Opening quotes, with the closing quote of each.
const QUOTES: &[(&str, &str)] = &[
    ("&quot;", "&quot;"),
    ("&#34;", "&#34;"),
    ("&apos;", "&apos;"),
    ("&#39;", "&#39;"),
    ("%22", "%22"),
    ("%27", "%27"),
    ("\\u0022", "\\u0022"),
    ("\\u0027", "\\u0027"),
    ("“", "”"),
    ("„", "“"),
    ("‘", "’"),
    ("«\u{a0}", "\u{a0}»"),
    ("« ", " »"),
    ("«", "»"),
    ("»", "«"),
    ("›", "‹"),
    ("「", "」"),
    ("『", "』"),
    ("`", "`"),
    ("\"", "\""),
    ("'", "'"),
    ("|", ""),
];

/// How far a rule looks ahead in a line, in bytes.
const AHEAD: usize = 2 * 1024;
/// How far a value may reach, in bytes.
const FAR: usize = 64 * 1024;
/// How far a rule looks back in a line, in bytes.
const BACK: usize = 512;

/// The end of the line that contains `at`, at most [`AHEAD`] away.
pub(crate) fn line_end(text: &str, at: usize) -> usize {
    let stop = text.floor_char_boundary(at + AHEAD);
    memchr::memchr(b'\n', &text.as_bytes()[at..stop]).map_or(stop, |end| at + end)
}

/// The end of the line, at most [`FAR`] away.
pub(crate) fn value_end(text: &str, at: usize) -> usize {
    let stop = text.floor_char_boundary(at + FAR);
    memchr::memchr(b'\n', &text.as_bytes()[at..stop]).map_or(stop, |end| at + end)
}

/// The start of the line that contains `at`, at most [`BACK`] away.
pub(crate) fn line_start(text: &str, at: usize) -> usize {
    let from = text.ceil_char_boundary(at.saturating_sub(BACK));
    memchr::memrchr(b'\n', &text.as_bytes()[from..at]).map_or(from, |end| from + end + 1)
}

/// The end of the line, without a limit.
pub(crate) fn whole_line_end(text: &str, at: usize) -> usize {
    memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |end| at + end)
}

pub(crate) fn whole_line_start(text: &str, at: usize) -> usize {
    memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |end| end + 1)
}

/// The place after blanks and tabs.
pub(crate) fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    // Among them are blanks without a width, which a page or a mail puts into what is copied.
    let blanks = [
        ' ', '\t', '\u{a0}', '\u{3000}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}',
        '\u{feff}', '\u{202f}', '\u{2009}',
    ];
    at + rest.len() - rest.trim_start_matches(blanks).len()
}

/// The place in the next line after its blanks, if this line ends here.
pub(crate) fn behind_break(text: &str, at: usize) -> Option<usize> {
    text[at..].starts_with('\n').then(|| skip_blanks(text, at + 1))
}

/// The quote that begins here, and its closing quote.
pub(crate) fn quote(text: &str, at: usize) -> Option<(&str, &str)> {
    let rest = text.get(at..)?;
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    if slashes > 0 && rest[slashes..].starts_with(['"', '\'']) {
        let escaped = &rest[..=slashes];
        return Some((escaped, escaped));
    }
    for triple in ["\"\"\"", "'''"] {
        if rest.starts_with(triple) {
            return Some((triple, triple));
        }
    }
    // Qlik doubles quotes inside quotes; two quotes with nothing between are an empty value.
    for double in ["\"\"", "''"] {
        if rest.starts_with(double) {
            let inner = &rest[2..];
            let is_open = inner
                .chars()
                .next()
                .is_some_and(|c| !c.is_whitespace() && !",;)}]:|\"'&>".contains(c));
            return if is_open { Some((double, double)) } else { None };
        }
    }
    let found = QUOTES.iter().find(|(open, close)| !close.is_empty() && rest.starts_with(open));
    found.map(|(open, close)| (*open, *close))
}

/// The place after a closing quote here.
pub(crate) fn closing(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    if slashes > 0 && rest[slashes..].starts_with(['"', '\'']) {
        return Some(at + slashes + 1);
    }
    if rest.starts_with("\"\"") || rest.starts_with("''") {
        return Some(at + 2);
    }
    let closers = QUOTES.iter().map(|(_, close)| *close).filter(|close| !close.is_empty());
    // `»` behind a blank may also open a quote.
    let opens = |close: &str| {
        close.ends_with('»')
            && close != "»"
            && rest[close.len()..].starts_with(|c: char| !c.is_whitespace() && !",.;:)".contains(c))
    };
    closers
        .clone()
        .find(|close| rest.starts_with(close) && !opens(close))
        .map(|close| at + close.len())
}

/// The value that begins at `at`, which is not a blank.
pub(crate) fn read(text: &str, at: usize, kind: ValueKind) -> Option<Value> {
    let end = value_end(text, at);
    let line = text[..end].trim_end_matches('\r');
    if at >= line.len() {
        return None;
    }
    let prefix = prefix_of_quote(line, at);
    let at = at + prefix;
    if let Some((open, close)) = quote(line, at) {
        return Some(quoted(line, at + open.len(), close));
    }
    if line[at..].starts_with('{') && !line[at..].starts_with("{{") && kind != ValueKind::Query {
        return braced(line, at);
    }
    let end = unquoted_end(line, at, kind);
    (end > at).then_some(Value { start: at, end, after: end, quoted: false })
}

/// `N'…'`, `b"…"`, `@"…"`.
fn prefix_of_quote(line: &str, at: usize) -> usize {
    let bytes = &line.as_bytes()[at..];
    match bytes {
        [
            b'N' | b'n' | b'b' | b'B' | b'r' | b'R' | b'f' | b'u' | b'U' | b'@' | b'$' | b'L',
            b'"' | b'\'',
            ..,
        ] => 1,
        _ => 0,
    }
}

fn quoted(line: &str, start: usize, close: &str) -> Value {
    let mut at = start;
    loop {
        let Some(found) = line[at..].find(close) else {
            return Value { start, end: line.len(), after: line.len(), quoted: true };
        };
        let here = at + found;
        let after = here + close.len();
        let rest = &line[after..];
        let is_plain = close == "\"" || close == "'";
        let slashes = line[start..here].len() - line[start..here].trim_end_matches('\\').len();
        // A doubled or escaped quote is a character, unless the text after it shows that it closes.
        let doubled = is_plain && rest.starts_with(close) && here > start;
        let ends = |rest: &str| {
            rest.chars().next().is_none_or(|c| c.is_whitespace() || ",;)}]&|".contains(c))
        };
        let is_last = ends(rest) && !rest.contains(close);
        let escaped = is_plain && slashes % 2 == 1 && !is_last;
        let deeper = close.starts_with('\\') && line[..here].ends_with('\\');
        let doubled_twice = (close == "\"\"" || close == "''") && rest.starts_with(close);
        // `"x9"z7"`: a quote in a value.
        let within = |rest: &str| {
            rest.find(close).is_some_and(|len| rest[..len].chars().all(char::is_alphanumeric))
                && rest.starts_with(char::is_alphanumeric)
        };
        if is_plain && within(rest) {
            at = after;
        } else if doubled || doubled_twice {
            at = after + close.len();
        } else if escaped || deeper {
            at = after;
        } else {
            return Value { start, end: here, after, quoted: true };
        }
    }
}

/// `{a}}b;c}` as in ODBC; a JSON object is not a value.
fn braced(line: &str, at: usize) -> Option<Value> {
    let inner = &line[at + 1..];
    if inner.trim_start().starts_with(['"', '\'', '\\'])
        || inner.trim().is_empty()
        || inner.starts_with(' ')
        || inner
            .find('}')
            .is_some_and(|len| len < 3 && inner[..len].bytes().all(|c| c.is_ascii_digit()))
    {
        return None;
    }
    let mut from = at + 1;
    let end = loop {
        let Some(found) = line[from..].find('}') else { break line.len() };
        if line[from + found..].starts_with("}}") {
            from += found + 2;
        } else {
            break from + found;
        }
    };
    // `{SSHA}…`: a scheme before a hash.
    let after = (end + 1).min(line.len());
    let tail = unquoted_end(line, after, ValueKind::Plain);
    if tail > after && after < line.len() {
        return Some(Value { start: after, end: tail, after: tail, quoted: false });
    }
    Some(Value { start: at + 1, end, after, quoted: true })
}

fn unquoted_end(line: &str, at: usize, kind: ValueKind) -> usize {
    let rest = &line[at..];
    if kind == ValueKind::Pair {
        let end = rest.find([';', '"', '\n']).unwrap_or(rest.len());
        let end = rest[..end].find("\\\"").unwrap_or(end);
        let value = rest[..end].trim_end();
        // A bracket or parenthesis around the whole value.
        let closed =
            value.find([']', ')']).filter(|_| end == rest.len() || !rest[end..].starts_with(';'));
        let closed = closed.filter(|at| !value[..*at].contains(['[', '(']));
        return at + closed.unwrap_or(value.len());
    }
    let unspaced = !rest.chars().next().is_some_and(is_unspaced);
    let mut end = rest.len();
    let mut closed = Closed::default();
    for (i, c) in rest.char_indices() {
        let is_closing = closed.read(c);
        let next = &rest[i + c.len_utf8()..];
        let stops = match c {
            ';' | '<' | '`' | '”' | '“' | '»' | '　' | '。' | '、' | '，' | '）' => true,
            c if c.is_whitespace() || c.is_control() => true,
            '"' => true,
            '\'' => {
                kind == ValueKind::Query
                    || next.is_empty()
                    || !next.starts_with(char::is_alphanumeric)
            }
            '\\' => {
                next.trim_start_matches('\\').starts_with(['"', '\''])
                    || next.starts_with("u0026")
                    || next.starts_with("u0022")
            }
            '&' => {
                kind == ValueKind::Query
                    || is_pair(next)
                    || next.starts_with("quot;")
                    || next.starts_with("lt;")
                    || next.starts_with("amp;")
            }
            '#' | '|' | '>' => kind == ValueKind::Query,
            '%' => {
                (kind == ValueKind::Query && (next.starts_with("26") || next.starts_with("22")))
                    || next.starts_with("22%")
            }
            ',' => {
                next.is_empty()
                    || next.starts_with(char::is_whitespace)
                    || next.starts_with(['"', '\'', '\\', '{', '['])
                    || is_pair(next)
            }
            ')' | ']' | '}' => {
                is_closing
                    && next
                        .trim_start_matches([')', ']', '}', ';', ',', '.', '"', '\''])
                        .chars()
                        .next()
                        .is_none_or(|c| c.is_whitespace() || ":@/".contains(c))
            }
            c => unspaced && is_unspaced(c),
        };
        if stops {
            end = i;
            break;
        }
    }
    at + end
}

/// Whether `name=` or `name:` begins here.
pub(crate) fn is_pair(text: &str) -> bool {
    let len = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !"_-. $[]".contains(c))
        .unwrap_or(text.len());
    len > 0 && len < 40 && text[len..].starts_with('=')
}

/// How many of each kind of parenthesis are open more often than closed.
#[derive(Default)]
struct Closed([isize; 3]);

impl Closed {
    /// Whether this one closes none of those before.
    fn read(&mut self, c: char) -> bool {
        let kind = match c {
            '(' | ')' => 0,
            '[' | ']' => 1,
            '{' | '}' => 2,
            _ => return false,
        };
        let open = self.0[kind];
        self.0[kind] += if "([{".contains(c) { 1 } else { -1 };
        open <= 0
    }
}

/// Whether a bare value looks like a secret: letters with digits, special characters, or mixed
/// case.
pub(crate) fn is_odd(value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let signs =
        value.chars().filter(|c| !c.is_alphanumeric() && !"-'./:_,()\\[]".contains(*c)).count();
    let humps = value
        .as_bytes()
        .windows(2)
        .filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
        .count();
    let n = value.chars().count();
    n >= 4
        && ((letters > 0 && digits > 0)
            || (letters + digits > 0 && signs > 0)
            || (humps > 0 && n >= 8)
            || (digits >= 6 && letters == 0 && signs > 0))
}

/// Whether it is a file or folder name.
pub(crate) fn is_path(value: &str) -> bool {
    let lower = value.to_lowercase();
    let ends = [
        ".pem", ".key", ".txt", ".json", ".pfx", ".p12", ".crt", ".cer", ".qvd", ".qvf", ".yml",
        ".yaml", ".xml", ".ini", ".log", ".csv", ".xlsx", ".xls", ".parquet", ".jks", ".ppk",
        ".dll", ".exe",
    ];
    let drive = value.as_bytes().get(1) == Some(&b':')
        && value.as_bytes().get(2).is_some_and(|c| b"\\/".contains(c));
    drive
        || value.starts_with("\\\\")
        || lower.starts_with("lib://")
        || ends.iter().any(|end| lower.ends_with(end))
        || (value.starts_with(['/', '~', '.']) && value.matches('/').count() > 1)
        || value == "/"
        || lower.starts_with("/home")
}

/// Whether a word in it looks made up: digits between letters, as in `hund3006katz`. Names of
/// variables have digits at their end.
pub(crate) fn has_made_up(value: &str) -> bool {
    value.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let is_digit = |c: char| c.is_ascii_digit();
        let before = word.find(is_digit).filter(|at| *at > 0);
        let behind = word.rfind(is_digit).filter(|at| at + 1 < word.len());
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        word.len() > 7 && digits > 1 && before.is_some() && behind.is_some()
    })
}

/// Whether this place is within a path such as `[lib://Data/Sales imp/0.qvd]`.
pub(crate) fn is_in_lib_path(text: &str, at: usize) -> bool {
    let before = &text[line_start(text, at)..at];
    let Some(begin) = before.to_ascii_lowercase().rfind("lib://") else { return false };
    let path = &before[begin..];
    match before[..begin].chars().next_back() {
        Some('[') => !path.contains(']'),
        Some(quote @ ('\'' | '"')) => !path.contains(quote),
        _ => !path.contains(char::is_whitespace),
    }
}

/// Whether its first word is a statement about a secret, such as `expired`.
pub(crate) fn is_remark(value: &str) -> bool {
    let word = value.split(|c: char| c.is_whitespace() || c == ',').next().unwrap_or_default();
    let word = word.trim_end_matches(['.', '!', '?', ')', ']', '\'', '"', '”', ';']).to_owned();
    // `SeCrEt` is not a word.
    if word.as_bytes().windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase()) {
        return false;
    }
    let word = word.to_lowercase();
    has(words::REMARKS, &word) || has(words::REMARKS, word.trim_end_matches(':'))
}

/// Whether a word ends like an adjective or a participle.
pub(crate) fn ends_like_remark(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.chars().count() > 4 && words::REMARK_ENDINGS.iter().any(|end| lower.ends_with(end))
}

/// The place after a log's prefix of a line: blanks, stamps, the number of a statement.
pub(crate) fn skip_prefix(text: &str, line: usize, end: usize) -> usize {
    let mut at = line;
    loop {
        let next = skip_blanks(text, at).min(end);
        let token = text[next..end].split([' ', '\t']).next().unwrap_or_default();
        let is_stamp = token.len() >= 4
            && token.bytes().all(|c| c.is_ascii_digit() || b"-:.,TZ+/".contains(&c))
            && token.as_bytes()[0].is_ascii_digit();
        if !is_stamp || next + token.len() >= end {
            return next;
        }
        at = next + token.len();
    }
}
