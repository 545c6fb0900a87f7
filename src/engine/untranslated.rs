//! Pure. Texts of a user's own packs that are missing in a language of the cards.

use std::collections::BTreeSet;

use crate::config::Language;
use crate::detect::Detector;
use crate::detect::translation::missing;
use crate::detection::Severity;

/// The prefix of the names of built-in packs.
const BUILT_IN: &str = "built in: ";

/// One sentence for each pattern and error class.
pub(crate) fn notes(detector: &Detector, languages: &BTreeSet<Language>) -> Vec<String> {
    let mut notes = Vec::new();
    for language in languages.iter().filter(|language| **language != Language::default()) {
        let name = language.name();
        let patterns = detector.patterns().iter();
        for one in patterns.filter(|it| it.severity > Severity::Info && is_own(&it.file)) {
            let words = &one.words;
            let (has_meaning, has_advice) = (!words.meaning.is_empty(), words.advice.is_some());
            let missing = missing(words.translations.get(language), has_meaning, has_advice);
            if !missing.is_empty() {
                let (file, line, id, keys) = (&one.file, one.line, &one.id, missing.join(", "));
                notes.push(format!(
                    "{file}:{line}: `{id}` has no {keys} in [pattern.{name}]; cards in that \
                     language show the pack's own text"
                ));
            }
        }
        for class in detector.error_classes().filter(|class| is_own(&class.file)) {
            let missing = missing(class.translations.get(language), false, true);
            if !missing.is_empty() {
                let (file, class, keys) = (&class.file, &class.name, missing.join(", "));
                notes.push(format!(
                    "{file}: the error class `{class}` has no {keys} in [error.{name}]; cards in \
                     that language show the pack's own text"
                ));
            }
        }
    }
    notes
}

fn is_own(file: &str) -> bool {
    !file.starts_with(BUILT_IN)
}

#[cfg(test)]
mod tests;
