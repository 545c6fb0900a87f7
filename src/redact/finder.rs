//! Pure. One search of a text for every sign of a secret; each find is passed to its rule. Nearly
//! all texts have no find, and cost only the search.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::{memchr, memchr_iter};
use regex::Regex;

use crate::redact::assign::{self, Named};
use crate::redact::names::{self, Class};
use crate::redact::spans::Spans;
use crate::redact::values;
use crate::redact::{blocks, commands, headers, random, statements, tables, urls, vendors, words};

/// The rule of a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Name,
    UnspacedName,
    Phrase,
    Vendor(usize),
    /// The index of a regex of `vendors` or `statements`.
    Regex(usize),
    Tool,
    Unknown,
    Net(bool),
    Cmdlet(usize),
    Positional(usize),
    Piped,
    Scheme,
    Url,
    EncodedUrl,
    Begin,
    End,
    Putty,
    Jwk,
    Inline,
    Insert,
    HttpHeader,
    Query,
}

/// Signs besides those in the tables of other files.
const SIGNS: &[(&str, Sign)] = &[
    ("://", Sign::Url),
    ("%3a%2f%2f", Sign::EncodedUrl),
    ("-----begin ", Sign::Begin),
    ("-----end ", Sign::End),
    ("private-lines:", Sign::Putty),
    ("private-mac:", Sign::Putty),
    ("kty", Sign::Jwk),
    ("inline", Sign::Inline),
    ("insert", Sign::Insert),
    ("httpheader", Sign::HttpHeader),
    ("query", Sign::Query),
    ("net use", Sign::Net(true)),
    ("net user", Sign::Net(false)),
    ("convertto-securestring", Sign::Cmdlet(0)),
    ("networkcredential(", Sign::Cmdlet(1)),
    ("pscredential(", Sign::Cmdlet(1)),
    ("htpasswd -b", Sign::Positional(2)),
    ("htpasswd -cb", Sign::Positional(2)),
    ("htpasswd -nb", Sign::Positional(1)),
    ("isql", Sign::Positional(2)),
    ("sudo -s", Sign::Piped),
    ("runas ", Sign::Piped),
    (" -p ", Sign::Unknown),
    (" /p:", Sign::Unknown),
    (" -p:", Sign::Unknown),
    ("bearer", Sign::Scheme),
    ("basic", Sign::Scheme),
    ("negotiate", Sign::Scheme),
    ("ntlm", Sign::Scheme),
    ("digest", Sign::Scheme),
];

/// Longer names in which a short word counts as a name.
const NAMES: &[&str] = &[
    "pass",
    "passe",
    "pwd",
    "pw",
    "mdp",
    "geslo",
    "clave",
    "contras",
    "parol",
    "sifra",
    "psw",
    "pword",
    "losen",
    "lösen",
    "secret",
    "psk",
    "chiave",
    "segre",
    "secre",
    "geheim",
    "hemlighet",
    "salaisuus",
    "tajne",
    "key",
    "keys",
    "schl",
    "sas",
    "sig",
    "auth",
    "token",
    "cred",
    "ticket",
    "csrf",
    "xsrf",
    "bearer",
    "jwt",
    "sess",
    "session",
    "pin",
    "otp",
    "mfa",
    "code",
    "kod",
    "cvv",
    "puk",
    "cookie",
    "pincode",
    "clé",
    "llave",
    "chave",
    "klucz",
    "nyckel",
    "ключ",
    "токен",
    "пин",
    "jeton",
    "pat",
    "samlresponse",
    "assertion",
    "cvc",
    "tan",
    "sid",
    "hmac",
    "k",
    "aspnet",
    "connect.sid",
];

/// Names of one or two letters count in the query of a URL only.
const TOO_SHORT: usize = 2;

/// The number of finds that are followed in any text; one more is allowed for every [`EACH`] bytes.
/// A text with more, unlike any log or script, is hidden from there on, so that the work is bounded
/// by its length.
const FREE: usize = 1000;
const EACH: usize = 800;
/// HTTP credentials reach to the end of a line: this many bytes of one count as a find.
const OF_LINE: usize = 256;

/// No regex of a vendor's token matches less.
const SHORTEST_TOKEN: usize = 9;

struct Finder {
    search: AhoCorasick,
    signs: Vec<Sign>,
    regexes: Vec<LazyLock<Regex, Box<dyn Fn() -> Regex + Send + Sync>>>,
}

static FINDER: LazyLock<Finder> = LazyLock::new(build);

fn build() -> Finder {
    let mut signs: BTreeMap<String, Vec<Sign>> = BTreeMap::new();
    let mut add = |text: &str, sign: Sign| {
        let all = signs.entry(text.to_lowercase()).or_default();
        if !all.contains(&sign) {
            all.push(sign);
        }
    };
    for name in NAMES.iter().chain(words::INSIDE).filter(|name| name.len() > 1) {
        for form in forms(name) {
            add(&form, Sign::Name);
        }
    }
    for phrase in words::PHRASES {
        add(phrase, Sign::Phrase);
    }
    for name in words::UNSPACED {
        add(name, Sign::UnspacedName);
    }
    for (number, begins) in vendors::beginnings().enumerate() {
        add(begins, Sign::Vendor(number));
    }
    let within = vendors::WITHIN.iter().chain(statements::STATEMENTS);
    for (number, (sign, _)) in within.clone().enumerate().filter(|(_, (sign, _))| sign.len() > 1) {
        add(sign, Sign::Regex(number));
    }
    for tool in commands::names() {
        add(&format!("{tool} "), Sign::Tool);
        add(&format!("{tool}.exe"), Sign::Tool);
    }
    for (sign, what) in SIGNS {
        add(sign, *what);
    }
    let mut patterns = Vec::new();
    let mut list = Vec::new();
    for (text, all) in signs {
        for sign in all {
            for form in upper_forms(&text) {
                patterns.push(form);
                list.push(sign);
            }
        }
    }
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(patterns)
        .expect("the signs are fixed");
    let regexes = within
        .map(|(_, regex)| {
            let build: Box<dyn Fn() -> Regex + Send + Sync> =
                Box::new(|| Regex::new(regex).expect("the rules are fixed and tested"));
            LazyLock::new(build)
        })
        .collect();
    Finder { search, signs: list, regexes }
}

fn forms(name: &str) -> Vec<String> {
    vec![name.to_lowercase()]
}

/// Upper-case forms of non-ASCII text, since the search ignores the case of ASCII only.
fn upper_forms(text: &str) -> Vec<String> {
    if text.is_ascii() {
        return vec![text.to_owned()];
    }
    let upper = text.to_uppercase();
    let mut title: String = text.chars().take(1).flat_map(char::to_uppercase).collect();
    title.extend(text.chars().skip(1));
    let mut all = vec![text.to_owned(), upper, title, text.replace('i', "İ").to_uppercase()];
    all.sort();
    all.dedup();
    all
}

/// The parts to hide, in order.
pub(crate) fn find(text: &str) -> Vec<(usize, usize)> {
    let finder = &*FINDER;
    let mut spans = Spans::default();
    let mut seen = Seen { has_lines: text.contains('\n'), ..Seen::default() };
    let budget = FREE + text.len() / EACH;
    for found in finder.search.find_overlapping_iter(text) {
        if seen.spent > budget {
            spans.hide(text, found.start(), text.len());
            return spans.joined();
        }
        follow(
            finder,
            text,
            found.start(),
            found.end(),
            finder.signs[found.pattern().as_usize()],
            &mut spans,
            &mut seen,
        );
    }
    let has_long_run = random::has_long_run(text);
    short_regexes(finder, text, &mut spans);
    if has_long_run {
        random::hide(text, &mut spans);
        if text.contains('\n') {
            blocks::runs(text, &mut spans);
        }
    }
    spans.joined()
}

/// The progress of the search.
#[derive(Default)]
struct Seen<'t> {
    /// Judged names: they repeat, and judging one is slow.
    judged: HashMap<(&'t str, Option<&'t str>, bool), Option<Class>>,
    /// Names before this place are done.
    name: usize,
    /// How far each regex was tried, and its matches so far.
    regexes: HashMap<usize, (usize, usize)>,
    jwk: bool,
    header: usize,
    has_lines: bool,
    table: usize,
    /// How far the words of each tool were read.
    tools: HashMap<String, usize>,
    /// The work so far, as a number of followed finds.
    spent: usize,
}

fn follow<'t>(
    finder: &Finder,
    text: &'t str,
    start: usize,
    end: usize,
    sign: Sign,
    spans: &mut Spans,
    seen: &mut Seen<'t>,
) {
    seen.spent += usize::from(!matches!(
        sign,
        Sign::Name | Sign::Regex(_) | Sign::Query | Sign::Inline | Sign::Jwk
    ));
    match sign {
        Sign::Name => name(text, start, end, spans, seen),
        Sign::UnspacedName => {
            Named { text, start, end, class: Class::Strong, unspaced: true }.hide(spans);
        }
        Sign::Phrase => {
            let begins = !text[..start].ends_with(char::is_alphanumeric)
                && !text[end..].starts_with(char::is_alphanumeric);
            if begins {
                Named { text, start, end, class: Class::Strong, unspaced: false }.hide(spans);
            }
        }
        Sign::Vendor(number) => vendors::hide(text, number, start, spans),
        Sign::Regex(number) => {
            let (done, matches) = seen.regexes.entry(number).or_default();
            if *done > start {
                return;
            }
            // The token of a vendor is one word; statements may have many lines.
            let part = match number.checked_sub(vendors::WITHIN.len()) {
                None => match word(text, start) {
                    word if word.len() < SHORTEST_TOKEN => return,
                    word => word,
                },
                Some(number) if statements::may_match(text, start, number) => 0..text.len(),
                Some(_) => return,
            };
            *done = part.end;
            regex(finder, text, number, part, matches, spans);
        }
        Sign::Tool => {
            let tool = text[start..end].trim_end();
            let len = if tool.to_ascii_lowercase().ends_with(".exe") {
                tool.len() - 4
            } else {
                tool.len()
            };
            // An earlier call of the tool has already read this part of the line.
            let name = tool[..len].to_ascii_lowercase();
            let until = seen.tools.entry(name).or_default();
            if *until <= start {
                *until = commands::tool(text, start, start + len, spans);
            }
        }
        Sign::Unknown => commands::unknown(text, start + 1, spans),
        Sign::Net(_) | Sign::Cmdlet(_) | Sign::Positional(_) | Sign::Piped
            if !commands::begins_word(text, start) => {}
        // `.NET user` is no command.
        Sign::Net(_) if text[..start].ends_with('.') => {}
        Sign::Net(is_use) => commands::net(text, end, is_use, spans),
        Sign::Cmdlet(nth) => commands::cmdlet(text, end, nth, spans),
        Sign::Positional(nth) => commands::positional(text, end, nth, spans),
        Sign::Piped => commands::piped(text, start, spans),
        Sign::Scheme => headers::bare(text, start, end, spans),
        Sign::Url => urls::hide(text, start, spans),
        Sign::EncodedUrl => urls::encoded_user(text, end, spans),
        Sign::Begin => blocks::begin(text, start, spans),
        Sign::End => blocks::end(text, start, spans),
        Sign::Putty => blocks::putty(text, start, spans),
        Sign::Jwk => {
            if !std::mem::replace(&mut seen.jwk, true) {
                blocks::jwk(text, spans);
            }
        }
        Sign::Inline => {
            if start >= seen.table {
                seen.table = tables::inline(text, end, spans);
            }
        }
        Sign::Insert => tables::insert(text, start, spans),
        Sign::HttpHeader => headers::rest_pair(text, end, false, spans),
        Sign::Query => headers::rest_pair(text, end, true, spans),
    }
}

fn name<'t>(text: &'t str, start: usize, end: usize, spans: &mut Spans, seen: &mut Seen<'t>) {
    // A word inside a value is not a name.
    if start < seen.name || spans.covers(start) {
        return;
    }
    let (from, to) = names::around(text, start, end);
    seen.name = to;
    let in_query = assign::in_query(text, from);
    if to - from <= TOO_SHORT && !in_query && !text[from..to].eq_ignore_ascii_case("pw") {
        return;
    }
    let (own, before) = (&text[from..to], word_before(text, from));
    let class = *seen
        .judged
        .entry((own, before, in_query))
        .or_insert_with(|| names::judge(own, before, in_query));
    let Some(class) = class else { return };
    seen.spent += 1;
    if matches!(class, Class::Header | Class::Cookie) {
        seen.spent += (values::value_end(text, to) - to) / OF_LINE;
    }
    let named = Named { text, start: from, end: to, class, unspaced: false };
    named.hide(spans);
    if seen.header <= from && seen.table <= from && seen.has_lines {
        seen.header = tables::bare(text, from, spans);
    }
}

/// The place of the word around `at`.
fn word(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let start = bytes[..at].iter().rposition(u8::is_ascii_whitespace).map_or(0, |found| found + 1);
    let len = bytes[at..].iter().position(u8::is_ascii_whitespace);
    start..len.map_or(bytes.len(), |len| at + len)
}

/// The word before, if only a blank or a dash separates them.
fn word_before(text: &str, at: usize) -> Option<&str> {
    let before = text[values::line_start(text, at)..at].strip_suffix([' ', '-'])?;
    let start = before
        .rfind(|c: char| !c.is_alphanumeric())
        .map_or(0, |found| found + before[found..].chars().next().map_or(1, char::len_utf8));
    (start < before.len()).then(|| &before[start..])
}

/// Tries a regex on a part of the text; `spent` counts its matches in the whole text.
fn regex(
    finder: &Finder,
    text: &str,
    number: usize,
    part: Range<usize>,
    spent: &mut usize,
    spans: &mut Spans,
) {
    let budget = FREE + text.len() / EACH;
    let within = vendors::WITHIN.iter().chain(statements::STATEMENTS);
    let has_paths = within.map(|(sign, _)| *sign).nth(number) == Some("/");
    for found in finder.regexes[number].captures_iter(&text[part.clone()]) {
        let start = part.start + found.get_match().start();
        if *spent > budget {
            spans.hide(text, start, text.len());
            return;
        }
        *spent += 1;
        for group in found.iter().skip(1).flatten() {
            let is_remark = !group.as_str().contains(' ') && values::is_remark(group.as_str());
            let is_path = || values::is_path(group.as_str()) || values::is_in_lib_path(text, start);
            let is_kept =
                values::is_stand_in(group.as_str()) || is_remark || has_paths && is_path();
            if !is_kept {
                spans.hide(text, part.start + group.start(), part.start + group.end());
            }
        }
    }
}

/// Runs the rules whose sign is one character, on texts that may match.
fn short_regexes(finder: &Finder, text: &str, spans: &mut Spans) {
    let within = vendors::WITHIN.iter().chain(statements::STATEMENTS).enumerate();
    let logons = logons(text);
    for (number, (sign, _)) in within.filter(|(_, (sign, _))| sign.len() == 1) {
        let needed = match *sign {
            "/" => {
                let mut matches = 0;
                for part in &logons {
                    regex(finder, text, number, part.clone(), &mut matches, spans);
                }
                continue;
            }
            "." => random::has_run(text, DOTTED, |byte| {
                byte.is_ascii_alphanumeric() || b"._-".contains(&byte)
            }),
            ":" => has_colons(text),
            sign => memchr(sign.as_bytes()[0], text.as_bytes()).is_some(),
        };
        if needed {
            regex(finder, text, number, 0..text.len(), &mut 0, spans);
        }
    }
}

/// The lines in which a user and a password may stand, separated by a slash, each with those before
/// it: a logon may be on another line than its tool.
fn logons(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for slash in memchr_iter(b'/', text.as_bytes()).filter(|slash| is_after_user(text, *slash)) {
        if all.last().is_some_and(|last| slash < last.end) {
            continue;
        }
        if all.is_empty() && !text.contains('@') && !has_tool(text) {
            break;
        }
        let line_before = |at: usize| values::whole_line_start(text, at.saturating_sub(1));
        let start = (0..LINES_OF_LOGON)
            .fold(values::whole_line_start(text, slash), |at, _| line_before(at));
        let end = values::whole_line_end(text, slash);
        match all.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => all.push(start..end),
        }
    }
    all
}

/// The most line ends between a tool and the logon that it is given.
const LINES_OF_LOGON: usize = 3;

/// Whether the name directly before a slash may be a user's: it begins with a letter, after a
/// quotation mark, a blank or another separator. Nearly all slashes belong to paths and dates.
fn is_after_user(text: &str, slash: usize) -> bool {
    let before = &text.as_bytes()[..slash];
    if before.last() == Some(&b']') {
        return true;
    }
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_$#.".contains(byte);
    let start = before.iter().rposition(|byte| !is_part(byte)).map_or(0, |other| other + 1);
    let separator = start.checked_sub(1).map_or(b' ', |at| before[at]);
    before.get(start).is_some_and(u8::is_ascii_alphabetic) && !b"/\\-@%?&".contains(&separator)
}

fn has_tool(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["sqlplus", "userid=", "conn", "imp", "exp", "rman", "sqlldr", "log on"]
        .iter()
        .any(|word| lower.contains(word))
}

/// The length of the shortest token of a bot, which has three parts.
const DOTTED: usize = 56;

/// Whether four colons stand in one word.
fn has_colons(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut found = [usize::MAX; 4];
    memchr_iter(b':', bytes).any(|at| {
        found.rotate_left(1);
        found[3] = at;
        found[0] != usize::MAX && !bytes[found[0]..at].iter().any(u8::is_ascii_whitespace)
    })
}
