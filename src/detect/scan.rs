//! Pure. Finds the few lines of a block that may match a pattern, without parsing any.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::qlik::service_log::{line_end, line_start};

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
    Nothing,
    Literals(AhoCorasick),
    /// Some pattern has no literal, so each line must be looked at.
    EveryLine,
}

impl Scanner {
    /// `literals` of every pattern; `None` for a pattern that has none.
    pub fn new<'a>(literals: impl Iterator<Item = Option<&'a [Vec<u8>]>>) -> Self {
        let mut all: Vec<&[u8]> = Vec::new();
        for set in literals {
            match set {
                Some(set) => all.extend(set.iter().map(Vec::as_slice)),
                None => return Self { search: Search::EveryLine, longest: 0 },
            }
        }
        all.sort_unstable();
        all.dedup();
        Self { longest: all.iter().map(|one| one.len()).max().unwrap_or(0), search: search(&all) }
    }

    /// The lines, line ends included, that may match by what stands at or after `from`. In order,
    /// none twice. The first may begin before `from`.
    pub fn candidates<'a>(&'a self, bytes: &'a [u8], from: usize) -> Candidates<'a> {
        Candidates { scanner: self, bytes, from, at: self.first(bytes, from) }
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
    fn hit(&self) -> Option<usize> {
        match &self.scanner.search {
            Search::Nothing => None,
            Search::EveryLine => {
                let at = self.at.max(self.from);
                (at < self.bytes.len()).then_some(at)
            }
            Search::Literals(literals) => {
                let mut found = literals.find_iter(self.bytes.get(self.at..)?);
                let new = found.find(|hit| self.at + hit.end() > self.from)?;
                Some(self.at + new.start())
            }
        }
    }
}

fn search(literals: &[&[u8]]) -> Search {
    if literals.is_empty() {
        return Search::Nothing;
    }
    // Too many or too long literals are the only way to fail; plain matching is always right.
    match AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(literals) {
        Ok(found) => Search::Literals(found),
        Err(_) => Search::EveryLine,
    }
}

#[cfg(test)]
mod tests;
