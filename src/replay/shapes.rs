//! Pure. The shapes of unmatched warnings and errors in service logs: their text without numbers,
//! ids and names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use crate::detect::Detector;
use crate::detect::row::Row;
use crate::qlik::service_log::{Layout, Record, Records, line_end, line_start};
use crate::redact::redact_and_bound;
use crate::tail::Block;

/// Levels of warnings and errors.
const LEVELS: [&str; 3] = ["WARN", "ERROR", "FATAL"];
/// The most characters of a shape; later differences are ignored.
const LONGEST: usize = 160;
/// The most characters of an example.
const EXAMPLE: usize = 400;
/// The most shapes that are kept: a log whose rows all differ yields no suggestions.
const MOST_SHAPES: usize = 20_000;
/// The placeholder for the varying parts.
const VARIES: char = '\u{2026}';

/// The shapes seen so far.
pub struct Shapes<'d> {
    detector: &'d Detector,
    seen: BTreeMap<(String, String, String), Shape>,
}

/// The common form of many rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub log: String,
    pub logger: String,
    /// The highest level seen.
    pub level: String,
    /// The text, with `…` for what varies.
    pub text: String,
    pub n: u64,
    /// The first row's text, redacted.
    pub example: String,
}

impl<'d> Shapes<'d> {
    /// An empty collection.
    pub fn new(detector: &'d Detector) -> Self {
        Self { detector, seen: BTreeMap::new() }
    }

    /// Adds the warnings and errors of a block that no pattern matches.
    pub fn learn(&mut self, block: &Block) {
        let Some(layout) = Layout::from_head(&block.head) else { return };
        let records = Records::of(Some(&layout), &block.head);
        let mut done = block.fresh;
        for line in lines_of_level(&block.bytes, block.fresh) {
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
    /// A pattern to paste into a pack: enabled, with a sample, and with texts to edit.
    pub fn pattern(&self) -> String {
        let severity = if self.level == "WARN" { "warning" } else { "error" };
        let id = id(&self.log, &self.logger, &self.text);
        // Rows of some logs name no logger.
        let of_logger = |columns: fn(&str) -> String| match self.logger.as_str() {
            "" => String::new(),
            logger => columns(logger),
        };
        let condition = of_logger(|logger| {
            let last = regex::escape(logger.rsplit('.').next().unwrap_or_default());
            format!("Logger = {}, ", quoted(&format!("{last}$")))
        });
        let sample = of_logger(|logger| format!("Logger = {}\n", quoted(logger)));
        let times = if self.n == 1 { "once".to_owned() } else { format!("{} times", self.n) };
        let example = self.example.replace(['\r', '\n'], " ");
        format!(
            "# seen {times} as {}, such as:\n#   {example}\n[[pattern]]\nid = \"{id}\"\ntitle = {}\n\
             meaning = \"Not described yet: write what it means for people.\"\nlog = \"{}\"\n\
             kind = \"service\"\nseverity = \"{severity}\"\n\
             verified = \"seen\"\nsource = \"own logs\"\nwhen = {{ {condition}Message = {} }}\n\n\
             [[pattern.matches]]\nLevel = \"{}\"\n{sample}Message = {}\n",
            self.level,
            quoted(&self.text.replace(VARIES, "...").chars().take(60).collect::<String>()),
            self.log,
            quoted(&self.regex()),
            self.level,
            quoted(&self.example),
        )
    }

    /// A regex that matches all texts of this shape.
    pub fn regex(&self) -> String {
        let parts = self.text.split(VARIES).map(regex::escape);
        format!("^{}", parts.collect::<Vec<_>>().join(".*?"))
    }
}

/// Offsets of the lines that contain one of [`LEVELS`].
fn lines_of_level(bytes: &[u8], from: usize) -> Vec<usize> {
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

/// A provisional id, of the logger's last word, else the log, and the first words of the text.
fn id(log: &str, logger: &str, text: &str) -> String {
    let last = logger.rsplit('.').next().filter(|last| !last.is_empty()).unwrap_or(log);
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2);
    let words: Vec<String> =
        [last].into_iter().chain(words.take(4)).map(str::to_ascii_lowercase).collect();
    let id = words.join("-").replace('_', "-");
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    id.trim_matches('-').to_owned()
}

/// The text as a TOML string.
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
