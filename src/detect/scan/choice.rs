//! Pure. Chooses the set of each pattern to search for: the cheapest one by observed frequency.
//!
//! Each hit of a set costs a check of its line; short texts need smaller search steps. Initially,
//! long texts are assumed to be rare. If too many of their lines match no pattern, a part of the
//! text is surveyed, and the choice is made again.

use crate::detect::literal::{Set, length};
use crate::detect::scan::sampler::Sampler;
use crate::detect::scan::verify::Verifier;
use crate::qlik::service_log::line_end;

/// One false candidate per this many bytes is acceptable.
const BEARABLE: usize = 8 << 10;
/// The bytes after which the choice may first be made again; the interval doubles each time.
const FIRST: usize = 64 << 10;
const LAST: usize = 64 << 20;
/// How many bytes of the text are surveyed, and in how many parts.
const SURVEYED: usize = 64 << 10;
const PARTS: usize = 4;
/// The cost of checking a line, in nanoseconds; that of one step of a sampling search, in tenths
/// of one; and how many literal lengths a vector search covers per nanosecond.
const LOOK: usize = 400;
const STEP: usize = 7;
const PACKED: usize = 4;

/// The cost of the search since the choice was made, and the observations of all sets.
#[derive(Clone, Debug)]
pub(crate) struct Costs {
    /// Bytes searched, and candidates that matched no pattern.
    searched: usize,
    vain: usize,
    wait: usize,
    /// The number of surveyed lines with each set; older ones count less.
    lines: Vec<usize>,
    surveyed: usize,
}

impl Costs {
    pub(crate) fn new(n_sets: usize) -> Self {
        Self { searched: 0, vain: 0, wait: FIRST, lines: vec![0; n_sets], surveyed: 0 }
    }

    /// Adds the cost of one block. Returns whether a survey is due.
    pub(crate) fn add(&mut self, searched: usize, vain: usize) -> bool {
        self.searched += searched;
        self.vain += vain;
        if self.searched < self.wait {
            return false;
        }
        let is_too_much = self.vain > self.searched / BEARABLE;
        if is_too_much {
            self.wait = (self.wait * 2).min(LAST);
        }
        (self.searched, self.vain) = (0, 0);
        is_too_much
    }

    /// Counts the lines of a text that contain each set.
    pub(crate) fn survey(&mut self, verifier: &Verifier, text: &[u8]) {
        self.lines.iter_mut().for_each(|lines| *lines /= 2);
        self.surveyed /= 2;
        let mut held = Vec::new();
        let part = text.len().div_ceil(PARTS).max(1);
        for part in text.chunks(part) {
            let mut at = 0;
            while at < part.len().min(SURVEYED / PARTS) {
                let end = line_end(part, at);
                verifier.held(&part[at..end], &mut held);
                for set in &held {
                    self.lines[*set] += 1;
                }
                self.surveyed += end - at;
                at = end;
            }
        }
    }

    /// The index of each pattern's cheapest set; the first one of equal cost.
    pub(crate) fn cheapest(&self, patterns: &[Vec<Set>]) -> Vec<usize> {
        let mut first = 0;
        let choose = |sets: &Vec<Set>| {
            let costs = (first..).zip(sets).map(|(set, texts)| self.cost(set, texts));
            first += sets.len();
            costs.enumerate().min_by_key(|(_, cost)| *cost).map_or(0, |(nth, _)| nth)
        };
        patterns.iter().map(choose).collect()
    }

    fn cost(&self, set: usize, texts: &Set) -> usize {
        let is_sampled = texts.iter().any(|one| one.any_case);
        let search = if is_sampled {
            self.surveyed / Sampler::step_of(length(texts)) * STEP / 10
        } else {
            self.surveyed / length(texts) / PACKED
        };
        self.lines[set] * LOOK + search
    }
}
