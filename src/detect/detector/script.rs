//! Pure. Script logs: one verdict per file, and its explanation.

use std::sync::Arc;

use jiff::SignedDuration;
use memchr::memmem;

use crate::detect::detector::order::Order;
use crate::detect::detector::records::{RecordForm, RowReading, new_matches};
use crate::detect::detector::{Detector, Found, path_of};
use crate::detect::facts::{self, LINE, LONG, SHORT};
use crate::detect::pattern::Pattern;
use crate::detect::row::Row;
use crate::detect::scan::Suspects;
use crate::detection::{Detection, Excerpt, ExcerptLine, Role, ScriptFacts, Statement};
use crate::metrics::Single;
use crate::qlik::script_log::failure::Failure;
use crate::qlik::script_log::{FAILED, Header, Line, Name, ScriptEnd};
use crate::qlik::service_log::{line_end, line_start};
use crate::redact::{bound, redact, redact_and_bound, redact_together};
use crate::tail::Block;

/// The time in a log's name differs from the start of its run by at most this much.
const NAME_TO_START: SignedDuration = SignedDuration::from_mins(2);
/// How far before the verdict its reason is searched for, in bytes; farther if the error or its
/// statement is not found, since an error may contain a whole page of HTML.
const REACHES: [usize; 3] = [64 * 1024, 256 * 1024, (1024 + 64) * 1024];

impl Detector {
    pub(crate) fn detect_script(&mut self, block: &Block) -> Found {
        let mut found = Found::default();
        let Some(log) = self.logs.get(&*block.label) else { return found };
        let scanner = self.scanner(log);
        let path = path_of(block);
        let (mut done, mut n_candidates, mut in_vain) = (0, 0, 0);
        let mut suspects = Suspects::default();
        let candidates = scanner.candidates(&block.bytes, block.fresh);
        for range in RowReading::Script.continued(block).into_iter().chain(candidates) {
            if range.start < done {
                continue;
            }
            done = range.end;
            n_candidates += 1;
            scanner.suspects(&block.bytes[range.clone()], &mut suspects);
            in_vain += usize::from(!suspects.has_texts);
            let text = String::from_utf8_lossy(&block.bytes[range.clone()]);
            let row = RecordForm::Script.row(&text);
            let patterns = suspects.numbers.iter().map(|at| &self.patterns[log.patterns[*at]]);
            for pattern in new_matches(patterns, block, RecordForm::Script, &row, &range) {
                if is_first(pattern, block, range.start) {
                    let detection = self.script_detection(pattern, &row, block, &path, range.start);
                    found.detections.push(detection);
                }
            }
        }
        if n_candidates > 0 {
            found.counts.add(Single::CandidateRecords, n_candidates);
        }
        self.learn(block, in_vain);
        found
    }

    fn script_detection(
        &self,
        pattern: &Pattern,
        row: &Row<'_>,
        block: &Block,
        path: &Arc<str>,
        start: usize,
    ) -> Detection {
        let name = name(block);
        let header = Header::new(&String::from_utf8_lossy(&block.head), &self.zone);
        let started = header.started.map(|at| match &name {
            Some(name) => at.near(name.started, NAME_TO_START),
            None => at,
        });
        let at = row.at(&self.zone).map(|at| {
            let mut order = Order::after(started.map(|started| started.at), 0);
            order.settle(at, &block.bytes, start, |line| Line::new(line).at(&self.zone))
        });
        let mut detection = facts::detection(pattern, row, at, block, path, start);
        if let Some(name) = &name {
            detection.name_app(&name.app_id, pattern.key.is_empty());
        }
        if pattern.role == Role::AttemptStarted {
            detection.facts.user = executed_by(header);
        } else if matches!(pattern.role, Role::ScriptFailed | Role::ScriptSucceeded) {
            let mut script = ScriptFacts {
                path: path.to_string(),
                started: started.map(|at| at.at).or(name.map(|name| name.started)),
                ended: detection.at,
                ended_or: detection.facts.at_or,
                executed_by: executed_by(header),
                ..ScriptFacts::default()
            };
            if pattern.role == Role::ScriptFailed {
                self.add_reason(&mut script, block, start);
            }
            detection.facts.user.clone_from(&script.executed_by);
            if script.error.is_some() {
                detection.facts.message.clone_from(&script.error);
            }
            detection.script = Some(script);
        }
        detection
    }

    fn add_reason(&self, script: &mut ScriptFacts, block: &Block, verdict: usize) {
        let to = line_end(&block.bytes, verdict);
        let (mut from, mut first) = (verdict, 0);
        for reach in REACHES {
            from = line_start(&block.bytes, verdict.saturating_sub(reach));
            first = explain_failure(&String::from_utf8_lossy(&block.bytes[from..to]), script);
            if from == 0 || script.error.is_some() && script.statement.is_some() {
                break;
            }
        }
        script.swallowed_at_least = from > 0 || block.offset > block.fresh as u64;
        script.excerpt.first_line = line_number(block, from).map(|number| number + first as u64);
        self.classify(script);
    }

    /// Adds the class of the error to the facts of a failed script.
    pub fn classify(&self, script: &mut ScriptFacts) {
        if let Some(class) = script.error.as_deref().and_then(|error| self.error_class(error)) {
            script.error_class = Some(class.name.to_string());
            script.error_title = Some(class.title.to_string());
            script.error_advice = Some(class.advice.to_string());
            script.error_links.clone_from(&class.links);
            script.error_translations.clone_from(&class.translations);
        }
    }
}

/// Adds the error in the text of a failed script log, and the lines that explain it. Returns the
/// number of lines before these.
pub fn explain_failure(text: &str, script: &mut ScriptFacts) -> usize {
    // Redacted as a whole: a secret may be on another line than its name, a key on many lines.
    let text = redact(text);
    let failure = Failure::new(&text.lines().collect::<Vec<_>>());
    script.error = failure.error.map(|text| bound(&text, LONG));
    script.n_swallowed = failure.n_swallowed;
    script.connection = failure.connection.map(|name| bound(&name, SHORT));
    script.statement =
        failure.statement.map(|(number, text)| Statement { number, text: bound(&text, LINE) });
    let lines = failure.excerpt.into_iter();
    let lines =
        lines.map(|line| ExcerptLine { text: bound(&line.text, LINE), marked: line.marked });
    script.excerpt = Excerpt { first_line: None, lines: lines.collect() };
    redact_together(&mut texts_of(script));
    failure.first
}

/// What cards show of a failed script log: without its stamps, and cut, it may be read in another way.
fn texts_of(script: &mut ScriptFacts) -> Vec<&mut String> {
    let lines = script.excerpt.lines.iter_mut().map(|line| &mut line.text);
    let statement = script.statement.as_mut().map(|statement| &mut statement.text);
    lines.chain(statement).chain(&mut script.connection).chain(&mut script.error).collect()
}

/// A run ends once: a line after `Execution Failed` is no second verdict.
fn is_first(pattern: &Pattern, block: &Block, start: usize) -> bool {
    let is_verdict = matches!(pattern.role, Role::ScriptFailed | Role::ScriptSucceeded);
    !is_verdict || !failed_before(&block.bytes, start)
}

fn failed_before(bytes: &[u8], start: usize) -> bool {
    memmem::find_iter(&bytes[..start], FAILED.as_bytes()).any(|at| {
        let line = &bytes[line_start(bytes, at)..line_end(bytes, at)];
        Line::new(&String::from_utf8_lossy(line)).verdict() == Some(ScriptEnd::Failed)
    })
}

fn name(block: &Block) -> Option<Name> {
    // Logs are written on Windows, but replayed and tested on any system.
    Name::of_any(block.path.to_str()?.rsplit(['/', '\\']).next()?)
}

fn executed_by(header: Header) -> Option<String> {
    header.executed_by.map(|who| redact_and_bound(&who, SHORT))
}

/// The number of the line at `at`, counted from 1.
fn line_number(block: &Block, at: usize) -> Option<u64> {
    let before = block.lines?;
    let count = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count() as u64;
    if at <= block.fresh {
        (before + 1).checked_sub(count(&block.bytes[at..block.fresh]))
    } else {
        Some(before + 1 + count(&block.bytes[block.fresh..at]))
    }
}
