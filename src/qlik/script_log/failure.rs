//! Pure. Finds the lines of a failed script log that explain the failure, and extracts them.

mod connection;
mod error;
mod excerpt;
mod prefix;
mod statement;

use crate::qlik::script_log::failure::error::{Errors, FoundError};
use crate::qlik::script_log::failure::excerpt::FailureParts;
use crate::qlik::script_log::{Line, ScriptEnd};

/// The failure in a failed script log. All text is as logged: not redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The engine's error with its further lines, without `Error:`; never empty.
    pub error: Option<String>,
    /// Earlier errors that the script was set to ignore.
    pub n_swallowed: usize,
    /// The data connection that the script opened last before the failure, if it is still open.
    pub connection: Option<String>,
    /// Number and first line of the statement that failed.
    pub statement: Option<(u32, String)>,
    /// Index of the first line of `excerpt` among the lines given.
    pub first: usize,
    pub excerpt: Vec<CutLine>,
}

/// A line of the excerpt, without stamp and indent; a statement keeps its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutLine {
    pub text: String,
    /// Part of the failing statement or of the error.
    pub marked: bool,
}

impl Failure {
    /// Reads the lines up to and including the engine's `Execution Failed`.
    pub fn new(texts: &[&str]) -> Self {
        let lines: Vec<Line<'_>> = texts.iter().map(|line| Line::new(line)).collect();
        let end = lines
            .iter()
            .position(|line| line.verdict() == Some(ScriptEnd::Failed))
            .unwrap_or(lines.len());
        let errors = Errors::find(&lines[..end]);
        let none = FoundError { lines: end..end, announced: end };
        let FoundError { lines: error, announced } = errors.last.clone().unwrap_or(none);
        let start = statement::start(&lines[..announced]);
        let parts = FailureParts {
            callers: start.map_or_else(Vec::new, |start| callers(texts, &lines, start)),
            statement: start.map(|start| start..statement_end(&lines, start, announced)),
            error,
        };
        let (first, excerpt) = excerpt::cut(&lines, &parts);
        let error = errors.last.map(|found| error::text(&lines[found.lines]));
        Self {
            error: error.filter(|text| !text.is_empty()),
            n_swallowed: errors.n_swallowed,
            connection: connection::last(&lines[..announced]),
            statement: start.and_then(|at| numbered(lines[at])),
            first,
            excerpt,
        }
    }
}

/// The line after the statement that begins at `start`.
fn statement_end(lines: &[Line<'_>], start: usize, before: usize) -> usize {
    let is_engine = |line: &Line<'_>| matches!(line, Line::Engine { .. });
    lines[start..before].iter().position(is_engine).map_or(before, |length| start + length)
}

/// The calls and includes around a statement: the log indents lines that run inside by two spaces.
fn callers(texts: &[&str], lines: &[Line<'_>], start: usize) -> Vec<usize> {
    let mut depth = indent(texts[start]);
    let mut callers = Vec::new();
    for at in (0..start).rev() {
        let Line::Statement { text, .. } = lines[at] else { continue };
        if depth == 0 {
            break;
        }
        if indent(texts[at]) < depth {
            depth = indent(texts[at]);
            if statement::leads_inside(text) {
                callers.push(at);
            }
        }
    }
    callers.reverse();
    callers
}

fn indent(text: &str) -> usize {
    let text = text.trim_start_matches('\u{feff}');
    text.len() - text.trim_start_matches(' ').len()
}

fn numbered(line: Line<'_>) -> Option<(u32, String)> {
    match line {
        Line::Statement { number, text, .. } => Some((number, text.trim().to_owned())),
        Line::Engine { .. } | Line::Other(_) => None,
    }
}

#[cfg(test)]
mod tests;
