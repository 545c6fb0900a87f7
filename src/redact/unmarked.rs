//! Pure. A secret that stands directly behind or before its name, without a sign between: "password
//! X expired", "use X as the password", `pwd(X)`, `Password|X`.

use crate::redact::assign::SecretName;
use crate::redact::names::{Class, has};
use crate::redact::spans::Spans;
use crate::redact::values::{self, Value, ValueKind, line_end, skip_blanks};
use crate::redact::{keys, looks, script, words};

/// The most words of a password of several words.
const WORDS: usize = 5;
/// The most bytes between parentheses.
const INSIDE: usize = 60;
/// The fewest and the most digits of a PIN.
const PIN: std::ops::RangeInclusive<usize> = 4..=8;

/// Names that mean other things as well, so that a word behind them has to look more like a secret.
const AMBIGUOUS: &str = " pass secret secrets parola parole clave claves chiave geslo sifra kod losen lösen tajne geheim segreto segredo secreto \
    hemlighet salaisuus klucz parol psk userkey appkey readkey writekey serverkey servicekey clientkey tokenkey ";

/// Names of secrets of several digits or letters that a sentence gives without a sign.
const TOKENS: &str = " token tokens accesstoken apitoken authtoken jwt bearer refreshtoken securitytoken sessiontoken jeton токен tok ";

/// What the sentence says behind the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    /// Nothing, or the end of the clause.
    Ends,
    /// That the secret was refused.
    Refused,
    Other,
}

/// `password hunter2 expired`, `user sa pwd X;`: the word at `at`, behind the name.
pub(crate) fn behind(named: &SecretName<'_>, at: usize, spans: &mut Spans) {
    let text = named.text;
    if matches!(named.class, Class::Header | Class::Cookie) || is_in_path(named) {
        return;
    }
    let Some(value) = values::read(text, at, ValueKind::Plain) else { return };
    let whole = &text[value.start..value.end];
    let found = looks::without_end(whole);
    if values::is_stand_in(found) || values::is_remark(found) || values::is_path(found) {
        return;
    }
    let name = found.trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase();
    let is_field = named.lead().ends_with('[') && whole.contains(']');
    if is_field || has(words::ABOUT, &name) || has(words::NUMBERED, &name) {
        return;
    }
    let lead = named.lead().to_lowercase();
    let is_query = has_word(&lead, "select") || has_word(&lead, "load");
    let tail = tail(&text[value.start + found.len()..line_end(text, value.end)]);
    let is_many = named.name().ends_with(['s', 'S']) && named.name().len() > 4;
    let takes = match named.class {
        Class::Pin => {
            let digits = found.bytes().all(|c| c.is_ascii_digit());
            digits && PIN.contains(&found.len()) && tail != Tail::Other
                || looks::is_made_up(found) && found.bytes().any(|c| c.is_ascii_digit())
        }
        Class::Weak => {
            let plain = plain_name(named);
            let is_token = (has(TOKENS, &plain)
                || ["token", "jeton"].iter().any(|end| plain.ends_with(end))
                || named.name().contains(' '))
                && keys::is_random(found);
            (is_token
                || tail == Tail::Refused
                    && looks::is_strict(found)
                    && found.len() > 7
                    && found.bytes().any(|c| c.is_ascii_lowercase())
                    && found.bytes().any(|c| c.is_ascii_digit()))
                && !named.is_grammar()
        }
        _ if has(AMBIGUOUS, &plain_name(named)) => looks::is_strict(found) && found.len() > 7,
        _ => {
            looks::is_made_up(found) && !(is_many && looks::is_numbered(found))
                || tail == Tail::Refused && is_plain_secret(found)
        }
    };
    if takes && !is_query {
        spans.hide(text, value.start, value.start + found.len());
    }
}

/// The name in lower case, without the letter of a variable and signs.
fn plain_name(named: &SecretName<'_>) -> String {
    let name: String = named.name().chars().filter(|c| c.is_alphanumeric()).collect();
    let bare = name.strip_prefix('v').filter(|rest| rest.starts_with(char::is_uppercase));
    bare.unwrap_or(&name).to_lowercase()
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric()).any(|found| found == word)
}

/// Whether the name is a part of a path: `lib://Data/Passwords 2026.xlsx`.
fn is_in_path(named: &SecretName<'_>) -> bool {
    let lead = named.lead();
    let word = lead.rsplit(char::is_whitespace).next().unwrap_or_default();
    values::is_in_lib_path(named.text, named.start)
        || word.contains("://")
        || word.contains('\\') && !word.ends_with("\\n") && !word.ends_with("\\\"")
        || word.starts_with('/') && word.matches('/').count() > 1
}

/// A word of letters that is no part of a sentence about a password.
fn is_plain_secret(word: &str) -> bool {
    let lower = word.to_lowercase();
    word.chars().count() > 4
        && word.chars().all(char::is_alphabetic)
        && !values::ends_like_remark(word)
        && !has(words::ABOUT, &lower)
        && !has(words::ABOUT_BEFORE, &lower)
        && !has(words::OF, &lower)
        && !has(words::COPULAS, &lower)
        && !has(words::GIVEN, &lower)
        && !words::ABOUT_ENDINGS.iter().any(|about| lower.contains(about))
}

/// What follows the word that may be a secret.
fn tail(rest: &str) -> Tail {
    let clause = rest.trim_start_matches(['"', '\'', ')', ']']);
    if clause.trim().is_empty() || clause.starts_with([',', ';', '.', ')']) {
        return Tail::Ends;
    }
    let mut words =
        clause.split([' ', '\t', ',', '.', ';', ':', '!', ')']).filter(|it| !it.is_empty());
    let mut negated = false;
    for _ in 0..5 {
        let Some(word) = words.next() else { break };
        let lower = word.to_lowercase();
        if has(words::REFUSED, &lower) || negated && has(words::ACCEPTED, &lower) {
            return Tail::Refused;
        }
        negated |= has(words::NEGATIONS, &lower);
        if lower == "for" || lower == "für" {
            words.next();
        } else if !has(words::NEGATIONS, &lower) && !has(words::AUXILIARIES, &lower) {
            break;
        }
    }
    Tail::Other
}

/// `use X as the password`, `LOAD 'X' as Password`: the word before the name.
pub(crate) fn before(named: &SecretName<'_>, spans: &mut Spans) -> bool {
    let lead = named.lead();
    if named.class != Class::Strong && named.class != Class::Pin {
        return false;
    }
    let mut rest = lead.trim_end_matches([' ', '[', '"', '\'']);
    let mut joined = false;
    for _ in 0..3 {
        let word = rest.rsplit(' ').next().unwrap_or_default();
        let lower = word.to_lowercase();
        if has(words::AS, &lower) {
            joined = true;
        } else if !has(words::ARTICLES, &lower) || joined {
            break;
        }
        rest = rest[..rest.len() - word.len()].trim_end();
    }
    if !joined || rest.len() == lead.len() {
        return false;
    }
    let line = named.start - lead.len();
    if let Some(quote) = rest.chars().next_back().filter(|c| matches!(c, '\'' | '"')) {
        let inner = &rest[..rest.len() - 1];
        let Some(open) = inner.rfind(quote) else { return false };
        let found = &inner[open + 1..];
        let takes = looks::is_made_up(found) && !inner[..open].ends_with([')', '.']);
        if takes {
            spans.hide(named.text, line + open + 1, line + inner.len());
        }
        return takes;
    }
    let word = rest.rsplit([' ', '\t']).next().unwrap_or_default();
    let before = rest[..rest.len() - word.len()].to_lowercase();
    let is_field =
        ["load", "select", "field", "column", "feld", "spalte", "rename", "distinct", ","]
            .iter()
            .any(|it| before.trim_end().ends_with(it) || has_word(&before, it));
    let is_used =
        before.trim_end().rsplit([' ', '\t']).next().is_some_and(|verb| has(words::USES, verb));
    let is_secret = if is_used { looks::is_made_up(word) } else { looks::is_strict(word) };
    let takes = is_secret && !is_field && !word.contains(['(', ')', ',']);
    if takes {
        spans.hide(named.text, line + rest.len() - word.len(), line + rest.len());
    }
    takes
}

/// `pwd(X)`, `new password (X) set`, `[Password] [X]`.
pub(crate) fn enclosed(named: &SecretName<'_>, at: usize, spans: &mut Spans) -> bool {
    let text = named.text;
    let Some(open) = text[at..].chars().next().filter(|c| "([<{>".contains(*c)) else {
        return false;
    };
    let is_cited = named.lead().ends_with(['"', '\'']);
    if is_cited || !matches!(named.class, Class::Strong | Class::Pin) || is_in_path(named) {
        return false;
    }
    let start = at + 1;
    let stop = text.floor_char_boundary(start + INSIDE).min(line_end(text, start));
    let close = match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        _ => '>',
    };
    let Some(len) = text[start..stop].find(close) else { return false };
    let found = &text[start..start + len];
    let takes = looks::is_strict(found)
        && !looks::is_variable(found)
        && !found.contains([' ', ',', '=', ':'])
        && found.bytes().any(|c| c.is_ascii_digit());
    if takes {
        spans.hide(text, start, start + len);
    }
    takes
}

/// `Password|X`, `Password/X`, `Password;X`: a sign that separates other things as well.
pub(crate) fn tight(named: &SecretName<'_>, at: usize, spans: &mut Spans) -> bool {
    let text = named.text;
    let lead = named.lead();
    let begins = lead.is_empty() || lead.ends_with([' ', '\t', '"', '\'', '[', '(']);
    if !text[at..].starts_with(['|', '~', '～', '>', '/', ';', '\\', '^', '§'])
        || !begins
        || named.class != Class::Strong
        || is_in_path(named)
    {
        return false;
    }
    let start = at + text[at..].chars().next().map_or(0, char::len_utf8);
    let stop = text[start..line_end(text, start)]
        .find(|c: char| c.is_whitespace() || "\"';|,)]".contains(c))
        .map_or(line_end(text, start), |len| start + len);
    let found = looks::without_end(&text[start..stop]);
    let ends = !text[stop..].starts_with('|');
    let takes = ends && looks::is_strict(found) && !found.contains('/') && found.len() > 5;
    if takes {
        spans.hide(text, start, start + found.len());
    }
    takes
}

/// A value of several words, of which the last looks like a secret: `blue yellow katze123`. Of the
/// value before only the first word is read.
pub(crate) fn with_more(named: &SecretName<'_>, value: Value) -> Value {
    let text = named.text;
    let is_sure = named.class == Class::Strong && !has(AMBIGUOUS, &plain_name(named));
    if value.quoted || !is_sure || named.in_query() {
        return value;
    }
    let line = &text[value.end..line_end(text, value.end)];
    let Some(rest) = line.strip_prefix(' ') else { return value };
    let first = &text[value.start..value.end];
    if !first.chars().all(|c| c.is_alphabetic() || "-'’*".contains(c)) {
        return value;
    }
    let mut at = value.end + 1;
    for word in rest.split(' ').take(WORDS) {
        let bare = looks::without_end(word);
        let lower = bare.to_lowercase();
        let ends = at + word.len() >= value.end + line.trim_end().len() || bare.len() < word.len();
        if looks::is_strict(bare) || ends && looks::is_made_up(bare) && at > value.end + 1 {
            let end = at + bare.len();
            return Value { end, after: end, ..value };
        }
        let is_word = !bare.is_empty()
            && bare.len() == word.len()
            && bare.chars().all(|c| c.is_alphabetic() || "-'’".contains(c));
        let is_sentence = values::is_remark(bare)
            || has(words::OF, &lower)
            || has(words::COPULAS, &lower)
            || has(words::PLACES, &lower);
        if !is_word || is_sentence {
            return value;
        }
        at += word.len() + 1;
    }
    value
}

/// Whether one of several words looks like a secret, so that the first may be anything.
pub(crate) fn has_secret_word(found: &str) -> bool {
    let words: Vec<&str> = found.split(' ').collect();
    (2..=WORDS + 1).contains(&words.len())
        && words.iter().any(|word| looks::is_strict(word))
        && !words.iter().any(|word| word.contains(['(', '=', '/', '\\', ',', ':']))
}

/// `// password` above `SET x = 'X'`: the literal in the next line, from the end of the name.
pub(crate) fn in_next_line(named: &SecretName<'_>, at: usize, spans: &mut Spans) {
    let text = named.text;
    let end = line_end(text, at);
    let is_rest = |c: char| " \t:.*/=-".contains(c);
    if !is_comment(named.lead())
        || named.class != Class::Strong
        || !text[at..end].chars().all(is_rest)
        || end >= text.len()
    {
        return;
    }
    let next = end + 1;
    let stop = line_end(text, next);
    let begin = values::skip_prefix(text, next, stop);
    let Some(sign) = text[begin..stop].find('=') else { return };
    let is_set = script::is_setting(&text.as_bytes()[begin..stop]);
    let value = values::read(text, skip_blanks(text, begin + sign + 1), ValueKind::Plain);
    if let Some(value) = value.filter(|_| is_set) {
        let found = &text[value.start..value.end];
        if looks::is_made_up(found) && !looks::is_variable(found) {
            spans.hide(text, value.start, value.end);
        }
    }
}

/// Whether a comment begins before the end of this part of a line.
pub(crate) fn is_comment(lead: &str) -> bool {
    let lead = lead.trim_start();
    let begins = |at: usize| at == 0 || lead[..at].ends_with(' ');
    ["//", "#", "--", "/*", "REM ", "rem ", "Rem "]
        .iter()
        .any(|sign| lead.match_indices(sign).any(|(at, _)| begins(at)))
}

/// Whether the owner is a thing, so that a key is no secret: `clave de producto`.
pub(crate) fn is_of_thing(named: &SecretName<'_>, owner: &str) -> bool {
    let name = named.name().to_lowercase();
    has(words::OF_THINGS, &name) && (has(words::THINGS, owner) || named.class == Class::Weak)
}
