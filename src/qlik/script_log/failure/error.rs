//! Pure. The engine's error: its lines after a statement that are not progress messages.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, bytes};

use crate::qlik::script_log::Line;

/// How many further lines of an error are kept.
pub(crate) const ERROR_LINES: usize = 20;
/// A longer line does not announce an error.
const LONGEST_MARKER: usize = 80;
/// How many sections between statements are searched for errors, backwards: more than a megabyte of
/// short ones has.
const REGIONS: usize = 30_000;

/// One character of a line, for repetitions. A Unicode class that is repeated 300 times uses a
/// hundred kilobytes more, so texts are matched as bytes; `(?u:…)` is for characters without an
/// ASCII form.
const ANY: &str = r"(?:[^\n\x80-\xbf][\x80-\xbf]*)";

/// Progress messages of the engine. Texts with a message number are from the engine's own list;
/// those with a count or `<<` are from logs.
static PROGRESS: LazyLock<bytes::RegexSet> = LazyLock::new(|| {
    bytes::RegexSet::new([
        r"(?i-u)^(\d(?u:[0-9.,' \u{a0}\u{202f}]*)|one|no) +(fields?|lines?|rows?|records?) *(found|fetched|read)?( so far)?([:.,(]|$)",
        r"(?i-u)^(\S+ +)?(?u:[0-9.,'\u{a0}\u{202f}]+) *lines? fetched\.?$",
        r"(?i-u)^\S.* << .*\d *lines? fetched\.?$",
        r"(?i-u)^\S.* << (?u:\S+)( \([^)]*\))*$",
        r"(?i-u)^(dis)?connected\.?$",
        r"(?i-u)^connected to \S+( \S+)?\.?$",
        r"(?i-u)^(done|reloading|preparing|appending|started loading data)\.{0,3}$",
        r"(?i-u)^(bytes left for column|now storing|rows fetched so far|removing synthetic|indexing field)\b",
        r"(?i-u)^(creating search index|search index creation|the search index is incomplete)",
        r"(?i-u)^cancell?(ing|ed) creation of search index",
        r"(?i-u)^\(?(qvd \(|buffered\)|qvd columnar)",
        r"(?i-u)^(joining|keeping|concatenating)(/\w+)?\.{0,3}$",
        r"(?-u)^\$Syn \d",
        r"^Execution (started|finished)\.",
    ])
    .expect("the patterns are fixed")
});
/// A line of the header, before the first statement: a name and a value in columns.
static HEADER: LazyLock<bytes::Regex> = LazyLock::new(|| {
    let name = r"(?-u)^[A-Z](?:[\w .()\xc0-\xff][\x80-\xbf]*){0,29}\S[\x80-\xbf]* {3,}\S";
    bytes::Regex::new(name).expect("the pattern is fixed")
});

/// Texts and codes that are always an error, even without `Error:`.
static CERTAIN: LazyLock<bytes::RegexSet> = LazyLock::new(|| {
    let texts = [
        r"(?i-u)^(field|table|mapping table|lib connection|connection|connector|file)\b<any>{0,300}\bnot found\b",
        r"(?i-u)^(cannot|could not|can't|unable to|failed to) ",
        r"(?i-u)^(no qualified path|no open database|unknown statement|unexpected token|syntax error|invalid expression|illegal |wrong file format|not enough memory|out of )",
        r"(?i-u)^field names must be unique",
        r"(?i-u)^connector\b<any>{0,40}\b(error|failed|not responding)\b",
        r"(?i-u)^(odbc|ole ?db|custom)\b<any>{0,20}\bfailed\b",
        r"(?i-u)^(sql##f|system error:|system\.[\w.]+exception)",
        r"(?i-u)^the remote (server returned|name could not)",
        r"(?i-u)\bsqlstate\b(?u:[\s:=：])|\bhresult\b(?u:[\s:=：])|\bORA-[0-9]{5}\b|grpc::StatusCode::|\bEDC_ERROR:[0-9]|HTTP protocol error",
        r"(?i-u)^access was denied after reload",
        r"(?i-u)^(login failed|invalid path|permission denied|access (is |was )?denied|connection (refused|reset|timed out)|timeout expired)\b",
        r"(?-u)^\[[\w .\x80-\xff-]+\](?u:\s)?\[[\w .\x80-\xff-]+\]",
    ];
    bytes::RegexSet::new(texts.map(|text| text.replace("<any>", ANY)))
        .expect("the patterns are fixed")
});
/// Statements that are typical of error handlers.
static HANDLER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bscripterror|\berrormode\b|\bexit\s+script\b|^\s*(trace|call)\b")
        .expect("the pattern is fixed")
});

/// A statement that checks whether there was an error.
static ASKS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bscripterror|\berrormode\b").expect("the pattern is fixed"));

/// The lines of an error, and the line where the engine begins to announce it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FoundError {
    pub lines: Range<usize>,
    pub announced: usize,
}

/// The errors of a run, as far as the lines go back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Errors {
    /// The error that the run failed with.
    pub last: Option<FoundError>,
    /// Earlier errors after which the script continued.
    pub n_swallowed: usize,
}

impl Errors {
    /// `lines` end before the engine's verdict. The error is the engine's text after the last
    /// statement, with or without a prefix. If there is none, an error handler ran afterwards: then
    /// it is the nearest earlier text that is certainly an error, else the nearest text that the
    /// following statements handle.
    pub(crate) fn find(lines: &[Line<'_>]) -> Self {
        let mut errors = Self::default();
        let is_printed = regions(lines).next().is_some_and(|last| printed(lines, &last).is_some());
        for (back, region) in regions(lines).take(REGIONS).enumerate() {
            let found = find(lines, region, back == 0 && !is_printed);
            match (&errors.last, found) {
                (None, Some(found)) => errors.last = Some(found),
                (Some(_), Some(_)) => errors.n_swallowed += 1,
                (_, None) => {}
            }
        }
        if errors.last.is_none() {
            errors.last = handled(lines);
        }
        if errors.last.is_none() && is_printed {
            errors.last = regions(lines).next().and_then(|last| find(lines, last, true));
        }
        errors
    }
}

/// The nearest text that is not progress, if only statements of a handler ran after it.
fn handled(lines: &[Line<'_>]) -> Option<FoundError> {
    let found = regions(lines).take(REGIONS).find_map(|region| find(lines, region, true))?;
    let behind = &lines[found.lines.end..];
    // A handler that asks for the error may load and store a log table of its own.
    let asks = |line: &Line<'_>| match line {
        Line::Statement { text, .. } => Some(ASKS.is_match(text)),
        _ => None,
    };
    let is_asked = behind.iter().find_map(asks).unwrap_or(false);
    let is_message = |line: &Line<'_>| {
        let text = bare(*line).trim();
        is_engine(*line) && !is_ornament(text) && !(is_asked && is_progress(text))
    };
    let is_handler =
        |line: &Line<'_>| matches!(line, Line::Statement { text, .. } if HANDLER.is_match(text));
    (behind.iter().any(is_handler) && !behind.iter().any(is_message)).then_some(found)
}

/// The sections without statements, the last one first. Lines without a timestamp directly after a
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

/// The texts of the `TRACE` before these lines, if no numbered line repeats them: the following
/// lines may be its output.
fn printed<'l>(lines: &[Line<'l>], region: &Range<usize>) -> Option<Vec<&'l str>> {
    let Line::Statement { number: last, .. } = *lines[..region.start].last()? else { return None };
    let of_last = lines[..region.start].iter().rev().map_while(|line| match *line {
        Line::Statement { number, text, .. } if number == last => Some(text.trim()),
        _ => None,
    });
    let mut texts: Vec<&str> = of_last.collect();
    let (word, first) = texts.pop()?.split_at_checked("trace".len())?;
    let first = first.trim_end_matches(';').trim();
    if !word.eq_ignore_ascii_case("trace") || texts.contains(&first) {
        return None;
    }
    texts.push(first);
    Some(texts)
}

fn find(lines: &[Line<'_>], mut region: Range<usize>, is_last: bool) -> Option<FoundError> {
    let text = |at: usize| bare(lines[at]).trim();
    if let Some(printed) = printed(lines, &region) {
        region.start += region.clone().take_while(|at| printed.contains(&text(*at))).count();
    }
    let engine = region.clone().find(|at| is_engine(lines[*at]));
    let announced = region.clone().find(|at| is_explicit(lines[*at]));
    // Without a timestamp, only an announcing line distinguishes an error from a statement's text.
    let bare_marker = || {
        let mut pairs = region.clone().zip(region.clone().skip(1));
        pairs.find(|(at, next)| is_marker(text(*at)) && !is_ornament(text(*next))).map(|(at, _)| at)
    };
    let announced = announced.or_else(|| bare_marker().filter(|_| is_last && engine.is_none()));
    let is_header = |text: &str| region.start == 0 && HEADER.is_match(text.as_bytes());
    let is_progress = |text: &str| is_progress(text) || is_header(text);
    let certain = engine.and_then(|from| (from..region.end).find(|at| is_certain(text(*at))));
    // Counts before what is certainly an error are progress, in whatever language.
    let is_count = |at: usize| {
        certain.is_some_and(|certain| at < certain)
            && text(at).starts_with(|c: char| c.is_ascii_digit())
    };
    let is_error =
        |at: usize| !is_progress(text(at)) && !is_count(at) && (is_last || is_certain(text(at)));
    let found = engine.and_then(|from| (from..region.end).find(|at| is_error(*at)));
    // The error may begin before its line with the prefix.
    let before = certain.filter(|certain| {
        announced.is_some_and(|at| *certain < at && without_prefix(text(at)).is_some())
    });
    let announced = before.or(announced).or(found)?;
    let end = region.end.min(announced + ERROR_LINES);
    let place = (announced..end).find(|at| text(*at) == "The error occurred here:");
    let mut end = place.unwrap_or(end);
    while end > announced && (is_progress(text(end - 1)) || is_ornament(text(end - 1))) {
        end -= 1;
    }
    let mut start = announced;
    // `Fehler:`, a word alone, only where the engine begins to speak.
    if start + 1 < end && is_word_marker(text(start)) {
        start += 1;
    }
    while start + 1 < end && (announces(text(start), text(start + 1)) || is_ornament(text(start))) {
        start += 1;
    }
    // In another language, the place is known by the token that follows; the label of a table, which
    // the engine repeats, is hardly three words.
    let shows_place = |at: &usize| {
        text(*at).ends_with([':', '：'])
            && text(*at).split_whitespace().count() > 2
            && !text(*at).starts_with(['[', '"', '\'', '`'])
            && !is_certain(text(*at))
            && text(*at + 1).contains(">>>>>>")
    };
    let end = (start + 1..end.saturating_sub(1)).find(shows_place).unwrap_or(end);
    (start < end).then_some(FoundError { lines: start..end, announced })
}

/// The text of an error, without `Error:` and without lines that only announce it.
pub(crate) fn text(lines: &[Line<'_>]) -> String {
    let lines = lines.iter().map(|line| bare(*line).trim()).filter(|text| !is_ornament(text));
    let mut lines: Vec<(&str, &str)> =
        lines.map(|text| (text, without_prefix(text).unwrap_or(text))).collect();
    // Some errors are logged twice, once with the prefix.
    lines.dedup_by(|later, line| later.0 != line.0 && later.1 == line.1);
    let lines: Vec<&str> = lines.into_iter().map(|(_, bare)| bare).collect();
    lines.join("\n").trim().to_owned()
}

fn without_prefix(text: &str) -> Option<&str> {
    text.strip_prefix("Error:").or_else(|| text.strip_prefix("error:")).map(str::trim_start)
}

fn is_engine(line: Line<'_>) -> bool {
    matches!(line, Line::Engine { .. })
}

/// Whether a line is an error or announces one, regardless of its context.
fn is_explicit(line: Line<'_>) -> bool {
    let text = bare(line).trim();
    let is_error = without_prefix(text).is_some() || text.contains("Script Error");
    match line {
        Line::Engine { .. } => is_error || is_marker(text),
        Line::Other(_) => text == "The following error occurred:",
        Line::Statement { .. } => false,
    }
}

/// `The following error occurred:`, in any language.
fn is_marker(text: &str) -> bool {
    let is_sentence = text.contains(' ') || !text.is_ascii();
    text.ends_with([':', '：']) && is_sentence && text.chars().count() < LONGEST_MARKER
        || text.eq_ignore_ascii_case("Error:")
}

/// Whether a line only announces the next one. Text after `Error:` is the error itself, unless the
/// next line has the prefix, too; a text like `Connector connect error:` is part of the error.
fn announces(text: &str, next: &str) -> bool {
    let is_bare = without_prefix(text).map_or(!is_certain(text), str::is_empty);
    is_marker(text) && (is_bare || without_prefix(next).is_some() && !is_certain(text))
}

/// A word and a colon, and nothing else.
fn is_word_marker(text: &str) -> bool {
    text.strip_suffix([':', '：'])
        .is_some_and(|word| !word.is_empty() && word.chars().all(char::is_alphabetic))
}

/// A blank line or a separator line.
fn is_ornament(text: &str) -> bool {
    let is_ruler = |line: u8| text.len() >= 3 && text.bytes().all(|byte| byte == line);
    text.is_empty() || b"-=_*#~".iter().copied().any(is_ruler)
}

fn is_certain(text: &str) -> bool {
    CERTAIN.is_match(text.as_bytes())
}

fn is_progress(text: &str) -> bool {
    text.is_empty() || PROGRESS.is_match(text.as_bytes())
}

pub(crate) fn bare(line: Line<'_>) -> &str {
    match line {
        Line::Engine { text, .. } | Line::Statement { text, .. } | Line::Other(text) => text,
    }
}
