//! Pure. What the rules know of Qlik script: where a statement begins, what it lacks, and how far an
//! expression reaches.

use std::ops::Range;

use memchr::memchr2_iter;

use crate::redact::REDACTED;

/// Words that begin a statement. Some also continue one of SQL, in which no secret depends on them.
const VERBS: &str = " let set trace call sub exit if elseif else end endif next for do loop switch case \
load sql select lib odbc oledb custom store drop rename execute sleep binary directory qualify \
unqualify section mapping concatenate noconcatenate left right inner outer join keep crosstable \
generic rem alias tag untag disconnect ";
/// Words between the terms of an expression.
const OPERATORS: &str = " and or xor not like precedes follows bitand bitor bitxor ";
/// The most bytes of an expression.
const EXPRESSION: usize = 64 * 1024;
/// The most bytes of a call that are read.
pub(crate) const CALL: usize = 8 * 1024;
/// The most bytes of a label.
const LABEL: usize = 120;

/// Whether a list of words between blanks has this word. Asked for each line.
fn is_listed(list: &str, word: &[u8]) -> bool {
    const LONGEST: usize = 13;
    if word.is_empty() || word.len() > LONGEST {
        return false;
    }
    let mut wanted = [b' '; LONGEST + 2];
    for (to, from) in wanted[1..].iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    memchr::memmem::find(list.as_bytes(), &wanted[..word.len() + 2]).is_some()
}

/// The letters at the begin of a line.
fn word(line: &[u8]) -> &[u8] {
    &line[..line.iter().take_while(|byte| byte.is_ascii_alphabetic()).count()]
}

/// Whether a line begins a statement, or is the label of a table.
pub(crate) fn begins_statement(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let verb = word(line);
    let is_whole = line.get(verb.len()).is_none_or(|next| b" \t*[\"".contains(next));
    // `If(x, 'a', 'b')` and `Left('a', 1)` are parts of an expression.
    let is_branch = is_listed(" if elseif ", verb) && has(line, b"then");
    is_whole && is_listed(VERBS, verb) && !verb.eq_ignore_ascii_case(b"if")
        || is_branch
        || is_include(line)
        || is_label(line)
}

fn has(line: &[u8], wanted: &[u8]) -> bool {
    line.windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
}

fn is_include(line: &[u8]) -> bool {
    let begins = |begin: &[u8]| {
        line.get(..begin.len()).is_some_and(|found| found.eq_ignore_ascii_case(begin))
    };
    begins(b"$(must_include") || begins(b"$(include")
}

/// `Orders:`, `[Sales orders]:`, `"Sales orders":`.
fn is_label(line: &[u8]) -> bool {
    let close = match line.first() {
        Some(b'[') => b']',
        Some(b'"') => b'"',
        _ => {
            let bare = line.strip_suffix(b":").unwrap_or_default();
            let is_name = |byte: &u8| {
                byte.is_ascii_alphanumeric() || b"_.$()".contains(byte) || !byte.is_ascii()
            };
            return !bare.is_empty() && bare.len() < LABEL && bare.iter().all(is_name);
        }
    };
    let close = line.iter().take(LABEL).skip(1).position(|byte| *byte == close);
    close.is_some_and(|close| line[close + 2..].trim_ascii() == b":")
}

/// Whether a line begins a `LET` or a `SET`.
pub(crate) fn is_setting(line: &[u8]) -> bool {
    is_listed(" let set ", word(line.trim_ascii_start()))
}

/// Whether a line begins with a name and a value: `Server: x`.
pub(crate) fn is_pair(line: &[u8]) -> bool {
    const NAME: usize = 40;
    let line = line.trim_ascii_start();
    let sign = line.iter().take(NAME).position(|byte| b":=".contains(byte));
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"_- ".contains(byte) || !byte.is_ascii();
    // `cTpa==` is the end of a value.
    let is_end =
        |sign: usize| line[sign] == b'=' && line.get(sign + 1).is_none_or(|it| *it == b'=');
    sign.is_some_and(|sign| sign > 0 && !is_end(sign) && line[..sign].iter().all(is_part))
}

/// Whether a line begins with what cannot begin a statement.
pub(crate) fn joins(line: &[u8]) -> bool {
    line.trim_ascii_start().first().is_some_and(|byte| b"&=+,)|".contains(byte))
}

/// What the lines of a setting lack so far.
#[derive(Default)]
pub(crate) struct Open {
    quote: Option<u8>,
    depth: usize,
    /// Whether it has its value, so far.
    has_value: bool,
    has_sign: bool,
}

impl Open {
    pub(crate) fn read(&mut self, line: &[u8]) {
        for byte in line.trim_ascii() {
            match (self.quote, byte) {
                (Some(quote), byte) => {
                    if quote == *byte {
                        self.quote = None;
                    }
                }
                (None, b'=') if !self.has_sign => self.has_sign = true,
                (None, b' ' | b'\t') => {}
                (None, b'\'' | b'"') => {
                    // An apostrophe in a bare value.
                    if !self.has_value {
                        self.quote = Some(*byte);
                    }
                    self.has_value = true;
                }
                (None, b'(') => {
                    self.depth += 1;
                    self.has_value = true;
                }
                (None, b')') => self.depth = self.depth.saturating_sub(1),
                (None, b'&' | b'+' | b',' | b'*' | b'=' | b'|' | b'\\' | b'_' | b'<' | b'>') => {
                    self.has_value = false;
                }
                (None, _) => self.has_value = self.has_sign,
            }
        }
    }

    /// Whether a literal or a parenthesis is open.
    pub(crate) fn is_open(&self) -> bool {
        self.quote.is_some() || self.depth > 0
    }

    pub(crate) fn lacks_value(&self) -> bool {
        self.is_open() || !self.has_sign || !self.has_value
    }
}

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// A literal, without its quotes.
    Literal(Range<usize>),
    /// A call with its arguments, or what `$(…)` is replaced by.
    Call(Range<usize>),
    Word(Range<usize>),
}

/// The expression that begins a text.
#[derive(Debug, Default)]
pub(crate) struct ScriptExpression {
    pub terms: Vec<Term>,
    pub end: usize,
    /// Whether something follows in the same line that belongs to nothing.
    pub has_rest: bool,
}

impl ScriptExpression {
    pub(crate) fn read(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(EXPRESSION)];
        let bytes = text.as_bytes();
        let mut found = Self::default();
        let mut at = skip_blanks(bytes, 0);
        while let Some((term, end)) = term(text, at) {
            found.terms.push(term);
            found.end = end;
            match behind_operator(bytes, end) {
                Some(next) => at = next,
                None => break,
            }
        }
        let rest = bytes[found.end..].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let rest = rest.trim_ascii();
        found.has_rest = !rest.is_empty() && !rest.starts_with(b";") && !rest.starts_with(b"//");
        found
    }

    /// Whether it is one bare word or more, without a literal or a call.
    pub(crate) fn has_only_words(&self) -> bool {
        self.terms.iter().all(|term| matches!(term, Term::Word(_)))
    }

    pub(crate) fn has_call(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Call(_)))
    }
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| b" \t".contains(byte)).count()
}

fn skip_whitespace(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.@#%!?^~\\:".contains(&byte) || !byte.is_ascii()
}

/// The term at a place, and its end.
fn term(text: &str, at: usize) -> Option<(Term, usize)> {
    let bytes = text.as_bytes();
    let first = *bytes.get(at)?;
    if text[at..].starts_with(REDACTED) {
        let end = at + REDACTED.len();
        return Some((Term::Literal(at..end), end));
    }
    if let Some(range) = literal(bytes, at) {
        let end = range.end + usize::from(bytes.get(range.end) == Some(&first));
        return Some((Term::Literal(range), end));
    }
    if first == b'[' {
        let len = bytes[at..].iter().position(|byte| *byte == b']' || *byte == b'\n')?;
        return (bytes[at + len] == b']').then(|| (Term::Word(at..at + len + 1), at + len + 1));
    }
    let name = bytes[at..]
        .iter()
        .take_while(|byte| is_part(**byte) || **byte == b'$' || **byte == b'-')
        .count();
    let open = at + name;
    if bytes.get(open) == Some(&b'(') {
        let end = closing(bytes, open);
        return Some((Term::Call(at..end), end));
    }
    (name > 0).then_some((Term::Word(at..open), open))
}

/// The literal whose quote is at a place, without its quotes; doubled ones are part of it.
fn literal(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let quote = *bytes.get(at).filter(|byte| b"'\"`".contains(byte))?;
    let mut from = at + 1;
    loop {
        let len = bytes[from..].iter().position(|byte| *byte == quote || *byte == b'\n');
        let Some(len) = len else { return Some(at + 1..bytes.len()) };
        let end = from + len;
        if bytes[end] == b'\n' {
            return Some(at + 1..end);
        }
        // `'it''s'`, and a quote in the middle of a word.
        let next = bytes.get(end + 1);
        if next.is_some_and(|next| (*next == quote && end > at + 1) || next.is_ascii_alphanumeric())
        {
            from = end + 1 + usize::from(next == Some(&quote));
            continue;
        }
        return Some(at + 1..end);
    }
}

/// The place behind the parenthesis that closes the one at a place; the end of the line if none does.
fn closing(bytes: &[u8], open: usize) -> usize {
    let (mut at, mut depth) = (open, 0_usize);
    while let Some(byte) = bytes.get(at).filter(|_| at < open + CALL) {
        match byte {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b'\'' | b'"' => {
                if let Some(range) = literal(bytes, at) {
                    at = range.end;
                }
            }
            b';' => return at,
            _ => {}
        }
        at += 1;
    }
    let stop = bytes.len().min(open + CALL);
    memchr::memchr(b'\n', &bytes[open..stop]).map_or(stop, |len| open + len)
}

/// The place behind an operator and the blanks around it, if one follows.
fn behind_operator(bytes: &[u8], at: usize) -> Option<usize> {
    let start = skip_whitespace(bytes, at);
    let is_new_line = bytes[at..start].contains(&b'\n');
    let sign = bytes[start..].iter().take_while(|byte| b"&+-*/=<>|".contains(byte)).count();
    if sign > 0 {
        let found = &bytes[start..start + sign];
        let is_comment = found.starts_with(b"//");
        return (found != b"&&" && !is_comment).then(|| skip_whitespace(bytes, start + sign));
    }
    let found = word(&bytes[start..]);
    let end = start + found.len();
    (!is_new_line && start > at && is_listed(OPERATORS, found) && bytes.get(end) == Some(&b' '))
        .then(|| skip_whitespace(bytes, end))
}

/// The literals in the arguments of a call, without their quotes.
pub(crate) fn literals(text: &str, call: &Range<usize>) -> Vec<Range<usize>> {
    let bytes = &text.as_bytes()[..call.end];
    let mut all: Vec<Range<usize>> = Vec::new();
    for at in memchr2_iter(b'\'', b'"', &bytes[call.start..]).map(|at| at + call.start) {
        let is_inside = all.last().is_some_and(|last| at <= last.end);
        if !is_inside && let Some(range) = literal(bytes, at) {
            all.push(range);
        }
    }
    all
}
