//! Pure. Takes secrets out of text before anything is stored or sent.
//!
//! Script logs show passwords, tokens and connection strings in clear. Rather too much is taken
//! out than too little, but never what an error says: names of fields, tables and files, ids of
//! apps and tasks, and paths stay.

mod glance;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands where a secret stood.
pub const REDACTED: &str = "‹redacted›";

/// Letters, digits and everything beyond ASCII: the tables of `\w` take a megabyte in these rules.
const WORD: &str = r"0-9A-Za-z_\x{80}-\x{10FFFF}";

/// A name that a secret goes by, alone or inside a longer name such as `vDbPassword`. Scripts are
/// written in the words of those who write them.
const NAME: &str = r"[WORD.-]*(?:passw(?:or)?d|passwort|kennwort|mot[_-]?de[_-]?passe|contrase[nñ]a|wachtwoord|l[oö]senord|\bsenha|passphrase|passcode|pass\b|pwd|secret|token|api[_-]?key|account[_-]?key|shared[_-]?access[_-]?(?:key|signature)|access[_-]?key|private[_-]?key|auth[_-]?key|user[_-]?key|authorization|credentials?|\bsig\b|\bsas\b)[WORD-]*";

/// A value in quotes of any kind (closed or not), in braces, or up to the next separator.
const VALUE: &str = r#"(?:""[^"]+""|"(?:[^"]|"")*"?|'(?:[^']|'')*'?|\{[^}]*\}?|(?:bearer|basic|negotiate|digest|ntlm|sharedaccesssignature)\s+[^\s;'"]+|[^\s;,&'")\]]+)"#;

/// A rule and what to put in place of a find.
struct Rule {
    find: Regex,
    put: fn(&Captures<'_>) -> String,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        rule(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END[^-]*-----|\z)", whole),
        rule(r"\beyJ[WORD-]{4,}\.[WORD-]+(?:\.[WORD-]*)*", whole),
        rule(r#"(://)([^\s/:@'"]*(?::[^\s'"]*)?)@"#, user_in_url),
        rule(&format!(r#"(?i)(httpheader\s+(?:"[^"]*"|'[^']*'|\S+)[\s,]+)({VALUE})"#), keep_name),
        rule(&format!(r"(?im)(\b(?:let|set)\s+{NAME}\s*=[ \t]*)(.*)$"), keep_name),
        // In a connection string a value ends at the semicolon, whatever it holds.
        rule(r#"(?i)(\b(?:password|pwd)\s*=)([^;'"{}\n]+);"#, pair),
        rule(
            &format!(
                r#"(?i)((?:un)?expected\s+)?({NAME}['"\])]{{0,2}}\s*(?::=|=>|=|:)\s*)({VALUE})"#
            ),
            named,
        ),
        rule(r#"(?i)(\bx(?:password|userid)\s+is\s+)([^\s;,)'"]+)"#, keep_name),
        rule(r#"(?i)(\b(?:password|passwd|pwd|identified\s+by)\s+)('[^']+'?|"[^"]+"?)"#, keep_name),
        rule(&format!(r"(?i)(--?{NAME}\s+)({VALUE})"), keep_name),
        rule(r"(?i)(\bbearer\s+)([WORD.~+/=-]{8,})", keep_name),
        rule(r"(?i)(\b(?:basic|negotiate|ntlm|digest)\s+)([A-Za-z0-9+/=_-]{8,})", credentials),
        rule(
            r#"(?i)([?&][^=&\s'"]*(?:token|key|sig|code|secret|pass|pwd|auth)[^=&\s'"]*=)([^&\s'"]+)"#,
            keep_name,
        ),
        rule(r"[A-Za-z0-9+/_-]{32,}={0,2}(?:\.[A-Za-z][0-9A-Za-z_]{1,4}\b)?", random),
    ]
});

/// The text without its secrets, each replaced by `‹redacted›`.
pub fn redact(text: &str) -> Cow<'_, str> {
    if glance::is_harmless(text) { Cow::Borrowed(text) } else { by_rules(text) }
}

fn by_rules(text: &str) -> Cow<'_, str> {
    RULES.iter().fold(Cow::Borrowed(text), |text, rule| {
        match rule.find.replace_all(&text, rule.put) {
            Cow::Borrowed(_) => text,
            Cow::Owned(changed) => Cow::Owned(changed),
        }
    })
}

/// The text without its secrets and with at most `limit` characters, `…` being the last one if it
/// was longer. Redacted first: a secret that is cut in two might not be known any more.
pub fn redact_and_bound(text: &str, limit: usize) -> String {
    let text = redact(text);
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return text.into_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

fn rule(find: &str, put: fn(&Captures<'_>) -> String) -> Rule {
    let find = Regex::new(&find.replace("WORD", WORD)).expect("the rules are fixed and tested");
    Rule { find, put }
}

fn whole(_: &Captures<'_>) -> String {
    REDACTED.to_owned()
}

fn keep_name(found: &Captures<'_>) -> String {
    format!("{}{REDACTED}", &found[1])
}

fn pair(found: &Captures<'_>) -> String {
    format!("{}{REDACTED};", &found[1])
}

/// `Unexpected token: 'FROM'` is what a script error says, not a secret; yet a secret may follow.
fn named(found: &Captures<'_>) -> String {
    let is_grammar = found.get(1).is_some() && found[2].to_ascii_lowercase().starts_with("token");
    let before = found.get(1).map_or("", |word| word.as_str());
    if is_grammar {
        return format!("{before}{}{}", &found[2], by_rules(&found[3]));
    }
    format!("{before}{}{REDACTED}", &found[2])
}

/// `://user:password@`. A port and a path before an `@` are neither.
fn user_in_url(found: &Captures<'_>) -> String {
    let after_colon = found[2].split_once(':').map_or("", |(_, after)| after);
    let port = after_colon.split(['/', '?']).next().unwrap_or_default();
    let is_port = after_colon.len() > port.len() && port.bytes().all(|byte| byte.is_ascii_digit());
    if is_port { found[0].to_owned() } else { format!("{}{REDACTED}@", &found[1]) }
}

/// `Basic dXNlcjpwYXNz`, but not `Basic authentication`.
fn credentials(found: &Captures<'_>) -> String {
    let value = &found[2];
    let is_word = value.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
    if is_word { found[0].to_owned() } else { keep_name(found) }
}

/// Long keys that go by no name. Ids, paths and file names stay.
fn random(found: &Captures<'_>) -> String {
    let text = &found[0];
    let is_hex = |run: &str| run.len() >= 32 && run.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_file = text.contains('.');
    let runs = || text.split(['/', '_', '-', '+', '=', '.']);
    if !runs().any(is_hex) && (is_file || has_guid(text) || !looks_random(text)) {
        return text.to_owned();
    }
    REDACTED.to_owned()
}

fn has_guid(text: &str) -> bool {
    static GUID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").expect("it is fixed")
    });
    GUID.is_match(text)
}

/// Random letters and digits change their class far more often than words do.
fn looks_random(text: &str) -> bool {
    let is_change = |pair: &[u8]| {
        let (one, next) = (pair[0], pair[1]);
        (one.is_ascii_lowercase() && next.is_ascii_uppercase())
            || (one.is_ascii_alphabetic() && next.is_ascii_digit())
            || (one.is_ascii_digit() && next.is_ascii_alphabetic())
    };
    let changes = text.as_bytes().windows(2).filter(|pair| is_change(pair)).count();
    text.bytes().any(|byte| byte.is_ascii_digit()) && changes * 4 >= text.len()
}

#[cfg(test)]
mod tests;
