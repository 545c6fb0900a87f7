//! I/O. Shows problems in hand-written files: drawn for people, one per line for programs.

use std::fmt;
use std::io::{self, IsTerminal, Write};

use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, NamedSource, SourceCode};
use serde_json::json;

use crate::cli::hint::complete;
use crate::cli::output;
use crate::config::Problem;

/// Columns of a drawing that no terminal shows.
const WIDE: usize = 200;

/// The output format of problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemFormat {
    /// With the location drawn into the text, for a terminal.
    Drawn,
    /// `file:line:column: message`, with the hint on the next line.
    Lines,
    /// One JSON object per line.
    Json,
}

/// Prints all problems: as JSON on standard output for programs, else on standard error.
///
/// Write errors are ignored: they mean that the reader has closed the pipe.
pub fn print(problems: &[Problem], json: bool) {
    if json {
        write(&mut io::stdout().lock(), problems, ProblemFormat::Json).ok();
    } else if io::stderr().is_terminal() {
        write(&mut io::stderr().lock(), problems, ProblemFormat::Drawn).ok();
    } else {
        let mut text = Vec::new();
        write(&mut text, problems, ProblemFormat::Lines).ok();
        String::from_utf8_lossy(&text).lines().for_each(output::complaint);
    }
}

/// The problems of each file by their place in it; the files in the order in which they appear.
pub(crate) fn ordered(problems: &[Problem]) -> Vec<&Problem> {
    let file = |problem: &Problem| problems.iter().position(|other| other.file == problem.file);
    let mut ordered: Vec<&Problem> = problems.iter().collect();
    ordered.sort_by_cached_key(|problem| (file(problem), problem.span.start));
    ordered
}

/// Writes all problems.
pub fn write(out: &mut impl Write, problems: &[Problem], form: ProblemFormat) -> io::Result<()> {
    ordered(problems).into_iter().try_for_each(|problem| match form {
        ProblemFormat::Drawn => write!(out, "{}", drawn(problem)),
        ProblemFormat::Lines => lines(out, problem),
        ProblemFormat::Json => writeln!(out, "{}", json_line(problem)),
    })
}

fn lines(out: &mut impl Write, problem: &Problem) -> io::Result<()> {
    writeln!(out, "{}: {}", problem.place(), problem.message)?;
    problem.hint.iter().try_for_each(|hint| writeln!(out, "  hint: {}", complete(hint)))
}

fn json_line(problem: &Problem) -> serde_json::Value {
    json!({
        "file": problem.file,
        "line": (!problem.text.is_empty()).then(|| problem.line()),
        "column": (!problem.text.is_empty()).then(|| problem.column()),
        "message": problem.message,
        "hint": problem.hint.as_deref().map(complete),
    })
}

fn drawn(problem: &Problem) -> String {
    let source = NamedSource::new(&problem.file, problem.text.to_string());
    let mut text = String::new();
    // The default theme honours NO_COLOR.
    let columns = output::width_of_complaints().unwrap_or(WIDE);
    let drawing = GraphicalReportHandler::new()
        .with_width(columns)
        .render_report(&mut text, &Drawing { problem, source });
    if drawing.is_err() {
        text = format!("{}: {}\n", problem.place(), problem.message);
    }
    text
}

/// A problem in the form that miette draws.
#[derive(Debug)]
struct Drawing<'a> {
    problem: &'a Problem,
    source: NamedSource<String>,
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.hint.as_ref().map(|hint| Box::new(complete(hint)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.problem.text.is_empty()).then_some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.problem.span.clone();
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, span))))
    }
}
