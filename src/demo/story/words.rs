//! Pure. Cuts a line of a story into words; a quoted text is one word, `\n` in it a line end.

use std::borrow::Cow;
use std::ops::Range;

/// A word and where it stands in the whole text.
#[derive(Debug)]
pub(in crate::demo) struct Word<'t> {
    pub text: Cow<'t, str>,
    pub span: Range<usize>,
}

/// The words of `line`, which begins at `start`. Fails with the place of a quote left open.
pub(in crate::demo) fn words(line: &str, start: usize) -> Result<Vec<Word<'_>>, Range<usize>> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        at += line[at..].len() - line[at..].trim_start().len();
        let rest = &line[at..];
        if rest.is_empty() || rest.starts_with('#') {
            return Ok(words);
        }
        let (word, len) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = quoted.find('"').ok_or(start + at..start + at + rest.trim_end().len())?;
                (Cow::Owned(quoted[..end].replace("\\n", "\n")), end + 2)
            }
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), end)
            }
        };
        words.push(Word { text: word, span: start + at..start + at + len });
        at += len;
    }
}
