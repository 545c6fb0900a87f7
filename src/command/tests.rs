//! Texts that people give.

use super::*;

#[test]
fn a_text_of_which_nothing_would_be_seen_is_blank() {
    for text in ["", " \t", "\u{200b}", "\u{2800} \u{feff}", "\u{202e}", "\u{3164}"] {
        assert!(is_blank(text), "{text:?}");
        assert!(check("note", text, MOST_TEXT).is_err(), "{text:?}");
    }
    for text in ["Anna", "李", "👩\u{200d}💻", "-", "e\u{301}"] {
        assert!(!is_blank(text), "{text:?}");
    }
}
