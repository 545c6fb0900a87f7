//! Pure. A TOML file that a person wrote, and the places in it.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::Problem;
use crate::redact::hosts_only;

/// The text of a file and the name it goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Path as the person would type it.
    pub file: String,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
}

impl Written {
    /// Takes a file's text; Notepad's byte order mark is dropped.
    pub fn new(file: impl Into<String>, text: &str) -> Self {
        Self { file: file.into(), text: text.trim_start_matches('\u{feff}').into() }
    }

    /// A problem at some bytes of the text. URLs in it are covered beyond their host.
    pub fn problem(&self, span: Range<usize>, message: &str, hint: Option<String>) -> Problem {
        let (text, span) = hosts_only(&self.text, span);
        let (message, _) = hosts_only(message, 0..0);
        Problem { file: self.file.clone(), text: text.into(), span, message, hint }
    }

    /// A problem at the value that a path leads to: keys, and numbers for places in a list.
    pub fn problem_at(&self, path: &[&str], message: &str, hint: &str) -> Problem {
        self.problem(self.place(path), message, Some(hint.to_owned()))
    }

    /// The bytes of the value that a path leads to, or of the last part of the way that exists.
    pub fn place(&self, path: &[&str]) -> Range<usize> {
        let (table, _) = DeTable::parse_recoverable(&self.text);
        let root = Spanned::new(0..0, DeValue::Table(table.into_inner()));
        let mut here = &root;
        for step in path {
            match inside(here.get_ref(), step) {
                Some(next) => here = next,
                None => break,
            }
        }
        here.span()
    }
}

fn inside<'a, 'i>(value: &'a DeValue<'i>, step: &str) -> Option<&'a Spanned<DeValue<'i>>> {
    match value {
        DeValue::Table(table) => table.get(step),
        // A single word may stand where a list may stand: its first place is the word itself.
        DeValue::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}
