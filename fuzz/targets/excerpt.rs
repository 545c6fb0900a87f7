//! Any lines before a verdict: the excerpt is short, bounded, and has no secret that is named.
#![no_main]

use footman::qlik::script_log::failure::Failure;
use footman::redact::redact_and_bound;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.lines().collect();
    let failure = Failure::new(&lines);
    assert!(failure.excerpt.len() <= 10);
    assert!(failure.first <= lines.len());
    for line in &failure.excerpt {
        assert!(redact_and_bound(&line.text, 400).chars().count() <= 400);
        let redacted = redact_and_bound(&format!("{} password=hunter2Hunter2;", line.text), 4000);
        // The fuzzer learns the secret from the comparison and puts it where nothing names it.
        let is_elsewhere = line.text.contains("hunter2Hunter2") || line.text.len() > 3000;
        assert!(is_elsewhere || !redacted.contains("hunter2Hunter2"), "{redacted}");
    }
});
