//! Pure. Runs the samples of the packs, which show the rows that each pattern must and must not
//! match.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use toml::Spanned;

use crate::config::Problem;
use crate::config::limits::PROBLEMS;
use crate::detect::detector::Detector;
use crate::detect::pack::{Content, Pack, PackFile, PatternTable, Sample, read};
use crate::detect::pattern::Pattern;
use crate::detect::terms;
use crate::detection::{Detection, Kind, PatternId, Role, Severity};
use crate::qlik::folders::{SCRIPT, is_dispatched};
use crate::tail::{Block, FileId};

/// One problem for each sample with the wrong result. Samples of patterns that another pack
/// replaces or disables are not run.
pub fn check(packs: &[Pack], zone: &TimeZone) -> Vec<Problem> {
    let (mut detector, _) = Detector::compile(packs, zone.clone());
    let in_force: BTreeMap<String, Pattern> =
        detector.patterns().iter().map(|one| (one.id.to_string(), one.clone())).collect();
    let mut problems = Vec::new();
    for pack in packs {
        let Content { source, entries, .. } = read(pack);
        for entry in entries.iter().filter(|entry| entry.enabled) {
            let pattern = in_force.get(entry.id.get_ref());
            if let Some(pattern) = pattern.filter(|pattern| pattern.file == source.file) {
                problems.extend(check_pattern(&mut detector, pattern, entry, &source));
            }
            if problems.len() >= PROBLEMS {
                return problems;
            }
        }
    }
    problems
}

/// The number of samples of the patterns that are not disabled.
pub fn count(packs: &[Pack]) -> usize {
    let entries = packs.iter().flat_map(|pack| read(pack).entries);
    let enabled = entries.filter(|entry| entry.enabled);
    enabled.map(|entry| entry.matches.len() + entry.misses.len()).sum()
}

/// A pattern in force with its first sample, a row of a service log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub pattern: PatternId,
    pub kind: Kind,
    pub role: Role,
    pub severity: Severity,
    pub logs: Vec<String>,
    /// Number of such rows that open an incident.
    pub count: u32,
    /// Whether rows are counted by the client's address, whatever the user.
    pub by_address: bool,
    pub closes: Vec<PatternId>,
    pub suppressed_by: Vec<PatternId>,
    pub columns: BTreeMap<String, String>,
}

/// The first samples from service logs, in the order of the packs.
pub fn shown(packs: &[Pack]) -> Vec<Shown> {
    let entries = packs.iter().flat_map(|pack| read(pack).entries);
    let shown = entries.filter(|entry| entry.enabled).filter_map(|entry| {
        let sample = entry.matches.first()?.get_ref();
        let limit = entry.threshold.as_ref().map(toml::Spanned::get_ref);
        let terms = terms::of(&entry);
        sample.lines.is_none().then(|| Shown {
            pattern: entry.id.get_ref().as_str().into(),
            kind: *entry.kind.get_ref(),
            role: *entry.role.get_ref(),
            severity: entry.severity,
            logs: entry.log.get_ref().list(),
            count: limit.map_or(1, |limit| limit.count),
            by_address: limit
                .is_some_and(|limit| limit.by.iter().any(|by| by.get_ref() == "address")),
            closes: terms.closes,
            suppressed_by: terms.suppressed_by,
            columns: sample.columns.clone(),
        })
    });
    shown.collect()
}

fn check_pattern(
    detector: &mut Detector,
    pattern: &Pattern,
    entry: &PatternTable,
    source: &PackFile,
) -> Vec<Problem> {
    let mut run = |sample: &Spanned<Sample>, should_match: bool| {
        let wrong = pattern
            .logs
            .iter()
            .find_map(|log| wrong(detector, log, &pattern.id, sample.get_ref(), should_match))?;
        let hint =
            "correct the sample or the regex; `footman explain` shows how far a line matches";
        Some(source.problem(sample.span(), wrong, Some(hint.to_owned())))
    };
    let matches = entry.matches.iter().map(|sample| (sample, true));
    let misses = entry.misses.iter().map(|sample| (sample, false));
    matches.chain(misses).filter_map(|(sample, should_match)| run(sample, should_match)).collect()
}

fn wrong(
    detector: &mut Detector,
    log: &str,
    id: &str,
    sample: &Sample,
    should_match: bool,
) -> Option<String> {
    detector.forget_files();
    let found = detector.detect(&block(log, sample));
    // A start alone is no result.
    let relevant = |one: &Detection| !one.role.is_start() || one.pattern == id;
    let found: BTreeSet<PatternId> =
        found.detections.into_iter().filter(relevant).map(|one| one.pattern).collect();
    if found.contains(id) != should_match {
        let what = if should_match { "does not match" } else { "matches" };
        return Some(format!("`{id}` {what} this sample in {log}"));
    }
    let foreign = found
        .iter()
        .find(|other| **other != id && !sample.also.iter().any(|also| **other == also.as_str()))?;
    Some(format!("`{foreign}` matches this sample of `{id}`; name it in `also` if it should"))
}

/// The sample as a new file.
fn block(log: &str, sample: &Sample) -> Block {
    let (head, rows) = match &sample.lines {
        Some(lines) => (lines.clone(), lines.clone()),
        None if is_dispatched(log) => (String::new(), json_line(&sample.columns)),
        None if log == SCRIPT => (String::new(), String::new()),
        None => service_file(&sample.columns),
    };
    Block {
        file: FileId(0),
        generation: 0,
        label: log.into(),
        path: Arc::from(Path::new("sample")),
        head: head.into_bytes().into(),
        bytes: rows.into_bytes(),
        fresh: 0,
        offset: 0,
        lines: Some(0),
    }
}

/// The row as a dispatched service writes it.
pub(crate) fn json_line(columns: &BTreeMap<String, String>) -> String {
    let mut members = serde_json::Map::new();
    members.insert("time".to_owned(), "2026-11-23T06:13:52.000Z".into());
    for (name, cell) in columns {
        members.insert(name.clone(), cell.as_str().into());
    }
    serde_json::Value::Object(members).to_string() + "\n"
}

fn service_file(columns: &BTreeMap<String, String>) -> (String, String) {
    let names: Vec<&str> = columns.keys().map(String::as_str).collect();
    let cells: Vec<&str> = columns.values().map(String::as_str).collect();
    let header = format!("Sequence#\tTimestamp\t{}\n", names.join("\t"));
    let row = format!("1\t20261123T061352.000+0000\t{}\n", cells.join("\t"));
    (header.clone(), header + &row)
}

#[cfg(test)]
mod tests;
