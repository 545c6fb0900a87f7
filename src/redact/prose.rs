//! Pure. Secrets in sentences: "the password for sa was X".

use std::cell::LazyCell;
use std::ops::Range;

use crate::redact::assign::{Join, Named, separator};
use crate::redact::names::{Class, has};
use crate::redact::spans::Spans;
use crate::redact::values::{self, ValueKind, line_end, skip_blanks};
use crate::redact::{looks, unmarked, words};

/// The most words between a name and the word before its value.
const BETWEEN: usize = 5;

/// Words before a value on the next line.
const FOLLOWS: &str = " follows: folgt: suit: sigue: segue: volgt: ";

/// Words that join a name and a value in scripts without blanks between words.
const UNSPACED_COPULAS: &[&str] =
    &["是", "为", "為", "は", "が", "を", "은", "는", "이", "가", "的值是", "คือ"];

/// Words between a copula and the value.
const BEFORE_VALUE: &[&str] = &[
    "been set to ",
    "been changed to ",
    "been reset to ",
    "been updated to ",
    "set to ",
    "changed to ",
    "now ",
    "still ",
    "currently ",
    "simply ",
    "just ",
    "jetzt ",
    "nun ",
    ": ",
    "= ",
    "équivalent à ",
    "ahora ",
    "reset to ",
    "reset to: ",
    "updated to ",
    "updated to: ",
    "rotated to ",
    "set to: ",
    "changed to: ",
    "now: ",
    "actually ",
    "really ",
];

/// Searches after the name for words that introduce a value.
pub(crate) fn hide(named: Named<'_>, at: usize, spans: &mut Spans) {
    if named.unspaced {
        unspaced(named, at, spans);
        return;
    }
    let text = named.text;
    let end = line_end(text, at);
    if text[at..end].trim_matches([' ', '\t', ':', '.', '*', '/', '=', '-']).is_empty() {
        unmarked::in_next_line(&named, at, spans);
    }
    if at == named.end {
        return;
    }
    if values::quote(text, at).is_some() {
        literal(named, at, spans);
    } else {
        word_by_word(named, at..end, spans);
    }
}

/// Reads the words behind the name, up to the one that introduces a value.
fn word_by_word(mut named: Named<'_>, line: Range<usize>, spans: &mut Spans) {
    let (text, at, end) = (named.text, line.start, line.end);
    let mut here = at;
    let mut of = false;
    let lead = named.lead();
    let changed =
        LazyCell::new(|| lead.split(' ').any(|word| has(words::CHANGES, &word.to_lowercase())));
    let mut change = false;
    let mut last = String::new();
    for n in 0..=BETWEEN {
        let stop = text[here..end].find([' ', '\t', '\u{a0}']).map_or(end, |len| here + len);
        let word = &text[here..stop];
        let lower = word.to_lowercase();
        let next = skip_blanks(text, stop).min(end);
        if word.is_empty() {
            return;
        }
        if n == 0 && directly_behind(named, here..stop, next..end, spans) {
            return;
        }
        if is_copula(&lower)
            && let Some(from) = change_from(&text[next..end])
        {
            change = true;
            here = next + from;
            continue;
        }
        // `The secret to good performance is a cache`.
        if n == 0 && lower == "to" && named.name().eq_ignore_ascii_case("secret") {
            named.class = Class::Weak;
        }
        let polish = lower == "to" && named.name().to_lowercase().starts_with("has");
        // `The password for this connection expires on Monday`.
        if lower == "on" && (values::is_remark(&last) || values::ends_like_remark(&last)) {
            return;
        }
        if is_copula(&lower) && !(lower == "on" && begins_with_time_or_place(&text[next..end]))
            || polish
            || (matches!(lower.as_str(), "to" | "auf" | "en" | "para" | "à")
                && (change || *changed))
        {
            behind_copula(named, next, of, spans);
            return;
        }
        if n > 0 && has(FROM, &lower) && (change || *changed) {
            here = old_value(named, next, end, spans);
            continue;
        }
        if has(words::CHANGES, &lower) && n == 0 {
            change = true;
        } else if lower == "where" || lower == "select" {
            return;
        } else if n == 0 && (is_kind(word) || has(OWNERS, lower.trim_end_matches(':'))) {
            of = true;
            if let Some(bare) = word.strip_suffix([':', '=']).filter(|bare| !bare.is_empty()) {
                named.value(here + bare.len() + 1, Join::Colon, spans);
                return;
            }
        } else if n == 0 && has(words::OF, &lower)
            || lower.starts_with("d'")
            || lower.starts_with("l'")
        {
            of = true;
        } else if !of {
            break;
        } else if let Some(bare) =
            word.strip_suffix([':', '=', '：']).filter(|bare| !bare.is_empty())
        {
            let sign = word.len() - bare.len();
            // `clave de producto: 12345`
            if !unmarked::is_of_thing(&named, &bare.to_lowercase()) {
                named.value(here + bare.len() + sign, Join::Colon, spans);
            }
            return;
        } else if n > 1 && behind_owner(named, here, &last, spans) {
            return;
        }
        last = lower;
        here = next;
        if let Some((join, behind)) = separator(text, here, true).filter(|_| of) {
            named.value(behind, join, spans);
            return;
        }
    }
    if !of {
        introduced(named, at, spans);
        unmarked::behind(&named, at, spans);
    }
}

/// `on 2027-01-31`, `on DWH:`: behind the English `on`, unlike the Finnish one.
fn begins_with_time_or_place(text: &str) -> bool {
    let word = text.split([' ', '\t', ';']).next().unwrap_or_default();
    let is_time = |word: &str| {
        word.contains(['-', '.', '/', ':'])
            && word.bytes().all(|c| c.is_ascii_digit() || b"-./:T".contains(&c))
    };
    word.ends_with(':') || is_time(word)
}

/// The forms whose first word behind the name decides; returns whether it is one of them.
fn directly_behind(
    named: Named<'_>,
    word: Range<usize>,
    rest: Range<usize>,
    spans: &mut Spans,
) -> bool {
    let text = named.text;
    let lower = text[word.clone()].to_lowercase();
    if is_comparison(&lower) {
        compared(named, word.start, spans);
        return true;
    }
    if has(FOLLOWS, &lower) {
        named.value(word.end, Join::Colon, spans);
        return true;
    }
    if let Some(next) = end_of_remark(text, word.start, word.end)
        && behind_remark(named, next, spans)
    {
        return true;
    }
    if let Some(len) = end_of_change(&lower, &text[rest.clone()]) {
        behind_copula(named, skip_blanks(text, rest.start + len), false, spans);
        return true;
    }
    false
}

/// `password for sa X`: the word behind the owner.
fn behind_owner(named: Named<'_>, at: usize, owner: &str, spans: &mut Spans) -> bool {
    let is_owner = !has(words::OF, owner) && !has(words::PLACES, owner) && !has(OWNERS, owner);
    let word = named.text[at..].split_whitespace().next().unwrap_or_default();
    let takes = is_owner && named.class == Class::Strong && looks::is_strict(word);
    if takes {
        spans.hide(named.text, at, at + looks::without_end(word).len());
    }
    takes
}

/// Changes in the passive voice: the first word, and the others before the new value.
const PASSIVE: &[(&str, &str)] = &[
    ("has", "been "),
    ("had", "been "),
    ("wurde", "auf "),
    ("wurde", "zu "),
    ("wird", "auf "),
    ("a", "été changé en "),
    ("a", "été modifié en "),
    ("a", "été remplacé par "),
    ("ha", "sido cambiada a "),
    ("ha", "sido cambiada por "),
    ("foi", "alterada para "),
    ("foi", "mudada para "),
    ("è", "stata cambiata in "),
    ("is", "gewijzigd in "),
    ("werd", "gewijzigd in "),
    ("har", "ändrats till "),
    ("er", "ændret til "),
    ("er", "endret til "),
    ("zostało", "zmienione na "),
    ("bylo", "změněno na "),
    ("изменён", "на "),
    ("изменен", "на "),
];

/// The length of what follows the first word of a change, up to the new value.
fn end_of_change(first: &str, rest: &str) -> Option<usize> {
    let follows = |(word, others): &&(&str, &str)| first == *word && rest.starts_with(others);
    PASSIVE.iter().find(follows).map(|(_, others)| others.len())
}

/// `changed from X`: the start of the second word.
fn change_from(rest: &str) -> Option<usize> {
    let (verb, more) = rest.split_once(' ')?;
    let from = more.split(' ').next()?.to_lowercase();
    (has(words::CHANGES, &verb.to_lowercase()) && has(FROM, &from)).then_some(verb.len() + 1)
}

/// Words for the owner, which may end with the colon: `hasło użytkownika: x`.
const OWNERS: &str = " użytkownika uživatele пользователя utilisateur usuario usuário benutzer gebruiker användare bruger bruker \
    korisnika користувача потребителя lietotāja vartotojo kasutaja pengguna ";

/// Words before a name after which a password that was refused may follow.
const TRIED: &str = " tried wrong bad incorrect rejected refused falsches ungültiges ";

/// Words before the old value: `changed from X to Y`.
const FROM: &str = " from von de da van fra från z с ";

/// Hides the old value of a change if a new one follows, and returns the start of the new one.
fn old_value(named: Named<'_>, at: usize, end: usize, spans: &mut Spans) -> usize {
    let text = named.text;
    let Some(value) = values::read(text, at, ValueKind::Plain) else { return end };
    let found = &text[value.start..value.end];
    let next = skip_blanks(text, value.after).min(end);
    let rest = text[next..end].to_lowercase();
    let new =
        ["to ", "auf ", "zu ", "en ", "à ", "a ", "para ", "till ", "til ", "naar ", "na ", "на "]
            .iter()
            .find_map(|to| rest.strip_prefix(to));
    let is_made_up = |word: &str| values::is_odd(word) || word.contains('-') && word.len() > 5;
    let both = new.is_some_and(|new| is_made_up(new.split(' ').next().unwrap_or_default()));
    if value.quoted && new.is_some() || is_made_up(found) && both {
        spans.hide(text, value.start, value.end);
        return next;
    }
    end
}

/// `password SAP:`, `clave API:`, `password prod =`.
fn is_kind(word: &str) -> bool {
    let bare = word.trim_end_matches([':', '=']);
    let short = bare.len() < 6
        && bare.len() > 1
        && bare.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let kinds = [
        "prod",
        "dev",
        "test",
        "live",
        "qa",
        "uat",
        "staging",
        "root",
        "admin",
        "db",
        "sap",
        "sql",
        "api",
        "oracle",
        "ftp",
        "smtp",
        "production",
        "value",
        "string",
        "text",
    ];
    (short
        && ![
            "FROM", "WHERE", "AND", "OR", "AS", "IN", "TO", "IS", "NOT", "FOR", "ON", "BY", "INTO",
            "LIKE", "SET",
        ]
        .contains(&bare))
        || kinds.contains(&bare.to_lowercase().as_str())
}

fn is_copula(word: &str) -> bool {
    // What is left of `é` and `är`.
    has(words::COPULAS, word) || ["\u{fffd}", "\u{fffd}r", "\u{fffd}r:"].contains(&word)
}

/// `PASSWORD 'x'`.
fn literal(named: Named<'_>, at: usize, spans: &mut Spans) {
    let Some(value) = values::read(named.text, at, ValueKind::Plain) else { return };
    let found = &named.text[value.start..value.end];
    let lead = named.lead();
    // The name itself is in quotes: a field or a title.
    let open = lead.chars().next_back().filter(|c| matches!(c, '\'' | '"'));
    let is_cited = open.is_some_and(|quote| named.text[at..].starts_with(quote));
    if !is_cited
        && named.accepts(&value, Join::Colon)
        && !found.trim().is_empty()
        && found.len() < 200
        && !found.starts_with(' ')
    {
        spans.hide(named.text, value.start, value.end);
    }
}

fn behind_copula(named: Named<'_>, at: usize, of: bool, spans: &mut Spans) {
    let text = named.text;
    let end = line_end(text, at);
    let mut here = at;
    for _ in 0..3 {
        // The longest of the words has 15 bytes.
        let near = text.floor_char_boundary(here + 32).min(end);
        let lower = text[here..near].to_lowercase();
        let Some(word) = BEFORE_VALUE.iter().find(|word| lower.starts_with(*word)) else { break };
        here = skip_blanks(text, here + word.len());
    }
    if text[here..end].trim().is_empty() {
        named.value(here, Join::Colon, spans);
        return;
    }
    let Some(value) = values::read(text, here, ValueKind::Plain) else { return };
    let more = unmarked::with_more(&named, value);
    if more.end > value.end {
        spans.hide(text, more.start, more.end);
        return;
    }
    let found = text[value.start..value.end].trim_end_matches(['.', ',', ')', ':']);
    if values::is_remark(found) && text[..value.end].ends_with(':') {
        behind_remark(named, skip_blanks(text, value.end), spans);
        return;
    }
    // `is not correct: X` and `is not X`
    if has(words::NEGATIONS, &found.to_lowercase()) {
        let next = skip_blanks(text, value.after);
        let word = text[next..end.max(next)].split([' ', '\t']).next().unwrap_or_default();
        if word.ends_with(':') {
            behind_remark(named, skip_blanks(text, next + word.len()), spans);
        } else if looks::is_strict(word) {
            spans.hide(text, next, next + looks::without_end(word).len());
        }
        return;
    }
    let whole = &text[value.start..value.end];
    let is_stand_in = values::is_stand_in(found) || values::is_stand_in(whole);
    if found.is_empty() || is_stand_in || values::is_remark(found) {
        return;
    }
    let rest = text[value.after..end.max(value.after)].trim_start_matches(['.', '!', ' ', ')']);
    let clause_ends = rest.is_empty()
        || text[value.end..].starts_with([',', ';', ')'])
        || text[value.start..value.end].ends_with(['.', ',']);
    let digits = found.bytes().all(|c| c.is_ascii_digit());
    let takes = match named.class {
        Class::Pin => digits && found.len() > 2 || values::is_odd(found),
        Class::Weak => (values::is_odd(found) && found.len() > 5) || found.len() > 19,
        _ => {
            value.quoted
                || values::is_odd(found)
                || digits && found.len() > 3
                || (clause_ends && !values::ends_like_remark(found) && !found.contains('('))
                || (of && clause_ends && !values::ends_like_remark(found))
        }
    };
    if takes {
        spans.hide(
            text,
            value.start,
            value.start + if value.quoted { value.end - value.start } else { found.len() },
        );
    }
}

/// `password was incorrect: X`: hides what looks like a password, not an error code or a host.
fn behind_remark(named: Named<'_>, at: usize, spans: &mut Spans) -> bool {
    let text = named.text;
    let Some(value) = values::read(text, at, ValueKind::Plain) else { return false };
    let found = text[value.start..value.end].trim_end_matches(['.', ',', ')', ':']);
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-.@".contains(c);
    let takes = named.class == Class::Strong
        && values::is_odd(found)
        && found.bytes().any(|byte| byte.is_ascii_lowercase())
        && !values::is_stand_in(found)
        && !values::is_path(found)
        && !found.contains("://")
        && !(found.contains('.') && found.chars().all(is_host));
    if takes {
        spans.hide(text, value.start, value.start + found.len());
    }
    takes
}

/// The place after `used:`, `incorrect :` or `tried was`, where the remark is the word before
/// `stop`.
fn end_of_remark(text: &str, start: usize, stop: usize) -> Option<usize> {
    let word = &text[start..stop];
    let remark = word.trim_end_matches(':');
    if !values::is_remark(remark) && !values::ends_like_remark(remark) {
        return None;
    }
    // `Password policy: Complex2`
    if has(" policy length count type field column name richtlinie ", &remark.to_lowercase()) {
        return None;
    }
    let next = skip_blanks(text, stop);
    if remark.len() < word.len() {
        return Some(next);
    }
    let lead =
        [": ", "was ", "is ", "war ", "ist "].iter().find(|it| text[next..].starts_with(**it));
    lead.map(|lead| skip_blanks(text, next + lead.len()))
}

fn is_comparison(word: &str) -> bool {
    matches!(word, "like" | "in" | "not") || word.starts_with("in(")
}

/// `password LIKE 'x'`, `password NOT IN ('x', 'y')`, from the end of the name.
fn compared(named: Named<'_>, at: usize, spans: &mut Spans) {
    let text = named.text;
    let lower = text[at..text.floor_char_boundary(line_end(text, at).min(at + 16))].to_lowercase();
    let not = if lower.starts_with("not ") { "not ".len() } else { 0 };
    if lower[not..].starts_with("like ") {
        like(named, skip_blanks(text, at + not + "like ".len()), spans);
    } else if lower[not..].starts_with("in ") || lower[not..].starts_with("in(") {
        let mut at = skip_blanks(text, at + not + "in".len());
        while text[at..].starts_with(['(', ',']) {
            let next = skip_blanks(text, at + 1);
            like(named, next, spans);
            let Some(value) =
                values::quote(text, next).and_then(|_| values::read(text, next, ValueKind::Plain))
            else {
                return;
            };
            at = skip_blanks(text, value.after);
        }
    }
}

/// Hides the literal that a name is compared with.
fn like(named: Named<'_>, at: usize, spans: &mut Spans) {
    let value = values::read(named.text, at, ValueKind::Plain).filter(|value| value.quoted);
    let is_any =
        |value: &values::Value| named.text[value.start..value.end].trim_matches('%').is_empty();
    let takes = |value: &values::Value| named.accepts(value, Join::Equals) && !is_any(value);
    if let Some(value) = value.filter(takes) {
        spans.hide(named.text, value.start, value.end);
    }
}

/// `login sa with password hunter2`, `pw hunter2`, `login x password y` of `.netrc`.
fn introduced(named: Named<'_>, at: usize, spans: &mut Spans) {
    let text = named.text;
    if !matches!(named.class, Class::Strong | Class::Pin) {
        return;
    }
    let Some(value) = values::read(text, at, ValueKind::Plain) else { return };
    let found = text[value.start..value.end].trim_end_matches(['.', ',', ')', ':']);
    let lead = named.lead().trim_end();
    let word = lead.rsplit([' ', '\t', '/']).next().unwrap_or_default().to_lowercase();
    // Build configurations set a key with `keyPassword x`.
    let is_key = named.name().contains('_')
        || named.name().chars().skip(1).any(char::is_uppercase)
            && named.name().chars().any(char::is_lowercase);
    let is_mixed = found.bytes().any(|byte| byte.is_ascii_uppercase())
        && found.bytes().any(|byte| byte.is_ascii_digit())
        && text[value.after..line_end(text, value.after)].trim_end_matches(['.', ')']).is_empty();
    let leads = is_key
        || has(TRIED, &word) && !word.is_empty() && is_mixed
        || has(words::WITH, &word) && !word.is_empty()
        || lead.ends_with([',', '/', ';', '&', '+', ':']);
    let before: Vec<&str> = named.text[..named.start].split_whitespace().rev().take(2).collect();
    let netrc = before.get(1).is_some_and(|word| ["login", "user", "account"].contains(word))
        && named.name() == "password";
    let letters = found.chars().any(|c| c.is_ascii_lowercase());
    let odd = values::is_odd(found) && found.len() > 4 && letters;
    if values::is_stand_in(found)
        || values::is_remark(found)
        || looks::is_file(found)
        || found.contains(['(', '['])
    {
        return;
    }
    if netrc
        || (leads
            && (odd
                || named.class == Class::Pin
                    && found.bytes().all(|c| c.is_ascii_digit())
                    && found.len() > 3))
        || (odd && found.bytes().any(|c| c.is_ascii_digit()) && found.len() > 15)
    {
        spans.hide(text, value.start, value.start + found.len());
    }
}

fn unspaced(named: Named<'_>, at: usize, spans: &mut Spans) {
    let rest = &named.text[at..];
    let Some(copula) = UNSPACED_COPULAS.iter().find(|copula| rest.starts_with(*copula)) else {
        if let Some(value) = values::quote(named.text, at)
            .and_then(|_| values::read(named.text, at, ValueKind::Plain))
        {
            spans.hide(named.text, value.start, value.end);
        } else if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            let word = values::read(named.text, at, ValueKind::Plain);
            let is_strict =
                |value: values::Value| looks::is_strict(&named.text[value.start..value.end]);
            if at > named.end || word.is_some_and(is_strict) {
                odd(named, at, spans);
            }
        }
        return;
    };
    let mut at = skip_blanks(named.text, at + copula.len());
    if named.text[at..].starts_with([':', '：', '「', '=']) && !named.text[at..].starts_with('「')
    {
        at =
            skip_blanks(named.text, at + named.text[at..].chars().next().map_or(0, char::len_utf8));
    }
    odd(named, at, spans);
}

fn odd(named: Named<'_>, at: usize, spans: &mut Spans) {
    let Some(value) = values::read(named.text, at, ValueKind::Plain) else { return };
    let found = &named.text[value.start..value.end];
    if found.starts_with(|c: char| c.is_ascii())
        && !values::is_stand_in(found)
        && !values::is_remark(found)
        && found.len() > 2
    {
        spans.hide(named.text, value.start, value.end);
    }
}
