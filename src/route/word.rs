//! Pure. One word of a matcher: exact, a glob with `*` and `?`, or a regex between slashes.

use regex::{Regex, RegexBuilder};

/// A word that was compiled.
#[derive(Clone, Debug)]
pub(in crate::route) struct Word(Regex);

impl Word {
    /// Exact words and globs match the whole text and ignore case. Brackets are plain letters in
    /// them, because names of apps have them. A regex means what it says.
    pub(in crate::route) fn compile(text: &str) -> Result<Self, String> {
        let between_slashes = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let pattern = between_slashes.map_or_else(|| whole(text), str::to_owned);
        RegexBuilder::new(&pattern)
            .case_insensitive(between_slashes.is_none())
            .build()
            .map(Self)
            .map_err(|error| why(&error))
    }

    pub(in crate::route) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

fn whole(glob: &str) -> String {
    let body: String = glob
        .chars()
        .map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            other => regex::escape(other.encode_utf8(&mut [0; 4])),
        })
        .collect();
    format!("(?s)^(?:{body})$")
}

/// The last line of a regex error is the reason; those before it draw the place.
fn why(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}
