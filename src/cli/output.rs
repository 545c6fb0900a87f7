//! I/O. The output of commands, to a reader who may close the pipe at any time.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

/// A terminal that reports a smaller width is ignored.
const LEAST: usize = 40;

/// Prints one line.
pub(super) fn line(words: Arguments<'_>) {
    end_on_error(writeln!(io::stdout().lock(), "{words}"));
}

/// Prints a text unchanged.
pub(super) fn text(text: &[u8]) {
    end_on_error(io::stdout().lock().write_all(text));
}

/// A closed pipe (`footman status | head -1`) ends the command quietly: the reader has what it
/// wanted. Any other write error, such as a full disk, ends it with an error.
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

/// Width of the name column.
const NAMES: usize = 15;

/// Prints a name and its text. On a terminal the text is wrapped; elsewhere it stays on one line,
/// for programs.
pub(super) fn field(name: &str, text: &str) {
    let mut name = name;
    let columns = terminal().map_or(usize::MAX, |columns| columns.saturating_sub(NAMES));
    for words in folded(text, columns) {
        line(format_args!("{name:<NAMES$}{words}"));
        name = "";
    }
}

/// Width of the terminal, if standard output is one.
fn terminal() -> Option<usize> {
    let terminal = console::Term::stdout();
    let columns = terminal.size_checked().map(|(_rows, columns)| usize::from(columns));
    columns.filter(|columns| *columns >= LEAST)
}

/// Width available to a table: that of the terminal, else `COLUMNS`, else 80.
pub(super) fn width() -> usize {
    let variable = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|n| *n >= LEAST);
    terminal().or_else(variable).unwrap_or(80)
}

/// Prints a name in a column of the given width and its text, wrapped to the terminal.
pub(super) fn row(names: usize, name: &str, text: &str) {
    let mut name = name.to_owned();
    for words in folded(text, width().saturating_sub(names)) {
        line(format_args!("{name:<names$}{words}"));
        name.clear();
    }
}

/// The meaning of a color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Odd,
    Bad,
}

/// The text in color, if standard output should have colors.
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

/// Whether to use colors: `NO_COLOR`, `CLICOLOR_FORCE` and `CLICOLOR` decide, else whether the
/// output is a terminal.
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

/// A text wrapped between words to this width. A longer word is not broken.
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
