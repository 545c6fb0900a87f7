//! Pure. Values that are apart from their name: on the next line, or joined to it by a script.

use crate::redact::assign::SecretName;
use crate::redact::names::Class;
use crate::redact::spans::Spans;
use crate::redact::values::{self, ValueKind, line_end, skip_blanks};
use crate::redact::{calls, script, view};

/// The most parts that are joined between a name and its value.
const PARTS: usize = 4;

impl SecretName<'_> {
    /// The start of a value on the next line.
    pub(crate) fn on_next_line(&self, at: usize) -> Option<usize> {
        let text = self.text;
        let mut end = line_end(text, at);
        let here = text[at..end].trim();
        let is_block = matches!(here, "|" | ">" | "|-" | ">-" | "|+" | ">+" | "_" | "\\" | "`");
        if !here.is_empty() && !is_block {
            return Some(at);
        }
        for _ in 0..3 {
            if end >= text.len() || !text[end..].starts_with('\n') {
                return None;
            }
            let line = end + 1;
            end = line_end(text, line);
            let start = values::skip_prefix(text, line, end);
            let found = text[start..end].trim().trim_end_matches([';', ',']);
            if found.is_empty() || found.starts_with("//") {
                continue;
            }
            if script::begins_statement(&text.as_bytes()[start..end]) {
                return None;
            }
            // `Password=` at the end of a line of a connection string.
            let found = match found.split_once(';') {
                Some((value, rest)) if values::is_pair(rest) && values::is_odd(value) => value,
                _ => found,
            };
            let is_one = !found.contains([' ', '\t', '='])
                && !found.ends_with(':')
                && !found.contains(": ")
                && !found.starts_with(['<', '[', '{', '-']);
            let quoted = found.starts_with(['"', '\'', '\\'])
                && !found.contains(": ")
                && !found.contains("\":");
            let takes = self.class != Class::Weak || is_block || values::is_odd(found) || quoted;
            let is_remark = values::is_remark(found) && self.class != Class::Header;
            return (quoted || (is_one && takes && !is_remark)).then_some(start);
        }
        None
    }

    /// The place after a sign that is alone on the next line, or begins it.
    pub(crate) fn sign_on_next_line(&self, at: usize, is_quoted: bool) -> Option<usize> {
        let text = self.text;
        let end = line_end(text, at);
        // A statement may follow the text of an error.
        let verb = self.lead().split_whitespace().next_back().unwrap_or_default();
        let is_setting = verb.eq_ignore_ascii_case("let") || verb.eq_ignore_ascii_case("set");
        if !text[at..end].trim().is_empty() {
            return None;
        }
        let line = values::behind_break(text, end)?;
        let start = values::skip_prefix(text, line, line_end(text, line));
        let (sign, behind) = (text[start..].chars().next()?, start + 1);
        let value = text.get(behind..).unwrap_or_default().trim_start();
        let is_assigned = is_quoted || is_setting || sign == '=' && value.starts_with(['\'', '"']);
        (is_assigned && matches!(sign, ':' | '=')).then_some(behind)
    }

    /// `'Password=' & vPrefix & 'x'` and `'Password=' & Trim('x')`: the literal that is joined after
    /// variables or in a call, if it looks like a secret. The quote before the first sign is at `at`.
    pub(crate) fn joined(&self, at: usize, spans: &mut Spans) {
        let text = self.text;
        let mut at = at + 1;
        for _ in 0..PARTS {
            let Some(next) = view::behind_joint(text, at) else { return };
            let Some(value) = literal(text, next) else {
                at = calls::behind_variable(text, next);
                continue;
            };
            let found = &text[value.start..value.end];
            let len = found.find([';', '&']).unwrap_or(found.len());
            let bare = &found[..len];
            if values::is_odd(bare) && !bare.contains(' ') && !values::is_stand_in(bare) {
                spans.hide(text, value.start, value.start + len);
            }
            return;
        }
    }
}

/// The literal here, or the only argument of a call.
fn literal(text: &str, at: usize) -> Option<values::Value> {
    if values::quote(text, at).is_some() {
        return values::read(text, at, ValueKind::Plain);
    }
    let is_part = |c: char| c.is_alphanumeric() || "_.$".contains(c);
    let line = &text[at..line_end(text, at)];
    let name = at + line.find(|c: char| !is_part(c))?;
    let open = text[name..].starts_with('(').then(|| skip_blanks(text, name + 1))?;
    values::quote(text, open)?;
    let value = values::read(text, open, ValueKind::Plain)?;
    text[skip_blanks(text, value.after)..].starts_with(')').then_some(value)
}
