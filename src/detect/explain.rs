//! Pure. Explains which patterns match a line or a whole log, and why the others do not.

use std::fmt;
use std::ops::Range;

use crate::detect::detector::Detector;
use crate::detect::pattern::{ColumnCondition, Pattern};
use crate::detect::row::Row;
use crate::qlik::folders::{SCRIPT, is_dispatched};
use crate::qlik::line_log::LineRecord;
use crate::qlik::script_log::Line;
use crate::qlik::service_log::{Layout, Record, Records, line_end, line_start, starts_record};
use crate::redact::{redact, secrets, without};
use crate::tail::Block;

/// The result of one pattern for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Id of the pattern.
    pub pattern: String,
    /// The log that the line is assumed to be from.
    pub log: String,
    pub because: Because,
    /// For sorting: how far the conditions hold, in thousandths, then how many hold.
    nearness: (u32, usize),
}

/// Why a pattern matches or does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// All conditions that could be tested hold. `untried` lists the columns that a line without
    /// tabs does not have, and `Timestamp` if the text matches as a line of a script log that the
    /// engine wrote, which begins with its time.
    Matches { untried: Vec<String> },
    /// The first condition that does not hold.
    Differs { column: String, wanted: String, found: Option<String> },
}

impl Because {
    const MATCHES: Self = Self::Matches { untried: Vec::new() };

    /// Without the secrets in what was found, whose names may be in the text around it.
    fn redacted(self, around: &str) -> Self {
        match self {
            Self::Differs { column, wanted, found: Some(found) } => {
                let found = without(&redact(&found), &secrets(around));
                Self::Differs { column, wanted, found: Some(found) }
            }
            other => other,
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches { untried } if untried.is_empty() => write!(f, "matches"),
            Self::Matches { untried } => write!(f, "matches; not tried: {}", untried.join(", ")),
            Self::Differs { column, wanted, found: Some(found) } => {
                write!(f, "{column} is '{found}', which does not match '{wanted}'")
            }
            Self::Differs { column, wanted, found: None } => {
                write!(f, "the line has no {column}, wanted '{wanted}'")
            }
        }
    }
}

impl Detector {
    /// The results of the patterns of `log`, or of all logs, for one line, nearest first.
    ///
    /// A line with tabs is read as a row with the header that precedes it, else with the usual
    /// columns of the log or of the kind of log that it fits, and tested only against the patterns
    /// of logs that it may be from. Any other line is read as the column `Message` alone, and as a
    /// line that the engine wrote to a script log.
    pub fn explain(&self, line: &str, log: Option<&str>) -> Vec<Explanation> {
        let mut explanations = Vec::new();
        let given = line;
        let headed = line.split_once('\n');
        let headed = headed.and_then(|(head, row)| Some((Layout::from_header(head)?, row)));
        let (layout, line) = headed.unwrap_or_else(|| (Layout::usual(log, line), line));
        let source = self.source(log, line, &layout);
        for pattern in self.patterns() {
            for of in pattern.logs.iter().filter(|of| source.may_be(of)) {
                explanations.push(explain(pattern, of, line, &layout));
            }
        }
        for one in &mut explanations {
            one.because = std::mem::replace(&mut one.because, Because::MATCHES).redacted(given);
        }
        explanations.sort_by_key(|one: &Explanation| {
            let matches = matches!(one.because, Because::Matches { .. });
            std::cmp::Reverse((matches, one.nearness))
        });
        explanations
    }

    /// The log that a line is from: the named one, or the one that a whole row shows.
    fn source(&self, log: Option<&str>, line: &str, layout: &Layout) -> RowSource {
        if let Some(log) = log {
            return RowSource::Log(log.to_owned());
        }
        if !starts_record(line.trim_start_matches('\u{feff}').as_bytes()) {
            return RowSource::Any;
        }
        // `System.Scheduler.Scheduler.Master.Task.TaskSession` writes into `System_Scheduler`.
        // Which column has the logger depends on the version.
        let known_log = |cell: &str| {
            let mut parts = cell.split('.');
            let named = format!("{}_{}", parts.next()?, parts.next()?);
            self.logs().find(|log| *log == named)
        };
        let known = Record::new(layout, line).cells().find_map(known_log);
        known.map_or(RowSource::AnyService, |log| RowSource::Log(log.to_owned()))
    }
}

/// The possible origin of a line.
enum RowSource {
    Any,
    /// A log with rows of columns.
    AnyService,
    Log(String),
}

impl RowSource {
    fn may_be(&self, log: &str) -> bool {
        match self {
            Self::Any => true,
            Self::AnyService => log != SCRIPT && !is_dispatched(log),
            Self::Log(only) => only == log,
        }
    }
}

fn explain(pattern: &Pattern, log: &str, line: &str, layout: &Layout) -> Explanation {
    let alone = Layout::from_header("Sequence#\tTimestamp\tMessage").unwrap_or_default();
    let padded = format!("\t\t{line}");
    let is_message = log != SCRIPT && !line.contains('\t');
    let row = match (log, is_message) {
        (SCRIPT, _) => Row::Script(Line::new(line)),
        (log, _) if is_dispatched(log) => Row::Plain(LineRecord::new(line)),
        (_, true) => Row::Service(Record::new(&alone, &padded)),
        (_, false) => Row::Service(Record::new(layout, line)),
    };
    let explained = |row: &Row<'_>| {
        let (because, held) = judge(pattern, row, is_message);
        let nearness = (likeness(pattern, row, is_message), held);
        Explanation { pattern: pattern.id.to_string(), log: log.to_owned(), because, nearness }
    };
    let explanation = explained(&row);
    let Row::Script(Line::Other(text)) = row else { return explanation };
    if matches!(explanation.because, Because::Matches { .. }) {
        return explanation;
    }
    let mut of_engine = explained(&Row::Script(Line::Engine { stamp: "", text: text.trim() }));
    if let Because::Matches { untried } = &mut of_engine.because {
        untried.push("Timestamp".to_owned());
    }
    of_engine
}

/// Whether a pattern matches, and the number of its conditions that hold.
fn judge(pattern: &Pattern, row: &Row<'_>, is_message: bool) -> (Because, usize) {
    let untried = |condition: &&ColumnCondition| is_message && row.get(&condition.column).is_none();
    let tried = || pattern.conditions.iter().filter(|condition| !untried(condition));
    let held = tried().filter(|condition| pattern.holds(condition, row)).count();
    let because = match tried().find(|condition| !pattern.holds(condition, row)) {
        Some(condition) => differs(condition, row),
        None if held == 0 => differs(&pattern.conditions[0], row),
        None => {
            let columns = pattern.conditions.iter().filter(untried);
            Because::Matches { untried: columns.map(|one| one.column.clone()).collect() }
        }
    };
    (because, held)
}

/// The result of one pattern for a whole log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternSurvey {
    /// Id of the pattern.
    pub pattern: String,
    /// Number of matching records.
    pub matches: u64,
    /// The line of the first match.
    pub first: Option<u64>,
    /// The line of the nearest record without a match, and why it does not match.
    pub nearest: Option<(u64, Because)>,
    /// Number of conditions that hold there.
    held: usize,
}

impl PatternSurvey {
    /// `around` is the text around the line.
    fn take(&mut self, line: u64, because: Because, held: usize, around: impl Fn() -> String) {
        if matches!(because, Because::Matches { .. }) {
            self.matches += 1;
            self.first.get_or_insert(line);
        } else if self.nearest.is_none() || held > self.held {
            self.held = held;
            self.nearest = Some((line, because.redacted(&around())));
        }
    }
}

/// How far around a line is searched for secrets, in bytes.
const AROUND: usize = 2 * 1024;

/// Collects the results of all patterns for a log, block by block.
pub struct Surveyor<'a> {
    patterns: Vec<(&'a Pattern, PatternSurvey)>,
}

impl<'a> Surveyor<'a> {
    pub fn new(detector: &'a Detector, log: &str) -> Self {
        let of_log = detector.patterns().iter().filter(|it| it.logs.iter().any(|one| one == log));
        let blank = |pattern: &'a Pattern| {
            let pattern_id = pattern.id.clone();
            (
                pattern,
                PatternSurvey {
                    pattern: pattern_id.to_string(),
                    matches: 0,
                    first: None,
                    nearest: None,
                    held: 0,
                },
            )
        };
        Self { patterns: of_log.map(blank).collect() }
    }

    /// Adds the records that begin in the new part of a block.
    pub fn take(&mut self, block: &Block) {
        let layout = Layout::from_head(&block.head);
        let is_script = *block.label == *SCRIPT;
        let is_plain = is_dispatched(&block.label);
        let records = if is_script || is_plain {
            Records::Lines
        } else {
            Records::of(layout.as_ref(), &block.head)
        };
        let layout = layout.unwrap_or_default();
        let (mut at, mut line) = (block.fresh, block.lines.unwrap_or_default() + 1);
        while at < block.bytes.len() {
            let record = records.around(&block.bytes, at..line_end(&block.bytes, at));
            let text = String::from_utf8_lossy(&block.bytes[record.clone()]);
            let text = text.trim_end_matches(['\r', '\n']);
            let row = if is_script {
                Row::Script(Line::new(text))
            } else if is_plain {
                Row::Plain(LineRecord::new(text))
            } else {
                Row::Service(Record::new(&layout, text))
            };
            for (pattern, survey) in &mut self.patterns {
                let (because, held) = judge(pattern, &row, false);
                survey.take(line, because, held, || around(&block.bytes, &record));
            }
            line += n_lines(&block.bytes, at..record.end);
            at = record.end.max(at + 1);
        }
    }

    /// Patterns with matches first, then the nearest.
    pub fn end(self) -> Vec<PatternSurvey> {
        let mut surveys: Vec<_> = self.patterns.into_iter().map(|(_, survey)| survey).collect();
        surveys.sort_by_key(|one| std::cmp::Reverse((one.matches > 0, one.held)));
        surveys
    }
}

/// The text around a record, in which the name of its secret may be.
fn around(bytes: &[u8], record: &Range<usize>) -> String {
    let from = line_start(bytes, record.start.saturating_sub(AROUND));
    let to = line_end(bytes, bytes.len().min(record.end + AROUND));
    String::from_utf8_lossy(&bytes[from..to]).into_owned()
}

fn n_lines(bytes: &[u8], range: Range<usize>) -> u64 {
    memchr::memchr_iter(b'\n', &bytes[range]).count() as u64
}

fn differs(condition: &ColumnCondition, row: &Row<'_>) -> Because {
    Because::Differs {
        column: condition.column.clone(),
        wanted: condition.regex.as_str().to_owned(),
        found: row.get(&condition.column).map(str::to_owned),
    }
}

/// How close a row is to matching a pattern, in thousandths: a condition that holds counts fully,
/// another by the words that its regex and the text share or nearly share.
fn likeness(pattern: &Pattern, row: &Row<'_>, is_message: bool) -> u32 {
    let untried = |condition: &&ColumnCondition| is_message && row.get(&condition.column).is_none();
    let tried: Vec<&ColumnCondition> =
        pattern.conditions.iter().filter(|it| !untried(it)).collect();
    let one = |condition: &&ColumnCondition| {
        if condition.find_in(row).is_some() {
            return 1000;
        }
        let text = row.get(&condition.column).or_else(|| row.message()).unwrap_or_default();
        shared(condition.regex.as_str(), text)
    };
    let total: u32 = tried.iter().map(one).sum();
    total / u32::try_from(tried.len()).unwrap_or(1).max(1)
}

/// How much of the words of a regex a text contains, in thousandths; longer words count more.
fn shared(regex: &str, text: &str) -> u32 {
    /// A word that is this similar to another counts as a misspelling of it.
    const ALIKE: f64 = 0.7;
    let text = text.to_lowercase();
    let there: Vec<&str> = words(&text).collect();
    let regex = without_names(regex).to_lowercase();
    let (mut found, mut all) = (0, 0);
    for word in words(&regex) {
        let is_alike = |other: &&str| strsim::normalized_levenshtein(word, other) >= ALIKE;
        all += word.len();
        if there.contains(&word) {
            found += word.len();
        } else if there.iter().any(is_alike) {
            found += word.len() * 3 / 4;
        }
    }
    u32::try_from(found * 900 / all.max(1)).unwrap_or(0)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2)
}

/// The regex without the names of its groups and classes, which no text contains.
fn without_names(regex: &str) -> String {
    let mut plain = String::new();
    let mut rest = regex;
    while let Some(at) = rest.find(['\\', '(']) {
        plain.push_str(&rest[..at]);
        plain.push(' ');
        rest = &rest[at..];
        let named = ["(?<", "(?P<"].iter().find(|begin| rest.starts_with(**begin));
        let skip = match named {
            Some(_) => rest.find('>').map_or(rest.len(), |end| end + 1),
            None if rest.starts_with('\\') => {
                1 + rest[1..].chars().next().map_or(0, char::len_utf8)
            }
            None => 1,
        };
        rest = &rest[skip..];
    }
    plain + rest
}

#[cfg(test)]
mod tests;
