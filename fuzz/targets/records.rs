//! Any bytes as a service log and as that of a dispatched service, in two blocks: the scan finds what looking at every line finds.
#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use footman::detect::{Detector, builtin_packs};
use footman::tail::{Block, FileId};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

const LABELS: [&str; 2] = ["System_Scheduler", "HubService"];

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let mut detector = Detector::compile(&builtin_packs(), TimeZone::UTC).0;
    // Clones share what the first block makes.
    for label in LABELS {
        detector.detect(&block(label, b"", 0, b""));
    }
    detector
});

fuzz_target!(|data: &[u8]| {
    let Some((cut, text)) = data.split_first() else { return };
    let ends: Vec<usize> =
        (1..=text.len()).filter(|at| *at == text.len() || text[*at - 1] == b'\n').collect();
    let Some(cut) = ends.get(usize::from(*cut) % ends.len().max(1)) else { return };
    let head = text.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut plain = DETECTOR.without_scan();
    let mut fast = DETECTOR.clone();
    for label in LABELS {
        for (upto, fresh) in [(*cut, 0), (text.len(), *cut)] {
            let block = block(label, &text[..upto], fresh, head);
            assert_eq!(fast.detect(&block).detections, plain.detect(&block).detections);
        }
    }
});

fn block(label: &str, text: &[u8], fresh: usize, head: &[u8]) -> Block {
    Block {
        file: FileId(1),
        generation: 0,
        label: label.into(),
        path: Arc::from(Path::new("x")),
        head: head.into(),
        bytes: text.to_vec(),
        fresh,
        offset: fresh as u64,
        lines: None,
    }
}
