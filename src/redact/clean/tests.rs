use std::collections::HashSet;

use super::{CLEAN, LONGEST, MOST, is_known, remember};
use crate::redact::redact;

#[test]
fn a_text_with_a_secret_is_never_known() {
    for text in ["password=hunter22x", "Nightly", "Nightly"] {
        redact(text);
    }
    assert!(is_known("Nightly"));
    assert!(!is_known("password=hunter22x"));
    assert_eq!(redact("password=hunter22x"), "password=‹redacted›");
    assert_eq!(redact("Nightly"), "Nightly");
}

#[test]
fn few_and_short_texts_are_remembered() {
    let long = "x".repeat(LONGEST + 1);
    remember(&long);
    assert!(!is_known(&long));
    for number in 0..3 * MOST {
        remember(&format!("App {number}"));
        assert!(CLEAN.with_borrow(HashSet::len) <= MOST);
    }
    assert!(is_known(&format!("App {}", 3 * MOST - 1)));
}
