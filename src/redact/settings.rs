//! Pure. The values of `LET` and `SET`.

use std::ops::Range;

use crate::redact::assign::{Join, SecretName};
use crate::redact::names::Class;
use crate::redact::script::{self, ScriptExpression, Term};
use crate::redact::spans::Spans;
use crate::redact::{headers, keys, looks, names, values};

/// A word that changes more often between letters and digits may be a password.
const CHANGES: usize = 3;
/// A longer word of letters may be a token.
pub(crate) const LONG: usize = 16;

/// Calls whose literals name fields, variables and formats.
const READS: [&str; 28] = [
    "peek(",
    "fieldvalue(",
    "lookup(",
    "getregistrystring(",
    "osuser(",
    "date(",
    "time(",
    "timestamp(",
    "num(",
    "environ(",
    "getenv(",
    "previous(",
    "today(",
    "now(",
    "fieldindex(",
    "fieldname(",
    "fieldnumber(",
    "fieldvaluecount(",
    "filesize(",
    "filetime(",
    "getfieldselections(",
    "nooffields(",
    "noofrows(",
    "qvdcreatetime(",
    "qvdfieldname(",
    "qvdnooffields(",
    "qvdnoofrecords(",
    "qvdtablename(",
];

impl SecretName<'_> {
    /// `LET vPassword = 'a' & 'b'` and `SET vPassword=two words`: the whole expression.
    pub(crate) fn hide_rest_of_setting(&self, at: usize, join: Join, spans: &mut Spans) -> bool {
        let verb = self
            .lead()
            .trim_end()
            .rsplit([' ', '\t', ';', '('])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        if join != Join::Equals
            || !matches!(verb.as_str(), "let" | "set")
            || self.class == Class::Pin
            || headers::behind_scheme(self.text, at).is_some()
        {
            return false;
        }
        let is_quoted = self.text[at..].starts_with(['\'', '"']);
        if verb == "let" || is_quoted {
            self.hide_expression(at, spans)
        } else {
            self.hide_rest(at, spans)
        }
    }

    fn hide_expression(&self, at: usize, spans: &mut Spans) -> bool {
        let text = &self.text[at..];
        let expression = ScriptExpression::read(text);
        if expression.has_only_words() && (expression.has_rest || expression.terms.is_empty()) {
            return self.hide_rest(at, spans);
        }
        let value = &text[..expression.end];
        if self.is_computed(text, &expression) {
            return true;
        }
        if !expression.has_call() {
            if !self.keeps_all(text, &expression) {
                let (start, stop) = match expression.terms.as_slice() {
                    [Term::Literal(range)] => (range.start, range.end),
                    _ => (0, value.len()),
                };
                spans.hide(self.text, at + start, at + stop);
            }
            return true;
        }
        if value.to_ascii_lowercase().contains("chr(") {
            spans.hide(self.text, at, at + value.len());
            return true;
        }
        let is_cut =
            |term: &&Term| matches!(term, Term::Call(range) if range.len() >= script::CALL - 1);
        if expression.terms.iter().any(|term| is_cut(&term)) {
            spans.hide(self.text, at, values::value_end(self.text, at));
            return true;
        }
        for term in &expression.terms {
            let literals = match term {
                Term::Literal(range) => vec![range.clone()],
                Term::Call(range) => {
                    let call = text[range.clone()].to_ascii_lowercase();
                    let is_read = READS.iter().any(|read| call.starts_with(read));
                    let mut literals = script::literals(text, range);
                    literals.retain(|literal| !is_read && !is_compared(text, literal));
                    literals
                }
                Term::Word(_) => Vec::new(),
            };
            for literal in literals {
                if !self.keeps(&text[literal.clone()]) {
                    spans.hide(self.text, at + literal.start, at + literal.end);
                }
            }
        }
        true
    }

    /// `vPageToken + 1`: an expression of variables, fields, small numbers and signs.
    fn is_computed(&self, text: &str, expression: &ScriptExpression) -> bool {
        let is_small =
            |word: &str| word.len() < 4 && word.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let is_name = |word: &str| {
            is_reference(word)
                || self.class == Class::Weak && looks::is_wording(word) && word.len() < LONG
        };
        let mut any = false;
        expression.terms.iter().all(|term| match term {
            Term::Word(range) => {
                let word = &text[range.clone()];
                any |= is_name(word);
                is_name(word) || is_small(word)
            }
            Term::Literal(range) => !text[range.clone()].contains(char::is_alphanumeric),
            Term::Call(_) => false,
        }) && any
    }

    /// Hides everything up to the semicolon.
    fn hide_rest(&self, at: usize, spans: &mut Spans) -> bool {
        let line = &self.text[at..values::value_end(self.text, at)];
        let end = line.find(';').unwrap_or(line.len());
        let end = line[..end].find("&&").unwrap_or(end);
        let value = line[..end].trim_end();
        let reads = READS[..5].iter().any(|read| value.to_ascii_lowercase().starts_with(read));
        let is_update =
            value.contains(" where ") || value.contains(" WHERE ") || value.contains(", ");
        if self.keeps(value) || reads {
            return true;
        }
        if is_update {
            return false;
        }
        spans.hide(self.text, at, at + value.len());
        true
    }

    /// Whether an expression without a call can be no secret.
    fn keeps_all(&self, text: &str, expression: &ScriptExpression) -> bool {
        let value = text[..expression.end].trim_matches(['\'', '"']);
        if self.class != Class::Weak || expression.terms.len() < 2 {
            return self.keeps(value);
        }
        expression.terms.iter().all(|term| match term {
            Term::Literal(range) => self.keeps(&text[range.clone()]),
            Term::Call(range) | Term::Word(range) => {
                let word = &text[range.clone()];
                is_reference(word) || self.keeps(word)
            }
        })
    }

    /// Whether a value can be no secret.
    fn keeps(&self, bare: &str) -> bool {
        values::is_stand_in(bare)
            || (self.class == Class::Weak && !self.weak(bare))
            || self.names_other(bare)
            || is_query(bare)
            || self.is_place(bare)
            || keys::is_key(self.name()) && keys::is_of_row(bare)
    }

    /// Whether a value is the path of a file in which a secret is.
    pub(crate) fn is_place(&self, value: &str) -> bool {
        values::is_path(value)
            && !(self.is_password() && (!value.contains(['/', '\\']) || values::has_made_up(value)))
    }

    /// The literal before a name: `'x' as Password`, `'x' = vPassword`, `SWITCH vPassword CASE 'x'`.
    pub(crate) fn behind_value(&self, spans: &mut Spans) -> bool {
        let lead = self.lead();
        let bare = lead.trim_end_matches([' ', '\t', '[', '"', '(']);
        if ends_with_word(bare, "switch") && self.class == Class::Strong {
            return self.hide_cases(spans);
        }
        let is_alias = ends_with_word(bare, "as");
        let rest = if is_alias { bare.get(..bare.len() - 2) } else { behind_comparison(bare) };
        let Some(rest) = rest.map(str::trim_end) else { return false };
        let start = self.start - lead.len();
        let Some(quote) = rest.chars().next_back().filter(|c| matches!(c, '\'' | '"')) else {
            return is_alias && self.hide_call_before(rest, start, spans);
        };
        let Some(open) = rest[..rest.len() - 1].rfind(quote) else { return false };
        let is_apart = rest[..open].chars().next_back().is_none_or(|c| " \t(,=[".contains(c));
        let found = &rest[open + 1..rest.len() - 1];
        let is_kept = self.keeps(found)
            || values::is_remark(found)
            || !values::is_odd(found) && (self.class != Class::Strong || found.contains(' '));
        if !is_apart || is_kept {
            return false;
        }
        spans.hide(self.text, start + open + 1, start + rest.len() - 1);
        true
    }

    /// `password=<otter4417fuchs>`; other tags and placeholders stay.
    pub(crate) fn hide_made_up_tag(&self, at: usize, spans: &mut Spans) -> bool {
        let rest = &self.text[at..values::line_end(self.text, at)];
        let found = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        let Some((name, _)) = found.filter(|_| self.class == Class::Strong) else { return false };
        let is_word = name.chars().all(char::is_alphanumeric);
        if !is_word || values::is_stand_in(&format!("<{name}>")) {
            return false;
        }
        spans.hide(self.text, at + 1, at + 1 + name.len());
        true
    }

    /// `Dual('x', 1) as ApiKey`.
    fn hide_call_before(&self, rest: &str, start: usize, spans: &mut Spans) -> bool {
        let Some(open) = rest.rfind('(').filter(|_| rest.ends_with(')')) else { return false };
        let mut any = false;
        for literal in script::literals(rest, &(open..rest.len())) {
            if values::has_made_up(&rest[literal.clone()]) {
                spans.hide(self.text, start + literal.start, start + literal.end);
                any = true;
            }
        }
        any
    }

    fn hide_cases(&self, spans: &mut Spans) -> bool {
        let text = self.text;
        let stop = text.floor_char_boundary(self.end + CASES);
        let lower = text[self.end..stop].to_ascii_lowercase();
        let lower = &lower[..lower.find("end switch").unwrap_or(lower.len())];
        let mut from = 0;
        let mut any = false;
        while let Some(found) = lower[from..].find("case ") {
            from += found + "case ".len();
            let at = values::skip_blanks(text, self.end + from);
            let literal = values::quote(text, at);
            if let Some(value) =
                literal.and_then(|_| values::read(text, at, values::ValueKind::Plain))
                && !self.keeps(&text[value.start..value.end])
            {
                spans.hide(text, value.start, value.end);
                any = true;
            }
        }
        any
    }
}

/// Whether a bare word is the name of a variable or a field: `vPassword2`, `[Next token]`,
/// `password_prod`. Unlike `Passwort123` and `vK3j9xQ2`, which may be a password without its quotes.
pub(crate) fn is_reference(word: &str) -> bool {
    if let Some(field) = word.strip_prefix('[') {
        return !looks::is_made_up(field);
    }
    let is_name = word.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
    let has_joint = word.contains('_')
        || word
            .as_bytes()
            .windows(2)
            .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let is_change = |pair: &&[u8]| pair[0].is_ascii_digit() != pair[1].is_ascii_digit();
    let n_changes = word.as_bytes().windows(2).filter(is_change).count();
    let names_secret = || names::judge(word, None, false).is_some();
    is_name
        && (looks::is_variable(word) && (n_changes <= CHANGES || names_secret())
            || has_joint && !word.bytes().any(|c| c.is_ascii_digit()) && names_secret())
}

/// `vEnv = 'PROD'`: a word in a call, with which something else than a secret is compared.
fn is_compared(text: &str, literal: &Range<usize>) -> bool {
    let before = text[..literal.start.saturating_sub(1)].trim_end();
    let Some(before) = before.strip_suffix('=') else { return false };
    let before = before.trim_end_matches([' ', '<', '>', ']']);
    let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    looks::is_wording(&text[literal.clone()])
        && before.is_char_boundary(start)
        && names::judge(&before[start..], None, false).is_none()
}

/// A statement of SQL; the literals in it are judged by their own names.
fn is_query(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    lower.starts_with("select ") && lower.contains(" from ")
}

/// How far the cases of a `SWITCH` are searched, in bytes.
const CASES: usize = 2 * 1024;

fn ends_with_word(text: &str, word: &str) -> bool {
    let at = text.len().checked_sub(word.len());
    at.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
        && text[..text.len() - word.len()].ends_with([' ', '\t', ')', '\'', '"', '(', ';'])
        || text.eq_ignore_ascii_case(word)
}

/// The text before a sign that compares.
fn behind_comparison(text: &str) -> Option<&str> {
    ["<>", "!=", "==", "="].iter().find_map(|sign| text.strip_suffix(sign))
}
