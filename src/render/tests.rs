use super::*;
use crate::config::Language;

fn source(name: &str, text: &str) -> TemplateSource {
    let file = format!("templates/{name}.json");
    TemplateSource { name: name.to_owned(), file, text: text.to_owned() }
}

/// The problems of a card whose body is `text`.
fn problem(text: &str) -> String {
    let card = format!("{{\n \"type\": \"AdaptiveCard\",\n \"body\": [{text}]\n}}");
    let (_, problems) = Renderer::compile(&[source("test", &card)]);
    let lines: Vec<String> = problems
        .iter()
        .map(|p| {
            format!(
                "{}:{} {} | {}",
                p.line(),
                &p.text[p.span.clone()],
                p.message,
                p.hint.as_deref().unwrap_or("-")
            )
        })
        .collect();
    lines.join("\n")
}

fn site() -> Site {
    let (url, node) = (None, "node-1".to_owned());
    Site {
        url,
        page: None,
        node,
        scripts: None,
        timezone: jiff::tz::TimeZone::UTC,
        language: Language::English,
        version: "0.1.0",
    }
}

#[test]
fn a_misspelled_variable_is_reported_with_its_place_and_the_nearest_name() {
    assert_eq!(
        problem(r#"{ "type": "TextRun", "text": "{{ appname }}" }"#),
        "3:\"{{ appname }}\" unknown variable `appname` (at /body/0/text) | did you mean `appName`?"
    );
}

#[test]
fn an_unknown_dollar_key_is_refused() {
    assert_eq!(
        problem(r#"{ "$if": "taskName" }"#),
        "3:\"taskName\" unknown key `$if` (at /body/0/$if) | known are `$when`, `$data` and `$value`"
    );
}

#[test]
fn bad_syntax_and_endless_loops_are_found_at_compile_time() {
    assert!(problem(r#"{ "text": "{{ appName" }"#).contains("syntax error"));
    let turns = "{% for a in range(9999) %}{% for b in range(9999) %}.{% endfor %}{% endfor %}";
    assert!(problem(&format!(r#"{{ "text": "{turns}" }}"#)).contains("runs too long"));
    assert!(
        problem(r#"{ "text": "{{ statement.number }}" }"#).contains("unknown variable"),
        "unknown without a script log"
    );
    assert!(problem("").contains("the card has no `body`"));
}

#[test]
fn each_problem_of_a_template_is_worded_and_has_a_hint() {
    let card = |body: &str| format!("{{ \"type\": \"AdaptiveCard\", \"body\": {body} }}");
    let text = |text: &str| card(&format!("[{{ \"type\": \"TextBlock\", \"text\": \"{text}\" }}]"));
    for (template, hint) in [
        (String::new(), "a plain JSON card"),
        ("{\"a\":".to_owned(), "a plain JSON card"),
        ("{ oops".to_owned(), "a plain JSON card"),
        (text("{{ title }"), "`{{ … }}`"),
        (text("{{ title"), "end `{{` with `}}`"),
        (text("{% if title %}x"), "`{% endif %}`"),
        (text("{{ title|nofilter }}"), "docs/templates.md"),
        (card("[]"), "at least one element"),
        ("{ \"type\": \"AdaptiveCard\" }".to_owned(), "at least one element"),
        (card("[{ \"type\": \"TextBlock\", \"text\": { \"$value\": 5 } }]"), "docs/templates.md"),
    ] {
        let (_, problems) = Renderer::compile(&[source("test", &template)]);
        assert!(!problems.is_empty(), "{template}");
        for problem in problems {
            let shown = problem.hint.unwrap_or_default();
            assert!(shown.contains(hint), "{template}: {}: {shown}", problem.message);
            assert!(!problem.message.contains("EOF"), "{}", problem.message);
        }
    }
}

#[test]
fn elements_that_teams_would_not_show_are_refused() {
    assert_eq!(
        problem(r#"{ "type": "Input.Text", "id": "x" }"#),
        "3:\"Input.Text\" Teams does not show `Input.Text` in a card from a webhook (at /body/0/type) \
         | inputs, submit buttons and media need a bot"
    );
    assert!(
        problem(r#"{ "type": "CodeBlock", "codeSnippet": "x" }"#).contains("its own Container")
    );
}

#[test]
fn invalid_json_is_marked_at_the_error() {
    let (_, problems) = Renderer::compile(&[source("test", "{\n  \"type\": oops\n}")]);
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((problem.line(), problem.column()), (2, 11));
    assert_eq!(problem.message, "not valid JSON: a value is expected here");
}

#[test]
fn a_broken_template_leaves_the_built_in_one_in_force() {
    let mut sources = builtin_templates();
    sources.push(source("test", "oops"));
    let (renderer, problems) = Renderer::compile(&sources);
    assert_eq!(problems.len(), 1);
    let card = renderer.test_card(&site(), Timestamp::UNIX_EPOCH, "ops");
    assert!(
        card.problems.is_empty() && card.payload.contains("🔔") && card.payload.contains("\"ops\"")
    );
}

#[test]
fn a_custom_template_replaces_the_built_in_one() {
    let mut sources = builtin_templates();
    let text = r#"{ "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": "mine {{ node }}" }] }"#;
    sources.push(source("test", text));
    let (renderer, _) = Renderer::compile(&sources);
    assert!(
        renderer.test_card(&site(), Timestamp::UNIX_EPOCH, "ops").payload.contains("mine node-1")
    );
}

#[test]
fn a_template_that_fails_at_run_time_gives_the_plain_card_and_the_reason() {
    let text = r#"{ "type": "AdaptiveCard", "body": [{ "type": "TextBlock", "text": "{{ 10 // (node | length - 7) }}" }] }"#;
    let (renderer, problems) = Renderer::compile(&[source("test", text)]);
    assert_eq!(problems, [], "the tried node name has another length");
    let node = "node-12".to_owned();
    let card = renderer.test_card(&Site { node, ..site() }, Timestamp::UNIX_EPOCH, "ops");
    assert_eq!(card.payload, card.plain);
    assert_eq!(card.problems.len(), 1);
}

#[test]
fn without_templates_the_plain_card_is_used() {
    let (renderer, _) = Renderer::compile(&[]);
    let card = renderer.test_card(&site(), Timestamp::UNIX_EPOCH, "ops");
    assert_eq!(card.problems, ["no template test: sent the plain card"]);
    assert!(card.payload.contains("Test card"));
}

#[test]
fn a_card_that_stays_too_large_is_replaced_by_the_plain_one() {
    let text = format!(
        r#"{{ "type": "AdaptiveCard", "body": [{{ "type": "TextBlock", "text": "{}" }}] }}"#,
        "x".repeat(21_000)
    );
    let (renderer, _) = Renderer::compile(&[source("test", &text)]);
    let card = renderer.test_card(&site(), Timestamp::UNIX_EPOCH, "ops");
    assert_eq!(card.problems, ["card too large: sent the plain card"]);
    assert!(card.payload.len() < 3_000);
}
