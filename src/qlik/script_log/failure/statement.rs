//! Pure. Finds the start of a statement in a script log, which shows statements without semicolons.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::qlik::script_log::Line;
use crate::qlik::script_log::failure::prefix::{after_key, after_prefixes, behind_groups};

/// A statement is not traced back further than this many lines.
const STATEMENT_LINES: usize = 5000;

pub(crate) type WordSet = LazyLock<HashSet<&'static str>>;

/// First words of statements that end where the next numbered line begins.
pub(crate) static SINGLE: WordSet = LazyLock::new(|| {
    "alias autonumber binary bundle call case comment connect connect32 connect64 custom \
        declare default derive direct directory disconnect do drop else elseif end execute \
        exit flushlog for force if let lib loop loosen next nullasnull nullasvalue otherwise \
        qualify rem rename search section set sleep sqlcolumns sqltables sqltypes star store \
        sub switch tag trace unmap unqualify untag"
        .split_whitespace()
        .collect()
});
/// Those of them that also end a statement in the database's own language.
static AFTER_SQL: WordSet = LazyLock::new(|| {
    "call disconnect exit for let lib loop next qualify rem store sub trace unqualify"
        .split_whitespace()
        .collect()
});
/// First words that cannot begin a statement, so the line continues the previous one.
static CONTINUES: WordSet = LazyLock::new(|| {
    "as fields from groups into on parameters then to using where with".split_whitespace().collect()
});
/// Last words of a line of `LOAD` or SQL after which it continues, whatever the next line begins
/// with.
static HANGING: WordSet = LazyLock::new(|| {
    "and by from having in like not on or resident using where while".split_whitespace().collect()
});
/// Words after a word that make it a name in an expression or in a list of sort orders.
static OPERATORS: WordSet =
    LazyLock::new(|| "and as asc between desc in is like not or".split_whitespace().collect());

/// Last words of a line after which the statement's object follows.
static WANT: WordSet = LazyLock::new(|| {
    "as autonumber comment connect connect32 connect64 declare derive drop each field fields from \
        in into is map rename store table tables tag to unmap untag using with"
        .split_whitespace()
        .collect()
});
/// A table label: a word, or anything in brackets or quotes, before a colon.
static LABEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^\s*(\[[^\]]+\]|"[^"]+"|'[^']+'|`[^`]+`|[^\s:(),;'"`\[]+)\s*:(?:\s+|$)"#)
        .expect("the pattern is fixed")
});
/// The source of a `LOAD`. Without one, the next `LOAD` or `SELECT` is its source.
static SOURCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[\s)])(from|from_field|resident|inline|autogenerate|extension)([\s(\[]|$)")
        .expect("the pattern is fixed")
});
/// An inline table whose body continues on later lines.
static INLINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\binline\s*(?:(\[)[^\]]*|(")[^"]*|(')[^']*)?$"#)
        .expect("the pattern is fixed")
});
/// A variable whose value begins with a quote.
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)^\s*(?:let|set)\s[^=]*=\s*'").expect("the pattern is fixed"));

/// The state of a statement after the lines read so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StatementState {
    /// A label or prefixes: the statement itself follows, after this many open parentheses, and
    /// after the condition of a `when` or `unless` that continues.
    Opening { open: usize, is_condition: bool },
    /// A `LOAD` without its source so far.
    Fields,
    /// A `LOAD` with its source.
    Load,
    /// The body of an inline table, with its closing character once the body has begun.
    Inline { close: Option<char> },
    /// SQL, with this many open parentheses and braces.
    Sql { open: usize },
    /// Any other statement, and what must still follow.
    Single(Asks),
}

/// What must still follow a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// Another line, after an operator or a comma.
    More,
    /// The statement's object, unless the next line is a statement: a table may be named `Fields`.
    Object,
    Quote,
    Then,
}

/// The first line of the last statement in these lines.
pub(crate) fn start(lines: &[Line<'_>]) -> Option<usize> {
    let last = lines.iter().rposition(|line| matches!(line, Line::Statement { .. }))?;
    let is_part = |line: &&Line<'_>| !matches!(line, Line::Engine { .. });
    let back = lines[..=last].iter().rev().take(STATEMENT_LINES).take_while(is_part).count();
    let mut current: Option<OpenStatement> = None;
    let is_end =
        |line: &Line<'_>| matches!(line, Line::Statement { text, .. } if text.contains("*/"));
    let last_end = lines[..=last].iter().rposition(is_end).unwrap_or_default();
    let mut at = last + 1 - back;
    while at <= last {
        let shape = current.map(|known| known.shape);
        let comment = comment(&lines[at..=last.min(last_end.max(at))], shape);
        if let (0, Line::Statement { number, text, .. }) = (comment, lines[at]) {
            current = Some(match current {
                Some(known) if known.goes_on(number, text) => known.with(number, text),
                _ => OpenStatement::new(at, number, text),
            });
        }
        if let Line::Other(text) = lines[at] {
            current = current.map(|known| known.with(known.number, text));
        }
        at += comment.max(1);
    }
    current.map(|known| known.from)
}

/// The statement that is read.
#[derive(Clone, Copy)]
struct OpenStatement<'l> {
    from: usize,
    number: u32,
    shape: StatementState,
    /// Its last line.
    last: &'l str,
    /// Further lines with its number are printed or assigned text.
    has_text: bool,
}

impl<'l> OpenStatement<'l> {
    fn new(from: usize, number: u32, text: &'l str) -> Self {
        let shape = StatementState::of(text);
        let is_printed = ["trace", "rem"].contains(&first_word(text).as_str());
        let has_text = is_printed || shape != StatementState::Single(Asks::Nothing);
        Self { from, number, shape, last: text, has_text }
    }

    fn goes_on(self, number: u32, text: &str) -> bool {
        if number == self.number {
            return self.has_text || !begins(text);
        }
        let hangs = match self.shape {
            StatementState::Load => hangs(self.last),
            StatementState::Sql { .. } => hangs(self.last) || last_word(self.last) == "sql",
            _ => false,
        };
        hangs || self.shape.goes_on(text)
    }

    fn with(self, number: u32, text: &'l str) -> Self {
        let is_same = number == self.number;
        let shape = if is_same { self.shape.repeated(text) } else { self.shape.with(text) };
        Self { number, shape, last: text, ..self }
    }
}

/// Whether a line of `LOAD` or SQL cannot be its last.
fn hangs(text: &str) -> bool {
    text.trim_end().ends_with([',', '(', '=', '<', '>'])
        || HANGING.contains(last_word(text).as_str())
}

/// The last word, in lower case, if the text ends with one.
fn last_word(text: &str) -> String {
    let last = text.trim_end().rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
    last.unwrap_or_default().to_ascii_lowercase()
}

/// How many leading lines are blank or a comment, so that they neither begin nor end a statement.
fn comment(lines: &[Line<'_>], shape: Option<StatementState>) -> usize {
    let Line::Statement { text, .. } = lines[0] else { return 0 };
    let text = text.trim_start();
    let is_one = text.is_empty()
        || text.starts_with("//")
        || (text.starts_with("--") && matches!(shape, Some(StatementState::Sql { .. })));
    if is_one {
        return 1;
    }
    if !text.starts_with("/*") || matches!(shape, Some(StatementState::Inline { .. })) {
        return 0;
    }
    let ends =
        |line: &Line<'_>| matches!(line, Line::Statement { text, .. } if text.contains("*/"));
    let Some(end) = lines.iter().position(ends) else { return 0 };
    let is_alone = |line: Line<'_>| matches!(line, Line::Statement { text, .. } if text.trim_end().ends_with("*/"));
    if is_alone(lines[end]) { end + 1 } else { end }
}

/// Whether the line calls a subroutine or includes a script.
pub(crate) fn leads_inside(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    text.starts_with("call ") || text.starts_with("$(include") || text.starts_with("$(must_include")
}

impl StatementState {
    /// The shape of a statement after its first line.
    fn of(text: &str) -> Self {
        let behind = behind_label(text).map_or(text, without_comment);
        let (rest, has_prefix) = after_prefixes(behind);
        let open = behind.matches('(').count().saturating_sub(behind.matches(')').count());
        let is_condition = ["when", "unless"].contains(&first_word(behind).as_str());
        let word = first_word(rest);
        match word.as_str() {
            "load" => Self::of_load(rest),
            "sql" | "select" => Self::Sql { open: 0 }.with(rest),
            "direct" if first_word(&rest["direct".len()..]) == "query" => {
                Self::Sql { open: 0 }.with(rest)
            }
            "" if rest.is_empty() && !text.trim().is_empty() => {
                Self::Opening { open: if is_condition { 0 } else { open }, is_condition }
            }
            _ if has_prefix && !SINGLE.contains(word.as_str()) => {
                Self::Opening { open: 0, is_condition }
            }
            _ => Self::Single(asks(rest)),
        }
    }

    fn of_load(text: &str) -> Self {
        Self::inline(text).unwrap_or_else(|| {
            if SOURCE.is_match(&without_names(text)) { Self::Load } else { Self::Fields }
        })
    }

    fn inline(text: &str) -> Option<Self> {
        let found = INLINE.captures(text)?;
        let begin = found.iter().skip(1).flatten().next().map(|begin| begin.as_str());
        Some(Self::Inline { close: begin.and_then(closing) })
    }

    /// Whether this line also belongs to the statement.
    fn goes_on(self, text: &str) -> bool {
        match self {
            Self::Opening { .. }
            | Self::Fields
            | Self::Inline { .. }
            | Self::Single(Asks::Quote | Asks::Then) => true,
            Self::Load | Self::Single(Asks::Object | Asks::More) => !begins(text),
            Self::Sql { open } => !begins_after_sql(text, open > 0),
            Self::Single(Asks::Nothing) => is_continuation(text),
        }
    }

    /// The state after a line with the same number: the text of a variable or a message.
    fn repeated(self, text: &str) -> Self {
        match self {
            Self::Single(_) => Self::Single(Asks::Nothing),
            _ => self.with(text),
        }
    }

    fn with(self, text: &str) -> Self {
        match self {
            Self::Opening { is_condition: true, .. } if !begins_within(text) => self,
            Self::Opening { open, .. } => Self::opened(text, open),
            Self::Fields => match first_word(text).as_str() {
                "sql" | "select" => Self::Sql { open: 0 }.with(text),
                _ => Self::of_load(text),
            },
            Self::Inline { close: None } => {
                let trimmed = text.trim_start();
                match closing(trimmed) {
                    Some(close) if trimmed[1..].contains(close) => Self::Load,
                    Some(close) => Self::Inline { close: Some(close) },
                    None => Self::Fields.with(text),
                }
            }
            Self::Inline { close: Some(close) } if text.contains(close) => Self::Load,
            Self::Single(asks) => Self::Single(asks.after(text)),
            Self::Load => Self::inline(text).unwrap_or(self),
            Self::Sql { open } => {
                let text = without_names(text);
                let count = |all: [char; 2]| text.matches(all).count();
                Self::Sql { open: (open + count(['(', '{'])).saturating_sub(count([')', '}'])) }
            }
            Self::Inline { .. } => self,
        }
    }

    /// The state after another line of labels and prefixes.
    fn opened(text: &str, open: usize) -> Self {
        let (open, rest) = behind_groups(text, open);
        let rest = match first_word(rest).as_str() {
            "on" => after_key(rest),
            "only" => behind_groups(&rest["only".len()..], 0).1,
            _ => rest,
        };
        let opening = Self::Opening { open, is_condition: false };
        if rest.is_empty() { opening } else { Self::of(rest) }
    }
}

/// The closing character of an inline table's body that begins with this text.
fn closing(begin: &str) -> Option<char> {
    match begin.chars().next()? {
        '[' => Some(']'),
        quote @ ('"' | '\'') => Some(quote),
        _ => None,
    }
}

fn asks(text: &str) -> Asks {
    if is_tab(text) {
        Asks::Nothing
    } else if is_odd(text) && QUOTED.is_match(text) {
        Asks::Quote
    } else if ["if", "elseif"].contains(&first_word(text).as_str()) && !has_then(text) {
        Asks::Then
    } else if is_open(text) {
        Asks::More
    } else if wants_object(text) {
        Asks::Object
    } else {
        Asks::Nothing
    }
}

/// Whether the object of the line's statement is on the next line: `DROP TABLES`, `STORE T INTO`.
fn wants_object(text: &str) -> bool {
    let last = last_word(text);
    let is_alone = last.len() == text.trim().len();
    match first_word(text).as_str() {
        // Printed or assigned text may end with any word.
        "trace" | "rem" | "exit" | "end" => false,
        "let" | "set" | "call" | "execute" | "binary" | "directory" | "alias" => is_alone,
        _ => WANT.contains(last.as_str()),
    }
}

impl Asks {
    fn after(self, text: &str) -> Self {
        match self {
            Self::Quote if !is_odd(text) => Self::Quote,
            Self::Then if !has_then(text) => Self::Then,
            _ if is_open(text) => Self::More,
            Self::Object | Self::More | Self::Nothing if wants_object(text) => Self::Object,
            _ => Self::Nothing,
        }
    }
}

fn is_odd(text: &str) -> bool {
    text.matches('\'').count() % 2 == 1
}

fn has_then(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.split(|c| !is_part(c)).any(|word| word.eq_ignore_ascii_case("then"))
}

/// Whether a line after a complete `LOAD` begins another statement.
fn begins(text: &str) -> bool {
    let word = first_word(text);
    begins_single(text, &word, &SINGLE)
        || ["load", "sql"].contains(&word.as_str())
        || (word == "select" && !text.starts_with(char::is_whitespace))
        || is_label(text)
        || after_prefixes(text).1
}

/// The same after SQL, which has its own `SELECT`, `LEFT JOIN`, `SET` and `DROP`, and columns and
/// keys of JSON that look like labels. Within parentheses only another table begins.
fn begins_after_sql(text: &str, is_within: bool) -> bool {
    let word = first_word(text);
    let is_quoted = text.trim_start().starts_with(['"', '\'']);
    let is_table =
        is_label(text) && (!is_quoted || behind_label(text).is_some_and(|it| !it.is_empty()));
    let is_single = || {
        let is_store = word != "store" || text.to_ascii_lowercase().contains(" into ");
        is_store && begins_single(text, &word, &AFTER_SQL)
    };
    is_table || word == "load" || !is_within && is_single()
}

/// Whether a statement begins in this line of a condition.
fn begins_within(text: &str) -> bool {
    begins(text) || text.to_ascii_lowercase().contains(" load ") || first_word(text) == "select"
}

fn begins_single(text: &str, word: &str, among: &HashSet<&str>) -> bool {
    if is_tab(text) {
        return true;
    }
    if !among.contains(word) {
        return false;
    }
    let rest = text.trim_start()[word.len()..].trim_start();
    let lower = rest.to_ascii_lowercase();
    let next = first_word(rest);
    match word {
        "if" | "elseif" => lower.ends_with("then"),
        "end" => ["if", "sub", "switch"].iter().any(|what| lower.starts_with(what)),
        "else" | "disconnect" | "flushlog" | "otherwise" => true,
        "do" | "loop" => rest.is_empty() || ["while", "until"].contains(&next.as_str()),
        // The name of a counter at most.
        "next" => rest.len() == next.len() && !OPERATORS.contains(next.as_str()),
        "let" | "set" => rest.contains('='),
        "lib" => next == "connect",
        "for" => next == "each" || rest.contains('='),
        // In SQL, it is a clause with a condition.
        "qualify" | "unqualify" => !rest.is_empty() && !rest.contains(['(', '=', '<', '>']),
        "sub" => !["on", "where"].contains(&next.as_str()) && is_signature(rest),
        _ => {
            let is_operand = rest.starts_with([',', ')', '(', '.', '=', '<', '>', '&', '+', '/']);
            !rest.is_empty() && !is_operand && !OPERATORS.contains(next.as_str())
        }
    }
}

/// The name of a subroutine, with its parameters.
fn is_signature(text: &str) -> bool {
    let name = text.split('(').next().unwrap_or_default().trim_end();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
    is_name && (name.len() == text.trim_end().len() || text.trim_end().ends_with(')'))
}

/// The heading of a script section.
fn is_tab(text: &str) -> bool {
    text.starts_with("***")
}

/// The text after a table label, if the line begins with one.
fn behind_label(text: &str) -> Option<&str> {
    let label = text.contains(':').then(|| LABEL.find(text))??;
    Some(&text[label.end()..])
}

fn is_label(text: &str) -> bool {
    behind_label(text).map(without_comment).is_some_and(|rest| {
        rest.is_empty()
            || after_prefixes(rest).1
            || ["load", "sql", "select"].contains(&first_word(rest).as_str())
    })
}

/// The text after a label, unless it is only a remark.
fn without_comment(text: &str) -> &str {
    if text.starts_with("//") { "" } else { text }
}

/// The text without the parts in brackets and quotes.
fn without_names(text: &str) -> String {
    let (mut kept, mut rest) = (String::with_capacity(text.len()), text);
    // A text with many brackets that are not closed is searched for the closing one once.
    let mut has_brackets = true;
    while let Some(at) = rest.find(['[', '"', '\'']) {
        let Some(close) = closing(&rest[at..]) else { break };
        kept.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        let end = if close == ']' && !has_brackets { None } else { rest.find(close) };
        // A name goes to its closing sign on this line; an apostrophe has none.
        let Some(end) = end else {
            has_brackets &= close != ']';
            continue;
        };
        kept.push(close);
        rest = &rest[end + 1..];
    }
    kept + rest
}

/// Whether another line must follow this one.
fn is_open(text: &str) -> bool {
    let text = text.trim_end();
    let bare = without_names(text);
    let count = |c| bare.matches(c).count();
    text.ends_with([',', '(', '+', '-', '&', '*', '/', '=', '<', '>']) || count('(') > count(')')
}

/// Whether a line cannot be the first of a statement.
fn is_continuation(text: &str) -> bool {
    let trimmed = text.trim_start();
    if is_label(text) {
        return false;
    }
    trimmed.starts_with([',', ')', '(', '+', '-', '&', '=', '<', '>', ']'])
        || CONTINUES.contains(first_word(text).as_str())
}

/// The first word, in lower case.
pub(crate) fn first_word(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let text = text.trim_start();
    text.split(|c| !is_part(c)).next().unwrap_or_default().to_ascii_lowercase()
}
