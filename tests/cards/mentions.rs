//! People whom cards mention: what Teams accepts, in every card.

use footman::config::Mention;
use footman::render::mentioning_people_of;

use super::*;

fn people() -> Vec<Mention> {
    let texts = [
        "Anna Berg <anna.berg@example.com>",
        "bo@example.com",
        "Bo <0d1c2b3a-0000-4000-8000-0c52e3a4d0e1>",
        "Åsa O'Neil (BI) <asa_example.com#EXT#@tenant.example.com>",
        "bo@other.example.com",
    ];
    texts.map(|text| Mention::parse(text).unwrap()).to_vec()
}

/// The texts of the mentions in the card, and those of its entities.
fn mentions(payload: &str) -> (Vec<String>, Vec<String>) {
    let card = content(payload);
    let texts = shown(&card["body"]);
    let in_texts = texts.split("<at>").skip(1).filter_map(|text| text.split_once("</at>"));
    let entities = card["msteams"]["entities"].as_array().cloned().unwrap_or_default();
    (
        in_texts.map(|(name, _)| format!("<at>{name}</at>")).collect(),
        entities.iter().map(|entity| entity["text"].as_str().unwrap().to_owned()).collect(),
    )
}

#[test]
fn every_card_and_its_plain_form_mention_people_as_teams_accepts_it() {
    for (name, kind) in KINDS {
        for (fixture, notice) in [("full", full(kind)), ("bare", bare(kind))] {
            let card = renderer().card(&notice, &site(), ChannelKind::Teams);
            let summary = card.summary.clone();
            let card = card.mentioning(&people());
            for payload in [&card.payload, &card.plain] {
                let (texts, entities) = mentions(payload);
                assert_eq!(texts.len(), 5, "{name}");
                assert_eq!(texts, entities, "{name}");
                assert!(payload.contains("asa_example.com#EXT#@tenant.example.com"), "{name}");
            }
            assert_eq!(card.summary, summary);
            golden(&format!("mention.{name}.{fixture}"), &card);
        }
    }
}

#[test]
fn foreign_text_never_becomes_a_mention() {
    for (name, text) in HOSTILE {
        let notice = everywhere(text, Kind::ReloadFailed);
        let card = renderer().card(&notice, &site(), ChannelKind::Teams).mentioning(&people());
        for payload in [&card.payload, &card.plain] {
            let (texts, entities) = mentions(payload);
            assert_eq!(texts, entities, "{name}");
        }
        golden(&format!("mention.hostile.{name}"), &card);
    }
}

#[test]
fn the_longest_card_keeps_its_mentions_within_the_limit() {
    for piece in ["x", "\\\"", "𝕏"] {
        let notice = everywhere(&piece.repeat(100_000 / piece.len()), Kind::ReloadFailed);
        let card = renderer().card(&notice, &site(), ChannelKind::Teams).mentioning(&people());
        assert!(Value::from(message(&card.payload, true)).to_string().len() <= 28_000, "{piece}");
        assert_eq!(mentions(&card.payload).0.len(), 5, "{piece}");
        golden(&format!("mention.size.{}", piece.len()), &card);
    }
}

#[test]
fn a_digest_mentions_the_people_of_the_cards_that_it_replaces_once_each() {
    let digest = digests::of_causes(&[(Severity::Error, "Table not found", 2)]);
    let card = renderer().digest_card(&site(), &digest, ChannelKind::Teams);
    let of = |people: &[Mention]| {
        let notice = full(Kind::ReloadFailed);
        renderer().card(&notice, &site(), ChannelKind::Teams).mentioning(people).payload
    };
    let payload = mentioning_people_of(&card.payload, &[of(&people()[..2]), of(&people()[1..])]);
    let (texts, entities) = mentions(&payload);
    assert_eq!(texts, entities);
    assert_eq!(texts.len(), 5, "{texts:?}");
    assert_eq!(mentioning_people_of(&card.payload, &[of(&[])]), card.payload);
    golden("mention.digest", &Card { payload: payload.clone(), plain: payload, ..card });
}
