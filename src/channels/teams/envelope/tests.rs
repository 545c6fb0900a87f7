use serde_json::{Value, json};

use super::*;
use crate::render::ENVELOPE;

#[test]
fn the_card_is_the_only_attachment_of_the_message() {
    let card = r#"{"type":"AdaptiveCard","body":[]}"#;
    let message: Value = serde_json::from_str(&message(card, false)).unwrap();
    let attachment = json!({
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": null,
        "content": { "type": "AdaptiveCard", "body": [] },
    });
    assert_eq!(message, json!({ "type": "message", "attachments": [attachment] }));
}

#[test]
fn a_possible_repeat_is_marked_inside_the_card() {
    let sent = message(r#"{"body":[{"type":"Container"}]}"#, true);
    let sent: Value = serde_json::from_str(&sent).unwrap();
    let line = &sent["attachments"][0]["content"]["body"][1]["inlines"][0]["text"];
    assert!(line.as_str().is_some_and(|line| line.starts_with("possible repeat")), "{sent}");
}

#[test]
fn cards_reserve_exactly_the_room_of_the_envelope() {
    let around = Value::from(wrap("")).to_string().len() - Value::from("").to_string().len();
    assert_eq!(around, ENVELOPE);
}

#[test]
fn the_message_says_in_a_notification_what_the_card_says_without_its_elements() {
    for text in [r"Error in PROD: Sales. Field 'A' not found", r#"a \"quoted\" \\ text"#, ""] {
        let card = format!(r#"{{"type":"AdaptiveCard","fallbackText":"{text}","body":[]}}"#);
        let message: Value = serde_json::from_str(&message(&card, false)).unwrap();
        let content = &message["attachments"][0]["content"];
        assert_eq!(message["summary"], content["fallbackText"], "{text}");
        assert!(message["summary"].is_string());
    }
}
