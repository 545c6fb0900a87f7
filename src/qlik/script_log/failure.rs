//! Pure. Finds in a failed script log what explains the failure, and cuts it out.

use crate::qlik::script_log::{Line, Verdict};

const EXCERPT_LINES: usize = 10;
/// Lines before the failing statement that are shown if there is room.
const CONTEXT_LINES: usize = 3;
/// Lines of the error that an excerpt shows; all of them are in `error`.
const EXCERPT_ERROR_LINES: usize = 5;
/// Further lines of an error that are kept.
const ERROR_LINES: usize = 20;
/// No statement is followed back further than this.
const STATEMENT_LINES: usize = 500;

/// Words that a script statement begins with. `SELECT` is not among them because it also begins
/// the inner queries of a statement; `starts_statement` examines it further.
const KEYWORDS: &str = "add alias autonumber binary buffer bundle call case comment concatenate connect \
    crosstable custom declare default derive direct directory disconnect do drop else \
    elseif end exit first flushlog for force generic hierarchy hierarchybelongsto if \
    image_size info inner intervalmatch join keep left let lib load loop loosen mapping \
    merge next noconcatenate nullasnull nullasvalue outer qualify rem rename replace right \
    sample search section set sleep sql sqlcolumns store sub switch tag trace unless unmap \
    unqualify untag when";

/// The failure in a failed script log. All text is as the log has it: not redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The text after `Error:`, with its further lines.
    pub error: Option<String>,
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
    /// The failing statement's first line, or part of the error.
    pub marked: bool,
}

impl Failure {
    /// Looks at the lines up to the engine's `Execution Failed`, which is the last one.
    pub fn new(lines: &[&str]) -> Self {
        let lines: Vec<Line<'_>> = lines.iter().map(|line| Line::new(line)).collect();
        let end = lines
            .iter()
            .position(|line| line.verdict() == Some(Verdict::Failed))
            .unwrap_or(lines.len());
        let error = error_range(&lines[..end]);
        let before = error.as_ref().map_or(end, |range| range.start);
        let statement = statement_start(&lines[..before]);
        let (first, excerpt) = cut(&lines, statement, error.clone().unwrap_or(end..end));
        Self {
            error: error.map(|range| error_text(&lines[range])),
            statement: statement.and_then(|at| numbered(lines[at])),
            first,
            excerpt,
        }
    }
}

/// The lines of the error that the run failed with: no statement ran after it.
fn error_range(lines: &[Line<'_>]) -> Option<std::ops::Range<usize>> {
    let mut start = None;
    for (at, line) in lines.iter().enumerate().rev() {
        match line {
            Line::Statement { .. } => break,
            Line::Engine { text, .. } if is_error(text) => start = Some(at),
            Line::Engine { .. } | Line::Other(_) => {}
        }
    }
    let start = start?;
    let end = lines.len().min(start + ERROR_LINES);
    let blank = |line: &&Line<'_>| bare(**line).trim().is_empty();
    let trailing = lines[start..end].iter().rev().take_while(blank).count();
    Some(start..end - trailing)
}

fn is_error(text: &str) -> bool {
    text.starts_with("Error:") || text.contains("Script Error")
}

fn error_text(lines: &[Line<'_>]) -> String {
    let text: Vec<&str> = lines.iter().map(|line| bare(*line).trim()).collect();
    let text = text.join("\n");
    text.strip_prefix("Error:").unwrap_or(&text).trim().to_owned()
}

/// The first line of the last statement among these lines.
fn statement_start(lines: &[Line<'_>]) -> Option<usize> {
    let last = lines.iter().rposition(|line| matches!(line, Line::Statement { .. }))?;
    let is_part = |line: &&Line<'_>| !matches!(line, Line::Engine { .. });
    let back = lines[..=last].iter().rev().take(STATEMENT_LINES).take_while(is_part).count();
    let top = last + 1 - back;
    let starts = |at: &usize| match lines[*at] {
        Line::Statement { text, .. } => starts_statement(text),
        _ => false,
    };
    let start = (top..=last).rev().find(starts).unwrap_or_else(|| same_number(lines, top, last));
    Some(with_label(lines, top, start))
}

/// The first of the lines before `last` that carry its number.
fn same_number(lines: &[Line<'_>], top: usize, last: usize) -> usize {
    let number = |at: usize| numbered(lines[at]).map(|(number, _)| number);
    (top..=last).rev().take_while(|at| number(*at) == number(last)).last().unwrap_or(last)
}

/// A table label belongs to the statement after it.
fn with_label(lines: &[Line<'_>], top: usize, start: usize) -> usize {
    let is_label = |line: Line<'_>| match line {
        Line::Statement { text, .. } => {
            let text = text.trim();
            text.ends_with(':') && text.len() > 1 && !text.contains(['(', ',', ';'])
        }
        _ => false,
    };
    if start > top && is_label(lines[start - 1]) { start - 1 } else { start }
}

fn starts_statement(text: &str) -> bool {
    if text.starts_with("***") {
        return true;
    }
    let trimmed = text.trim_start();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let word = trimmed.split(|c| !is_part(c)).next().unwrap_or_default().to_ascii_lowercase();
    let indented = trimmed.len() < text.len();
    KEYWORDS.split(' ').any(|keyword| keyword == word) || (word == "select" && !indented)
}

fn numbered(line: Line<'_>) -> Option<(u32, String)> {
    match line {
        Line::Statement { number, text, .. } => Some((number, text.trim().to_owned())),
        Line::Engine { .. } | Line::Other(_) => None,
    }
}

fn bare(line: Line<'_>) -> &str {
    match line {
        Line::Engine { text, .. } | Line::Statement { text, .. } | Line::Other(text) => text,
    }
}

/// At most ten lines: a little context, the statement's head, its end, the error. What does not
/// fit is left out of the middle, where a line states how much.
fn cut(
    lines: &[Line<'_>],
    statement: Option<usize>,
    error: std::ops::Range<usize>,
) -> (usize, Vec<CutLine>) {
    let end = error.end.min(error.start + EXCERPT_ERROR_LINES);
    let start = statement.unwrap_or_else(|| end.saturating_sub(EXCERPT_LINES));
    let room = EXCERPT_LINES.saturating_sub(end - start).min(CONTEXT_LINES);
    let first = start.saturating_sub(room);
    let show = |at: usize| cut_line(lines[at], statement == Some(at) || error.contains(&at));
    if end - first <= EXCERPT_LINES {
        return (first, (first..end).map(show).collect());
    }
    let tail = end - error.start + 1;
    let head = EXCERPT_LINES - 1 - tail;
    let gap = (start + head)..(end - tail);
    let text = format!("… {} more lines", gap.len());
    let excerpt = (start..gap.start).map(show);
    let excerpt = excerpt.chain([CutLine { text, marked: false }]).chain((gap.end..end).map(show));
    (start, excerpt.collect())
}

fn cut_line(line: Line<'_>, marked: bool) -> CutLine {
    let text = match line {
        Line::Statement { number, text, .. } => format!("{number:04} {}", text.trim_end()),
        Line::Engine { text, .. } | Line::Other(text) => text.trim().to_owned(),
    };
    CutLine { text, marked }
}

#[cfg(test)]
mod tests;
