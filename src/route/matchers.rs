//! Pure. The matchers of a silence, a maintenance window or an escalation: as in a route's `match`.

use std::collections::BTreeMap;

use crate::detection::Kind;
use crate::incident::Notice;
use crate::route::matcher::{Matcher, name};

/// The most regexes of one set of matchers, since each takes memory.
const REGEXES: usize = 20;

/// Matches a notice that each of its keys matches.
#[derive(Clone, Debug, Default)]
pub struct Matchers {
    matchers: Vec<Matcher>,
    names_security: bool,
}

/// A key or word that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedMatcher {
    pub key: String,
    pub message: String,
    pub hint: String,
}

impl Matchers {
    /// What can be matched.
    pub const KEYS: [&str; 14] = [
        "kind",
        "severity",
        "app",
        "task",
        "stream",
        "tenant",
        "space",
        "tag",
        "node",
        "user",
        "pattern",
        "environment",
        "error-class",
        "connection",
    ];

    /// Compiles the words for each key; keys without words are ignored.
    pub fn compile(words: &BTreeMap<String, Vec<String>>) -> Result<Self, RefusedMatcher> {
        let mut compiled = Self::default();
        let mut regexes = REGEXES;
        for (key, words) in words.iter().filter(|(_, words)| !words.is_empty()) {
            let Some(known) = Self::KEYS.into_iter().find(|known| known == key) else {
                return Err(RefusedMatcher {
                    key: key.clone(),
                    message: format!("unknown key `{key}`"),
                    hint: format!("known: {}", Self::KEYS.join(", ")),
                });
            };
            let (matcher, mut refused) = Matcher::compile(known, words, &mut regexes);
            if let Some(refused) = refused.pop() {
                let (message, hint) = (refused.message, refused.hint);
                return Err(RefusedMatcher { key: key.clone(), message, hint });
            }
            let security = name(&Kind::Security);
            compiled.names_security |=
                known == "kind" && words.iter().any(|word| word.eq_ignore_ascii_case(&security));
            compiled.matchers.push(matcher);
        }
        Ok(compiled)
    }

    /// Whether there is nothing to match, so that everything would.
    pub fn is_empty(&self) -> bool {
        self.matchers.is_empty()
    }

    pub fn matches(&self, notice: &Notice) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches(notice))
    }

    /// Like [`Self::matches`], but a security incident only if its kind is named.
    pub fn may_hide(&self, notice: &Notice) -> bool {
        (notice.kind != Kind::Security || self.names_security) && self.matches(notice)
    }
}
