//! Pure. The last rule: long runs that look random, without a name. Ids, hashes, paths and words
//! are kept.

use crate::redact::spans::Spans;

/// The shortest run that is hidden without a name.
pub(crate) const LONG_RUN: usize = 32;
/// Words before a checksum, which is not a secret.
const SUMS: &[&str] = &[
    "sha",
    "md5",
    "etag",
    "integrity",
    "hash",
    "digest",
    "thumbprint",
    "checksum",
    "fingerprint",
    "commit",
    "traceid",
    "trace-id",
    "trace_id",
    "trace id",
    "traceparent",
    "trace:",
    "trace=",
    "correlation",
    "revision",
    "crc",
    "blake",
    "w/",
];

pub(crate) fn in_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/_-".contains(&byte)
}

/// Whether any run is long enough to be examined.
pub(crate) fn has_long_run(text: &str) -> bool {
    has_run(text, LONG_RUN, in_run)
}

/// Whether this many consecutive bytes are of a kind. Checks the last of them first, so that it
/// examines few bytes of a text of short words.
pub(crate) fn has_run(text: &str, len: usize, is_in: impl Fn(u8) -> bool) -> bool {
    let mut rest = text.as_bytes();
    while let Some(next) = rest.get(..len) {
        match next.iter().rposition(|byte| !is_in(*byte)) {
            Some(other) => rest = &rest[other + 1..],
            None => return true,
        }
    }
    false
}

/// Hides the runs that look random.
pub(crate) fn hide(text: &str, spans: &mut Spans) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !in_run(bytes[at]) {
            at += 1;
            continue;
        }
        let len = bytes[at..].iter().position(|byte| !in_run(*byte)).unwrap_or(bytes.len() - at);
        if len >= LONG_RUN {
            run(text, at, at + len, spans);
        }
        at += len;
    }
}

fn run(text: &str, start: usize, end: usize, spans: &mut Spans) {
    let found = &text[start..end];
    let pad = text[end..].len() - text[end..].trim_start_matches('=').len();
    let is_file = text[end..]
        .strip_prefix('.')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let before = text[..start]
        .chars()
        .rev()
        .take(24)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect::<String>()
        .to_ascii_lowercase();
    let in_path = before.ends_with(['\\', '/', '.']) || before.ends_with(":/");
    let is_sum =
        SUMS.iter().any(|sum| before.contains(sum) || found.to_ascii_lowercase().starts_with(sum));
    if is_file
        || in_path
        || is_sum
        || found.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-')
        || has_guid(found)
    {
        return;
    }
    if looks_random(found, pad) {
        spans.hide(text, start, end + pad.min(2));
    }
}

fn has_guid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split(['-', '_', '/']).collect();
    parts.windows(5).any(|window| {
        window
            .iter()
            .zip(groups)
            .all(|(part, len)| part.len() == len && part.bytes().all(|c| c.is_ascii_hexdigit()))
    })
}

/// Random letters and digits change their class far more often than words.
fn looks_random(text: &str, pad: usize) -> bool {
    let is_change = |pair: &[u8]| {
        let (one, next) = (pair[0], pair[1]);
        (one.is_ascii_lowercase() && next.is_ascii_uppercase())
            || (one.is_ascii_alphabetic() && next.is_ascii_digit())
            || (one.is_ascii_digit() && next.is_ascii_alphabetic())
    };
    let changes = text.as_bytes().windows(2).filter(|pair| is_change(pair)).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // Joined words: each part is a word or a number.
    let parts = || text.split(['-', '_', '/', '+']);
    let is_word = |part: &str| {
        part.len() < 4
            || part.bytes().skip(1).all(|c| c.is_ascii_lowercase())
            || part.bytes().all(|c| c.is_ascii_digit())
            || part.bytes().all(|c| c.is_ascii_uppercase())
    };
    if parts().filter(|part| is_word(part)).count() * 4 >= parts().count() * 3
        && parts().count() > 2
    {
        return false;
    }
    let most = if text.len() > 39 || pad > 0 { 5 } else { 4 };
    digits > 0 && changes * most >= text.len()
}
