//! Pure. HTTP credentials: schemes such as `Bearer`, `Authorization`, cookies.

use crate::redact::assign::SecretName;
use crate::redact::looks;
use crate::redact::names::{self, Class, has};
use crate::redact::spans::Spans;
use crate::redact::values::{self, ValueKind, line_end, skip_blanks, value_end};
use crate::redact::words;

/// Attributes of a `Set-Cookie`, which are not cookies.
const ATTRIBUTES: &str =
    " path domain expires max-age samesite secure httponly version comment priority partitioned ";

/// The start of the credentials if a scheme is at `at`, also in quotes.
pub(crate) fn behind_scheme(text: &str, at: usize) -> Option<usize> {
    let open = values::quote(text, at).map_or(0, |(open, _)| open.len());
    let start = at + open;
    let line = &text[start..line_end(text, start)];
    let word = line.split([' ', '\t', '"', '\'']).next()?;
    let next = skip_blanks(text, start + word.len());
    let follows = next > start + word.len() && next < start + line.trim_end().len();
    (follows && has(words::SCHEMES, &word.to_lowercase())).then_some(next)
}

/// The value of `Authorization` or `Cookie`.
pub(crate) fn hide(named: SecretName<'_>, at: usize, spans: &mut Spans) {
    let at = behind_line_of_scheme(named.text, at).unwrap_or(at);
    let (start, end) = extent(named, at);
    if start >= end {
        return;
    }
    if named.class == Class::Cookie {
        cookies(named.text, start, end, spans);
    } else {
        authorization(named.text, start, end, spans);
    }
}

/// The start of the credentials if the rest of the line is a scheme, and the next line looks like them.
fn behind_line_of_scheme(text: &str, at: usize) -> Option<usize> {
    let end = line_end(text, at);
    let next = values::behind_break(text, end)?;
    let found = text[next..line_end(text, next)].trim();
    let is_scheme = has(words::SCHEMES, &text[at..end].trim().to_lowercase());
    (is_scheme && !found.contains(' ') && values::is_odd(found)).then_some(next)
}

/// The value up to the quote that closes it or the whole header, else up to the end of the line.
fn extent(named: SecretName<'_>, at: usize) -> (usize, usize) {
    let text = named.text;
    let end = value_end(text, at);
    if let Some((open, _)) = values::quote(text, at)
        && let Some(value) = values::read(text, at, ValueKind::Plain)
    {
        return (at + open.len(), value.end);
    }
    let lead = named.lead();
    let closes = |quote: char| text[at..end].find(quote).map(|len| at + len);
    let by_quote = ['"', '\''].into_iter().find(|quote| lead.ends_with(*quote)).and_then(closes);
    let open_before = ['"', '\''].into_iter().find(|quote| lead.matches(*quote).count() % 2 == 1);
    let stop = by_quote.or_else(|| open_before.and_then(closes)).unwrap_or(end);
    let stop = text[at..stop].find("\\r\\n").map_or(stop, |len| at + len);
    let stop = next_header(&text[at..stop]).map_or(stop, |len| at + len);
    (at, at + text[at..stop].trim_end().len())
}

/// Where the next header of a list begins: `, X-Qlik-User: …`.
fn next_header(value: &str) -> Option<usize> {
    value.match_indices([',', ';']).map(|(at, _)| at).find(|at| {
        let rest = value[at + 1..].trim_start();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        len > 2
            && rest.starts_with(|c: char| c.is_ascii_uppercase())
            && rest[len..].starts_with(": ")
    })
}

fn authorization(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let start = behind_scheme(text, start).filter(|next| *next < end).unwrap_or(start);
    let value = &text[start..end];
    let words = value.split_whitespace().count();
    let parameters = value.contains('=') && (value.contains(',') || value.contains('&'));
    if values::is_stand_in(value) || (values::is_remark(value) && !parameters) {
        return;
    }
    if parameters && hide_parameters(text, start, end, spans) {
        return;
    }
    let alone = words <= 2 || parameters;
    let stop = if alone {
        end
    } else {
        values::read(text, start, ValueKind::Plain).map_or(end, |value| value.end)
    };
    let stop = if alone && !parameters {
        start + value.trim_end_matches([';', ')', '}', ',']).len()
    } else {
        stop
    };
    spans.hide(text, start, stop);
}

/// Harmless parameters of `Digest` and similar schemes.
const PLAIN: &str = " username realm algorithm qop uri nc opaque signedheaders sr se skn sv st sp charset stale ts version ";

/// `Digest username="x", response="…"`.
fn hide_parameters(text: &str, start: usize, end: usize, spans: &mut Spans) -> bool {
    let mut at = start;
    let mut any = false;
    for part in text[start..end].split([',', '&']) {
        if let Some((name, value)) = part.split_once('=') {
            let bare = value.trim().trim_matches(['"', '\'', '\\']);
            let offset = value.find(bare).unwrap_or(0);
            if !has(PLAIN, &name.trim().to_ascii_lowercase()) && !bare.is_empty() {
                let from = at + name.len() + 1 + offset;
                spans.hide(text, from, from + bare.len());
            }
            any = true;
        } else {
            spans.hide(text, at, at + part.len());
        }
        at += part.len() + 1;
    }
    any
}

fn cookies(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let mut at = start;
    let whole = text[start..end].trim_matches(['"', '\'', ' ']);
    // The value of a variable, without the name of a cookie.
    if !whole.contains(['=', ';', ' ']) && looks::is_strict(whole) {
        spans.hide(text, start, end);
        return;
    }
    for pair in text[start..end].split(';') {
        if let Some((name, value)) = pair.split_once('=')
            && !has(ATTRIBUTES, &name.trim().to_ascii_lowercase())
            && !values::is_stand_in(value)
        {
            let from = at + name.len() + 1;
            let len = if name.trim().contains(' ') {
                0
            } else {
                value.trim_end().trim_end_matches([']', '}']).len()
            };
            let len = value[..len]
                .find([' ', '"', ','])
                .filter(|_| !value.starts_with(['"', ' ']))
                .unwrap_or(len);
            spans.hide(text, from, from + len);
        }
        at += pair.len() + 1;
    }
}

/// `Bearer abc…` without a header; the scheme is at `start..end`.
pub(crate) fn alone(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let joined = text[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        || !text[end..].starts_with([' ', '\t', '+', '%']);
    if joined {
        return;
    }
    let encoded = if text[end..].starts_with("%20") { 3 } else { 0 };
    let at = skip_blanks(text, end + encoded + usize::from(text[end..].starts_with('+')));
    let at = at + text[at..].len() - text[at..].trim_start_matches(['"', '\'', ':']).len();
    let at = skip_blanks(text, at);
    let filler = [
        "token ",
        "token: ",
        "auth ",
        "auth: ",
        "authentication ",
        "authentication: ",
        "authorization ",
        "credentials ",
    ]
    .into_iter()
    .find(|filler| {
        text.as_bytes()[at..]
            .get(..filler.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(filler.as_bytes()))
    });
    let at = skip_blanks(text, at + filler.map_or(0, str::len));
    let token = |c: char| c.is_ascii_alphanumeric() || "-._~+/=%".contains(c);
    let len = text[at..].find(|c: char| !token(c)).unwrap_or(text.len() - at);
    let value = text[at..at + len].trim_end_matches(['.', '/']);
    let odd =
        value.bytes().any(|c| c.is_ascii_digit()) && value.bytes().any(|c| c.is_ascii_alphabetic());
    let humps = value.bytes().skip(1).any(|c| c.is_ascii_uppercase())
        && value.bytes().any(|c| c.is_ascii_lowercase());
    let least = if text[start..end].eq_ignore_ascii_case("bearer") && odd { 6 } else { 8 };
    // `bearer expires_in=3600` and `Digest username="q"`: the next pair.
    let is_pair = value.trim_end_matches('=').contains('=')
        || value.ends_with('=') && text[at + len..].starts_with(['"', '\\']);
    if !is_pair
        && value.len() >= least
        && (odd || humps || value.ends_with('='))
        && !value.contains("//")
    {
        spans.hide(text, at, at + value.len());
    }
}

/// Headers without secrets.
const PLAIN_HEADERS: &[&str] = &[
    "content-type",
    "accept",
    "accept-encoding",
    "accept-language",
    "user-agent",
    "host",
    "cache-control",
    "connection",
    "x-qlik-xrfkey",
    "origin",
    "referer",
    "content-length",
    "x-requested-with",
    "if-none-match",
    "range",
    "x-correlation-id",
    "x-request-id",
    "pragma",
    "content-encoding",
    "prefer",
    "x-http-method-override",
    "soapaction",
    "x-qlik-user",
    "odata-version",
    "odata-maxversion",
    "x-api-version",
    "api-version",
    "x-ms-version",
    "x-tenant-id",
];

/// `HTTPHEADER "name" "value"` and `QUERY "name" "value"`.
pub(crate) fn rest_pair(text: &str, at: usize, is_query: bool, spans: &mut Spans) {
    let start = skip_blanks(text, at);
    if start == at || values::quote(text, start).is_none() {
        return;
    }
    let Some(name) = values::read(text, start, ValueKind::Plain) else { return };
    let next = skip_blanks(text, name.after);
    let next = skip_blanks(text, next + usize::from(text[next..].starts_with(',')));
    let next = values::behind_break(text, next).unwrap_or(next);
    let found = &text[name.start..name.end];
    let is_secret = if is_query {
        let lower = found.to_ascii_lowercase();
        names::judge(found, None, true).is_some()
            && !["session", "sessionid"].contains(&lower.as_str())
            || ["appid", "app_key", "subscription", "api", "pwd"].contains(&lower.as_str())
    } else {
        !PLAIN_HEADERS.contains(&found.to_ascii_lowercase().as_str())
    };
    if is_secret
        && values::quote(text, next).is_some()
        && let Some(value) = values::read(text, next, ValueKind::Plain)
    {
        if values::is_stand_in(&text[value.start..value.end]) {
            return;
        }
        let start =
            behind_scheme(text, next).filter(|start| *start < value.end).unwrap_or(value.start);
        if values::is_stand_in(&text[start..value.end]) {
            return;
        }
        spans.hide(text, start, value.end);
    }
}
