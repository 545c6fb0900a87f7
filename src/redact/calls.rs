//! Pure. Secrets in calls: the arguments after a user, as in `Login('q', 'X')`.

use crate::redact::spans::Spans;
use crate::redact::values::{self, Kind, Value};

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
        let literal = values::quote(text, at).and_then(|_| values::read(text, at, Kind::Plain));
        let after = match literal {
            Some(value) if n > 0 && is_secret(text, &value, n) => {
                spans.hide(text, value.start, value.end);
                any = true;
                value.after
            }
            Some(value) => value.after,
            None => behind_variable(text, at),
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

/// Arguments after the second may be a domain or a scope.
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
