//! Any text as a pack: read, compiled and tried without a panic, every problem within the text.
#![no_main]

use footman::detect::samples::check;
use footman::detect::{Detector, Pack};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let packs = [Pack { file: "fuzz.toml".into(), text: text.to_owned() }];
    let (_, problems) = Detector::compile(&packs, TimeZone::UTC);
    for problem in problems.iter().chain(&check(&packs, &TimeZone::UTC)) {
        assert!(problem.span.start <= problem.text.len(), "{problem:?}");
        assert!(!problem.message.is_empty());
    }
});
