//! Pure. How a bare word looks: made up like a password, or like a number of rows, a file, a server
//! or an algorithm.

use crate::redact::names::has;
use crate::redact::values;

/// Shorter words are not judged.
const SHORTEST: usize = 5;
/// The shortest word that is hidden where few secrets stand.
const LONG: usize = 12;
/// The shortest and the longest word that is compared with random ones by its changes alone.
const SCRAMBLED: usize = 8;
const LONGEST: usize = 32;
/// The most digits behind the name of a server or a sheet: `sql01`.
const NUMBER: usize = 2;

/// Names of algorithms and formats, in lower case.
const ALGORITHMS: &str = " sha1 sha224 sha256 sha384 sha512 sha-1 sha-256 sha-384 sha-512 md4 md5 base32 base64 bcrypt utf8 utf-8 utf16 utf-16 \
    oauth1 oauth2 oauth1.0 oauth2.0 ntlmv1 ntlmv2 ldapv3 tls1.2 tls1.3 tlsv1.2 tlsv1.3 pkcs1 pkcs5 pkcs7 pkcs8 pkcs11 pkcs12 x509 \
    aes128 aes192 aes256 aes-128 aes-256 rsa2048 rsa4096 ed25519 hs256 rs256 es256 ps256 rc4 3des pbkdf2 argon2 argon2id kerberos5 \
    windows-1252 cp1252 iso-8859-1 latin1 http2 http/1.1 odbc17 odbc18 win32 win64 amd64 arm64 qlik2026 type2 ";

/// Endings of files that are not listed as those of keys.
const FILES: &[&str] = &[
    ".xlsx", ".xls", ".xlsm", ".xlsb", ".docx", ".doc", ".pptx", ".pdf", ".zip", ".gz", ".7z",
    ".parquet", ".mdb", ".accdb", ".html", ".htm", ".md", ".ps1", ".bat", ".cmd", ".sql", ".qvs",
    ".qvw", ".kdbx", ".png", ".bak", ".tmp", ".py", ".dat", ".avro", ".conf", ".cfg",
];

/// Whether the word ends like the name of a file.
pub(crate) fn is_file(word: &str) -> bool {
    let lower = word.trim_end_matches(['\'', '"', ')', ']', '.', ',']).to_lowercase();
    FILES.iter().any(|end| lower.ends_with(end)) || values::is_path(&lower)
}

/// The word without what ends a sentence.
pub(crate) fn without_end(word: &str) -> &str {
    word.trim_end_matches(['.', ',', ')', ':', ';', ']', '}'])
}

/// Whether it may be a password: letters with digits, signs, or case that no word has.
pub(crate) fn is_made_up(word: &str) -> bool {
    let core = without_end(word).trim_end_matches(['!', '?']);
    let n = core.chars().count();
    let letters = core.chars().filter(|c| c.is_alphabetic()).count();
    let digits = core.chars().filter(char::is_ascii_digit).count();
    let is_sign = |c: char| "!#$%&*?~^@+§€£".contains(c);
    let signs = core.chars().filter(|c| is_sign(*c)).count();
    let made = digits > 0 || signs > 0 || is_mixed(core);
    n >= SHORTEST && letters > 0 && made && !is_known(core)
}

/// The same, but no name with a number, such as `sql01` or `Sheet1`.
pub(crate) fn is_strict(word: &str) -> bool {
    is_made_up(word) && !is_numbered(without_end(word))
}

/// Whether it looks made up at random, where a code or the name of a field may stand as well.
pub(crate) fn is_random(word: &str) -> bool {
    let core = without_end(word);
    let is_change = |pair: &&[u8]| pair[0].is_ascii_digit() != pair[1].is_ascii_digit();
    let changes = core.as_bytes().windows(2).filter(is_change).count();
    core.len() >= LONG
        && !core.contains([' ', '(', '='])
        && core.bytes().any(|byte| byte.is_ascii_lowercase())
        && changes > 1
        && is_strict(core)
        && !is_guid(core)
        && !core.contains(['.', '/', '\\', ':'])
}

/// Whether it is short and changes so often between small letters, capitals and digits as no word and
/// no code does: `hT7pQ2zW`.
pub(crate) fn is_scrambled(word: &str) -> bool {
    let bytes = without_end(word).as_bytes();
    let is_change = |pair: &&[u8]| {
        pair[0].is_ascii_digit() != pair[1].is_ascii_digit()
            || pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()
    };
    let has = |is_kind: fn(&u8) -> bool| bytes.iter().any(is_kind);
    (SCRAMBLED..=LONGEST).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
        && bytes.windows(2).filter(is_change).count() * 2 >= bytes.len()
}

/// Whether it has case that no word and no name of several words has: `SeCrEt`.
fn is_mixed(word: &str) -> bool {
    let is_hump = |pair: &&[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let humps: Vec<usize> = word
        .as_bytes()
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| is_hump(pair))
        .map(|(at, _)| at)
        .collect();
    humps.windows(2).any(|pair| pair[1] - pair[0] < 3)
        && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// What stands behind a word for a secret and is none, though it has digits or signs.
fn is_known(word: &str) -> bool {
    let lower = word.to_lowercase();
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
    let host = word.contains('.') && word.chars().all(is_host);
    let mail = lower.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && host.chars().all(is_host)
    });
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let amount = word.len() - unit.len();
    let unit = unit.trim_start_matches('-');
    let is_amount = (1..4).contains(&amount) && unit.chars().all(char::is_lowercase);
    let is_code = word.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'-')
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.contains('-');
    let is_hex = lower.starts_with("0x") && word.len() < 19;
    let is_date = word.bytes().all(|c| c.is_ascii_digit() || b"TZ-:.+".contains(&c));
    let is_percent =
        word.trim_end_matches('%').bytes().all(|c| c.is_ascii_digit() || b".,".contains(&c));
    has(ALGORITHMS, &lower)
        || host
        || mail
        || is_amount
        || is_guid(word)
        || is_code
        || is_hex
        || is_date
        || is_percent
        || word.contains("://")
        || word.contains(['\\', '(', '='])
        || word.starts_with(['$', '<', '>', '-', '/', '@', '%', '&', '*', '#', '+'])
            && !word[1..].bytes().any(|c| c.is_ascii_digit())
        || is_file(word)
        || values::is_stand_in(word)
}

/// `sql01`, `Sheet_1`, `svc-qlik2`.
pub(crate) fn is_numbered(word: &str) -> bool {
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - name.len();
    (1..=NUMBER).contains(&digits) && name.chars().all(|c| c.is_alphabetic() || "_-".contains(c))
}

/// `Sales2026`: a name with a year.
pub(crate) fn is_dated(word: &str) -> bool {
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let year = &word[name.len()..];
    year.len() == 4
        && (year.starts_with("19") || year.starts_with("20"))
        && name.chars().all(|c| c.is_alphabetic() || "_-".contains(c))
}

/// Whether it has only words, in case that words have, and short numbers between them.
pub(crate) fn is_wording(text: &str) -> bool {
    let is_part = |c: char| c.is_alphabetic() || ".,:;’|/_-&()".contains(c);
    let is_word = |word: &str| word.chars().all(is_part);
    let is_number = |word: &str| word.len() < 5 && word.bytes().all(|c| c.is_ascii_digit());
    text.split(' ').all(|word| is_word(word) || is_number(word))
        && text.contains(char::is_alphabetic)
        && !text.split(|c: char| !c.is_alphabetic()).any(is_mixed)
}

/// Whether it may be the name of a column, or of several: `CustomerID`, `Country|Year`.
pub(crate) fn is_field(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || "_ ".contains(c))
    };
    let ends = ["ID", "Id", "Nr", "No", "Key", "nummer", "Nummer", "Number", "Code", "Name"];
    let names: Vec<&str> = text.split(['|', ',', ';', '&']).map(str::trim).collect();
    let is_known = names.len() > 1 || ends.iter().any(|end| text.ends_with(end) && text != *end);
    is_known && names.into_iter().all(is_name)
}

/// Whether it is a GUID.
pub(crate) fn is_guid(word: &str) -> bool {
    word.len() == 36
        && word.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-')
        && word.matches('-').count() == 4
}

/// Whether it is a variable of a script: `vUser`.
pub(crate) fn is_variable(word: &str) -> bool {
    let mut chars = word.chars();
    chars.next() == Some('v') && chars.next().is_some_and(|c| c.is_ascii_uppercase() || c == '_')
}

#[cfg(test)]
mod tests;
