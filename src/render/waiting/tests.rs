use super::*;
use crate::config::Language;
use crate::incident::{Acknowledgement, Flapping};
use crate::render::{Renderer, body, builtin_templates, fit, sample};
use jiff::tz::TimeZone;

fn site(language: Language) -> Site {
    Site {
        url: Some("https://qlik.example.com".to_owned()),
        page: Some("https://footman.example.com".to_owned()),
        node: "node-1".to_owned(),
        scripts: None,
        timezone: TimeZone::get("Europe/Berlin").unwrap(),
        language,
        version: "0.1.0",
    }
}

fn now() -> Timestamp {
    "2026-11-23T06:55:00Z".parse().unwrap()
}

fn bare(actions: &[Value]) -> String {
    let language = Language::English;
    body::json(body::card("s", language, &[plain::small("head")], actions))
}

fn parsed(card: &str) -> Value {
    serde_json::from_str(card).unwrap()
}

#[test]
fn the_button_comes_first_and_its_line_last() {
    let link = json!({ "type": "Action.OpenUrl", "title": "x", "url": "https://x.example.com" });
    let waiting = parsed(&with_button(&bare(&vec![link; 6]), &site(Language::English), now()));
    let actions = waiting["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 6, "Teams shows six");
    assert_eq!(
        (&actions[0]["type"], &actions[0]["title"]),
        (&json!(SUBMIT), &json!("I'll take this"))
    );
    let data = json!({
        "sentence": "{name} took this on {time} (UTC+1).", "minutes": 60, "format": "d MMM yyyy HH:mm",
    });
    assert_eq!(actions[0]["data"], data);
    let last = waiting["body"].as_array().unwrap().last().unwrap();
    assert_eq!(
        last["inlines"][0]["text"],
        "“I'll take this” names you in Teams only: Footman does not learn of it and keeps reminding."
    );
}

#[test]
fn the_line_names_the_button_that_tells_footman() {
    let (renderer, _) = Renderer::compile(&builtin_templates());
    let text = |language, url: Option<&str>| {
        let site = Site { page: url.map(str::to_owned), ..site(language) };
        let card = renderer.sample_card(Kind::ReloadFailed, &site, now(), "ops");
        let waiting = parsed(&card.waiting(&site, now()).payload);
        let line = waiting["body"].as_array().unwrap().last().unwrap();
        line["inlines"][0]["text"].as_str().unwrap().to_owned()
    };
    let page = Some("https://footman.example.com");
    let english = text(Language::English, page);
    assert!(english.ends_with(" “Acknowledge or silence…” tells Footman."), "{english}");
    let german = text(Language::German, page);
    assert!(german.ends_with(" Mit „Reagieren…“ erfährt es Footman."), "{german}");
    assert!(!text(Language::English, None).contains("Acknowledge"));
}

#[test]
fn what_is_taken_off_leaves_the_card_as_it_was() {
    let link = json!({ "type": "Action.OpenUrl", "title": "x", "url": "https://x.example.com" });
    for card in [bare(&[]), bare(&[link])] {
        let waiting = with_button(&card, &site(Language::German), now());
        assert_ne!(waiting, card);
        assert_eq!(without_button(&waiting), card);
        assert!(matches!(without_button(&card), Cow::Borrowed(_)));
    }
    for foreign in ["", "Action.Submit", "{\"actions\":[\"Action.Submit\"]}", "[\"Action.Submit\"]"]
    {
        assert_eq!(without_button(foreign), foreign);
        assert_eq!(with_button(foreign, &site(Language::English), now()), foreign);
    }
}

/// Every card that may wait has that room.
#[test]
fn button_and_line_fit_into_the_room_that_is_reserved() {
    let long = "W".repeat(TITLE);
    let url = format!("https://x.example.com{}{}", link::PATH, link::unsigned("0123456789abcdef"));
    let answer = json!({ "type": "Action.OpenUrl", "title": long, "url": url });
    for language in Language::ALL {
        // As long as it may be, with a text of what needs most room in a string.
        for piece in ["x", "\\"] {
            let card = |n: usize| {
                let body = [plain::small("head"), plain::small(&piece.repeat(n))];
                body::json(body::card("s", language, &body, std::slice::from_ref(&answer)))
            };
            let lengths: Vec<usize> = (0..BUDGET).collect();
            let longest = lengths.partition_point(|n| fit::leaves_room(&card(*n))) - 1;
            let waiting = with_button(&card(longest), &site(language), now());
            assert_eq!(parsed(&waiting)["actions"][0]["type"], SUBMIT, "{language:?} {piece}");
        }
    }
}

#[test]
fn only_what_is_open_and_nobodys_asks() {
    let open = || sample::of_kind(Kind::ReloadFailed, now(), Language::English);
    let with = |reason| Notice { reason, ..open() };
    for (reason, expected) in [
        (Reason::Opened, true),
        (Reason::Repeated, true),
        (Reason::Escalated, true),
        (Reason::Acknowledged, false),
        (Reason::Recovered, false),
    ] {
        assert_eq!(asks(&with(reason)), expected, "{reason:?}");
    }
    let flapping = |is_over| Some(Flapping { changes: 5, since: now(), is_over });
    assert!(asks(&Notice { flapping: flapping(false), ..open() }));
    assert!(!asks(&Notice { flapping: flapping(true), ..open() }));
    let by = Acknowledgement {
        by: "Anna".to_owned(),
        at: now(),
        note: None,
        command: None,
        replaced: None,
    };
    assert!(!asks(&Notice { acknowledged: Some(by), ..open() }));
    assert!(!asks(&Notice { severity: Severity::Info, ..open() }));
    for kind in [Kind::ReloadRecovered, Kind::ServiceStarted, Kind::Heartbeat] {
        assert!(!asks(&sample::of_kind(kind, now(), Language::English)), "{kind:?}");
    }
    assert!(asks(&sample::test(now())));
}
