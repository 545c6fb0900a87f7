use super::*;

fn marked(card: &str) -> String {
    let since = "2026-11-27T14:05:30Z".parse().unwrap();
    mark_instead_of(card, "sales", since, &TimeZone::UTC).into_owned()
}

#[test]
fn the_card_says_under_its_head_where_it_belongs() {
    let card =
        marked(r#"{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"head"},{"n":2}]}"#);
    let card: Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["body"].as_array().unwrap().len(), 3);
    let line = &card["body"][1]["inlines"][0]["text"];
    assert_eq!(line, "sent here because channel sales has been unavailable since Fri 27 Nov 14:05");
    let german = marked(r#"{"type":"AdaptiveCard","lang":"de","body":[]}"#);
    assert!(german.contains("weil der Kanal sales seit"), "{german}");
}

#[test]
fn what_is_no_card_is_unchanged() {
    for text in ["", "{}", "[1]", r#"{"body":"x"}"#] {
        assert_eq!(marked(text), text);
    }
}
