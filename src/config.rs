//! I/O. What the operator wrote, checked and explained with file, line and column.

use std::ops::Range;
use std::sync::Arc;

/// Something wrong in a file that a person wrote: configuration, pattern, template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path as the person would type it, or `built in: patterns/reload.toml`.
    pub file: String,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// The bytes that are wrong.
    pub span: Range<usize>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl Problem {
    /// Line, counted from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// Column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    fn before(&self) -> &str {
        let mut end = self.span.start.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        &self.text[..end]
    }
}
