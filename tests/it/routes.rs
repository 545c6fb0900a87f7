//! `footman routes test`, and what `footman check` says of routes.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Sales has a channel of its own, at night another; failed sign-ins also go to `ops`.
const ROUTES: &str = r#"
timezone = "Europe/Stockholm"
environment = "prod"
[channel.sales]
[channel.night]
[channel.ops]

[[route]]
match = { app = "Sales*", environment = "prod" }
channel = "sales"
mention = ["Anna <anna@example.com>"]

[[route.route]]
match = { error-class = "login-failed" }
channel = "ops"
continue = true

[[route.route]]
when = "Mon-Fri 18:00-08:00, Sat, Sun"
channel = ["night", "sales"]

[[route]]
match = { pattern = "engine-*" }
channel = "ops"
"#;

fn world(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("footman.toml"), text).unwrap();
    folder
}

#[test]
fn where_a_notice_goes_is_tested_without_any_url() {
    let folder = world(
        "[channel.default]\nwebhook-env = 'NO_SUCH'\n[channel.ops]\nwebhook-file = 'gone.txt'\n\
         [heartbeat]\nurl-env = 'NO_SUCH'\n\
         [[route]]\nmatch = { kind = 'reload-failed' }\nchannel = 'ops'\n",
    );
    let tested = footman(folder.path(), &["routes", "test", "kind=reload-failed"]);
    let text = String::from_utf8_lossy(&tested.stdout).into_owned();
    assert_eq!((tested.status.code(), tested.stderr.len()), (Some(0), 0), "{text}");
    assert!(text.contains("channels: ops"), "{text}");
}

fn footman(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(args)
        .args(["--config", "footman.toml"])
        .current_dir(folder)
        .env_clear()
        .env("TZ", "UTC")
        .env("COLUMNS", "120")
        .env("ProgramData", folder)
        .output()
        .unwrap()
}

/// Standard output of a successful test.
fn tested(text: &str, values: &[&str]) -> String {
    let folder = world(text);
    let ended = footman(folder.path(), &[&["routes", "test"], values].concat());
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

/// Exit code and standard error.
fn refused(text: &str, values: &[&str]) -> (Option<i32>, String) {
    let folder = world(text);
    let ended = footman(folder.path(), &[&["routes", "test"], values].concat());
    assert!(ended.stdout.is_empty(), "{}", String::from_utf8_lossy(&ended.stdout));
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn the_way_through_the_tree_is_explained_and_the_last_line_names_the_channels() {
    let text = tested(ROUTES, &["kind=reload-failed", "app=Sales EU", "at=2026-11-28T10:00"]);
    insta::assert_snapshot!(text, @r"
    at             Sat 28 Nov 2026 10:00:00 (CET)
    route 1        matches
    route 1.1      does not match: error-class is unknown, not `login-failed`
    route 1.2      matches
    mentions       night: Anna <anna@example.com>
    mentions       sales: Anna <anna@example.com>
    channels: night, sales
    ");
    // The same time with an offset is in the working hours of New York, not of the site.
    let text =
        tested(ROUTES, &["app=Sales", "error-class=login-failed", "at=2026-11-27T09:00:00Z"]);
    insta::assert_snapshot!(text, @r"
    at             Fri 27 Nov 2026 10:00:00 (CET)
    route 1        matches
    route 1.1      matches, and continues with the routes below it
    route 1.2      does not apply at this time: only Mon-Fri 18:00-08:00, Sat, Sun
    mentions       ops: Anna <anna@example.com>
    channels: ops
    ");
    let text = tested(ROUTES, &["app=Finance", "at=2026-11-27T09:00:00Z"]);
    insta::assert_snapshot!(text, @r"
    at             Fri 27 Nov 2026 10:00:00 (CET)
    route 1        does not match: app is `Finance`, not `Sales*`
    route 2        does not match: pattern is unknown, not `engine-*`
    no match       a notice that no route matches goes to the channel `default`
    channels: default
    ");
}

#[test]
fn json_has_the_path_and_the_channels() {
    let json = |values: &[&str]| -> Value {
        serde_json::from_str(&tested(ROUTES, &[values, &["--json"]].concat())).unwrap()
    };
    let weekend = json(&["app=Sales", "at=2026-11-28T10:00:00+01:00"]);
    assert_eq!(weekend, json!({ "path": ["1", "1.2"], "channels": ["night", "sales"] }));
    let none = json(&["app=Sales", "environment=test"]);
    assert_eq!(none, json!({ "path": [], "channels": ["default"] }));
}

#[test]
fn a_pattern_stands_for_its_kind_and_severity_and_for_its_own_channel() {
    let by_kind = "[channel.ops]\n[[route]]\nmatch = { kind = 'reload-failed', severity = 'error' }\nchannel = 'ops'\n";
    let text = tested(by_kind, &["pattern=reload-retries-exhausted"]);
    assert!(text.ends_with("\nchannels: ops\n"), "{text}");
    let folder = world(by_kind);
    std::fs::create_dir(folder.path().join("patterns")).unwrap();
    let adjust = "[[adjust]]\nid = 'reload-retries-exhausted'\nchannel = 'default'\n";
    std::fs::write(folder.path().join("patterns/own.toml"), adjust).unwrap();
    let ended = footman(folder.path(), &["routes", "test", "pattern=reload-retries-exhausted"]);
    let text = String::from_utf8_lossy(&ended.stdout);
    assert!(text.ends_with("\nchannels: default\n"), "{text}");
    assert!(text.contains("the pattern names the channel of its cards"), "{text}");
}

#[test]
fn what_no_notice_can_be_is_refused_with_the_nearest() {
    for (value, code, message) in [
        ("Sales", 2, "`Sales` has no `=`\nhint: write KEY=VALUE"),
        ("ap=Sales", 3, "unknown matcher `ap`\nhint: did you mean `app`?"),
        (
            "kind=reload-faild",
            3,
            "unknown kind `reload-faild`\nhint: did you mean `reload-failed`?",
        ),
        ("kind=digest", 3, "routes do not apply to the kind `digest`"),
        (
            "severity=loud",
            3,
            "unknown severity `loud`\nhint: known: info, warning, error, critical",
        ),
        (
            "error-class=login-faild",
            3,
            "unknown error class `login-faild`\nhint: did you mean `login-failed`?",
        ),
        ("pattern=reload-retries", 3, "unknown pattern `reload-retries`\nhint: "),
        ("at=yesterday", 3, "`yesterday` is not a time\nhint: write it as"),
    ] {
        let (ended, text) = refused(ROUTES, &[value]);
        assert_eq!(ended, Some(code), "{text}");
        assert!(text.contains(message), "{text}");
    }
    assert_eq!(refused(ROUTES, &[]).0, Some(2));
    let (code, text) = refused(&ROUTES.replace("18:00-08:00", "18-8"), &["app=Sales"]);
    assert_eq!(code, Some(3));
    assert!(
        text.contains("`18` is not a time of day") && text.contains("nothing was tested"),
        "{text}"
    );
}

/// Each problem that `footman check` reports, as `LINE message`.
fn checked(text: &str) -> Vec<String> {
    let folder = world(text);
    let ended = footman(folder.path(), &["check", "--json"]);
    let lines = String::from_utf8(ended.stdout).unwrap();
    let problems = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_file = problems.filter(|one| !one["line"].is_null());
    of_file.map(|one| format!("{} {}", one["line"], one["message"].as_str().unwrap())).collect()
}

#[test]
fn check_reports_routes_that_are_never_reached_and_values_that_cannot_be() {
    assert_eq!(checked(ROUTES), Vec::<String>::new());
    let text = "\
[[route]]
match = { app = 'Sales*' }
channel = 'default'

[[route.route]]
when = 'Mon-Fri'
timezone = 'UTC'

[[route.route.route]]
when = 'Sat'

[[route]]
match = { app = 'sales eu', kind = 'reload-*' }
channel = 'default'

[[route]]
match = { pattern = ['engine-*', 'reload-faild'] }
channel = 'default'
";
    assert_eq!(
        checked(text),
        [
            "10 `Sat` never opens within the routes around it",
            "12 this route is never reached: route 1 above it matches all that it matches",
            "17 unknown pattern `reload-faild`",
        ]
    );
    // With another problem, what is left of a route would match too much.
    let broken =
        "[[route]]\nmatch = { app = 5 }\nchannel = 'default'\n[[route]]\nchannel = 'default'\n";
    let found = checked(broken);
    assert_eq!(found.len(), 1, "{found:?}");
}
