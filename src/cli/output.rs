//! I/O. What commands print, to someone who may stop reading at any time.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

/// A terminal that says it is narrower is not believed.
const LEAST: usize = 40;

/// Prints one line.
pub(super) fn line(words: Arguments<'_>) {
    end_on_error(writeln!(io::stdout().lock(), "{words}"));
}

/// Prints a whole text as it is.
pub(super) fn text(text: &[u8]) {
    end_on_error(io::stdout().lock().write_all(text));
}

/// Whoever closes the pipe (`footman status | head -1`) has what they wanted: the command ends
/// quietly. An output that cannot be written, as on a full disk, ends it with an error.
#[expect(
    clippy::exit,
    reason = "no command has anything left to do when its output has nowhere to go"
)]
fn end_on_error(written: io::Result<()>) {
    let Err(error) = written else { return };
    if error.kind() == ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    eprintln!("footman: writing the output: {error}");
    std::process::exit(1);
}

/// Width of the names before what is said.
const NAMES: usize = 15;

/// Prints a name and what there is to say of it. On a terminal the lines fit; elsewhere each is one
/// line, as programs want it.
pub(super) fn field(name: &str, text: &str) {
    let mut name = name;
    let columns = terminal().map_or(usize::MAX, |columns| columns.saturating_sub(NAMES));
    for words in folded(text, columns) {
        line(format_args!("{name:<NAMES$}{words}"));
        name = "";
    }
}

/// Columns of the terminal that is written to, if it is one.
fn terminal() -> Option<usize> {
    let terminal = console::Term::stdout();
    let columns = terminal.size_checked().map(|(_rows, columns)| usize::from(columns));
    columns.filter(|columns| *columns >= LEAST)
}

/// Columns that a table may take: those of the terminal, else of `COLUMNS`, else 80.
pub(super) fn width() -> usize {
    let told = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|n| *n >= LEAST);
    terminal().or_else(told).unwrap_or(80)
}

/// Prints a name in so many columns and what there is to say of it, on lines that fit.
pub(super) fn row(names: usize, name: &str, text: &str) {
    let mut name = name.to_owned();
    for words in folded(text, width().saturating_sub(names)) {
        line(format_args!("{name:<names$}{words}"));
        name.clear();
    }
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Odd,
    Bad,
}

/// The text in colour, where that is wanted.
pub(super) fn paint(text: &str, tone: Tone) -> String {
    if !is_coloured(io::stdout().is_terminal()) {
        return text.to_owned();
    }
    let code = match tone {
        Tone::Good => 32,
        Tone::Odd => 33,
        Tone::Bad => 31,
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Whether to colour what goes to a terminal or not: as `NO_COLOR`, `CLICOLOR_FORCE` and `CLICOLOR`
/// say, else only on terminals.
pub(super) fn is_coloured(is_terminal: bool) -> bool {
    wants_colour(is_terminal, |name| std::env::var(name).ok())
}

fn wants_colour(is_terminal: bool, get: impl Fn(&str) -> Option<String>) -> bool {
    let is_set = |name| get(name).is_some_and(|value| !value.is_empty());
    if is_set("NO_COLOR") {
        return false;
    }
    if is_set("CLICOLOR_FORCE") && get("CLICOLOR_FORCE").as_deref() != Some("0") {
        return true;
    }
    is_terminal && get("CLICOLOR").as_deref() != Some("0") && get("TERM").as_deref() != Some("dumb")
}

/// A text on lines of so many columns, broken between words. A longer word keeps its line.
pub(super) fn folded(text: &str, columns: usize) -> Vec<String> {
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut lines = Vec::new();
    let mut here = indent.clone();
    for word in text.split_whitespace() {
        let is_begun = here.trim_start() != "";
        let wanted = console::measure_text_width(&here) + 1 + console::measure_text_width(word);
        if is_begun && wanted > columns {
            lines.push(std::mem::replace(&mut here, format!("{indent}  {word}")));
            continue;
        }
        if is_begun {
            here.push(' ');
        }
        here.push_str(word);
    }
    lines.push(here);
    lines
}

#[cfg(test)]
mod tests;
