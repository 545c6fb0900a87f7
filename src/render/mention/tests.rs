use proptest::prelude::*;
use serde_json::{Value, json};

use crate::config::Mention;
use crate::render::fit::{LIMIT, fits};
use crate::render::mark_possible_repeat;
use crate::render::mention::{mentioned, mentioning};

fn person(text: &str) -> Mention {
    Mention::parse(text).unwrap()
}

fn card() -> String {
    let head = json!({ "type": "TextBlock", "text": "head" });
    let rest = json!({ "type": "TextBlock", "text": "rest" });
    json!({ "type": "AdaptiveCard", "msteams": { "width": "Full" }, "body": [head, rest] })
        .to_string()
}

fn parsed(card: &str) -> Value {
    serde_json::from_str(card).unwrap()
}

/// Every mention in a text has its entity and the reverse, each once.
fn assert_matched(card: &Value) {
    let text = card["body"][1]["text"].as_str().unwrap();
    let texts: Vec<&str> = card["msteams"]["entities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["text"].as_str().unwrap())
        .collect();
    assert_eq!(text, texts.join(", "));
    let mut distinct = texts.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), texts.len(), "{texts:?}");
}

#[test]
fn the_line_under_the_head_and_the_entities_name_the_same_people() {
    let people = [person("Anna <anna@example.com>"), person("bo@example.com")];
    let card = parsed(&mentioning(&card(), &people));
    assert_eq!(card["body"][0]["text"], "head");
    assert_eq!(card["body"][1]["text"], "<at>Anna</at>, <at>bo</at>");
    assert_eq!(card["body"][2]["text"], "rest");
    assert_eq!(card["msteams"]["width"], "Full");
    assert_eq!(
        card["msteams"]["entities"][0],
        json!({ "type": "mention", "text": "<at>Anna</at>",
            "mentioned": { "id": "anna@example.com", "name": "Anna" } })
    );
    assert_matched(&card);
}

#[test]
fn two_people_of_one_name_are_told_apart() {
    let people = ["anna@a.example.com", "anna@b.example.com", "anna (2) <anna@c.example.com>"];
    let card = parsed(&mentioning(&card(), &people.map(person)));
    assert_eq!(card["body"][1]["text"], "<at>anna</at>, <at>anna (2)</at>, <at>anna (2) (2)</at>");
    assert_matched(&card);
}

#[test]
fn nobody_changes_nothing_and_what_is_no_card_stays() {
    assert_eq!(mentioning(&card(), &[]), card());
    assert_eq!(mentioning("no card", &[person("a@example.com")]), "no card");
    let odd = json!({ "body": [], "msteams": 5 }).to_string();
    assert_eq!(mentioning(&odd, &[person("a@example.com")]), odd);
}

#[test]
fn the_people_of_a_card_are_read_back() {
    let people = ["Anna <anna@example.com>", "bo@example.com"].map(person);
    assert_eq!(mentioned(&mentioning(&card(), &people)), people);
    assert_eq!(mentioned(&card()), []);
    assert_eq!(mentioned("no card"), []);
}

#[test]
fn as_many_people_are_mentioned_as_fit_with_room_for_the_mark_of_a_repeat() {
    let people: Vec<Mention> = (10..40)
        .map(|n| person(&format!("{}{n} <{}{n}@example.com>", "Ä".repeat(38), "a".repeat(90))))
        .collect();
    let names = |card: &str| mentioned(card).len();
    assert_eq!(names(&mentioning(&card(), &people)), 20);
    let long = |size: usize| card().replace("rest", &"\\\"".repeat(size));
    let with_long = mentioning(&long(5000), &people);
    assert!((1..20).contains(&names(&with_long)), "{}", names(&with_long));
    assert!(fits(&mark_possible_repeat(&with_long), LIMIT));
    assert_matched(&parsed(&with_long));
    assert!(mark_possible_repeat(&with_long) != with_long);
    assert_eq!(names(&mentioning(&long(12_000), &people)), 0);
}

proptest! {
    #[test]
    fn every_person_that_can_be_written_is_mentioned_exactly(
        texts in proptest::collection::vec("([\\PC]{0,12} <)?[\\PC]{1,8}@[a-z]{1,4}\\.com>?", 1..5)
    ) {
        let people: Vec<Mention> = texts.iter().filter_map(|text| Mention::parse(text).ok()).collect();
        if !people.is_empty() {
            let card = mentioning(&card(), &people);
            assert_matched(&parsed(&card));
            prop_assert!(!card.contains("{{") && !parsed(&card)["body"][1]["text"].as_str().unwrap().contains('*'));
        }
    }
}
