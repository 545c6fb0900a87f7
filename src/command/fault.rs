//! Pure. Why a matcher of a silence, a route or a rule cannot be used.

use serde::{Deserialize, Serialize};

/// A problem of a key, or of one of its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatcherFault {
    /// There is no such key; holds the existing ones.
    Key { known: Vec<String> },
    /// There are more regexes than the memory limit allows.
    TooManyRegexes,
    /// The word is empty.
    Empty,
    /// The word is no valid regex.
    Regex { word: String, why: String },
    /// No route applies to this kind.
    Unrouted { word: String },
    /// The word is not in a closed set; holds the nearest member, or else all of them.
    Word { word: String, near: Option<String>, known: Vec<String> },
    /// Only the ends of problems are of these kinds.
    Ends,
    /// In the words of an earlier version.
    Worded { message: String, hint: String },
}

/// A matcher of a silence that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredMatcher")]
pub struct UnusableMatcher {
    pub key: String,
    pub fault: MatcherFault,
}

/// Earlier versions stored an English message and hint, at first without the fault.
#[derive(Deserialize)]
struct StoredMatcher {
    key: String,
    fault: Option<MatcherFault>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    hint: String,
}

impl From<StoredMatcher> for UnusableMatcher {
    fn from(stored: StoredMatcher) -> Self {
        let StoredMatcher { key, fault, message, hint } = stored;
        Self { key, fault: fault.unwrap_or(MatcherFault::Worded { message, hint }) }
    }
}
