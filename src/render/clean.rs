//! Pure. Makes foreign text harmless for a card without changing what a reader sees.

use serde_json::Value;

use crate::redact::{redact, secrets, without};

/// Breaks up macros and mentions invisibly, so that a Teams client does not act on them.
const ZERO_WIDTH_SPACE: char = '\u{200B}';
const NO_BREAK_SPACE: char = '\u{A0}';

/// Foreign text as one line of at most `limit` characters.
pub(crate) fn line(text: &str, limit: usize) -> String {
    flat(text.trim(), limit).trim().to_owned()
}

/// One line of a log: like [`line()`], with its indent kept.
pub(crate) fn log_line(text: &str, limit: usize) -> String {
    flat(text.trim_end(), limit).trim_end().to_owned()
}

fn flat(text: &str, limit: usize) -> String {
    // The text may be megabytes long; this much suffices whatever is removed from it.
    let enough = ellipsis(text, 4 * limit + 64).replace('\n', " ");
    ellipsis(&break_up(&printable(&enough)), limit)
}

/// The first `limit` characters, the last of them `…` if something was left out.
pub(crate) fn ellipsis(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// The beginning and the end of a name, at most `limit` characters with the `…` between them.
pub(crate) fn middle(name: &str, limit: usize) -> String {
    let n = name.chars().count();
    if n <= limit {
        return name.to_owned();
    }
    let end = limit.saturating_sub(1) / 2;
    let begin = limit.saturating_sub(1) - end;
    name.chars().take(begin).chain(['…']).chain(name.chars().skip(n - end)).collect()
}

/// Removes control characters (except line ends), bidirectional overrides and secrets.
pub(crate) fn printable(text: &str) -> String {
    let text: String = text.chars().filter_map(visible).collect();
    redact(&text).into_owned()
}

fn visible(c: char) -> Option<char> {
    match c {
        '\n' => Some('\n'),
        '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' => Some(' '),
        // Overrides reorder the text around them: "gpj.exe" would read "exe.jpg".
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// Clients expand `{{DATE(…)}}` and `{{TIME(…)}}` in texts; `<at>` needs a matching entity.
fn break_up(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '<']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let kept = break_position(from);
        out.push_str(&from[..kept.max(1)]);
        if kept > 0 {
            out.push(ZERO_WIDTH_SPACE);
        }
        rest = &from[kept.max(1)..];
    }
    out.push_str(rest);
    out
}

/// The number of bytes before the break in a macro or mention at the start of `text`; 0 if there
/// is none.
fn break_position(text: &str) -> usize {
    let starts = |prefix: &str| {
        text.as_bytes()
            .get(..prefix.len())
            .is_some_and(|b| b.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if starts("{{date(") || starts("{{time(") || starts("<at>") || starts("<at ") {
        return 1;
    }
    if starts("</at>") { 2 } else { 0 }
}

/// Cleans a finished card, whatever its template: makes all strings printable and protects blanks
/// in text runs from being collapsed.
///
/// What is hidden in one of them is hidden in all: one form of a text may show what another does not.
pub(crate) fn card(value: &mut Value) {
    let mut found = Vec::new();
    strings(value, &mut |text| {
        let clean = printable(text);
        if clean != *text {
            let long = secrets(text).into_iter().filter(|secret| secret.len() >= LEAST);
            found.extend(long.map(str::to_owned));
        }
        *text = clean;
    });
    if !found.is_empty() {
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        strings(value, &mut |text| *text = without(text, &found));
    }
}

/// Shorter secrets may be parts of words.
const LEAST: usize = 6;

/// Changes all strings, and then protects their blanks.
fn strings(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        // Most strings are names of the format, such as `TextRun`.
        Value::String(text) if is_short_word(text) => {}
        Value::String(text) => change(text),
        Value::Array(values) => values.iter_mut().for_each(|value| strings(value, change)),
        Value::Object(members) => {
            members.values_mut().for_each(|value| strings(value, change));
            if members.get("type").is_some_and(|t| t == "TextRun")
                && let Some(Value::String(text)) = members.get_mut("text")
            {
                *text = keep_blanks(text);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Shorter words of letters only are never secrets.
const LONG_WORD: usize = 16;

fn is_short_word(text: &str) -> bool {
    text.len() < LONG_WORD && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Replaces leading blanks, and each blank after another, by no-break spaces. A single leading
/// blank stays: it joins the run to the one before.
fn keep_blanks(text: &str) -> String {
    let mut before = ' ';
    let mut out = String::with_capacity(text.len());
    let indented = text.starts_with("  ");
    for (i, c) in text.chars().enumerate() {
        let collapses = c == ' ' && before == ' ' && (i > 0 || indented);
        out.push(if collapses { NO_BREAK_SPACE } else { c });
        before = c;
    }
    out
}

#[cfg(test)]
mod tests;
