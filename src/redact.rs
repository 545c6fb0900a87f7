//! Pure. The only place that hides secrets: in what is stored, sent, logged or shown.
//!
//! Script logs show passwords, tokens and connection strings in clear. One search finds where a
//! secret may stand; what stands there decides by grammar what of it goes. What an error says
//! stays: names of fields, tables and files, ids, hashes and paths. The words and forms are data:
//! `words`, `vendors`, `statements`, `commands`, `urls`.

mod assign;
mod blocks;
mod commands;
mod finder;
mod headers;
mod markup;
mod names;
mod prose;
mod random;
mod sentences;
mod spans;
mod statements;
mod tables;
mod urls;
mod values;
mod vendors;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use crate::redact::spans::apply;

/// What stands where a secret stood.
pub const REDACTED: &str = "‹redacted›";

/// A shorter secret is not looked for elsewhere.
const SHORTEST: usize = 4;

/// So often a text is looked at: what is hidden may show what else is to be hidden.
const ROUNDS: usize = 8;

/// The text without its secrets, each replaced by `‹redacted›`. Lines stay lines.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ROUNDS {
        let spans = finder::find(&text);
        if spans.is_empty() {
            break;
        }
        text = Cow::Owned(apply(&text, &spans).into_owned());
    }
    text
}

/// The text without its secrets and with at most `limit` characters. Redacted first: a secret that is cut in two might not be known any more.
pub fn redact_and_bound(text: &str, limit: usize) -> String {
    bound(&redact(text), limit)
}

/// At most `limit` characters, `…` being the last one if there were more.
pub fn bound(text: &str, limit: usize) -> String {
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// What is secret in a text: to be hidden wherever else it stands.
pub fn secrets(text: &str) -> Vec<&str> {
    let parts = finder::find(text).into_iter().map(|(start, end)| &text[start..end]);
    parts.filter(|part| part.len() >= SHORTEST).collect()
}

/// The text without secrets that are known from elsewhere.
pub fn without(text: &str, secrets: &[&str]) -> String {
    let is_part = |secret: &&&str| secret.contains(text) && text.len() >= SHORTEST;
    if secrets.iter().any(|secret| is_part(&secret)) {
        return REDACTED.to_owned();
    }
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
}

/// The text with no more of its URLs than their hosts, and where `place` is in it then. For what a
/// person wrote: a webhook may stand in the wrong place.
pub fn hosts_only(text: &str, place: Range<usize>) -> (String, Range<usize>) {
    let spans = urls::beyond_hosts(text);
    let moved = |at: usize| {
        spans.iter().filter(|(start, _)| *start < at).fold(at, |moved, (start, end)| {
            let gone = at.min(*end) - start;
            moved - gone + if at >= *end { REDACTED.len() } else { 0 }
        })
    };
    let inside =
        spans.iter().any(|(start, end)| (*start..*end).contains(&place.end) && place.end > *start);
    let end = if inside { moved(place.end) + REDACTED.len() } else { moved(place.end) };
    let start = moved(place.start);
    (apply(text, &spans).into_owned(), start..end.max(start))
}

#[cfg(test)]
mod tests;
