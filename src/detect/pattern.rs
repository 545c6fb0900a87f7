//! Pure. A compiled pattern, which is matched against rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use regex_syntax::hir::Hir;

use crate::config::{FileOrigin, Problem, ProblemKind};
use crate::detect::expression::Expression;
use crate::detect::links;
use crate::detect::literal::{self, Writing};
use crate::detect::loose;
use crate::detect::names;
use crate::detect::pack::{PackFile, PatternTable, Verified};
use crate::detect::row::Row;
use crate::detect::terms;
use crate::detect::translation;
use crate::detection::{Kind, PatternId, Role, Rule, Severity, Terms, Words};
use crate::qlik::folders;
use crate::qlik::service_log::Record;

/// Columns with the same text in many rows, whose literals exclude few rows.
const COMMON: [&str; 5] = ["Logger", "Level", "Severity", "Hostname", "Service"];

/// What to look for in which logs, and what it means.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub id: PatternId,
    pub words: Arc<Words>,
    pub logs: Vec<String>,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    pub verified: Verified,
    /// The source of the knowledge.
    pub source: String,
    /// The pack that defines it.
    pub file: FileOrigin,
    /// Line of its id in the pack, counted from 1.
    pub line: usize,
    /// Whether it is in force.
    pub enabled: bool,
    /// Changes by `[[adjust]]` in later packs, in order.
    pub decisions: Vec<Decision>,
    pub terms: Arc<Terms>,
    /// Columns and captures by which a threshold counts separately; those of the key if empty.
    pub by: Vec<String>,
    /// The channel of its cards; without it, the routes decide.
    pub(crate) channel: Option<Spot>,
    /// The conditions, all of which must hold.
    pub conditions: Vec<ColumnCondition>,
    /// Columns and captures that distinguish incidents.
    pub key: Vec<String>,
}

/// One change by an `[[adjust]]`, and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `severity = critical`
    pub what: String,
    pub file: FileOrigin,
    /// Counted from 1.
    pub line: usize,
}

/// A word of a pack, and its place.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) text: String,
    pub(crate) source: PackFile,
    pub(crate) span: Range<usize>,
}

/// What a column must match.
#[derive(Clone, Debug)]
pub struct ColumnCondition {
    pub column: String,
    pub regex: Expression,
}

impl ColumnCondition {
    /// The text of the row in which the regex matches, if any.
    ///
    /// A column that the header lacks may have another name in this version of Qlik Sense: then
    /// every cell is tried, and the whole row. Some columns have other names in other logs.
    pub fn find_in<'r>(&self, row: &'r Row<'_>) -> Option<&'r str> {
        let holds = |text: &&str| self.regex.is_match(text);
        match row {
            Row::Service(record)
                if !columns(&self.column).any(|column| is_known(record, row, column)) =>
            {
                record.cells().chain([record.text()]).find(holds)
            }
            _ => columns(&self.column).filter_map(|column| row.get(column)).find(holds),
        }
    }
}

/// Whether the row has a value for this name, even an empty one.
fn is_known(record: &Record<'_>, row: &Row<'_>, column: &str) -> bool {
    record.has(column) || row.get(column).is_some()
}

/// A column and its equivalents in other logs: errors of a driver or of .NET are in `Exception`,
/// and `Severity` is another name of `Level`.
fn columns(name: &str) -> impl Iterator<Item = &str> {
    let others: &[&str] = match name {
        "Message" => &["Description", "Exception"],
        "Level" => &["Severity"],
        "Severity" => &["Level"],
        _ => &[],
    };
    std::iter::once(name).chain(others.iter().copied())
}

impl Spot {
    pub(crate) fn new(source: &PackFile, word: &toml::Spanned<String>) -> Self {
        Self { text: word.get_ref().clone(), source: source.clone(), span: word.span() }
    }
}

impl Pattern {
    /// The channel of its cards, if it names one.
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_ref().map(|spot| spot.text.as_str())
    }

    pub(crate) fn compile(entry: &PatternTable, source: &PackFile) -> Result<Self, Vec<Problem>> {
        let is_whole = |keys: &[&str]| !keys.iter().any(|key| entry.broken.contains(*key));
        let mut problems = blanks(entry, source);
        problems.extend(names::unknown_logs(entry, source));
        problems.extend(reserved_kind(entry, source));
        let (conditions, broken) = conditions(entry, source);
        problems.extend(broken.into_iter().filter(|_| is_whole(&["when"])));
        // What depends on a key that is broken would only be an echo of it.
        if is_whole(&["when", "log", "matches"]) {
            problems.extend(names::unknown_columns(entry, source));
        }
        if is_whole(&["role", "overdue", "learned", "threshold"]) {
            problems.extend(terms::problems(entry, source));
        }
        let links = links::compile(&entry.links, source, &mut problems);
        let translations = translation::compile(entry.de.as_ref(), source, &mut problems);
        if !problems.is_empty() || !entry.broken.is_empty() {
            return Err(problems);
        }
        let words = |list: &[toml::Spanned<String>]| -> Vec<String> {
            list.iter().map(|word| word.get_ref().clone()).collect()
        };
        Ok(Self {
            id: entry.id.get_ref().as_str().into(),
            words: Arc::new(Words {
                title: entry.title.get_ref().clone(),
                meaning: entry.meaning.clone(),
                advice: entry.advice.clone(),
                links,
                translations,
            }),
            logs: entry.log.get_ref().list(),
            kind: *entry.kind.get_ref(),
            role: *entry.role.get_ref(),
            severity: entry.severity,
            verified: entry.verified,
            source: entry.source.clone(),
            file: source.file.clone(),
            line: source.line(entry.id.span().start),
            enabled: entry.enabled,
            decisions: Vec::new(),
            terms: Arc::new(terms::of(entry)),
            by: entry.threshold.as_ref().map(|one| words(&one.get_ref().by)).unwrap_or_default(),
            channel: entry.channel.as_ref().map(|channel| Spot::new(source, channel)),
            conditions,
            key: words(&entry.key),
        })
    }

    /// The rule that all its detections share.
    pub(crate) fn rule(&self) -> Rule {
        Rule {
            pattern: self.id.clone(),
            kind: self.kind,
            role: self.role,
            severity: self.severity,
            words: Arc::clone(&self.words),
            terms: Arc::clone(&self.terms),
        }
    }

    /// Whether all conditions hold in this row.
    pub fn matches(&self, row: &Row<'_>) -> bool {
        self.conditions.iter().all(|condition| self.holds(condition, row))
    }

    /// Whether one of its conditions holds in this row.
    pub(crate) fn holds(&self, condition: &ColumnCondition, row: &Row<'_>) -> bool {
        condition.find_in(row).is_some() || self.lacks_logger(condition, row)
    }

    /// `Service_*` logs have no column `Logger`: there the texts alone decide, if the pattern
    /// requires any.
    fn lacks_logger(&self, condition: &ColumnCondition, row: &Row<'_>) -> bool {
        let is_lacking = match row {
            Row::Service(record) => record.has("Message") && !record.has("Logger"),
            Row::Plain(line) => line.get("Logger").is_none(),
            Row::Script(_) => false,
        };
        is_lacking && is_logger(condition) && self.conditions.iter().any(has_words)
    }

    /// The named groups of all conditions in a matching row.
    pub fn captures(&self, row: &Row<'_>) -> BTreeMap<String, String> {
        let mut captures = BTreeMap::new();
        for condition in self.conditions.iter().filter(|one| one.regex.has_names()) {
            for (name, text) in
                condition.find_in(row).map_or_else(Vec::new, |text| condition.regex.named(text))
            {
                captures.insert(name.to_owned(), text.to_owned());
            }
        }
        captures
    }

    /// Whether a condition has a capture of this name.
    pub fn has_capture(&self, name: &str) -> bool {
        let named = [format!("(?<{name}>"), format!("(?P<{name}>")];
        let texts = self.conditions.iter().map(|condition| condition.regex.as_str());
        texts.into_iter().any(|text| named.iter().any(|named| text.contains(named)))
    }

    /// Sets of literals: every match in a log that writes like this contains at least one literal
    /// of each set. The set that is likely to be the rarest comes first; a pattern without any is
    /// slow.
    pub fn literals(&self, writing: Writing) -> Vec<literal::Set> {
        // A row need not have the logger if it has the words.
        let has_words = self.conditions.iter().any(has_words);
        let conditions = self.conditions.iter().filter(|one| {
            let is_unsure =
                has_words && is_logger(one) || writing == Writing::Json && is_level(one);
            !is_unsure
        });
        let of_condition = |condition: &ColumnCondition| {
            let common = COMMON.iter().any(|one| one.eq_ignore_ascii_case(&condition.column));
            let sets = literal::required_in(condition.regex.as_str(), writing);
            sets.into_iter().map(move |set| (common, set))
        };
        let mut sets: Vec<_> = conditions.flat_map(of_condition).collect();
        sets.sort_by_key(|(common, set)| (*common, Reverse(literal::length(set)), set.len()));
        sets.into_iter().map(|(_, set)| set).collect()
    }

    /// For a pattern without literals: the loose form of its most specific condition.
    pub fn loosened(&self) -> Option<Hir> {
        let is_common =
            |one: &ColumnCondition| COMMON.iter().any(|it| it.eq_ignore_ascii_case(&one.column));
        let forms = self.conditions.iter().filter_map(|one| {
            let form = loose::loosened(one.regex.as_str())?;
            let length = form.properties().minimum_len();
            Some(((!is_common(one), length), form))
        });
        forms.max_by_key(|(rank, _)| *rank).map(|(_, form)| form)
    }
}

/// Dispatched services also write levels as numbers, and in words of their own.
fn is_level(condition: &ColumnCondition) -> bool {
    columns(&condition.column).any(|column| column.eq_ignore_ascii_case("Level"))
}

fn is_logger(condition: &ColumnCondition) -> bool {
    condition.column.eq_ignore_ascii_case("Logger")
}

/// Whether it requires texts that cannot be matched by a row without them.
fn has_words(condition: &ColumnCondition) -> bool {
    condition.column == "Message" && !literal::required(condition.regex.as_str()).is_empty()
}

fn blanks(entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
    let blank = |text: &toml::Spanned<String>, name: &str| {
        let is_blank = text.get_ref().trim().is_empty();
        is_blank.then(|| {
            let hint = format!("write {name} = 'a short text'");
            source.problem(text.span(), format!("`{name}` is empty"), Some(hint))
        })
    };
    [blank(&entry.id, "id"), blank(&entry.title, "title")].into_iter().flatten().collect()
}

/// Rejects the kinds of Footman's own cards, which no row has and no route matches.
fn reserved_kind(entry: &PatternTable, source: &PackFile) -> Option<Problem> {
    let kind = entry.kind.get_ref();
    matches!(kind, Kind::Heartbeat | Kind::Digest | Kind::Test).then(|| {
        let message = format!("the kind `{}` is reserved for Footman's own cards", kind.name());
        let hint = "name what the row is about, such as `service`".to_owned();
        source.problem(entry.kind.span(), message, Some(hint))
    })
}

fn conditions(entry: &PatternTable, source: &PackFile) -> (Vec<ColumnCondition>, Vec<Problem>) {
    let mut conditions = Vec::new();
    let mut problems = Vec::new();
    for (column, text) in entry.when.get_ref() {
        match terms::expression(column, text.get_ref()) {
            Ok(expression) => match Expression::new(&expression) {
                Ok(regex) if regex.is_blank() => {
                    let message = format!("the regex for `{column}` is empty: it matches anything");
                    let hint =
                        "write a text, `.` for any text or `=` for none, or remove the column";
                    problems.push(source.problem(text.span(), message, Some(hint.to_owned())));
                }
                Ok(regex) => conditions.push(ColumnCondition { column: column.clone(), regex }),
                Err(error) => problems.push(broken_regex(source, text, &error)),
            },
            Err(message) => {
                let hint = "write `>=` and one of DEBUG, INFO, WARN, ERROR, FATAL".to_owned();
                problems.push(source.problem(text.span(), message, Some(hint)));
            }
        }
    }
    if conditions.is_empty() && problems.is_empty() {
        let hint = Some("add at least one column, such as `Message = 'text'`".to_owned());
        problems.push(source.problem(entry.when.span(), "`when` has no condition", hint));
    }
    if needs_engine(entry)
        && !conditions.iter().any(|one| one.column == "Engine")
        && problems.is_empty()
    {
        let hint = "add `Engine = '…'`: a script can print anything in its other lines";
        let message = "a verdict on a script must come from the engine";
        problems.push(source.problem(entry.when.span(), message, Some(hint.to_owned())));
    }
    (conditions, problems)
}

/// Whether its match decides the result of a script, which only the engine's own lines show.
fn needs_engine(entry: &PatternTable) -> bool {
    match entry.role.get_ref() {
        Role::ScriptFailed | Role::ScriptSucceeded => true,
        role if role.is_start() => {
            entry.log.get_ref().list().iter().any(|log| log == folders::SCRIPT)
        }
        _ => false,
    }
}

fn broken_regex(source: &PackFile, text: &toml::Spanned<String>, error: &regex::Error) -> Problem {
    let why = match error {
        regex::Error::CompiledTooBig(_) => "the regex is too big".to_owned(),
        error => error.to_string().lines().last().unwrap_or_default().replace("error: ", ""),
    };
    let span = place(source, text, regex_place(text.get_ref()));
    let hint = match error {
        regex::Error::CompiledTooBig(_) => {
            r"the limit is 2 MB: repeat less, or write `[0-9A-Za-z_]` for `\w` and `[0-9]` for `\d`"
        }
        _ => "look-around and backreferences are not supported; write regexes in single quotes",
    };
    let problem =
        source.problem(span, format!("invalid regex: {}", why.trim()), Some(hint.to_owned()));
    problem.of_kind(ProblemKind::Regex)
}

/// The place of the error in the regex.
fn regex_place(regex: &str) -> Option<Range<usize>> {
    let span = match regex_syntax::Parser::new().parse(regex).err()? {
        regex_syntax::Error::Parse(error) => *error.span(),
        regex_syntax::Error::Translate(error) => *error.span(),
        _ => return None,
    };
    Some(span.start.offset..span.end.offset)
}

/// The place in the file; exact for strings in single quotes, which have no escapes.
fn place(
    source: &PackFile,
    text: &toml::Spanned<String>,
    within: Option<Range<usize>>,
) -> Range<usize> {
    let whole = text.span();
    let literal = format!("'{}'", text.get_ref());
    match within {
        Some(within) if source.text.get(whole.clone()) == Some(&literal) => {
            let start = whole.start + 1 + within.start;
            start..(start + within.len().max(1))
        }
        _ => whole,
    }
}
