//! Pure. The half that recognises: files and machine in, detections and positions out.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::commit::{Commit, HistoryEntry, StepProblem};
use crate::detect::Detector;
use crate::detection::{AgentProblem, Detection, Kind};
use crate::incident::Suppression;
use crate::observe::{NodeSnapshot, Watched};
use crate::pipeline::ReadingProgress;
use crate::tail::{Batch, Block, Checkpoint, FileId, FileProblem};

/// After so many detections a step ends, so that outcomes and deliveries do not wait for a whole
/// batch: it takes some 10 ms.
const ENOUGH_FOUND: usize = 200;

/// What recognises on one node. It decides nothing: what it finds may be decided elsewhere.
pub struct Recogniser {
    pub detector: Detector,
    pub watched: Watched,
    /// What the node belongs to; each detection says it.
    pub environment: Option<Arc<str>>,
    /// The name of the node.
    pub node: String,
    /// Records older than this are counted and left alone: the `start` of a first start.
    pub not_before: Option<Timestamp>,
}

/// What was recognised, with what must be kept in the same transaction as what follows from it.
#[derive(Debug, Default)]
#[must_use]
pub struct Recognised {
    pub detections: Vec<Detection>,
    /// Positions in the files, rows of the machine, counts and history: never a delivery.
    pub positions: Commit,
    pub reading: ReadingProgress,
}

impl Recogniser {
    /// Takes what the tailer found (or nothing, when only time has passed): from block `done` on,
    /// until much is found. `done` is moved behind those blocks.
    pub fn recognise(&mut self, now: Timestamp, batch: &mut Batch, done: &mut usize) -> Recognised {
        let mut recognised = Recognised::default();
        let begun = *done;
        while *done < batch.blocks.len() && recognised.detections.len() < ENOUGH_FOUND {
            self.read(now, &batch.blocks[*done], &mut recognised);
            *done += 1;
        }
        // What belongs together may stand in different files: it is not late before all is read.
        let is_last = *done == batch.blocks.len();
        recognised.reading = ReadingProgress {
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
                note_file_problem(now, problem, positions);
            }
        } else {
            positions.checkpoints = last_of_each(&batch.behind_blocks[begun..*done]);
        }
        self.complete(now, recognised)
    }

    /// Takes what was observed of services and machines.
    pub fn apply_snapshot(&mut self, now: Timestamp, snapshot: &NodeSnapshot) -> Recognised {
        self.watched.apply_snapshot(now, snapshot);
        self.complete(now, Recognised::default())
    }

    /// Takes what the agent reports about itself.
    pub fn report(&mut self, now: Timestamp, problem: AgentProblem) -> Recognised {
        let detections = vec![Detection::of_agent(now, &self.node, problem)];
        self.complete(now, Recognised { detections, ..Recognised::default() })
    }

    /// When there is something to recognise even if nothing new is read.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        self.watched.next_wakeup()
    }

    /// Adds what the machine has shown for long enough, and the environment.
    fn complete(&mut self, now: Timestamp, mut recognised: Recognised) -> Recognised {
        let seen = self.watched.due(now, &recognised.detections);
        recognised.positions.counts.merge(seen.counts);
        recognised.positions.book = self.watched.take_changes();
        recognised.detections.splice(0..0, seen.detections);
        for detection in &mut recognised.detections {
            detection.environment.clone_from(&self.environment);
        }
        recognised
    }

    fn read(&mut self, now: Timestamp, block: &Block, recognised: &mut Recognised) {
        let Recognised { detections, positions, .. } = recognised;
        let found = self.detector.detect(block);
        positions.counts.add("bytes.read", (block.bytes.len() - block.fresh) as u64);
        positions.counts.merge(found.counts);
        if found.unknown_layout {
            note_file_problem(now, &unknown_layout(block), positions);
            let problem = AgentProblem::UnknownLayout { log: block.label.to_string() };
            detections.push(Detection::of_agent(now, &self.node, problem));
        }
        for detection in found.detections {
            positions.counts.add(format!("pattern.{}", detection.pattern), 1);
            if self.is_too_old(&detection) {
                let counter = format!("suppressed.{}", Suppression::TooOld.name());
                positions.counts.add(counter, 1);
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

/// The last position in each file.
fn last_of_each(positions: &[Checkpoint]) -> Vec<Checkpoint> {
    let mut last: BTreeMap<FileId, &Checkpoint> = BTreeMap::new();
    last.extend(positions.iter().map(|position| (position.file, position)));
    last.into_values().cloned().collect()
}

fn note_file_problem(now: Timestamp, problem: &FileProblem, commit: &mut Commit) {
    let (path, detail) = (problem.path.clone(), problem.detail.clone());
    commit.problems.push(StepProblem::File { reason: problem.reason, path, detail });
    // Hardly a node has every service, so a folder that is missing is nothing to worry about.
    if problem.reason == "missing-folder" {
        return;
    }
    commit.counts.add(format!("trouble.{}", problem.reason), 1);
    commit.history.push(HistoryEntry {
        at: now,
        what: "trouble".to_owned(),
        reason: problem.reason.to_owned(),
        kind: Kind::Agent.name().to_owned(),
        fingerprint: String::new(),
        error_class: String::new(),
        summary: format!("{}: {}", problem.path.display(), problem.detail),
    });
}

fn unknown_layout(block: &Block) -> FileProblem {
    FileProblem {
        path: block.path.to_path_buf(),
        reason: "unknown-layout",
        lasts: false,
        detail: format!(
            "the first line of this {} log names no columns that Footman knows; its lines are \
             matched as plain text until then; send the first line to the maintainers",
            block.label
        ),
    }
}
