//! Pure. A hand-written TOML file, and the places in it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::parse::parse;
use crate::config::worded::{Mistake, plain};
use crate::config::{Problem, ProblemKind};
use crate::redact::HostsOnly;

/// The text of a file, with its name.
#[derive(Clone, Debug)]
pub struct Written {
    /// Path as the user would type it.
    pub file: String,
    /// The text, without a byte order mark.
    pub text: Arc<str>,
    /// Computed for the first problem and shared by all others: a file may have many.
    shown: Arc<OnceLock<Readable>>,
}

/// The text as problems show it.
#[derive(Debug)]
struct Readable {
    /// The text with its URLs cut to their hosts.
    text: Arc<str>,
    hosts: HostsOnly,
    root: Location,
    /// The places of values in the file, for problems.
    refused: OnceLock<Vec<Range<usize>>>,
}

/// The byte range of a value, and its inner values by key or by list index.
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
            // A single word is allowed where a list is: index 0 is the word itself.
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

    fn shown(&self) -> &Readable {
        self.shown.get_or_init(|| {
            let (table, _) = DeTable::parse_recoverable(&self.text);
            let root = Location::of(&DeValue::Table(table.into_inner()), 0..0);
            let mut hosts = HostsOnly::of(&self.text);
            Readable {
                text: std::mem::take(&mut hosts.text).into(),
                hosts,
                root,
                refused: OnceLock::new(),
            }
        })
    }

    /// A problem at a byte range of the text. Its URLs are shortened to their hosts.
    pub fn problem(&self, span: Range<usize>, message: &str, hint: Option<String>) -> Problem {
        let shown = self.shown();
        Problem {
            file: self.file.clone(),
            text: Arc::clone(&shown.text),
            span: shown.hosts.place(&span),
            kind: ProblemKind::Invalid,
            message: HostsOnly::of(&plain(message)).text,
            hint: hint.map(|hint| HostsOnly::of(&hint).text),
        }
    }

    /// A mistake found by a parser, as a problem.
    pub fn mistake(&self, mistake: Mistake) -> Problem {
        self.problem(mistake.span, &mistake.message, Some(mistake.hint))
    }

    /// A problem at the value that a path of keys and list indexes leads to.
    pub fn problem_at(&self, path: &[impl AsRef<str>], message: &str, hint: &str) -> Problem {
        self.problem(self.place(path), message, Some(hint.to_owned()))
    }

    /// Whether there is a value at this path that could not be read, which is a problem already: its
    /// key is not missing.
    pub fn is_refused(&self, path: &[impl AsRef<str>]) -> bool {
        let mut here = &self.shown().root;
        for step in path {
            match here.inside.get(step.as_ref()) {
                Some(next) => here = next,
                None => return false,
            }
        }
        let place = self.shown().hosts.place(&here.span);
        let read = || parse(self).1.into_iter().map(|problem| problem.span).collect();
        let refused = self.shown().refused.get_or_init(read);
        refused.iter().any(|it| place.start <= it.start && it.end <= place.end)
    }

    /// The keys of the table at this path, also unknown ones.
    pub(crate) fn keys(&self, path: &[impl AsRef<str>]) -> Vec<String> {
        let mut here = &self.shown().root;
        for step in path {
            match here.inside.get(step.as_ref()) {
                Some(next) => here = next,
                None => return Vec::new(),
            }
        }
        here.inside.keys().cloned().collect()
    }

    /// The byte range of the value at this path, or of its nearest existing ancestor.
    pub fn place(&self, path: &[impl AsRef<str>]) -> Range<usize> {
        let mut here = &self.shown().root;
        for step in path {
            match here.inside.get(step.as_ref()) {
                Some(next) => here = next,
                None => break,
            }
        }
        here.span.clone()
    }
}
