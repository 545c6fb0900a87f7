//! Pure. The only place that redacts secrets in what is stored, sent, logged or shown.
//!
//! Script logs contain passwords, tokens and connection strings in plain text. One search finds the
//! places where a secret may be; rules of grammar then decide what to hide. The content of errors
//! is kept: names of fields, tables and files, ids, hashes and paths. The words and forms are data:
//! `words`, `vendors`, `statements`, `commands`, `urls`.

mod assign;
mod blocks;
mod calls;
mod changes;
mod columns;
mod commands;
mod fields;
mod finder;
mod flat;
mod headers;
mod innocent;
mod joins;
mod keys;
mod labels;
mod logins;
mod looks;
mod lost;
mod markup;
mod names;
mod near;
mod nested;
mod other_words;
mod phrases;
mod prose;
mod random;
mod recent;
mod report_words;
mod script;
mod sentences;
mod settings;
mod signs;
mod spans;
mod stand_ins;
mod statements;
mod tables;
mod unmarked;
mod unspaced;
mod urls;
mod values;
mod vendors;
mod view;
mod weak_words;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use crate::redact::recent::Recalled;
use crate::redact::spans::apply;

/// The replacement of a secret.
pub const REDACTED: &str = "‹redacted›";

/// Shorter secrets are not searched for elsewhere.
const SHORTEST: usize = 4;

/// The most passes over a text: hiding one secret may reveal another.
const ROUNDS: usize = 8;

/// The text with each secret replaced by `‹redacted›`. The number of lines stays.
pub fn redact(text: &str) -> Cow<'_, str> {
    match recent::outcome(text) {
        Some(Recalled::Clean) => return text.into(),
        Some(Recalled::Redacted(redacted)) => return redacted.into(),
        None => {}
    }
    let redacted = match without_returns(text) {
        Cow::Borrowed(text) => by_rules(text),
        Cow::Owned(lines) => match by_rules(&lines) {
            Cow::Borrowed(_) => {
                recent::remember_clean(text);
                text.into()
            }
            Cow::Owned(redacted) => Cow::Owned(with_returns(&redacted, text)),
        },
    };
    if let Cow::Owned(redacted) = &redacted {
        recent::remember_redacted(text, redacted);
    }
    redacted
}

fn by_rules(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for round in 0..ROUNDS {
        let mut spans = finder::find(&text);
        if spans.is_empty() {
            recent::remember_clean(&text);
            break;
        }
        if round == 0 {
            spans::repeated(&text, &mut spans);
        }
        text = Cow::Owned(apply(&text, &spans).into_owned());
    }
    text
}

/// The rules know `\n` only; script logs also have `\r\n`.
fn without_returns(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") { Cow::Owned(text.replace("\r\n", "\n")) } else { text.into() }
}

/// Restores the line ends of the original, which has as many lines.
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

/// The redacted text with at most `limit` characters. It is redacted first, since a truncated
/// secret might not be recognised.
pub fn redact_and_bound(text: &str, limit: usize) -> String {
    bound(&redact(text), limit)
}

/// At most `limit` characters; the last one is `…` if the text was longer.
pub fn bound(text: &str, limit: usize) -> String {
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// The secrets in a text, to be hidden elsewhere too.
pub fn secrets(text: &str) -> Vec<&str> {
    let parts = finder::find(text).into_iter().map(|(start, end)| &text[start..end]);
    parts.filter(|part| part.len() >= SHORTEST).collect()
}

/// The text without these known secrets.
pub fn without(text: &str, secrets: &[&str]) -> String {
    let is_part = |secret: &&&str| secret.contains(text) && text.len() >= SHORTEST;
    if secrets.iter().any(|secret| is_part(&secret)) {
        return REDACTED.to_owned();
    }
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED))
}

/// Hides in texts that are shown together what is found in all of them as one text: a secret may be in
/// another of them than its name.
pub fn redact_together(texts: &mut [&mut String]) {
    let joined = texts.iter().map(|text| text.as_str()).collect::<Vec<_>>().join("\n");
    let hidden = redact(&joined);
    if *hidden == *joined {
        return;
    }
    let known = secrets(&joined);
    let mut lines = hidden.split('\n');
    for text in texts {
        let n_lines = text.split('\n').count();
        let hidden = lines.by_ref().take(n_lines).collect::<Vec<_>>().join("\n");
        **text = without(&hidden, &known);
    }
}

/// A text whose URLs are reduced to their hosts, and whose tokens are hidden. For files that people
/// write, which may contain a webhook or a key in the wrong place.
#[derive(Debug)]
pub struct HostsOnly {
    /// The reduced text.
    pub text: String,
    hidden: Vec<Hidden>,
}

/// One hidden part: its place in the original, and the place of its mark in the new text.
#[derive(Debug)]
struct Hidden {
    start: usize,
    end: usize,
    mark: usize,
}

impl HostsOnly {
    /// Hides everything after the host of each URL, and each token.
    pub fn of(text: &str) -> Self {
        let mut spans = urls::beyond_hosts(text);
        let is_outside = |token: &(usize, usize), spans: &[(usize, usize)]| {
            !spans.iter().any(|(start, end)| token.0 < *end && *start < token.1)
        };
        let tokens: Vec<_> = urls::tokens(text).filter(|it| is_outside(it, &spans)).collect();
        spans.extend(tokens);
        spans.sort_unstable();
        let mut hidden = Vec::with_capacity(spans.len());
        let (mut from, mut to) = (0, 0);
        for &(start, end) in &spans {
            let mark = to + (start - from);
            hidden.push(Hidden { start, end, mark });
            (from, to) = (end, mark + REDACTED.len());
        }
        Self { text: apply(text, &spans).into_owned(), hidden }
    }

    /// Maps a place of the original text to the new one; a place that begins or ends in a hidden
    /// part is extended to its whole mark.
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

    /// The last hidden part that begins before this place.
    fn before(&self, at: usize) -> Option<&Hidden> {
        self.hidden[..self.hidden.partition_point(|hidden| hidden.start < at)].last()
    }
}

/// Maps a place after a hidden part, or before all of them.
fn moved(at: usize, hidden: Option<&Hidden>) -> usize {
    hidden.map_or(at, |hidden| hidden.mark + REDACTED.len() + (at - hidden.end))
}

#[cfg(test)]
mod tests;
