//! Pure. A masked summary of logs: their columns and the shapes of their texts.

mod mask;
mod page;
mod words;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::qlik::folders::SCRIPT;
use crate::qlik::node::guid;
use crate::qlik::script_log::Line;
use crate::qlik::service_log::{Layout, Record, Records, line_end};
use crate::replay::survey::mask::{TEXT, mask, mask_column, mask_logger};
use crate::tail::Block;

/// Limits for one log: memory must stay bounded however much a site logs.
const MOST_SHAPES: usize = 1_000;
const MOST_FORMS: usize = 8;
const MOST_VALUES: usize = 40;
const MOST_LAYOUTS: usize = 10;
/// More logs than Qlik Sense has.
const MOST_LOGS: usize = 100;
/// Columns whose values are fixed words of the product.
const WORDS: [&str; 12] = [
    "Level",
    "Severity",
    "Command",
    "Result",
    "Service",
    "Origin",
    "Context",
    "SecurityClass",
    "Type",
    "Method",
    "ObjectType",
    "Action",
];
/// Columns that hold texts.
const TEXTS: [&str; 3] = ["Message", "Description", "Exception"];
/// Levels of warnings and errors; shapes without a level are of a script log or an unknown log.
const COMPLAINS: [&str; 3] = ["WARN", "ERROR", "FATAL"];

/// The observations so far, by log.
#[derive(Debug, Default)]
pub struct Survey {
    logs: BTreeMap<String, SurveyedLog>,
    /// Files that could not be read completely.
    pub n_unreadable: u64,
}

/// The observations of one log.
#[derive(Debug, Default)]
struct SurveyedLog {
    n_files: u64,
    n_bytes: u64,
    n_rows: u64,
    /// Header rows, and how many files have each.
    layouts: DistinctValues<String>,
    /// Forms of the values of each column.
    forms: BTreeMap<String, DistinctValues<String>>,
    values: BTreeMap<String, DistinctValues<String>>,
    complaints: DistinctValues<[String; 4]>,
    others: DistinctValues<[String; 4]>,
}

/// Counts a limited number of different values.
#[derive(Debug)]
struct DistinctValues<T> {
    seen: BTreeMap<T, u64>,
    most: usize,
    /// Values beyond the limit.
    n_more: u64,
}

impl<T> Default for DistinctValues<T> {
    fn default() -> Self {
        Self { seen: BTreeMap::new(), most: MOST_SHAPES, n_more: 0 }
    }
}

impl<T: Ord> DistinctValues<T> {
    fn of(most: usize) -> Self {
        Self { seen: BTreeMap::new(), most, n_more: 0 }
    }

    fn add(&mut self, one: T) {
        if let Some(n) = self.seen.get_mut(&one) {
            *n += 1;
        } else if self.seen.len() < self.most {
            self.seen.insert(one, 1);
        } else {
            self.n_more += 1;
        }
    }

    /// The most frequent first.
    fn most_first(&self) -> Vec<(&T, u64)> {
        let mut all: Vec<(&T, u64)> = self.seen.iter().map(|(one, n)| (one, *n)).collect();
        all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        all
    }
}

impl Survey {
    /// Records the start of a file of a log.
    pub fn begin_file(&mut self, log: &str, encoding: &str) {
        let log = self.log(log);
        log.n_files += 1;
        log.values.entry("encoding".into()).or_insert_with(few_values).add(encoding.to_owned());
    }

    /// Adds the new part of a block.
    pub fn take(&mut self, block: &Block) {
        let log = self.log(&block.label);
        log.n_bytes += (block.bytes.len() - block.fresh) as u64;
        if *block.label == *SCRIPT {
            return log.script(block);
        }
        match Layout::from_head(&block.head) {
            Some(layout) => log.rows(block, &layout),
            None => log.lines(block),
        }
    }

    /// The number of logs, and of their shapes.
    pub fn size(&self) -> (usize, usize) {
        let shapes =
            self.logs.values().map(|log| log.complaints.seen.len() + log.others.seen.len());
        (self.logs.len(), shapes.sum())
    }

    /// The summary as a text page.
    pub fn page(&self, version: &str) -> String {
        page::page(self, version)
    }

    fn log(&mut self, name: &str) -> &mut SurveyedLog {
        let is_full = self.logs.len() >= MOST_LOGS && !self.logs.contains_key(name);
        let name = if is_full { "others" } else { name };
        self.logs.entry(name.to_owned()).or_default()
    }
}

impl SurveyedLog {
    fn rows(&mut self, block: &Block, layout: &Layout) {
        if block.offset == 0 || block.lines == Some(0) {
            let names = layout.names().map(mask_column).collect::<Vec<_>>().join(" ");
            self.layouts.most = MOST_LAYOUTS;
            self.layouts.add(names);
        }
        let records = Records::of(Some(layout), &block.head);
        let mut at = block.fresh;
        while at < block.bytes.len() {
            let record = records.around(&block.bytes, at..line_end(&block.bytes, at));
            let is_rest = record.start < block.fresh;
            at = record.end;
            let text = String::from_utf8_lossy(&block.bytes[record]);
            let is_header = Layout::from_header(&text).is_some();
            if !is_rest && !is_header && !text.trim().is_empty() {
                self.row(&Record::new(layout, &text), layout);
            }
        }
    }

    fn row(&mut self, record: &Record<'_>, layout: &Layout) {
        self.n_rows += 1;
        let n_cells = record.cells().count();
        if n_cells != layout.names().count() {
            let cells = format!("{n_cells} cells, {} columns", layout.names().count());
            self.values.entry("odd rows".into()).or_insert_with(few_values).add(cells);
        }
        for (name, cell) in layout.names().zip(record.cells()) {
            let column = mask_column(name);
            let forms =
                self.forms.entry(column.clone()).or_insert_with(|| DistinctValues::of(MOST_FORMS));
            forms.add(form(cell).into_owned());
            if WORDS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                let values = self.values.entry(column).or_insert_with(few_values);
                values.add(value(name, cell));
            }
        }
        let level = record.get("Level").map(mask).unwrap_or_default();
        let logger = record.get("Logger").map(mask_logger).unwrap_or_default();
        for column in TEXTS.iter().filter(|column| layout.names().any(|name| name == **column)) {
            let text = record.get(column).unwrap_or_default();
            if !text.trim().is_empty() {
                self.shape([level.clone(), logger.clone(), (*column).to_owned(), mask(text)]);
            }
        }
    }

    /// Adds the lines of a log without columns: JSON or plain text.
    fn lines(&mut self, block: &Block) {
        let text = String::from_utf8_lossy(&block.bytes[block.fresh..]);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            self.n_rows += 1;
            let json = line.trim_start().starts_with('{').then(|| serde_json::from_str(line));
            let (form, shape) = match json {
                Some(Ok(value)) => ("json", masked_json(&value, 0)),
                _ => shape_of_line(line, "text"),
            };
            self.shape([String::new(), String::new(), form.to_owned(), shape]);
        }
    }

    /// Adds the engine's lines of a script log; of statements, only the first word.
    fn script(&mut self, block: &Block) {
        let text = String::from_utf8_lossy(&block.bytes[block.fresh..]);
        for line in text.lines() {
            self.n_rows += 1;
            let (form, shape) = shape_of_line(line, "without stamp");
            if let Line::Engine { stamp, .. } = Line::new(line) {
                let forms = self
                    .forms
                    .entry("stamp".into())
                    .or_insert_with(|| DistinctValues::of(MOST_FORMS));
                forms.add(form_of_time(stamp));
            }
            if !shape.is_empty() {
                self.shape([String::new(), String::new(), form.to_owned(), shape]);
            }
        }
    }

    fn shape(&mut self, shape: [String; 4]) {
        if COMPLAINS.iter().any(|level| level.eq_ignore_ascii_case(&shape[0])) {
            self.complaints.add(shape);
        } else {
            self.others.add(shape);
        }
    }
}

/// The kind of a script log's line, and its shape.
fn shape_of_line(line: &str, other: &'static str) -> (&'static str, String) {
    match Line::new(line) {
        Line::Engine { text, .. } => ("engine", mask(text)),
        Line::Statement { text, .. } => ("statement", first_word(text)),
        Line::Other(text) => (other, mask(text)),
    }
}

fn few_values() -> DistinctValues<String> {
    DistinctValues::of(MOST_VALUES)
}

/// A value of a column of fixed words; a result is a short number.
fn value(column: &str, cell: &str) -> String {
    let digits = cell.trim().trim_start_matches('-');
    let is_code = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if is_code && column.eq_ignore_ascii_case("Result") {
        cell.trim().to_owned()
    } else {
        mask(cell)
    }
}

/// `LOAD …` for a statement: the rest is specific to the site.
fn first_word(text: &str) -> String {
    let word =
        text.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    match mask(&word.to_ascii_uppercase()).as_str() {
        "" | TEXT => TEXT.to_owned(),
        known => format!("{known} …"),
    }
}

/// The kind of a cell's value.
fn form(cell: &str) -> Cow<'static, str> {
    let cell = cell.trim();
    let n_digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let is_time = |c: char| c.is_ascii_digit() || "TZ :.,+-/".contains(c);
    if cell.is_empty() {
        "empty".into()
    } else if guid(cell).is_some() {
        "id".into()
    } else if n_digits >= 12 && cell.len() <= 40 && cell.chars().all(is_time) {
        form_of_time(cell).into()
    } else if cell.chars().all(|c| c.is_ascii_digit() || "+-.,".contains(c)) {
        "number".into()
    } else if cell.contains(['\r', '\n']) {
        "text of several lines".into()
    } else if cell.contains(' ') {
        "text".into()
    } else {
        "word".into()
    }
}

/// `99999999T999999.999+9999`.
fn form_of_time(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).take(40).collect()
}

/// The keys, with masked values.
fn masked_json(value: &serde_json::Value, depth: usize) -> String {
    use serde_json::Value;
    match value {
        Value::Object(members) if depth < 3 => {
            let members = members.iter().take(30).map(|(key, value)| {
                let key = if words::is_kept(key, false) { key.as_str() } else { "‹key›" };
                format!("{key}: {}", masked_json(value, depth + 1))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Array(all) if depth < 3 => {
            let first = all.first().map(|one| masked_json(one, depth + 1)).unwrap_or_default();
            format!("[{first}{}]", if all.len() > 1 { ", …" } else { "" })
        }
        Value::Object(_) | Value::Array(_) => "…".to_owned(),
        Value::String(text) => mask(text),
        Value::Number(_) => "‹n›".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Null => "null".to_owned(),
    }
}

#[cfg(test)]
mod tests;
