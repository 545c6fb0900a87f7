//! Pure. The hidden parts of a text.

use std::borrow::Cow;

use aho_corasick::AhoCorasick;

use crate::redact::{REDACTED, values, view};

/// Shorter values are not hidden elsewhere, since they may be ordinary words.
const REPEATS: usize = 8;
/// The most values that are searched for again.
const VALUES: usize = 100;

/// Byte ranges to hide, unordered and possibly overlapping.
#[derive(Debug, Default)]
pub(crate) struct Spans(Vec<(usize, usize)>);

impl Spans {
    /// Hides these bytes, each line separately, so that the number of lines stays.
    pub(crate) fn hide(&mut self, text: &str, start: usize, end: usize) {
        if start >= end {
            return;
        }
        let mut at = start;
        for line in text[start..end].split_inclusive('\n') {
            let bare = line.trim_end();
            let from = at + bare.len() - bare.trim_start().len();
            let to = at + bare.len();
            let found = &text[from..to];
            let is_kept = found == REDACTED || view::is_stamp(found) || is_number(text, from, to);
            if from < to && !is_kept {
                self.0.push((from, to));
            }
            at += line.len();
        }
    }

    /// Whether the last hidden range contains this place.
    pub(crate) fn covers(&self, at: usize) -> bool {
        self.0.last().is_some_and(|(start, end)| (*start..*end).contains(&at))
    }

    /// The ranges in order, merged where they touch.
    pub(crate) fn joined(mut self) -> Vec<(usize, usize)> {
        self.0.sort_unstable();
        let mut joined: Vec<(usize, usize)> = Vec::with_capacity(self.0.len());
        for (start, end) in self.0 {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        joined
    }
}

/// Whether it is the number before a statement, in an excerpt without stamps.
fn is_number(text: &str, from: usize, to: usize) -> bool {
    let is_shaped = to - from == 4
        && text[from..to].starts_with('0')
        && text[from..to].bytes().all(|byte| byte.is_ascii_digit())
        && text[to..].starts_with(' ');
    is_shaped && text[values::line_start(text, from)..from].trim_matches([' ', '►']).is_empty()
}

/// The text with each of these parts replaced by the mark.
pub(crate) fn apply<'t>(text: &'t str, spans: &[(usize, usize)]) -> Cow<'t, str> {
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in spans {
        out.push_str(&text[from..*start]);
        // A mark directly before is not repeated.
        if !out.ends_with(REDACTED) {
            out.push_str(REDACTED);
        }
        from = *end;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// Adds the other places of these values in the text.
pub(crate) fn repeated(text: &str, spans: &mut Vec<(usize, usize)>) {
    let is_made_up = |value: &&str| {
        (REPEATS..200).contains(&value.len())
            && values::is_odd(value)
            && value.chars().any(|c| !c.is_alphabetic())
            && !value.contains(char::is_whitespace)
    };
    let mut known: Vec<&str> = spans
        .iter()
        .map(|(start, end)| &text[*start..*end])
        .filter(is_made_up)
        .take(VALUES)
        .collect();
    known.sort_unstable();
    known.dedup();
    if text.len() < 2 * REPEATS || known.is_empty() {
        return;
    }
    let Ok(search) = AhoCorasick::new(known) else { return };
    let mut all = Spans(std::mem::take(spans));
    all.0.extend(search.find_iter(text).map(|found| (found.start(), found.end())));
    *spans = all.joined();
}
