//! Pure. The shapes of what service logs complain of and no pattern knows: the text without its
//! numbers, ids and names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use crate::detect::Detector;
use crate::detect::row::Row;
use crate::qlik::service_log::{Layout, Record, Records, line_end, line_start};
use crate::redact::redact_and_bound;
use crate::tail::Block;

/// Levels that complain.
const LEVELS: [&str; 3] = ["WARN", "ERROR", "FATAL"];
/// Characters of a shape: what differs later is the same.
const LONGEST: usize = 160;
/// Characters of an example.
const EXAMPLE: usize = 400;
/// No more shapes are kept: a log that says something else each time teaches nothing.
const MOST_SHAPES: usize = 20_000;
/// What stands where something varies.
const VARIES: char = '\u{2026}';

/// The shapes seen so far.
pub struct Shapes<'d> {
    detector: &'d Detector,
    seen: BTreeMap<(String, String, String), Shape>,
}

/// What many rows have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub log: String,
    pub logger: String,
    /// The worst level it was seen with.
    pub level: String,
    /// The text, with `…` for what varies.
    pub text: String,
    pub n: u64,
    /// The first row's text, redacted.
    pub example: String,
}

impl<'d> Shapes<'d> {
    /// Nothing seen yet.
    pub fn new(detector: &'d Detector) -> Self {
        Self { detector, seen: BTreeMap::new() }
    }

    /// Takes what complains in a block and no pattern matches.
    pub fn learn(&mut self, block: &Block) {
        let Some(layout) = Layout::from_head(&block.head) else { return };
        let records = Records::of(Some(&layout), &block.head);
        let mut done = block.fresh;
        for line in complaints(&block.bytes, block.fresh) {
            if line < done {
                continue;
            }
            let record = records.around(&block.bytes, line..line_end(&block.bytes, line));
            done = record.end;
            let text = String::from_utf8_lossy(&block.bytes[record]);
            self.learn_row(&block.label, &Row::Service(Record::new(&layout, &text)));
        }
    }

    fn learn_row(&mut self, log: &str, row: &Row<'_>) {
        let Some(level) = row.filled("Level").filter(|level| LEVELS.contains(level)) else {
            return;
        };
        let Some(message) = row.message() else { return };
        if self.is_known(log, row) {
            return;
        }
        let logger = row.filled("Logger").unwrap_or_default();
        let key = (log.to_owned(), logger.to_owned(), mask(message));
        if self.seen.len() >= MOST_SHAPES && !self.seen.contains_key(&key) {
            return;
        }
        let shape = self.seen.entry(key).or_insert_with_key(|(log, logger, text)| Shape {
            log: log.clone(),
            logger: logger.clone(),
            level: level.to_owned(),
            text: text.clone(),
            n: 0,
            example: redact_and_bound(message, EXAMPLE),
        });
        shape.n += 1;
        if rank(level) > rank(&shape.level) {
            level.clone_into(&mut shape.level);
        }
    }

    fn is_known(&self, log: &str, row: &Row<'_>) -> bool {
        let mut of_log =
            self.detector.patterns().iter().filter(|one| one.logs.iter().any(|l| l == log));
        of_log.any(|pattern| pattern.matches(row))
    }

    /// All shapes, the most frequent first.
    pub fn most_first(&self) -> Vec<Shape> {
        let mut shapes: Vec<Shape> = self.seen.values().cloned().collect();
        shapes.sort_by_key(|shape| std::cmp::Reverse(shape.n));
        shapes
    }
}

impl Shape {
    /// A pattern to paste into a pack: switched on, to be named and judged by a person.
    pub fn pattern(&self) -> String {
        let severity = if self.level == "WARN" { "warning" } else { "error" };
        let id = id(&self.logger, &self.text);
        let logger = regex::escape(self.logger.rsplit('.').next().unwrap_or_default());
        format!(
            "# seen {} times as {}, such as:\n#   {}\n[[pattern]]\nid = \"{id}\"\ntitle = {}\n\
             meaning = \"\"\nlog = \"{}\"\nkind = \"service\"\nseverity = \"{severity}\"\n\
             verified = \"seen\"\nsource = \"own logs\"\n\
             when = {{ Logger = {}, Message = {} }}\n",
            self.n,
            self.level,
            self.example.replace(['\r', '\n'], " "),
            quoted(&self.text.replace(VARIES, "...").chars().take(60).collect::<String>()),
            self.log,
            quoted(&format!("{logger}$")),
            quoted(&self.regex()),
        )
    }

    /// Matches whatever has this shape.
    pub fn regex(&self) -> String {
        let parts = self.text.split(VARIES).map(regex::escape);
        format!("^{}", parts.collect::<Vec<_>>().join(".*?"))
    }
}

/// Where lines begin that name a level that complains.
fn complaints(bytes: &[u8], from: usize) -> Vec<usize> {
    let mut lines: Vec<usize> = LEVELS
        .iter()
        .flat_map(|level| memmem::find_iter(&bytes[from..], level.as_bytes()))
        .map(|at| line_start(bytes, from + at))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// The text with `…` for ids, numbers, times, addresses, paths, quoted words and accounts.
fn mask(message: &str) -> String {
    static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?x)
              \{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?
            | '[^'\r\n]*' | "[^"\r\n]*" | ‹redacted›
            | \b[a-z]+://[^\s,;)]+
            | [A-Za-z]:\\[^\s,;)]+ | \\\\[^\s,;)]+ | \b[\w.-]+\\[\w.@-]+
            | \b[\w-]+(?:\.[\w-]+)+(?::\d+)?\b
            | \b[0-9a-fA-F]{12,}\b
            | [+-]?\d[\d.,:/T+-]*\d|\d+
            "#,
        )
        .expect("a constant expression")
    });
    let first = message.lines().next().unwrap_or_default();
    let redacted = redact_and_bound(first, EXAMPLE);
    let masked = VARIABLE.replace_all(&redacted, VARIES.encode_utf8(&mut [0; 4]) as &str);
    masked.trim().chars().take(LONGEST).collect()
}

/// A name to begin with, of the logger's last word and the first words of the text.
fn id(logger: &str, text: &str) -> String {
    let last = logger.rsplit('.').next().unwrap_or_default();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2);
    let words: Vec<String> =
        [last].into_iter().chain(words.take(4)).map(str::to_ascii_lowercase).collect();
    words.join("-").chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// A TOML string, whatever stands in it.
fn quoted(text: &str) -> String {
    if text.contains(['\'', '\n', '\r']) {
        return toml::Value::from(text).to_string();
    }
    format!("'{text}'")
}

fn rank(level: &str) -> usize {
    LEVELS.iter().position(|known| *known == level).unwrap_or(0)
}

#[cfg(test)]
mod tests;
