//! Pure. Where a statement of a script begins: the log shows its lines without semicolons.

use std::sync::LazyLock;

use regex::Regex;

use crate::qlik::script_log::Line;

/// No statement is followed back further than this.
const STATEMENT_LINES: usize = 500;

/// First words of statements that end where the next numbered line begins.
const SINGLE: &str = "alias autonumber binary bundle call case comment connect connect32 connect64 \
    custom declare default derive direct directory disconnect do drop else elseif end execute exit \
    flushlog for force if let lib loop loosen next nullasnull nullasvalue otherwise qualify rem \
    rename search section set sleep sqlcolumns sqltables sqltypes star store sub switch tag trace \
    unmap unqualify untag";
/// Those of them that end a statement in the database's own language, too.
const AFTER_SQL: &str =
    "call disconnect exit for let lib loop next qualify rem store sub trace unqualify";
/// First words of a line that cannot begin a statement and so continues the one before.
const CONTINUES: &str = "as from into on then to using where with";

/// A table label: a word, or anything in brackets or quotes, before a colon.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\s*(\[[^\]]+\]|"[^"]+"|'[^']+'|[^\s:(),;'"\[]+)\s*:(?:\s+|$)"#)
        .expect("the pattern is fixed")
});
/// What a `LOAD` takes its rows from. Without, the next `LOAD` or `SELECT` is its source.
static SOURCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[\s)])(from|from_field|resident|inline|autogenerate|extension)([\s(\[]|$)")
        .expect("the pattern is fixed")
});
static INLINE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\binline\s*\[[^\]]*$").expect("the pattern is fixed"));

/// What the lines of a statement so far came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A label or prefixes: what they belong to follows.
    Opening,
    /// A `LOAD` whose source has not come yet.
    Fields,
    /// A `LOAD` with its source.
    Load,
    /// The body of an inline table.
    Inline,
    Sql,
    /// Whether it goes on in the next line.
    Single {
        is_open: bool,
    },
}

/// The first line of the last statement among these.
pub(super) fn start(lines: &[Line<'_>]) -> Option<usize> {
    let last = lines.iter().rposition(|line| matches!(line, Line::Statement { .. }))?;
    let is_part = |line: &&Line<'_>| !matches!(line, Line::Engine { .. });
    let back = lines[..=last].iter().rev().take(STATEMENT_LINES).take_while(is_part).count();
    let mut current: Option<(usize, u32, Shape)> = None;
    for (at, line) in lines[..=last].iter().enumerate().skip(last + 1 - back) {
        let Line::Statement { number, text, .. } = *line else { continue };
        current = Some(match current {
            Some((from, before, shape)) if number == before => (from, number, shape.repeated(text)),
            Some((from, _, shape)) if shape.goes_on(text) => (from, number, shape.with(text)),
            _ => (at, number, Shape::of(text)),
        });
    }
    current.map(|(from, ..)| from)
}

/// Whether the line leads into a subroutine or an included script.
pub(super) fn leads_inside(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    text.starts_with("call ") || text.starts_with("$(include") || text.starts_with("$(must_include")
}

impl Shape {
    /// The shape of a statement after its first line.
    fn of(text: &str) -> Self {
        let behind = LABEL.find(text).map_or(text, |label| &text[label.end()..]);
        let (rest, has_prefix) = after_prefixes(behind);
        match first_word(rest).as_str() {
            "load" => Self::of_load(rest),
            "sql" | "select" => Self::Sql,
            "" if rest.is_empty() && !text.trim().is_empty() => Self::Opening,
            _ if has_prefix && SINGLE.split(' ').all(|word| word != first_word(rest)) => {
                Self::Opening
            }
            _ => Self::Single { is_open: is_open(rest) && !is_tab(rest) },
        }
    }

    fn of_load(text: &str) -> Self {
        if INLINE.is_match(text) {
            Self::Inline
        } else if SOURCE.is_match(text) {
            Self::Load
        } else {
            Self::Fields
        }
    }

    /// Whether this line belongs to the statement, too.
    fn goes_on(self, text: &str) -> bool {
        match self {
            Self::Opening | Self::Fields | Self::Inline => true,
            Self::Load => !begins(text),
            Self::Sql => !begins_after_sql(text),
            Self::Single { is_open } => is_open || is_continuation(text),
        }
    }

    /// After a line with the number of the one before: the text of a variable or a message.
    fn repeated(self, text: &str) -> Self {
        match self {
            Self::Single { .. } => Self::Single { is_open: false },
            _ => self.with(text),
        }
    }

    fn with(self, text: &str) -> Self {
        match self {
            Self::Opening => Self::of(text),
            Self::Fields => match first_word(text).as_str() {
                "sql" | "select" => Self::Sql,
                _ => Self::of_load(text),
            },
            Self::Inline if text.contains(']') => Self::Load,
            Self::Single { .. } => Self::Single { is_open: is_open(text) },
            Self::Load if INLINE.is_match(text) => Self::Inline,
            Self::Load | Self::Inline | Self::Sql => self,
        }
    }
}

/// Whether a line after a finished `LOAD` begins another statement.
fn begins(text: &str) -> bool {
    let word = first_word(text);
    begins_single(text, &word, SINGLE)
        || ["load", "sql"].contains(&word.as_str())
        || (word == "select" && !text.starts_with(char::is_whitespace))
        || is_label(text)
        || after_prefixes(text).1
}

/// The language of a database has `SELECT`, `LEFT JOIN`, `SET` and `DROP` of its own.
fn begins_after_sql(text: &str) -> bool {
    let word = first_word(text);
    begins_single(text, &word, AFTER_SQL) || word == "load" || is_label(text)
}

fn begins_single(text: &str, word: &str, among: &str) -> bool {
    if is_tab(text) {
        return true;
    }
    if !among.split(' ').any(|one| one == word) {
        return false;
    }
    let rest = text.trim_start()[word.len()..].trim_start();
    let lower = rest.to_ascii_lowercase();
    match word {
        "if" | "elseif" => lower.ends_with("then"),
        "end" => ["if", "sub", "switch"].iter().any(|what| lower.starts_with(what)),
        "else" | "do" | "loop" | "next" | "disconnect" | "flushlog" | "otherwise" => true,
        _ => {
            !rest.is_empty() && !rest.starts_with([',', ')', '(', '.']) && !lower.starts_with("as ")
        }
    }
}

/// The heading of a part of the script.
fn is_tab(text: &str) -> bool {
    text.starts_with("***")
}

fn is_label(text: &str) -> bool {
    LABEL.find(text).is_some_and(|label| {
        let rest = &text[label.end()..];
        rest.is_empty()
            || after_prefixes(rest).1
            || ["load", "sql", "select"].contains(&first_word(rest).as_str())
    })
}

/// The text behind the prefixes of a `LOAD` or `SELECT`, and whether there are any.
fn after_prefixes(text: &str) -> (&str, bool) {
    let mut rest = text.trim_start();
    let mut any = false;
    while let Some(after) = after_prefix(rest) {
        (rest, any) = (after.trim_start(), true);
    }
    (rest, any)
}

fn after_prefix(text: &str) -> Option<&str> {
    let word = first_word(text);
    let rest = text.get(word.len()..)?.trim_start();
    let next = first_word(rest);
    match word.as_str() {
        "inner" | "left" | "right" | "outer" => {
            ["join", "keep"].contains(&next.as_str()).then(|| after_group(&rest[next.len()..]))
        }
        "join" | "keep" | "concatenate" | "crosstable" | "intervalmatch" | "hierarchy"
        | "hierarchybelongsto" | "semantic" => Some(after_group(rest)),
        "buffer" if rest.is_empty() || rest.starts_with('(') || leads_on(&next) => {
            Some(after_group(rest))
        }
        "noconcatenate" | "mapping" | "generic" | "bundle" | "partial"
            if leads_on(&next) || rest.is_empty() =>
        {
            Some(rest)
        }
        "add" | "replace" | "merge" => match next.as_str() {
            "only" => Some(after_group(&rest[next.len()..])),
            "on" => Some(after_key(&rest[next.len()..])),
            _ if leads_on(&next) || rest.is_empty() => Some(rest),
            _ if word == "merge" && rest.starts_with('(') => Some(after_group(rest)),
            _ => None,
        },
        "on" if text.len() > 2 => None,
        "first" | "sample" => {
            let number = rest
                .trim_start_matches(|c: char| c.is_ascii_digit() || ".()".contains(c) || c == ' ');
            leads_on(&first_word(number)).then_some(number)
        }
        "when" | "unless" => {
            let at = rest.to_ascii_lowercase().rfind(" load").or_else(|| condition_end(rest));
            Some(at.map_or("", |at| &rest[at..]))
        }
        _ => None,
    }
}

/// Words that may follow a prefix.
fn leads_on(word: &str) -> bool {
    const AFTER: &str = "load select sql add buffer bundle concatenate crosstable first generic hierarchy \
        hierarchybelongsto inner intervalmatch join keep left mapping merge noconcatenate outer replace right \
        sample semantic unless when";
    AFTER.split(' ').any(|one| one == word)
}

/// Where the statement under `when` or `unless` begins.
fn condition_end(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    SINGLE
        .split(' ')
        .chain(["sql", "select"])
        .filter_map(|word| lower.find(&format!(" {word} ")))
        .min()
}

/// Behind `(…)`, if the text begins with it.
fn after_group(text: &str) -> &str {
    let text = text.trim_start();
    if !text.starts_with('(') {
        return text;
    }
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return &text[at + 1..];
        }
    }
    ""
}

/// Behind the keys of `merge on a, b`: what leads on.
fn after_key(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let at = [" load", " concatenate", " select", " sql"]
        .iter()
        .filter_map(|word| lower.find(word))
        .min();
    at.map_or("", |at| &text[at..])
}

/// Whether a statement's line asks for another one.
fn is_open(text: &str) -> bool {
    let text = text.trim_end();
    let count = |c| text.matches(c).count();
    text.ends_with([',', '(', '+', '-', '&', '*', '/', '=', '<', '>']) || count('(') > count(')')
}

/// Whether a line cannot be the first of a statement.
fn is_continuation(text: &str) -> bool {
    let trimmed = text.trim_start();
    trimmed.starts_with([',', ')', '(', '+', '-', '&', '=', '<', '>', ']'])
        || CONTINUES.split(' ').any(|word| word == first_word(text))
}

/// The leading word, in small letters.
fn first_word(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let text = text.trim_start();
    text.split(|c| !is_part(c)).next().unwrap_or_default().to_ascii_lowercase()
}
