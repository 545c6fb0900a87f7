use super::*;
use crate::config::Language;
use crate::detection::Translations;
use crate::incident::Reason;

fn source(name: &str, text: &str) -> TemplateSource {
    let file = format!("templates/{name}.json");
    TemplateSource { name: name.to_owned(), file: file.into(), text: text.to_owned() }
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

/// What to do about the failure is no advice after it.
#[test]
fn the_plain_card_of_a_recovery_has_the_words_of_its_template() {
    let (renderer, _) = Renderer::compile(&builtin_templates());
    for language in [Language::English, Language::German] {
        let site = Site { language, ..site() };
        let notice = |reason| Notice {
            reason,
            advice: Some("Restart the service.".to_owned()),
            script: None,
            translations: Translations::default(),
            ..sample::of_kind(Kind::ReloadFailed, Timestamp::UNIX_EPOCH, language)
        };
        let texts = |reason| renderer.card(&notice(reason), &site, ChannelKind::Flow).plain;
        let (failed, over) = (texts(Reason::Opened), texts(Reason::Recovered));
        let words = catalog::of(language);
        let first = notice(Reason::Opened);
        let cause = catalog::reason(&first, language);
        let (it_was, nothing) = (words.it_was(&cause), words.nothing_to_do(false));
        assert!(failed.contains("Restart the service") && !failed.contains(&it_was), "{failed}");
        assert!(over.contains(&it_was) && over.contains(nothing), "{over}");
        assert!(!over.contains("Restart the service"), "{over}");
    }
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

#[test]
fn a_sample_of_each_kind_has_a_fitting_cause_in_the_language_of_the_channel() {
    let (renderer, _) = Renderer::compile(&builtin_templates());
    let at = "2026-11-23T05:13:52Z".parse().unwrap();
    let summaries = |language| {
        let site = site().in_language(language);
        let of = |kind: Kind| renderer.sample_card(kind, &site, at, "ops").summary;
        Kind::ALL.map(of).join("\n")
    };
    insta::assert_snapshot!(summaries(Language::English), @r"
    Reload failed: Sales: Field 'Amout' not found
    Reload aborted: Sales: Stopped by EXAMPLE\anna
    Reload failed: Sales: Field 'Amout' not found
    Task failed: Nightly: Max retries reached
    Task could not start: Nightly: Could not reserve an executor for task
    Recovered: Sales reloads again
    Task switched off: Nightly: Qlik Cloud switched the task off after too many failures in a row
    Performance: engine out of memory: WorkingSet: Virtual Memory is growing CRITICALLY beyond parameters - 31.9(28.8) GB
    Security: failed sign-ins of one user: Authentication failed for user petra
    Qlik service: repository database unavailable: Npgsql.NpgsqlException: Exception while connecting to 127.0.0.1:4432
    Service stopped: Qlik Sense Engine and 1 more: Stopped unexpectedly: its process ended (1067)
    Recovered: Qlik Sense Engine and 1 more running again
    Channel default takes no cards: No card accepted for 2 h
    Footman is alive: node-2: 412 reloads succeeded, 7 incidents, 9 cards since 24 October 2026
    Error: Reload failed: Sales: Field 'Amout' not found · 3 problems in 3 min, shown as one card · 1 recovered
    Test card
    ");
    insta::assert_snapshot!(summaries(Language::German), @r"
    Laden fehlgeschlagen: Sales: Field 'Amout' not found
    Laden abgebrochen: Sales: Abgebrochen von EXAMPLE\anna
    Laden fehlgeschlagen: Sales: Field 'Amout' not found
    Aufgabe fehlgeschlagen: Nightly: Max retries reached
    Aufgabe nicht gestartet: Nightly: Could not reserve an executor for task
    Behoben: Sales lädt wieder fehlerfrei
    Aufgabe abgeschaltet: Nightly: Qlik Cloud hat die Aufgabe nach zu vielen Fehlschlägen in Folge abgeschaltet
    Leistung: Engine ohne Arbeitsspeicher: WorkingSet: Virtual Memory is growing CRITICALLY beyond parameters - 31.9(28.8) GB
    Sicherheit: Fehlgeschlagene Anmeldungen eines Benutzers: Authentication failed for user petra
    Qlik-Dienst: Datenbank des Repositorys nicht verfügbar: Npgsql.NpgsqlException: Exception while connecting to 127.0.0.1:4432
    Dienst ausgefallen: Qlik Sense Engine und 1 weiterer Dienst: Der Prozess wurde unerwartet beendet (1067)
    Behoben: Qlik Sense Engine und 1 weiterer Dienst wieder in Betrieb
    Der Kanal default nimmt keine Karten an: Seit 2 h keine Karte angenommen
    Lebenszeichen von Footman: node-2: 412 Ladevorgänge erfolgreich, 7 Vorfälle, 9 Karten seit dem 24. Oktober 2026
    Fehler: Laden fehlgeschlagen: Sales: Field 'Amout' not found · 3 Probleme in 3 min auf einer Karte · 1 behoben
    Testkarte
    ");
    let german = site().in_language(Language::German);
    for kind in Kind::ALL {
        let english = sample::of_kind(kind, at, Language::English);
        let card = renderer.sample_card(kind, &german, at, "ops");
        assert_eq!(card.problems, Vec::<String>::new(), "{kind:?}");
        for text in [Some(english.title), Some(english.meaning), english.advice] {
            let text = text.filter(|text| !text.is_empty() && kind != Kind::Test);
            assert!(text.is_none_or(|text| !card.payload.contains(&text)), "{kind:?}");
        }
        let is_cloud = kind == Kind::CloudTaskDisabled;
        assert_eq!(card.payload.contains("Qlik Cloud · acme"), is_cloud, "{kind:?}");
    }
}

#[test]
fn a_misspelt_element_of_a_template_is_told_the_one_that_was_meant() {
    let of = |element: &str| {
        let text = format!(
            r#"{{ "type": "AdaptiveCard", "body": [{{ "type": "{element}", "text": "x" }}] }}"#
        );
        let name = "trouble".to_owned();
        let source = TemplateSource { name, file: "trouble.json".into(), text };
        Renderer::compile(&[source]).1.remove(0).hint.unwrap()
    };
    assert_eq!(of("TextBlok"), "did you mean `TextBlock`?");
    assert!(of("Input.Text").contains("need a bot"));
}
