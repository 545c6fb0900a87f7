//! Pure. Searches for matches of all patterns that require no text, in one pass.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::Hir;

/// The most memory of the automaton, and of the states that a search creates, in bytes.
const LARGEST: usize = 2 << 20;

/// The loose forms of regexes as one.
#[derive(Clone, Debug)]
pub(crate) struct Loose(Regex);

impl Loose {
    /// `None` if it would be too big.
    pub(crate) fn new(forms: Vec<Hir>) -> Option<Self> {
        let text = Hir::alternation(forms).to_string();
        let mut builder = RegexBuilder::new(&text);
        let builder = builder.unicode(false).size_limit(LARGEST).dfa_size_limit(LARGEST);
        builder.build().ok().map(Self)
    }

    /// A place in the first match at or after `at`. The match is as short as possible: it may begin
    /// in an earlier record, but hides none that ends later.
    pub(crate) fn find(&self, bytes: &[u8], at: usize) -> Option<usize> {
        self.0.shortest_match_at(bytes, at).map(|end| end - 1)
    }
}
