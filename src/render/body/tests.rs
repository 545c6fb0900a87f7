use super::*;

#[test]
fn elements_that_conditions_left_empty_are_removed() {
    let body = json!([
        { "type": "Container", "items": [{ "type": "RichTextBlock", "inlines": [] }] },
        { "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": "" }, { "type": "TextRun", "text": "x" }] },
    ]);
    let payload = json(card("s", Language::English, body.as_array().unwrap(), &[]));
    let content: Value = serde_json::from_str(&payload).unwrap();
    let text = |text: &str| json!([{ "type": "TextRun", "text": text }]);
    assert_eq!(
        content["body"],
        json!([
            { "type": "RichTextBlock", "isVisible": false, "inlines": text("s") },
            { "type": "RichTextBlock", "inlines": text("x") },
        ])
    );
    assert_eq!(content.get("actions"), None);
}

#[test]
fn only_safe_links_become_buttons() {
    let button = |url: &str| json!({ "type": "Action.OpenUrl", "title": "t", "url": url });
    let urls = [
        "http://x",
        "https://",
        "https://u:p@x/",
        "https://x y",
        "javascript:x",
        "https://x.example.com/qmc",
    ];
    let payload = json(card(
        "s",
        Language::English,
        &[json!({ "type": "TextBlock", "text": "x" })],
        &urls.map(button),
    ));
    let content: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(content["actions"], json!([button(urls[5])]));
}
