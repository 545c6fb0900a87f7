//! Pure. Keys of several lines: PEM, PGP, `PuTTY`; also truncated ones, and with the line prefixes
//! of a log.

use crate::redact::spans::Spans;
use crate::redact::values::{
    line_end as near_line_end, skip_prefix, value_end, whole_line_end as line_end,
    whole_line_start as line_start,
};

/// The most lines of a key.
const LINES: usize = 400;
/// How far back a block is searched in one line, in bytes.
const REACH: usize = 64 * 1024;
/// The most bytes of a label.
const LABEL: usize = 100;
/// Header lines within a block.
const HEADERS: &[&str] = &["Version:", "Comment:", "Hash:", "Charset:", "MessageID:", "Proc-Type:"];

/// Hides the block after `-----BEGIN X-----` at `at`, up to its end.
pub(crate) fn begin(text: &str, at: usize, spans: &mut Spans) {
    let start = at + "-----BEGIN ".len();
    let line = &text[start..near_line_end(text, start)];
    let line = &line[..line.floor_char_boundary(LABEL)];
    let Some(label) = line.find("-----").map(|len| &line[..len]) else { return };
    let known = [
        "KEY",
        "CERTIFICATE",
        "MESSAGE",
        "PARAMETERS",
        "PKCS",
        "CMS",
        "BLOCK",
        "SIGNATURE",
        "REQUEST",
        "CRL",
        "X509",
    ];
    if !known.iter().any(|word| label.contains(word)) {
        return;
    }
    let start = start + label.len() + 5;
    if !within_line(text, start, spans) {
        lines(text, start, spans);
    }
}

/// Hides the block after `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----`.
pub(crate) fn ssh(text: &str, at: usize, spans: &mut Spans) {
    let line = &text[at..near_line_end(text, at)];
    let line = &line[..line.floor_char_boundary(LABEL)];
    if line.contains("KEY ----") {
        lines(text, at, spans);
    }
}

/// Hides the lines of a block after the line of this place.
fn lines(text: &str, at: usize, spans: &mut Spans) {
    let mut here = line_end(text, at);
    for _ in 0..LINES {
        if here >= text.len() {
            return;
        }
        let line = here + 1;
        here = line_end(text, line);
        if !body(text, line, here, true, spans) {
            return;
        }
    }
}

/// Hides the rest of the line, in which line ends may be written as `\n`. Returns whether it
/// contains the mark of this or another block.
fn within_line(text: &str, start: usize, spans: &mut Spans) -> bool {
    let end = value_end(text, start);
    let marked = memchr::memmem::find(&text.as_bytes()[start..end], b"-----");
    let stop = marked.map_or(end, |len| start + len);
    let rest = text[start..stop].trim_end_matches(['"', '\'', ';', ',', ' ', '\r', '}', ')']);
    let skipped =
        rest.len() - rest.trim_start_matches(['\\', 'n', 'r', '"', '\'', ' ', '&', '+']).len();
    // Words of a sentence are not a key.
    let is_sentence = rest[skipped..].contains(' ')
        && !rest[skipped..].split([' ', '\\']).any(|word| word.len() > 15);
    let is_key = rest[skipped..].len() > 3
        && !is_sentence
        && rest[skipped..].chars().all(|c| is_base64(c) || "\\ \"'&-:,".contains(c));
    if is_key {
        spans.hide(text, start + skipped, start + rest.len());
    }
    marked.is_some()
}

/// Hides a line of a block; whether the line belongs to the block.
fn body(text: &str, line: usize, end: usize, inside: bool, spans: &mut Spans) -> bool {
    let start = skip_prefix(text, line, end);
    let found = text[start..end].trim();
    if found.is_empty() || HEADERS.iter().any(|header| found.starts_with(header)) {
        return true;
    }
    if let Some(info) = found.strip_prefix("DEK-Info:") {
        let salt = info.rsplit(',').next().unwrap_or_default().len();
        spans.hide(text, start + found.len() - salt, start + found.len());
        return true;
    }
    let core = found.trim_matches(['\'', '"', '&', ';', ',', '|', '>', ' ']);
    let is_key = !core.is_empty() && core.chars().all(is_base64) && (inside || core.len() > 39);
    if is_key {
        let offset = found.find(core).unwrap_or(0);
        spans.hide(text, start + offset, start + offset + core.len());
    }
    is_key
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=_-".contains(c)
}

/// Hides the block before `-----END X-----` at `at`, whose beginning may be cut off.
pub(crate) fn end(text: &str, at: usize, spans: &mut Spans) {
    let mut from = line_start(text, at).max(text.ceil_char_boundary(at.saturating_sub(REACH)));
    // From the mark before it in the same line, if there is one.
    let marked = memchr::memmem::rfind(&text.as_bytes()[from..at], b"-----");
    if let Some(mark) = marked {
        from += mark;
    }
    let before = &text[from..at];
    if before.contains("\\n") && marked.is_none() {
        let start = before.rfind(['"', '\'', ' ']).map_or(from, |at| from + at + 1);
        spans.hide(text, start, at);
    }
    if marked.is_some() {
        return;
    }
    for _ in 0..LINES {
        if from == 0 {
            return;
        }
        let end = from - 1;
        from = line_start(text, end);
        if text[from..end].contains("-----BEGIN") || !body(text, from, end, true, spans) {
            return;
        }
    }
}

/// Hides a block that is cut at both ends: consecutive lines of 40 or more base64 characters, and
/// the shorter last one.
pub(crate) fn runs(text: &str, spans: &mut Spans) {
    let mut at = 0;
    let mut n = 0;
    while at < text.len() {
        let end = line_end(text, at);
        let start = skip_prefix(text, at, end);
        let found = text[start..end].trim();
        let is_base64 = !found.is_empty() && found.chars().all(is_base64);
        let mixed = found.bytes().any(|c| c.is_ascii_uppercase())
            && found.bytes().any(|c| c.is_ascii_lowercase());
        if is_base64 && mixed && matches!(found.len(), 60..=76) {
            n += 1;
            spans.hide(
                text,
                start,
                start
                    + if n > 1 || found.bytes().any(|c| c.is_ascii_digit()) {
                        found.len()
                    } else {
                        0
                    },
            );
        } else {
            let ends = n > 0
                && is_base64
                && (found.ends_with('=') || (mixed && found.bytes().any(|c| c.is_ascii_digit())));
            if ends {
                spans.hide(text, start, start + found.len());
            }
            n = 0;
        }
        at = end + 1;
    }
}

/// `Private-Lines: 8` of `PuTTY` with its lines; `Private-MAC:` contains their checksum.
pub(crate) fn putty(text: &str, at: usize, spans: &mut Spans) {
    let end = line_end(text, at);
    let line = &text[at..end];
    let value = line.split_once(':').map_or("", |(_, value)| value.trim());
    if line.to_ascii_lowercase().starts_with("private-mac") {
        let start = end - line.len() + line.find(value).unwrap_or(line.len());
        spans.hide(text, start, start + value.len());
        return;
    }
    let lines: usize = value.parse().unwrap_or(LINES);
    let mut here = end;
    for _ in 0..lines.min(LINES) {
        if here >= text.len() || !body(text, here + 1, line_end(text, here + 1), true, spans) {
            return;
        }
        here = line_end(text, here + 1);
    }
}

/// Parts of a private key as JSON, if the text contains `"kty"`.
pub(crate) fn jwk(text: &str, spans: &mut Spans) {
    for name in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        for quote in ["\"", "'", "\\\"", "\"\""] {
            let wanted = format!("{quote}{name}{quote}");
            let Some(found) = text.find(&wanted) else { continue };
            let at = found + wanted.len();
            let rest = text[at..].trim_start();
            if let Some(value) = rest.strip_prefix(':') {
                let at = text.len() - value.trim_start().len();
                if let Some(value) =
                    crate::redact::values::read(text, at, crate::redact::values::ValueKind::Plain)
                {
                    spans.hide(text, value.start, value.end);
                }
            }
        }
    }
}
