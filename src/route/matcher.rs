//! Pure. One key of a route's `match`: the value of a notice that it tests, and the words it
//! accepts.

use crate::command::MatcherFault;
use crate::config::limits::PROBLEMS;
use crate::config::{MatchKey, nearest};
use crate::detection::{Kind, Severity};
use crate::incident::Notice;
use crate::route::word::Word;
use crate::route::worded::matcher_fault;

/// Kinds whose cards have a fixed channel, so that routes do not apply.
const UNROUTED: [Kind; 3] = [Kind::Heartbeat, Kind::Digest, Kind::Test];

/// Matches if any of the words matches the value of the key.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    key: MatchKey,
    words: Vec<Word>,
    /// The words as they were written.
    texts: Vec<String>,
}

/// The values that routes match: those of a notice, or values that a person enters.
pub enum Values<'a> {
    Notice(&'a Notice),
    Given(&'a [(MatchKey, String)]),
}

impl<'a> Values<'a> {
    pub fn of(notice: &'a Notice) -> Self {
        Self::Notice(notice)
    }

    /// The values of one key; none if it is unknown.
    pub(crate) fn of_key(&self, key: MatchKey) -> Vec<String> {
        match self {
            Self::Notice(notice) => values_of(key, notice),
            Self::Given(given) => {
                given.iter().filter(|(of, _)| *of == key).map(|(_, value)| value.clone()).collect()
            }
        }
    }
}

/// A word that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RefusedWord {
    /// Its place in the list.
    pub(crate) place: usize,
    pub(crate) fault: MatcherFault,
    /// The word has no effect: the route stays, without it.
    pub(crate) is_idle: bool,
}

impl Matcher {
    /// `regexes`: the number of regexes that are still allowed.
    pub(crate) fn compile(
        key: MatchKey,
        texts: &[String],
        regexes: &mut usize,
    ) -> (Self, Vec<RefusedWord>) {
        let mut words = Vec::new();
        let mut used = Vec::new();
        let mut refused = Vec::new();
        for (place, text) in texts.iter().enumerate() {
            match compile(key, text, regexes) {
                Ok(word) => {
                    words.push(word);
                    used.push(text.clone());
                }
                Err(fault) => {
                    let is_idle = key == MatchKey::Kind && is_unrouted(text);
                    refused.push(RefusedWord { place, fault, is_idle });
                }
            }
            if refused.len() >= PROBLEMS {
                break;
            }
        }
        (Self { key, words, texts: used }, refused)
    }

    pub(crate) fn matches(&self, notice: &Notice) -> bool {
        self.accepts(&Values::of(notice))
    }

    pub(crate) fn accepts(&self, values: &Values<'_>) -> bool {
        values.of_key(self.key).iter().any(|value| self.accepts_value(value))
    }

    pub(crate) fn accepts_value(&self, value: &str) -> bool {
        self.words.iter().any(|word| word.matches(value))
    }

    pub(crate) fn key(&self) -> MatchKey {
        self.key
    }

    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }
}

fn compile(key: MatchKey, text: &str, regexes: &mut usize) -> Result<Word, MatcherFault> {
    if Word::is_regex(text) {
        let Some(left) = regexes.checked_sub(1) else {
            return Err(MatcherFault::TooManyRegexes);
        };
        *regexes = left;
    }
    if text.trim().is_empty() {
        return Err(MatcherFault::Empty);
    }
    let refused = |why| MatcherFault::Regex { word: text.to_owned(), why };
    let word = Word::compile(text).map_err(refused)?;
    let known = names(key);
    if known.is_empty() || known.iter().any(|name| word.matches(name)) {
        return Ok(word);
    }
    Err(unknown(key, text, &known))
}

/// The problem of a word that is not in its closed set.
fn unknown(key: MatchKey, text: &str, known: &[&str]) -> MatcherFault {
    let word = text.to_owned();
    if key == MatchKey::Kind && is_unrouted(text) {
        return MatcherFault::Unrouted { word };
    }
    let near = nearest(text, known.iter().copied()).map(str::to_owned);
    let known = if near.is_some() {
        Vec::new()
    } else {
        known.iter().map(|&name| name.to_owned()).collect()
    };
    MatcherFault::Word { word, near, known }
}

/// Message and hint if no notice can have this value.
pub fn unknown_value(key: MatchKey, value: &str) -> Option<(String, String)> {
    let known = names(key);
    let is_known = known.is_empty() || known.contains(&value);
    (!is_known).then(|| matcher_fault(&unknown(key, value, &known), key.name()))
}

/// Whether a word matches a kind to which routes do not apply.
fn is_unrouted(text: &str) -> bool {
    let word = Word::compile(text);
    word.is_ok_and(|word| UNROUTED.iter().any(|kind| word.matches(kind.name())))
}

/// The possible values of a key, if they are a closed set.
pub(crate) fn names(key: MatchKey) -> Vec<&'static str> {
    match key {
        MatchKey::Kind => {
            let routed = Kind::ALL.into_iter().filter(|kind| !UNROUTED.contains(kind));
            routed.map(Kind::name).collect()
        }
        MatchKey::Severity => Severity::ALL.map(Severity::name).to_vec(),
        _ => Vec::new(),
    }
}

fn values_of(key: MatchKey, notice: &Notice) -> Vec<String> {
    let facts = &notice.facts;
    // A pattern may capture what the facts do not have.
    let captured = || facts.captures.get(key.name());
    let known: [Option<&str>; 2] = match key {
        MatchKey::Kind => [Some(notice.kind.name()), None],
        MatchKey::Severity => [Some(notice.severity.name()), None],
        MatchKey::Pattern => [Some(&notice.pattern), None],
        MatchKey::Environment => [notice.environment.as_deref(), None],
        MatchKey::App => [facts.app_name.as_deref(), facts.app_id.as_deref()],
        MatchKey::Task => [facts.task_name.as_deref(), facts.task_id.as_deref()],
        MatchKey::Node => [facts.host.as_deref(), None],
        MatchKey::User => [facts.user.as_deref(), None],
        MatchKey::Stream => [facts.stream.as_deref().or_else(captured), None],
        MatchKey::Tenant => [facts.tenant.as_deref(), None],
        MatchKey::Space => [facts.space.as_deref().or_else(captured), None],
        MatchKey::Tag if !facts.tags.is_empty() => return facts.tags.clone(),
        MatchKey::Tag => [captured(), None],
        MatchKey::ErrorClass => [notice.error_class(), None],
        MatchKey::Connection => [notice.connection(), None],
    };
    known.into_iter().flatten().map(str::to_owned).collect()
}
