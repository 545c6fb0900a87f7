//! Any bytes as a script log: one verdict at most.
#![no_main]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use footman::detect::{Detector, builtin_packs};
use footman::detection::Role;
use footman::tail::{Block, FileId};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let mut detector = Detector::compile(&builtin_packs(), TimeZone::UTC).0;
    // Clones share what the first block makes.
    detector.detect(&block(b"", 0, b""));
    detector
});

fuzz_target!(|text: &[u8]| {
    let block = block(text, 0, &text[..text.len().min(200)]);
    let found = DETECTOR.clone().detect(&block).detections;
    let failed = found.iter().filter(|one| one.role == Role::ScriptFailed).count();
    assert!(failed <= 1, "{failed} verdicts");
    for script in found.iter().filter_map(|one| one.script.as_ref()) {
        assert!(script.excerpt.lines.len() <= 10);
    }
});

fn block(text: &[u8], fresh: usize, head: &[u8]) -> Block {
    Block {
        file: FileId(1),
        generation: 0,
        label: "Script".into(),
        path: Arc::from(Path::new(
            "7ffc01c2-83d9-4f23-b4a6-ca3aeac15c7a.2026_11_23_05_13_00.ECD010F8AE5847FFC93B.log",
        )),
        head: head.into(),
        bytes: text.to_vec(),
        fresh,
        offset: 0,
        lines: Some(0),
    }
}
