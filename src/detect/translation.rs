//! Pure. Texts of patterns and error classes in other languages: `[pattern.de]`, `[error.de]`.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::config::{Language, Problem};
use crate::detect::links::{self, LinkEntry};
use crate::detect::pack::PackFile;
use crate::detection::{Translation, Translations};

/// The languages that a pack may have besides its own, as the keys of its tables.
pub(crate) const LANGUAGES: [&str; 1] = ["de"];
/// Keys of such a table.
pub(crate) const KEYS: [&str; 4] = ["title", "meaning", "advice", "links"];

/// The texts of a pattern or an error class in one more language.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct TranslationEntry {
    /// The title in this language.
    #[schemars(with = "Option<String>")]
    pub(crate) title: Option<Spanned<String>>,
    /// The meaning in this language; an error class has none.
    #[schemars(with = "Option<String>")]
    pub(crate) meaning: Option<Spanned<String>>,
    /// The advice in this language.
    #[schemars(with = "Option<String>")]
    pub(crate) advice: Option<Spanned<String>>,
    /// The buttons in this language, in the place of the others.
    #[schemars(with = "Option<Vec<LinkEntry>>", length(max = 4))]
    pub(crate) links: Option<Vec<Spanned<LinkEntry>>>,
}

/// The table of each language.
pub(crate) fn compile(
    german: Option<&TranslationEntry>,
    source: &PackFile,
    problems: &mut Vec<Problem>,
) -> Translations {
    let written = |language| match language {
        Language::English => None,
        Language::German => german,
    };
    let written = Language::ALL.into_iter().filter_map(|it| Some((it, written(it)?)));
    written.map(|(language, entry)| (language, entry.compile(language, source, problems))).collect()
}

impl TranslationEntry {
    fn compile(
        &self,
        language: Language,
        source: &PackFile,
        problems: &mut Vec<Problem>,
    ) -> Translation {
        let mut text = |key: &str, written: &Option<Spanned<String>>| {
            let written = written.as_ref()?;
            if written.get_ref().trim().is_empty() {
                let message = format!("`{}.{key}` is empty", language.name());
                let hint = format!("write {key} = 'a short text', or remove the line");
                problems.push(source.problem(written.span(), message, Some(hint)));
            }
            Some(written.get_ref().clone())
        };
        Translation {
            title: text("title", &self.title),
            meaning: text("meaning", &self.meaning),
            advice: text("advice", &self.advice),
            links: self.links.as_ref().map(|links| links::compile(links, source, problems)),
        }
    }
}

/// The texts of the pack that a translation lacks, in the order of their keys.
pub(crate) fn missing(
    translation: Option<&Translation>,
    has_meaning: bool,
    has_advice: bool,
) -> Vec<&'static str> {
    let has = |text: fn(&Translation) -> &Option<String>| {
        translation.is_some_and(|one| text(one).is_some())
    };
    [
        ("title", true, has(|one| &one.title)),
        ("meaning", has_meaning, has(|one| &one.meaning)),
        ("advice", has_advice, has(|one| &one.advice)),
    ]
    .into_iter()
    .filter(|(_, is_needed, is_given)| *is_needed && !is_given)
    .map(|(key, ..)| key)
    .collect()
}

#[cfg(test)]
mod tests;
