use super::{MOST, MOST_BYTES, RECENT, Recalled, outcome, remember_clean, remember_redacted};
use crate::redact::redact;

#[test]
fn a_text_with_a_secret_is_never_clean() {
    for text in ["password=hunter22x", "Nightly", "Nightly"] {
        redact(text);
    }
    assert_eq!(outcome("Nightly"), Some(Recalled::Clean));
    let redacted = "password=‹redacted›";
    assert_eq!(outcome("password=hunter22x"), Some(Recalled::Redacted(redacted.to_owned())));
    assert_eq!(redact("password=hunter22x"), redacted);
    assert_eq!(redact("Nightly"), "Nightly");
}

#[test]
fn what_was_redacted_is_clean() {
    for text in ["password=hunter22x", "a\r\npassword=hunter22x\r\nb"] {
        let redacted = redact(text).into_owned();
        assert_eq!(outcome(&redacted.replace("\r\n", "\n")), Some(Recalled::Clean), "{redacted}");
        assert_eq!(redact(&redacted), redacted);
        assert_eq!(redact(text), redacted);
    }
}

#[test]
fn few_texts_are_remembered() {
    for number in 0..3 * MOST {
        remember_clean(&format!("App {number}"));
        assert!(RECENT.with_borrow(|recent| recent.clean.len()) <= MOST);
    }
    assert_eq!(outcome(&format!("App {}", 3 * MOST - 1)), Some(Recalled::Clean));
    for number in 0..MOST_BYTES {
        remember_redacted(&format!("User {number}"), "‹redacted›");
        RECENT.with_borrow(|recent| assert!(recent.bytes <= MOST_BYTES));
    }
    let longest = "x".repeat(MOST_BYTES + 1);
    remember_redacted("long", &longest);
    assert_eq!(outcome("long"), None);
}
