//! Pure. One search of a text for every sign of a secret; each match is passed to its rule. Nearly
//! all texts have no match, and cost only the search.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use regex::Regex;

use crate::redact::assign::{self, SecretName};
use crate::redact::names::{self, Class};
use crate::redact::near::{self, Near};
use crate::redact::spans::Spans;
use crate::redact::values;
use crate::redact::{
    blocks, calls, commands, headers, logins, lost, random, signs, statements, tables, urls,
    vendors, view, words,
};

/// The rule of a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Name,
    UnspacedName,
    Phrase(Class),
    Vendor(usize),
    /// The index of a regex of `vendors` or `statements`.
    Regex(usize),
    Tool,
    Unknown,
    Glued,
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
    Ssh,
    Jwk,
    Inline,
    Insert,
    HttpHeader,
    Query,
    Call,
    /// A call with a secret among other words.
    Opener,
    /// A call that decodes a user and a password.
    Decoder,
    /// A word for a logon, behind which a user and a password may stand.
    Login,
    /// `key`, alone.
    Key,
    At,
}

/// Signs besides those in the tables of other files.
const SIGNS: &[(&str, Sign)] = &[
    ("://", Sign::Url),
    ("%3a%2f%2f", Sign::EncodedUrl),
    ("-----begin ", Sign::Begin),
    ("-----end ", Sign::End),
    ("---- begin ", Sign::Ssh),
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
    ("runas.exe", Sign::Piped),
    ("kinit", Sign::Piped),
    ("chpasswd", Sign::Piped),
    ("smbpasswd", Sign::Piped),
    ("cryptsetup", Sign::Piped),
    ("--password-stdin", Sign::Piped),
    ("--passphrase-fd", Sign::Piped),
    ("passwd --stdin", Sign::Piped),
    ("su -", Sign::Piped),
    ("key ", Sign::Key),
    ("key=", Sign::Key),
    ("@", Sign::At),
    (" -p ", Sign::Unknown),
    (" -p", Sign::Glued),
    (" /p:", Sign::Unknown),
    (" -p:", Sign::Unknown),
    ("bearer", Sign::Scheme),
    ("basic", Sign::Scheme),
    ("negotiate", Sign::Scheme),
    ("ntlm", Sign::Scheme),
    ("digest", Sign::Scheme),
];

/// Names of one or two letters count only in the query of a URL.
const TOO_SHORT: usize = 2;

/// The most bytes of a name that are judged.
const JUDGED: usize = 80;

/// The number of finds that are followed in any text; one more is allowed for every [`EACH`] bytes.
/// A text with more, unlike any log or script, is hidden from there on, so that the work is bounded
/// by its length. Tokens and URLs are no finds; of them [`AGAIN`] bytes are examined for each of the
/// text, and the lines of those beyond are hidden.
const FREE: usize = 1000;
const EACH: usize = 800;
/// HTTP credentials reach to the end of a line: this many bytes of one count as a match.
const OF_LINE: usize = 256;
const AGAIN: usize = 4;

struct Finder {
    search: AhoCorasick,
    signs: Vec<Sign>,
    regexes: Vec<(Near, LazyLock<Regex, Build>)>,
}

type Build = Box<dyn Fn() -> Regex + Send + Sync>;

static FINDER: LazyLock<Finder> = LazyLock::new(build);

fn build() -> Finder {
    let mut signs: BTreeMap<String, Vec<Sign>> = BTreeMap::new();
    let mut add = |text: &str, sign: Sign| {
        let all = signs.entry(text.to_lowercase()).or_default();
        if !all.contains(&sign) {
            all.push(sign);
        }
    };
    let lists = [signs::NAMES, words::INSIDE, words::KEYS];
    let names = lists.into_iter().flat_map(lost::with_forms);
    for name in names.filter(|name| name.len() > 1) {
        add(&name, Sign::Name);
    }
    for (list, class) in [(words::PHRASES, Class::Strong), (words::WEAK_PHRASES, Class::Weak)] {
        for phrase in lost::with_forms(list) {
            add(&phrase, Sign::Phrase(class));
            // The apostrophe of texts that people write.
            add(&phrase.replace('\'', "’"), Sign::Phrase(class));
        }
    }
    for sign in logins::SIGNS {
        add(sign, Sign::Login);
    }
    for call in calls::OPENERS {
        add(call, Sign::Opener);
    }
    for call in calls::DECODERS {
        add(call, Sign::Decoder);
    }
    for call in lost::with_forms(calls::CALLS) {
        add(&call, Sign::Call);
    }
    for name in words::UNSPACED {
        add(name, Sign::UnspacedName);
    }
    for (number, begins) in vendors::beginnings().enumerate() {
        add(begins, Sign::Vendor(number));
    }
    for (number, (near, _)) in regexes().enumerate() {
        near.sign().iter().for_each(|sign| add(sign, Sign::Regex(number)));
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
    let regexes = regexes().map(|(near, regex)| {
        let build: Build = Box::new(|| Regex::new(regex).expect("the rules are fixed and tested"));
        (*near, LazyLock::new(build))
    });
    Finder { search, signs: list, regexes: regexes.collect() }
}

/// All regexes, in the order of their numbers.
fn regexes() -> impl Iterator<Item = &'static (Near, &'static str)> {
    vendors::WITHIN.iter().chain(statements::STATEMENTS)
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
    view::search(text, find_in)
}

fn find_in(text: &str) -> Vec<(usize, usize)> {
    let finder = &*FINDER;
    let mut spans = Spans::default();
    let mut seen = SearchProgress { has_lines: text.contains('\n'), ..SearchProgress::default() };
    let budget = FREE + text.len() / EACH;
    let mut hidden = 0;
    for found in finder.search.find_overlapping_iter(text) {
        let sign = finder.signs[found.pattern().as_usize()];
        let (start, end) = (found.start(), found.end());
        if matches!(sign, Sign::Vendor(_) | Sign::Url) && seen.bytes > FREE + AGAIN * text.len() {
            if start >= hidden {
                hidden = values::line_end(text, start);
                spans.hide(text, start, hidden);
            }
            continue;
        }
        if seen.spent > budget {
            spans.hide(text, start, text.len());
            break;
        }
        follow(finder, text, start, end, sign, &mut spans, &mut seen);
    }
    signless(finder, text, &mut spans);
    if random::has_long_run(text) {
        random::hide(text, &mut spans);
        if text.contains('\n') {
            blocks::runs(text, &mut spans);
        }
    }
    spans.joined()
}

/// The progress of the search.
#[derive(Default)]
struct SearchProgress<'t> {
    /// Classified names: they repeat, and classifying one is slow.
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
    /// The work so far, as a number of followed matches.
    spent: usize,
    /// The bytes of tokens and URLs that were examined.
    bytes: usize,
}

fn follow<'t>(
    finder: &Finder,
    text: &'t str,
    start: usize,
    end: usize,
    sign: Sign,
    spans: &mut Spans,
    seen: &mut SearchProgress<'t>,
) {
    seen.spent += usize::from(!matches!(
        sign,
        Sign::Name
            | Sign::Regex(_)
            | Sign::Query
            | Sign::Inline
            | Sign::Jwk
            | Sign::Vendor(_)
            | Sign::Url
            | Sign::Login
            | Sign::Key
            | Sign::At
    ));
    match sign {
        Sign::Name => name(text, start, end, spans, seen),
        Sign::UnspacedName => {
            SecretName { text, start, end, class: Class::Strong, unspaced: true }.hide(spans);
        }
        Sign::Phrase(class) => {
            let begins = !text[..start].ends_with(char::is_alphanumeric)
                && !text[end..].starts_with(char::is_alphanumeric);
            if begins {
                SecretName { text, start, end, class, unspaced: false }.hide(spans);
            }
        }
        Sign::Vendor(number) => seen.bytes += vendors::hide(text, number, start, spans),
        Sign::Regex(number) => {
            let (done, matches) = seen.regexes.entry(number).or_default();
            regex_from(finder, text, number, start, (done, matches), spans);
        }
        Sign::Tool => tool(text, start, end, spans, seen),
        Sign::Unknown => commands::unknown(text, start + 1, spans),
        Sign::Glued => commands::glued(text, start + 1, spans),
        Sign::Net(_) | Sign::Cmdlet(_) | Sign::Positional(_) | Sign::Piped
            if !commands::begins_word(text, start) => {}
        // `.NET user` is no command.
        Sign::Net(_) if text[..start].ends_with('.') => {}
        Sign::Net(is_use) => commands::net(text, end, is_use, spans),
        Sign::Cmdlet(nth) => commands::cmdlet(text, end, nth, spans),
        Sign::Positional(nth) => commands::positional(text, end, nth, spans),
        Sign::Piped => commands::piped(text, start, spans),
        Sign::Scheme => headers::alone(text, start, end, spans),
        Sign::Url => seen.bytes += urls::hide(text, start, spans),
        Sign::EncodedUrl => urls::encoded_user(text, end, spans),
        Sign::Begin => blocks::begin(text, start, spans),
        Sign::End => blocks::end(text, start, spans),
        Sign::Putty => blocks::putty(text, start, spans),
        Sign::Ssh => blocks::ssh(text, start, spans),
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
        Sign::Call => {
            calls::arguments(text, end, spans);
        }
        Sign::Opener => calls::odd_arguments(text, end, spans),
        Sign::Decoder => calls::decoded(text, end, spans),
        Sign::Login => logins::hide(text, start, end, spans),
        Sign::Key => logins::key(text, start, end, spans),
        Sign::At => logins::address(text, start, spans),
        Sign::HttpHeader => headers::rest_pair(text, end, false, spans),
        Sign::Query => headers::rest_pair(text, end, true, spans),
    }
}

/// Searches the part of the text at `start` with a regex, unless that is done.
fn regex_from(
    finder: &Finder,
    text: &str,
    number: usize,
    start: usize,
    (done, matches): (&mut usize, &mut usize),
    spans: &mut Spans,
) {
    let is_of_word = matches!(finder.regexes[number].0, Near::Word(_));
    let part = if is_of_word { near::token(text, start) } else { Some(0..text.len()) };
    if let Some(part) = part.filter(|_| *done <= start) {
        *done = part.end;
        regex(finder, text, number, part, matches, spans);
    }
}

fn tool(text: &str, start: usize, end: usize, spans: &mut Spans, seen: &mut SearchProgress<'_>) {
    let tool = text[start..end].trim_end().to_ascii_lowercase();
    let name = tool.strip_suffix(".exe").unwrap_or(&tool);
    let end = start + name.len();
    // An earlier call of the tool has already read this part of the line.
    let until = seen.tools.entry(name.to_owned()).or_default();
    if *until <= start {
        *until = commands::tool(text, start, end, spans);
    }
}

fn name<'t>(
    text: &'t str,
    start: usize,
    end: usize,
    spans: &mut Spans,
    seen: &mut SearchProgress<'t>,
) {
    // A word inside a value is not a name.
    if start < seen.name || spans.covers(start) {
        return;
    }
    let (from, to) = names::around(text, start, end);
    if to - end > JUDGED {
        // No name, but the end of the same letters may be one.
        seen.name = text.floor_char_boundary(to - JUDGED).max(end);
        return;
    }
    seen.name = to;
    let in_query = assign::in_query(text, from);
    if to - from <= TOO_SHORT && !in_query && !text[from..to].eq_ignore_ascii_case("pw") {
        return;
    }
    let judged = text.ceil_char_boundary(from.max(to.saturating_sub(JUDGED))).min(start);
    let (own, before) = (&text[judged..to], word_before(text, from));
    let class = *seen
        .judged
        .entry((own, before, in_query))
        .or_insert_with(|| names::judge(own, before, in_query));
    let Some(class) = class else { return };
    seen.spent += 1;
    if matches!(class, Class::Header | Class::Cookie) {
        seen.spent += (values::value_end(text, to) - to) / OF_LINE;
    }
    let named = SecretName { text, start: from, end: to, class, unspaced: false };
    named.hide(spans);
    if seen.header <= from && seen.table <= from && seen.has_lines {
        seen.header = tables::without_statement(text, from, spans);
    }
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
    let (near, search) = &finder.regexes[number];
    for found in search.captures_iter(&text[part.clone()]) {
        let start = part.start + found.get_match().start();
        if *spent > budget {
            spans.hide(text, start, text.len());
            return;
        }
        *spent += 1;
        for group in found.iter().skip(1).flatten() {
            let is_remark = !group.as_str().contains(' ') && values::is_remark(group.as_str());
            let is_path = || values::is_path(group.as_str()) || values::is_in_lib_path(text, start);
            // `$(vPassword)`, of which the regex matches no parenthesis.
            let is_reference = group.as_str().starts_with("$(")
                && text[part.start + group.end()..].starts_with(')');
            let is_kept = values::is_stand_in(group.as_str())
                || is_reference
                || is_remark
                || *near == Near::Logon && is_path();
            if !is_kept {
                spans.hide(text, part.start + group.start(), part.start + group.end());
            }
        }
    }
}

/// Tries the regexes without a sign.
fn signless(finder: &Finder, text: &str, spans: &mut Spans) {
    let logons = near::logons(text);
    for (number, (near, _)) in finder.regexes.iter().enumerate() {
        let is_needed = match near {
            Near::Word(_) | Near::Text(_) => false,
            Near::Logon => {
                let mut matches = 0;
                for part in &logons {
                    regex(finder, text, number, part.clone(), &mut matches, spans);
                }
                false
            }
            Near::Dotted => near::has_dotted(text),
            Near::Colons => near::has_colons(text),
        };
        if is_needed {
            regex(finder, text, number, 0..text.len(), &mut 0, spans);
        }
    }
}

#[cfg(test)]
mod tests;
