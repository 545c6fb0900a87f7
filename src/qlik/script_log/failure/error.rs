//! Pure. What the engine says of a failure: its lines after a statement that are not progress.

use std::ops::Range;
use std::sync::LazyLock;

use regex::RegexSet;

use crate::qlik::script_log::Line;

/// Further lines of an error that are kept.
pub(super) const ERROR_LINES: usize = 20;
/// A line that announces an error is short.
const LONGEST_MARKER: usize = 80;
/// So many stretches between statements are searched back for an error.
const REGIONS: usize = 200;

/// What the engine reports while it works. The texts by number are those of the engine's list of
/// progress messages; those with a count or `<<` come from logs.
static PROGRESS: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)^(\d[\d.,' \u{a0}\u{202f}]*|one|no) +(fields?|lines?|rows?|records?)\b",
        r"(?i)\d *lines? fetched\b",
        r" << ",
        r"(?i)^(dis)?connected\.?$",
        r"(?i)^connected to ",
        r"(?i)^(done|reloading|preparing|appending|started loading data)\.{0,3}$",
        r"(?i)^(bytes left for column|now storing|rows fetched so far|removing synthetic|indexing field)\b",
        r"(?i)^(creating search index|search index creation|the search index is incomplete)",
        r"(?i)^cancell?(ing|ed) creation of search index",
        r"(?i)^\(?(qvd \(|buffered\)|qvd columnar)",
        r"^\$Syn \d",
        r"^Execution started\.",
        r"^[A-Z][\w .()]{0,29}\S {3,}\S",
    ])
    .expect("the patterns are fixed")
});

/// The lines of an error, and where the engine begins to announce it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub lines: Range<usize>,
    pub announced: usize,
}

/// The errors of a run, as far as the lines go back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Errors {
    /// The error that the run failed with.
    pub last: Option<Found>,
    /// Errors before it after which the script went on.
    pub n_swallowed: usize,
}

impl Errors {
    /// `lines` end before the engine's verdict. The error is what the engine says after the last
    /// statement, with any prefix or none; if that is nothing, statements of an error handler
    /// followed, and it is the nearest text before them that is an error for certain.
    pub(super) fn find(lines: &[Line<'_>]) -> Self {
        let mut errors = Self::default();
        for (back, region) in regions(lines).take(REGIONS).enumerate() {
            let found = find(lines, region, back == 0);
            match (&errors.last, found) {
                (None, Some(found)) => errors.last = Some(found),
                (Some(_), Some(_)) => errors.n_swallowed += 1,
                (_, None) => {}
            }
        }
        errors
    }
}

/// The stretches without statements, the last one first. Lines without a stamp directly behind a
/// statement continue it, unless they announce an error.
fn regions<'l>(lines: &'l [Line<'_>]) -> impl Iterator<Item = Range<usize>> + use<'l> {
    let mut end = lines.len();
    std::iter::from_fn(move || {
        if end == 0 {
            return None;
        }
        let is_statement = |line: &Line<'_>| matches!(line, Line::Statement { .. });
        let start = lines[..end].iter().rposition(is_statement).map_or(0, |at| at + 1);
        let region = start..end;
        let statements = lines[..start].iter().rev().take_while(|line| !is_engine(**line)).count();
        end = start - statements;
        Some(region)
    })
}

fn find(lines: &[Line<'_>], region: Range<usize>, is_last: bool) -> Option<Found> {
    let text = |at: usize| bare(lines[at]).trim();
    let engine = region.clone().find(|at| is_engine(lines[*at]));
    let announced = region.clone().find(|at| is_explicit(lines[*at]));
    let said = engine.filter(|_| is_last);
    let said = said.and_then(|from| (from..region.end).find(|at| !is_progress(text(*at))));
    let announced = announced.or(said)?;
    let end = region.end.min(announced + ERROR_LINES);
    let place = (announced..end).find(|at| text(*at) == "The error occurred here:");
    let mut end = place.unwrap_or(end);
    while end > announced && (is_progress(text(end - 1)) || is_ornament(text(end - 1))) {
        end -= 1;
    }
    let mut start = announced;
    while start + 1 < end && (is_marker(text(start)) || is_ornament(text(start))) {
        start += 1;
    }
    (start < end).then_some(Found { lines: start..end, announced })
}

/// The text of an error: without `Error:` before it, and without what only announces it.
pub(super) fn text(lines: &[Line<'_>]) -> String {
    let lines = lines.iter().map(|line| bare(*line).trim()).filter(|text| !is_ornament(text));
    let lines: Vec<&str> = lines.map(without_prefix).collect();
    lines.join("\n").trim().to_owned()
}

fn without_prefix(text: &str) -> &str {
    text.strip_prefix("Error:").map_or(text, str::trim_start)
}

fn is_engine(line: Line<'_>) -> bool {
    matches!(line, Line::Engine { .. })
}

/// Whether a line is an error, or announces one, whatever stands around it.
fn is_explicit(line: Line<'_>) -> bool {
    let text = bare(line).trim();
    let is_error = text.starts_with("Error:") || text.contains("Script Error");
    match line {
        Line::Engine { .. } => is_error || is_marker(text),
        Line::Other(_) => text == "The following error occurred:",
        Line::Statement { .. } => false,
    }
}

/// `The following error occurred:`, in any language.
fn is_marker(text: &str) -> bool {
    text.ends_with(':') && text.chars().count() < LONGEST_MARKER && text.contains(' ')
        || text == "Error:"
}

/// A blank line or a ruler.
fn is_ornament(text: &str) -> bool {
    text.is_empty() || (text.len() >= 3 && text.bytes().all(|byte| byte == b'-'))
}

fn is_progress(text: &str) -> bool {
    text.is_empty() || PROGRESS.is_match(text)
}

pub(super) fn bare(line: Line<'_>) -> &str {
    match line {
        Line::Engine { text, .. } | Line::Statement { text, .. } | Line::Other(text) => text,
    }
}
