//! Pure. All patterns in force, held against blocks.

mod header;
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
use crate::detect::pack::Pack;
use crate::detect::pattern::Pattern;
use crate::detect::row::Row;
use crate::detect::scan::{Scanner, Suspects};
use crate::detection::Detection;
use crate::metrics::Counts;
use crate::qlik::folders::SCRIPT;
use crate::qlik::service_log::{Layout, Record, Records, line_end, starts_record};
use crate::qlik::stamp;
use crate::tail::{Block, FileId};

/// Recognises what the packs describe.
#[derive(Clone, Debug)]
pub struct Detector {
    patterns: Vec<Pattern>,
    /// Those that are switched off.
    off: Vec<Pattern>,
    errors: ErrorClasses,
    logs: BTreeMap<String, Log>,
    zone: TimeZone,
    /// Files whose unknown layout was told already.
    told: BTreeSet<(FileId, u32)>,
    /// The columns of files that changed them in mid-file.
    changed: BTreeMap<(FileId, u32), Layout>,
    /// The latest time in files with stamps that can be read in two ways.
    latest: BTreeMap<(FileId, u32), Timestamp>,
}

/// What to look for in one log.
#[derive(Clone, Debug)]
struct Log {
    /// Made when the log's first block comes: most logs of most nodes never say anything new.
    scanner: OnceLock<Scanner>,
    /// Places in `Detector::patterns`.
    patterns: Vec<usize>,
}

/// What was found in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub detections: Vec<Detection>,
    /// The file has no header that could be read: tell it aloud. Set once per file.
    pub unknown_layout: bool,
    /// `records.candidate`, `detections.found`, `layout.unknown`, `layout.changed`.
    pub counts: Counts,
}

impl Detector {
    /// Compiles packs in order. A pattern replaces an earlier one of the same id, and switches it
    /// off with `enabled = false`. A pattern with a problem is left out, the others stay.
    pub fn compile(packs: &[Pack], zone: TimeZone) -> (Self, Vec<Problem>) {
        let (known, errors, problems) = layers::join(packs);
        let (patterns, off) = known.into_iter().partition(|one| one.enabled);
        let (logs, told, changed) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let latest = BTreeMap::new();
        let mut detector = Self { patterns, off, errors, logs, zone, told, changed, latest };
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

    /// Names of the logs that some pattern looks at.
    pub fn logs(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// The patterns in force, in the order of their packs.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The patterns that are switched off.
    pub fn switched_off(&self) -> &[Pattern] {
        &self.off
    }

    /// What an error that ended a reload is called, and what usually helps.
    pub fn error_class(&self, error: &str) -> Option<&ErrorClass> {
        self.errors.of(error)
    }

    /// A problem for each pattern in force that names a channel which is not known.
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

    /// Takes the place of a detector that was at work: what that one told is not told again.
    pub fn succeed(&mut self, earlier: Self) {
        self.told = earlier.told;
        self.changed = earlier.changed;
        self.latest = earlier.latest;
    }

    /// Forgets what it knows of single files.
    pub(crate) fn forget_files(&mut self) {
        self.told.clear();
        self.changed.clear();
        self.latest.clear();
    }

    /// The zone of time stamps that name none.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Ids of the patterns that need every line of their logs to be looked at.
    pub fn slow_patterns(&self) -> impl Iterator<Item = &str> {
        let slow = self.patterns.iter().filter(|pattern| pattern.literals().is_empty());
        slow.map(|pattern| pattern.id.as_str())
    }

    /// The same patterns, held against every line: slow, and what the scan is checked against.
    #[must_use]
    pub fn without_scan(&self) -> Self {
        let mut plain = self.clone();
        for log in plain.logs.values_mut() {
            log.scanner = OnceLock::from(Scanner::every_line(log.patterns.len()));
        }
        plain
    }

    /// Finds every pattern in what is new in a block.
    pub fn detect(&mut self, block: &Block) -> Found {
        let mut found = if *block.label == *SCRIPT {
            self.detect_script(block)
        } else {
            self.detect_service(block)
        };
        if found.unknown_layout {
            found.unknown_layout = self.told.insert((block.file, block.generation));
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
            Scanner::new(patterns.map(Pattern::literals).collect())
        })
    }

    /// What was searched for in vain may be searched for differently from now on.
    fn learn(&mut self, block: &Block, in_vain: usize) {
        let log = self.logs.get_mut(&*block.label);
        if let Some(scanner) = log.and_then(|log| log.scanner.get_mut()) {
            scanner.learn(&block.bytes, block.fresh, in_vain);
        }
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
        let (mut done, mut n_candidates, mut in_vain) = (0, 0, 0);
        let mut suspects = Suspects::default();
        let candidates = scanner.candidates(&block.bytes, block.fresh);
        for line in continued(block, records).into_iter().chain(candidates) {
            if line.start < done {
                continue;
            }
            let record = records.around(&block.bytes, line);
            done = record.end;
            n_candidates += 1;
            scanner.suspects(&block.bytes[record.clone()], &mut suspects);
            if suspects.numbers.is_empty() {
                in_vain += 1;
                continue;
            }
            // A record whose beginning is out of reach has no cells that could be counted.
            let whole = records == Records::Lines || starts_record(&block.bytes[record.start..]);
            let layout = if whole { headers.at(record.start) } else { &unknown };
            let patterns = suspects.numbers.iter().map(|at| &self.patterns[log.patterns[*at]]);
            let detections = self.check_record(patterns, block, &path, layout, &record, &mut order);
            found.detections.extend(detections);
        }
        if let Some(latest) = order.latest {
            self.latest.insert(file, latest);
        }
        if n_candidates > 0 {
            found.counts.add("records.candidate", n_candidates);
        }
        let n_changes = headers.n_changes_from(block.fresh);
        if n_changes > 0 {
            found.counts.add("layout.changed", n_changes);
            self.changed.insert(file, headers.last().clone());
        }
        self.learn(block, in_vain);
        found
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
        let text = String::from_utf8_lossy(&block.bytes[record.clone()]);
        let row = Row::Service(Record::new(layout, &text));
        let at = OnceCell::new();
        for pattern in patterns.filter(|pattern| pattern.matches(&row)) {
            if !matched_before(pattern, block, layout, record) {
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

/// As text, once for all that is found in a block.
fn path_of(block: &Block) -> Arc<str> {
    block.path.to_string_lossy().into()
}

/// What stood there before the new bytes came was seen with an earlier block.
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

/// The first new line if it goes on with a record of the lookback: what was missing for a match
/// may have come, although no literal stands in the new part.
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
