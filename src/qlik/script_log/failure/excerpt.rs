//! Pure. Extracts the lines of a script log that cards show for a failure.

use std::ops::Range;

use crate::qlik::script_log::Line;
use crate::qlik::script_log::failure::{CutLine, error};

pub(crate) const EXCERPT_LINES: usize = 10;
/// Lines of context before the failing statement, if there is room.
const CONTEXT_LINES: usize = 3;
/// Maximum lines of the error in an excerpt.
const EXCERPT_ERROR_LINES: usize = 5;

/// The line ranges of a failure.
pub(crate) struct FailureParts {
    /// The calls and includes around the failing statement, the outermost first.
    pub callers: Vec<usize>,
    pub statement: Option<Range<usize>>,
    pub error: Range<usize>,
}

/// At most ten lines: the caller or the preceding lines, the beginning and end of the statement,
/// and the error. Gaps in the middle are replaced by a line with the number of omitted lines.
/// Also returns the index of the first line.
pub(crate) fn cut(lines: &[Line<'_>], parts: &FailureParts) -> (usize, Vec<CutLine>) {
    let error = parts.error.start..parts.error.end.min(parts.error.start + EXCERPT_ERROR_LINES);
    let end = error.end;
    let statement = parts.statement.clone().unwrap_or_else(|| {
        let from = error.start.saturating_sub(EXCERPT_LINES - error.len());
        from..from
    });
    let start = statement.start;
    let mut shown: Vec<Range<usize>> = vec![];
    let room = EXCERPT_LINES.saturating_sub(end - start);
    // The innermost caller; if it is near, the context lines show it anyway.
    let far = parts.callers.last().filter(|at| **at + CONTEXT_LINES < start);
    match far {
        // One line for the caller and one for the gap after it.
        Some(caller) if room >= 2 => shown.push(*caller..*caller + 1),
        Some(caller) if end - start > EXCERPT_LINES => shown.push(*caller..*caller + 1),
        _ => shown.push(start.saturating_sub(room.min(CONTEXT_LINES))..start),
    }
    let taken: usize = shown.iter().map(|range| range.len() + usize::from(range.end < start)).sum();
    shown.extend(body(&statement, &error, EXCERPT_LINES - taken.min(EXCERPT_LINES)));
    shown.retain(|range| !range.is_empty());
    let is_marked = |at: usize| statement.contains(&at) || error.contains(&at);
    let first = shown.first().map_or(start, |range| range.start);
    let mut excerpt = Vec::new();
    let mut behind = first;
    for range in shown {
        if range.start > behind {
            let text = format!("… {} more lines", range.start - behind);
            excerpt.push(CutLine { text, marked: false });
        }
        behind = range.end;
        excerpt.extend(range.map(|at| cut_line(lines[at], is_marked(at))));
    }
    (first, excerpt)
}

/// The statement and its error in this many lines, including one for a gap.
fn body(statement: &Range<usize>, error: &Range<usize>, room: usize) -> [Range<usize>; 2] {
    let (start, end) = (statement.start, error.end);
    if end - start <= room {
        return [start..end, end..end];
    }
    // A long statement keeps its last two lines if there is room: its source is there.
    let tail = (error.len() + statement.len().min(2)).min(room.saturating_sub(2));
    let head = room.saturating_sub(1 + tail);
    if error.start > statement.end + 1 && statement.len() <= head {
        return [statement.clone(), end - (room - 1 - statement.len()).min(error.len())..end];
    }
    [start..start + head, end - tail..end]
}

fn cut_line(line: Line<'_>, marked: bool) -> CutLine {
    let text = match line {
        Line::Statement { number, text, .. } => format!("{number:04} {}", text.trim_end()),
        Line::Engine { .. } | Line::Other(_) => error::bare(line).trim().to_owned(),
    };
    CutLine { text, marked }
}
