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
}

impl MatcherFault {
    /// Message and hint, for the key with the fault.
    pub fn worded(&self, key: &str) -> (String, String) {
        let (message, hint) = match self {
            Self::Key { known } => {
                return (format!("unknown key `{key}`"), format!("known: {}", known.join(", ")));
            }
            Self::Regex { word, why } => {
                let hint = "text between slashes is a regex; without them it is a plain word";
                return (format!("`{word}` is not a valid regex: {why}"), hint.to_owned());
            }
            Self::Unrouted { word } => {
                let hint = "a heartbeat goes to every channel, a digest to the channel of its \
                            cards, the test card to the channel that `footman test-send` names; \
                            remove the word";
                return (format!("routes do not apply to the kind `{word}`"), hint.to_owned());
            }
            Self::Word { word, near, known } => {
                let hint = near.as_ref().map_or_else(
                    || format!("known: {}", known.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                return (format!("unknown {key} `{word}`"), hint);
            }
            Self::TooManyRegexes => (
                "the routes have too many regexes together",
                "write globs with `*` and `?`, or one regex for many",
            ),
            Self::Empty => {
                ("an empty word matches nothing", "remove the word, or write `*` for any value")
            }
            Self::Ends => (
                "only the ends of problems are of this kind",
                "name the kind of the problem itself, such as `reload-failed`",
            ),
        };
        (message.to_owned(), hint.to_owned())
    }
}
