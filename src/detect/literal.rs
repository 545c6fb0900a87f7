//! Pure. Finds text that every match of a regex must contain, so that whole blocks can be
//! searched for it before any record is parsed.

use regex_syntax::hir::{Hir, HirKind};

/// Shorter literals would make nearly every line a candidate.
const SHORTEST: usize = 3;

/// Every match of the regex contains at least one of these; `None` if no such set is known.
pub fn required(regex: &str) -> Option<Vec<Vec<u8>>> {
    let hir = regex_syntax::Parser::new().parse(regex).ok()?;
    let literals = of(&hir)?;
    (length(&literals) >= SHORTEST).then_some(literals)
}

/// How selective a set is: the length of its shortest literal.
pub fn length(literals: &[Vec<u8>]) -> usize {
    literals.iter().map(Vec::len).min().unwrap_or(0)
}

fn of(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Literal(literal) => longest_part(&literal.0).map(|part| vec![part]),
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(of).max_by_key(|set| length(set)),
        HirKind::Alternation(parts) => {
            let sets: Option<Vec<_>> = parts.iter().map(of).collect();
            Some(sets?.concat())
        }
        _ => None,
    }
}

/// A cell differs from the bytes in the file where it was quoted or held invalid UTF-8, and a
/// candidate must lie within one line: only the longest stretch without such bytes is searched.
fn longest_part(literal: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(literal);
    let parts = text.split(['"', '\u{fffd}', '\u{feff}', '\n', '\r', '\t']);
    let longest = parts.max_by_key(|part| part.len())?;
    (!longest.is_empty()).then(|| longest.as_bytes().to_vec())
}

#[cfg(test)]
mod tests;
