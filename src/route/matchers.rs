//! Pure. The matchers of a silence, a maintenance window or an escalation: as in a route's `match`.

use std::collections::BTreeMap;

use crate::command::MatcherFault;
use crate::config::MatchKey;
use crate::detection::Kind;
use crate::incident::Notice;
use crate::route::matcher::{Matcher, RefusedWord};
use crate::route::word::Word;

/// The kinds of notices that end a problem.
const ENDS: [Kind; 2] = [Kind::ReloadRecovered, Kind::ServiceStarted];
/// The most regexes of one set of matchers, since each takes memory.
const REGEXES: usize = 20;

/// Matches a notice that each of its keys matches.
#[derive(Clone, Debug, Default)]
pub struct Matchers {
    all: Vec<Matcher>,
    names_security: bool,
    /// Its kinds are only those of notices that end a problem.
    is_of_ends: bool,
}

/// A key or word that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedMatcher {
    pub key: String,
    /// The place of the word in its list; `None` if the key itself is unknown.
    pub place: Option<usize>,
    pub fault: MatcherFault,
}

impl Matchers {
    /// Compiles the words for each key; keys without words are ignored. Returns the keys and words
    /// that cannot be used, in the order of the keys, if there are any.
    pub fn compile(words: &BTreeMap<String, Vec<String>>) -> Result<Self, Vec<RefusedMatcher>> {
        let (mut compiled, mut all_refused) = (Self::default(), Vec::new());
        let mut regexes = REGEXES;
        for (key, words) in words.iter().filter(|(_, words)| !words.is_empty()) {
            let Some(known) = MatchKey::of(key) else {
                all_refused.push(RefusedMatcher {
                    key: key.clone(),
                    place: None,
                    fault: MatcherFault::Key {
                        known: MatchKey::ALL.map(|key| key.name().to_owned()).to_vec(),
                    },
                });
                continue;
            };
            let (matcher, refused) = Matcher::compile(known, words, &mut regexes);
            let refused = refused.into_iter().map(|RefusedWord { place, fault, .. }| {
                RefusedMatcher { key: key.clone(), place: Some(place), fault }
            });
            all_refused.extend(refused);
            if known == MatchKey::Kind {
                compiled.names_security = matcher.words().iter().any(is_of_security);
                let is_any_problem = |word| !matches_only(word, &ENDS);
                compiled.is_of_ends = !matcher.words().iter().any(is_any_problem);
            }
            compiled.all.push(matcher);
        }
        if all_refused.is_empty() { Ok(compiled) } else { Err(all_refused) }
    }

    /// Refuses kinds that only end a problem: nothing holds those back or escalates them.
    pub fn check_kinds(&self) -> Result<(), RefusedMatcher> {
        if !self.is_of_ends {
            return Ok(());
        }
        let (key, place) = (MatchKey::Kind.name().to_owned(), None);
        Err(RefusedMatcher { key, place, fault: MatcherFault::Ends })
    }

    /// Whether there are no matchers, so that everything would match.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn matches(&self, notice: &Notice) -> bool {
        self.all.iter().all(|matcher| matcher.matches(notice))
    }

    /// Like [`Self::matches`], but a security incident only if its kind is named.
    pub fn may_hide(&self, notice: &Notice) -> bool {
        (notice.kind != Kind::Security || self.names_security) && self.matches(notice)
    }
}

/// Whether a word names security incidents: it matches no other kind.
fn is_of_security(word: &Word) -> bool {
    matches_only(word, &[Kind::Security])
}

fn matches_only(word: &Word, kinds: &[Kind]) -> bool {
    let mut matched = Kind::ALL.iter().filter(|kind| word.matches(kind.name())).peekable();
    matched.peek().is_some() && matched.all(|kind| kinds.contains(kind))
}
