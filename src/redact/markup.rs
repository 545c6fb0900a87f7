//! Pure. Secrets in elements and attributes of XML, and after options of commands.

use crate::redact::assign::{Join, SecretName, named_by, separator};
use crate::redact::headers;
use crate::redact::names::Class;
use crate::redact::spans::Spans;
use crate::redact::unmarked;
use crate::redact::values::{self, Value, ValueKind, line_end, skip_blanks};

/// The most bytes of an XML start tag.
const TAG: usize = 600;

impl SecretName<'_> {
    /// `<password …>x</password>` and `<entry key="password">x</entry>`.
    pub(crate) fn in_markup(self, spans: &mut Spans) -> bool {
        let text = self.text;
        let lead = self.lead();
        let bare = lead
            .trim_end_matches(|c: char| c.is_alphanumeric() || c == ':' || c == '_' || c == '-');
        let is_element = bare.ends_with('<') || bare.ends_with("&lt;");
        let is_closing = bare.ends_with("</") || bare.ends_with("&lt;/");
        let opened = lead.trim_end_matches(['"', '\'', '\\', ' ']);
        let is_attribute = !is_element
            && lead.contains('<')
            && lead.ends_with(['"', '\''])
            && named_by(opened)
            && !lead[lead.rfind('<').unwrap_or(0)..].contains('>');
        if is_closing {
            return true;
        }
        if !is_element && !is_attribute {
            return false;
        }
        let limit = text.floor_char_boundary(self.end + TAG);
        let tag = &text[self.end..limit];
        let (Some(close), width) =
            tag.find('>').map_or((tag.find("&gt;"), 4), |at| match tag.find("&gt;") {
                Some(other) if other < at => (Some(other), 4),
                _ => (Some(at), 1),
            })
        else {
            return false;
        };
        let inside = &tag[..close];
        if is_attribute && inside.to_ascii_lowercase().contains("value") {
            return false;
        }
        if inside.ends_with('/') || inside.contains('<') {
            return is_element;
        }
        let content = self.end + close + width;
        let rest = &text[content..text.floor_char_boundary(content + 5000)];
        let skipped = rest.len() - rest.trim_start().len();
        let (from, stop) = if rest.trim_start().starts_with("<![CDATA[") {
            (skipped + 9, rest.find("]]>"))
        } else if is_attribute && rest.trim_start().starts_with("<value>") {
            (skipped + 7, rest[skipped + 7..].find('<').map(|at| at + skipped + 7))
        } else {
            (0, rest.find('<').into_iter().chain(rest.find("&lt;")).min())
        };
        // `Field not found - <Password>` names a field.
        if is_element && from == 0 && !self.is_closed(rest, stop) && !is_cut_off(rest, stop) {
            return false;
        }
        let stop = stop.unwrap_or_else(|| rest.find('\n').unwrap_or(rest.len()));
        if stop > from && stop < 5000 {
            let found = &rest[from..stop];
            let weak = self.class == Class::Weak && !self.weak(found.trim());
            if !values::is_stand_in(found) && !weak {
                spans.hide(text, content + from, content + stop);
            }
        }
        true
    }

    /// Whether the tag at `stop` closes its element.
    fn is_closed(&self, rest: &str, stop: Option<usize>) -> bool {
        let Some(tag) = stop.map(|stop| &rest[stop..]) else { return false };
        let Some(name) = tag.strip_prefix("</").or(tag.strip_prefix("&lt;/")) else { return false };
        let end = name.find(['>', '&', '\n']).unwrap_or(name.len());
        name[..end].to_lowercase().contains(&self.name().to_lowercase())
    }

    /// `--password x`, `-Password:x`, `/pwd x`.
    pub(crate) fn as_option(self, spans: &mut Spans) -> bool {
        let lead = self.lead();
        let dashes = lead.len() - lead.trim_end_matches('-').len();
        let slash = lead.ends_with('/')
            && (lead.len() == 1 || lead[..lead.len() - 1].ends_with([' ', '\t', '"']));
        let begins = |n: usize| {
            lead.len() == n
                || lead[..lead.len() - n]
                    .ends_with(|c: char| c.is_whitespace() || "\"'([`,".contains(c))
        };
        let is_env = ["ENV", "env", "setx", "SETX"]
            .contains(&lead.trim_end().rsplit([' ', '\t']).next().unwrap_or_default());
        let is_long = (1..=2).contains(&dashes) && begins(dashes);
        if !is_long && !slash && !is_env {
            return false;
        }
        let next = self.text[self.end..].chars().next();
        if !next.is_some_and(|c| c == ' ' || c == '\t') {
            return false;
        }
        let at = skip_blanks(self.text, self.end);
        if separator(self.text, at, true).is_some_and(|(join, _)| join == Join::Equals) {
            return false;
        }
        let is_option = self.text[at..].starts_with('-')
            && self.text[at + 1..].starts_with(|c: char| c == '-' || c.is_alphabetic());
        if is_option {
            return true;
        }
        if matches!(self.class, Class::Header | Class::Cookie) {
            headers::hide(self, at, spans);
            return true;
        }
        if let Some(value) = values::read(self.text, at, ValueKind::Plain) {
            let found = &self.text[value.start..value.end];
            let weak = self.class == Class::Weak && !self.weak(found);
            if !values::is_stand_in(found)
                && !weak
                && (self.is_password() || !values::is_path(found))
            {
                spans.hide(self.text, value.start, value.end);
            }
        }
        true
    }

    /// A passphrase contains all words up to the end of the line.
    pub(crate) fn phrase(&self, value: Value) -> Value {
        let value = unmarked::with_more(self, value);
        let name = self.name().to_lowercase();
        let is_phrase = ["phrase", "frase"].iter().any(|phrase| name.contains(phrase));
        if value.quoted || !is_phrase || self.in_query() {
            return value;
        }
        let end = line_end(self.text, value.end);
        let rest = &self.text[value.end..end];
        let plain = rest.trim_end().chars().all(|c| c.is_alphanumeric() || " -_!'".contains(c));
        let end = if plain { value.end + rest.trim_end().len() } else { value.end };
        Value { end, after: end, ..value }
    }

    /// `("password", "…")`: exactly two quoted values, the second of which is not a word.
    pub(crate) fn tuple(self, at: usize, spans: &mut Spans) -> bool {
        let value = values::quote(self.text, at)
            .and_then(|_| values::read(self.text, at, ValueKind::Plain))
            .filter(|value| {
                let rest = self.text[value.after..].trim_start();
                rest.is_empty() || rest.starts_with([')', ']', '}'])
            });
        let Some(value) = value else { return false };
        let found = &self.text[value.start..value.end];
        let is_odd = values::is_odd(found)
            || values::quote(self.text, at).is_some()
                && headers::behind_scheme(self.text, at).is_some();
        if is_odd {
            self.value(at, Join::Equals, spans);
        }
        is_odd
    }
}

/// Whether what is behind a tag may be the value of an element whose end is missing.
fn is_cut_off(rest: &str, stop: Option<usize>) -> bool {
    let word = rest.split(|c: char| c.is_whitespace() || c == '<').next().unwrap_or_default();
    let goes_on = word.is_empty() || word.starts_with([':', ',', ';', '.', ')', '-']);
    stop != Some(0) && (!goes_on || values::is_odd(word))
}
