//! Pure. Classifies names: `vDbPassword_prod` names a secret, `PasswordExpiry` and `Bypass` do not.

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use hashbrown::HashSet;
use memchr::memmem;

use crate::redact::lost::{self, LOST};
use crate::redact::{keys, words};

/// How certainly a name is that of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// `pin`: digits.
    Pin,
    /// `token`: the value decides.
    Weak,
    /// `password`.
    Strong,
    /// `Authorization`: a scheme may precede the value.
    Header,
    /// `Cookie`: pairs.
    Cookie,
}

/// The most bytes of a name.
const LONGEST: usize = 120;
/// The most parts of a name that form one word: `mot-de-passe`.
const JOINED: usize = 4;

/// The start and end of the name around a match.
pub(crate) fn around(text: &str, start: usize, end: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let left = text[..start].char_indices().rev().take(LONGEST).take_while(|(at, c)| {
        is_letter(*c) || (is_joint(*c) && *at > 0 && joins(text, *at, c.len_utf8()))
    });
    let mut from = left.last().map_or(start, |(at, _)| at);
    let right = text[end..].char_indices().take(LONGEST).take_while(|(at, c)| {
        is_letter(*c) || (is_joint(*c) && joins(text, end + at, c.len_utf8()))
    });
    let to = right.last().map_or(end, |(at, c)| end + at + c.len_utf8());
    // `%3Fsig` and `%26sig`: the two digits belong to the percent sign.
    if from > 0
        && bytes[from - 1] == b'%'
        && from + 2 <= start
        && bytes[from..from + 2].iter().all(u8::is_ascii_hexdigit)
    {
        from += 2;
    }
    // `\nPassword` and `\u0022password` in a string of code.
    if from > 0 && bytes[from - 1] == b'\\' {
        let escape = match bytes[from] {
            b'u' if bytes.len() > from + 5
                && bytes[from + 1..from + 5].iter().all(u8::is_ascii_hexdigit) =>
            {
                5
            }
            b'n' | b't' | b'r' => 1,
            _ => 0,
        };
        if from + escape <= start {
            from += escape;
        }
    }
    (from, to)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || c == '_'
        || c == LOST
        || (!c.is_ascii()
            && !is_unspaced(c)
            && (c.is_alphabetic() || ('\u{300}'..'\u{370}').contains(&c)))
}

/// Whether this script has no blanks between words.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff66}'..='\u{ff9f}')
}

fn is_joint(c: char) -> bool {
    c == '-' || c == '.'
}

fn joins(text: &str, at: usize, len: usize) -> bool {
    let before = text[..at].chars().next_back().is_some_and(is_letter);
    before && text[at + len..].chars().next().is_some_and(is_letter)
}

/// The class of a name. The word before may belong to it: `API key`.
pub(crate) fn judge(name: &str, before: Option<&str>, in_query: bool) -> Option<Class> {
    let mut parts = parts(name);
    let own = parts.len();
    if let Some(before) = before {
        parts.insert(0, before.to_lowercase());
    }
    if in_query && words::IN_QUERIES.contains(&parts[parts.len() - own..].concat().as_str()) {
        return Some(Class::Strong);
    }
    // A public key token identifies a .NET assembly. Of the word before only `public` belongs to it.
    let first = parts.len() - own;
    let is_public = |(at, pair): (usize, &[String])| at + 1 >= first && pair == ["public", "key"];
    if parts.windows(2).enumerate().any(is_public)
        || parts[first..].iter().any(|part| part.starts_with("publickey"))
    {
        return None;
    }
    let pair = |at: usize| [parts[at - 1].as_str(), parts[at].as_str()];
    if own > 0 && first > 0 && words::NO_PAIRS.contains(&pair(first)) {
        return None;
    }
    // `vSA_P`.
    let is_short_p = parts.len() > 1
        && parts.last().is_some_and(|part| part == "p")
        && (name.contains("_p") || name.contains("_P"));
    if is_short_p && words::OWNERS_OF_P.contains(&parts[parts.len() - 2].as_str()) {
        return Some(Class::Weak);
    }
    let (best, is_thing) = class_of_parts(&parts, own);
    let best = best.max(class_of_key(&parts[first..]));
    // A value that looks random may be a secret all the same.
    best.or(is_thing.then_some(Class::Weak))
}

/// The class of a key by the words beside it, or of one that is alone: `vCleApi`, `vKey`.
fn class_of_key(own: &[String]) -> Option<Class> {
    let bare = if own.first().is_some_and(|part| part == "v") { &own[1..] } else { own };
    match bare {
        [.., last] if is_property(last) => None,
        [key] => ["key", "cle"].contains(&key.as_str()).then_some(Class::Weak),
        _ => keys::pair(bare),
    }
}

/// The class of the parts of a name, of which the last ones are its own, and whether a word for a
/// secret among those names something else.
fn class_of_parts(parts: &[String], own: usize) -> (Option<Class>, bool) {
    let first = parts.len() - own;
    let (mut best, mut is_thing) = (None, false);
    for from in 0..parts.len() {
        for to in from + 1..=parts.len().min(from + JOINED) {
            // Skips ranges that are entirely in the word before.
            if to <= first {
                continue;
            }
            let joined = parts[from..to].concat();
            let about =
                parts[from + 1..to].iter().any(|part| is_property(part)) && !is_listed(&joined);
            let class = if about { None } else { class(&joined) };
            if class > best && !is_about(parts, from, to) {
                best = class;
            }
            is_thing |= class.is_some()
                && from >= first
                && is_about(&parts[first..], from - first, to - first);
        }
    }
    (best, is_thing)
}

fn is_about(parts: &[String], from: usize, to: usize) -> bool {
    let after = parts.get(to).is_some_and(|part| is_property(part));
    let later =
        parts.last().is_some_and(|part| to < parts.len() && is_property(part) && !is_env(part));
    let before = from > 0 && SETS.about_before.contains(parts[from - 1].as_str());
    after || later || before || is_other(parts, from, to)
}

/// `PassThrough`, `BoardingPass`, `ClaveProducto`: with the part before or after it, the word for a
/// secret names something else.
fn is_other(parts: &[String], from: usize, to: usize) -> bool {
    to < parts.len() && is_thing(&parts[to - 1..=to])
        || from > 0 && is_thing(&parts[from - 1..=from])
}

fn is_thing(pair: &[String]) -> bool {
    SETS.never.contains(pair.concat().as_str())
        || has(words::OF_THINGS, &pair[0]) && has(words::THINGS, &pair[1])
}

/// Whether a part of a name makes it that of something else: `PassThrough`, `TokenUrl`.
pub(crate) fn is_other_thing(name: &str) -> bool {
    let parts = parts(name);
    parts.windows(2).any(is_thing) || class_of_parts(&parts, parts.len()) == (None, true)
}

/// `PasswordView`, `PasswortMeldung`: what is shown of a secret, or a text about it.
pub(crate) fn is_text_about(name: &str) -> bool {
    !name.contains('.') && parts(name).last().is_some_and(|last| has(words::ABOUT_OR_NOT, last))
}

/// Whether the last part of a name says nothing of a secret: `TokenColour`, `KeyFigure`.
pub(crate) fn is_doubtful(name: &str) -> bool {
    let parts = parts(name);
    let Some(last) = parts.last() else { return false };
    let is_kind = SETS.before.contains(last.as_str()) || is_env(last) || has(words::KINDS, last);
    let ends_so = || (0..parts.len()).any(|from| class(&parts[from..].concat()).is_some());
    !is_kind && !ends_so()
}

/// Whether a part, or its plural, makes the value a property of the secret.
pub(crate) fn is_property(part: &str) -> bool {
    let is_listed = |word: &str| SETS.about.contains(word);
    is_listed(part) || part.strip_suffix('s').is_some_and(is_listed)
}

fn is_env(part: &str) -> bool {
    ["server", "service", "id", "last", "source", "version", "group", "protected"].contains(&part)
}

/// Words with their rests in a script log in a Windows code page.
type LossyWords = HashSet<Cow<'static, str>>;

/// The lists with which every part of every name is compared, each in one step: the script of one
/// failed reload has a dozen names, each with a dozen ways to join its parts.
struct Sets {
    about: LossyWords,
    about_before: LossyWords,
    never: LossyWords,
    whole: LossyWords,
    weak: LossyWords,
    pins: LossyWords,
    before: LossyWords,
    /// The length of the longest of `before`.
    longest_before: usize,
    inside: AhoCorasick,
}

static SETS: LazyLock<Sets> = LazyLock::new(|| {
    let set = |list: &[&'static str]| lost::with_forms(list).collect();
    let split = |list: &'static str| {
        let words: Vec<_> = list.split(' ').filter(|word| !word.is_empty()).collect();
        set(&words)
    };
    let inside = lost::with_forms(words::INSIDE).map(Cow::into_owned);
    Sets {
        about: split(words::ABOUT),
        about_before: split(words::ABOUT_BEFORE),
        never: split(words::NEVER),
        whole: set(words::WHOLE),
        weak: set(&[words::WEAK, words::KEYS].concat()),
        pins: set(words::PINS),
        before: set(words::BEFORE),
        longest_before: words::BEFORE.iter().map(|before| before.len()).max().unwrap_or(0),
        inside: AhoCorasick::new(inside).expect("the words are fixed"),
    }
});

/// Whether a list contains the word unchanged.
fn is_listed(word: &str) -> bool {
    [&SETS.whole, &SETS.weak, &SETS.pins].iter().any(|set| set.contains(word))
        || words::HEADERS.contains(&word)
        || words::COOKIES.contains(&word)
}

fn class(word: &str) -> Option<Class> {
    let holds_inside = SETS.inside.is_match(word);
    if SETS.never.contains(word) || holds_inside && is_compound_about(word) {
        return None;
    }
    if words::HEADERS.contains(&word) {
        return Some(Class::Header);
    }
    if words::COOKIES.contains(&word) {
        return Some(Class::Cookie);
    }
    let behind = behind(word);
    if holds_inside || is_one(&SETS.whole, word, &behind) || ends_so(word) {
        return Some(Class::Strong);
    }
    if is_one(&SETS.pins, word, &behind) {
        return Some(Class::Pin);
    }
    (is_one(&SETS.weak, word, &behind) || word.ends_with("token")).then_some(Class::Weak)
}

/// `kennwortrichtlinie`, `passwortablauf`: compounds about a password.
fn is_compound_about(word: &str) -> bool {
    let mut seen = Vec::new();
    SETS.inside.find_overlapping_iter(word).any(|found| {
        // Behind the first of each.
        if seen.contains(&found.pattern()) {
            return false;
        }
        seen.push(found.pattern());
        let rest = &word[found.end()..];
        let rest = rest.strip_prefix("ort").or_else(|| rest.strip_prefix("ord")).unwrap_or(rest);
        let joined = rest.trim_start_matches(['s', '-']);
        let is_lost =
            |about: &&str| lost::form(about).is_some_and(|form| joined.starts_with(&form));
        words::ABOUT_ENDINGS
            .iter()
            .any(|about| rest.starts_with(about) || joined.starts_with(about))
            || rest.contains(LOST) && words::ABOUT_ENDINGS.iter().any(is_lost)
    })
}

/// The ends of prefixes that may precede a name of the lists: `vpw`, `dbpassword`.
fn behind(word: &str) -> Vec<usize> {
    let begins = |at: &usize| word.get(..*at).is_some_and(|text| SETS.before.contains(text));
    (1..word.len().min(SETS.longest_before + 1)).filter(begins).collect()
}

/// Whether it is in the list, or its rest after one of these places is.
fn is_one(list: &LossyWords, word: &str, behind: &[usize]) -> bool {
    // With a one-letter prefix: `vpw`, but not `spin` or `spat`.
    let is_in = |at: &usize| {
        let rest = &word[*at..];
        list.contains(rest) && (*at > 1 || rest.len() > 3 || rest == "pw" || rest == "pwd")
    };
    list.contains(word) || behind.iter().any(is_in)
}

/// `clientsecret`, `dbpwd`: with any prefix.
fn ends_so(word: &str) -> bool {
    ["secret", "pwd", "apikey", "accesskey", "secretkey"]
        .iter()
        .any(|end| word.len() > end.len() && word.ends_with(end))
        || (word.starts_with("pwd") && word.len() < 12)
}

/// The parts of a name in lower case, split at underscores and the like, case changes and digits.
pub(crate) fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let chars: Vec<char> = name.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let next = chars.get(at + 1);
        let hump = c.is_uppercase()
            && (before.is_some_and(char::is_lowercase)
                || (before.is_some_and(|b: char| b.is_uppercase())
                    && next.is_some_and(|n| n.is_lowercase())));
        let number = before.is_some_and(|b| b.is_ascii_digit() != c.is_ascii_digit());
        if !c.is_alphanumeric() && *c != LOST && !('\u{300}'..'\u{370}').contains(c) {
            parts.push(String::new());
            continue;
        }
        if hump || number {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            // The combining dot in the lower case of the Turkish capital İ.
            part.extend(c.to_lowercase().filter(|c| *c != '\u{307}'));
        }
    }
    parts.retain(|part| !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()));
    parts
}

/// Whether a name nearly always stands for something else, so that its value has to look random.
pub(crate) fn is_rarely_secret(name: &str) -> bool {
    let is_session = name.contains(' ') && (name.ends_with("id") || name.starts_with("id "));
    let bare = name.strip_prefix('v').unwrap_or(name).trim_start_matches('_');
    has(words::RARELY_SECRET, name) || has(words::RARELY_SECRET, bare) || is_session
}

/// Whether a list of words, separated by blanks, contains this word. Asked for each word before and
/// after a name: comparing with one word of the list after the other took most of the time.
pub(crate) fn has(list: &str, word: &str) -> bool {
    if word.is_empty() || word.contains(' ') {
        return false;
    }
    if word.contains(LOST) {
        return lost::has(list, word);
    }
    let list = list.as_bytes();
    let is_whole = |at: usize| {
        let before = at.checked_sub(1).map(|before| list[before]);
        let after = list.get(at + word.len()).copied();
        before.is_none_or(|byte| byte == b' ') && after.is_none_or(|byte| byte == b' ')
    };
    memmem::find_iter(list, word.as_bytes()).any(is_whole)
}

#[cfg(test)]
mod tests;
