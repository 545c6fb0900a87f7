use super::*;

#[test]
fn the_words_stand_at_the_end_of_the_card_and_nothing_else_moves() {
    let payload =
        r#"{"type":"message","attachments":[{"content":{"body":[{"type":"X"}],"version":"1.5"}}]}"#;
    let card: Value = serde_json::from_str(&marked(payload)).unwrap();
    assert_eq!(card["attachments"][0]["content"]["body"][1]["text"], WORDS);
    assert!(
        marked(payload)
            .starts_with(r#"{"type":"message","attachments":[{"content":{"body":[{"type":"X"},"#)
    );
    assert!(marked(payload).ends_with(r#"],"version":"1.5"}}]}"#));
}

#[test]
fn what_is_no_card_is_sent_as_it_is() {
    for odd in ["", "not json", "{}", r#"{"attachments":[{"content":{"body":7}}]}"#] {
        assert_eq!(marked(odd), odd);
    }
}
