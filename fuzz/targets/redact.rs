//! Any text: its secrets are hidden, its lines stay, and a second look finds nothing.
#![no_main]

use footman::redact::{redact, redact_and_bound};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let once = redact(&text);
    assert_eq!(redact(&once), once);
    assert_eq!(once.matches('\n').count(), text.matches('\n').count());
    assert!(once.len() <= text.len() * 14);
    assert!(redact_and_bound(&text, 50).chars().count() <= 50);
    let redacted = redact(&format!("password=hunter2Hunter2;\n{text}")).into_owned();
    assert!(!redacted.contains("password=hunter2Hunter2"), "{redacted}");
});
