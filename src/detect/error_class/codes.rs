//! Pure. Error codes in the texts of the engine, drivers, Windows and web services.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// The system that defines the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Family {
    Oracle,
    MySql,
    SqlServer,
    SqlState,
    HResult,
    Windows,
    Grpc,
    Http,
    Qvx,
    Engine,
    EngineName,
}

/// A code in its canonical form: in capitals, without the prefix of its family.
pub(crate) type Code = (Family, String);

/// The form of each family's codes in packs and in texts, the most specific family first. The code
/// is the first group that matched.
const FAMILIES: [(Family, &str, &str); 11] = [
    (Family::Oracle, "ORA-", r"\b(?:ORA|TNS)-([0-9]{5})\b"),
    (
        Family::MySql,
        "MySQL ",
        r"(?i)ErrorCode: *([0-9]{4,5})\b.*\[?(?:MySQL|MariaDB)|(?:MySQL|MariaDB).*\bERROR ([0-9]{4})\b|\bERROR ([0-9]{4}) \([0-9A-Z]{5}\):",
    ),
    (
        Family::SqlServer,
        "MSSQL ",
        r"(?i)ErrorCode: *([0-9]{2,5})\b.*\[?(?:SQL Server|DBNETLIB)|\bMsg ([0-9]{2,5}), (?:Level|Niveau|Ebene) [0-9]|\bSQL Server, (?:Error|Fehler|Erreur): *([0-9]{2,5})\b|\bError Number: *([0-9]{2,5}), *State:",
    ),
    (
        Family::SqlState,
        "SqlState ",
        // Without `-u`, `(?i)[A-Z]` also matches the Kelvin sign and the long s.
        r#"(?i)\bSQL ?STATE\b(?: code)?[\s:=\["'(]{1,4}((?-u:[0-9A-Z]{5}))\b|\bERROR:? ?\[((?-u:[0-9A-Z]{5}))\]|\b(?:ERROR|FATAL): +((?-u:[0-9A-Z]{5})): |\[((?-u:[0-9A-Z]{3})[0-9]{2})\] ?\["#,
    ),
    (
        Family::HResult,
        "HRESULT ",
        r"(?i)\bHRESULT\b[\s:=(]{0,4}(?:0x)?([0-9A-F]{8})\b|\b0x(8[0-9A-F]{7})\b",
    ),
    (
        Family::Windows,
        "Windows ",
        r"(?i)\b(?:win(?:32|dows)?|system|os)[ -]error(?: code)?[ :=#(]{1,3}([0-9]{1,5})\b",
    ),
    (
        Family::Grpc,
        "gRPC ",
        r#"\b(?:grpc::)?StatusCode(?:::|\.)([A-Za-z_]+)|\bStatus\(StatusCode="?([A-Za-z_]+)|\brpc error: code = ([A-Za-z_]+)"#,
    ),
    (
        Family::Http,
        "HTTP ",
        r#"(?:^|[:;,.] )\(([45][0-9]{2})\)|(?i:\bHTTPS?(?:/[0-9.]+)?(?:[ -](?:status|protocol|error|response|result|code)){0,3}[ :=-]{0,3})([45][0-9]{2})\b|(?i:\bstatus(?:[ _]?code)?["']? ?[:=]? ?["']?)([45][0-9]{2})\b|\b([45][0-9]{2}) \(?(?:Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Proxy Authentication Required|Request Timeout|Conflict|Gone|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)\b"#,
    ),
    (Family::Qvx, "QVX_", r"\bQVX_([A-Z_]+)\b"),
    (
        Family::Engine,
        "EDC_ERROR:",
        r"\bEDC_ERROR: ?([0-9]{5})\b|(?i:\bengine (?:error )?code)[ :=]{1,3}(11[0-9]{3})\b",
    ),
    (Family::EngineName, "LOCERR_", r"\bLOCERR_([A-Z0-9_]+)\b"),
];

static FINDERS: LazyLock<[(Family, Regex); 11]> = LazyLock::new(|| {
    FAMILIES.map(|(family, _, text)| (family, Regex::new(text).expect("the pattern is fixed")))
});

/// The codes in a text, those of the most specific family first.
pub(crate) fn find(text: &str) -> impl Iterator<Item = Code> {
    FINDERS.iter().flat_map(move |(family, regex)| {
        let code = |found: Captures<'_>| {
            let code = found.iter().skip(1).flatten().next()?.as_str();
            Some((*family, plain(*family, code)))
        };
        regex.captures_iter(text).filter_map(code)
    })
}

/// Some libraries write `DeadlineExceeded` for `DEADLINE_EXCEEDED`.
fn plain(family: Family, code: &str) -> String {
    if family != Family::Grpc || code.bytes().all(|byte| !byte.is_ascii_lowercase()) {
        return code.to_ascii_uppercase();
    }
    let mut plain = String::new();
    for c in code.chars() {
        if c.is_ascii_uppercase() && !plain.is_empty() {
            plain.push('_');
        }
        plain.push(c.to_ascii_uppercase());
    }
    plain
}

/// The first two characters of an SQLSTATE, which denote its class.
pub(crate) fn sort_of((family, code): &Code) -> Option<Code> {
    let sort = code.get(..2).filter(|_| *family == Family::SqlState)?;
    Some((*family, sort.to_owned()))
}

/// Parses a code in the form that packs use.
pub(crate) fn read(written: &str) -> Option<Code> {
    FAMILIES.iter().find_map(|(family, begin, _)| {
        let rest = written.strip_prefix(begin)?;
        is_code(*family, rest).then(|| (*family, rest.to_ascii_uppercase()))
    })
}

fn is_code(family: Family, text: &str) -> bool {
    let digits = |n: usize| text.len() == n && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = |text: &str| {
        let is_part = |byte: u8| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit();
        !text.is_empty() && text.bytes().all(is_part)
    };
    match family {
        Family::Oracle | Family::Engine => digits(5),
        Family::MySql => digits(4),
        Family::SqlServer => (2..=5).any(digits),
        Family::Windows => (1..=5).any(digits),
        Family::Http => digits(3),
        Family::SqlState => {
            [2, 5].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
        Family::HResult => text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
        Family::Grpc | Family::Qvx | Family::EngineName => is_name(text),
    }
}
