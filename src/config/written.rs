//! Pure. A TOML file that a person wrote, and the places in it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::Problem;
use crate::config::worded::{Mistake, plain};
use crate::redact::HostsOnly;

/// The text of a file and the name it goes by.
#[derive(Clone, Debug)]
pub struct Written {
    /// Path as the person would type it.
    pub file: String,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    /// Made for the first problem and kept for all others: a file may have very many.
    shown: Arc<OnceLock<Shown>>,
}

/// What problems show of a text.
#[derive(Debug)]
struct Shown {
    /// The text with its URLs cut to their hosts.
    text: Arc<str>,
    hosts: HostsOnly,
    root: Location,
}

/// Where a value stands, and what is inside of it: by key, or by its place in a list.
#[derive(Debug)]
struct Location {
    span: Range<usize>,
    inside: BTreeMap<String, Location>,
}

impl Location {
    fn of(value: &DeValue<'_>, span: Range<usize>) -> Self {
        let of = |value: &Spanned<DeValue<'_>>| Self::of(value.get_ref(), value.span());
        let inside = match value {
            DeValue::Table(table) => {
                table.iter().map(|(key, value)| (key.get_ref().to_string(), of(value))).collect()
            }
            // A single word may stand where a list may stand: its first place is the word itself.
            DeValue::Array(list) => {
                list.iter().enumerate().map(|(at, value)| (at.to_string(), of(value))).collect()
            }
            _ => BTreeMap::new(),
        };
        Self { span, inside }
    }
}

impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        (&self.file, &self.text) == (&other.file, &other.text)
    }
}

impl Eq for Written {}

impl Written {
    /// Takes a file's text; Notepad's byte order mark is dropped.
    pub fn new(file: impl Into<String>, text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').into();
        Self { file: file.into(), text, shown: Arc::default() }
    }

    fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| {
            let (table, _) = DeTable::parse_recoverable(&self.text);
            let root = Location::of(&DeValue::Table(table.into_inner()), 0..0);
            let mut hosts = HostsOnly::of(&self.text);
            Shown { text: std::mem::take(&mut hosts.text).into(), hosts, root }
        })
    }

    /// A problem at some bytes of the text. Of its URLs only the hosts are shown.
    pub fn problem(&self, span: Range<usize>, message: &str, hint: Option<String>) -> Problem {
        let shown = self.shown();
        Problem {
            file: self.file.clone(),
            text: Arc::clone(&shown.text),
            span: shown.hosts.place(&span),
            message: HostsOnly::of(&plain(message)).text,
            hint: hint.map(|hint| HostsOnly::of(&hint).text),
        }
    }

    /// The same for what a parser found.
    pub fn mistake(&self, mistake: Mistake) -> Problem {
        self.problem(mistake.span, &mistake.message, Some(mistake.hint))
    }

    /// A problem at the value that a path leads to: keys, and numbers for places in a list.
    pub fn problem_at(&self, path: &[&str], message: &str, hint: &str) -> Problem {
        self.problem(self.place(path), message, Some(hint.to_owned()))
    }

    /// The bytes of the value that a path leads to, or of the last part of the way that exists.
    pub fn place(&self, path: &[&str]) -> Range<usize> {
        let mut here = &self.shown().root;
        for step in path {
            match here.inside.get(*step) {
                Some(next) => here = next,
                None => break,
            }
        }
        here.span.clone()
    }
}
