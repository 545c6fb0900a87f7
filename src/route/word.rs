//! Pure. One word of a matcher: exact, a glob with `*` and `?`, or a regex between slashes.

use regex::{Regex, RegexBuilder};

/// What a regex may take when it is built, in bytes.
const LARGEST: usize = 512 << 10;

/// A word that was compiled.
#[derive(Clone, Debug)]
pub(in crate::route) enum Word {
    /// In folded letters. A regex of it would take a thousand times the memory.
    Glob(Vec<char>),
    Regex(Regex),
}

impl Word {
    /// Whether it stands between slashes.
    pub(in crate::route) fn is_regex(text: &str) -> bool {
        between_slashes(text).is_some()
    }

    /// Exact words and globs match the whole text and ignore case. Brackets are plain letters in
    /// them, because names of apps have them. A regex means what it says.
    pub(in crate::route) fn compile(text: &str) -> Result<Self, String> {
        let Some(pattern) = between_slashes(text) else {
            return Ok(Self::Glob(text.chars().map(folded).collect()));
        };
        let regex = RegexBuilder::new(pattern).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
        regex.map(Self::Regex).map_err(|error| why(&error))
    }

    pub(in crate::route) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Glob(glob) => {
                is_glob_match(glob, &text.chars().map(folded).collect::<Vec<char>>())
            }
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

fn between_slashes(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

/// The letter that stands for all its cases: `k` also for the Kelvin sign, one sigma for both
/// small ones.
fn folded(c: char) -> char {
    let upper = only(c.to_uppercase()).unwrap_or(c);
    only(upper.to_lowercase()).unwrap_or(upper)
}

fn only(mut cases: impl Iterator<Item = char>) -> Option<char> {
    let first = cases.next();
    if cases.next().is_none() { first } else { None }
}

/// `*` stands for any letters, `?` for one. Only the last `*` is ever tried again, so that the
/// time is bounded by the product of the lengths.
fn is_glob_match(glob: &[char], text: &[char]) -> bool {
    let (mut g, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (g, t) = (g + 1, t + 1),
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (g, t) = (at + 1, from + 1);
            }
        }
    }
    glob[g..].iter().all(|c| *c == '*')
}

/// The last line of a regex error is the reason; those before it draw the place.
fn why(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(_) = error {
        return "it takes more than 512 KiB when it is built".to_owned();
    }
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests;
