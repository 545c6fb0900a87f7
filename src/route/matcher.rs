//! Pure. One key of a route's `match`: the value of a notice that it tests, and the words it
//! accepts.

use serde::Serialize;

use crate::command::MatcherFault;
use crate::config::limits::PROBLEMS;
use crate::config::nearest;
use crate::detection::{Kind, Severity};
use crate::incident::Notice;
use crate::route::word::Word;
use crate::route::worded::matcher_fault;

/// Kinds whose cards have a fixed channel, so that routes do not apply.
const UNROUTED: [Kind; 3] = [Kind::Heartbeat, Kind::Digest, Kind::Test];

/// Matches if any of the words matches the value of the key.
#[derive(Clone, Debug)]
pub(crate) struct Matcher {
    key: &'static str,
    words: Vec<Word>,
    /// The words as they were written.
    texts: Vec<String>,
}

/// The values that routes match: those of a notice, or values that a person enters.
pub enum Values<'a> {
    Notice(&'a Notice),
    Given(&'a [(&'static str, String)]),
}

impl<'a> Values<'a> {
    pub fn of(notice: &'a Notice) -> Self {
        Self::Notice(notice)
    }

    /// The values of one key; none if it is unknown.
    pub(crate) fn of_key(&self, key: &str) -> Vec<String> {
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
pub(crate) struct Refused {
    /// Its place in the list.
    pub(crate) place: usize,
    pub(crate) fault: MatcherFault,
    /// The word has no effect: the route stays, without it.
    pub(crate) is_idle: bool,
}

impl Matcher {
    /// `regexes`: the number of regexes that are still allowed.
    pub(crate) fn compile(
        key: &'static str,
        texts: &[String],
        regexes: &mut usize,
    ) -> (Self, Vec<Refused>) {
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
                    let is_idle = key == "kind" && is_unrouted(text);
                    refused.push(Refused { place, fault, is_idle });
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

    pub(crate) fn key(&self) -> &'static str {
        self.key
    }

    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }

    pub(crate) fn texts(&self) -> &[String] {
        &self.texts
    }
}

fn compile(key: &str, text: &str, regexes: &mut usize) -> Result<Word, MatcherFault> {
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
fn unknown(key: &str, text: &str, known: &[String]) -> MatcherFault {
    let word = text.to_owned();
    if key == "kind" && is_unrouted(text) {
        return MatcherFault::Unrouted { word };
    }
    let near = nearest(text, known.iter().map(String::as_str)).map(str::to_owned);
    let known = if near.is_some() { Vec::new() } else { known.to_vec() };
    MatcherFault::Word { word, near, known }
}

/// Message and hint if no notice can have this value.
pub fn unknown_value(key: &str, value: &str) -> Option<(String, String)> {
    let known = names(key);
    let is_known = known.is_empty() || known.iter().any(|name| name == value);
    (!is_known).then(|| matcher_fault(&unknown(key, value, &known), key))
}

/// Whether a word matches a kind to which routes do not apply.
fn is_unrouted(text: &str) -> bool {
    let word = Word::compile(text);
    word.is_ok_and(|word| UNROUTED.iter().any(|kind| word.matches(kind.name())))
}

/// The possible values of a key, if they are a closed set.
pub(crate) fn names(key: &str) -> Vec<String> {
    match key {
        "kind" => Kind::ALL.iter().filter(|kind| !UNROUTED.contains(kind)).map(name).collect(),
        "severity" => Severity::ALL.iter().map(name).collect(),
        _ => Vec::new(),
    }
}

/// The name of a kind or a severity in files and on cards.
pub(crate) fn name(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

fn values_of(key: &str, notice: &Notice) -> Vec<String> {
    let facts = &notice.facts;
    let known: [Option<&str>; 2] = match key {
        "kind" => return vec![name(&notice.kind)],
        "severity" => return vec![name(&notice.severity)],
        "pattern" => return vec![notice.pattern.to_string()],
        "environment" => [notice.environment.as_deref(), None],
        "app" => [facts.app_name.as_deref(), facts.app_id.as_deref()],
        "task" => [facts.task_name.as_deref(), facts.task_id.as_deref()],
        "node" => [facts.host.as_deref(), None],
        "user" => [facts.user.as_deref(), None],
        "stream" if facts.stream.is_some() => [facts.stream.as_deref(), None],
        "tenant" => [facts.tenant.as_deref(), None],
        "space" if facts.space.is_some() => [facts.space.as_deref(), None],
        "tag" if !facts.tags.is_empty() => return facts.tags.clone(),
        "error-class" => return notice.error_class().map(str::to_owned).into_iter().collect(),
        "connection" => return notice.connection().map(str::to_owned).into_iter().collect(),
        other => return facts.captures.get(other).map(str::to_owned).into_iter().collect(),
    };
    known.into_iter().flatten().map(str::to_owned).collect()
}
