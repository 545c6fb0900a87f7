//! Pure. Which set of each pattern is searched for: the one that costs least by what was seen.
//!
//! A set that is found costs a look at its line; short texts cost smaller steps of the search.
//! Before anything was seen, long texts are taken to be rare. Where they are not, the lines that
//! they led to in vain add up, a part of the text is surveyed, and the choice is made anew.

use crate::detect::literal::{Set, length};
use crate::detect::scan::sampler::Sampler;
use crate::detect::scan::verify::Verifier;
use crate::qlik::service_log::line_end;

/// One line in vain for so many bytes is no reason to search for something else.
const BEARABLE: usize = 8 << 10;
/// After how many bytes the choice may be made anew for the first time; each time after twice as
/// many as before.
const FIRST: usize = 64 << 10;
const LAST: usize = 64 << 20;
/// How much of the text is surveyed, in so many parts.
const SURVEYED: usize = 64 << 10;
const PARTS: usize = 4;
/// What a look at a line costs, in nanoseconds, one step of a search that samples, in tenths, and a
/// part of what the length of a literal saves where it is searched for as it stands.
const LOOK: usize = 400;
const STEP: usize = 7;
const PACKED: usize = 4;

/// What the search has cost since the choice was made, and what was seen of all sets.
#[derive(Clone, Debug)]
pub(super) struct Costs {
    /// Bytes that were searched, and lines that were looked at in vain.
    searched: usize,
    vain: usize,
    wait: usize,
    /// In how many lines of the surveys each set was found, the older ones counting less.
    lines: Vec<usize>,
    surveyed: usize,
}

impl Costs {
    pub(super) fn new(n_sets: usize) -> Self {
        Self { searched: 0, vain: 0, wait: FIRST, lines: vec![0; n_sets], surveyed: 0 }
    }

    /// Adds what one block cost. Whether it is time for a survey.
    pub(super) fn add(&mut self, searched: usize, vain: usize) -> bool {
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

    /// Counts in which lines of a text each set is found.
    pub(super) fn survey(&mut self, verifier: &Verifier, text: &[u8]) {
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

    /// The cheapest set of each pattern by its number among the pattern's own; the first of those
    /// that cost the same.
    pub(super) fn cheapest(&self, patterns: &[Vec<Set>]) -> Vec<usize> {
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
