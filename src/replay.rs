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

use indicatif::ProgressBar;

use crate::clock::Timestamp;
use crate::detect::Detector;
use crate::detection::{Detection, Named};
use crate::incident::RecentNames;
use crate::replay::files::{OldFile, ReadTotals, walk};

pub use crate::replay::decide_in_order::{Replayed, SentCard, Window, decide_in_order};
pub use crate::replay::tally::Tally;

/// Detects in every log, file by file. A record without a timestamp takes the previous one. A
/// detection without the name of its app or task gets the newest one that any row has.
pub fn detect(
    detector: &mut Detector,
    files: &[OldFile],
    bar: &ProgressBar,
) -> (Vec<Detection>, ReadTotals) {
    let mut detections: Vec<Detection> = Vec::new();
    let (mut of_file, mut names) = (None, RecentNames::default());
    let wanted: Vec<String> = detector.logs().map(str::to_owned).collect();
    let walk = walk(files, bar, &|log| wanted.iter().any(|one| one == log), &mut |block| {
        if of_file.is_none_or(|(file, _)| file != block.file) {
            of_file = Some((block.file, None));
        }
        let found = detector.detect(block);
        for Named { what, id, name, at } in found.named {
            let at = at.or(Some(Timestamp::MIN));
            names.learn(Timestamp::MAX, Named { what, id, name, at });
        }
        for mut detection in found.detections {
            let last = of_file.and_then(|(_, at)| at);
            detection.at = detection.at.or(last);
            of_file = Some((block.file, detection.at));
            detections.push(detection);
        }
    });
    for detection in &mut detections {
        // A name that a row has of its own is not older than itself.
        names.fill(Timestamp::MAX, Timestamp::MAX, &mut detection.facts);
    }
    (detections, walk)
}
