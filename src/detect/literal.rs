//! Pure. Finds text that every match of a regex must contain, so that whole blocks can be
//! searched for it before any record is parsed.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Shorter literals would make nearly every line a candidate.
const SHORTEST: usize = 3;

/// Text that a match contains.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    /// In lower case if any case will do.
    pub text: Vec<u8>,
    /// Whether ASCII letters may stand in either case. A `k` or `s` then stands for the Kelvin
    /// sign and the long s, too: Unicode folds them to the same letters.
    pub any_case: bool,
}

impl Literal {
    /// Text as it stands.
    pub fn exact(text: &[u8]) -> Self {
        Self { text: text.to_vec(), any_case: false }
    }

    /// Whether this literal stands at the beginning of `bytes`, the two odd letters aside.
    pub fn begins(&self, bytes: &[u8]) -> bool {
        match bytes.get(..self.text.len()) {
            Some(found) if self.any_case => found.eq_ignore_ascii_case(&self.text),
            Some(found) => found == self.text,
            None => false,
        }
    }

    /// Whether a match may hold one of the two odd letters in place of an ASCII one.
    pub fn has_odd_forms(&self) -> bool {
        self.any_case && self.text.iter().any(|byte| matches!(byte, b'k' | b's'))
    }
}

/// Every match of the regex contains at least one of these; `None` if no such set is known.
pub fn required(regex: &str) -> Option<Vec<Literal>> {
    let hir = regex_syntax::Parser::new().parse(regex).ok()?;
    let literals = of(&hir)?;
    (length(&literals) >= SHORTEST).then_some(literals)
}

/// How selective a set is: the length of its shortest literal.
pub fn length(literals: &[Literal]) -> usize {
    literals.iter().map(|one| one.text.len()).min().unwrap_or(0)
}

fn of(hir: &Hir) -> Option<Vec<Literal>> {
    match hir.kind() {
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => of(&repetition.sub),
        HirKind::Concat(parts) => of_sequence(parts),
        HirKind::Alternation(parts) => {
            let sets: Option<Vec<_>> = parts.iter().map(of).collect();
            Some(sets?.concat())
        }
        _ => LiteralRun::default().with(hir)?.literal(),
    }
}

/// The best of what stands one after the other, where neighbours make up longer text.
fn of_sequence(parts: &[Hir]) -> Option<Vec<Literal>> {
    let mut sets = Vec::new();
    let mut run = LiteralRun::default();
    for part in parts {
        if let Some(longer) = run.with(part) {
            run = longer;
            continue;
        }
        sets.extend(std::mem::take(&mut run).literal());
        sets.extend(of(part));
    }
    sets.extend(run.literal());
    sets.into_iter().max_by_key(|set| length(set))
}

/// Text that goes on.
#[derive(Clone, Default)]
struct LiteralRun {
    text: Vec<u8>,
    any_case: bool,
}

impl LiteralRun {
    /// This text and what `hir` adds to it; `None` if that is no text.
    fn with(&self, hir: &Hir) -> Option<Self> {
        let mut longer = self.clone();
        match hir.kind() {
            HirKind::Literal(literal) => longer.text.extend_from_slice(&literal.0),
            HirKind::Class(class) => {
                longer.text.push(letter_in_any_case(class)?);
                longer.any_case = true;
            }
            _ => return None,
        }
        Some(longer)
    }

    /// A cell differs from the bytes in the file where it was quoted or held invalid UTF-8, and a
    /// candidate must lie within one line: only the longest stretch without such bytes is searched.
    fn literal(self) -> Option<Vec<Literal>> {
        let text = String::from_utf8_lossy(&self.text);
        let parts = text.split(['"', '\u{fffd}', '\u{feff}', '\n', '\r', '\t']);
        let longest = parts.max_by_key(|part| part.len()).filter(|part| !part.is_empty())?;
        let longest = longest.as_bytes();
        let text = if self.any_case { longest.to_ascii_lowercase() } else { longest.to_vec() };
        Some(vec![Literal { text, any_case: self.any_case }])
    }
}

/// The ASCII letter, in lower case, of which the class holds nothing but the forms.
fn letter_in_any_case(class: &Class) -> Option<u8> {
    let mut chars = Vec::new();
    match class {
        Class::Unicode(class) => {
            for range in class.ranges() {
                chars.extend((range.start()..=range.end()).take(4));
            }
        }
        Class::Bytes(class) => {
            for range in class.ranges() {
                chars.extend((range.start()..=range.end()).take(4).map(char::from));
            }
        }
    }
    let letter = u8::try_from(*chars.first()?).ok()?.to_ascii_lowercase();
    let other = match letter {
        b'k' => '\u{212a}',
        b's' => '\u{17f}',
        _ => char::from(letter),
    };
    let upper = char::from(letter.to_ascii_uppercase());
    let known = [upper, char::from(letter), other];
    let whole = letter.is_ascii_lowercase()
        && known[..2].iter().all(|form| chars.contains(form))
        && chars.iter().all(|found| known.contains(found));
    whole.then_some(letter)
}

#[cfg(test)]
mod tests;
