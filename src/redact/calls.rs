//! Pure. Secrets in calls: the arguments after a user, as in `Login('q', 'X')`.

use crate::redact::looks;
use crate::redact::spans::Spans;
use crate::redact::values::{self, Value, ValueKind};

/// The ends of the names of functions, whose second argument is a secret, with the parenthesis.
pub(crate) const CALLS: &[&str] = &[
    "login(",
    "login (",
    "logon(",
    "logon (",
    "signin(",
    "gettoken(",
    "get_token(",
    "accesstoken(",
    "access_token(",
    "auth(",
    "oauth1(",
    "authenticationheadervalue(",
    "authenticate(",
    "connectas(",
    "credential(",
    "credentials(",
    "anmelden(",
    "anmelden (",
    "einloggen(",
    "aanmelden(",
    "inloggen(",
    "seconnecter(",
    "iniciarsesion(",
    "iniciarsesión(",
    "iniciarsessao(",
    "iniciarsessão(",
    "accedi(",
];

/// The ends of the names of functions with a secret among other arguments, which has to look like one.
pub(crate) const OPENERS: &[&str] = &[
    "connect(",
    "connectwith(",
    "connectto(",
    ".open(",
    "opendatabase(",
    "openconnection(",
    "openconn(",
    "encrypt(",
    "decrypt(",
    "createsession(",
    "newsession(",
    "impersonate(",
    "logonuser(",
    "bind(",
    "entrar(",
    "conectar(",
    "connetti(",
    "ouvrirsession(",
];

/// The ends of the names of functions that decode what may be a user and a password.
pub(crate) const DECODERS: &[&str] = &[
    "base64decode(",
    "base64_decode(",
    "decodebase64(",
    "b64decode(",
    "frombase64string(",
    "frombase64(",
    "from_base64(",
    "unbase64(",
    "atob(",
];

/// The most arguments that are examined.
const ARGUMENTS: usize = 8;
/// The most bytes of an argument that is not a literal.
const VARIABLE: usize = 80;

/// Hides the literals after the first argument, which begins at `at`. Returns whether there was one.
pub(crate) fn arguments(text: &str, at: usize, spans: &mut Spans) -> bool {
    let mut at = skip_whitespace(text, at);
    let mut any = false;
    for n in 0..ARGUMENTS {
        let literal =
            values::quote(text, at).and_then(|_| values::read(text, at, ValueKind::Plain));
        let after = match literal {
            Some(value) if n > 0 && is_secret(text, &value, n) => {
                spans.hide(text, value.start, value.end);
                any = true;
                value.after
            }
            Some(value) => value.after,
            None => {
                any |= n > 0 && bare_argument(text, at, spans);
                behind_variable(text, at)
            }
        };
        let next = skip_whitespace(text, after);
        if !text[next..].starts_with(',') {
            break;
        }
        at = skip_whitespace(text, next + 1);
    }
    any
}

/// The place after `vName`, `$(vName)` or `Name(x)`.
pub(crate) fn behind_variable(text: &str, at: usize) -> usize {
    let stop = text.floor_char_boundary(at + VARIABLE);
    let rest = &text[at..stop];
    let name =
        rest.find(|c: char| !c.is_alphanumeric() && !"_.$".contains(c)).unwrap_or(rest.len());
    let close = rest[name..].find(')').filter(|_| rest[name..].starts_with('('));
    at + close.map_or(name, |close| name + close + 1)
}

/// Hides the arguments that look like a secret, from the second on; a literal or a bare word.
pub(crate) fn odd_arguments(text: &str, at: usize, spans: &mut Spans) {
    let mut at = skip_whitespace(text, at);
    for n in 0..ARGUMENTS {
        let literal =
            values::quote(text, at).and_then(|_| values::read(text, at, ValueKind::Plain));
        let after = if let Some(value) = literal {
            let found = &text[value.start..value.end];
            let takes = n > 0
                && !(n == 1 && looks::is_dated(found))
                && looks::is_strict(found)
                && !found.contains([' ', '/', '\\', '=']);
            if takes {
                spans.hide(text, value.start, value.end);
            }
            value.after
        } else {
            if n > 0 {
                bare_argument(text, at, spans);
            }
            behind_variable(text, at)
        };
        let next = skip_whitespace(text, after);
        if !text[next..].starts_with([',', ';']) {
            return;
        }
        at = skip_whitespace(text, next + 1);
    }
}

/// Hides an argument without quotes if it looks like a secret.
fn bare_argument(text: &str, at: usize, spans: &mut Spans) -> bool {
    let line = &text[at..values::line_end(text, at)];
    let len = line.find(|c: char| c.is_whitespace() || ",()'\"".contains(c)).unwrap_or(line.len());
    let found = &line[..len];
    let ends = line[len..].trim_start().starts_with([',', ')']);
    let takes = ends
        && looks::is_strict(found)
        && !looks::is_variable(found)
        && !found.contains(['/', '\\', '=', '.', '[', '$']);
    if takes {
        spans.hide(text, at, at + len);
    }
    takes
}

/// `Base64Decode('…')`: hides the literal if a user and a password are in it.
pub(crate) fn decoded(text: &str, at: usize, spans: &mut Spans) {
    let at = skip_whitespace(text, at);
    let literal = values::quote(text, at).and_then(|_| values::read(text, at, ValueKind::Plain));
    if let Some(value) = literal
        && is_pair(&text[value.start..value.end])
    {
        spans.hide(text, value.start, value.end);
    }
}

/// Whether this is a user and a password in base64.
fn is_pair(encoded: &str) -> bool {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut decoded = Vec::new();
    for group in encoded.trim_end_matches('=').as_bytes().chunks(4) {
        let Some(digits) = group.iter().map(|byte| digit(*byte)).collect::<Option<Vec<_>>>() else {
            return false;
        };
        let bits =
            digits.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - digits.len()));
        decoded.extend(bits.to_be_bytes()[1..].iter().take(digits.len() - 1));
    }
    let is_text = decoded.iter().all(|byte| (b' '..0x7f).contains(byte) || *byte >= 0x80);
    let colon = decoded.iter().position(|byte| *byte == b':');
    is_text && colon.is_some_and(|colon| colon > 0 && colon + 1 < decoded.len())
}

/// What follows the second argument may be a domain or a scope.
fn is_secret(text: &str, value: &Value, n: usize) -> bool {
    let found = &text[value.start..value.end];
    let is_kept = values::is_stand_in(found) || values::is_remark(found) || values::is_path(found);
    !is_kept && !found.is_empty() && (n == 1 || values::is_odd(found))
}

/// The place after blanks and at most one line end.
fn skip_whitespace(text: &str, at: usize) -> usize {
    let next = values::skip_blanks(text, at);
    values::behind_break(text, next).unwrap_or(next)
}
