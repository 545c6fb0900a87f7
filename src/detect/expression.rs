//! Pure. A regex that is checked when it is parsed and built on first use.
//!
//! Built regexes take most of the memory of patterns, and on a healthy node hardly any is used.

use std::fmt;
use std::sync::{Arc, OnceLock};

use regex::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};

/// The most memory of a built regex, in bytes.
const LARGEST: usize = 2 << 20;
/// The most memory of the states that a search creates, in bytes.
const SEARCH: usize = 512 << 10;
/// Below this weight, a regex is far smaller than `LARGEST`.
const HEAVY: usize = 4000;

/// A lazily built regex; clones share it.
#[derive(Clone, Debug)]
pub struct Expression(Arc<Lazy>);

#[derive(Debug)]
struct Lazy {
    text: String,
    has_names: bool,
    is_blank: bool,
    regex: OnceLock<Regex>,
}

impl Expression {
    /// Fails if the regex is invalid or would be too big.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        let regex = OnceLock::new();
        let parsed = regex_syntax::Parser::new().parse(text);
        let is_blank = text.trim().is_empty() || parsed.as_ref().is_ok_and(has_nothing);
        let names = match parsed {
            Ok(hir) if weight(&hir) < HEAVY => has_names(&hir),
            _ => {
                let built = build(text, LARGEST)?;
                let names = built.capture_names().flatten().next().is_some();
                regex.get_or_init(|| built);
                names
            }
        };
        Ok(Self(Arc::new(Lazy { text: text.to_owned(), has_names: names, is_blank, regex })))
    }

    /// The regex as written.
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// Whether any of its groups has a name.
    pub fn has_names(&self) -> bool {
        self.0.has_names
    }

    /// Whether it requires nothing, so that it matches in every text, such as `(?i)`.
    pub fn is_blank(&self) -> bool {
        self.0.is_blank
    }

    /// Whether the regex matches somewhere in this text.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex().is_match(text)
    }

    /// The named groups and their values in this text, if the regex matches.
    pub fn named<'a>(&self, text: &'a str) -> Vec<(&str, &'a str)> {
        let regex = self.regex();
        let found: Option<Captures<'a>> = regex.captures(text);
        let named = |name| Some((name, found.as_ref()?.name(name)?.as_str()));
        regex.capture_names().flatten().filter_map(named).collect()
    }

    fn regex(&self) -> &Regex {
        self.0.regex.get_or_init(|| {
            build(&self.0.text, usize::MAX)
                .expect("it was parsed before, and its size is not limited")
        })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn build(text: &str, largest: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(largest).dfa_size_limit(SEARCH).build()
}

/// The number of parts of the regex with repetitions written out.
fn weight(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len(),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1) as usize;
            weight(&repetition.sub).saturating_mul(times)
        }
        HirKind::Capture(capture) => weight(&capture.sub).saturating_add(2),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(weight).fold(1, usize::saturating_add)
        }
    }
}

/// Whether it matches the empty text only, wherever that is.
fn has_nothing(hir: &Hir) -> bool {
    hir.properties().maximum_len() == Some(0) && hir.properties().look_set().is_empty()
}

fn has_names(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => capture.name.is_some() || has_names(&capture.sub),
        HirKind::Repetition(repetition) => has_names(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(has_names),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
