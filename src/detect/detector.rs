//! Pure. Matches all patterns in force against blocks.

mod header;
mod order;
mod records;
mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::{Language, Problem, ProblemKind};
use crate::detect::detector::header::Headers;
use crate::detect::detector::records::RowReading;
use crate::detect::error_class::{ErrorClass, ErrorClasses};
use crate::detect::layers::{self, Broken, LayeredPacks};
use crate::detect::literal::Writing;
use crate::detect::named::{Columns, NamingRows};
use crate::detect::pack::Pack;
use crate::detect::pattern::Pattern;
use crate::detect::scan::Scanner;
use crate::detection::{Detection, Named};
use crate::metrics::{Counts, Single};
use crate::qlik::folders::{SCRIPT, is_dispatched};
use crate::qlik::service_log::{Layout, Records, line_end};
use crate::tail::{Block, FileId};

pub use crate::detect::detector::script::explain_failure;

/// Finds the patterns of the packs in blocks.
#[derive(Clone, Debug)]
pub struct Detector {
    patterns: Vec<Pattern>,
    /// Disabled patterns.
    off: Vec<Pattern>,
    /// Patterns that are left out because of a problem.
    broken: Vec<Broken>,
    errors: ErrorClasses,
    logs: BTreeMap<String, LogPatterns>,
    zone: TimeZone,
    /// Files whose unknown layout has been reported.
    reported: BTreeSet<(FileId, u32)>,
    /// The current columns of files whose header changed in the middle.
    changed: BTreeMap<(FileId, u32), Layout>,
    /// The latest time in files with ambiguous stamps.
    latest: BTreeMap<(FileId, u32), Timestamp>,
}

/// The patterns of one log.
#[derive(Clone, Debug)]
struct LogPatterns {
    /// Built with the first block of the log: most logs of most nodes never have one.
    scanner: OnceLock<Scanner>,
    /// Indexes into `Detector::patterns`.
    patterns: Vec<usize>,
    writing: Writing,
}

/// The detections of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub detections: Vec<Detection>,
    /// The file has no readable header, which must be reported. Set once per file.
    pub unknown_layout: bool,
    /// The names of apps and tasks in the rows.
    pub named: Vec<Named>,
    /// `records.candidate`, `detections.found`, `layout.unknown`, `layout.changed`.
    pub counts: Counts,
}

impl Detector {
    /// Compiles packs in order. A pattern replaces an earlier one with the same id, and disables it
    /// with `enabled = false`. A pattern with a problem is left out; the others stay.
    pub fn compile(packs: &[Pack], zone: TimeZone) -> (Self, Vec<Problem>) {
        let LayeredPacks { patterns: known, broken, errors, problems } = layers::join(packs);
        let (patterns, off) = known.into_iter().partition(|one| one.enabled);
        let (logs, reported, changed) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let latest = BTreeMap::new();
        let mut detector =
            Self { patterns, off, broken, errors, logs, zone, reported, changed, latest };
        let names: BTreeSet<String> =
            detector.patterns.iter().flat_map(|pattern| pattern.logs.clone()).collect();
        detector.logs = names
            .into_iter()
            .map(|name| {
                let log = detector.log(&name);
                (name, log)
            })
            .collect();
        (detector, problems)
    }

    /// Names of the logs that patterns use.
    pub fn logs(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// The patterns in force, in the order of their packs.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The patterns that are left out because of a problem.
    pub(crate) fn broken(&self) -> &[Broken] {
        &self.broken
    }

    /// The disabled patterns.
    pub fn switched_off(&self) -> &[Pattern] {
        &self.off
    }

    /// The class of an error that ended a reload, with advice.
    pub fn error_class(&self, error: &str) -> Option<&ErrorClass> {
        self.errors.of(error)
    }

    /// All error classes, in the order in which their texts are tried.
    pub fn error_classes(&self) -> impl Iterator<Item = &ErrorClass> {
        self.errors.iter()
    }

    /// Keeps the texts of packs in these languages and in that of the pack itself.
    pub fn keep_languages(&mut self, languages: &BTreeSet<Language>) {
        for pattern in self.patterns.iter_mut().chain(&mut self.off) {
            let words = Arc::make_mut(&mut pattern.words);
            words.translations.retain(|language, _| languages.contains(language));
        }
        self.errors.keep_languages(languages);
    }

    /// A problem for each pattern in force that names an unknown channel.
    pub fn unknown_channels(&self, is_known: impl Fn(&str) -> bool) -> Vec<Problem> {
        let spots = self.patterns.iter().filter_map(|pattern| pattern.channel.as_ref());
        let of_broken = self.broken.iter().filter_map(|pattern| pattern.channel.as_ref());
        let spots = spots.chain(of_broken);
        let unknown = spots.filter(|spot| !is_known(&spot.text));
        unknown
            .map(|spot| {
                let message = format!("there is no channel `{}`", spot.text);
                let hint = "name one of the configuration's channels".to_owned();
                let problem = spot.source.problem(spot.span.clone(), message, Some(hint));
                problem.of_kind(ProblemKind::UnknownName)
            })
            .collect()
    }

    /// Replaces an earlier detector and takes over its knowledge of files, so that nothing is
    /// reported twice.
    pub fn succeed(&mut self, earlier: Self) {
        self.reported = earlier.reported;
        self.changed = earlier.changed;
        self.latest = earlier.latest;
    }

    /// Drops the state of all files.
    pub(crate) fn forget_files(&mut self) {
        self.reported.clear();
        self.changed.clear();
        self.latest.clear();
    }

    /// The zone of time stamps without an offset.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Ids of the patterns that must be tried on every line of their logs.
    pub fn slow_patterns(&self) -> impl Iterator<Item = &str> {
        let is_slow = |pattern: &&Pattern| {
            pattern.logs.iter().any(|log| pattern.literals(writing_of(log)).is_empty())
        };
        self.patterns.iter().filter(is_slow).map(|pattern| pattern.id.as_str())
    }

    /// The same patterns, tried on every line: slow, used to verify the scan.
    #[must_use]
    pub fn without_scan(&self) -> Self {
        let mut plain = self.clone();
        for log in plain.logs.values_mut() {
            log.scanner = OnceLock::from(Scanner::every_line(log.patterns.len()));
        }
        plain
    }

    /// Finds all patterns in the new part of a block.
    pub fn detect(&mut self, block: &Block) -> Found {
        let mut found = if *block.label == *SCRIPT {
            self.detect_script(block)
        } else if is_dispatched(&block.label) {
            self.detect_lines(block)
        } else {
            self.detect_service(block)
        };
        if found.unknown_layout {
            found.unknown_layout = self.reported.insert((block.file, block.generation));
        }
        if found.unknown_layout {
            found.counts.add(Single::UnknownLayouts, 1);
        }
        if !found.detections.is_empty() {
            found.counts.add(Single::Detections, found.detections.len() as u64);
        }
        found
    }

    fn log(&self, name: &str) -> LogPatterns {
        let wanted = |at: &usize| self.patterns[*at].logs.iter().any(|log| log == name);
        let patterns = (0..self.patterns.len()).filter(wanted).collect();
        LogPatterns { scanner: OnceLock::new(), patterns, writing: writing_of(name) }
    }

    fn scanner<'a>(&self, log: &'a LogPatterns) -> &'a Scanner {
        log.scanner.get_or_init(|| {
            let patterns = log.patterns.iter().map(|at| &self.patterns[*at]);
            let literals: Vec<_> =
                patterns.clone().map(|pattern| pattern.literals(log.writing)).collect();
            let without = patterns.zip(&literals).filter(|(_, literals)| literals.is_empty());
            let loose = without.map(|(pattern, _)| pattern.loosened()).collect::<Option<Vec<_>>>();
            let scanner = Scanner::new(literals, log.writing);
            match loose {
                Some(loose) if log.writing == Writing::Verbatim => scanner.with_loose(loose),
                _ => scanner,
            }
        })
    }

    /// Texts that caused many false candidates may be searched for differently from now on.
    fn learn(&mut self, block: &Block, in_vain: usize) {
        let log = self.logs.get_mut(&*block.label);
        if let Some(scanner) = log.and_then(|log| log.scanner.get_mut()) {
            scanner.learn(&block.bytes, block.fresh, in_vain);
        }
    }

    fn detect_service(&mut self, block: &Block) -> Found {
        let layout = Layout::from_head(&block.head);
        let unknown_layout = layout.is_none() && !block.head.is_empty();
        let mut found = Found { unknown_layout, ..Found::default() };
        if !self.logs.contains_key(&*block.label) {
            return found;
        }
        let file = (block.file, block.generation);
        let records = Records::of(layout.as_ref(), &block.head);
        let first = self.changed.get(&file).cloned().or(layout).unwrap_or_default();
        let headers = Headers::new(first, &block.bytes);
        self.detect_records(block, &RowReading::Service { records, headers: &headers }, &mut found);
        found.named = self.named(block, records, &headers);
        let n_changes = headers.n_changes_from(block.fresh);
        if n_changes > 0 {
            found.counts.add(Single::ChangedLayouts, n_changes);
            self.changed.insert(file, headers.last().clone());
        }
        found
    }

    /// Each line of a dispatched service's log is a record.
    fn detect_lines(&mut self, block: &Block) -> Found {
        let mut found = Found::default();
        self.detect_records(block, &RowReading::Lines, &mut found);
        found
    }

    /// The names of apps and tasks in the new rows, whether a pattern matches them or not.
    fn named(&self, block: &Block, records: Records, headers: &Headers) -> Vec<Named> {
        let (mut names, mut at) = (NamingRows::default(), block.fresh);
        let mut layout = headers.at(at);
        let mut columns = Columns::of(layout);
        if columns.is_empty() && !headers.changes() {
            return Vec::new();
        }
        while at < block.bytes.len() {
            let record = records.around(&block.bytes, at..line_end(&block.bytes, at));
            at = record.end;
            let current = headers.at(record.start);
            if current != layout {
                (layout, columns) = (current, Columns::of(current));
            }
            names.add(&columns, &block.bytes, &record);
            at = columns.next(&block.bytes, at, block.fresh);
        }
        names.into_named(&block.bytes, &self.zone)
    }
}

/// The path as text, shared by all detections of a block.
fn path_of(block: &Block) -> Arc<str> {
    block.path.to_string_lossy().into()
}

/// How the lines of this log write the texts that patterns match.
fn writing_of(log: &str) -> Writing {
    if is_dispatched(log) { Writing::Json } else { Writing::Verbatim }
}

#[cfg(test)]
mod tests;
