//! Pure. The shape of a text: the product's words are kept, the rest is masked by kind.

use std::sync::LazyLock;

use regex::Regex;

use crate::qlik::node::guid;
use crate::replay::survey::words::{is_kept, is_product_name};

/// Maximum characters of a text that are used.
const LOOKED_AT: usize = 600;
/// Maximum characters of a shape.
const LONGEST: usize = 240;

pub(crate) const TEXT: &str = "‹text›";

/// Text in quotes of any kind, on one line.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"'[^'\r\n]*'|"[^"\r\n]*"|`[^`\r\n]*`|“[^”“\r\n]*[”“]|„[^“”\r\n]*[“”]|"#,
        r"«[^»\r\n]*»|»[^«\r\n]*«|‘[^’\r\n]*’|‚[^‘’\r\n]*[‘’]|‹[^›\r\n]*›"
    ))
    .expect("the pattern is fixed")
});

/// Codes of drivers, the engine and HTTP: they identify the error, not the site.
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\bSQL##f\b|\bORA-[0-9]{5}\b|\bHRESULT ?[=:] ?(?:0x)?8[0-9A-Fa-f]{7}\b|\bEDC_ERROR:11[0-9]{3}\b|",
        r"(?i:\bsqlstate ?[:=] ?)[0-9HIS][0-9MY][0-9S][0-9]{2}\b|",
        r"\bResult=-?[0-9]{1,5}\b|\bHTTP code: ?[0-9]{3}\b|\([45][0-9]{2}\)"
    ))
    .expect("the pattern is fixed")
});

/// These words are followed by names of fields or people, which are masked in any form.
static NAMES_FOLLOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(.{0,20}fields? found:|Indexing field:|Reload Executed By|Operating System|Country|Language)\s")
        .expect("the pattern is fixed")
});

/// Adjacent placeholders of one kind are merged.
static RUNS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"‹text›(?:[\s,;/|&+*_-]*‹text›)+").expect("the pattern is fixed"));
static NUMBERS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"‹n›(?:[\s,;/|&+*_.:-]*‹n›)+").expect("the pattern is fixed"));

/// The shape of a text.
pub(crate) fn mask(text: &str) -> String {
    let text: String = text.trim().chars().take(LOOKED_AT).collect();
    let mut shape = MaskShape::default();
    if let Some(head) = NAMES_FOLLOW.find(&text) {
        shape.segment(head.as_str());
        shape.out.push_str(TEXT);
        return shape.finish();
    }
    let mut at = 0;
    for quoted in QUOTED.find_iter(&text) {
        shape.plain(&text[at..quoted.start()]);
        shape.quoted(quoted.as_str());
        at = quoted.end();
    }
    shape.plain(&text[at..]);
    shape.finish()
}

/// The name of a logger (`System.Scheduler.…`), with each part masked that is not the product's.
pub(crate) fn mask_logger(text: &str) -> String {
    let text: String = text.trim().chars().take(LOOKED_AT).collect();
    let parts = text.split(['.', '+', '`']).map(|part| {
        if is_product_name(part) || part.len() == 1 && part.bytes().all(|b| b.is_ascii_digit()) {
            part.to_owned()
        } else {
            TEXT.to_owned()
        }
    });
    bounded(&parts.collect::<Vec<_>>().join("."))
}

/// The name of a column.
pub(crate) fn mask_column(name: &str) -> String {
    let parts = name.split([' ', '#', '(', ')', '_']).filter(|part| !part.is_empty());
    let is_known =
        |part: &str| is_product_name(part.trim_end_matches(|c: char| c.is_ascii_digit()));
    if name.chars().any(char::is_alphabetic) && parts.into_iter().all(is_known) {
        return bounded(name);
    }
    "‹column›".to_owned()
}

fn bounded(text: &str) -> String {
    crate::redact::bound(text, LONGEST)
}

/// The shape of the text read so far.
#[derive(Default)]
struct MaskShape {
    out: String,
}

impl MaskShape {
    fn finish(self) -> String {
        let shape = self.out.split_whitespace().collect::<Vec<_>>().join(" ");
        let shape = RUNS.replace_all(&shape, TEXT);
        bounded(&NUMBERS.replace_all(&shape, "‹n›"))
    }

    fn quoted(&mut self, text: &str) {
        let (Some(open), Some(close)) = (text.chars().next(), text.chars().next_back()) else {
            return;
        };
        let inner = &text[open.len_utf8()..text.len() - close.len_utf8()];
        let has_hump = inner.chars().skip(1).any(|c| c.is_ascii_uppercase())
            && inner.chars().any(|c| c.is_ascii_lowercase());
        self.out.push(open);
        self.out.push_str(match inner {
            "" => "",
            // A fixed value of the product, such as `'UsageDenied'`.
            word if has_hump && is_kept(word, false) => word,
            _ if guid(inner).is_some() => "‹id›",
            _ => "‹quoted›",
        });
        self.out.push(close);
    }

    fn plain(&mut self, text: &str) {
        let mut at = 0;
        for code in CODE.find_iter(text) {
            self.segment(&text[at..code.start()]);
            self.out.push_str(code.as_str());
            at = code.end();
        }
        self.segment(&text[at..]);
    }

    fn segment(&mut self, text: &str) {
        for chunk in text.split_inclusive(char::is_whitespace) {
            let bare = chunk.trim_end();
            self.chunk(bare);
            if bare.len() < chunk.len() {
                self.out.push(' ');
            }
        }
    }

    /// Adds the text between two spaces.
    fn chunk(&mut self, chunk: &str) {
        let whole = if chunk.contains("://") {
            Some("‹url›")
        } else if chunk.contains('@') {
            Some("‹mail›")
        } else if chunk.contains('\\') {
            Some(if chunk.contains(':') || chunk.starts_with(r"\\") {
                "‹path›"
            } else {
                "‹account›"
            })
        } else if is_address(chunk) {
            Some("‹address›")
        } else {
            None
        };
        if let Some(whole) = whole {
            // The key before the value is kept if it is known: `User=DOMAIN\me`.
            let key = chunk.split_once('=').map(|(key, _)| key);
            if let Some(key) = key.filter(|key| is_kept(key, true)) {
                self.out.push_str(key);
                self.out.push('=');
            }
            self.out.push_str(whole);
            return;
        }
        self.tokens(chunk);
    }

    fn tokens(&mut self, chunk: &str) {
        let is_part =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.') || !c.is_ascii();
        let mut rest = chunk;
        while let Some(first) = rest.chars().next() {
            if is_part(first) {
                let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
                self.token(&rest[..end]);
                rest = &rest[end..];
            } else {
                // Repeated punctuation is shortened.
                if !self.out.ends_with(&[first, first, first].iter().collect::<String>()) {
                    self.out.push(first);
                }
                rest = &rest[first.len_utf8()..];
            }
        }
    }

    fn token(&mut self, token: &str) {
        let bare = token.trim_matches(['.', '-', '_']);
        let (before, after) = match token.find(bare) {
            Some(at) if !bare.is_empty() => (&token[..at], &token[at + bare.len()..]),
            _ => (token, ""),
        };
        let few = |marks: &str| marks.chars().take(3).collect::<String>();
        self.out.push_str(&few(before));
        if !bare.is_empty() {
            let begins = self.begins_sentence();
            self.out.push_str(kind(bare, begins));
        }
        self.out.push_str(&few(after));
    }

    fn begins_sentence(&self) -> bool {
        let before = self.out.trim_end().chars().next_back();
        before.is_none_or(|c| matches!(c, '.' | ':' | ';' | '=' | '!' | '?' | '|' | '⏎'))
    }
}

/// The placeholder of a token.
fn kind(token: &str, begins: bool) -> &str {
    let has_digit = token.chars().any(char::is_numeric);
    let is_number = has_digit
        && token.chars().all(|c| c.is_numeric() || matches!(c, '.' | '-' | 'T' | 'Z' | '_'));
    if guid(token).is_some() {
        "‹id›"
    } else if is_number {
        "‹n›"
    } else if has_digit {
        TEXT
    } else if token.contains(['.', '-', '_']) {
        // A .NET class consists of known words, a machine name does not.
        let is_class = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_uppercase()) && is_product_name(part)
        };
        let n_parts = token.split('.').count();
        let is_known = match n_parts {
            1 => token.split(['-', '_']).all(|part| is_kept(part, true)),
            2 => false,
            _ => token.split('.').all(is_class),
        };
        if is_known { token } else { TEXT }
    } else if is_kept(token, begins) {
        token
    } else {
        TEXT
    }
}

/// Whether it is a network address, with brackets or a port.
fn is_address(chunk: &str) -> bool {
    let bare = chunk.trim_matches(|c: char| !c.is_ascii_hexdigit() && c != ':');
    let is_six = |text: &str| {
        text.matches(':').count() >= 2
            && text.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, ':' | '.' | '%'))
    };
    let is_four = |text: &str| {
        let text = text.split(':').next().unwrap_or_default();
        text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok())
    };
    is_six(bare) && bare.contains("::")
        || bare.matches(':').count() > 3 && is_six(bare)
        || is_four(bare)
}
