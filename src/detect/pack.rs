//! Pure. Pattern packs: TOML files that define what to recognise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::config::limits::PROBLEMS;
use crate::config::worded::{self, Mistake, plain};
use crate::config::{FileOrigin, Period, Problem, ProblemKind};
use crate::detect::error_class::ErrorEntry;
use crate::detect::links::LinkEntry;
use crate::detect::repair::{self, Repair};
use crate::detect::translation::TranslationEntry;
use crate::detection::{Kind, Role, Severity};

/// One file of patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    pub file: FileOrigin,
    pub text: String,
}

/// The packs that are compiled into the program.
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
        ("sse", include_str!("../../patterns/sse.toml")),
        ("dispatcher", include_str!("../../patterns/dispatcher.toml")),
        ("errors", include_str!("../../patterns/errors.toml")),
    ]
    .map(|(family, text)| Pack {
        file: FileOrigin::BuiltIn(format!("patterns/{family}.toml")),
        text: text.to_owned(),
    })
    .into()
}

/// A pattern as written in a pack.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PatternTable {
    /// A stable name: finds are counted and kept in history under it.
    #[schemars(with = "String")]
    pub(crate) id: Spanned<String>,
    /// The head of the card.
    #[schemars(with = "String")]
    pub(crate) title: Spanned<String>,
    /// What it means for users, in one sentence.
    pub(crate) meaning: String,
    /// What to do.
    pub(crate) advice: Option<String>,
    /// Buttons on the card, such as a runbook or documentation.
    #[schemars(with = "Vec<LinkEntry>", length(max = 4))]
    #[serde(default)]
    pub(crate) links: Vec<Spanned<LinkEntry>>,
    /// One log or a list, such as `System_Scheduler` or `Script`.
    #[schemars(with = "OneOrMore")]
    pub(crate) log: Spanned<OneOrMore>,
    /// The kind that routes match.
    #[schemars(with = "Kind")]
    pub(crate) kind: Spanned<Kind>,
    /// What a find means for a run.
    #[schemars(with = "Option<Role>")]
    #[serde(default = "standalone")]
    pub(crate) role: Spanned<Role>,
    /// The severity of its incidents; `info` sends no card.
    pub(crate) severity: Severity,
    /// Whether the pattern is in force.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// How certain it is that Qlik Sense writes this.
    #[serde(default)]
    pub(crate) verified: Verified,
    /// The source of the knowledge.
    #[serde(default)]
    pub(crate) source: String,
    /// Columns, and what each must contain: a regex, `=text` or, for Level, `>=WARN`.
    #[schemars(with = "BTreeMap<String, String>")]
    pub(crate) when: Spanned<BTreeMap<String, Spanned<String>>>,
    /// Columns and captures that distinguish incidents; also `user` and `address`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(crate) key: Vec<Spanned<String>>,
    /// How many finds within which time open an incident.
    #[schemars(with = "Option<Limit>")]
    pub(crate) threshold: Option<Spanned<Limit>>,
    /// Older records send no card: `1h`.
    #[schemars(with = "Option<String>")]
    pub(crate) max_age: Option<Period>,
    /// For the roles `attempt` and `script-failed`: the final word on its run if no other comes within this time: `2m`.
    #[schemars(with = "Option<String>")]
    pub(crate) final_after: Option<Spanned<Period>>,
    /// For the role `start`: the time within which it must end, such as `4h`.
    #[schemars(with = "Option<String>")]
    pub(crate) overdue: Option<Spanned<Period>>,
    /// For the role `start`: report it earlier if it takes much longer than it usually does.
    #[schemars(with = "Option<bool>")]
    pub(crate) learned: Option<Spanned<bool>>,
    /// Patterns whose incidents a find ends, if node and key are the same.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) closes: Vec<Spanned<String>>,
    /// Patterns whose open incidents on the same node hold a find back.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) suppressed_by: Vec<Spanned<String>>,
    /// The pattern that finds the same problem in another log.
    #[schemars(with = "Option<String>")]
    pub(crate) same_as: Option<Spanned<String>>,
    /// The channel of its cards; without it, the routes decide.
    #[schemars(with = "Option<String>")]
    pub(crate) channel: Option<Spanned<String>>,
    /// Its texts in German.
    pub(crate) de: Option<TranslationEntry>,
    /// Rows or lines that the pattern must match.
    #[schemars(with = "Vec<Sample>")]
    #[serde(default)]
    pub(crate) matches: Vec<Spanned<Sample>>,
    /// Rows or lines that the pattern must not match.
    #[schemars(with = "Vec<Sample>")]
    #[serde(default)]
    pub(crate) misses: Vec<Spanned<Sample>>,
    /// Keys that were reported and have a stand-in, so that the rest can be checked.
    #[schemars(skip)]
    #[serde(skip)]
    pub(crate) broken: BTreeSet<String>,
}

/// A threshold as written in a pack.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Limit {
    /// The number of finds.
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) count: u32,
    /// The time within which they must occur: `5m`.
    #[schemars(with = "String")]
    pub(crate) within: Period,
    /// Columns and captures by which finds are counted separately; default: those of `key`.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    pub(crate) by: Vec<Spanned<String>>,
}

/// Changes to a pattern of an earlier pack or of the same one, for example for one environment.
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
    /// Buttons on the card, in the place of those that it has; an empty list removes them.
    #[schemars(with = "Option<Vec<LinkEntry>>", length(max = 4))]
    pub(crate) links: Option<Spanned<Vec<Spanned<LinkEntry>>>>,
    /// Keys that were reported and have a stand-in, so that the rest can be checked.
    #[schemars(skip)]
    #[serde(skip)]
    pub(crate) broken: BTreeSet<String>,
}

/// How certain it is that Qlik Sense writes what a pattern matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verified {
    /// Seen in a real log, or relied on by tools that run against real sites.
    Seen,
    /// The vendor's documentation says so.
    Documented,
    /// Inferred; such a pattern has severity `info` or is disabled.
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

/// A sample that a pattern must match, or must not match.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct Sample {
    /// Lines of a script log.
    pub(crate) lines: Option<String>,
    /// Other patterns that also match it.
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

/// The name and text of a pack, for problems.
#[derive(Clone, Debug)]
pub(crate) struct PackFile {
    pub(crate) file: FileOrigin,
    pub(crate) text: Arc<str>,
    /// Offsets of the beginnings of its lines.
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
        let (file, text) = (self.file.to_string(), Arc::clone(&self.text));
        let kind = ProblemKind::Invalid;
        Problem { file, text, span, kind, message: message.into(), hint }
    }

    /// The line of a byte offset, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|begin| *begin <= at)
    }

    pub(crate) fn mistake(&self, mistake: Mistake) -> Problem {
        self.problem(mistake.span, plain(&mistake.message), Some(mistake.hint))
    }
}

/// The readable tables of a pack, and a problem for each unreadable one.
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
    let problems: Vec<Problem> =
        mistakes.map(|mistake| source.mistake(mistake).of_kind(ProblemKind::Syntax)).collect();
    let (entries, adjustments, errors) = (Vec::new(), Vec::new(), Vec::new());
    let mut content = Content { source, entries, adjustments, errors, problems };
    // Tables recovered from broken syntax would only add follow-up problems.
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
        let problem = self.source.problem(span, message, Some(hint.to_owned()));
        self.problems.push(problem.of_kind(ProblemKind::UnknownKey));
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
