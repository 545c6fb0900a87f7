//! I/O. The output of commands, to a reader who may close the pipe at any time.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::worded::system;

/// A terminal that reports a smaller width is ignored.
const LEAST: usize = 40;
/// The width where none is known.
const USUAL: usize = 80;

/// Prints one line.
pub(crate) fn line(words: Arguments<'_>) {
    end_on_error(writeln!(io::stdout().lock(), "{words}"));
}

/// Prints a text unchanged.
pub(crate) fn text(text: &[u8]) {
    end_on_error(io::stdout().lock().write_all(text));
}

/// Prints one line on standard error, wrapped where its width is known.
pub(crate) fn error_line(words: Arguments<'_>) {
    complaint(&words.to_string());
}

/// Prints a text unchanged on standard error. If nobody reads it, there is nobody to say so to.
pub(crate) fn error_text(words: Arguments<'_>) {
    write!(io::stderr().lock(), "{words}").ok();
}

/// Whether the command ends when the reader closes the pipe.
static ENDS_WITH_READER: AtomicBool = AtomicBool::new(false);

/// Makes a closed pipe end the command, which would go on for long otherwise.
pub(crate) fn end_with_reader() {
    ENDS_WITH_READER.store(true, Ordering::Relaxed);
}

/// A closed pipe (`footman check | head -1`) is no error: the reader has what it wanted, and the
/// exit code is still that of the result. Any other write error, such as a full disk, ends the
/// command with an error.
#[expect(
    clippy::exit,
    reason = "the command has nothing left to do when its output has nowhere to go"
)]
fn end_on_error(written: io::Result<()>) {
    let Err(error) = written else { return };
    match error.kind() {
        ErrorKind::BrokenPipe if ENDS_WITH_READER.load(Ordering::Relaxed) => std::process::exit(0),
        ErrorKind::BrokenPipe => {}
        _ => {
            eprintln!("footman: writing the output: {}", system(&error));
            std::process::exit(1);
        }
    }
}

/// Width of the name column.
const NAMES: usize = 15;

/// Prints a name and its text. On a terminal, or where `COLUMNS` is set, the text is wrapped;
/// elsewhere it stays on one line, for programs.
pub(crate) fn field(name: &str, text: &str) {
    let mut name = name;
    let columns = room().map_or(usize::MAX, |columns| columns.saturating_sub(NAMES));
    for words in folded(text, columns) {
        line(format_args!("{name:<NAMES$}{words}"));
        name = "";
    }
}

/// Prints a list item with its leading blanks; if it is wrapped like a [`field`], the further lines
/// are indented.
pub(crate) fn item(text: &str) {
    let Some(columns) = room() else { return line(format_args!("{text}")) };
    for words in folded(text, columns) {
        line(format_args!("{words}"));
    }
}

/// Prints a name in a column of the given width and its text. Where the width is known, the text is
/// wrapped: beside the name, or below it if too little room is left.
pub(crate) fn column(names: usize, name: &str, text: &str) {
    for words in in_column(room(), names, name, text) {
        line(format_args!("{words}"));
    }
}

fn in_column(room: Option<usize>, names: usize, name: &str, text: &str) -> Vec<String> {
    /// Indentation below the name.
    const BELOW: usize = 9;
    let Some(columns) = room else { return vec![format!("{name:<names$}{text}")] };
    let mut lines = Vec::new();
    let (mut name, mut indent) = (name, names);
    if columns < names + LEAST / 2 {
        lines.push(name.trim_end().to_owned());
        (name, indent) = ("", BELOW);
    }
    for words in folded(text, columns.saturating_sub(indent)) {
        lines.push(format!("{name:<indent$}{words}"));
        name = "";
    }
    lines
}

/// The same on standard error.
pub(crate) fn complaint(text: &str) {
    let Some(columns) = width_of_complaints() else {
        return error_text(format_args!("{text}\n"));
    };
    for words in text.lines().flat_map(|line| folded(line, columns)) {
        error_text(format_args!("{words}\n"));
    }
}

/// Width of the terminal, if standard output is one, else `COLUMNS`, if either is known.
fn room() -> Option<usize> {
    width_of(&console::Term::stdout())
}

fn width_of(terminal: &console::Term) -> Option<usize> {
    let columns = terminal.size_checked().map(|(_rows, columns)| usize::from(columns));
    let variable = || std::env::var("COLUMNS").ok()?.parse().ok();
    let is_usable = |columns: &usize| *columns >= LEAST;
    let known = columns.filter(is_usable).or_else(|| variable().filter(is_usable));
    // Some terminals do not say how wide they are.
    known.or_else(|| terminal.is_term().then_some(USUAL))
}

/// Width available to a table: that of the terminal, else `COLUMNS`, else 80.
pub(crate) fn width() -> usize {
    room().unwrap_or(USUAL)
}

/// Width of standard error, if it is a terminal.
pub(crate) fn width_of_complaints() -> Option<usize> {
    width_of(&console::Term::stderr())
}

/// Prints a name in a column of the given width and its text, wrapped to the terminal.
pub(crate) fn row(names: usize, name: &str, text: &str) {
    let mut name = name.to_owned();
    for words in folded(text, width().saturating_sub(names)) {
        line(format_args!("{name:<names$}{words}"));
        name.clear();
    }
}

/// Like [`row`] with a name in color, which is longer than the columns that it takes.
pub(crate) fn painted_row(names: usize, padded: usize, name: &str, text: &str) {
    let mut first = Some(name);
    for words in folded(text, width().saturating_sub(names)) {
        match first.take() {
            Some(name) => line(format_args!("{name:<padded$}{words}")),
            None => line(format_args!("{:<names$}{words}", "")),
        }
    }
}

/// Foreign text as one line, without characters that control a terminal or reorder others.
pub(crate) fn clean(text: &str) -> String {
    let harmless = |c: char| match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        '\n' | '\t' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    };
    text.chars().filter_map(harmless).collect()
}

/// At most this many columns of a text, the last of them `…` if something was left out.
pub(crate) fn shortened(text: &str, columns: usize) -> String {
    console::truncate_str(text, columns, "…").into_owned()
}

/// `1 card`, `2 cards`.
pub(crate) fn counted(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// A bar of a chart; the largest value fills the columns, and a small one is still seen.
pub(crate) fn bar(n: u64, most: u64, columns: usize) -> String {
    let columns = columns as u128;
    let filled = (u128::from(n) * columns).div_ceil(u128::from(most.max(1))).min(columns);
    "█".repeat(usize::try_from(filled).unwrap_or(0))
}

/// The meaning of a color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Odd,
    Bad,
}

/// The text in color, if standard output should have colors.
pub(crate) fn paint(text: &str, tone: Tone) -> String {
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
pub(crate) fn is_coloured(is_terminal: bool) -> bool {
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
pub(crate) fn folded(text: &str, columns: usize) -> Vec<String> {
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
