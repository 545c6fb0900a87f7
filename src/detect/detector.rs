//! Pure. Matches all patterns in force against blocks.

mod header;
mod lines;
mod order;
mod script;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::config::Problem;
use crate::detect::detector::header::Headers;
use crate::detect::detector::order::Order;
use crate::detect::error_class::{ErrorClass, ErrorClasses};
use crate::detect::facts;
use crate::detect::layers;
use crate::detect::named::{Columns, Names};
use crate::detect::pack::Pack;
use crate::detect::pattern::Pattern;
use crate::detect::row::Row;
use crate::detect::scan::Scanner;
use crate::detection::{Detection, Named, PatternId};
use crate::metrics::Counts;
use crate::qlik::folders::{SCRIPT, is_dispatched};
use crate::qlik::service_log::{Layout, Record, Records, line_end, starts_record};
use crate::qlik::stamp;
use crate::tail::{Block, FileId};

/// Finds the patterns of the packs in blocks.
#[derive(Clone, Debug)]
pub struct Detector {
    patterns: Vec<Pattern>,
    /// Disabled patterns.
    off: Vec<Pattern>,
    errors: ErrorClasses,
    logs: BTreeMap<String, Log>,
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
struct Log {
    /// Built with the first block of the log: most logs of most nodes never have one.
    scanner: OnceLock<Scanner>,
    /// Indexes into `Detector::patterns`.
    patterns: Vec<usize>,
}

/// The detections of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub detections: Vec<Detection>,
    /// The file has no readable header, which must be reported. Set once per file.
    pub unknown_layout: bool,
    /// What the rows call apps and tasks.
    pub named: Vec<Named>,
    /// `records.candidate`, `detections.found`, `layout.unknown`, `layout.changed`.
    pub counts: Counts,
}

impl Detector {
    /// Compiles packs in order. A pattern replaces an earlier one with the same id, and disables it
    /// with `enabled = false`. A pattern with a problem is left out; the others stay.
    pub fn compile(packs: &[Pack], zone: TimeZone) -> (Self, Vec<Problem>) {
        let (known, errors, problems) = layers::join(packs);
        let (patterns, off) = known.into_iter().partition(|one| one.enabled);
        let (logs, reported, changed) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let latest = BTreeMap::new();
        let mut detector = Self { patterns, off, errors, logs, zone, reported, changed, latest };
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

    /// A problem for each pattern in force that names an unknown channel.
    pub fn unknown_channels(&self, is_known: impl Fn(&str) -> bool) -> Vec<Problem> {
        let spots = self.patterns.iter().filter_map(|pattern| pattern.channel.as_ref());
        let unknown = spots.filter(|spot| !is_known(&spot.text));
        unknown
            .map(|spot| {
                let message = format!("there is no channel `{}`", spot.text);
                let hint = "name one of the configuration's channels".to_owned();
                spot.source.problem(spot.span.clone(), message, Some(hint))
            })
            .collect()
    }

    /// Replaces an earlier detector and takes over what it knows of files, so that nothing is
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
        let slow = self.patterns.iter().filter(|pattern| pattern.literals().is_none());
        slow.map(|pattern| pattern.id.as_str())
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
            found.counts.add("layout.unknown", 1);
        }
        if !found.detections.is_empty() {
            found.counts.add("detections.found", found.detections.len() as u64);
        }
        found
    }

    fn log(&self, name: &str) -> Log {
        let wanted = |at: &usize| self.patterns[*at].logs.iter().any(|log| log == name);
        let patterns = (0..self.patterns.len()).filter(wanted).collect();
        Log { scanner: OnceLock::new(), patterns }
    }

    fn scanner<'a>(&self, log: &'a Log) -> &'a Scanner {
        log.scanner.get_or_init(|| {
            let patterns = log.patterns.iter().map(|at| &self.patterns[*at]);
            let literals: Vec<_> = patterns.map(Pattern::literals).collect();
            Scanner::new(literals.iter().map(Option::as_deref))
        })
    }

    fn detect_service(&mut self, block: &Block) -> Found {
        let layout = Layout::from_head(&block.head);
        let mut found = Found {
            unknown_layout: layout.is_none() && !block.head.is_empty(),
            ..Found::default()
        };
        let Some(log) = self.logs.get(&*block.label) else { return found };
        let scanner = self.scanner(log);
        let file = (block.file, block.generation);
        let records = Records::of(layout.as_ref(), &block.head);
        let unknown = Layout::unknown();
        let first = self.changed.get(&file).cloned().or(layout).unwrap_or_default();
        let headers = Headers::new(first, &block.bytes);
        let path = path_of(block);
        let known = self.latest.get(&file).copied();
        let mut order = Order::after(known, if known.is_some() { block.fresh } else { 0 });
        let (mut done, mut n_candidates, mut suspects) = (0, 0, Vec::new());
        let candidates = scanner.candidates(&block.bytes, block.fresh);
        for line in continued(block, records).into_iter().chain(candidates) {
            if line.start < done {
                continue;
            }
            let record = records.around(&block.bytes, line);
            done = record.end;
            n_candidates += 1;
            // The cells of a record whose beginning is out of reach cannot be counted.
            let whole = records == Records::Lines || starts_record(&block.bytes[record.start..]);
            let layout = if whole { headers.at(record.start) } else { &unknown };
            scanner.suspects(&block.bytes[record.clone()], &mut suspects);
            let patterns = suspects.iter().map(|at| &self.patterns[log.patterns[*at]]);
            let detections = self.check_record(patterns, block, &path, layout, &record, &mut order);
            found.detections.extend(detections);
        }
        if let Some(latest) = order.latest {
            self.latest.insert(file, latest);
        }
        if n_candidates > 0 {
            found.counts.add("records.candidate", n_candidates);
        }
        found.named = self.named(block, records, &headers);
        let n_changes = headers.n_changes_from(block.fresh);
        if n_changes > 0 {
            found.counts.add("layout.changed", n_changes);
            self.changed.insert(file, headers.last().clone());
        }
        found
    }

    /// What the rows that are new call apps and tasks, whether a pattern matches them or not.
    fn named(&self, block: &Block, records: Records, headers: &Headers) -> Vec<Named> {
        let (mut names, mut at) = (Names::default(), block.fresh);
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
        names.into_named(&block.bytes, |at| headers.at(at).clone(), &self.zone)
    }

    fn check_record<'a>(
        &self,
        patterns: impl Iterator<Item = &'a Pattern>,
        block: &Block,
        path: &Arc<str>,
        layout: &Layout,
        record: &Range<usize>,
        order: &mut Order,
    ) -> Vec<Detection> {
        let mut detections = Vec::new();
        let mut matched: Vec<&Pattern> = Vec::new();
        let text = String::from_utf8_lossy(&block.bytes[record.clone()]);
        let row = Row::Service(Record::new(layout, &text));
        let at = OnceCell::new();
        for pattern in patterns.filter(|pattern| pattern.matches(&row)) {
            // Two patterns that find the same problem do not find it twice in one record.
            let is_found = matched.iter().any(|other| is_same(other, pattern));
            matched.push(pattern);
            if !is_found && !matched_before(pattern, block, layout, record) {
                let at = *at.get_or_init(|| {
                    let first_cells = |line: &str| {
                        line.split('\t').take(4).find_map(|cell| stamp::parse(cell, &self.zone))
                    };
                    let at = row.at(&self.zone)?;
                    Some(order.settle(at, &block.bytes, record.start, first_cells))
                });
                detections.push(facts::detection(pattern, &row, at, block, path, record.start));
            }
        }
        detections
    }
}

/// Whether two patterns find the same problem.
fn is_same(one: &Pattern, other: &Pattern) -> bool {
    let (first, second) = (&one.terms.same_as, &other.terms.same_as);
    let names = |same: &Option<PatternId>, id: &PatternId| same.as_ref() == Some(id);
    names(first, &other.id) || names(second, &one.id) || (first.is_some() && first == second)
}

/// The path as text, shared by all detections of a block.
fn path_of(block: &Block) -> Arc<str> {
    block.path.to_string_lossy().into()
}

/// Whether the pattern already matched the earlier part of the record, with an earlier block.
fn matched_before(
    pattern: &Pattern,
    block: &Block,
    layout: &Layout,
    record: &Range<usize>,
) -> bool {
    if record.start >= block.fresh {
        return false;
    }
    let seen = String::from_utf8_lossy(&block.bytes[record.start..block.fresh]);
    pattern.matches(&Row::Service(Record::new(layout, &seen)))
}

/// The first new line, if it continues a record of the lookback: the record may match now, although
/// the new part contains no literal.
fn continued(block: &Block, records: Records) -> Option<Range<usize>> {
    let within = block.fresh > 0 && block.fresh < block.bytes.len();
    if !within || records == Records::Lines {
        return None;
    }
    let line = block.fresh..line_end(&block.bytes, block.fresh);
    let record = records.around(&block.bytes, line.clone());
    (record.start < block.fresh).then_some(line)
}

#[cfg(test)]
mod tests;
