//! Pure. Which text a line of JSON contains unchanged, and where it may not.

use memchr::memmem;

use crate::detect::literal::{Literal, Set};

/// Loggers also write these as `\u0027`, because HTML may interpret them.
const ESCAPED: &[u8] = b"\"\\/<>&'+`\x7f";

/// The letters that a regex that ignores case takes for a `k` or `s`.
const ODD_LETTERS: [&[u8]; 2] = [b"212a", b"017f"];

/// The part of each literal that JSON writes unchanged; `None` if one of them has none.
pub(crate) fn unescaped(set: &Set) -> Option<Set> {
    let mut set: Set = set.iter().map(longest_part).collect::<Option<_>>()?;
    set.sort();
    set.dedup();
    Some(set)
}

/// The code of an error and its words are joined by a colon and a blank, which their line lacks.
fn longest_part(literal: &Literal) -> Option<Literal> {
    let parts = literal.text.split(|byte| !is_plain(*byte) || *byte == b':');
    let longest = parts.map(<[u8]>::trim_ascii_start).max_by_key(|part| part.len())?;
    let text = longest.to_vec();
    (!text.is_empty()).then_some(Literal { text, any_case: literal.any_case })
}

/// Whether every logger writes this character unchanged.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !ESCAPED.contains(&byte)
}

/// The places at or after `at` where JSON escapes a character that loggers usually write unchanged,
/// so that a literal there may be missed; and the length of each.
pub fn odd_escapes(bytes: &[u8], at: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let rest = bytes.get(at..).unwrap_or_default();
    memmem::find_iter(rest, br"\u").filter_map(move |hit| {
        let code = rest.get(hit + 2..hit + 6)?;
        is_odd(code).then_some((at + hit, 6))
    })
}

fn is_odd(code: &[u8]) -> bool {
    let value = std::str::from_utf8(code).ok().and_then(|code| u32::from_str_radix(code, 16).ok());
    let is_plain = value.and_then(|value| u8::try_from(value).ok()).is_some_and(is_plain);
    is_plain || ODD_LETTERS.iter().any(|letter| code.eq_ignore_ascii_case(letter))
}
