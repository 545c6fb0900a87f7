//! Pure. A pattern, ready to be held against rows.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;

use crate::config::Problem;
use crate::detect::literal::{self, Literal};
use crate::detect::pack::{Entry, Source, Verified};
use crate::detect::row::Row;
use crate::detect::{Kind, Role, Severity};
use crate::qlik::folders;

/// Columns whose text stands in many rows: their literals select little.
const COMMON: [&str; 5] = ["Logger", "Level", "Severity", "Hostname", "Service"];

/// What to look for in which logs, and what it means.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub id: String,
    pub title: String,
    pub meaning: String,
    pub advice: Option<String>,
    pub logs: Vec<String>,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    pub verified: Verified,
    /// Where the knowledge comes from.
    pub source: String,
    /// The pack that it is from.
    pub file: String,
    /// The pack that changed it last with `[[adjust]]`.
    pub adjusted_by: Option<String>,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// Columns and captures that tell one incident from another.
    pub key: Vec<String>,
}

/// What a column must match.
#[derive(Clone, Debug)]
pub struct Condition {
    pub column: String,
    pub regex: Regex,
}

impl Pattern {
    pub(crate) fn compile(entry: &Entry, source: &Source) -> Result<Self, Vec<Problem>> {
        let mut problems = blanks(entry, source);
        problems.extend(unknown_logs(entry, source));
        let (conditions, broken) = conditions(entry, source);
        problems.extend(broken);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            id: entry.id.get_ref().clone(),
            title: entry.title.get_ref().clone(),
            meaning: entry.meaning.clone(),
            advice: entry.advice.clone(),
            logs: entry.log.get_ref().list(),
            kind: entry.kind,
            role: entry.role,
            severity: entry.severity,
            verified: entry.verified,
            source: entry.source.clone(),
            file: source.file.clone(),
            adjusted_by: None,
            conditions,
            key: entry.key.clone(),
        })
    }

    /// Whether all conditions hold in this row.
    pub fn matches(&self, row: &Row<'_>) -> bool {
        self.conditions.iter().all(|condition| row.find(condition).is_some())
    }

    /// What the named groups of all conditions hold in a row that matches.
    pub fn captures(&self, row: &Row<'_>) -> BTreeMap<String, String> {
        let mut captures = BTreeMap::new();
        for condition in &self.conditions {
            let Some(found) = row.find(condition).and_then(|text| condition.regex.captures(text))
            else {
                continue;
            };
            for name in condition.regex.capture_names().flatten() {
                if let Some(group) = found.name(name) {
                    captures.insert(name.to_owned(), group.as_str().to_owned());
                }
            }
        }
        captures
    }

    /// Text of which every match holds at least one; `None` makes the pattern a slow one.
    pub fn literals(&self) -> Option<Vec<Literal>> {
        self.conditions
            .iter()
            .filter_map(|condition| {
                let set = literal::required(condition.regex.as_str())?;
                let common = COMMON.iter().any(|one| one.eq_ignore_ascii_case(&condition.column));
                Some(((!common, literal::length(&set)), set))
            })
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, set)| set)
    }
}

fn blanks(entry: &Entry, source: &Source) -> Vec<Problem> {
    let blank = |text: &toml::Spanned<String>, name: &str| {
        let is_blank = text.get_ref().trim().is_empty();
        is_blank.then(|| source.problem(text.span(), format!("`{name}` is empty"), None))
    };
    [blank(&entry.id, "id"), blank(&entry.title, "title")].into_iter().flatten().collect()
}

fn unknown_logs(entry: &Entry, source: &Source) -> Vec<Problem> {
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

fn conditions(entry: &Entry, source: &Source) -> (Vec<Condition>, Vec<Problem>) {
    let mut conditions = Vec::new();
    let mut problems = Vec::new();
    for (column, text) in entry.when.get_ref() {
        match Regex::new(text.get_ref()) {
            Ok(regex) => conditions.push(Condition { column: column.clone(), regex }),
            Err(error) => problems.push(broken_regex(source, text, &error)),
        }
    }
    if conditions.is_empty() && problems.is_empty() {
        let hint = Some("add at least one column, such as `Message = 'text'`".to_owned());
        problems.push(source.problem(entry.when.span(), "`when` asks for nothing", hint));
    }
    let script_verdict = matches!(entry.role, Role::ScriptFailed | Role::ScriptSucceeded);
    if script_verdict && !conditions.iter().any(|one| one.column == "Engine") && problems.is_empty()
    {
        let hint = "add `Engine = '…'`: a script can print anything in its other lines";
        let message = "a verdict on a script must come from the engine";
        problems.push(source.problem(entry.when.span(), message, Some(hint.to_owned())));
    }
    (conditions, problems)
}

fn broken_regex(source: &Source, text: &toml::Spanned<String>, error: &regex::Error) -> Problem {
    let why = match error {
        regex::Error::CompiledTooBig(_) => "it is too big".to_owned(),
        error => error.to_string().lines().last().unwrap_or_default().replace("error: ", ""),
    };
    let span = place(source, text, regex_place(text.get_ref()));
    let hint = "look-around and backreferences are not supported; write regexes in single quotes";
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
    source: &Source,
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
