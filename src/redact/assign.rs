//! Pure. Finds the value of a name: `name = value`, pairs of quoted words, XML, JSON, options.

use crate::redact::names::{self, Class, has};
use crate::redact::spans::Spans;
use crate::redact::values::{self, Value, ValueKind, closing, line_end, line_start, skip_blanks};
use crate::redact::{calls, headers, keys, labels, looks, prose, unmarked, view, words};

/// The name of a secret in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecretName<'t> {
    pub text: &'t str,
    pub start: usize,
    pub end: usize,
    pub class: Class,
    /// Whether its script has no blanks between words.
    pub unspaced: bool,
}

/// How a name and its value are joined, the most certain first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    Equals,
    Colon,
}

/// Separators, the longer ones first.
const SEPARATORS: &[(&str, Join)] = &[
    (":=", Join::Equals),
    ("=>", Join::Equals),
    ("->", Join::Equals),
    ("<-", Join::Equals),
    ("===", Join::Equals),
    ("==", Join::Equals),
    ("=", Join::Equals),
    ("<>", Join::Equals),
    ("!=", Join::Equals),
    ("＝", Join::Equals),
    ("%3D", Join::Equals),
    ("%3d", Join::Equals),
    ("\\u003d", Join::Equals),
    ("%3A", Join::Equals),
    ("%3a", Join::Equals),
    ("::", Join::Colon),
    (":", Join::Colon),
    ("：", Join::Colon),
    ("⇒", Join::Equals),
    ("→", Join::Equals),
    ("– ", Join::Colon),
    ("— ", Join::Colon),
    ("- ", Join::Colon),
    ("| ", Join::Colon),
    ("~ ", Join::Colon),
];

/// The mark of an error of syntax in a statement.
const MARK: &str = ">>>>>>";

impl<'t> SecretName<'t> {
    /// Hides the value, if any.
    pub(crate) fn hide(self, spans: &mut Spans) {
        unmarked::before(&self, spans);
        // The user of a URL: the rule for URLs finds the end of its password.
        if self.lead().ends_with("://")
            || self.in_markup(spans)
            || self.behind_value(spans)
            || self.as_option(spans)
            || self.as_text(spans)
        {
            return;
        }
        let closed = self.behind_quotes();
        let at = skip_blanks(self.text, closed);
        let at = self.behind_remark(at);
        if let Some((join, next)) = separator(self.text, at, at > closed || at == self.end) {
            if join == Join::Colon && labels::begins_load(&self.text[next..]) {
                return;
            }
            let is_key = join == Join::Colon && closed > self.end;
            let join = if is_key || (join == Join::Colon && self.is_header()) {
                Join::Equals
            } else {
                join
            };
            self.value(next, join, spans);
            return;
        }
        if let Some(next) = self.sign_on_next_line(at, closed > self.end) {
            self.value(next, Join::Equals, spans);
            return;
        }
        if (closed > self.end && self.paired(closed, spans))
            || self.as_setter(closed, spans)
            || unmarked::enclosed(&self, at, spans)
            || unmarked::tight(&self, closed, spans)
        {
            return;
        }
        if closed == self.end
            && self.lead().ends_with(": ")
            && named_by(self.lead())
            && self.named_value(at, spans)
        {
            return;
        }
        if closed == self.end || self.unspaced {
            prose::hide(self, at, spans);
        }
    }

    pub(crate) fn name(&self) -> &'t str {
        &self.text[self.start..self.end]
    }

    pub(crate) fn lead(&self) -> &'t str {
        &self.text[line_start(self.text, self.start)..self.start]
    }

    /// `X-Auth-Token`.
    fn is_header(&self) -> bool {
        self.class == Class::Header
            || (self.name().contains('-')
                && self.lead().trim().trim_end_matches(['"', '\'']).len() < 40)
    }

    /// The place after the quotes or brackets around the name.
    fn behind_quotes(&self) -> usize {
        let mut at = self.end;
        for _ in 0..3 {
            if let Some(next) = closing(self.text, at) {
                let is_word =
                    self.text[at..].starts_with('\'') && self.text[next..].starts_with("s ");
                if is_word {
                    break;
                }
                at = next;
            } else if self.text[at..].starts_with([']', ')', '}'])
                || ['%', '$', '!']
                    .iter()
                    .any(|c| self.text[at..].starts_with(*c) && self.lead().ends_with(*c))
            {
                at += 1;
            } else {
                break;
            }
        }
        // Qlik Sense marks the place of an error of syntax.
        at + MARK.len() * usize::from(self.text[at..].starts_with(MARK))
    }

    /// `Password (prod): x`.
    fn behind_remark(&self, at: usize) -> usize {
        let rest = &self.text[at..line_end(self.text, at)];
        if !rest.starts_with(['(', '[']) {
            return at;
        }
        let Some(close) = rest.find([')', ']']).filter(|close| *close < 40) else { return at };
        let next = skip_blanks(self.text, at + close + 1);
        let is_remark = !rest[..close].contains(['=', '"', '\'', ','])
            && self.text[next..].starts_with([':', '=', '：']);
        if is_remark { next } else { at }
    }

    /// Reads the value after a separator.
    pub(crate) fn value(self, at: usize, join: Join, spans: &mut Spans) {
        let text = self.text;
        let Some(at) = self.on_next_line(skip_blanks(text, at)) else { return };
        if view::ends_literal(text, at) {
            self.joined(at, spans);
            return;
        }
        if matches!(self.class, Class::Header | Class::Cookie) {
            let listed = text[at..].starts_with('[');
            headers::hide(self, skip_blanks(text, at + usize::from(listed)), spans);
            return;
        }
        if text[at..].starts_with('[') && self.hide_list(at, spans) {
            return;
        }
        if text[at..].starts_with('{') && self.hide_object(at, spans) {
            return;
        }
        if self.hide_rest_of_setting(at, join, spans) {
            return;
        }
        if let Some(rest) = headers::behind_scheme(text, at)
            && !names::is_other_thing(self.name())
        {
            if let Some(value) = values::read(text, rest, ValueKind::Plain) {
                spans.hide(text, value.start, value.end);
            }
            return;
        }
        if self.hide_made_up_tag(at, spans) {
            return;
        }
        if text[at..].starts_with('(') && calls::arguments(text, at + 1, spans) {
            return;
        }
        // `CREDENTIALS=(SECRET='…')`: the contents have their own names.
        if text[at..].starts_with('(') && values::is_pair(text[at + 1..].trim_start()) {
            return;
        }
        let Some(value) = values::read(text, at, self.kind(at)) else { return };
        let value = self.phrase(value);
        if text[value.start..value.end].trim_start().starts_with("-----BEGIN") {
            return;
        }
        if self.accepts(&value, join) {
            spans.hide(text, value.start, value.end);
        }
    }

    fn hide_list(&self, at: usize, spans: &mut Spans) -> bool {
        let end = line_end(self.text, at);
        let close = self.text[at..end].find(']').map_or(end, |close| at + close);
        let mut here = at + 1;
        let mut any = false;
        while here < close {
            here = skip_blanks(self.text, here);
            let Some(value) = values::quote(self.text, here)
                .and_then(|_| values::read(self.text, here, ValueKind::Plain))
            else {
                break;
            };
            spans.hide(self.text, value.start, value.end);
            any = true;
            here = skip_blanks(self.text, value.after);
            if !self.text[here..].starts_with(',') {
                break;
            }
            here += 1;
        }
        any
    }

    fn kind(&self, at: usize) -> ValueKind {
        if self.in_query() {
            return ValueKind::Query;
        }
        let text = self.text;
        let line = &text[at..line_end(text, at)];
        let before = self.lead().trim_end();
        let joined = text[self.end..].trim_start_matches([' ', ']']).starts_with('=');
        let pair = line.find(';').is_some_and(|end| values::is_pair(line[end + 1..].trim_start()));
        let later = line.find(';').is_some_and(|end| end < 80 && !line[..end].contains(['=', '&']));
        let is_pair = joined
            && ((before.ends_with(';') && (later || !line.contains(' ')))
                || pair && line.find(';') < line.find('=')
                || (before.ends_with([';', '[', '{']) && !line.contains(' ') && later));
        let inside = before.ends_with(';')
            && joined
            && !later
            && line.find(']').is_some_and(|end| !line[..end].contains(' '));
        if is_pair || inside { ValueKind::Pair } else { ValueKind::Plain }
    }

    pub(crate) fn in_query(&self) -> bool {
        in_query(self.text, self.start)
    }

    pub(crate) fn accepts(&self, value: &Value, join: Join) -> bool {
        let found = &self.text[value.start..value.end];
        let core = found.trim_matches(['\'', '"', '`', ' ']).trim_end_matches(['.', ',', ')', ':']);
        let is_place = self.is_column(found) || self.is_key_of_row(value.start, value.end);
        if values::is_stand_in(found) || values::is_stand_in(core) || is_place {
            return false;
        }
        if !value.quoted && self.is_no_secret(value, found, join) {
            return false;
        }
        if self.class == Class::Strong && unmarked::has_secret_word(found) {
            return true;
        }
        // `password: (not set)`
        if join == Join::Colon && found.strip_prefix('(').is_some_and(values::is_remark) {
            return false;
        }
        let digits = core.bytes().all(|c| c.is_ascii_digit());
        let is_short =
            ["pass", "pw", "kod", "parola", "parole", "clave", "geslo", "sifra", "chiave"]
                .contains(&self.name().to_lowercase().as_str());
        let query =
            words::IN_QUERIES.contains(&self.name().to_lowercase().as_str()) && self.in_query();
        // `appid` is the key of a weather service, and the id of an app of Qlik Sense.
        if query && self.name().eq_ignore_ascii_case("appid") {
            return looks::is_random(core);
        }
        if query
            && ((core.len() < 6 && core.chars().all(char::is_alphabetic))
                || (core.len() < 5 && digits))
        {
            return false;
        }
        match (self.class, join) {
            (Class::Pin, _) if core.contains('(') => false,
            (Class::Pin, _) if names::is_doubtful(self.name()) && looks::is_wording(core) => false,
            (Class::Pin, _) => {
                (digits && core.len() > 2)
                    || (values::is_odd(core) && core.bytes().any(|c| c.is_ascii_digit()))
                    || (value.quoted && !values::is_remark(core))
            }
            (Class::Strong, Join::Equals) if self.is_place(found) => false,
            (Class::Strong, _) if self.names_other(core) => false,
            (Class::Strong, Join::Colon) if values::is_path(found) => {
                values::has_made_up(found) && self.is_password()
            }
            (Class::Strong, Join::Equals) => {
                let small = digits && core.len() < 3;
                // `Pass=120 Fail=3`
                let next = self.text[value.end..].trim_start_matches([' ', ',', ';']);
                let fails = next.get(..4).is_some_and(|next| next.eq_ignore_ascii_case("fail"));
                if is_short && digits && fails {
                    return false;
                }
                // `Len(vPassword) = 0`.
                if small && self.text[self.end..].starts_with(')') {
                    return false;
                }
                !is_short || !(small || (!value.quoted && values::is_remark(core)))
            }
            (Class::Strong, Join::Colon) => {
                // `First pass: 120 rows`
                let counts = is_short
                    && digits
                    && self.text[value.end..].trim_start().starts_with(char::is_alphabetic);
                let small = digits && core.len() < 3;
                !counts && !small && !values::is_remark(core) && !self.is_reason(value)
            }
            (Class::Weak, Join::Equals) => self.weak(core),
            (Class::Weak, Join::Colon) => {
                self.weak(core) && (values::is_odd(core) || core.len() > 15) && !self.is_grammar()
            }
            _ => false,
        }
    }

    pub(crate) fn weak(&self, core: &str) -> bool {
        let digits = core.bytes().all(|c| c.is_ascii_digit());
        let plain = core.chars().all(char::is_alphabetic);
        let name = self.name().to_lowercase();
        if names::is_rarely_secret(&name) || keys::is_key(self.name()) {
            return keys::is_random(core);
        }
        if names::is_other_thing(self.name()) {
            return looks::is_random(core);
        }
        let plain = plain
            && core
                .as_bytes()
                .windows(2)
                .filter(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
                .count()
                < 2;
        let is_broad = [
            "auth",
            "sig",
            "pat",
            "tokens",
            "cred",
            "ticket",
            "signature",
            "credentials",
            "credential",
            "sas",
        ]
        .contains(&name.as_str());
        // The signature of a URL, without the URL.
        let is_broad = is_broad
            && !(name == "sig"
                && self.text[self.end..].starts_with('=')
                && !self.text[self.end + 1..].starts_with(' '));
        let is_guid = core.len() == 36 && core.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-');
        let kept = (digits && core.len() < 6)
            || values::is_remark(core)
            || values::is_path(core)
            || core.len() < 2
            || (is_broad && (plain || digits) && core.len() < 16);
        let kept = kept
            || looks::is_wording(core)
                && (core.contains(' ')
                    || name.ends_with("signature")
                    || names::is_doubtful(self.name()));
        let grammar = self.is_grammar() && !(values::is_odd(core) && core.len() > 7);
        let is_call = core.contains('(') && core.starts_with(char::is_alphabetic);
        let is_id = is_guid && is_broad && !self.in_query();
        !kept && !grammar && !is_id && !core.starts_with("http") && !is_call
    }

    /// `Unexpected token: 'FROM'` quotes a script.
    pub(crate) fn is_grammar(&self) -> bool {
        let before = self
            .lead()
            .trim_end()
            .rsplit([' ', '\t', ',', ':', '('])
            .next()
            .unwrap_or_default()
            .to_lowercase();
        self.name().to_lowercase().starts_with("token")
            && (has(words::GRAMMAR, &before) || self.lead().to_lowercase().contains("syntax"))
    }

    /// `Invalid password: user sa cannot log in`.
    fn is_reason(&self, value: &Value) -> bool {
        if value.quoted {
            return false;
        }
        let before =
            self.lead().trim_end().rsplit([' ', '\t']).next().unwrap_or_default().to_lowercase();
        let found = &self.text[value.start..value.end];
        let more = self.text[value.end..line_end(self.text, value.end)].trim_start();
        let plain = found.chars().all(|c| c.is_alphabetic() || "'-,.".contains(c));
        plain
            && ((has(words::COMPLAINTS, &before) && !before.is_empty())
                || (more.starts_with(char::is_alphabetic) && values::ends_like_remark(found)))
    }

    pub(crate) fn is_password(&self) -> bool {
        let name = self.name().to_lowercase();
        name.contains("pass")
            || name.contains("wort")
            || name.contains("senha")
            || name.contains("парол")
    }

    /// `a.Token = b.Token` compares columns.
    fn is_column(&self, value: &str) -> bool {
        let last = |name: &str| {
            name.rsplit_once('.')
                .map(|(_, last)| last.trim_matches(['[', ']', '"', ';', ')']).to_lowercase())
        };
        last(value).is_some_and(|column| {
            names::parts(self.name()).concat() == column
                || last(self.name()).as_deref() == Some(&column)
        })
    }

    /// `"apikey" "…"`, `put("password", "…")`, `name="password" value="…"`.
    fn paired(self, closed: usize, spans: &mut Spans) -> bool {
        let text = self.text;
        let at = skip_blanks(text, closed);
        let before = self.lead();
        let opened = before.trim_end_matches(['"', '\'', '\\', '`', ' ']);
        let opened = opened.strip_suffix("N").unwrap_or(opened);
        let by_letter = opened.ends_with("\"n\":");
        if (named_by(opened) || by_letter)
            && (self.named_value(at, spans) || self.value_before(spans))
        {
            return true;
        }
        if at > closed && values::quote(text, at).is_some() {
            self.value(at, Join::Equals, spans);
            return true;
        }
        // `If(IsNull(Password), 'missing', 'set')`.
        let is_closed = text[self.end..closed].contains(')');
        if text[at..].starts_with(',') && is_call(opened) && !is_closed {
            self.value(at + 1, Join::Equals, spans);
            return true;
        }
        if text[at..].starts_with(',') && opened.ends_with(['(', '[', '{']) {
            return self.tuple(skip_blanks(text, at + 1), spans);
        }
        false
    }

    /// The value of a nearby `value=`.
    fn named_value(self, at: usize, spans: &mut Spans) -> bool {
        let end = self.text.floor_char_boundary((line_end(self.text, at) + 160).min(at + 400));
        let near = self.text[at..end].to_ascii_lowercase();
        let near = &near[..near.find("name").unwrap_or(near.len())];
        let Some(found) = near
            .find("value")
            .or_else(|| near.find("\"text"))
            .or_else(|| near.find("\"#text").map(|at| at + 1))
            .or_else(|| near.find("content"))
            .or_else(|| near.find("\"v\"").map(|at| at + 1))
        else {
            return false;
        };
        let from = at + found;
        let (_, to) = names::around(self.text, from, from + 1);
        let quotes = closing(self.text, to).unwrap_or(to);
        let next = skip_blanks(self.text, quotes);
        if self.text[next..].starts_with('>') {
            return false;
        }
        let (Some((_, next)), true) = (
            separator(self.text, next, true)
                .or((quotes > to && next > quotes).then_some((Join::Equals, next))),
            found < 160,
        ) else {
            return false;
        };
        self.value(next, Join::Equals, spans);
        true
    }
}

/// A separator and its end. Dashes need a blank before them.
pub(crate) fn separator(text: &str, at: usize, apart: bool) -> Option<(Join, usize)> {
    let rest = text.get(at..)?;
    let (sign, join) = SEPARATORS.iter().find(|(sign, _)| rest.starts_with(sign))?;
    let needs_blank = sign.ends_with(' ');
    if needs_blank && !(apart && text[..at].ends_with(' ')) {
        return None;
    }
    if rest.starts_with("://") {
        return None;
    }
    let next = skip_blanks(text, at + sign.len());
    // `password : = x` and `password:: x`.
    if text[next..].starts_with(['=', '：']) && !text[next..].starts_with("==") && *sign != "=" {
        return Some((Join::Equals, next + text[next..].chars().next().map_or(0, char::len_utf8)));
    }
    Some((*join, at + sign.len()))
}

pub(crate) fn in_query(text: &str, start: usize) -> bool {
    let tail = text[text.ceil_char_boundary(start.saturating_sub(8))..start].to_ascii_lowercase();
    if tail.ends_with([' ', '"', '\'', '\t', '\n']) || tail.is_empty() {
        return false;
    }
    let before = &text[line_start(text, start)..start];
    before.ends_with(['?', '&'])
        || ["%3f", "%26", "%23", "&amp;", "\\u0026"].iter().any(|sign| tail.ends_with(sign))
        || (before.ends_with('#') && before.contains("://"))
        || (before.ends_with(';')
            && before
                .rsplit(char::is_whitespace)
                .next()
                .is_some_and(|word| word.contains("://") && !word.starts_with("jdbc")))
}

/// Whether `name=`, `key:` or `"name":` is before it.
pub(crate) fn named_by(before: &str) -> bool {
    let before =
        before.trim_end_matches([' ', '"', '\'', '\\', ':', '=', '>']).to_ascii_lowercase();
    [
        "name",
        "key",
        "id",
        "parameter",
        "header",
        "field",
        "variable",
        "option",
        "property",
        "setting",
    ]
    .iter()
    .any(|by| before.ends_with(by))
}

/// Whether `put(` is before it.
fn is_call(before: &str) -> bool {
    let before = before.trim_end();
    let Some(name) = before.strip_suffix('(').map(str::trim_end) else { return false };
    // These take the names of fields and tables.
    let reads = ["peek", "lookup", "fieldvalue", "applymap", "noofrows", "fieldindex"];
    let lower = name.to_ascii_lowercase();
    name.ends_with(|c: char| c.is_alphanumeric() || c == '_')
        && !reads.iter().any(|read| lower.ends_with(read))
}
