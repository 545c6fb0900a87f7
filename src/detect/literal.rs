//! Pure. Finds text that every match of a regex must contain, so that whole blocks can be
//! searched for it before any record is parsed.

mod json;

use regex_syntax::hir::{Class, ClassUnicodeRange, Hir, HirKind};

pub use crate::detect::literal::json::odd_escapes;

/// Shorter literals would make nearly every line a candidate.
const SHORTEST: usize = 3;
/// Adjacent parts are joined if the result has no more texts than this.
const MOST_TEXTS: usize = 16;
/// A larger character class is not treated as text.
const MOST_OF_CLASS: usize = 10;
/// The maximum number of sets derived from alternatives with several sets each.
const MOST_VARIANTS: usize = 4;

/// The Kelvin sign and the long s, which Unicode folds to `k` and `s`.
pub const ODD_FORMS: [char; 2] = ['\u{212a}', '\u{17f}'];

/// Text that a match may have to contain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    /// In lower case if any case will do.
    pub text: Vec<u8>,
    /// Whether ASCII letters match in either case. A `k` or `s` then also matches the Kelvin sign
    /// and the long s, which Unicode folds to the same letters.
    pub any_case: bool,
}

impl Literal {
    /// A literal that matches only in this case.
    pub fn exact(text: &[u8]) -> Self {
        Self { text: text.to_vec(), any_case: false }
    }

    /// Whether `bytes` begin with this literal, apart from the two special letters.
    pub fn begins(&self, bytes: &[u8]) -> bool {
        match bytes.get(..self.text.len()) {
            Some(found) if self.any_case => found.eq_ignore_ascii_case(&self.text),
            Some(found) => found == self.text,
            None => false,
        }
    }

    /// Whether a match may contain one of the two special letters in place of an ASCII one.
    pub fn has_odd_forms(&self) -> bool {
        self.any_case && self.text.iter().any(|byte| matches!(byte, b'k' | b's'))
    }
}

/// How a log writes the texts that patterns are matched against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Unchanged, apart from quotes.
    Verbatim,
    /// Perhaps as strings of JSON. Lines with [`odd_escapes`] may lack every literal.
    Json,
}

/// Sets of texts: every match of the regex contains at least one text of each set. The longest,
/// and so probably the most selective set comes first; empty if no set is known.
pub fn required(regex: &str) -> Vec<Set> {
    required_in(regex, Writing::Verbatim)
}

/// The same for texts that are written in this way.
pub fn required_in(regex: &str, writing: Writing) -> Vec<Set> {
    let Ok(hir) = regex_syntax::Parser::new().parse(regex) else { return Vec::new() };
    let mut sets = sets(&hir);
    if writing == Writing::Json {
        sets = sets.iter().filter_map(json::unescaped).collect();
    }
    sets.retain(|set| length(set) >= SHORTEST);
    sets.sort_by_key(|set| (std::cmp::Reverse(length(set)), set.len()));
    sets.dedup();
    sets
}

/// Alternatives: a match contains at least one of these literals.
pub type Set = Vec<Literal>;

/// The selectivity of a set: the length of its shortest literal.
pub fn length(literals: &[Literal]) -> usize {
    literals.iter().map(|one| one.text.len()).min().unwrap_or(0)
}

/// All sets of any length: a regex without a finite list of texts is split into its parts.
fn sets(hir: &Hir) -> Vec<Set> {
    if let Some(texts) = Texts::of(hir) {
        return texts.set().into_iter().collect();
    }
    match hir.kind() {
        HirKind::Capture(capture) => sets(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => sets(&repetition.sub),
        HirKind::Concat(parts) => of_sequence(parts),
        HirKind::Alternation(parts) => of_alternatives(parts),
        _ => Vec::new(),
    }
}

/// The sets of consecutive parts; adjacent texts are joined.
fn of_sequence(parts: &[Hir]) -> Vec<Set> {
    let (mut all, mut run) = (Vec::new(), Texts::empty());
    for part in parts {
        let texts = Texts::of(part);
        if let Some(longer) = texts.as_ref().and_then(|texts| run.with(texts)) {
            run = longer;
            continue;
        }
        all.extend(std::mem::replace(&mut run, Texts::empty()).set());
        match texts {
            Some(texts) => run = texts,
            None => all.extend(sets(part)),
        }
    }
    all.extend(run.set());
    all
}

/// Merges one set per alternative into one: first the longest of each, then the second, and so on.
fn of_alternatives(parts: &[Hir]) -> Vec<Set> {
    let mut each: Vec<Vec<Set>> = parts.iter().map(sets).collect();
    for sets in &mut each {
        sets.sort_by_key(|set| std::cmp::Reverse(length(set)));
    }
    if each.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    let most = each.iter().map(Vec::len).max().unwrap_or(0).min(MOST_VARIANTS);
    let nth = |n: usize| each.iter().flat_map(move |sets| &sets[n.min(sets.len() - 1)]);
    (0..most).map(|n| nth(n).cloned().collect()).collect()
}

/// All texts that a part of a regex matches, if there are few.
#[derive(Clone)]
struct Texts(Vec<Text>);

#[derive(Clone, Default, PartialEq)]
struct Text {
    bytes: Vec<u8>,
    any_case: bool,
}

impl Texts {
    fn empty() -> Self {
        Self(vec![Text::default()])
    }

    fn of(hir: &Hir) -> Option<Self> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(Self::empty()),
            HirKind::Literal(literal) => {
                Some(Self(vec![Text { bytes: literal.0.to_vec(), any_case: false }]))
            }
            HirKind::Class(class) => Self::of_class(class),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => {
                parts.iter().try_fold(Self::empty(), |run, part| run.with(&Self::of(part)?))
            }
            HirKind::Alternation(parts) => {
                let each: Option<Vec<Self>> = parts.iter().map(Self::of).collect();
                let all: Vec<Text> = each?.into_iter().flat_map(|texts| texts.0).collect();
                (all.len() <= MOST_TEXTS).then_some(Self(all))
            }
            HirKind::Repetition(repetition) if repetition.max == Some(1) => {
                let mut texts = Self::of(&repetition.sub)?;
                texts.0.push(Text::default());
                (repetition.min == 0).then_some(texts)
            }
            HirKind::Repetition(_) => None,
        }
    }

    fn of_class(class: &Class) -> Option<Self> {
        if let Some(letter) = letter_in_any_case(class) {
            return Some(Self(vec![Text { bytes: vec![letter], any_case: true }]));
        }
        let Class::Unicode(class) = class else { return None };
        let n: usize = class.ranges().iter().map(ClassUnicodeRange::len).sum();
        if n == 0 || n > MOST_OF_CLASS {
            return None;
        }
        let chars = class.ranges().iter().flat_map(|range| range.start()..=range.end());
        let text = |c: char| Text { bytes: c.to_string().into_bytes(), any_case: false };
        Some(Self(chars.map(text).collect()))
    }

    /// Each text followed by each of the others, if the result is small enough.
    fn with(&self, others: &Self) -> Option<Self> {
        if self.0.len() * others.0.len() > MOST_TEXTS.max(self.0.len()) {
            return None;
        }
        let joined = |one: &Text, other: &Text| Text {
            bytes: [one.bytes.as_slice(), &other.bytes].concat(),
            any_case: one.any_case || other.any_case,
        };
        let all =
            self.0.iter().flat_map(|one| others.0.iter().map(move |other| joined(one, other)));
        Some(Self(all.collect()))
    }

    /// `None` if a text has no usable literal, because then the set guarantees nothing.
    fn set(self) -> Option<Set> {
        let mut set: Set = self.0.into_iter().map(Text::literal).collect::<Option<_>>()?;
        set.sort();
        set.dedup();
        Some(set)
    }
}

impl Text {
    /// If a cell was quoted or contained invalid UTF-8, the file has other bytes than the cell, and
    /// a candidate must be within one line; so only the longest part without such bytes is used.
    fn literal(self) -> Option<Literal> {
        let text = String::from_utf8_lossy(&self.bytes);
        let parts = text.split(['"', '\u{fffd}', '\u{feff}', '\n', '\r', '\t']);
        let longest = parts.max_by_key(|part| part.len()).filter(|part| !part.is_empty())?;
        let longest = longest.as_bytes();
        let text = if self.any_case { longest.to_ascii_lowercase() } else { longest.to_vec() };
        Some(Literal { text, any_case: self.any_case })
    }
}

/// The ASCII letter, in lower case, if the class contains only its forms.
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
        b'k' => ODD_FORMS[0],
        b's' => ODD_FORMS[1],
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
