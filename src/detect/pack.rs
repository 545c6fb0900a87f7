//! Pure. Pattern packs: the TOML files that say what to recognise.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use crate::config::Problem;
use crate::detect::{Kind, Role, Severity};

/// One file of patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Path as the person would type it, or `built in: patterns/reload.toml`.
    pub file: String,
    pub text: String,
}

/// The packs that are compiled in, so that nothing needs to be configured.
pub fn builtin_packs() -> Vec<Pack> {
    [
        ("reload", include_str!("../../patterns/reload.toml")),
        ("script", include_str!("../../patterns/script.toml")),
        ("engine", include_str!("../../patterns/engine.toml")),
        ("security", include_str!("../../patterns/security.toml")),
        ("service", include_str!("../../patterns/service.toml")),
    ]
    .map(|(family, text)| Pack {
        file: format!("built in: patterns/{family}.toml"),
        text: text.to_owned(),
    })
    .into()
}

/// A pattern as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: Spanned<String>,
    pub(crate) title: Spanned<String>,
    pub(crate) meaning: String,
    pub(crate) advice: Option<String>,
    pub(crate) log: Spanned<OneOrMore>,
    pub(crate) kind: Kind,
    #[serde(default = "standalone")]
    pub(crate) role: Role,
    pub(crate) severity: Severity,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    #[serde(default)]
    pub(crate) verified: Verified,
    #[serde(default)]
    pub(crate) source: String,
    pub(crate) when: Spanned<BTreeMap<String, Spanned<String>>>,
    #[serde(default)]
    pub(crate) key: Vec<String>,
    #[serde(default)]
    pub(crate) matches: Vec<Spanned<Sample>>,
    #[serde(default)]
    pub(crate) misses: Vec<Spanned<Sample>>,
}

/// What changes of a pattern that an earlier pack, or the same, describes: what an environment
/// is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Adjustment {
    pub(crate) id: Spanned<String>,
    pub(crate) severity: Option<Severity>,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
}

/// How sure it is that Qlik Sense writes what a pattern looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// Seen in a real log, or relied on by tools that run against real sites.
    Seen,
    /// The vendor's documentation says so.
    Documented,
    #[default]
    Assumed,
}

/// What a pattern must match, or must not.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Sample {
    /// Lines of a script log.
    pub(crate) lines: Option<String>,
    /// Other patterns that match it, too.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    /// Columns of a service log's row.
    #[serde(flatten)]
    pub(crate) columns: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(crate) fn list(&self) -> Vec<String> {
        match self {
            Self::One(one) => vec![one.clone()],
            Self::More(more) => more.clone(),
        }
    }
}

/// The text of a pack beside its name, for problems.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) text: Arc<str>,
}

impl Source {
    pub(crate) fn problem(
        &self,
        span: std::ops::Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Problem {
        let (file, text) = (self.file.clone(), Arc::clone(&self.text));
        Problem { file, text, span, message: message.into(), hint }
    }

    fn syntax(&self, error: &toml::de::Error) -> Problem {
        let span = error.span().unwrap_or(0..0);
        self.problem(span, error.message().trim_end(), None)
    }
}

/// What a pack says, as far as it can be read, and a problem for each thing that cannot.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) source: Source,
    pub(crate) entries: Vec<Entry>,
    pub(crate) adjustments: Vec<Adjustment>,
    pub(crate) problems: Vec<Problem>,
}

pub(crate) fn read(pack: &Pack) -> Content {
    let source = Source { file: pack.file.clone(), text: pack.text.as_str().into() };
    let (table, errors) = DeTable::parse_recoverable(&pack.text);
    let problems: Vec<Problem> = errors.iter().map(|error| source.syntax(error)).collect();
    let mut content = Content { source, entries: Vec::new(), adjustments: Vec::new(), problems };
    // What was recovered from broken syntax would only add echoes of the first problem.
    if content.problems.is_empty() {
        for (name, value) in table.into_inner() {
            match (name.get_ref().as_ref(), value.into_inner()) {
                ("pattern", DeValue::Array(tables)) => content.entries = content.each(tables),
                ("adjust", DeValue::Array(tables)) => content.adjustments = content.each(tables),
                (other, _) => content.unknown(other, name.span()),
            }
        }
    }
    content
}

impl Content {
    fn each<T: DeserializeOwned>(&mut self, tables: DeArray<'_>) -> Vec<T> {
        let mut read = Vec::new();
        for table in tables {
            match T::deserialize(ValueDeserializer::from(table)) {
                Ok(one) => read.push(one),
                Err(error) => self.problems.push(self.source.syntax(&error)),
            }
        }
        read
    }

    fn unknown(&mut self, name: &str, span: std::ops::Range<usize>) {
        let hint = "a pack holds `[[pattern]]` and `[[adjust]]` tables only";
        let message = format!("unknown key `{name}`");
        self.problems.push(self.source.problem(span, message, Some(hint.to_owned())));
    }
}

fn standalone() -> Role {
    Role::Standalone
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
