//! Shared parts: what they replace, and where their problems are.

use crate::clock::Timestamp;
use crate::config::{ChannelKind, Language};
use crate::render::{Renderer, Site, TemplateSource, sample};

fn source(name: &str, text: &str) -> TemplateSource {
    TemplateSource {
        name: name.to_owned(),
        file: format!("{name}.json").into(),
        text: text.to_owned(),
    }
}

fn card(body: &str) -> String {
    format!("{{ \"type\": \"AdaptiveCard\", \"version\": \"1.5\", \"body\": [{body}] }}")
}

fn site() -> Site {
    Site {
        url: None,
        page: None,
        node: "node-1".to_owned(),
        scripts: None,
        timezone: jiff::tz::TimeZone::UTC,
        language: Language::English,
        version: "0",
    }
}

/// The problems, and the card.
fn rendered(sources: &[TemplateSource]) -> (Vec<String>, String) {
    let (renderer, problems) = Renderer::compile(sources);
    let place = |one: &crate::config::Problem| {
        format!("{}:{}:{} {}", one.file, one.line(), one.column(), one.message)
    };
    let notice = sample::test(Timestamp::UNIX_EPOCH);
    let card = renderer.card(&notice, &site(), ChannelKind::Teams);
    (problems.iter().map(place).collect(), card.payload)
}

const FOOTER: &str = "{ \"type\": \"TextBlock\",\n  \"text\": \"by {{ node }}\", \"wrap\": true }";

#[test]
fn a_part_is_shared_and_members_beside_it_replace_its_own() {
    let body = "{ \"$part\": \"footer\" }, { \"$part\": \"footer\", \"text\": \"own\" },\n\
                { \"$when\": \"false\", \"$part\": \"footer\" }";
    let (problems, payload) =
        rendered(&[source("parts/footer", FOOTER), source("test", &card(body))]);
    assert_eq!(problems, Vec::<String>::new());
    let card: serde_json::Value = serde_json::from_str(&payload).unwrap();
    let shown: Vec<&str> =
        card["body"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(shown, ["by node-1", "own"]);
    assert!(!payload.contains("$part"));
}

#[test]
fn a_part_may_use_parts_but_not_itself() {
    let outer = "{ \"type\": \"Container\", \"items\": [{ \"$part\": \"footer\" }] }";
    let own = card("{ \"$part\": \"outer\" }");
    let (problems, payload) = rendered(&[
        source("parts/footer", FOOTER),
        source("parts/outer", outer),
        source("test", &own),
    ]);
    assert_eq!(problems, Vec::<String>::new());
    assert!(payload.contains("by node-1"), "{payload}");
    for endless in [
        "{ \"type\": \"Container\", \"items\": [{ \"$part\": \"outer\" }] }",
        "{ \"$part\": \"outer\" }",
        "{ \"a\": [{ \"$part\": \"outer\" }, { \"$part\": \"outer\" }, { \"$part\": \"outer\" }] }",
    ] {
        let (problems, _) = rendered(&[source("parts/outer", endless), source("test", &own)]);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains("parts are nested more than 8"), "{problems:?}");
    }
    // Each level has ten times the values of the one below.
    let mut sources = vec![source("parts/p0", FOOTER)];
    for level in 1..7 {
        let ten = vec![format!("{{ \"$part\": \"p{}\" }}", level - 1); 10].join(",");
        let text = format!("{{ \"type\": \"Container\", \"items\": [{ten}] }}");
        sources.push(source(&format!("parts/p{level}"), &text));
    }
    sources.push(source("test", &card("{ \"$part\": \"p6\" }")));
    let (problems, _) = rendered(&sources);
    assert!(problems[0].contains("more than 20000 values"), "{problems:?}");
}

#[test]
fn problems_of_a_part_are_reported_in_its_file_once() {
    let wrong = FOOTER.replace("node", "nodee");
    let own = card("{ \"type\": \"TextBlock\", \"text\": \"x\" }, { \"$part\": \"footer\" }");
    let sources = [source("parts/footer", &wrong), source("test", &own), source("agent", &own)];
    let (problems, _) = rendered(&sources);
    assert_eq!(
        problems,
        ["parts/footer.json:2:11 unknown variable `nodee` (at /body/1/text)"],
        "both templates use it"
    );
    let own = card("{ \"$part\": \"footer\", \"text\": \"{{ nodee }}\" }");
    let (problems, _) = rendered(&[source("parts/footer", FOOTER), source("test", &own)]);
    assert!(problems[0].starts_with("test.json:1:"), "{problems:?}");
}

#[test]
fn a_part_that_cannot_be_used_is_reported() {
    let reported = |part: &str, body: &str| {
        rendered(&[source("parts/footer", part), source("test", &card(body))]).0.join("\n")
    };
    insta::assert_snapshot!(
        [
            reported(FOOTER, "{ \"$part\": \"foter\" }"),
            reported(FOOTER, "{ \"$part\": 5 }"),
            reported("[]", "{ \"type\": \"TextBlock\", \"text\": \"x\" }"),
            reported("{ oops", "{ \"$part\": \"footer\" }"),
        ]
        .join("\n"),
        @r"
    test.json:1:65 there is no part `foter` (at /body/0/$part)
    test.json:1:65 `$part` is not a text (at /body/0/$part)
    parts/footer.json:1:1 a part is one JSON object
    parts/footer.json:1:3 not valid JSON: a key is in double quotes
    test.json:1:65 the part `footer` has a problem (at /body/0/$part)
    "
    );
}

#[test]
fn a_channel_has_templates_of_its_own_and_the_common_ones_for_the_rest() {
    let text = |words: &str| card(&format!("{{ \"type\": \"TextBlock\", \"text\": \"{words}\" }}"));
    let (mut renderer, problems) = Renderer::compile(&[
        source("parts/footer", FOOTER),
        source("test", &text("common test")),
        source("heartbeat", &text("common heartbeat")),
    ]);
    assert_eq!(problems, []);
    let own =
        card("{ \"$part\": \"footer\" }, { \"type\": \"TextBlock\", \"text\": \"own test\" }");
    assert_eq!(renderer.add_channel("sales", &[source("test", &own)]), []);
    let shown = |channel: &str, kind| {
        let mut notice = sample::test(Timestamp::UNIX_EPOCH);
        notice.kind = kind;
        renderer.card_for(channel, &notice, &site(), ChannelKind::Teams).payload
    };
    let sales = shown("sales", crate::detection::Kind::Test);
    assert!(sales.contains("own test") && sales.contains("by node-1"), "{sales}");
    assert!(shown("sales", crate::detection::Kind::Heartbeat).contains("common heartbeat"));
    assert!(shown("ops", crate::detection::Kind::Test).contains("common test"));
    assert!(renderer.has_own("sales") && !renderer.has_own("ops"));
}
