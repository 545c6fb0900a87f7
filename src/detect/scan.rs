//! Pure. Finds the few lines of a block that may match a pattern, without parsing them.

mod choice;
mod loose;
mod packed;
mod sampler;
mod verify;

use std::ops::Range;
use std::sync::OnceLock;

use memchr::memchr2_iter;
use regex_syntax::hir::Hir;

use crate::detect::literal::{Literal, Set, Writing, odd_escapes};
use crate::detect::scan::choice::Costs;
use crate::detect::scan::loose::Loose;
use crate::detect::scan::packed::Packed;
use crate::detect::scan::sampler::{Sampler, Sought};
use crate::detect::scan::verify::Verifier;
use crate::qlik::service_log::{line_end, line_start};

/// Kelvin sign and long s: a case-insensitive regex matches them as `k` and `s`.
const ODD_LETTERS: [&[u8]; 2] = ["\u{212a}".as_bytes(), "\u{17f}".as_bytes()];

/// The length of an escape such as `\u0041`, which is longer than an odd letter.
const ESCAPE: usize = 6;

/// Searches blocks for literals of all patterns of one log at once.
///
/// Every line that contains one literal of a searched set is a candidate, and every pattern that
/// matches a record is among its suspects; a test compares this with plain matching line by line.
/// False candidates only cost time.
#[derive(Clone, Debug)]
pub struct Scanner {
    /// The sets of each pattern.
    patterns: Vec<Vec<Set>>,
    writing: Writing,
    /// The index of the set of each pattern that is searched for.
    choice: Vec<usize>,
    search: Search,
    /// Built for the first candidate.
    verifier: OnceLock<Verifier>,
    costs: Costs,
    /// Returns every line: a pattern has no literal, or the scan is being verified.
    every_line: bool,
    /// A pattern has no sets: it is a suspect in each candidate.
    has_always: bool,
    /// Returns every pattern as a suspect.
    suspects_all: bool,
    /// Needles that do not depend on the choice.
    fixed: Vec<Needles>,
}

/// The literals in the search.
#[derive(Clone, Debug)]
struct Search {
    needles: Vec<Needles>,
    /// Length of the longest literal: it may begin before the new bytes.
    longest: usize,
}

/// Literals of at least this length are sampled in large steps.
const LONG: usize = 16;

/// The literals of one pass.
#[derive(Clone, Debug)]
enum Needles {
    Few(Packed),
    Many(Sampler),
    OddLetters,
    OddEscapes,
    Loose(Loose),
}

/// The indexes of patterns that may match a record; reused for each record.
#[derive(Debug, Default)]
pub struct Suspects {
    pub numbers: Vec<usize>,
    /// Whether a pattern is among them for the texts in the record.
    pub has_texts: bool,
    sets: Vec<usize>,
}

impl Scanner {
    /// The sets of each pattern, in the order of the patterns, with the probably rarest set first.
    /// A pattern without sets makes every line a candidate.
    pub fn new(patterns: Vec<Vec<Set>>, writing: Writing) -> Self {
        let choice = vec![0; patterns.len()];
        let escapes = (writing == Writing::Json).then_some(Needles::OddEscapes);
        let fixed = Vec::from_iter(escapes);
        Self {
            search: Search::new(&patterns, &choice, &fixed),
            verifier: OnceLock::new(),
            costs: Costs::new(patterns.iter().map(Vec::len).sum()),
            every_line: patterns.iter().any(Vec::is_empty),
            has_always: patterns.iter().any(Vec::is_empty),
            suspects_all: false,
            choice,
            patterns,
            writing,
            fixed,
        }
    }

    /// Searches for the patterns without sets by their loose forms, one for each of them. Rows that
    /// begin before the new bytes must always be tried.
    #[must_use]
    pub fn with_loose(mut self, forms: Vec<Hir>) -> Self {
        let loose = Some(forms).filter(|forms| !forms.is_empty()).and_then(Loose::new);
        if let Some(loose) = loose {
            self.every_line = false;
            self.fixed.push(Needles::Loose(loose));
            self.search = Search::new(&self.patterns, &self.choice, &self.fixed);
        }
        self
    }

    /// Makes every line a candidate and suspects each of `n` patterns: the slow reference for the
    /// fast search.
    pub fn every_line(n: usize) -> Self {
        Self { suspects_all: true, ..Self::new(vec![Vec::new(); n], Writing::Verbatim) }
    }

    /// Finds the patterns that may match this record, in order and without duplicates.
    pub fn suspects(&self, record: &[u8], suspects: &mut Suspects) {
        let Suspects { numbers, has_texts, sets } = suspects;
        numbers.clear();
        *has_texts = true;
        if self.suspects_all {
            return numbers.extend(0..self.patterns.len());
        }
        let verifier = self.verifier();
        verifier.held(record, sets);
        numbers.extend(verifier.complete(sets));
        *has_texts = !numbers.is_empty();
        if self.has_always {
            let always = (0..).zip(&self.patterns).filter(|(_, sets)| sets.is_empty());
            numbers.extend(always.map(|(number, _)| number));
            numbers.sort_unstable();
        }
    }

    /// Records how many candidates of a block, from `from` on, matched no pattern. If there are too
    /// many, other literals are searched for from now on.
    pub fn learn(&mut self, bytes: &[u8], from: usize, in_vain: usize) {
        // A line that continues in the next block needs the same literals there.
        let is_whole = bytes.last() == Some(&b'\n');
        if self.every_line || !is_whole || !self.costs.add(bytes.len() - from, in_vain) {
            return;
        }
        self.choose(&bytes[from..]);
    }

    fn choose(&mut self, text: &[u8]) {
        let new = || Verifier::new(&self.patterns, self.writing);
        let verifier = self.verifier.get_or_init(new);
        self.costs.survey(verifier, text);
        let choice = self.costs.cheapest(&self.patterns);
        if choice != self.choice {
            self.search = Search::new(&self.patterns, &choice, &self.fixed);
            self.choice = choice;
        }
    }

    fn verifier(&self) -> &Verifier {
        self.verifier.get_or_init(|| Verifier::new(&self.patterns, self.writing))
    }

    /// The lines, with their line endings, that may match because of bytes at or after `from`. In
    /// order and without duplicates. The first may begin before `from`.
    pub fn candidates<'a>(&'a self, bytes: &'a [u8], from: usize) -> Candidates<'a> {
        let at = self.first(bytes, from);
        let mut candidates = Candidates { scanner: self, bytes, from, at, hits: Vec::new() };
        if !self.every_line {
            candidates.hits =
                self.search.needles.iter().map(|one| one.find(bytes, at, from)).collect();
        }
        candidates
    }

    fn first(&self, bytes: &[u8], from: usize) -> usize {
        let back = from.saturating_sub(self.search.longest - 1);
        back.max(line_start(bytes, from))
    }
}

/// The iterator of `Scanner::candidates`.
#[derive(Debug)]
pub struct Candidates<'a> {
    scanner: &'a Scanner,
    bytes: &'a [u8],
    from: usize,
    /// Where the search continues.
    at: usize,
    /// For each of the needles, a position in the next line that contains it.
    hits: Vec<Option<usize>>,
}

impl Iterator for Candidates<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let hit = self.hit()?;
        let line = line_start(self.bytes, hit)..line_end(self.bytes, hit);
        self.at = line.end;
        Some(line)
    }
}

impl Candidates<'_> {
    /// A position in the next candidate line.
    fn hit(&mut self) -> Option<usize> {
        if self.scanner.every_line {
            let at = self.at.max(self.from);
            return (at < self.bytes.len()).then_some(at);
        }
        for (hit, one) in self.hits.iter_mut().zip(&self.scanner.search.needles) {
            // A hit in the previous line belongs to that candidate.
            if hit.is_some_and(|hit| hit < self.at) {
                *hit = one.find(self.bytes, self.at, self.from);
            }
        }
        self.hits.iter().flatten().min().copied()
    }
}

impl Search {
    fn new(patterns: &[Vec<Set>], choice: &[usize], fixed: &[Needles]) -> Self {
        let sets = || patterns.iter().zip(choice).filter_map(|(sets, nth)| sets.get(*nth));
        let literals = || sets().flatten();
        let odd = literals().any(Literal::has_odd_forms).then_some(Needles::OddLetters);
        let longest = literals().map(|one| one.text.len()).max().unwrap_or(0);
        let (few, many) = few(Sought::of(sets().enumerate()));
        let samplers = Sampler::all(many).into_iter().map(Needles::Many);
        Self {
            needles: few
                .map(Needles::Few)
                .into_iter()
                .chain(samplers)
                .chain(odd)
                .chain(fixed.iter().cloned())
                .collect(),
            longest: longest.max(ESCAPE),
        }
    }
}

/// Splits off the literals that are better searched for together than sampled. If one of them is
/// short, the long exact ones join it at no cost, as long as they are few enough together.
fn few(sought: Vec<Sought>) -> (Option<Packed>, Vec<Sought>) {
    let is_short = |one: &Sought| one.literal().text.len() < LONG;
    let (exact, mut rest): (Vec<_>, Vec<_>) =
        sought.into_iter().partition(|one| !one.literal().any_case);
    if !exact.iter().any(is_short) {
        rest.extend(exact);
        return (None, rest);
    }
    if let Some(all) = Packed::new(exact.iter().map(Sought::literal)) {
        return (Some(all), rest);
    }
    let (short, long): (Vec<_>, Vec<_>) = exact.into_iter().partition(is_short);
    rest.extend(long);
    let packed = Packed::new(short.iter().map(Sought::literal));
    if packed.is_none() {
        rest.extend(short);
    }
    (packed, rest)
}

impl Needles {
    /// The first match that begins at or after `at` and ends after `beyond`.
    fn find(&self, bytes: &[u8], at: usize, beyond: usize) -> Option<usize> {
        match self {
            Self::Few(packed) => packed.find(bytes, at, beyond),
            Self::Loose(loose) => loose.find(bytes, at.max(beyond)),
            Self::Many(sampler) => sampler.find(bytes, at, beyond),
            Self::OddLetters => {
                odd_letters(bytes, at).find(|(hit, len)| hit + len > beyond).map(|(hit, _)| hit)
            }
            Self::OddEscapes => {
                odd_escapes(bytes, at).find(|(hit, len)| hit + len > beyond).map(|(hit, _)| hit)
            }
        }
    }
}

/// The positions of special letters at or after `at`, and their lengths.
fn odd_letters(bytes: &[u8], at: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let rest = bytes.get(at..).unwrap_or_default();
    let firsts = memchr2_iter(ODD_LETTERS[0][0], ODD_LETTERS[1][0], rest);
    firsts.filter_map(move |hit| {
        let letter = ODD_LETTERS.iter().find(|letter| rest[hit..].starts_with(letter))?;
        Some((at + hit, letter.len()))
    })
}

#[cfg(test)]
mod tests;
