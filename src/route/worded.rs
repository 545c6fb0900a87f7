//! Pure. What is wrong with a matcher, in English, as in problems of the configuration.

use crate::command::MatcherFault;

/// Message and hint, for the key with the fault.
pub fn matcher_fault(fault: &MatcherFault, key: &str) -> (String, String) {
    let (message, hint) = match fault {
        MatcherFault::Key { known } => {
            return (format!("unknown key `{key}`"), format!("known: {}", known.join(", ")));
        }
        MatcherFault::Regex { word, why } => {
            let hint = "text between slashes is a regex; without them it is a plain word";
            return (format!("`{word}` is not a valid regex: {why}"), hint.to_owned());
        }
        MatcherFault::Unrouted { word } => {
            let hint = "a heartbeat goes to every channel, a digest to the channel of its \
                        cards, the test card to the channel that `footman test-send` names; \
                        remove the word";
            return (format!("routes do not apply to the kind `{word}`"), hint.to_owned());
        }
        MatcherFault::Word { word, near, known } => {
            let hint = near.as_ref().map_or_else(
                || format!("known: {}", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return (format!("unknown {key} `{word}`"), hint);
        }
        MatcherFault::Worded { message, hint } => return (message.clone(), hint.clone()),
        MatcherFault::TooManyRegexes => (
            "the routes have too many regexes together",
            "write globs with `*` and `?`, or one regex for many",
        ),
        MatcherFault::Empty => {
            ("an empty word matches nothing", "remove the word, or write `*` for any value")
        }
        MatcherFault::Ends => (
            "only the ends of problems are of this kind",
            "name the kind of the problem itself, such as `reload-failed`",
        ),
    };
    (message.to_owned(), hint.to_owned())
}
