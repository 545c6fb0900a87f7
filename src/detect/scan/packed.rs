//! Pure. Searches for a few literals, long or short, with vector instructions.

use aho_corasick::Span;
use aho_corasick::packed::Searcher;

use crate::detect::literal::Literal;

/// The maximum number of literals searched for at once.
const MOST: usize = 64;

/// A few case-sensitive literals.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    search: Searcher,
    literals: Vec<Vec<u8>>,
}

impl Packed {
    /// `None` if there are too many, one ignores case, or the processor lacks such instructions.
    pub(crate) fn new<'a>(literals: impl Iterator<Item = &'a Literal>) -> Option<Self> {
        let exact = |one: &'a Literal| (!one.any_case).then(|| one.text.clone());
        let literals = literals.map(exact).collect::<Option<Vec<_>>>()?;
        let few = Some(literals).filter(|literals| literals.len() <= MOST)?;
        Some(Self { search: Searcher::new(&few)?, literals: few })
    }

    /// The first match that begins at or after `at` and ends after `beyond`.
    pub(crate) fn find(&self, bytes: &[u8], mut at: usize, beyond: usize) -> Option<usize> {
        while at < bytes.len() {
            let found = self.search.find_in(bytes, Span::from(at..bytes.len()))?;
            // Only one of several matches with the same start is reported.
            let rest = &bytes[found.start()..];
            let is_late = |literal: &Vec<u8>| {
                found.start() + literal.len() > beyond && rest.starts_with(literal)
            };
            if found.end() > beyond || self.literals.iter().any(is_late) {
                return Some(found.start());
            }
            at = found.start() + 1;
        }
        None
    }
}
