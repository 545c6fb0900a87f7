//! Pure. Tables of notices and routes: the match on the left, the channel on the right.

mod reach;
mod tree;

use jiff::tz::TimeZone;

use crate::clock::Timestamp;
use crate::config::{Config, Written};
use crate::detection::{Facts, Kind, ScriptFacts, Severity, Subject};
use crate::ids::Fingerprint;
use crate::incident::Notice;
use crate::route::Router;

const CHANNELS: &str = "[channel.sales]\n[channel.ops]\n[channel.night]\n";

fn reload_failed(app: &str, task: &str) -> Notice {
    Notice {
        id: "0123456789abcdef-1".into(),
        fingerprint: Fingerprint::from("0123456789abcdef"),
        severity: Severity::Error,
        environment: Some("prod".to_owned()),
        subject: Subject::Task("7f1c2e9a-0000-4000-8000-000000000001".into()),
        title: "Reload failed".to_owned(),
        error: "table not found".to_owned(),
        meaning: "the reload failed".to_owned(),
        pattern: "reload-failed".into(),
        facts: Facts {
            task_name: Some(task.to_owned()),
            task_id: Some("7f1c2e9a-0000-4000-8000-000000000001".into()),
            app_name: Some(app.to_owned()),
            host: Some("QS-NODE2".to_owned()),
            user: Some("CORP\\anna".to_owned()),
            ..Facts::default()
        },
        script: Some(ScriptFacts {
            error_class: Some("login-failed".to_owned()),
            connection: Some("Sales DWH".to_owned()),
            ..ScriptFacts::default()
        }),
        ..Notice::new(Kind::ReloadFailed, Timestamp::UNIX_EPOCH)
    }
}

fn router(text: &str) -> Router {
    let written = Written::new("footman.toml", &format!("{CHANNELS}{text}"));
    let (config, problems) = Config::parse(&written);
    assert_eq!(problems, []);
    let (compiled, problems) = Router::compile(&written, &config.route);
    assert_eq!(problems, []);
    compiled
}

/// The channels of a notice at the epoch.
fn channels(router: &Router, notice: &Notice) -> Vec<String> {
    let recipients = router.recipients(notice, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
    recipients.into_iter().map(|recipient| recipient.channel).collect()
}

/// The channels of a notice, with a single route to `sales`.
fn channel_of(matches: &str, notice: &Notice) -> String {
    let routes = format!("[[route]]\nmatch = {{ {matches} }}\nchannel = \"sales\"\n");
    channels(&router(&routes), notice).join(" ")
}

#[test]
fn each_form_of_a_word_matches() {
    let notice = reload_failed("Sales [EU] 2026", "Nightly / Sales");
    for (matches, channel) in [
        ("kind = 'reload-failed'", "sales"),
        ("kind = 'reload-*'", "sales"),
        ("kind = ['task-failed', 'reload-failed']", "sales"),
        ("kind = 'reload-aborted'", "default"),
        ("severity = 'error'", "sales"),
        ("severity = ['critical', 'warning']", "default"),
        ("environment = 'PROD'", "sales"),
        ("environment = 'test'", "default"),
        ("app = 'sales [eu] 2026'", "sales"),
        ("app = 'Sales'", "default"),
        ("app = 'Sales*'", "sales"),
        ("app = 'Sales [EU] 202?'", "sales"),
        ("app = '/^Sales .*\\d{4}$/'", "sales"),
        ("app = '/^sales/'", "default"),
        ("app = '/(?i)^sales/'", "sales"),
        ("app = ['Finance*', 'Sales*']", "sales"),
        ("task = 'Nightly / *'", "sales"),
        ("task = '7f1c2e9a-*'", "sales"),
        ("node = 'qs-node?'", "sales"),
        ("user = 'CORP\\*'", "sales"),
        ("stream = '*'", "default"),
        ("error-class = 'login-failed'", "sales"),
        ("error-class = ['database-*', 'login-*']", "sales"),
        ("error-class = 'timeout'", "default"),
        ("connection = 'sales*'", "sales"),
        ("connection = 'Sales'", "default"),
        ("pattern = 'reload-failed'", "sales"),
        ("pattern = 'engine-*'", "default"),
    ] {
        assert_eq!(channel_of(matches, &notice), channel, "{matches}");
    }
}

#[test]
fn all_keys_must_match_and_any_word_of_a_key_is_enough() {
    let notice = reload_failed("Sales", "Nightly");
    assert_eq!(channel_of("kind = 'reload-*', app = ['Other', 'Sales']", &notice), "sales");
    assert_eq!(channel_of("kind = 'reload-*', app = 'Other'", &notice), "default");
}

#[test]
fn an_unknown_fact_matches_nothing_not_even_a_star() {
    let mut notice = reload_failed("Sales", "Nightly");
    notice.facts.host = None;
    notice.script = None;
    for key in ["node", "error-class", "connection"] {
        assert_eq!(channel_of(&format!("{key} = '*'"), &notice), "default");
    }
}

#[test]
fn a_stream_captured_by_a_pattern_is_matched() {
    let mut notice = reload_failed("Sales", "Nightly");
    notice.facts.captures = [("stream".to_owned(), "Finance".to_owned())].into();
    assert_eq!(channel_of("stream = 'finance'", &notice), "sales");
}

#[test]
fn the_first_match_wins_and_continue_tries_the_next_routes() {
    let text = "[[route]]\nmatch = { app = 'Sales*' }\nchannel = ['sales', 'ops']\ncontinue = true\n\
                  [[route]]\nmatch = { task = 'Nightly*' }\nchannel = ['night', 'sales']\n\
                  [[route]]\nmatch = { kind = 'reload-*' }\nchannel = 'ops'\n";
    let router = router(text);
    for (app, task, expected) in [
        ("Sales EU", "Nightly", "sales ops night"),
        ("Sales EU", "Hourly", "sales ops"),
        ("Finance", "Nightly", "night sales"),
        ("Finance", "Hourly", "ops"),
    ] {
        assert_eq!(
            channels(&router, &reload_failed(app, task)).join(" "),
            expected,
            "{app}, {task}"
        );
    }
}

#[test]
fn a_notice_without_a_matching_route_goes_to_the_default() {
    let notice = reload_failed("Sales", "Nightly");
    assert_eq!(channels(&router(""), &notice), ["default"]);
    let other = "[[route]]\nmatch = { app = 'Other' }\nchannel = 'ops'\n";
    assert_eq!(channels(&router(other), &notice), ["default"]);
}

#[test]
fn a_matched_notice_with_continue_does_not_also_go_to_the_default() {
    let routes = "[[route]]\nmatch = { app = 'Sales' }\nchannel = 'sales'\ncontinue = true\n";
    assert_eq!(channels(&router(routes), &reload_failed("Sales", "Nightly")), ["sales"]);
}

#[test]
fn a_word_that_can_never_match_is_reported_at_its_place() {
    let text = "[[route]]\nmatch = { kind = ['reload-failed', 'relaod-failed'], app = '/(/', severity = 'loud' }\nchannel = 'default'\n";
    let written = Written::new("footman.toml", text);
    let (config, problems) = Config::parse(&written);
    assert_eq!(problems, []);
    let (router, problems) = Router::compile(&written, &config.route);
    let reported: Vec<String> = problems
        .iter()
        .map(|p| {
            format!(
                "{} {} ({})",
                &p.text[p.span.clone()],
                p.message,
                p.hint.as_deref().unwrap_or("")
            )
        })
        .collect();
    assert_eq!(
        reported,
        [
            "'relaod-failed' unknown kind `relaod-failed` (did you mean `reload-failed`?)",
            "'loud' unknown severity `loud` (known: info, warning, error, critical)",
            "'/(/' `/(/` is not a valid regex: unclosed group (text between slashes is a regex; without them it is a plain word)",
        ]
    );
    assert_eq!(channels(&router, &reload_failed("Sales", "Nightly")), ["default"]);
}

#[test]
fn a_kind_without_routing_is_refused_and_the_rest_of_its_route_stays() {
    let text = "[[route]]\nmatch = { kind = ['reload-failed', 'digest', '/^te?st$/', 'D?gest'] }\nchannel = 'sales'\n\
                [[route]]\nmatch = { kind = 'test' }\nchannel = 'ops'\n";
    let written = Written::new("footman.toml", &format!("{CHANNELS}{text}"));
    let (config, _) = Config::parse(&written);
    let (router, problems) = Router::compile(&written, &config.route);
    let reported: Vec<_> =
        problems.iter().map(|p| (&p.text[p.span.clone()], &*p.message)).collect();
    assert_eq!(
        reported,
        [
            ("'digest'", "routes do not apply to the kind `digest`"),
            ("'/^te?st$/'", "routes do not apply to the kind `/^te?st$/`"),
            ("'D?gest'", "routes do not apply to the kind `D?gest`"),
            ("'test'", "routes do not apply to the kind `test`"),
        ]
    );
    assert!(problems.iter().all(|p| p.hint.as_ref().is_some_and(|h| h.contains("test-send"))));
    assert_eq!(channels(&router, &reload_failed("Sales", "Nightly")), ["sales"]);
}

#[test]
fn a_glob_that_also_matches_other_kinds_may_match_digest() {
    let notice = reload_failed("Sales", "Nightly");
    assert_eq!(channel_of("kind = '*'", &notice), "sales");
    assert_eq!(channel_of("kind = '/t/'", &notice), "default");
}

#[test]
fn the_list_of_names_contains_every_kind() {
    let error = serde_json::from_str::<Kind>("\"?\"").unwrap_err().to_string();
    let known = Kind::ALL.iter().map(|kind| format!("`{}`", kind.name())).collect::<Vec<_>>();
    assert!(error.contains(&known.join(", ")), "{error}");
}
