//! Pure. Names of several words as the heads of columns: `mot de passe`, `chiave di accesso`.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::redact::names::{self, has};
use crate::redact::{lost, words};

/// The longest name of a column.
const LONGEST: usize = 60;

static SEARCH: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let lists = [words::PHRASES, words::WEAK_PHRASES];
    let phrases: Vec<_> = lists.into_iter().flat_map(lost::with_forms).collect();
    let curly =
        phrases.iter().filter(|it| it.contains('\'')).map(|it| it.replace('\'', "’").into());
    let phrases: Vec<_> = phrases.iter().cloned().chain(curly).collect();
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(phrases.iter().map(|phrase| phrase.as_bytes()))
        .expect("the phrases are fixed")
});

/// Whether a name of several words is that of a secret: `Mot de passe SAP`, but not `mot de passe expiré`.
pub(crate) fn is_column(name: &str) -> bool {
    if name.len() > LONGEST {
        return false;
    }
    let lower = name.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == lost::LOST;
    SEARCH.find_iter(lower.as_bytes()).any(|found| {
        let (before, behind) = (&lower[..found.start()], &lower[found.end()..]);
        !before.ends_with(is_word) && !behind.starts_with(is_word) && !is_about(before, behind)
    })
}

/// Whether the words around the name make it that of a property, such as its date.
fn is_about(before: &str, behind: &str) -> bool {
    let mut words = before.split_whitespace().chain(behind.split_whitespace());
    words.any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        names::is_property(word) || has(words::REFUSED, word) || has(words::REMARKS, word)
    })
}

/// The length of a name of several words at the start of a text.
pub(crate) fn at_start(text: &str) -> Option<usize> {
    let start = &text[..text.floor_char_boundary(LONGEST)];
    let lower = start.to_lowercase();
    let found = SEARCH.find(lower.as_bytes()).filter(|found| found.start() == 0)?;
    (lower.len() == start.len() && start.is_char_boundary(found.end())).then_some(found.end())
}

#[cfg(test)]
mod tests;
