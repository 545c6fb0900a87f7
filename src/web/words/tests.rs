//! Every text of the views has its translation, and every translation its text.

use std::collections::BTreeSet;

use regex::Regex;

use super::german::WORDS;
use super::translated;
use crate::config::Language;

/// What the views say: the templates, and the code that fills them.
const TEMPLATES: [&str; 10] = [
    include_str!("../pages/answer.html"),
    include_str!("../pages/base.html"),
    include_str!("../pages/deliveries.html"),
    include_str!("../pages/history.html"),
    include_str!("../pages/incident.html"),
    include_str!("../pages/incidents.html"),
    include_str!("../pages/parts.html"),
    include_str!("../pages/problem.html"),
    include_str!("../pages/silences.html"),
    include_str!("../pages/status.html"),
];
const CODE: [&str; 10] = [
    include_str!("../report.rs"),
    include_str!("../acting.rs"),
    include_str!("../answers.rs"),
    include_str!("../read.rs"),
    include_str!("../views.rs"),
    include_str!("../../web.rs"),
    include_str!("../visit.rs"),
    include_str!("../../config/match_key.rs"),
    include_str!("../../route/matchers.rs"),
    include_str!("../../state/vitals.rs"),
];
/// Names of states and severities, which the views take from the state.
const STATES: &str = "open acknowledged silenced inhibited recovered pending delivered folded dead \
                      active expired info warning error critical";

fn texts_of_templates() -> BTreeSet<String> {
    let quoted = Regex::new(r#""([^"]+)"(?: if [^"]*? else "([^"]+)"\))?\|t\b"#).unwrap();
    let all = TEMPLATES.concat();
    let found = quoted.captures_iter(&all);
    found
        .flat_map(|one| [one.get(1), one.get(2)])
        .flatten()
        .map(|text| text.as_str().to_owned())
        .collect()
}

#[test]
fn every_text_of_the_views_is_translated() {
    let is_known = |text: &str| WORDS.iter().any(|(english, _)| *english == text);
    let mut texts = texts_of_templates();
    texts.extend(STATES.split_whitespace().map(str::to_owned));
    assert!(texts.len() > 100, "{texts:?}");
    let missing: Vec<&String> = texts.iter().filter(|text| !is_known(text)).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn no_translation_is_without_its_text() {
    let texts = texts_of_templates();
    let code = CODE.concat();
    let is_used = |text: &str| {
        texts.contains(text)
            || STATES.split_whitespace().any(|state| state == text)
            || text == "in flight"
            || code.contains(&format!("\"{text}\""))
    };
    let unused: Vec<&str> =
        WORDS.iter().map(|(english, _)| *english).filter(|text| !is_used(text)).collect();
    assert_eq!(unused, Vec::<&str>::new());
}

#[test]
fn the_words_are_in_order_and_found() {
    assert!(WORDS.is_sorted_by(|one, next| one.0 < next.0));
    assert_eq!(translated(Language::German, "Open incidents"), "Offene Vorfälle");
    assert_eq!(translated(Language::English, "Open incidents"), "Open incidents");
    assert_eq!(translated(Language::German, "no such text"), "no such text");
}

#[test]
fn no_visible_text_of_a_view_is_left_untranslated() {
    let code = Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}|<code>.*?</code>|<[^>]*>|&nbsp;").unwrap();
    for template in TEMPLATES {
        let left = code.replace_all(template, " ");
        let words: Vec<&str> = left
            .split_whitespace()
            .filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
            .collect();
        // The product's own name is the same in every language.
        let words: Vec<&&str> = words.iter().filter(|word| **word != "Footman").collect();
        assert_eq!(words, Vec::<&&str>::new(), "{template}");
    }
}
