//! Pure. Splits a line of a story into words; a quoted text is one word, with `\n` as line end.

use std::borrow::Cow;
use std::ops::Range;

/// A word and its place in the whole text.
#[derive(Debug)]
pub(crate) struct StoryWord<'t> {
    pub text: Cow<'t, str>,
    pub span: Range<usize>,
}

/// The words of `line`, which begins at `start`. Fails with the place of an unclosed quote.
pub(crate) fn words(line: &str, start: usize) -> Result<Vec<StoryWord<'_>>, Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        at += line[at..].len() - line[at..].trim_start().len();
        let rest = &line[at..];
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(words);
        }
        let (text, len) = word(rest).ok_or(start + at..start + line.trim_end().len())?;
        words.push(StoryWord { text, span: start + at..start + at + len });
        at += len;
    }
}

/// The first word and its length in bytes; `None` if its quote is not closed.
fn word(rest: &str) -> Option<(Cow<'_, str>, usize)> {
    if let Some(quoted) = rest.strip_prefix('"') {
        let end = quoted.find('"')?;
        return Some((Cow::Owned(quoted[..end].replace("\\n", "\n")), end + 2));
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    Some((Cow::Borrowed(&rest[..end]), end))
}
