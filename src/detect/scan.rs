//! Pure. Finds the few lines of a block that may match a pattern, without parsing any.

mod sampler;

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memchr2_iter;

use crate::detect::literal::Literal;
use crate::detect::scan::sampler::{Sampler, Sought};
use crate::qlik::service_log::{line_end, line_start};

/// Kelvin sign and long s: a regex that ignores case takes them for `k` and `s`.
const ODD_LETTERS: [&[u8]; 2] = ["\u{212a}".as_bytes(), "\u{17f}".as_bytes()];

/// Searches blocks for the literals of all patterns of one log at once.
///
/// The promise, which a test holds against plain matching line by line: every line that holds one
/// of the literals is a candidate. Candidates that match nothing cost time, no more.
#[derive(Clone, Debug)]
pub struct Scanner {
    needles: Vec<Needles>,
    /// Looks at each line: some pattern has no literal, or the scan is to be checked.
    every_line: bool,
    suspects: Suspects,
    /// Length of the longest literal: one may begin before the bytes that are new.
    longest: usize,
}

/// Which patterns may match a record, by their numbers.
#[derive(Clone, Debug)]
enum Suspects {
    /// Those whose literal it holds.
    ByLiteral {
        /// Those that have no literal.
        always: Vec<usize>,
        /// Those for which an odd letter may stand in their literal.
        odd: Vec<usize>,
    },
    All(usize),
}

/// What is searched for in one pass.
#[derive(Clone, Debug)]
enum Needles {
    Many(Sampler),
    OddLetters,
}

impl Scanner {
    /// The literals of each pattern, in the patterns' order; `None` for a pattern that has none.
    pub fn new<'a>(literals: impl Iterator<Item = Option<&'a [Literal]>>) -> Self {
        let mut all: BTreeMap<Literal, Vec<usize>> = BTreeMap::new();
        let (mut always, mut odd) = (Vec::new(), Vec::new());
        for (number, set) in literals.enumerate() {
            // Nothing can be sampled of an empty one.
            let Some(set) = set.filter(|set| set.iter().all(|one| !one.text.is_empty())) else {
                always.push(number);
                continue;
            };
            if set.iter().any(Literal::has_odd_forms) {
                odd.push(number);
            }
            for literal in set {
                all.entry(literal.clone()).or_default().push(number);
            }
        }
        let longest = all.keys().map(|one| one.text.len()).max().unwrap_or(0);
        let all = all.into_iter().map(|(literal, owners)| Sought { literal, owners }).collect();
        let mut needles: Vec<Needles> = Sampler::all(all).into_iter().map(Needles::Many).collect();
        if !odd.is_empty() {
            needles.push(Needles::OddLetters);
        }
        Self {
            needles,
            every_line: !always.is_empty(),
            suspects: Suspects::ByLiteral { always, odd },
            longest: longest.max(3),
        }
    }

    /// Takes every line for a candidate and suspects each of `n` patterns: slow, and what the fast
    /// search is held against.
    pub fn every_line(n: usize) -> Self {
        let suspects = Suspects::All(n);
        Self { needles: Vec::new(), every_line: true, suspects, longest: 0 }
    }

    /// Adds the numbers of the patterns that may match this record, in order, none twice.
    pub fn suspects(&self, record: &[u8], numbers: &mut Vec<usize>) {
        numbers.clear();
        let (always, odd) = match &self.suspects {
            Suspects::All(n) => return numbers.extend(0..*n),
            Suspects::ByLiteral { always, odd } => (always, odd),
        };
        numbers.extend(always);
        for needles in &self.needles {
            match needles {
                Needles::Many(sampler) => sampler.owners(record, numbers),
                Needles::OddLetters if odd_letters(record, 0).next().is_some() => {
                    numbers.extend(odd);
                }
                Needles::OddLetters => {}
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
    }

    /// The lines, line ends included, that may match by what stands at or after `from`. In order,
    /// none twice. The first may begin before `from`.
    pub fn candidates<'a>(&'a self, bytes: &'a [u8], from: usize) -> Candidates<'a> {
        let at = self.first(bytes, from);
        let mut candidates = Candidates { scanner: self, bytes, from, at, hits: Vec::new() };
        if !self.every_line {
            candidates.hits = self.needles.iter().map(|one| one.find(bytes, at, from)).collect();
        }
        candidates
    }

    fn first(&self, bytes: &[u8], from: usize) -> usize {
        let back = from.saturating_sub(self.longest.saturating_sub(1));
        back.max(line_start(bytes, from))
    }
}

/// The lines that `Scanner::candidates` finds.
#[derive(Debug)]
pub struct Candidates<'a> {
    scanner: &'a Scanner,
    bytes: &'a [u8],
    from: usize,
    /// Where the search goes on.
    at: usize,
    /// A place in the next line that each of the needles is found in.
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
    /// A place in the next candidate line.
    fn hit(&mut self) -> Option<usize> {
        if self.scanner.every_line {
            let at = self.at.max(self.from);
            return (at < self.bytes.len()).then_some(at);
        }
        for (hit, one) in self.hits.iter_mut().zip(&self.scanner.needles) {
            // What lies in the line before was found with it.
            if hit.is_some_and(|hit| hit < self.at) {
                *hit = one.find(self.bytes, self.at, self.from);
            }
        }
        self.hits.iter().flatten().min().copied()
    }
}

impl Needles {
    /// Where the first one begins that begins at or after `at` and ends after `beyond`.
    fn find(&self, bytes: &[u8], at: usize, beyond: usize) -> Option<usize> {
        match self {
            Self::Many(sampler) => sampler.find(bytes, at, beyond),
            Self::OddLetters => {
                odd_letters(bytes, at).find(|(hit, len)| hit + len > beyond).map(|(hit, _)| hit)
            }
        }
    }
}

/// Where odd letters stand at or after `at`, and their lengths.
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
