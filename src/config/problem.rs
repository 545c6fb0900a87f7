//! Pure. A problem in a hand-written file.

use std::ops::Range;
use std::sync::Arc;

use crate::config::Written;

named! {
    /// What kind of mistake a problem is. The names are part of the state and of fingerprints.
    pub enum ProblemKind {
        /// The file or folder cannot be read.
        Unreadable => "unreadable",
        /// It is not TOML or JSON.
        Syntax => "syntax",
        UnknownKey => "unknown-key",
        /// A key or value that is required is missing.
        Missing => "missing",
        /// A name that stands for nothing: a channel, a pattern, a folder.
        UnknownName => "unknown-name",
        Regex => "regex",
        /// Any other value that is not valid.
        Invalid => "invalid",
    }
}

/// A problem in a hand-written file: configuration, pattern or template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path as the user would type it, or `built in: patterns/reload.toml`.
    pub file: String,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// The byte range of the faulty text.
    pub span: Range<usize>,
    pub kind: ProblemKind,
    /// The problem itself, for the terminal and the log: lower case, no full stop.
    pub message: String,
    /// The next step.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem outside any file: in an option or an environment variable.
    pub fn elsewhere(place: &str, message: &str, hint: &str) -> Self {
        let hint = Some(hint.to_owned());
        Written::new(place, "").problem(0..0, message, hint)
    }

    /// The same problem, of this kind.
    #[must_use]
    pub fn of_kind(self, kind: ProblemKind) -> Self {
        Self { kind, ..self }
    }

    /// `file:line:column`, or only `file` if there is no text.
    pub fn place(&self) -> String {
        if self.text.is_empty() {
            return self.file.clone();
        }
        format!("{}:{}:{}", self.file, self.line(), self.column())
    }

    /// Line, counted from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// Column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().unwrap_or_default().chars().count() + 1
    }

    /// The key that its line begins with. Never the value, which may be a secret.
    pub fn key(&self) -> Option<&str> {
        /// The longest key of a file has half of that.
        const MOST: usize = 40;
        let begin = self.before().rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[begin..].lines().next()?;
        let (key, _) = line.split_once([':', '='])?;
        let key = key.trim().trim_matches('"');
        let is_of_key = |c: char| c.is_ascii_alphanumeric() || "$-_.".contains(c);
        (!key.is_empty() && key.len() <= MOST && key.chars().all(is_of_key)).then_some(key)
    }

    fn before(&self) -> &str {
        let mut end = self.span.start.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        &self.text[..end]
    }
}

#[cfg(test)]
mod tests;
