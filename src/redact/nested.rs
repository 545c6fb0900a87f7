//! Pure. Names and values that are joined by their surroundings: objects, elements, calls.

use crate::redact::assign::{Join, SecretName};
use crate::redact::names::Class;
use crate::redact::spans::Spans;
use crate::redact::values::{self, ValueKind, line_end, skip_blanks};

/// The most members of an object that are examined.
const MEMBERS: usize = 20;

impl SecretName<'_> {
    /// `<name>DB_PASSWORD</name><value>x</value>`: the name is the text of an element.
    pub(crate) fn as_text(self, spans: &mut Spans) -> bool {
        let text = self.text;
        if !self.lead().ends_with('>') || !text[self.end..].starts_with("</") {
            return false;
        }
        let end = line_end(text, self.end);
        let Some(close) = text[self.end..end].find('>') else { return false };
        let mut at = self.end + close + 1;
        let mut is_value = false;
        loop {
            at = skip_blanks(text, at);
            let Some(tag) = text[at..end].strip_prefix('<') else { break };
            let Some(close) = tag.find('>') else { return false };
            is_value = tag[..close].starts_with(|c: char| c.is_alphabetic());
            if !is_value {
                return false;
            }
            at += close + 2;
        }
        let stop = text[at..end].find('<').map_or(end, |len| at + len);
        let found = text[at..stop].trim();
        let takes = is_value
            && !values::is_stand_in(found)
            && (self.class == Class::Strong || self.weak(found));
        if takes {
            spans.hide(text, at, stop);
        }
        takes
    }

    /// `setPassword("x")`, `.password("x")`: the only argument of a setter.
    pub(crate) fn as_setter(self, at: usize, spans: &mut Spans) -> bool {
        let text = self.text;
        let last = self.name().rsplit('.').next().unwrap_or_default();
        let lower = last.to_ascii_lowercase();
        let sets = [
            "set", "with", "use", "add", "encrypt", "decrypt", "hash", "encode", "verify",
            "validate", "check", "change", "store", "put", "enter", "type",
        ]
        .iter()
        .any(|verb| lower.starts_with(verb))
            || last.len() < self.name().len();
        if !sets || self.class != Class::Strong || !text[at..].starts_with('(') {
            return false;
        }
        let value = values::quote(text, at + 1)
            .and_then(|_| values::read(text, at + 1, ValueKind::Plain))
            .filter(|value| text[value.after..].trim_start().starts_with(')'));
        let Some(value) = value.filter(|value| self.accepts(value, Join::Colon)) else {
            return false;
        };
        spans.hide(text, value.start, value.end);
        true
    }

    /// `<param value="x" name="password"/>`: a value before the name.
    pub(crate) fn value_before(self, spans: &mut Spans) -> bool {
        let lead = self.lead();
        let Some(open) = lead.rfind(['<', '{']) else { return false };
        let inside = &lead[open..];
        let Some(found) = inside.to_ascii_lowercase().find("value") else { return false };
        let behind = &inside[found + "value".len()..];
        let signs = behind.len() - behind.trim_start_matches(['"', '\'', ' ', ':', '=']).len();
        if inside[..found].contains('=') || signs == 0 {
            return false;
        }
        let start = self.start - behind.len() + signs - 1;
        let Some(value) = values::quote(self.text, start)
            .and_then(|_| values::read(self.text, start, ValueKind::Plain))
        else {
            return false;
        };
        let takes = value.after < self.start && self.accepts(&value, Join::Equals);
        if takes {
            spans.hide(self.text, value.start, value.end);
        }
        takes
    }

    /// `"passwords": {"db": "x"}` and `"password": {"value": "x"}`: the object at `at`.
    pub(crate) fn hide_object(self, at: usize, spans: &mut Spans) -> bool {
        let text = self.text;
        let is_many = self.name().ends_with(['s', 'S']);
        let mut here = skip_blanks(text, at + 1);
        let mut any = false;
        for _ in 0..MEMBERS {
            let Some(name) =
                values::quote(text, here).and_then(|_| values::read(text, here, ValueKind::Plain))
            else {
                break;
            };
            let colon = skip_blanks(text, name.after);
            if !text[colon..].starts_with(':') {
                break;
            }
            here = skip_blanks(text, colon + 1);
            let Some(value) =
                values::quote(text, here).and_then(|_| values::read(text, here, ValueKind::Plain))
            else {
                break;
            };
            let found = &text[value.start..value.end];
            let is_value = text[name.start..name.end].eq_ignore_ascii_case("value");
            if is_value && self.accepts(&value, Join::Equals) || is_many && values::is_odd(found) {
                spans.hide(text, value.start, value.end);
                any = true;
            }
            here = skip_blanks(text, value.after);
            if !text[here..].starts_with(',') {
                break;
            }
            here = skip_blanks(text, here + 1);
        }
        any
    }
}
