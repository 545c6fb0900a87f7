//! Pure. All patterns in force, held against blocks.

mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::tz::TimeZone;

use crate::config::Problem;
use crate::detect::pack::{Adjustment, Content, Pack, read};
use crate::detect::pattern::Pattern;
use crate::detect::row::Row;
use crate::detect::scan::Scanner;
use crate::detect::{Detection, facts};
use crate::metrics::Counts;
use crate::qlik::folders::SCRIPT;
use crate::qlik::service_log::{Layout, Record, Records, line_end, starts_record};
use crate::tail::{Block, FileId};

/// Recognises what the packs describe.
#[derive(Clone, Debug)]
pub struct Detector {
    patterns: Vec<Pattern>,
    logs: BTreeMap<String, Log>,
    zone: TimeZone,
    /// Files whose unknown layout was told already.
    told: BTreeSet<(FileId, u32)>,
}

/// What to look for in one log.
#[derive(Clone, Debug)]
struct Log {
    scanner: Scanner,
    /// Places in `Detector::patterns`.
    patterns: Vec<usize>,
}

/// What was found in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub detections: Vec<Detection>,
    /// The file has no header that could be read: tell it aloud. Set once per file.
    pub unknown_layout: bool,
    /// `records.candidate`, `detections.found`, `layout.unknown`.
    pub counts: Counts,
}

impl Detector {
    /// Compiles packs in order. A pattern replaces an earlier one of the same id, and switches it
    /// off with `enabled = false`. A pattern with a problem is left out, the others stay.
    pub fn compile(packs: &[Pack], zone: TimeZone) -> (Self, Vec<Problem>) {
        let (patterns, problems) = in_force(packs);
        let mut detector = Self { patterns, logs: BTreeMap::new(), zone, told: BTreeSet::new() };
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

    /// The zone of time stamps that name none.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Ids of the patterns that need every line of their logs to be looked at.
    pub fn slow_patterns(&self) -> impl Iterator<Item = &str> {
        let slow = self.patterns.iter().filter(|pattern| pattern.literals().is_none());
        slow.map(|pattern| pattern.id.as_str())
    }

    /// The same patterns, held against every line: slow, and what the scan is checked against.
    #[must_use]
    pub fn without_scan(&self) -> Self {
        let mut plain = self.clone();
        for log in plain.logs.values_mut() {
            log.scanner = Scanner::every_line();
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
        let patterns: Vec<usize> = (0..self.patterns.len()).filter(wanted).collect();
        let literals: Vec<_> = patterns.iter().map(|at| self.patterns[*at].literals()).collect();
        Log { scanner: Scanner::new(literals.iter().map(Option::as_deref)), patterns }
    }

    fn detect_service(&self, block: &Block) -> Found {
        let layout = Layout::from_head(&block.head);
        let mut found = Found {
            unknown_layout: layout.is_none() && !block.head.is_empty(),
            ..Found::default()
        };
        let Some(log) = self.logs.get(&*block.label) else { return found };
        let records = Records::of(layout.as_ref(), &block.head);
        let unknown = Layout::unknown();
        let layout = layout.unwrap_or_default();
        let mut done = 0;
        for line in continued(block, records).into_iter().chain(candidates(log, block)) {
            if line.start < done {
                continue;
            }
            let record = records.around(&block.bytes, line);
            done = record.end;
            found.counts.add("records.candidate", 1);
            // A record whose beginning is out of reach has no cells that could be counted.
            let whole = records == Records::Lines || starts_record(&block.bytes[record.start..]);
            let layout = if whole { &layout } else { &unknown };
            self.check_record(log, block, layout, &record, &mut found.detections);
        }
        found
    }

    fn check_record(
        &self,
        log: &Log,
        block: &Block,
        layout: &Layout,
        record: &Range<usize>,
        detections: &mut Vec<Detection>,
    ) {
        let text = String::from_utf8_lossy(&block.bytes[record.clone()]);
        let row = Row::Service(Record::new(layout, &text));
        // What stood there before the new bytes came was seen with an earlier block.
        let seen = record.start..block.fresh.max(record.start);
        let seen = String::from_utf8_lossy(&block.bytes[seen]);
        let seen = Row::Service(Record::new(layout, &seen));
        let is_new = record.start >= block.fresh;
        for pattern in log.patterns.iter().map(|at| &self.patterns[*at]) {
            if pattern.matches(&row) && (is_new || !pattern.matches(&seen)) {
                let at = row.at(&self.zone);
                detections.push(facts::detection(pattern, &row, at, block, record.start));
            }
        }
    }
}

fn candidates<'a>(log: &'a Log, block: &'a Block) -> impl Iterator<Item = Range<usize>> + 'a {
    log.scanner.candidates(&block.bytes, block.fresh)
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

fn in_force(packs: &[Pack]) -> (Vec<Pattern>, Vec<Problem>) {
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut problems = Vec::new();
    for pack in packs {
        let mut of_pack = add(&mut patterns, pack);
        of_pack.sort_by_key(|problem| problem.span.start);
        problems.extend(of_pack);
    }
    (patterns, problems)
}

fn add(patterns: &mut Vec<Pattern>, pack: &Pack) -> Vec<Problem> {
    let Content { source, entries, adjustments, mut problems } = read(pack);
    let mut ids = BTreeSet::new();
    for entry in entries {
        let id = entry.id.get_ref();
        if !ids.insert(id.clone()) {
            let message = format!("there is a pattern `{id}` above");
            problems.push(source.problem(entry.id.span(), message, None));
            continue;
        }
        match Pattern::compile(&entry, &source) {
            Ok(pattern) => put(patterns, pattern, entry.enabled),
            Err(broken) => problems.extend(broken),
        }
    }
    for one in adjustments {
        if !adjust(patterns, &one, &source.file) {
            let message = format!("there is no pattern `{}` to adjust", one.id.get_ref());
            let hint = "see `footman patterns list` for the ids in force";
            problems.push(source.problem(one.id.span(), message, Some(hint.to_owned())));
        }
    }
    problems
}

fn adjust(patterns: &mut Vec<Pattern>, adjustment: &Adjustment, file: &str) -> bool {
    let Some(place) = patterns.iter().position(|one| one.id == *adjustment.id.get_ref()) else {
        return false;
    };
    if adjustment.enabled {
        let pattern = &mut patterns[place];
        pattern.severity = adjustment.severity.unwrap_or(pattern.severity);
        pattern.adjusted_by = Some(file.to_owned());
    } else {
        patterns.remove(place);
    }
    true
}

fn put(patterns: &mut Vec<Pattern>, pattern: Pattern, enabled: bool) {
    let place = patterns.iter().position(|earlier| earlier.id == pattern.id);
    match (place, enabled) {
        (Some(place), true) => patterns[place] = pattern,
        (Some(place), false) => {
            patterns.remove(place);
        }
        (None, true) => patterns.push(pattern),
        (None, false) => {}
    }
}

#[cfg(test)]
mod tests;
