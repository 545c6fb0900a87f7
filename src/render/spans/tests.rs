use super::*;

#[test]
fn every_value_is_found_at_its_pointer() {
    let text = r#" { "a" : [1, {"b\"~/": "x\\\"y"}, [] ], "c": {} , "d": true }"#;
    let told = |pointer: &str| &text[span(text, pointer)];
    assert_eq!(told("/a/0"), "1");
    assert_eq!(told("/a/1/b\"~0~1"), r#""x\\\"y""#);
    assert_eq!(told("/a/2"), "[]");
    assert_eq!(told("/c"), "{}");
    assert_eq!(told("/d"), "true");
    assert_eq!(told(""), text.trim());
    assert_eq!(told("/a/0/gone"), "1");
    assert_eq!(told("/dx"), text.trim());
}

#[test]
fn broken_text_ends_the_search_without_harm() {
    for text in ["", "{", "[", "\"", "{\"a\"", "{\"a\":", "[1,", "\"\\"] {
        assert!(span(text, "/a/0").end <= text.len());
    }
}
