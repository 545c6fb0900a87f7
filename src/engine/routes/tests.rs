use jiff::tz::TimeZone;

use super::*;
use crate::config::Written;
use crate::config::load::{Env, Flags, without_file};
use crate::detect::{Pack, builtin_packs};

const ROUTES: &str = "[[route]]\nmatch = { app = 'Sales' }\nchannel = 'default'\n\
    [[route]]\nmatch = { stream = ['Finance', 'Sales*'] }\nchannel = 'default'\n";

const CAPTURES: &str = "[[pattern]]
id = 'moved'
title = 'Moved'
meaning = 'An app was moved.'
log = 'System_Engine'
kind = 'service'
severity = 'error'
when = { Message = 'moved to stream (?<stream>\\w+)' }
";

fn found(more: &str) -> Vec<(String, Option<String>)> {
    let (mut settings, _) = without_file(&Env::of([]), &Flags::default());
    settings.written = Written::new("footman.toml", ROUTES);
    settings.routes = crate::config::Config::parse(&settings.written).0.route;
    let mut packs = builtin_packs();
    packs.push(Pack { file: "mine.toml".into(), text: more.to_owned() });
    let (detector, problems) = Detector::compile(&packs, TimeZone::UTC);
    assert_eq!(problems, []);
    let found = unreported(&settings, &detector).into_iter();
    found.map(|one| (one.text[one.span.clone()].to_owned(), one.hint)).collect()
}

fn classes(words: &str, more: &str) -> Vec<(String, Option<String>)> {
    let text = format!("[[route]]\nmatch = {{ error-class = {words} }}\nchannel = 'default'\n");
    let (mut settings, _) = without_file(&Env::of([]), &Flags::default());
    settings.written = Written::new("footman.toml", &text);
    settings.routes = crate::config::Config::parse(&settings.written).0.route;
    let mut packs = builtin_packs();
    packs.push(Pack { file: "mine.toml".into(), text: more.to_owned() });
    let (detector, _) = Detector::compile(&packs, TimeZone::UTC);
    let found = unknown_classes(&settings, &detector).into_iter();
    found.map(|one| (one.text[one.span.clone()].to_owned(), one.hint)).collect()
}

#[test]
fn a_route_by_a_class_that_nobody_knows_is_named_at_its_place_with_the_nearest() {
    for known in ["'login-failed'", "['LOGIN-*', 'timeout']", "'/^database-/'", "'*'"] {
        assert_eq!(classes(known, ""), [], "{known}");
    }
    let near = |class: &str| Some(format!("did you mean `{class}`?"));
    assert_eq!(classes("'login-faild'", ""), [("'login-faild'".to_owned(), near("login-failed"))]);
    let second = classes("['timeout', 'fieldnotfound']", "");
    assert_eq!(second, [("'fieldnotfound'".to_owned(), near("field-not-found"))]);
    let far = classes("'/xyz/'", "");
    assert!(far[0].1.as_ref().is_some_and(|hint| hint.contains("footman patterns errors")));
    let own = "[[error]]\nclass = 'xyz'\ntitle = 'X'\nadvice = 'X'\ntexts = ['xyz']\n";
    assert_eq!(classes("'/xyz/'", own), []);
}

#[test]
fn a_route_by_stream_that_can_never_match_is_reported_with_a_hint() {
    let problems = found("");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].0, "['Finance', 'Sales*']");
    assert!(problems[0].1.as_ref().is_some_and(|hint| hint.contains("(?<stream>")));
}

#[test]
fn a_route_by_stream_is_accepted_if_a_pattern_captures_the_stream() {
    assert_eq!(found(CAPTURES), []);
    assert_eq!(found(&CAPTURES.replace("?<", "?P<")), []);
    let off = CAPTURES.replace("severity =", "enabled = false\nseverity =");
    assert_eq!(found(&off).len(), 1);
}

#[test]
fn windows_and_rules_by_what_nothing_fills_are_named_like_routes() {
    let text = "[[maintenance]]\nname = 'w'\nwhen = 'Sun 02:00-06:00'\n\
        match = { error-class = 'nosuchclass', pattern = 'nosuch.pattern', stream = 'x', tenant = 'eu1' }\n\
        [[escalation]]\nafter = '1h'\nchannel = 'default'\nmatch = { pattern = ['reload-*', 'nosuch'] }\n\
        [cloud.eu]\ntenant-url = 'https://t.eu.qlikcloud.com'\napi-key-env = 'KEY'\n";
    let (mut settings, _) = without_file(&Env::of([]), &Flags::default());
    settings.written = Written::new("footman.toml", text);
    let (config, problems) = Config::parse(&settings.written);
    assert_eq!(problems, []);
    (settings.maintenance, settings.escalation) = (config.maintenance, config.escalation);
    let (detector, _) = Detector::compile(&builtin_packs(), TimeZone::UTC);
    let found = unfillable(&settings, &detector).into_iter();
    let found: Vec<String> =
        found.map(|one| format!("{}: {}", &one.text[one.span.clone()], one.message)).collect();
    assert_eq!(
        found,
        [
            "'x': no pattern captures the stream of an app, so this window never matches",
            "'nosuchclass': unknown error class `nosuchclass`",
            "'nosuch.pattern': unknown pattern `nosuch.pattern`",
            "'nosuch': unknown pattern `nosuch`",
            "'eu1': unknown tenant `eu1`",
        ]
    );
}
