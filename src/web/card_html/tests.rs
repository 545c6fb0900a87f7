use serde_json::json;

use super::*;

/// The HTML of a card with these elements.
fn drawn(body: &Value) -> String {
    card(&json!({ "type": "AdaptiveCard", "body": body }))
}

fn card(content: &Value) -> String {
    draw(&json!({ "type": "message", "attachments": [{ "content": content }] }))
}

fn actions(actions: &Value) -> String {
    card(&json!({ "body": [], "actions": actions }))
}

#[test]
fn hostile_text_is_escaped_everywhere() {
    let evil = "</p><script>alert('x')</script>\" onclick=\"y&amp;";
    let html = card(&json!({
        "body": [
            { "type": "TextBlock", "text": evil, "id": evil, "size": evil },
            { "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": evil }, evil] },
            { "type": "CodeBlock", "codeSnippet": evil },
            { "type": "FactSet", "facts": [{ "title": evil, "value": evil }] },
            { "type": "Container", "style": evil, "items": [{ "type": evil }] },
            { "type": "ColumnSet", "columns": [{ "width": evil, "items": [] }] },
        ],
        "actions": [
            { "type": "Action.OpenUrl", "title": evil, "url": format!("https://x/{evil}") },
            { "type": "Action.ToggleVisibility", "title": evil, "targetElements": [evil] },
        ],
    }));
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("onclick=\""), "{html}");
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{html}");
    assert!(html.contains("&amp;amp;"), "an entity in a text is escaped: {html}");
}

#[test]
fn markdown_is_plain_text_and_a_mention_is_the_name_of_the_person() {
    let html = drawn(&json!([{ "type": "TextBlock", "text": "**a** [b](https://c) <at>d</at>" }]));
    assert!(html.contains("**a** [b](https://c) @d</p>"), "{html}");
}

#[test]
fn texts_get_color_weight_size_and_font() {
    insta::assert_snapshot!(drawn(&json!([
        { "type": "TextBlock", "text": "Why", "wrap": true, "weight": "Bolder", "isSubtle": true },
        { "type": "RichTextBlock", "spacing": "None", "separator": true, "inlines": [
            { "type": "TextRun", "text": "Field", "fontType": "Monospace", "color": "Attention" },
            { "type": "TextRun", "text": "big", "size": "ExtraLarge", "color": "unknown" },
        ]},
    ])));
}

#[test]
fn only_https_links_become_links() {
    let html = actions(&json!([
        { "type": "Action.OpenUrl", "title": "good", "url": "https://qlik.example.com/qmc" },
        { "type": "Action.OpenUrl", "title": "plain", "url": "http://qlik.example.com" },
        { "type": "Action.OpenUrl", "title": "script", "url": "javascript:alert(1)" },
        { "type": "Action.Submit", "title": "answer" },
    ]));
    assert_eq!(html.matches("href=").count(), 1, "{html}");
    assert_eq!(html.matches("rel=\"noopener noreferrer\"").count(), 1, "{html}");
    assert_eq!(html.matches("button off").count(), 3, "{html}");
}

#[test]
fn a_hidden_part_is_hidden_and_its_button_names_it() {
    let html = card(&json!({
        "body": [{ "type": "Container", "id": "more", "isVisible": false, "items": [] }],
        "actions": [{ "type": "Action.ToggleVisibility", "title": "More log",
            "targetElements": ["more", { "elementId": "less", "isVisible": true }] }],
    }));
    assert!(html.contains("data-id=\"more\" hidden>"), "{html}");
    assert!(html.contains("[[&quot;more&quot;,null],[&quot;less&quot;,true]]"), "{html}");
}

#[test]
fn code_lines_have_the_line_numbers_of_their_file() {
    let html = drawn(&json!([
        { "type": "CodeBlock", "startLineNumber": 46, "codeSnippet": "  a\n► b" },
    ]));
    assert!(html.contains("<td class=\"no\">46</td><td>  a</td>"), "{html}");
    assert!(html.contains("<td class=\"no\">47</td><td>► b</td>"), "{html}");
}

#[test]
fn an_unknown_element_is_replaced_by_its_fallback_or_a_note() {
    let html = drawn(&json!([
        { "type": "Chart", "fallback": { "type": "TextBlock", "text": "as words" } },
        { "type": "Carousel", "fallback": "drop" },
        { "type": "Badge" },
    ]));
    assert!(html.contains("as words"), "{html}");
    assert!(!html.contains("Carousel"), "{html}");
    assert!(html.contains("&quot;Badge&quot; is not drawn here"), "{html}");
}

#[test]
fn columns_and_tables_have_their_widths_without_style_attributes() {
    let html = drawn(&json!([
        { "type": "ColumnSet", "columns": [
            { "width": "95px", "items": [] },
            { "width": "auto", "items": [] },
            { "width": "stretch", "items": [] },
            { "width": 3, "items": [] },
            { "width": "99999px", "items": [] },
        ]},
        { "type": "Table", "columns": [{ "width": 3 }, { "width": 1 }], "rows": [
            { "cells": [{ "items": [{ "type": "TextBlock", "text": "What" }] }, { "items": [] }] },
        ]},
    ]));
    for class in ["px-95", "w-auto", "fr-1", "fr-3", "px-400"] {
        assert!(html.contains(class), "{class} in {html}");
    }
    assert!(html.contains("<col width=\"75%\"><col width=\"25%\">"), "{html}");
    assert!(!html.contains("style="), "{html}");
    for class in [".px-95 ", ".fr-3 ", ".px-400 "] {
        assert!(stylesheet().contains(class), "{class}");
    }
}

#[test]
fn a_value_that_is_no_card_is_reported_without_a_panic() {
    for odd in [json!(null), json!([]), json!({ "attachments": 7 }), json!({ "attachments": [{}] })]
    {
        assert!(draw(&odd).contains("there is no card"), "{odd}");
    }
    let odd =
        json!([7, null, { "type": "ColumnSet", "columns": [7] }, { "type": "Table", "rows": 1 }]);
    assert!(drawn(&odd).contains("class=\"card\""));
}
