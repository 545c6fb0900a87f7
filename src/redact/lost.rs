//! Pure. Words whose letters were lost: a script log in a Windows code page is read as UTF-8, and
//! each letter that is not ASCII becomes U+FFFD.

use std::borrow::Cow;

/// The replacement for a letter that cannot be decoded.
pub(crate) const LOST: char = '\u{fffd}';
/// Forms with fewer other letters are not names.
const LEAST: usize = 2;

/// The rest of a word in Latin script; words of other scripts would consist only of replacements.
pub(crate) fn form(word: &str) -> Option<String> {
    let rest = word.chars().filter(char::is_ascii_alphabetic).count();
    let is_known = |c: char| c.is_ascii() || is_latin(c);
    let is_lossy = !word.is_ascii() && word.chars().all(is_known) && rest >= LEAST;
    is_lossy.then(|| word.replace(is_latin, "\u{fffd}"))
}

/// Letters of Latin script that are not ASCII.
fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// The words, each with its rest.
pub(crate) fn with_forms(list: &[&'static str]) -> impl Iterator<Item = Cow<'static, str>> {
    let both = |word: &&'static str| [Some(Cow::from(*word)), form(word).map(Cow::from)];
    list.iter().flat_map(both).flatten()
}

/// Whether `word` is the rest of a word of the list, whose words are separated by blanks.
pub(crate) fn has(list: &str, word: &str) -> bool {
    let rest = word.chars().filter(char::is_ascii_alphabetic).count();
    rest >= LEAST && list.split(' ').filter_map(form).any(|form| form == word)
}

#[cfg(test)]
mod tests;
