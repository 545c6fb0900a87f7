//! I/O. Replays old logs through the same core in their own time, to show what would have been
//! sent.
//!
//! `files` finds and unpacks the logs, `decide_in_order` (pure) decides on the detections in the
//! order of their times, `tally` (pure) counts the results.

pub mod decide_in_order;
pub mod files;
pub mod shapes;
pub mod survey;
pub mod tally;

use std::collections::BTreeMap;

use indicatif::ProgressBar;

use crate::clock::Timestamp;
use crate::detect::{Detector, named};
use crate::detection::{Detection, Facts, Nameable, Named};
use crate::qlik::node::guid;
use crate::replay::files::{OldFile, Walk, walk};

pub use crate::replay::decide_in_order::{Replayed, SentCard, Window, decide_in_order};
pub use crate::replay::tally::Tally;

/// Detects in every log, file by file. A record without a stamp takes the one before it.
pub fn detect(
    detector: &mut Detector,
    files: &[OldFile],
    bar: &ProgressBar,
) -> (Vec<Detection>, Walk) {
    let mut detections: Vec<Detection> = Vec::new();
    let (mut of_file, mut names) = (None, Names::default());
    let wanted: Vec<String> = detector.logs().map(str::to_owned).collect();
    let walk = walk(files, bar, &|log| wanted.iter().any(|one| one == log), &mut |block| {
        if of_file.is_none_or(|(file, _)| file != block.file) {
            of_file = Some((block.file, None));
        }
        let found = detector.detect(block);
        names.add(found.named);
        for mut detection in found.detections {
            let last = of_file.and_then(|(_, at)| at);
            detection.at = detection.at.or(last);
            of_file = Some((block.file, detection.at));
            detections.push(detection);
        }
    });
    for detection in &mut detections {
        names.fill(&mut detection.facts);
    }
    (detections, walk)
}

/// What any row of the old logs calls apps and tasks: the newest name of each.
#[derive(Default)]
struct Names(BTreeMap<(Nameable, String), (Option<Timestamp>, String)>);

impl Names {
    fn add(&mut self, named: Vec<Named>) {
        for Named { what, id, name, at } in named {
            let known = self.0.entry((what, id)).or_insert_with(|| (at, name.clone()));
            if known.0 <= at {
                *known = (at, name);
            }
        }
    }

    fn fill(&self, facts: &mut Facts) {
        let Facts { app_id, app_name, task_id, task_name, .. } = facts;
        for (what, id, name) in
            [(Nameable::App, app_id, app_name), (Nameable::Task, task_id, task_name)]
        {
            if name.as_deref().and_then(named::clean).is_none() {
                let known = id.as_deref().and_then(guid).and_then(|id| self.0.get(&(what, id)));
                *name = known.map(|(_, name)| name.clone()).or(name.take());
            }
        }
    }
}
