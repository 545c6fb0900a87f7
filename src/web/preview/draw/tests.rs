use std::sync::Arc;

use super::*;

#[test]
fn a_problem_is_shown_at_its_kind_with_its_line_and_a_mark() {
    let text: Arc<str> = "{\n  \"text\": \"{{ nobody }}\" <b>\n}".into();
    let start = text.find("nobody").unwrap();
    let problem = Problem {
        file: "t/<x>.json".to_owned(),
        text,
        span: start..start + 6,
        kind: crate::config::ProblemKind::Invalid,
        message: "unknown variable `nobody`".to_owned(),
        hint: Some("did you mean `node`?".to_owned()),
    };
    let card = "{\"type\":\"AdaptiveCard\",\"body\":[]}".to_owned();
    let one = DrawnPreview { kind: "test", card, problems: vec![&problem], notes: Vec::new() };
    let html = views(&[one], &[]);
    let section = html.split("<section").nth(1).unwrap();
    for part in [
        "<b>t/&lt;x&gt;.json:2:15</b>: unknown variable `nobody`",
        "{{ nobody }}&quot; &lt;b&gt;\n              ^^^^^^",
        "hint: did you mean `node`?",
        "Until this is corrected",
    ] {
        assert!(section.contains(part), "{part}: {html}");
    }
    assert!(!html.contains("<b>\n"), "{html}");
}

#[test]
fn a_page_of_its_own_needs_no_other_file() {
    let html = page(&views(&[], &[]), true);
    assert!(!html.contains("<script") && !html.contains("href=\"/"), "{html}");
    assert!(page("", false).contains("/preview.js"));
}
