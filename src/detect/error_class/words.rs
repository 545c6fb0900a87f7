//! Pure. Finds the classes that may match a text by the literals in it, so that few regexes are
//! tried and even fewer are ever built.

use std::borrow::Cow;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::detect::expression::Expression;
use crate::detect::literal::{self, ODD_FORMS};

/// The literals of all classes.
#[derive(Clone, Debug)]
pub(crate) struct ClassLiterals {
    search: AhoCorasick,
    /// The index of the class that each literal belongs to.
    class_of: Vec<usize>,
    /// Classes with a regex that requires no literal.
    always: BTreeSet<usize>,
}

impl ClassLiterals {
    /// `classes` are the regexes of each class.
    pub(crate) fn new<'a>(classes: impl Iterator<Item = &'a [Expression]>) -> Self {
        let (mut literals, mut class_of) = (Vec::new(), Vec::new());
        let mut always = BTreeSet::new();
        for (class, texts) in classes.enumerate() {
            for text in texts {
                let Some(set) = literal::required(text.as_str()).into_iter().next() else {
                    always.insert(class);
                    continue;
                };
                for one in set {
                    literals.push(folded(&String::from_utf8_lossy(&one.text)).into_owned());
                    class_of.push(class);
                }
            }
        }
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(literals)
            .expect("packs are limited in size");
        Self { search, class_of, always }
    }

    /// The indexes of the classes that may match this text, in order.
    pub(crate) fn candidates(&self, text: &str) -> BTreeSet<usize> {
        let text = folded(text);
        let found = self.search.find_overlapping_iter(&*text);
        let found = found.map(|found| self.class_of[found.pattern()]);
        found.chain(self.always.iter().copied()).collect()
    }
}

/// The text with ASCII letters in place of the two that Unicode folds to one.
fn folded(text: &str) -> Cow<'_, str> {
    if text.contains(ODD_FORMS) {
        text.replace(ODD_FORMS[0], "k").replace(ODD_FORMS[1], "s").into()
    } else {
        text.into()
    }
}
