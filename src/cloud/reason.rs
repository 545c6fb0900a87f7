//! Pure. Why a reload failed: from the summary of its progress, else from its script log.

use crate::detect::explain_failure;
use crate::detection::{Excerpt, ExcerptLine, ScriptFacts};
use crate::redact::{bound, redact};

/// Bounds of texts, in bytes.
const ERROR: usize = 2000;
const LINE: usize = 300;
/// Lines of an excerpt.
const LINES: usize = 10;
const ERROR_LINES: usize = 5;

const ERROR_MARK: &str = "The following error occurred:";
const PLACE_MARK: &str = "The error occurred here:";

/// The reason in a summary. `None` if it has none.
pub(crate) fn of_summary(summary: &str) -> Option<ScriptFacts> {
    let summary = redact(summary);
    let lines: Vec<&str> = summary.lines().map(str::trim_end).collect();
    let at = |mark: &str| lines.iter().rposition(|line| line.trim() == mark);
    let begin = at(ERROR_MARK)? + 1;
    let place = at(PLACE_MARK).filter(|place| *place >= begin);
    let error = block(&lines[begin..place.unwrap_or(lines.len())], ERROR_LINES);
    let statement = place.map(|place| block(&lines[place + 1..], LINES)).unwrap_or_default();
    if error.is_empty() {
        return None;
    }
    let marked = |line: &&str| ExcerptLine { text: bound(line, LINE), marked: true };
    let shown = statement.iter().take(LINES - error.len()).chain(&error);
    Some(ScriptFacts {
        error: Some(bound(&error.join("\n"), ERROR)),
        excerpt: Excerpt { first_line: None, lines: shown.map(marked).collect() },
        ..ScriptFacts::default()
    })
}

/// The lines up to an empty one, without those that are empty at the beginning.
fn block<'t>(lines: &[&'t str], most: usize) -> Vec<&'t str> {
    let filled = lines.iter().skip_while(|line| line.trim().is_empty());
    filled.take_while(|line| !line.trim().is_empty()).take(most).copied().collect()
}

/// The reason in a script log, or in the end of one. Lines of an unknown form are shown as they are.
pub(crate) fn of_script_log(log: &str) -> Option<ScriptFacts> {
    let log: String = log.chars().filter(|c| *c != '\0' && *c != '\u{feff}').collect();
    let mut script = ScriptFacts::default();
    // Where the end of a log begins is not known.
    explain_failure(&log, &mut script);
    if script.error.is_some() {
        return Some(script);
    }
    let log = redact(&log);
    let filled: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = filled.iter().skip(filled.len().saturating_sub(LINES));
    let line = |line: &&str| ExcerptLine { text: bound(line.trim_end(), LINE), marked: false };
    let excerpt = Excerpt { first_line: None, lines: last.map(line).collect() };
    (!excerpt.lines.is_empty()).then(|| ScriptFacts { excerpt, ..ScriptFacts::default() })
}

#[cfg(test)]
mod tests;
