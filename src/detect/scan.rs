//! Pure. Finds the few lines of a block that may match a pattern, without parsing any.

mod sampler;

use std::ops::Range;

use memchr::memmem::Finder;

use crate::detect::literal::Literal;
use crate::detect::scan::sampler::Sampler;
use crate::qlik::service_log::{line_end, line_start};

/// Kelvin sign and long s: a regex that ignores case takes them for `k` and `s`.
const ODD_LETTERS: [&str; 2] = ["\u{212a}", "\u{17f}"];

/// Searches blocks for the literals of all patterns of one log at once.
///
/// The promise, which a test holds against plain matching line by line: every line that holds one
/// of the literals is a candidate. Candidates that match nothing cost time, no more.
#[derive(Clone, Debug)]
pub struct Scanner {
    search: Search,
    /// Length of the longest literal: one may begin before the bytes that are new.
    longest: usize,
}

#[derive(Clone, Debug)]
enum Search {
    For(Vec<Needles>),
    /// Some pattern has no literal, so each line must be looked at.
    EveryLine,
}

/// What is searched for in one pass.
#[derive(Clone, Debug)]
enum Needles {
    Many(Sampler),
    One(Box<Finder<'static>>),
}

impl Scanner {
    /// `literals` of every pattern; `None` for a pattern that has none.
    pub fn new<'a>(literals: impl Iterator<Item = Option<&'a [Literal]>>) -> Self {
        let mut all: Vec<Literal> = Vec::new();
        for set in literals {
            match set {
                // Nothing can be sampled of an empty one.
                Some(set) if set.iter().all(|one| !one.text.is_empty()) => {
                    all.extend_from_slice(set);
                }
                _ => return Self::every_line(),
            }
        }
        all.sort_unstable();
        all.dedup();
        let longest = all.iter().map(|one| one.text.len()).max().unwrap_or(0);
        let odd = all.iter().any(Literal::has_odd_forms);
        let mut needles: Vec<Needles> = Sampler::all(all).into_iter().map(Needles::Many).collect();
        if odd {
            let finder = |letter: &str| Needles::One(Box::new(Finder::new(letter).into_owned()));
            needles.extend(ODD_LETTERS.map(finder));
        }
        Self { search: Search::For(needles), longest: longest.max(3) }
    }

    /// Takes every line for a candidate: slow, and what the fast search is held against.
    pub fn every_line() -> Self {
        Self { search: Search::EveryLine, longest: 0 }
    }

    /// The lines, line ends included, that may match by what stands at or after `from`. In order,
    /// none twice. The first may begin before `from`.
    pub fn candidates<'a>(&'a self, bytes: &'a [u8], from: usize) -> Candidates<'a> {
        let at = self.first(bytes, from);
        let mut candidates = Candidates { search: &self.search, bytes, from, at, hits: Vec::new() };
        if let Search::For(needles) = &self.search {
            candidates.hits = needles.iter().map(|one| one.find(bytes, at, from)).collect();
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
    search: &'a Search,
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
        match self.search {
            Search::EveryLine => {
                let at = self.at.max(self.from);
                (at < self.bytes.len()).then_some(at)
            }
            Search::For(needles) => {
                for (hit, one) in self.hits.iter_mut().zip(needles) {
                    // What lies in the line before was found with it.
                    if hit.is_some_and(|hit| hit < self.at) {
                        *hit = one.find(self.bytes, self.at, self.from);
                    }
                }
                self.hits.iter().flatten().min().copied()
            }
        }
    }
}

impl Needles {
    /// Where the first one begins that begins at or after `at` and ends after `beyond`.
    fn find(&self, bytes: &[u8], at: usize, beyond: usize) -> Option<usize> {
        match self {
            Self::Many(sampler) => sampler.find(bytes, at, beyond),
            Self::One(finder) => {
                let mut hits = finder.find_iter(bytes.get(at..)?).map(|hit| at + hit);
                hits.find(|hit| hit + finder.needle().len() > beyond)
            }
        }
    }
}

#[cfg(test)]
mod tests;
