//! Pure. The lines of a script log that fit on a card.

use serde::Serialize;

use crate::detection::Excerpt;
use crate::render::clean;
use crate::render::fit::Room;

/// One line of the excerpt, as templates see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    /// Its number in the script log, if known.
    pub(crate) number: Option<u64>,
    pub(crate) text: String,
    pub(crate) marked: bool,
}

/// The lines that fit, up to one line after the last marked one.
pub(crate) fn cut(excerpt: &Excerpt, room: Room) -> Vec<Line> {
    let lines = &excerpt.lines;
    let last_marked = lines.iter().rposition(|line| line.marked).unwrap_or(lines.len());
    let end = lines.len().min((last_marked + 2).max(room.lines));
    let start = end.saturating_sub(room.lines);
    let number = |i: usize| excerpt.first_line.map(|first| first.saturating_add(i as u64));
    (start..end)
        .map(|i| Line {
            number: number(i),
            text: clean::log_line(&lines[i].text, room.width),
            marked: lines[i].marked,
        })
        .collect()
}

/// The lines as one text; `None` if there are none.
pub(crate) fn plain(lines: &[Line]) -> Option<String> {
    join(lines.iter().map(|line| line.text.clone()))
}

/// The lines as one text, with an arrow before marked ones, since code blocks cannot highlight.
pub(crate) fn marked(lines: &[Line]) -> Option<String> {
    join(lines.iter().map(|line| format!("{} {}", if line.marked { '►' } else { ' ' }, line.text)))
}

fn join(lines: impl Iterator<Item = String>) -> Option<String> {
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests;
