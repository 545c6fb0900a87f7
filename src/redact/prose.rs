//! Pure. Secrets in sentences: "the password for sa was X".

use std::ops::Range;

use crate::redact::assign::{Join, SecretName, separator};
use crate::redact::names::{Class, has};
use crate::redact::spans::Spans;
use crate::redact::values::{self, ValueKind, line_end, skip_blanks};
use crate::redact::{changes, keys, looks, unmarked, unspaced, words};

/// The most words between a name and the word before its value.
const BETWEEN: usize = 7;
/// How far a clause about a change is read, in bytes.
const CLAUSE: usize = 160;

/// Words before a value on the next line.
const FOLLOWS: &str = " follows: folgt: suit: sigue: segue: volgt: ";

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
    "agora ",
    "désormais ",
    "nu ",
    "ora ",
    "ya ",
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
pub(crate) fn hide(named: SecretName<'_>, at: usize, spans: &mut Spans) {
    if named.unspaced {
        unspaced::hide(named, at, spans);
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

/// What follows of a word behind the name.
enum NextWord {
    /// The value was found, or there is none.
    Done,
    /// The next word begins here.
    At(usize),
    /// The words are about no value; it may stand directly behind the name.
    Other,
}

/// Reads the words behind a name.
struct WordReader<'t, 's> {
    named: SecretName<'t>,
    /// The end of the line.
    end: usize,
    spans: &'s mut Spans,
    /// Whether the name has an owner.
    of: bool,
    /// Whether a verb of a change was read.
    change: bool,
    last: String,
}

/// Reads the words behind the name, up to the one that introduces a value.
fn word_by_word(named: SecretName<'_>, line: Range<usize>, spans: &mut Spans) {
    let at = line.start;
    let mut here = at;
    let mut wording =
        WordReader { named, end: line.end, spans, of: false, change: false, last: String::new() };
    for n in 0..=BETWEEN {
        match wording.step(n, here) {
            NextWord::Done => return,
            NextWord::At(next) => here = next,
            NextWord::Other => break,
        }
    }
    if !wording.of {
        introduced(named, at, spans);
        unmarked::behind(&named, at, spans);
    }
}

impl WordReader<'_, '_> {
    /// Reads the word at `here`, the `n`th behind the name.
    fn step(&mut self, n: usize, here: usize) -> NextWord {
        let (text, end) = (self.named.text, self.end);
        let stop = text[here..end].find([' ', '\t', '\u{a0}']).map_or(end, |len| here + len);
        let lower = text[here..stop].to_lowercase();
        let next = skip_blanks(text, stop).min(end);
        if lower.is_empty()
            || n == 0 && directly_behind(self.named, here..stop, next..end, self.spans)
            || self.changed_to(here)
        {
            return NextWord::Done;
        }
        if let Some(step) = self.verb(n, &lower, next) {
            return step;
        }
        if has(words::CHANGES, &lower) && n == 0 {
            self.change = true;
        } else {
            match self.owner(n, here..stop, &lower) {
                NextWord::At(_) => {}
                last => return last,
            }
        }
        self.last = lower;
        if let Some((join, behind)) = separator(text, next, true).filter(|_| self.of) {
            self.named.value(behind, join, self.spans);
            return NextWord::Done;
        }
        NextWord::At(next)
    }

    /// A verb, or a word that joins the name and the value, which begins at `next`.
    fn verb(&mut self, n: usize, lower: &str, next: usize) -> Option<NextWord> {
        let (text, end) = (self.named.text, self.end);
        if is_copula(lower)
            && let Some(from) = changes::change_from(&text[next..end])
        {
            self.change = true;
            return Some(NextWord::At(next + from));
        }
        // `The secret to good performance is a cache`.
        if n == 0 && lower == "to" && self.named.name().eq_ignore_ascii_case("secret") {
            self.named.class = Class::Weak;
        }
        // `The password for this connection expires on Monday`.
        let is_remark = || values::is_remark(&self.last) || values::ends_like_remark(&self.last);
        if lower == "on" && is_remark() {
            return Some(NextWord::Done);
        }
        if self.introduces(lower, next) {
            behind_copula(self.named, next, self.of, self.spans);
            return Some(NextWord::Done);
        }
        if n > 0 && changes::is_from(lower) && self.is_change() {
            return Some(NextWord::At(changes::old_value(text, next, end, self.spans)));
        }
        None
    }

    /// Whether the word joins a name and a value, which begins at `next`.
    fn introduces(&self, word: &str, next: usize) -> bool {
        let is_polish = word == "to" && self.named.name().to_lowercase().starts_with("has");
        let is_time =
            || word == "on" && begins_with_time_or_place(&self.named.text[next..self.end]);
        // `senha da conta svc`: here the word is no copula.
        let is_of = || word == "da" && self.named.text[next..self.end].trim().contains(' ');
        is_copula(word) && !is_time() && !is_of()
            || is_polish
            || matches!(word, "to" | "auf" | "en" | "para" | "à") && self.is_change()
    }

    /// Whether a verb of a change was read, or stands before the name.
    fn is_change(&self) -> bool {
        let mut before = self.named.lead().split(' ');
        self.change || before.any(|word| has(words::CHANGES, &word.to_lowercase()))
    }

    /// A word for the owner of the secret, or behind it.
    fn owner(&mut self, n: usize, word: Range<usize>, lower: &str) -> NextWord {
        let (here, stop) = (word.start, word.end);
        let word = &self.named.text[word];
        let bare = word.strip_suffix([':', '=', '：']).filter(|bare| !bare.is_empty());
        let value = bare.map(|_| stop);
        if matches!(lower, "where" | "select") {
            return NextWord::Done;
        }
        if n == 0 && (is_kind(word) || has(OWNERS, lower.trim_end_matches(':'))) {
            self.of = true;
            if let Some(value) = value.filter(|_| !word.ends_with('：')) {
                self.named.value(value, Join::Colon, self.spans);
                return NextWord::Done;
            }
        } else if n == 0 && has(words::OF, lower)
            || ["d'", "l'", "dell'", "all'"].iter().any(|of| lower.starts_with(of))
        {
            self.of = true;
        } else if !self.of {
            return NextWord::Other;
        } else if let (Some(bare), Some(value)) = (bare, value) {
            // `clave de producto: 12345`
            if !unmarked::is_of_thing(&self.named, &bare.to_lowercase()) {
                self.named.value(value, Join::Colon, self.spans);
            }
            return NextWord::Done;
        } else if n > 1 && behind_owner(self.named, here, &self.last, self.spans) {
            return NextWord::Done;
        }
        NextWord::At(stop)
    }

    /// `changed to X`, `wurde auf X geändert`, at this word.
    fn changed_to(&mut self, here: usize) -> bool {
        let text = self.named.text;
        let stop = text.floor_char_boundary(here + CLAUSE).min(self.end);
        let Some(new) = changes::new_value(&text[here..stop]) else { return false };
        let at = skip_blanks(text, here + new.at);
        if new.is_sure {
            behind_copula(self.named, at, self.of, self.spans);
            return true;
        }
        let Some(value) = values::read(text, at, ValueKind::Plain) else { return false };
        let found = looks::without_end(&text[value.start..value.end]);
        let is_secret = match self.named.class {
            Class::Strong | Class::Pin => value.quoted || looks::is_strict(found),
            _ => keys::is_random(found),
        };
        let takes = is_secret && !values::is_stand_in(found) && !values::is_remark(found);
        if takes {
            self.spans.hide(text, value.start, value.start + found.len());
        }
        takes
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
    named: SecretName<'_>,
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
    if let Some(len) = changes::end_of_change(&lower, &text[rest.clone()]) {
        behind_copula(named, skip_blanks(text, rest.start + len), false, spans);
        return true;
    }
    false
}

/// `password for sa X`: the word behind the owner.
fn behind_owner(named: SecretName<'_>, at: usize, owner: &str, spans: &mut Spans) -> bool {
    let is_owner = !has(words::OF, owner) && !has(words::PLACES, owner) && !has(OWNERS, owner);
    let word = named.text[at..].split_whitespace().next().unwrap_or_default();
    let takes = is_owner && named.class == Class::Strong && looks::is_strict(word);
    if takes {
        spans.hide(named.text, at, at + looks::without_end(word).len());
    }
    takes
}

/// Words for the owner, which may end with the colon: `hasło użytkownika: x`.
const OWNERS: &str = " użytkownika uživatele пользователя utilisateur usuario usuário benutzer gebruiker användare bruger bruker \
    korisnika користувача потребителя lietotāja vartotojo kasutaja pengguna ";

/// Words before a name after which a password that was refused may follow.
const TRIED: &str = " tried wrong bad incorrect rejected refused falsches ungültiges ";

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
fn literal(named: SecretName<'_>, at: usize, spans: &mut Spans) {
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

fn behind_copula(named: SecretName<'_>, at: usize, of: bool, spans: &mut Spans) {
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
    let is_stand_in = values::is_stand_in(found)
        || values::is_stand_in(whole)
        || named.is_key_of_row(value.start, value.end);
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
fn behind_remark(named: SecretName<'_>, at: usize, spans: &mut Spans) -> bool {
    let text = named.text;
    let Some(value) = values::read(text, at, ValueKind::Plain) else { return false };
    let found = text[value.start..value.end].trim_end_matches(['.', ',', ')', ':']);
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-.@".contains(c);
    let takes = named.class == Class::Strong
        && values::is_odd(found)
        && !named.is_key_of_row(value.start, value.end)
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
fn compared(named: SecretName<'_>, at: usize, spans: &mut Spans) {
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
fn like(named: SecretName<'_>, at: usize, spans: &mut Spans) {
    let value = values::read(named.text, at, ValueKind::Plain).filter(|value| value.quoted);
    let is_any =
        |value: &values::Value| named.text[value.start..value.end].trim_matches('%').is_empty();
    let takes = |value: &values::Value| named.accepts(value, Join::Equals) && !is_any(value);
    if let Some(value) = value.filter(takes) {
        spans.hide(named.text, value.start, value.end);
    }
}

/// `login sa with password hunter2`, `pw hunter2`, `login x password y` of `.netrc`.
fn introduced(named: SecretName<'_>, at: usize, spans: &mut Spans) {
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
