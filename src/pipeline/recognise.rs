//! Pure. The first half of the pipeline: files and machine in, detections and positions out.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::cloud::TenantNews;
use crate::commit::{Commit, HistoryEntry, HistoryReason, HistoryType, StepProblem};
use crate::config::Language;
use crate::detect::Detector;
use crate::detection::{AgentProblem, Detection, Kind, Lately};
use crate::incident::Suppression;
use crate::metrics::{CounterSet, Counts, Single};
use crate::observe::{NodeSnapshot, Watched};
use crate::pipeline::{Findings, ReadingProgress};
use crate::render;
use crate::tail::{Batch, Block, Checkpoint, FileFault, FileId, FileProblem, FileProblemReason};

/// A step ends after this many detections (about 10 ms), so that outcomes and deliveries do not
/// wait for a whole batch.
const ENOUGH_FOUND: usize = 200;

/// Recognizes problems on one node. It decides nothing, so another process can decide.
pub struct Recogniser {
    pub detector: Detector,
    pub watched: Watched,
    /// The environment of the node, added to each detection.
    pub environment: Option<Arc<str>>,
    /// The name of the node.
    pub node: String,
    /// The language of the history.
    pub language: Language,
    /// Older records are only counted: the `start` setting at the first start.
    pub not_before: Option<Timestamp>,
}

/// Findings, with what must be stored in the same transaction as their results.
#[derive(Debug, Default)]
#[must_use]
pub struct Recognised {
    pub findings: Findings,
    /// Positions in files, rows of the machine, counts and history, but no deliveries.
    pub positions: Commit,
}

impl Recogniser {
    /// Processes a batch (empty if only time has passed). Begins at block `done`, stops when enough
    /// is found, and moves `done` behind the processed blocks.
    pub fn recognise(&mut self, now: Timestamp, batch: &mut Batch, done: &mut usize) -> Recognised {
        let mut recognised = Recognised::default();
        let begun = *done;
        while *done < batch.blocks.len() && recognised.findings.detections.len() < ENOUGH_FOUND {
            self.read(now, &batch.blocks[*done], &mut recognised);
            *done += 1;
        }
        // Related records may be in different files, so the progress counts only when all are
        // processed.
        let is_last = *done == batch.blocks.len();
        recognised.findings.reading = ReadingProgress {
            before: batch.read_before.filter(|_| begun == 0),
            until: batch.read_until.filter(|_| is_last),
            got_on: *done > begun,
        };
        let positions = &mut recognised.positions;
        if is_last {
            positions.checkpoints = std::mem::take(&mut batch.checkpoints);
            positions.forgotten = std::mem::take(&mut batch.forgotten);
            positions.folders = std::mem::take(&mut batch.folders);
            for problem in &batch.problems {
                note_file_problem(now, problem, self.language, positions);
            }
        } else {
            positions.checkpoints = last_of_each(&batch.behind_blocks[begun..*done]);
        }
        self.complete(now, recognised)
    }

    /// Processes a snapshot of services and machine.
    pub fn apply_snapshot(&mut self, now: Timestamp, snapshot: &NodeSnapshot) -> Recognised {
        self.watched.apply_snapshot(now, snapshot);
        self.complete(now, Recognised::default())
    }

    /// Turns a problem of the agent into a detection.
    pub fn report(&mut self, now: Timestamp, problem: AgentProblem) -> Recognised {
        let counter = CounterSet::AgentProblems.of(problem.name());
        let mut recognised = self.note(now, Detection::of_agent(now, &self.node, problem));
        recognised.positions.counts.add(counter, 1);
        recognised
    }

    /// Takes a detection of the agent itself.
    pub fn note(&mut self, now: Timestamp, detection: Detection) -> Recognised {
        let mut positions = Commit::default();
        count_kind(&detection, &mut positions.counts);
        self.complete(now, Recognised { findings: vec![detection].into(), positions })
    }

    /// Makes the detection that the agent is alive.
    pub fn alive(&self, now: Timestamp, lately: Lately) -> Detection {
        let environment = self.environment.clone();
        Detection { environment, ..Detection::of_alive(now, &self.node, lately) }
    }

    /// Takes news of a tenant of Qlik Cloud; its rows are written in the same commit as the
    /// effects.
    pub fn take_tenant(&mut self, now: Timestamp, news: TenantNews) -> Recognised {
        let TenantNews { mut detections, rows, counts } = news;
        let mut positions = Commit { rows, counts, ..Commit::default() };
        for detection in &mut detections {
            count_kind(detection, &mut positions.counts);
            detection.script.iter_mut().for_each(|script| self.detector.classify(script));
        }
        self.complete(now, Recognised { findings: detections.into(), positions })
    }

    /// When there is something to recognize even if nothing is read.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.watched.next_wakeup()
    }

    /// Adds detections from the machine that have lasted long enough, and the environment.
    fn complete(&mut self, now: Timestamp, mut recognised: Recognised) -> Recognised {
        let seen = self.watched.due(now, &recognised.findings.detections);
        recognised.positions.counts.merge(seen.counts);
        recognised.positions.rows.extend(self.watched.take_changes());
        for detection in &seen.detections {
            count_kind(detection, &mut recognised.positions.counts);
        }
        recognised.findings.detections.splice(0..0, seen.detections);
        for detection in &mut recognised.findings.detections {
            detection.environment.clone_from(&self.environment);
        }
        recognised
    }

    fn read(&mut self, now: Timestamp, block: &Block, recognised: &mut Recognised) {
        let Recognised { findings: Findings { detections, named, .. }, positions } = recognised;
        let found = self.detector.detect(block);
        positions.counts.add(Single::BytesRead, (block.bytes.len() - block.fresh) as u64);
        positions.counts.merge(found.counts);
        named.extend(found.named);
        if found.unknown_layout {
            note_file_problem(now, &unknown_layout(block), self.language, positions);
            let problem = AgentProblem::UnknownLayout { log: block.label.to_string() };
            detections.push(Detection::of_agent(now, &self.node, problem));
        }
        for detection in found.detections {
            positions.counts.add(CounterSet::Patterns.of(detection.pattern.to_string()), 1);
            count_kind(&detection, &mut positions.counts);
            if self.is_too_old(&detection) {
                positions.counts.add(Suppression::TooOld.counter(), 1);
            } else {
                detections.push(detection);
            }
        }
    }

    fn is_too_old(&self, detection: &Detection) -> bool {
        let latest = detection.facts.at_or.or(detection.at);
        self.not_before.is_some_and(|oldest| latest.is_some_and(|at| at < oldest))
    }
}

fn count_kind(detection: &Detection, counts: &mut Counts) {
    counts.add(CounterSet::Kinds.of(detection.kind.name()), 1);
}

/// The last position of each file.
fn last_of_each(positions: &[Checkpoint]) -> Vec<Checkpoint> {
    let mut last: BTreeMap<FileId, &Checkpoint> = BTreeMap::new();
    last.extend(positions.iter().map(|position| (position.file, position)));
    last.into_values().cloned().collect()
}

fn note_file_problem(
    now: Timestamp,
    problem: &FileProblem,
    language: Language,
    commit: &mut Commit,
) {
    let FileProblem { path, fault, .. } = problem;
    commit.problems.push(StepProblem::File { path: path.clone(), fault: fault.clone() });
    // Few nodes run every service, so a missing folder is not a problem.
    if fault.reason() == FileProblemReason::MissingFolder {
        return;
    }
    commit.counts.add(CounterSet::FileProblems.of(fault.reason().name()), 1);
    let summary = format!("{}: {}", path.display(), render::file_problem(fault, language));
    commit.history.push(HistoryEntry {
        reason: Some(HistoryReason::FileProblem(fault.reason())),
        kind: Some(Kind::Agent),
        ..HistoryEntry::new(now, HistoryType::FileProblem, summary)
    });
}

fn unknown_layout(block: &Block) -> FileProblem {
    let fault = FileFault::UnknownLayout { log: block.label.to_string() };
    FileProblem { path: block.path.to_path_buf(), fault, lasts: false }
}
