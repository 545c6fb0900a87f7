//! Pure. The lines of a script log that fit on a card.

use serde::Serialize;

use crate::detection::Excerpt;
use crate::render::clean;
use crate::render::fit::Room;

/// The arrow or blank, and the blank behind it, before a line of the block.
const GUTTER: usize = 2;

/// One line of the excerpt, as templates see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ShownLine {
    /// Its number in the script log, if known.
    pub(crate) number: Option<u64>,
    pub(crate) text: String,
    pub(crate) marked: bool,
    /// For places where code cannot be shown: an arrow if it is marked, and the number of its
    /// statement.
    gutter: String,
    /// The text without that number.
    code: String,
    /// `Bolder` if it is marked.
    weight: &'static str,
}

/// The lines that fit, up to one line after the last marked one.
pub(crate) fn cut(excerpt: &Excerpt, room: Room) -> Vec<ShownLine> {
    let lines = &excerpt.lines;
    let last_marked = lines.iter().rposition(|line| line.marked).unwrap_or(lines.len());
    let end = lines.len().min((last_marked + 2).max(room.lines));
    let start = end.saturating_sub(room.lines);
    let number = |i: usize| excerpt.first_line.map(|first| first.saturating_add(i as u64));
    let shown: Vec<ShownLine> = (start..end)
        .map(|i| line(number(i), &clean::log_line(&lines[i].text, room.width), lines[i].marked))
        .collect();
    hidden_together(shown)
}

/// The lines as the block that a card shows hides them, so that its rows hide the same.
fn hidden_together(lines: Vec<ShownLine>) -> Vec<ShownLine> {
    let Some(block) = marked(&lines) else { return lines };
    let hidden = clean::printable(&block);
    if hidden == block {
        return lines;
    }
    let bare = |text: &'_ str| text.chars().skip(GUTTER).collect::<String>();
    let texts = hidden.split('\n').map(bare);
    lines.iter().zip(texts).map(|(old, text)| line(old.number, &text, old.marked)).collect()
}

fn line(number: Option<u64>, text: &str, marked: bool) -> ShownLine {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (statement, code) = match text.split_at(digits) {
        (digits, rest) if digits.len() >= 4 && (rest.is_empty() || rest.starts_with(' ')) => {
            (digits.trim_start_matches('0'), rest.strip_prefix(' ').unwrap_or(rest))
        }
        _ => ("", text.trim_start()),
    };
    let arrow = if marked { '►' } else { ' ' };
    ShownLine {
        number,
        text: text.to_owned(),
        marked,
        gutter: or_blank(format!("{arrow} {statement}").trim_end()),
        code: or_blank(code),
        weight: if marked { "Bolder" } else { "Default" },
    }
}

/// An empty column would be left out, and the one beside it would move.
fn or_blank(text: &str) -> String {
    if text.is_empty() { "\u{A0}".to_owned() } else { text.to_owned() }
}

/// The lines as one text; `None` if there are none.
pub(crate) fn plain(lines: &[ShownLine]) -> Option<String> {
    join(lines.iter().map(|line| line.text.clone()))
}

/// The lines as one text, with an arrow before marked ones, since code blocks cannot highlight.
pub(crate) fn marked(lines: &[ShownLine]) -> Option<String> {
    join(lines.iter().map(|line| format!("{} {}", if line.marked { '►' } else { ' ' }, line.text)))
}

fn join(lines: impl Iterator<Item = String>) -> Option<String> {
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests;
