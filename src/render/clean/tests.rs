use serde_json::json;

use super::*;

#[test]
fn visible_text_is_unchanged() {
    for text in
        [r"Load; DEV\Sales", r#"Bob's "Q1" <b>"#, "[a](http://b) **x**", "{{ x }}", "👩‍👩‍👧 漢字"]
    {
        assert_eq!(line(text, 100), text);
    }
}

#[test]
fn control_characters_are_removed_and_line_ends_become_blanks() {
    assert_eq!(line("a\u{B}b\u{1B}[31mc\u{0}\u{7F}\r\nd\te", 100), "ab[31mc d e");
}

#[test]
fn overrides_of_direction_are_removed() {
    assert_eq!(line("a\u{202E}b\u{2066}c\u{2069}", 100), "abc");
}

#[test]
fn client_macros_and_mentions_are_broken_up_invisibly() {
    assert_eq!(line("{{DATE(1)}} {{time(2)}}", 100), "{\u{200B}{DATE(1)}} {\u{200B}{time(2)}}");
    assert_eq!(line("<at>x</at>", 100), "<\u{200B}at>x</\u{200B}at>");
    assert_eq!(line("<<at>", 100), "<<\u{200B}at>");
    assert_eq!(line("{{{DATE(1)", 100), "{{\u{200B}{DATE(1)");
}

#[test]
fn a_webhook_secret_is_hidden_anywhere_in_a_text() {
    assert_eq!(line("https://x/?a=1&sig=AbC%2F9-_x&b=2", 100), "https://x/?a=1&sig=‹redacted›&b=2");
    assert_eq!(line("SIG=abc sig= end sig=", 100), "SIG=‹redacted› sig= end sig=");
}

#[test]
fn long_text_ends_with_an_ellipsis_within_the_limit() {
    assert_eq!(line("abcdef", 4), "abc…");
    assert_eq!(line("abcd", 4), "abcd");
    assert_eq!(line(&"é".repeat(100_000), 10).chars().count(), 10);
}

#[test]
fn the_indent_of_a_log_line_is_kept() {
    assert_eq!(log_line("     Error: x  \r\n", 100), "     Error: x");
    let mut run = json!({ "type": "TextRun", "text": "  a  b" });
    card(&mut run);
    assert_eq!(run["text"], "\u{A0}\u{A0}a \u{A0}b");
}

#[test]
fn the_final_cleaning_keeps_code_and_joining_blanks() {
    let mut values = json!([
        { "type": "CodeBlock", "codeSnippet": "  a\n  b\u{B}" },
        { "type": "TextRun", "text": " since" },
    ]);
    card(&mut values);
    assert_eq!(values[0]["codeSnippet"], "  a\n  b");
    assert_eq!(values[1]["text"], " since");
}

#[test]
fn what_is_hidden_in_one_text_of_a_card_is_hidden_in_all() {
    let mut value = json!([
        { "type": "CodeBlock", "codeSnippet": "Password:\n  otter4417fuchs" },
        { "type": "TextRun", "text": "  otter4417fuchs" },
    ]);
    card(&mut value);
    assert!(!value.to_string().contains("otter4417"), "{value}");
}
