//! Pure. The candidates of a block as records, and the patterns that match them anew.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::detect::detector::header::Headers;
use crate::detect::detector::order::Order;
use crate::detect::detector::{Detector, Found, path_of};
use crate::detect::facts;
use crate::detect::pattern::Pattern;
use crate::detect::row::Row;
use crate::detect::scan::Suspects;
use crate::detection::{Detection, PatternId};
use crate::metrics::Single;
use crate::qlik::line_log::LineRecord;
use crate::qlik::script_log::Line;
use crate::qlik::service_log::{Layout, Record, Records, line_end, line_start, starts_record};
use crate::qlik::stamp::{self, Stamp};
use crate::tail::Block;

/// How the records of a log are read.
pub(crate) enum RowReading<'h> {
    Service {
        records: Records,
        headers: &'h Headers,
    },
    /// Lines of a dispatched service.
    Lines,
    Script,
}

/// The form in which one record is read.
#[derive(Clone, Copy)]
pub(crate) enum RecordForm<'l> {
    Service(&'l Layout),
    Line,
    Script,
}

impl RowReading<'_> {
    fn records(&self) -> Records {
        match self {
            Self::Service { records, .. } => *records,
            Self::Lines | Self::Script => Records::Lines,
        }
    }

    fn form<'a>(&'a self, block: &Block, start: usize, unknown: &'a Layout) -> RecordForm<'a> {
        match self {
            Self::Service { records, headers } => {
                // The cells of a record whose beginning is out of reach cannot be counted.
                let is_whole = *records == Records::Lines || starts_record(&block.bytes[start..]);
                RecordForm::Service(if is_whole { headers.at(start) } else { unknown })
            }
            Self::Lines => RecordForm::Line,
            Self::Script => RecordForm::Script,
        }
    }

    /// The first new line, if it continues a record of the lookback: the record may match now,
    /// although the new part contains no literal.
    pub(crate) fn continued(&self, block: &Block) -> Option<Range<usize>> {
        if block.fresh == 0 || block.fresh == block.bytes.len() {
            return None;
        }
        let line = line_start(&block.bytes, block.fresh)..line_end(&block.bytes, block.fresh);
        let record = self.records().around(&block.bytes, line.clone());
        (record.start < block.fresh).then_some(line)
    }
}

impl RecordForm<'_> {
    pub(crate) fn row<'t>(&'t self, text: &'t str) -> Row<'t> {
        match self {
            Self::Service(layout) => Row::Service(Record::new(layout, text)),
            Self::Line => Row::Plain(LineRecord::new(text)),
            Self::Script => Row::Script(Line::new(text)),
        }
    }

    /// The time of a line that may not be a record of its own.
    fn at(&self, line: &str, zone: &TimeZone) -> Option<Stamp> {
        match self {
            Self::Service(_) => line.split('\t').take(4).find_map(|cell| stamp::parse(cell, zone)),
            Self::Line | Self::Script => self.row(line).at(zone),
        }
    }
}

impl Detector {
    /// Finds the patterns of the log in the new records of a block.
    pub(crate) fn detect_records(
        &mut self,
        block: &Block,
        reading: &RowReading<'_>,
        found: &mut Found,
    ) {
        let Some(log) = self.logs.get(&*block.label) else { return };
        let scanner = self.scanner(log);
        let path = path_of(block);
        let file = (block.file, block.generation);
        let known = self.latest.get(&file).copied();
        let mut order = Order::after(known, if known.is_some() { block.fresh } else { 0 });
        let (mut done, mut n_candidates, mut in_vain) = (0, 0, 0);
        let (mut suspects, unknown) = (Suspects::default(), Layout::unknown());
        let candidates = scanner.candidates(&block.bytes, block.fresh);
        for line in reading.continued(block).into_iter().chain(candidates) {
            if line.start < done {
                continue;
            }
            let record = reading.records().around(&block.bytes, line);
            done = record.end;
            n_candidates += 1;
            scanner.suspects(&block.bytes[record.clone()], &mut suspects);
            if suspects.numbers.is_empty() {
                in_vain += 1;
                continue;
            }
            let n_before = found.detections.len();
            let form = reading.form(block, record.start, &unknown);
            let patterns = suspects.numbers.iter().map(|at| &self.patterns[log.patterns[*at]]);
            let detections = self.check_record(patterns, block, &path, form, &record, &mut order);
            found.detections.extend(detections);
            let is_in_vain = !suspects.has_texts && found.detections.len() == n_before;
            in_vain += usize::from(is_in_vain);
        }
        if let Some(latest) = order.latest {
            self.latest.insert(file, latest);
        }
        if n_candidates > 0 {
            found.counts.add(Single::CandidateRecords, n_candidates);
        }
        self.learn(block, in_vain);
    }

    fn check_record<'a>(
        &self,
        patterns: impl Iterator<Item = &'a Pattern>,
        block: &Block,
        path: &Arc<str>,
        form: RecordForm<'_>,
        record: &Range<usize>,
        order: &mut Order,
    ) -> Vec<Detection> {
        let text = String::from_utf8_lossy(&block.bytes[record.clone()]);
        let row = form.row(&text);
        let at = OnceCell::new();
        let matching = new_matches(patterns, block, form, &row, record);
        let detection = |pattern| {
            let at = *at.get_or_init(|| {
                let at = row.at(&self.zone)?;
                let at_line = |line: &str| form.at(line, &self.zone);
                Some(order.settle(at, &block.bytes, record.start, at_line))
            });
            facts::detection(pattern, &row, at, block, path, record.start)
        };
        matching.into_iter().map(detection).collect()
    }
}

/// The patterns that match this record, without those that matched its earlier part with an earlier
/// block. If two patterns find the same problem in one record, it counts once.
pub(crate) fn new_matches<'a>(
    patterns: impl Iterator<Item = &'a Pattern>,
    block: &Block,
    form: RecordForm<'_>,
    row: &Row<'_>,
    record: &Range<usize>,
) -> Vec<&'a Pattern> {
    let mut matching: Vec<&Pattern> = Vec::new();
    let mut new = Vec::new();
    for pattern in patterns.filter(|pattern| pattern.matches(row)) {
        let is_found = matching.iter().any(|other| is_same(other, pattern));
        matching.push(pattern);
        if !is_found && !matched_before(pattern, block, form, record) {
            new.push(pattern);
        }
    }
    new
}

/// Whether two patterns find the same problem.
fn is_same(one: &Pattern, other: &Pattern) -> bool {
    let (first, second) = (&one.terms.same_as, &other.terms.same_as);
    let names = |same: &Option<PatternId>, id: &PatternId| same.as_ref() == Some(id);
    names(first, &other.id) || names(second, &one.id) || (first.is_some() && first == second)
}

/// Whether the pattern already matched the earlier part of the record, with an earlier block.
fn matched_before(
    pattern: &Pattern,
    block: &Block,
    form: RecordForm<'_>,
    record: &Range<usize>,
) -> bool {
    if record.start >= block.fresh {
        return false;
    }
    let seen = String::from_utf8_lossy(&block.bytes[record.start..block.fresh]);
    pattern.matches(&form.row(&seen))
}
