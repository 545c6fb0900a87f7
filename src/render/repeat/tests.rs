use serde_json::json;

use super::*;
use crate::render::body;

fn card(text: &str, language: Language) -> String {
    body::json(body::card("s", language, &[plain::small("head"), plain::small(text)], &[]))
}

#[test]
fn the_line_is_placed_under_the_head() {
    let card: Value =
        serde_json::from_str(&mark_possible_repeat(&card("x", Language::English))).unwrap();
    let body = &card["body"];
    let line = catalog::of(Language::English).possible_repeat();
    assert_eq!(body[2]["inlines"][0]["text"], json!(line));
    assert_eq!(body[3]["inlines"][0]["text"], "x");
}

#[test]
fn a_full_or_foreign_card_is_unchanged() {
    let full = card(&"x".repeat(LIMIT - 600), Language::English);
    for card in [full.as_str(), "", "not json", "[]", "{\"body\":{}}"] {
        assert_eq!(mark_possible_repeat(card), card);
    }
}
