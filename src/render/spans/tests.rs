use super::*;

#[test]
fn every_value_is_found_at_its_pointer() {
    let text = r#" { "a" : [1, {"b\"~/": "x\\\"y"}, [] ], "c": {} , "d": true }"#;
    let spanned = |pointer: &str| &text[span(text, pointer)];
    assert_eq!(spanned("/a/0"), "1");
    assert_eq!(spanned("/a/1/b\"~0~1"), r#""x\\\"y""#);
    assert_eq!(spanned("/a/2"), "[]");
    assert_eq!(spanned("/c"), "{}");
    assert_eq!(spanned("/d"), "true");
    assert_eq!(spanned(""), text.trim());
    assert_eq!(spanned("/a/0/gone"), "1");
    assert_eq!(spanned("/dx"), text.trim());
}

#[test]
fn broken_text_ends_the_search_without_a_panic() {
    for text in ["", "{", "[", "\"", "{\"a\"", "{\"a\":", "[1,", "\"\\"] {
        assert!(span(text, "/a/0").end <= text.len());
    }
}
