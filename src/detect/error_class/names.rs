//! Pure. Removes names from the text of an error: a field may be called `Timeout`, a file `404`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Paths and addresses, quoted or up to the next space.
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    let begin = r"(?:[A-Za-z][A-Za-z+.-]*://|[A-Za-z]:[\\/]|\\|/|\.{1,2}[\\/])";
    let quoted = format!(r#"'{begin}[^\n]*?'(\W|$)|"{begin}[^"\n]*"|\[{begin}[^\]\n]*\]"#);
    let text = format!(r#"{quoted}|\b(?:[a-z]+://|[A-Za-z]:\\)[^\s'"]+"#);
    Regex::new(&text).expect("the pattern is fixed")
});
/// Messages of the engine about a named object, with the name in the second group.
static NAMED: LazyLock<[Regex; 4]> = LazyLock::new(|| {
    [
        r"(?im)^((?:error: *)?(?:field|table|mapping table|file) not found)([^\n]*)()",
        r#"(?im)^(?:error: *)?((?:lib |data )?(?:field|table|mapping table|connection|connector|file|directory|sheet|variable))\b(\s*(?:'[^\n]*'|"[^\n]*"|<[^\n]*>|\[[^\n]*\]|[^:\n]{0,300}?)\s*)(not found\b)"#,
        r#"(?im)^((?:error: *)?(?:cannot|could not|can't|unable to|failed to) (?:open|find|read|access|load|store|write) (?:the )?(?:local )?file:?)\s*('[^\n]*?'(?:[\s.,;:]|$)|"[^"\n]*"|[^'"\n]*\.[a-z]{1,5}\b)()"#,
        r"(?im)^((?:error: *)?(?:no qualified path for file:?|field names must be unique|(?:the )?(?:table |field )?name\b))([^\n]*?)(already\b|$)",
    ]
    .map(|text| Regex::new(text).expect("the pattern is fixed"))
});
/// Messages of the engine that precede script text, which may contain anything.
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:error: *)?(?:unknown statement|unexpected token|invalid expression)\b")
        .expect("the pattern is fixed")
});
/// The engine's marker for the position of a syntax error in the statement.
const MARK: &str = ">>>>>>";
/// A quoted identifier.
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"'[^'\s]*'|"[^"\s]*"|«[^»]*»|„[^“”"]*[“”"]|“[^”]*”|‘[^’]*’"#)
        .expect("the pattern is fixed")
});

/// The text to search for codes: without paths and without names or quotations of the engine.
pub(crate) fn without_names(error: &str) -> Cow<'_, str> {
    if let Some(said) = before_script(error) {
        let script = &error[said.len()..];
        let code: Vec<&str> = script.lines().filter(|line| line.contains("EDC_ERROR")).collect();
        let mark = if script.contains(MARK) { " >>>>>><<<<<<" } else { "" };
        return format!("{said}{mark}\n{}", code.join("\n")).into();
    }
    let mut text = PATH.replace_all(error, " '' $1");
    for named in &*NAMED {
        if let Cow::Owned(masked) = named.replace_all(&text, "$1 '' $3") {
            text = masked.into();
        }
    }
    text
}

/// The part before the script text, if there is any script text.
fn before_script(error: &str) -> Option<&str> {
    if let Some(head) = SCRIPT.find(error) {
        return Some(head.as_str());
    }
    let mark = error.find(MARK)?;
    let colon = error.find(':').unwrap_or(mark);
    Some(&error[..mark.min(colon)])
}

/// The text to search for words: also without identifiers. The type of an exception is not a name.
pub(crate) fn without_identifiers(text: &str) -> Cow<'_, str> {
    let is_type = |word: &str| word.trim_end_matches(['\'', '"']).ends_with("Exception");
    WORD.replace_all(
        text,
        |found: &regex::Captures<'_>| {
            if is_type(&found[0]) { found[0].to_owned() } else { "''".to_owned() }
        },
    )
}
