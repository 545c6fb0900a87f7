//! Pure. Classes of errors that end a reload: their names, titles and advice.

mod codes;
mod names;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::config::{FileOrigin, Language, Problem};
use crate::detect::error_class::codes::Code;
use crate::detect::error_class::words::ClassLiterals;
use crate::detect::expression::Expression;
use crate::detect::links::{self, LinkEntry};
use crate::detect::pack::PackFile;
use crate::detect::translation::{self, TranslationEntry};
use crate::detection::{Link, Translations};

const CODES: &str = "write `ORA-01017`, `MySQL 1045`, `MSSQL 18456`, `SqlState 28000`, `HRESULT 80040E4D`, `Windows 5`, `gRPC UNAVAILABLE`, `HTTP 404`, `EDC_ERROR:11013` or `LOCERR_RELOAD_EXIT_ERROR`";

/// Maximum length of a regex that several were joined into.
const LONGEST_TEXT: usize = 400;

/// A class as a pack defines it. Keys that are left out keep the values of an earlier entry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ErrorEntry {
    /// A stable name, for routes and programs.
    #[schemars(with = "String")]
    pub(crate) class: Spanned<String>,
    /// The title on cards.
    #[schemars(with = "Option<String>")]
    pub(crate) title: Option<Spanned<String>>,
    /// What usually helps.
    #[schemars(with = "Option<String>")]
    pub(crate) advice: Option<Spanned<String>>,
    /// Codes in the error's text, such as `ORA-01017` or `HTTP 404`.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) codes: Option<Vec<Spanned<String>>>,
    /// Codes that are less specific than most texts: among broad codes and texts, the class that
    /// comes first wins.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) broad_codes: Option<Vec<Spanned<String>>>,
    /// Regexes for texts without a known code.
    #[schemars(with = "Option<Vec<String>>")]
    pub(crate) texts: Option<Vec<Spanned<String>>>,
    /// Buttons on the cards of this class.
    #[schemars(with = "Option<Vec<LinkEntry>>", length(max = 4))]
    pub(crate) links: Option<Vec<Spanned<LinkEntry>>>,
    /// Its texts in German.
    pub(crate) de: Option<TranslationEntry>,
    /// Keys that were reported and hold a stand-in, so that the rest can be checked.
    #[schemars(skip)]
    #[serde(skip)]
    pub(crate) broken: BTreeSet<String>,
}

/// One class of errors.
#[derive(Clone, Debug)]
pub struct ErrorClass {
    pub name: Arc<str>,
    pub title: Arc<str>,
    pub advice: Arc<str>,
    pub links: Vec<Link>,
    /// The same in other languages.
    pub translations: Translations,
    /// The pack that worded it last.
    pub file: FileOrigin,
    codes: Vec<Code>,
    broad_codes: Vec<Code>,
    texts: Vec<Expression>,
}

/// All classes in force.
#[derive(Clone, Debug, Default)]
pub struct ErrorClasses {
    classes: Vec<ErrorClass>,
    /// Indexes into `classes`, see [`Self::indexed`].
    codes: BTreeMap<Code, usize>,
    broad_codes: BTreeMap<Code, usize>,
    /// The literals in the texts of all classes, collected when the first error is classified.
    words: OnceLock<ClassLiterals>,
    /// The current pack and its number of added classes, which come before those of earlier packs.
    pack: (Option<FileOrigin>, usize),
}

impl ErrorClasses {
    /// Adds a class before those of earlier packs, or changes the existing one.
    pub(crate) fn put(&mut self, entry: &ErrorEntry, source: &PackFile) -> Vec<Problem> {
        let earlier = self.classes.iter().position(|one| *one.name == **entry.class.get_ref());
        let known = earlier.map(|at| &self.classes[at]);
        let class = match ErrorClass::compile(entry, known, source) {
            Ok(class) => class,
            Err(problems) => return problems,
        };
        if let Some(at) = earlier {
            self.classes[at] = class;
        } else {
            if self.pack.0.as_ref() != Some(&source.file) {
                self.pack = (Some(source.file.clone()), 0);
            }
            self.classes.insert(self.pack.1, class);
            self.pack.1 += 1;
        }
        Vec::new()
    }

    /// Indexes the codes of all classes, once they are known.
    #[must_use]
    pub(crate) fn indexed(mut self) -> Self {
        for (at, class) in self.classes.iter().enumerate() {
            for code in &class.codes {
                // The first two characters of an SQLSTATE are not specific.
                let is_sort = codes::sort_of(code).is_some_and(|sort| sort == *code);
                let codes = if is_sort { &mut self.broad_codes } else { &mut self.codes };
                codes.entry(code.clone()).or_insert(at);
            }
            for code in &class.broad_codes {
                self.broad_codes.entry(code.clone()).or_insert(at);
            }
        }
        self
    }

    /// The class of an error: by the codes in its text, else by its words. Names within the error
    /// (fields, files, addresses) are ignored.
    pub fn of(&self, error: &str) -> Option<&ErrorClass> {
        let text = names::without_names(error);
        let known = codes::find(&text).find_map(|code| self.codes.get(&code).copied());
        let at = known.or_else(|| {
            let broad = codes::find(&text).filter_map(|code| {
                let sort = codes::sort_of(&code).and_then(|sort| self.broad_codes.get(&sort));
                self.broad_codes.get(&code).or(sort).copied()
            });
            broad.chain(self.by_words(&text)).min()
        })?;
        self.classes.get(at)
    }

    /// All classes, in the order in which their texts are tried.
    pub fn iter(&self) -> impl Iterator<Item = &ErrorClass> {
        self.classes.iter()
    }

    pub(crate) fn keep_languages(&mut self, languages: &BTreeSet<Language>) {
        for class in &mut self.classes {
            class.translations.retain(|language, _| languages.contains(language));
        }
    }

    fn by_words(&self, text: &str) -> Option<usize> {
        let text = names::without_identifiers(text);
        let words = self
            .words
            .get_or_init(|| ClassLiterals::new(self.classes.iter().map(|one| &*one.texts)));
        let mut candidates = words.candidates(&text).into_iter();
        candidates.find(|at| self.classes[*at].texts.iter().any(|one| one.is_match(&text)))
    }
}

impl ErrorClass {
    fn compile(
        entry: &ErrorEntry,
        earlier: Option<&Self>,
        source: &PackFile,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let name = text_of(Some(&entry.class), None, &entry.class, "class", source, &mut problems);
        let title = earlier.map(|one| &one.title);
        let title =
            text_of(entry.title.as_ref(), title, &entry.class, "title", source, &mut problems);
        let advice = earlier.map(|one| &one.advice);
        let advice =
            text_of(entry.advice.as_ref(), advice, &entry.class, "advice", source, &mut problems);
        let mut read =
            |written: &Option<Vec<Spanned<String>>>, earlier: Option<&Vec<Code>>| match written {
                Some(written) => read_codes(written, source, &mut problems),
                None => earlier.cloned().unwrap_or_default(),
            };
        let codes = read(&entry.codes, earlier.map(|one| &one.codes));
        let broad_codes = read(&entry.broad_codes, earlier.map(|one| &one.broad_codes));
        let texts = match &entry.texts {
            Some(written) => read_texts(written, source, &mut problems),
            None => earlier.map(|one| one.texts.clone()).unwrap_or_default(),
        };
        let links = match &entry.links {
            Some(written) => links::compile(written, source, &mut problems),
            None => earlier.map(|one| one.links.clone()).unwrap_or_default(),
        };
        let mut translations = earlier.map(|one| one.translations.clone()).unwrap_or_default();
        // Texts that the entry words anew are no longer those that were translated.
        for one in translations.values_mut() {
            one.title = one.title.take().filter(|_| entry.title.is_none());
            one.advice = one.advice.take().filter(|_| entry.advice.is_none());
            one.links = one.links.take().filter(|_| entry.links.is_none());
        }
        for (language, new) in translation::compile(entry.de.as_ref(), source, &mut problems) {
            let one = translations.entry(language).or_default();
            one.title = new.title.or(one.title.take());
            one.advice = new.advice.or(one.advice.take());
            one.links = new.links.or(one.links.take());
        }
        if let Some(meaning) = entry.de.as_ref().and_then(|de| de.meaning.as_ref()) {
            let hint = "an error class has `title`, `advice` and `links`".to_owned();
            let message = "unknown key `meaning` in `de`";
            problems.push(source.problem(meaning.span(), message, Some(hint)));
        }
        let is_whole =
            !["codes", "broad-codes", "texts"].iter().any(|key| entry.broken.contains(*key));
        if codes.is_empty()
            && broad_codes.is_empty()
            && texts.is_empty()
            && problems.is_empty()
            && is_whole
        {
            let message = format!("the error class `{name}` has neither codes nor texts");
            let hint = "add `codes` or `texts` by which it is recognized".to_owned();
            problems.push(source.problem(entry.class.span(), message, Some(hint)));
        }
        if !problems.is_empty() || !entry.broken.is_empty() {
            return Err(problems);
        }
        let file = match earlier {
            Some(one) if entry.title.is_none() && entry.advice.is_none() => one.file.clone(),
            _ => source.file.clone(),
        };
        Ok(Self { name, title, advice, links, translations, file, codes, broad_codes, texts })
    }
}

/// A text of the entry, else that of the earlier class; it is required and must not be blank.
fn text_of(
    written: Option<&Spanned<String>>,
    earlier: Option<&Arc<str>>,
    class: &Spanned<String>,
    key: &str,
    source: &PackFile,
    problems: &mut Vec<Problem>,
) -> Arc<str> {
    let problem = match (written, earlier) {
        (Some(text), _) if !text.get_ref().trim().is_empty() => {
            return text.get_ref().as_str().into();
        }
        (Some(text), _) => {
            let hint = Some(format!("write {key} = 'a short text'"));
            source.problem(text.span(), format!("`{key}` is empty"), hint)
        }
        (None, Some(earlier)) => return Arc::clone(earlier),
        (None, None) => {
            let message = format!("the error class `{}` has no `{key}`", class.get_ref());
            let hint = "only an entry for a class of an earlier pack may leave it out".to_owned();
            source.problem(class.span(), message, Some(hint))
        }
    };
    problems.push(problem);
    "".into()
}

fn read_codes(
    written: &[Spanned<String>],
    source: &PackFile,
    problems: &mut Vec<Problem>,
) -> Vec<Code> {
    let mut codes = Vec::new();
    for word in written {
        if let Some(code) = codes::read(word.get_ref()) {
            codes.push(code);
        } else {
            let message = match word.get_ref().trim() {
                "" => "a code is empty".to_owned(),
                word => format!("`{word}` is not a known form of error code"),
            };
            problems.push(source.problem(word.span(), message, Some(CODES.to_owned())));
        }
    }
    codes
}

fn read_texts(
    written: &[Spanned<String>],
    source: &PackFile,
    problems: &mut Vec<Problem>,
) -> Vec<Expression> {
    let mut texts: Vec<Expression> = Vec::new();
    for word in written {
        match Expression::new(word.get_ref()) {
            Ok(text) if text.is_blank() => {
                let message = "a regex in `texts` is empty: it would match every error";
                let hint = "write a text of the error, or remove it".to_owned();
                problems.push(source.problem(word.span(), message, Some(hint)));
            }
            Ok(text) => texts.push(text),
            Err(error) => {
                let message = format!("`{}` is not a valid regex: {error}", word.get_ref());
                let hint = "see https://docs.rs/regex for the syntax".to_owned();
                problems.push(source.problem(word.span(), message, Some(hint)));
            }
        }
    }
    joined(texts)
}

/// Joins regexes into few, which takes less memory, unless they cannot be joined.
fn joined(texts: Vec<Expression>) -> Vec<Expression> {
    let mut parts: Vec<Vec<Expression>> = Vec::new();
    let mut length = 0;
    for text in texts {
        length += text.as_str().len();
        match parts.last_mut() {
            Some(part) if length <= LONGEST_TEXT => part.push(text),
            _ => {
                length = text.as_str().len();
                parts.push(vec![text]);
            }
        }
    }
    let join = |part: Vec<Expression>| {
        let each: Vec<String> = part.iter().map(|text| format!("(?:{text})")).collect();
        Expression::new(&each.join("|")).map_or(part, |joined| vec![joined])
    };
    parts.into_iter().flat_map(join).collect()
}

#[cfg(test)]
mod tests;
