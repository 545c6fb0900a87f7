//! Pure. Determines which patterns may match a record, by the texts in its bytes.

use crate::detect::literal::{Literal, Set, Writing, odd_escapes};
use crate::detect::scan::odd_letters;
use crate::detect::scan::sampler::{Sampler, Sought};

/// All sets of all patterns, searched for at once.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    samplers: Vec<Sampler>,
    /// The pattern of each set; the sets of one pattern are consecutive.
    owners: Vec<usize>,
    /// How many sets each pattern has.
    lengths: Vec<usize>,
    /// Sets with a text that may contain a special letter.
    odd: Vec<usize>,
    writing: Writing,
}

impl Verifier {
    /// The sets of each pattern, in the patterns' order.
    pub(crate) fn new(patterns: &[Vec<Set>], writing: Writing) -> Self {
        let sets = || patterns.iter().flatten().enumerate();
        let owner = |(number, sets): (usize, &Vec<Set>)| std::iter::repeat_n(number, sets.len());
        let is_odd = |set: &Set| set.iter().any(Literal::has_odd_forms);
        Self {
            samplers: Sampler::all(Sought::of(sets())),
            owners: patterns.iter().enumerate().flat_map(owner).collect(),
            lengths: patterns.iter().map(Vec::len).collect(),
            odd: sets().filter(|(_, set)| is_odd(set)).map(|(number, _)| number).collect(),
            writing,
        }
    }

    /// Finds the sets that have a text in these bytes, in order and without duplicates.
    pub(crate) fn held(&self, bytes: &[u8], sets: &mut Vec<usize>) {
        sets.clear();
        if self.writing == Writing::Json && odd_escapes(bytes, 0).next().is_some() {
            return sets.extend(0..self.owners.len());
        }
        for sampler in &self.samplers {
            sampler.owners(bytes, sets);
        }
        if !self.odd.is_empty() && odd_letters(bytes, 0).next().is_some() {
            sets.extend(&self.odd);
        }
        sets.sort_unstable();
        sets.dedup();
    }

    /// The patterns whose sets are all among these. A pattern without sets is never returned.
    pub(crate) fn complete<'a>(&'a self, sets: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
        let of_one = sets.chunk_by(|one, next| self.owners[*one] == self.owners[*next]);
        of_one.filter_map(|held| {
            let owner = self.owners[held[0]];
            (held.len() == self.lengths[owner]).then_some(owner)
        })
    }
}
