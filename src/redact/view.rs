//! Pure. The text as it is searched: without the stamps of its lines, each statement of a script
//! log in one line, and joined literals as one, so that a rule finds a value that a script writes
//! on the next line or joins with `&`. Matches are mapped back.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr_iter, memchr2_iter, memchr3_iter, memmem};

use crate::redact::script::{self, begins_statement};
use crate::redact::values;

/// A text without some of its parts.
struct TextView<'t> {
    text: Cow<'t, str>,
    /// Where each kept piece begins, here and in the original. Empty if all was kept.
    pieces: Vec<(usize, usize)>,
}

impl<'t> TextView<'t> {
    fn without(text: &'t str, cuts: &[Range<usize>]) -> Self {
        if cuts.is_empty() {
            return Self { text: text.into(), pieces: Vec::new() };
        }
        let mut kept = String::with_capacity(text.len());
        let mut pieces = Vec::with_capacity(cuts.len() + 1);
        let mut from = 0;
        for cut in cuts {
            pieces.push((kept.len(), from));
            kept.push_str(&text[from..cut.start]);
            from = cut.end;
        }
        pieces.push((kept.len(), from));
        kept.push_str(&text[from..]);
        Self { text: kept.into(), pieces }
    }

    /// The places of these matches in the original.
    fn original(&self, spans: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
        if self.pieces.is_empty() {
            return spans;
        }
        let mut all = Vec::with_capacity(spans.len());
        for (start, end) in spans {
            let first = self.pieces.partition_point(|(here, _)| *here <= start).saturating_sub(1);
            for (at, (here, there)) in self.pieces.iter().enumerate().skip(first) {
                if *here >= end {
                    break;
                }
                let stop = self.pieces.get(at + 1).map_or(self.text.len(), |(next, _)| *next);
                let from = start.max(*here);
                let part = &self.text[from..end.min(stop)];
                let bare = part.trim();
                let from = there + from - here + part.len() - part.trim_start().len();
                if !bare.is_empty() {
                    all.push((from, from + bare.len()));
                }
            }
        }
        all
    }
}

/// Searches the view of a text, and returns the places in the text.
pub(crate) fn search(
    text: &str,
    find: impl FnOnce(&str) -> Vec<(usize, usize)>,
) -> Vec<(usize, usize)> {
    let bare = TextView::without(text, &prefixes(text));
    let joined = TextView::without(&bare.text, &joints(&bare.text));
    bare.original(joined.original(find(&joined.text)))
}

/// The stamps and the numbers of statements before the lines of a text of several lines, with the
/// line end before them where a statement continues.
fn prefixes(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut ends = memchr_iter(b'\n', bytes).peekable();
    if ends.peek().is_none() {
        return Vec::new();
    }
    let mut cuts = Vec::new();
    let mut statement = ScriptState::default();
    let mut start = 0;
    for end in ends.chain([bytes.len()]) {
        if let Some(prefix) = prefix(&bytes[start..end]) {
            let behind = start + prefix.len;
            let line = &bytes[behind..end];
            let continues = prefix.is_numbered && statement.takes(line);
            cuts.push(start - usize::from(continues)..behind);
            statement.read(line, prefix.is_numbered, continues);
        } else {
            // The first line of a log that was cut may have lost its stamp.
            statement.read(&bytes[start..end], true, false);
        }
        start = end + 1;
    }
    cuts
}

/// The statement that the lines so far belong to.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of the lines so far")]
struct ScriptState {
    /// Whether the next line may be read as a part of the same line.
    continues: bool,
    /// Whether only what it lacks is read as a part of it: most logged settings have no semicolon.
    is_setting: bool,
    /// Whether it begins as a statement does.
    is_known: bool,
    /// Whether it is the value of the line before.
    is_value: bool,
    /// Whether its last line ended with a colon.
    is_named: bool,
    /// Whether it has a table or a key, whose lines stay apart.
    has_rows: bool,
    open: script::Open,
    len: usize,
}

/// The most bytes of a statement that are read as one line.
const STATEMENT: usize = 2 * 1024;

impl ScriptState {
    fn read(&mut self, line: &[u8], is_numbered: bool, continues: bool) {
        let line = line.trim_ascii();
        if !is_numbered || line.ends_with(b";") {
            *self = Self::default();
            return;
        }
        if !continues {
            let begins = begins_statement(line);
            *self = Self {
                is_setting: script::is_setting(line),
                is_known: begins,
                is_value: self.is_named && !begins,
                has_rows: self.has_rows && !begins,
                ..Self::default()
            };
        }
        self.len = if self.len > STATEMENT { 0 } else { self.len + line.len() };
        self.has_rows |= has_rows(line);
        self.open.read(line);
        // `Password:` is the name of a table, and a comment ends with its line.
        let has_comment = line.starts_with(b"//") || memmem::find(line, b" //").is_some();
        self.is_named = ends_with_name(line);
        self.continues = !self.has_rows && !has_comment && self.len <= STATEMENT && !self.is_named;
    }

    /// Whether a line is a part of it. Each statement has its own number, whatever the one before
    /// lacks.
    fn takes(&self, line: &[u8]) -> bool {
        if !self.continues {
            return false;
        }
        let lacks = || if self.is_setting { self.open.lacks_value() } else { self.open.is_open() };
        let needs = || lacks() || script::joins(line);
        let is_comment = line.trim_ascii_start().starts_with(b"//");
        let is_apart =
            is_comment || begins_statement(line) || !self.is_known && script::is_pair(line);
        !is_apart && (!(self.is_setting || self.is_value) || needs())
    }
}

/// Whether a line ends with a name and its colon, and a sign of YAML for a value of several lines.
fn ends_with_name(line: &[u8]) -> bool {
    const BLOCKS: [&[u8]; 6] = [b"|-", b">-", b"|+", b">+", b"|", b">"];
    let bare = BLOCKS.iter().find_map(|block| line.strip_suffix(*block));
    line.ends_with(b":") || bare.is_some_and(|bare| bare.trim_ascii_end().ends_with(b":"))
}

/// Whether the next lines may be the rows of an inline table or of a key.
fn has_rows(line: &[u8]) -> bool {
    const INLINE: &[u8] = b"inline";
    memchr2_iter(b'i', b'I', line)
        .any(|at| line[at..].get(..INLINE.len()).is_some_and(|it| it.eq_ignore_ascii_case(INLINE)))
        || memmem::find(line, b"-----").is_some()
        || memmem::find(line, b"---- BEGIN").is_some()
        || line.starts_with(b"Private-Lines:")
}

/// The prefix of a line of a script log.
struct Prefix {
    len: usize,
    /// Whether it has the number of a statement.
    is_numbered: bool,
}

/// `20261123T061301.000+0100      0020` here. One blank after it is kept, which separates the parts
/// of a statement.
fn prefix(line: &[u8]) -> Option<Prefix> {
    let stamp = stamp(line)?;
    let number = skip_blanks(line, stamp);
    let digits = digits(&line[number..]);
    let end = number + digits;
    // A longer number alone may be a value.
    let is_numbered =
        digits == 4 && end == line.len() || (4..=6).contains(&digits) && is_blank(line.get(end));
    let end = if is_numbered { skip_blanks(line, end) } else { number };
    let len = if is_blank(line.get(end - 1)) { end - 1 } else { end };
    Some(Prefix { len, is_numbered })
}

fn skip_blanks(line: &[u8], at: usize) -> usize {
    at + line[at..].iter().take_while(|byte| is_blank(Some(byte))).count()
}

fn is_blank(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| b" \t".contains(byte))
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether this is a date with a time, which is not a secret.
pub(crate) fn is_stamp(text: &str) -> bool {
    stamp(text.as_bytes()) == Some(text.len())
}

/// The length of a date with a time at the beginning of a line, up to a blank or the end.
fn stamp(line: &[u8]) -> Option<usize> {
    const DATES: [&[u8]; 4] =
        [b"00000000T000000", b"0000-00-00T00:00:00", b"0000-00-00 00:00:00", b"0000-00-00T000000"];
    if !line.first()?.is_ascii_digit() {
        return None;
    }
    let fits = |date: &&&[u8]| {
        let same = |(byte, sign): (&u8, &u8)| match sign {
            b'0' => byte.is_ascii_digit(),
            sign => byte == sign,
        };
        line.len() >= date.len() && line.iter().zip(**date).all(same)
    };
    let mut at = DATES.iter().find(fits)?.len();
    if matches!(line.get(at), Some(b'.' | b',')) {
        at += 1 + digits(&line[at + 1..]);
    }
    match line.get(at) {
        Some(b'Z') => at += 1,
        Some(b'+' | b'-') => {
            at += 1 + digits(&line[at + 1..]);
            if line.get(at) == Some(&b':') {
                at += 1 + digits(&line[at + 1..]);
            }
        }
        _ => {}
    }
    line.get(at).is_none_or(u8::is_ascii_whitespace).then_some(at)
}

/// The quotes between joined literals, with the sign that joins them: `' & '`, `" + "`, `'||'`.
fn joints(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for sign in memchr3_iter(b'&', b'+', b'|', text.as_bytes()) {
        let done = all.last().map_or(0, |last| last.end);
        if sign >= done
            && let Some(joint) = joint(text, sign, done)
        {
            all.push(joint);
        }
    }
    all
}

fn joint(text: &str, sign: usize, done: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let start = bytes[done..sign].iter().rposition(|byte| !byte.is_ascii_whitespace())? + done;
    // A line that was added by a patch begins with a plus sign.
    if !is_quote(bytes[start]) || bytes[sign - 1] == b'\n' && bytes[sign] == b'+' {
        return None;
    }
    let mut at = behind_sign(bytes, sign)?;
    while let Some(next) = behind_character(bytes, at) {
        at = behind_sign(bytes, next)?;
    }
    let end = at + 1;
    if !bytes.get(at).copied().is_some_and(is_quote) {
        return None;
    }
    // `'&'` may be a literal itself.
    let is_tight = start + 1 == sign && at == sign + 1;
    let is_apart = |byte: Option<&u8>| byte.is_none_or(|byte| b" \t\n,;()=".contains(byte));
    let is_literal = is_tight && is_apart(bytes[..start].last()) && is_apart(bytes.get(end));
    (!is_literal).then_some(start..end)
}

/// Whether the quote here closes a literal to which a variable is joined: `'Password=' & vPassword`.
pub(crate) fn ends_literal(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(quote) = bytes.get(at).copied().filter(|byte| is_quote(*byte)) else { return false };
    let line = &bytes[values::line_start(text, at)..at];
    let opens = memchr_iter(quote, line).count() % 2 == 1;
    opens && behind_joint(text, at + 1).is_some()
}

/// The place after the sign that joins the next part, if one follows.
pub(crate) fn behind_joint(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    behind_sign(bytes, skip_whitespace(bytes, at))
}

fn is_quote(byte: u8) -> bool {
    byte == b'"' || byte == b'\''
}

/// The place after a sign that joins, and after blanks, line ends and the signs that continue a line.
fn behind_sign(bytes: &[u8], sign: usize) -> Option<usize> {
    let sign_and_next = (bytes.get(sign)?, bytes.get(sign + 1));
    let at = match sign_and_next {
        (b'|', Some(b'|')) => sign + 2,
        (b'&', Some(b'&')) | (b'+', Some(b'+')) => return None,
        (b'&' | b'+', _) => sign + 1,
        _ => return None,
    };
    let is_skipped = |byte: &&u8| byte.is_ascii_whitespace() || b"_\\`".contains(byte);
    let skip = |at: usize| at + bytes[at..].iter().take_while(is_skipped).count();
    let at = skip(at);
    if !bytes[at..].starts_with(b"//") {
        return Some(at);
    }
    memchr::memchr(b'\n', &bytes[at..]).map(|end| skip(at + end))
}

/// The place after `chr(39)` and the blanks behind it.
fn behind_character(bytes: &[u8], at: usize) -> Option<usize> {
    let is_call = bytes.get(at..at + 4).is_some_and(|call| call.eq_ignore_ascii_case(b"chr("));
    let close = at + 4 + digits(bytes.get(at + 4..).filter(|_| is_call)?);
    (bytes.get(close) == Some(&b')')).then(|| skip_whitespace(bytes, close + 1))
}

fn skip_whitespace(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests;
