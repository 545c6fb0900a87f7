//! `footman test-send` reports success only for the intended channel.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::fake_teams::{Answer, FakeTeams, refused_url};

/// Runs the command with only these variables, and with `footman.toml` if it exists.
fn test_send(folder: &Path, variables: &[(&str, &str)], more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(["test-send", "--state-dir=state"]).args(more).current_dir(folder);
    command.env_clear().env("TZ", "UTC").env("ProgramData", folder);
    if folder.join("footman.toml").exists() {
        command.arg("--config=footman.toml");
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

fn output_of(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// Runs the command with a configuration whose webhook cannot be used.
fn refused(config: &str, variables: &[(&str, &str)], more: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("empty.txt"), "").unwrap();
    std::fs::write(folder.path().join("footman.toml"), config).unwrap();
    let sent = test_send(folder.path(), variables, more);
    let text = output_of(&sent);
    assert_eq!(sent.status.code(), Some(3), "{config}{variables:?}: {text}");
    assert!(text.contains("nothing was sent"), "{text}");
    assert!(!text.contains("local") && !text.contains("topSecret"), "{text}");
    assert!(!folder.path().join("state").exists(), "no card was written: {text}");
}

#[test]
fn a_missing_or_malformed_webhook_ends_with_3_and_does_not_fall_back_to_the_local_channel() {
    let default = "FOOTMAN_TEAMS_WEBHOOK";
    let retired = "https://x.webhook.office.com/webhookb2/topSecret";
    for url in ["nonsense", " ", "http://example.com/?sig=topSecret", retired, "https://"] {
        refused("", &[(default, url)], &[]);
        refused("[channel.default]\nwebhook-env = \"HOOK\"\n", &[("HOOK", url)], &[]);
        refused("[channel.ops]\nwebhook-env = \"HOOK\"\n", &[("HOOK", url)], &["ops"]);
    }
    refused("[channel.default]\nwebhook-env = \"HOOK\"\n", &[], &[]);
    refused("[channel.default]\nwebhook-file = \"gone.txt\"\n", &[], &[]);
    refused("[channel.default]\nwebhook-file = \"empty.txt\"\n", &[], &[]);
    refused("[channel.default]\nwebhook-file = \".\"\n", &[], &[]);
    refused("[channel.default]\nwebhook-url = \"https://a/?sig=topSecret\"\n", &[], &[]);
    refused("[channel.default]\nwebhook-fiel = \"empty.txt\"\n", &[], &[]);
    refused("[channel.default\n", &[], &[]);
}

#[test]
fn an_unknown_channel_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let sent = test_send(folder.path(), &[], &["defualt"]);
    assert_eq!(sent.status.code(), Some(3), "{}", output_of(&sent));
    assert!(output_of(&sent).contains("did you mean `default`?"), "{}", output_of(&sent));
    assert!(!folder.path().join("state").exists());
}

#[test]
fn a_missing_configuration_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let sent = test_send(folder.path(), &[], &["--config=gone.toml"]);
    assert_eq!(sent.status.code(), Some(3), "{}", output_of(&sent));
}

#[test]
fn a_channel_that_refuses_or_cannot_be_reached_ends_with_4() {
    let refusals = [301, 400, 401, 403, 404, 407, 408, 410, 413, 429, 500, 502, 503, 504];
    let mut answers: Vec<Answer> = refusals.map(Answer::Status).into();
    answers.push(Answer::Close);
    answers.push(Answer::with_body(200, "webhook returned HTTP error 429"));
    answers.push(Answer::with_body(502, r#"{"ok":false,"status":413}"#));
    let n = answers.len();
    let teams = FakeTeams::start(answers);
    let (folder, hook) = (tempfile::tempdir().unwrap(), "FOOTMAN_TEAMS_WEBHOOK");
    for _ in 0..n {
        let sent = test_send(folder.path(), &[(hook, &teams.url())], &[]);
        assert_eq!(sent.status.code(), Some(4), "{}", output_of(&sent));
        assert!(output_of(&sent).contains("did not accept the test card"), "{}", output_of(&sent));
        assert!(output_of(&sent).contains("\nhint: "), "{}", output_of(&sent));
    }
    for url in [&refused_url(), "https://nobody.invalid/?sig=topSecret"] {
        let sent = test_send(folder.path(), &[(hook, url)], &[]);
        assert_eq!(sent.status.code(), Some(4), "{}", output_of(&sent));
        assert!(!output_of(&sent).contains("topSecret"), "{}", output_of(&sent));
    }
    assert_eq!(teams.posts().len(), n);
}

#[test]
fn a_channel_that_accepts_ends_with_0() {
    let (folder, teams) = (tempfile::tempdir().unwrap(), FakeTeams::start([]));
    let sent = test_send(folder.path(), &[("FOOTMAN_TEAMS_WEBHOOK", &teams.url())], &[]);
    assert_eq!(sent.status.code(), Some(0), "{}", output_of(&sent));
    assert_eq!(teams.posts().len(), 1);
}

#[test]
fn a_local_channel_ends_with_0_and_reports_that_nothing_was_sent_to_teams() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("footman.toml"), "[channel.ops]\n").unwrap();
    let sent = test_send(folder.path(), &[], &[]);
    let text = output_of(&sent);
    assert_eq!(sent.status.code(), Some(0), "{text}");
    assert!(text.contains("nothing was sent to Teams"), "{text}");
    assert!(!folder.path().join("state").exists(), "only the agent creates its state folder");
    std::fs::create_dir(folder.path().join("state")).unwrap();
    for channel in ["default", "ops"] {
        let sent = test_send(folder.path(), &[], &[channel]);
        let text = output_of(&sent);
        assert_eq!(sent.status.code(), Some(0), "{text}");
        assert!(text.contains("nothing was sent to Teams"), "{text}");
        assert!(!text.contains("Accepted by the workflow"), "{text}");
        let cards = folder.path().join("state/cards").join(channel);
        assert_eq!(std::fs::read_dir(cards).unwrap().count(), 1);
    }
}

#[test]
fn a_local_channel_that_cannot_write_the_card_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("state"), "a file where the folder belongs").unwrap();
    let sent = test_send(folder.path(), &[], &[]);
    assert_eq!(sent.status.code(), Some(4), "{}", output_of(&sent));
}

#[test]
fn a_refusal_is_explained_as_the_documentation_does() {
    let off = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"state 'Stopped'"}}"#;
    let gone = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"state 'Deleted'"}}"#;
    let cases = [
        (Answer::with_body(400, off), "turn the workflow on"),
        (Answer::with_body(400, gone), "give Footman the new URL"),
        (
            Answer::with_body(200, "<html><title>Sign in</title>"),
            "check the URL, and let this machine",
        ),
        (Answer::Status(401), "let \"Anyone\" trigger the flow"),
        (Answer::Status(404), "create it again, and give its URL"),
        (Answer::Status(407), "put user and password into HTTPS_PROXY"),
        (Answer::Status(429), "`pace` and `share`"),
        (Answer::Status(302), "copy the URL from the workflow again"),
        (Answer::Status(400), "Send webhook alerts to a channel"),
        (Answer::Status(503), "try again"),
    ];
    let (answers, hints): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let teams = FakeTeams::start(answers);
    let folder = tempfile::tempdir().unwrap();
    for hint in hints {
        let sent = test_send(folder.path(), &[("FOOTMAN_TEAMS_WEBHOOK", &teams.url())], &[]);
        assert!(output_of(&sent).contains(hint), "{hint}: {}", output_of(&sent));
    }
}

#[test]
fn a_card_of_every_kind_can_be_sent_and_an_unknown_kind_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("state")).unwrap();
    for kind in footman::detection::Kind::ALL {
        let sent = test_send(folder.path(), &[], &["--kind", kind.name()]);
        assert_eq!(sent.status.code(), Some(0), "{}: {}", kind.name(), output_of(&sent));
    }
    let cards = folder.path().join("state/cards/default");
    let n = footman::detection::Kind::ALL.len();
    assert_eq!(std::fs::read_dir(cards).unwrap().count(), n);
    let sent = test_send(folder.path(), &[], &["--kind=reload-faild"]);
    assert_eq!(sent.status.code(), Some(3), "{}", output_of(&sent));
    assert!(output_of(&sent).contains("did you mean `reload-failed`?"), "{}", output_of(&sent));
}
