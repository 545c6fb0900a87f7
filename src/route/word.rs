//! Pure. One word of a matcher: exact, a glob with `*` and `?`, or a regex between slashes.

use regex::{Regex, RegexBuilder};

/// The most memory of a built regex, in bytes.
const LARGEST: usize = 512 << 10;

/// A compiled word.
#[derive(Clone, Debug)]
pub enum Word {
    /// With case folded. A regex would use a thousand times the memory.
    Glob(Vec<char>),
    Regex(Regex),
}

impl Word {
    /// Whether the text is between slashes.
    pub(crate) fn is_regex(text: &str) -> bool {
        between_slashes(text).is_some()
    }

    /// Exact words and globs match the whole text and ignore case. Brackets are plain characters
    /// in them, because names of apps contain them. A regex matches anywhere and respects case.
    pub fn compile(text: &str) -> Result<Self, String> {
        let Some(pattern) = between_slashes(text) else {
            return Ok(Self::Glob(text.chars().map(folded).collect()));
        };
        let regex = RegexBuilder::new(pattern).size_limit(LARGEST).dfa_size_limit(LARGEST).build();
        regex.map(Self::Regex).map_err(|error| reason(&error))
    }

    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Glob(glob) => {
                let text: Vec<char> = text.chars().map(folded).collect();
                is_glob_match(glob, &text, |c, t| c == '?' || c == t)
            }
            Self::Regex(regex) => regex.is_match(text),
        }
    }

    /// Whether every text that the other matches is certain to match this one, too.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            // A `*` of the other stands for texts of any length, which only a `*` matches.
            (Self::Glob(mine), Self::Glob(other)) => {
                is_glob_match(mine, other, |c, t| (c == '?' && t != '*') || c == t)
            }
            (Self::Glob(mine), Self::Regex(_)) => {
                mine.iter().all(|c| *c == '*') && !mine.is_empty()
            }
            (Self::Regex(mine), Self::Regex(other)) => mine.as_str() == other.as_str(),
            // A glob ignores case, a regex does not.
            (Self::Regex(_), Self::Glob(_)) => false,
        }
    }

    /// Whether it is certain that no text matches both: the other is a single text that this glob
    /// does not match.
    pub(crate) fn excludes(&self, other: &Self) -> bool {
        let (Self::Glob(_), Self::Glob(text)) = (self, other) else { return false };
        let is_text = !text.iter().any(|c| matches!(c, '*' | '?'));
        is_text && !self.covers(other)
    }
}

fn between_slashes(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.strip_suffix('/')
}

/// One letter for all its case variants: `k` also for the Kelvin sign, one sigma for both
/// lower-case ones.
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
fn is_glob_match(glob: &[char], text: &[char], is_same: impl Fn(char, char) -> bool) -> bool {
    let (mut g, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match glob.get(g) {
            Some('*') => {
                star = Some((g, t));
                g += 1;
            }
            Some(c) if is_same(*c, text[t]) => (g, t) = (g + 1, t + 1),
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
