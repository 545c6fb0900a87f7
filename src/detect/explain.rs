//! Pure. Says of one line which patterns match it, and why the others do not.

use std::fmt;

use crate::detect::detector::Detector;
use crate::detect::pattern::{Condition, Pattern};
use crate::detect::row::Row;
use crate::qlik::folders::SCRIPT;
use crate::qlik::script_log::Line;
use crate::qlik::service_log::{Layout, Record};

/// What one pattern makes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Id of the pattern.
    pub pattern: String,
    /// The log whose line it was taken for.
    pub log: String,
    pub because: Because,
    /// How near the line came, for the order: conditions that hold, then words in common.
    nearness: (usize, usize),
}

/// Why a pattern matches or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// All conditions hold that could be tried. `untried` are columns that are not known for a
    /// line without tabs.
    Matches { untried: Vec<String> },
    /// The first condition that does not hold.
    Differs { column: String, wanted: String, found: Option<String> },
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
    /// What the patterns of `log`, or of all logs, make of one line, nearest first.
    ///
    /// A line with tabs is taken as a row with the commonest columns of a scheduler log, another
    /// one as the column Message alone.
    pub fn explain(&self, line: &str, log: Option<&str>) -> Vec<Explanation> {
        let mut explanations = Vec::new();
        for pattern in self.patterns() {
            for of in pattern.logs.iter().filter(|of| log.is_none_or(|log| log == *of)) {
                explanations.push(explain(pattern, of, line));
            }
        }
        explanations.sort_by_key(|one: &Explanation| {
            let matches = matches!(one.because, Because::Matches { .. });
            std::cmp::Reverse((matches, one.nearness))
        });
        explanations
    }
}

fn explain(pattern: &Pattern, log: &str, line: &str) -> Explanation {
    let alone = Layout::from_header("Sequence#\tTimestamp\tMessage").unwrap_or_default();
    let row_layout = Layout::scheduler();
    let padded = format!("\t\t{line}");
    let is_message = log != SCRIPT && !line.contains('\t');
    let row = match (log, is_message) {
        (SCRIPT, _) => Row::Script(Line::new(line)),
        (_, true) => Row::Service(Record::new(&alone, &padded)),
        (_, false) => Row::Service(Record::new(&row_layout, line)),
    };
    let untried = |condition: &&Condition| is_message && row.get(&condition.column).is_none();
    let tried = || pattern.conditions.iter().filter(|condition| !untried(condition));
    let held = tried().filter(|condition| row.find(condition).is_some()).count();
    let because = match tried().find(|condition| row.find(condition).is_none()) {
        Some(condition) => differs(condition, &row),
        None if held == 0 => differs(&pattern.conditions[0], &row),
        None => {
            let columns = pattern.conditions.iter().filter(untried);
            Because::Matches { untried: columns.map(|one| one.column.clone()).collect() }
        }
    };
    let nearness = (held, words_in_common(pattern, line));
    Explanation { pattern: pattern.id.clone(), log: log.to_owned(), because, nearness }
}

fn differs(condition: &Condition, row: &Row<'_>) -> Because {
    Because::Differs {
        column: condition.column.clone(),
        wanted: condition.regex.as_str().to_owned(),
        found: row.get(&condition.column).map(str::to_owned),
    }
}

fn words_in_common(pattern: &Pattern, line: &str) -> usize {
    let line = line.to_lowercase();
    let regexes = pattern.conditions.iter().map(|one| one.regex.as_str().to_lowercase());
    regexes
        .map(|regex| {
            let words = regex.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3);
            words.filter(|word| line.contains(word)).count()
        })
        .sum()
}

#[cfg(test)]
mod tests;
