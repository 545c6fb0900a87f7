use serde_json::json;

use super::*;
use crate::render::body;

fn card(text: &str) -> String {
    body::json(body::card("s", &[plain::small("head"), plain::small(text)], &[]))
}

#[test]
fn the_line_is_placed_under_the_head() {
    let card: Value = serde_json::from_str(&mark_possible_repeat(&card("x"))).unwrap();
    let body = &card["body"];
    assert_eq!(body[1]["inlines"][0]["text"], json!(LINE));
    assert_eq!(body[2]["inlines"][0]["text"], "x");
}

#[test]
fn a_full_or_foreign_card_is_unchanged() {
    let full = card(&"x".repeat(LIMIT - 600));
    for card in [full.as_str(), "", "not json", "[]", "{\"body\":{}}"] {
        assert_eq!(mark_possible_repeat(card), card);
    }
}
