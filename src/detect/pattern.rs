//! Pure. A pattern, ready to be held against rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::config::Problem;
use crate::detect::expression::Expression;
use crate::detect::literal;
use crate::detect::pack::{PackFile, PatternTable, Verified};
use crate::detect::row::Row;
use crate::detect::terms;
use crate::detection::{Kind, PatternId, Role, Rule, Severity, Terms, Words};
use crate::qlik::folders;

/// Columns whose text stands in many rows: their literals select little.
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
    /// Where the knowledge comes from.
    pub source: String,
    /// The pack that it is from.
    pub file: String,
    /// Line of its id in the pack, counted from 1.
    pub line: usize,
    /// Whether it is in force.
    pub enabled: bool,
    /// What later packs decided with `[[adjust]]`, in order.
    pub decisions: Vec<Decision>,
    pub terms: Arc<Terms>,
    /// Columns and captures that a threshold counts apart; those of the key if empty.
    pub by: Vec<String>,
    /// Where its cards go; the routes decide without it.
    pub(crate) channel: Option<Spot>,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// Columns and captures that tell one incident from another.
    pub key: Vec<String>,
}

/// One thing that an `[[adjust]]` changed, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// `severity = critical`
    pub what: String,
    pub file: String,
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
pub struct Condition {
    pub column: String,
    pub regex: Expression,
}

impl Condition {
    /// The text of the row that the regex is found in, if it is.
    ///
    /// A column that the log's header does not name may only go by another name in this version
    /// of Qlik Sense: then every cell is tried, and the whole row. Some columns have
    /// another name in other logs.
    pub fn find_in<'r>(&self, row: &'r Row<'_>) -> Option<&'r str> {
        let holds = |text: &&str| self.regex.is_match(text);
        match row {
            Row::Service(record) if !columns(&self.column).any(|column| record.has(column)) => {
                record.cells().chain([record.text()]).find(holds)
            }
            _ => columns(&self.column).filter_map(|column| row.get(column)).find(holds),
        }
    }
}

/// A column and those that hold the same in other logs. What a driver or .NET reports stands in
/// `Exception`, a level also under the name `Severity`.
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
    /// Where its cards go, if it says so.
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_ref().map(|spot| spot.text.as_str())
    }

    pub(crate) fn compile(entry: &PatternTable, source: &PackFile) -> Result<Self, Vec<Problem>> {
        let mut problems = blanks(entry, source);
        problems.extend(unknown_logs(entry, source));
        problems.extend(reserved_kind(entry, source));
        let (conditions, broken) = conditions(entry, source);
        problems.extend(broken);
        problems.extend(terms::problems(entry, source));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            id: entry.id.get_ref().as_str().into(),
            words: Arc::new(Words {
                title: entry.title.get_ref().clone(),
                meaning: entry.meaning.clone(),
                advice: entry.advice.clone(),
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
            by: entry.threshold.as_ref().map(|one| one.get_ref().by.clone()).unwrap_or_default(),
            channel: entry.channel.as_ref().map(|channel| Spot::new(source, channel)),
            conditions,
            key: entry.key.clone(),
        })
    }

    /// What it gives to all that it finds.
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
        self.conditions.iter().all(|condition| condition.find_in(row).is_some())
    }

    /// What the named groups of all conditions hold in a row that matches.
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

    /// Whether a row that matches may tell this under a name of its own.
    pub fn has_capture(&self, name: &str) -> bool {
        let named = [format!("(?<{name}>"), format!("(?P<{name}>")];
        let texts = self.conditions.iter().map(|condition| condition.regex.as_str());
        texts.into_iter().any(|text| named.iter().any(|named| text.contains(named)))
    }

    /// Sets of text: every match holds at least one text of each. The set that is likely to be the
    /// rarest comes first; without any the pattern is a slow one.
    pub fn literals(&self) -> Vec<literal::Set> {
        let of_condition = |condition: &Condition| {
            let common = COMMON.iter().any(|one| one.eq_ignore_ascii_case(&condition.column));
            literal::required(condition.regex.as_str()).into_iter().map(move |set| (common, set))
        };
        let mut sets: Vec<_> = self.conditions.iter().flat_map(of_condition).collect();
        sets.sort_by_key(|(common, set)| (*common, Reverse(literal::length(set)), set.len()));
        sets.into_iter().map(|(_, set)| set).collect()
    }
}

fn blanks(entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
    let blank = |text: &toml::Spanned<String>, name: &str| {
        let is_blank = text.get_ref().trim().is_empty();
        is_blank.then(|| source.problem(text.span(), format!("`{name}` is empty"), None))
    };
    [blank(&entry.id, "id"), blank(&entry.title, "title")].into_iter().flatten().collect()
}

/// No row of a log is a digest or a test card, and no route is asked for them.
fn reserved_kind(entry: &PatternTable, source: &PackFile) -> Option<Problem> {
    let kind = entry.kind.get_ref();
    matches!(kind, Kind::Digest | Kind::Test).then(|| {
        let message = format!("the kind `{}` is reserved for Footman's own cards", kind.name());
        let hint = "name what the row is about, such as `service`".to_owned();
        source.problem(entry.kind.span(), message, Some(hint))
    })
}

fn unknown_logs(entry: &PatternTable, source: &PackFile) -> Vec<Problem> {
    let logs = entry.log.get_ref().list();
    let problem = |message: String| {
        let hint = "name it as its files are, without the machine's name: `System_Scheduler`, \
                    `AuditActivity_Engine`, or `Script`";
        source.problem(entry.log.span(), message, Some(hint.to_owned()))
    };
    if logs.is_empty() {
        return vec![problem("no log to look at".to_owned())];
    }
    let unknown = logs.iter().filter(|log| !folders::is_log(log));
    unknown.map(|log| problem(format!("Qlik Sense has no log named `{log}`"))).collect()
}

fn conditions(entry: &PatternTable, source: &PackFile) -> (Vec<Condition>, Vec<Problem>) {
    let mut conditions = Vec::new();
    let mut problems = Vec::new();
    for (column, text) in entry.when.get_ref() {
        match terms::expression(column, text.get_ref()) {
            Ok(expression) => match Expression::new(&expression) {
                Ok(regex) => conditions.push(Condition { column: column.clone(), regex }),
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
        problems.push(source.problem(entry.when.span(), "`when` asks for nothing", hint));
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

/// Whether it says how a script fares, which only the engine can say.
fn needs_engine(entry: &PatternTable) -> bool {
    match entry.role.get_ref() {
        Role::ScriptFailed | Role::ScriptSucceeded => true,
        Role::Start => entry.log.get_ref().list().iter().any(|log| log == folders::SCRIPT),
        _ => false,
    }
}

fn broken_regex(source: &PackFile, text: &toml::Spanned<String>, error: &regex::Error) -> Problem {
    let why = match error {
        regex::Error::CompiledTooBig(_) => "it is too big".to_owned(),
        error => error.to_string().lines().last().unwrap_or_default().replace("error: ", ""),
    };
    let span = place(source, text, regex_place(text.get_ref()));
    let hint = match error {
        regex::Error::CompiledTooBig(_) => {
            r"it may take 2 MB: repeat less, or write `[0-9A-Za-z_]` for `\w` and `[0-9]` for `\d`"
        }
        _ => "look-around and backreferences are not supported; write regexes in single quotes",
    };
    source.problem(span, format!("regex cannot be read: {}", why.trim()), Some(hint.to_owned()))
}

/// Where in the regex the trouble is.
fn regex_place(regex: &str) -> Option<Range<usize>> {
    let span = match regex_syntax::Parser::new().parse(regex).err()? {
        regex_syntax::Error::Parse(error) => *error.span(),
        regex_syntax::Error::Translate(error) => *error.span(),
        _ => return None,
    };
    Some(span.start.offset..span.end.offset)
}

/// The place in the file, exact for strings in single quotes, which have no escapes.
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
