//! Pure. Pattern packs: the TOML files that say what to recognise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::config::load::limits::PROBLEMS;
use crate::config::worded::{self, Mistake, plain};
use crate::config::{Period, Problem};
use crate::detect::error_class::ErrorEntry;
use crate::detect::repair::{self, Repair};
use crate::detection::{Kind, Role, Severity};

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
        ("licence", include_str!("../../patterns/licence.toml")),
        ("directory", include_str!("../../patterns/directory.toml")),
        ("task", include_str!("../../patterns/task.toml")),
        ("errors", include_str!("../../patterns/errors.toml")),
    ]
    .map(|(family, text)| Pack {
        file: format!("built in: patterns/{family}.toml"),
        text: text.to_owned(),
    })
    .into()
}

/// A pattern as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PatternTable {
    /// A name that stays: it is counted and shown in the history.
    #[schemars(with = "String")]
    pub(crate) id: Spanned<String>,
    /// The head of the card.
    #[schemars(with = "String")]
    pub(crate) title: Spanned<String>,
    /// What it means for people, in one sentence.
    pub(crate) meaning: String,
    /// What to do.
    pub(crate) advice: Option<String>,
    /// One log or a list, such as `System_Scheduler` or `Script`.
    #[schemars(with = "OneOrMore")]
    pub(crate) log: Spanned<OneOrMore>,
    /// What routes ask for.
    #[schemars(with = "Kind")]
    pub(crate) kind: Spanned<Kind>,
    /// What a find means for a run.
    #[schemars(with = "Option<Role>")]
    #[serde(default = "standalone")]
    pub(crate) role: Spanned<Role>,
    /// How much it matters; `info` makes no card.
    pub(crate) severity: Severity,
    /// Whether it is in force.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// How sure it is that Qlik Sense writes this.
    #[serde(default)]
    pub(crate) verified: Verified,
    /// Where the knowledge comes from.
    #[serde(default)]
    pub(crate) source: String,
    /// Columns and what each must hold: a regex, `=text` or, for Level, `>=WARN`.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) when: Spanned<BTreeMap<String, Spanned<String>>>,
    /// Columns and captures that tell one incident from another; also `user` and `address`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(crate) key: Vec<Spanned<String>>,
    /// How often within which time it must be found before it is told.
    #[schemars(with = "Option<Limit>")]
    pub(crate) threshold: Option<Spanned<Limit>>,
    /// Older records are not told: `1h`.
    #[schemars(with = "Option<String>")]
    pub(crate) max_age: Option<Period>,
    /// For the role `start`: what began must have ended within this time, such as `4h`.
    #[schemars(with = "Option<String>")]
    pub(crate) overdue: Option<Spanned<Period>>,
    /// For the role `start`: told before that if it takes much longer than its last ends did.
    #[schemars(with = "Option<bool>")]
    pub(crate) learned: Option<Spanned<bool>>,
    /// Patterns whose incidents a find ends, where node and key are the same.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) closes: Vec<Spanned<String>>,
    /// Patterns whose open incidents on the same node hold a find back.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) suppressed_by: Vec<Spanned<String>>,
    /// The pattern that finds the same trouble in another log.
    #[schemars(with = "Option<String>")]
    pub(crate) same_as: Option<Spanned<String>>,
    /// The channel of its cards; without it the routes decide.
    #[schemars(with = "Option<String>")]
    pub(crate) channel: Option<Spanned<String>>,
    /// Rows or lines that it must match.
    #[schemars(with = "Vec<Sample>")]
    #[serde(default)]
    pub(crate) matches: Vec<Spanned<Sample>>,
    /// Rows or lines that it must not match.
    #[schemars(with = "Vec<Sample>")]
    #[serde(default)]
    pub(crate) misses: Vec<Spanned<Sample>>,
    /// Keys that were reported and have a stand-in, so that the rest can be checked.
    #[schemars(skip)]
    #[serde(skip)]
    pub(crate) broken: BTreeSet<String>,
}

/// A threshold as it is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Limit {
    /// So many finds.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) count: u32,
    /// Within this time: `5m`.
    #[schemars(with = "String")]
    pub(crate) within: Period,
    /// Columns and captures that are counted apart; without it those of `key`.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) by: Vec<Spanned<String>>,
}

/// What changes of a pattern that an earlier pack, or the same, describes: what an environment
/// is for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Adjustment {
    /// The pattern to change.
    #[schemars(with = "String")]
    pub(crate) id: Spanned<String>,
    #[schemars(with = "Option<Severity>")]
    pub(crate) severity: Option<Spanned<Severity>>,
    /// Switches the pattern on or off.
    #[schemars(with = "Option<bool>")]
    pub(crate) enabled: Option<Spanned<bool>>,
    #[schemars(with = "Option<Limit>")]
    pub(crate) threshold: Option<Spanned<Limit>>,
    /// The channel of its cards.
    #[schemars(with = "Option<String>")]
    pub(crate) channel: Option<Spanned<String>>,
    /// Keys that were reported and have a stand-in, so that the rest can be checked.
    #[schemars(skip)]
    #[serde(skip)]
    pub(crate) broken: BTreeSet<String>,
}

/// How sure it is that Qlik Sense writes what a pattern looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// Seen in a real log, or relied on by tools that run against real sites.
    Seen,
    /// The vendor's documentation says so.
    Documented,
    /// Inferred: such a pattern is quiet or switched off.
    #[default]
    Assumed,
}

impl Verified {
    /// The word in packs and lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Documented => "documented",
            Self::Assumed => "assumed",
        }
    }
}

/// What a pattern must match, or must not.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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

#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
pub(crate) struct PackFile {
    pub(crate) file: String,
    pub(crate) text: Arc<str>,
    /// Where its lines begin.
    lines: Arc<[usize]>,
}

impl PackFile {
    fn new(pack: &Pack) -> Self {
        let ends = memchr::memchr_iter(b'\n', pack.text.as_bytes()).map(|end| end + 1);
        let lines = std::iter::once(0).chain(ends).collect();
        Self { file: pack.file.clone(), text: pack.text.as_str().into(), lines }
    }

    pub(crate) fn problem(
        &self,
        span: std::ops::Range<usize>,
        message: impl Into<String>,
        hint: Option<String>,
    ) -> Problem {
        let (file, text) = (self.file.clone(), Arc::clone(&self.text));
        Problem { file, text, span, message: message.into(), hint }
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|begin| *begin <= at)
    }

    pub(crate) fn mistake(&self, mistake: Mistake) -> Problem {
        self.problem(mistake.span, plain(&mistake.message), Some(mistake.hint))
    }
}

/// What a pack says, as far as it can be read, and a problem for each thing that cannot.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) source: PackFile,
    pub(crate) entries: Vec<PatternTable>,
    pub(crate) adjustments: Vec<Adjustment>,
    pub(crate) errors: Vec<ErrorEntry>,
    pub(crate) problems: Vec<Problem>,
}

pub(crate) fn read(pack: &Pack) -> Content {
    let source = PackFile::new(pack);
    let (table, errors) = DeTable::parse_recoverable(&pack.text);
    let mistakes = worded::syntax(&pack.text, &errors).into_iter().take(PROBLEMS);
    let problems: Vec<Problem> = mistakes.map(|mistake| source.mistake(mistake)).collect();
    let (entries, adjustments, errors) = (Vec::new(), Vec::new(), Vec::new());
    let mut content = Content { source, entries, adjustments, errors, problems };
    // What was recovered from broken syntax would only add echoes of the first problem.
    if content.problems.is_empty() {
        for (name, value) in table.into_inner() {
            match (name.get_ref().as_ref(), value.into_inner()) {
                ("pattern", DeValue::Array(tables)) => content.entries = content.each(tables),
                ("adjust", DeValue::Array(tables)) => content.adjustments = content.each(tables),
                ("error", DeValue::Array(tables)) => content.errors = content.each(tables),
                (other, _) => content.unknown(other, name.span()),
            }
        }
    }
    content
}

impl Content {
    /// Every table that can be read. What is wrong in one is reported and replaced, and the rest of it
    /// is read all the same.
    fn each<T: Repair>(&mut self, tables: DeArray<'_>) -> Vec<T> {
        let mut read = Vec::new();
        for table in tables {
            if self.problems.len() >= PROBLEMS {
                break;
            }
            let (one, problems) = repair::read(&self.source, table);
            self.problems.extend(problems);
            read.extend(one);
        }
        read
    }

    fn unknown(&mut self, name: &str, span: std::ops::Range<usize>) {
        let hint = "a pack holds `[[pattern]]`, `[[adjust]]` and `[[error]]` tables only";
        let message = format!("unknown key `{name}`");
        self.problems.push(self.source.problem(span, message, Some(hint.to_owned())));
    }
}

fn standalone() -> Spanned<Role> {
    Spanned::new(0..0, Role::Standalone)
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests;
