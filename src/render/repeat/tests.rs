use serde_json::json;

use super::*;
use crate::render::envelope;

fn payload(text: &str) -> String {
    envelope::payload(envelope::card("s", &[plain::small("head"), plain::small(text)], &[]))
}

#[test]
fn the_line_stands_under_the_head() {
    let message: Value = serde_json::from_str(&mark_possible_repeat(&payload("x"))).unwrap();
    let body = &message["attachments"][0]["content"]["body"];
    assert_eq!(body[1]["inlines"][0]["text"], json!(LINE));
    assert_eq!(body[2]["inlines"][0]["text"], "x");
}

#[test]
fn a_full_or_foreign_payload_stays_as_it_is() {
    let full = payload(&"x".repeat(LIMIT - 600));
    for payload in [full.as_str(), "", "not json", "[]", "{\"attachments\":[]}"] {
        assert_eq!(mark_possible_repeat(payload), payload);
    }
}
