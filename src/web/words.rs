//! Pure. The words of the page in the language of the node.

mod german;

use crate::config::Language;

/// The text in this language; the text itself if it has no translation, such as a name.
pub(crate) fn translated(language: Language, text: &str) -> &str {
    let words = match language {
        Language::English => return text,
        Language::German => german::WORDS,
    };
    match words.binary_search_by_key(&text, |(english, _)| english) {
        Ok(at) => words[at].1,
        Err(_) => text,
    }
}

#[cfg(test)]
mod tests;
