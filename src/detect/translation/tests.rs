//! Texts of packs in other languages: what they may say, and that ours are complete.

use jiff::tz::TimeZone;

use super::missing;
use crate::config::Language;
use crate::detect::{Detector, Pack, builtin_packs};
use crate::detection::{Translation, Translations};

const PATTERN: &str = "[[pattern]]
id = 'mine'
title = 'Own'
meaning = 'It happened.'
advice = 'Check it.'
links = [{ title = 'Runbook', url = 'https://wiki.example.com/en' }]
log = 'System_Engine'
kind = 'service'
severity = 'error'
when = { Message = 'text' }
";

fn compile(texts: &[&str]) -> (Detector, Vec<String>) {
    let packs = texts.iter().map(|text| Pack { file: "own.toml".into(), text: (*text).into() });
    let (detector, problems) = Detector::compile(&packs.collect::<Vec<_>>(), TimeZone::UTC);
    let hint = |one: &crate::config::Problem| one.hint.clone().unwrap_or_default();
    (detector, problems.iter().map(|one| format!("{} ({})", one.message, hint(one))).collect())
}

fn of_pattern(detector: &Detector) -> Translation {
    detector.patterns()[0].words.translations[&Language::German].clone()
}

#[test]
fn every_built_in_pattern_and_error_class_is_translated() {
    let (detector, problems) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    assert_eq!(problems, []);
    let mut faults = Vec::new();
    let mut check = |name: &str, texts: [(&str, Option<&str>); 3], all: &Translations| {
        for language in Language::ALL.into_iter().filter(|it| *it != Language::default()) {
            let one = all.get(&language);
            let has = |key: usize| texts[key].1.is_some();
            for key in missing(one, has(1), has(2)) {
                faults.push(format!("{name}: no {key} in {}", language.name()));
            }
            let Some(one) = one else { continue };
            let translated = [&one.title, &one.meaning, &one.advice];
            for ((key, own), new) in texts.into_iter().zip(translated) {
                let (Some(own), Some(new)) = (own, new) else { continue };
                // Sentences end as they do in English, titles never.
                if own == new || own.ends_with('.') != new.ends_with('.') {
                    faults.push(format!("{name}: {key}: {new}"));
                }
            }
        }
    };
    for one in detector.patterns().iter().chain(detector.switched_off()) {
        let words = &one.words;
        let texts = [
            ("title", Some(&*words.title)),
            ("meaning", Some(&*words.meaning)),
            ("advice", words.advice.as_deref()),
        ];
        check(&one.id, texts, &words.translations);
    }
    for class in detector.error_classes() {
        let texts =
            [("title", Some(&*class.title)), ("meaning", None), ("advice", Some(&*class.advice))];
        check(&class.name, texts, &class.translations);
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn a_pattern_has_texts_and_links_in_another_language() {
    let german = "[pattern.de]\ntitle = 'Eigenes'\nlinks = [{ title = 'Ablauf', \
                  url = 'https://wiki.example.com/de' }]\n";
    let (detector, problems) = compile(&[&format!("{PATTERN}{german}")]);
    assert_eq!(problems, Vec::<String>::new());
    let one = of_pattern(&detector);
    assert_eq!(one.title.as_deref(), Some("Eigenes"));
    assert_eq!(one.meaning, None, "the pack's own is shown");
    assert_eq!(one.links.unwrap()[0].title, "Ablauf");
}

#[test]
fn mistakes_in_another_language_are_reported_where_they_are() {
    let reported = |german: &str| compile(&[&format!("{PATTERN}{german}")]).1.join("\n");
    insta::assert_snapshot!(
        [
            reported("[pattern.de]\ntitel = 'x'\n"),
            reported("[pattern.de]\nadvice = ' '\n"),
            reported("[pattern.de]\nmeaning = 5\n"),
            reported("[pattern]\n"),
            reported("[pattern.fr]\ntitle = 'x'\n"),
            reported("[pattern.de]\nlinks = [{ title = 'x', url = 'http://x' }]\n"),
            compile(&["[[error]]\nclass = 'own'\ntitle = 'x'\nadvice = 'x'\ntexts = ['x']\n\
                   [error.de]\nmeaning = 'x'\n"])
            .1
            .join("\n"),
        ]
        .join("\n")
    );
}

#[test]
fn an_entry_that_words_a_class_anew_does_not_keep_its_old_translation() {
    let first = "[[error]]\nclass = 'own'\ntitle = 'A'\nadvice = 'B'\ntexts = ['x']\n\
                 [error.de]\ntitle = 'C'\nadvice = 'D'\n";
    let german = |later: &str| {
        let (detector, problems) = compile(&[first, later]);
        assert_eq!(problems, Vec::<String>::new());
        let class = detector.error_classes().next().unwrap().clone();
        let one = class.translations[&Language::German].clone();
        (one.title, one.advice)
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(german("[[error]]\nclass = 'own'\ntexts = ['y']\n"), (text("C"), text("D")));
    assert_eq!(german("[[error]]\nclass = 'own'\nadvice = 'E'\n"), (text("C"), None));
    let own = "[[error]]\nclass = 'own'\n[error.de]\nadvice = 'F'\n";
    assert_eq!(german(own), (text("C"), text("F")));
}

#[test]
fn adjusted_links_replace_those_of_every_language() {
    let german = "[pattern.de]\nlinks = [{ title = 'Alt', url = 'https://a.example.com' }]\n";
    let adjust =
        "[[adjust]]\nid = 'mine'\nlinks = [{ title = 'New', url = 'https://b.example.com' }]\n";
    let (detector, problems) = compile(&[&format!("{PATTERN}{german}{adjust}")]);
    assert_eq!(problems, Vec::<String>::new());
    assert_eq!(of_pattern(&detector).links, None);
    assert_eq!(detector.patterns()[0].words.links[0].title, "New");
}

#[test]
fn languages_that_no_card_is_in_are_dropped() {
    let (mut detector, _) = compile(&[&format!("{PATTERN}[pattern.de]\ntitle = 'x'\n")]);
    detector.keep_languages(&[Language::German].into());
    assert_eq!(of_pattern(&detector).title.as_deref(), Some("x"));
    detector.keep_languages(&[Language::English].into());
    assert!(detector.patterns()[0].words.translations.is_empty());
}
