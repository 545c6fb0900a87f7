use jiff::tz::TimeZone;

use crate::detect::{Detector, Pack};

/// The pack that the other packs change.
const BASE: &str = "[[pattern]]
id = 'base'
title = 'x'
meaning = 'x'
log = 'System_Engine'
kind = 'service'
severity = 'error'
when = { Message = 'other' }
[[error]]
class = 'timeout'
title = 'x'
advice = 'x'
texts = ['x']
";
const PATTERN: &str = "[[pattern]]
id = 'mine'
title = 'x'
meaning = 'x'
log = 'System_Engine'
kind = 'service'
severity = 'error'
when = { Message = 'text' }
";

fn compile(texts: &[&str]) -> (Detector, Vec<String>) {
    let texts = [BASE].into_iter().chain(texts.iter().copied());
    let packs = texts.map(|text| Pack { file: "own.toml".into(), text: text.into() });
    let (detector, problems) = Detector::compile(&packs.collect::<Vec<_>>(), TimeZone::UTC);
    let is_form = |message: &str| message.contains(" field `");
    let has_hint = |one: &crate::config::Problem| one.hint.is_some() || is_form(&one.message);
    assert!(problems.iter().all(has_hint), "{problems:?}");
    let marked =
        |one: &crate::config::Problem| format!("{} | {}", &one.text[one.span.clone()], one.message);
    (detector, problems.iter().map(marked).collect())
}

/// The problems of one list of links, the same in every place that allows links.
fn reported(links: &str) -> Vec<String> {
    let pattern = compile(&[&format!("{PATTERN}links = {links}\n")]).1;
    let adjust = compile(&[&format!("[[adjust]]\nid = 'base'\nlinks = {links}\n")]).1;
    let class = compile(&[&format!("[[error]]\nclass = 'timeout'\nlinks = {links}\n")]).1;
    assert_eq!(pattern, adjust);
    assert_eq!(pattern, class);
    pattern
}

fn titles(detector: &Detector, id: &str) -> String {
    let pattern = detector.patterns().iter().find(|one| one.id == id).unwrap();
    let links = pattern.words.links.iter();
    links.map(|link| format!("{} {}", link.title, link.url)).collect::<Vec<_>>().join(", ")
}

#[test]
fn valid_links_of_patterns_overlays_and_classes_are_used() {
    let link = "[{ title = ' Runbook ', url = 'https://wiki.example.com:8443/a?b=c#d' }]";
    assert!(reported(link).is_empty());
    let pack = format!("{PATTERN}links = {link}\n");
    let (detector, _) = compile(&[&pack]);
    assert_eq!(titles(&detector, "mine"), "Runbook https://wiki.example.com:8443/a?b=c#d");
    let other = "[[adjust]]\nid = 'mine'\nlinks = [{ title = 'B', url = 'https://b.example.com' }]";
    let (detector, problems) = compile(&[&pack, other]);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(titles(&detector, "mine"), "B https://b.example.com");
    let pattern = detector.patterns().iter().find(|one| one.id == "mine").unwrap();
    assert_eq!(pattern.decisions[0].what, "links = B");
    let (detector, _) = compile(&[&pack, "[[adjust]]\nid = 'mine'\nlinks = []\n"]);
    assert_eq!(titles(&detector, "mine"), "");
}

#[test]
fn a_link_that_no_button_may_open_is_reported_with_its_location() {
    for (url, why) in [
        ("http://wiki.example.com", "does not begin with https://"),
        ("file://share/runbook", "does not begin with https://"),
        ("javascript:alert(1)", "does not begin with https://"),
        ("wiki.example.com/runbook", "does not begin with https://"),
        ("", "does not begin with https://"),
        ("https://", "names no host"),
        ("https:///runbook", "names no host"),
        ("https://:443/", "names no host"),
        ("https://anna:geheim@wiki.example.com", "has a login in it"),
        (
            "https://wiki.example.com/a b",
            "has a blank or another character that an address cannot have",
        ),
        (
            "https://wiki.example.com/größe",
            "has a blank or another character that an address cannot have",
        ),
        ("https://wiki.example.com/?api_key=0123456789abcdef0123", "holds a secret"),
    ] {
        let links = format!("[{{ title = 'Runbook', url = '{url}' }}]");
        assert_eq!(reported(&links), [format!("'{url}' | the address of the link {why}")], "{url}");
    }
    let long = format!("https://wiki.example.com/{}", "a".repeat(2000));
    let problems = reported(&format!("[{{ title = 'x', url = '{long}' }}]"));
    assert!(problems[0].ends_with("is longer than 2000 characters"), "{problems:?}");
}

#[test]
fn titles_are_short_and_not_empty() {
    let of =
        |title: &str| reported(&format!("[{{ title = {title}, url = 'https://a.example.com' }}]"));
    assert_eq!(of("'  '"), ["'  ' | the title of the link is empty"]);
    assert_eq!(of("\"a\\nb\"").len(), 1);
    assert_eq!(of(&format!("'{}'", "x".repeat(41))).len(), 1);
    assert!(of(&format!("'{}'", "é".repeat(40))).is_empty());
    assert_eq!(reported("[{ url = 'https://a.example.com' }]").len(), 1);
    assert_eq!(reported("[{ title = 'x', url = 'https://a.example.com', icon = 'y' }]").len(), 1);
}

#[test]
fn links_are_limited_to_the_room_on_a_card_and_not_repeated() {
    let links = |n: usize| {
        let link = |at| format!("{{ title = 'x', url = 'https://a.example.com/{at}' }}");
        format!("[{}]", (0..n).map(link).collect::<Vec<_>>().join(", "))
    };
    assert!(reported(&links(4)).is_empty());
    let problems = reported(&links(5));
    assert!(problems[0].ends_with("there are more than 4 links"), "{problems:?}");
    let twice = "[{ title = 'a', url = 'https://a.example.com' }, { title = 'b', url = 'https://a.example.com' }]";
    assert_eq!(
        reported(twice),
        ["'https://a.example.com' | `https://a.example.com` is listed twice"]
    );
}
