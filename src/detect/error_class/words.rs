//! Pure. Finds by the literals in a text which classes may match it, so that few regexes are tried
//! and even fewer are ever built.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::detect::expression::Expression;
use crate::detect::literal::{self, ODD_FORMS};

/// The literals of all classes.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    search: AhoCorasick,
    /// The index of the class that each literal belongs to.
    class_of: Vec<usize>,
    /// Classes with a regex that requires no literal.
    always: BTreeSet<usize>,
    n_classes: usize,
}

impl Words {
    /// `classes` are the regexes of each class.
    pub(crate) fn new<'a>(classes: impl Iterator<Item = &'a [Expression]>) -> Self {
        let (mut literals, mut class_of) = (Vec::new(), Vec::new());
        let (mut always, mut n_classes) = (BTreeSet::new(), 0);
        for (class, texts) in classes.enumerate() {
            n_classes += 1;
            for text in texts {
                match literal::required(text.as_str()).into_iter().next() {
                    Some(set) => {
                        class_of.extend(set.iter().map(|_| class));
                        literals.extend(set.into_iter().map(|one| one.text));
                    }
                    None => drop(always.insert(class)),
                }
            }
        }
        let build = |literals: &[Vec<u8>]| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .kind(Some(AhoCorasickKind::ContiguousNFA))
                .build(literals)
        };
        let search = build(&literals).unwrap_or_else(|_| {
            // Too many for one search.
            always = (0..n_classes).collect();
            build(&[]).expect("no literals are not too many")
        });
        Self { search, class_of, always, n_classes }
    }

    /// The indexes of the classes that may match this text, in order.
    pub(crate) fn candidates(&self, text: &str) -> BTreeSet<usize> {
        if text.contains(ODD_FORMS) {
            return (0..self.n_classes).collect();
        }
        let found = self.search.find_overlapping_iter(text);
        let found = found.map(|found| self.class_of[found.pattern()]);
        found.chain(self.always.iter().copied()).collect()
    }
}
