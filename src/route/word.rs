//! Pure. One word of a matcher: exact, a glob with `*` and `?`, or a regex between slashes.

use regex::{Regex, RegexBuilder};

/// The most memory of a built regex, in bytes.
const LARGEST: usize = 512 << 10;

/// A compiled word.
#[derive(Clone, Debug)]
pub(in crate::route) enum Word {
    /// In folded letters. A regex would take a thousand times the memory.
    Glob(Vec<char>),
    Regex(Regex),
}

impl Word {
    /// Whether the text is between slashes.
    pub(in crate::route) fn is_regex(text: &str) -> bool {
        between_slashes(text).is_some()
    }

    /// Exact words and globs match the whole text and ignore case. Brackets are plain characters
    /// in them, because names of apps contain them. A regex matches anywhere and respects case.
    pub(in crate::route) fn compile(text: &str) -> Result<Self, String> {
        let Some(pattern) = between_slashes(text) else {
            return Ok(Self::Glob(text.chars().map(folded).collect()));
        };
        let regex = RegexBuilder::new(pattern).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
        regex.map(Self::Regex).map_err(|error| reason(&error))
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

/// One letter for all its cases: `k` also for the Kelvin sign, one sigma for both lower-case ones.
fn folded(c: char) -> char {
    let upper = only(c.to_uppercase()).unwrap_or(c);
    only(upper.to_lowercase()).unwrap_or(upper)
}

fn only(mut cases: impl Iterator<Item = char>) -> Option<char> {
    let first = cases.next();
    if cases.next().is_none() { first } else { None }
}

/// `*` matches any characters, `?` one. Only the last `*` is backtracked, so that the time is
/// bounded by the product of the lengths.
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

/// The reason is the last line of a regex error; the lines before it mark the place.
fn reason(error: &regex::Error) -> String {
    if let regex::Error::CompiledTooBig(_) = error {
        return "it takes more than 512 KiB when it is built".to_owned();
    }
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests;
