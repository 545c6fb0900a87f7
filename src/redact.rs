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
mod nested;
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
    match without_returns(text) {
        Cow::Borrowed(text) => by_rules(text),
        Cow::Owned(lines) => Cow::Owned(with_returns(&by_rules(&lines), text)),
    }
}

fn by_rules(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for round in 0..ROUNDS {
        let mut spans = finder::find(&text);
        if spans.is_empty() {
            break;
        }
        if round == 0 {
            spans::repeated(&text, &mut spans);
        }
        text = Cow::Owned(apply(&text, &spans).into_owned());
    }
    text
}

/// The rules know one end of a line; script logs have the other one, too.
fn without_returns(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { text.into() }
}

/// Ends the lines of a text as those of the original are ended: there are as many.
fn with_returns(text: &str, original: &str) -> String {
    let ends = original.split_inclusive('\n').map(|line| line.ends_with("\r\n"));
    let lines = text.split_inclusive('\n').zip(ends.chain(std::iter::repeat(false)));
    lines.fold(String::with_capacity(original.len()), |mut all, (line, has_return)| {
        match line.strip_suffix('\n') {
            Some(line) if has_return => all.extend([line, "\r\n"]),
            _ => all.push_str(line),
        }
        all
    })
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

/// A text with no more of its URLs than their hosts. For what a person wrote: a webhook may stand in
/// the wrong place.
#[derive(Debug)]
pub struct HostsOnly {
    /// The text without what was hidden.
    pub text: String,
    hidden: Vec<Hidden>,
}

/// One part of the text that was hidden: its place before, and where its mark stands now.
#[derive(Debug)]
struct Hidden {
    start: usize,
    end: usize,
    mark: usize,
}

impl HostsOnly {
    /// Hides what follows the host in each URL.
    pub fn of(text: &str) -> Self {
        let spans = urls::beyond_hosts(text);
        let mut hidden = Vec::with_capacity(spans.len());
        let (mut from, mut to) = (0, 0);
        for &(start, end) in &spans {
            let mark = to + (start - from);
            hidden.push(Hidden { start, end, mark });
            (from, to) = (end, mark + REDACTED.len());
        }
        Self { text: apply(text, &spans).into_owned(), hidden }
    }

    /// Where a place of the original text is now; a place that begins or ends within what was
    /// hidden takes its whole mark.
    pub fn place(&self, place: &Range<usize>) -> Range<usize> {
        let start = match self.before(place.start) {
            Some(hidden) if place.start < hidden.end => hidden.mark,
            hidden => moved(place.start, hidden),
        };
        let end = match self.before(place.end) {
            Some(hidden) if place.end < hidden.end => hidden.mark + REDACTED.len(),
            hidden => moved(place.end, hidden),
        };
        start..end.max(start)
    }

    /// The last part that was hidden and begins before this place.
    fn before(&self, at: usize) -> Option<&Hidden> {
        self.hidden[..self.hidden.partition_point(|hidden| hidden.start < at)].last()
    }
}

/// A place behind a hidden part, or before all of them.
fn moved(at: usize, hidden: Option<&Hidden>) -> usize {
    hidden.map_or(at, |hidden| hidden.mark + REDACTED.len() + (at - hidden.end))
}

#[cfg(test)]
mod tests;
