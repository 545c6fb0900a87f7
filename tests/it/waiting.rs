//! Cards that wait until somebody takes them: the real agent, the flow that Footman wrote, and people.

use std::path::Path;
use std::process::Command;

use footman::channels::teams::message;
use footman::commit::HistoryType;
use footman::state::Reader;
use serde_json::Value;

use crate::support::fake_teams::{Answer, FakeTeams};
use crate::support::fake_waiting::{FakeWaiting, Message};
use crate::support::flow_run::Status;
use crate::support::world::{World, texts, until};

const CONFIG: &str = r#"
environment = "test"
timezone = "Asia/Kolkata"
[channel.default]
webhook-env = "FOOTMAN_TEAMS_WEBHOOK"
waiting-card = true
pace = { burst = 1000, every = "1ms" }
[incident]
settle = "200ms"
"#;

const TEAM: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// What `footman teams flow write --waiting` writes into a folder.
fn written(folder: &Path) -> Value {
    let link = format!(
        "https://teams.microsoft.com/l/channel/19%3Aabc%40thread.tacv2/Qlik?groupId={TEAM}"
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(["teams", "flow", "write", "--waiting", "--channel", &link]).current_dir(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let next = String::from_utf8(output.stdout).unwrap();
    assert!(next.contains("waiting-card = true") && next.contains("footman test-send"), "{next}");
    let file = std::fs::File::open(folder.join("footman-waiting.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let name = names.iter().find(|name| name.ends_with("/definition.json")).unwrap();
    let flow: Value = serde_json::from_reader(archive.by_name(name).unwrap()).unwrap();
    flow["properties"]["definition"].clone()
}

fn world() -> World {
    let mut world = World::new();
    CONFIG.clone_into(&mut world.config);
    world
}

async fn until_messages(flow: &FakeWaiting, n: usize) -> Vec<Message> {
    until(|| flow.messages().len() >= n).await;
    flow.messages()
}

#[tokio::test]
async fn who_presses_the_button_is_named_in_teams_and_footman_does_not_learn_of_it() {
    let mut world = world();
    let definition = written(world.folder.path());
    assert_eq!(definition["parameters"]["TeamId"]["defaultValue"], TEAM);
    let flow = FakeWaiting::behind(&world.teams, definition);
    world.settle_in().await;
    world.fail("Sales", "Field 'Order \"Dte\"' <not> found");
    let messages = world.run_while(until_messages(&flow, 1)).await;
    let [card] = &messages[..] else { panic!("{messages:?}") };
    assert!(card.waits, "{card:?}");
    assert_eq!(card.buttons, ["I'll take this"]);
    assert!(card.shows("Footman does not learn of it"), "{card:?}");

    assert_eq!(flow.press(0, "Anna \"<b>\" & {time}"), Status::Succeeded);
    let taken = flow.messages().remove(0);
    assert_eq!(
        taken.replies,
        ["<p>Anna \"&lt;b&gt;\" &amp; {time} took this on 23 Nov 2026 12:25 (UTC+5:30).</p>"]
    );
    // The card is back as it was, without the button, and says who took it.
    assert_eq!(taken.buttons, Vec::<String>::new());
    let (last, before) = taken.shown.split_last().unwrap();
    assert_eq!(last, "Anna \"<b>\" & {time} took this on 23 Nov 2026 12:25 (UTC+5:30).");
    assert_eq!(before, card.shown);
    assert!(taken.shows("Field 'Order \"Dte\"' <not> found"), "{taken:?}");
    // `tests/cards/check` validates what the flow made of it.
    let cards = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/cards");
    std::fs::create_dir_all(&cards).unwrap();
    std::fs::write(cards.join("taken.json"), message(&taken.card(), false)).unwrap();

    let listed = Reader::open(&world.state_dir()).unwrap().history(100).unwrap();
    assert!(listed.iter().all(|entry| entry.what != HistoryType::Acknowledged), "{listed:?}");

    // A recovery asks for nobody: its run does not wait.
    world.succeed("Sales");
    let messages = world.run_while(until_messages(&flow, 2)).await;
    assert!(messages[1].shows("Sales reloads again") && !messages[1].waits, "{messages:?}");
    assert_eq!(messages[1].buttons, Vec::<String>::new());
}

#[tokio::test]
async fn a_card_that_nobody_takes_ends_its_run_and_stays_as_it_was() {
    let mut world = world();
    let flow = FakeWaiting::behind(&world.teams, written(world.folder.path()));
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    let before = world.run_while(until_messages(&flow, 1)).await.remove(0);
    // A run that fails each day would switch the flow off after two weeks.
    assert_eq!(flow.time_out(0), Status::Succeeded);
    let after = flow.messages().remove(0);
    assert_eq!((&after.shown, &after.replies), (&before.shown, &Vec::new()));
}

#[test]
fn a_test_card_has_the_button() {
    let (folder, teams) = (tempfile::tempdir().unwrap(), FakeTeams::start([]));
    let flow = FakeWaiting::behind(&teams, written(folder.path()));
    let config = folder.path().join("footman.toml");
    std::fs::write(&config, CONFIG).unwrap();
    for args in [&["test-send"][..], &["test-send", "--kind=reload-recovered"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.args(args).arg("--config").arg(&config);
        command.arg("--state-dir").arg(folder.path().join("state"));
        let output = command.env("FOOTMAN_TEAMS_WEBHOOK", teams.url()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let messages = flow.messages();
    assert_eq!([messages[0].waits, messages[1].waits], [true, false], "{messages:?}");
    assert_eq!(flow.press(0, "Anna Berg"), Status::Succeeded);
    assert_eq!(flow.messages()[0].replies.len(), 1);
}

/// The button would fail in a channel whose flow does not wait.
#[tokio::test]
async fn a_fallback_that_does_not_wait_gets_the_card_without_the_button() {
    let broken = FakeTeams::by(|_| Answer::Status(503));
    let mut world = World::new();
    world.config = CONFIG.replace(
        "waiting-card = true",
        "waiting-card = true\nfallback = \"spare\"\nfallback-after = \"1s\"",
    );
    world.config.push_str("[channel.spare]\nwebhook-env = \"SPARE\"\npace = { burst = 99 }\n");
    world.variables.push(("SPARE".to_owned(), world.teams.url()));
    world.webhook = Some(broken.url());
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    let of_sales = |world: &World| {
        let posts = world.teams.posts();
        posts.into_iter().find(|post| post.body.contains("Field 'OrderDte' not found"))
    };
    world.run_while(until(|| of_sales(&world).is_some())).await;
    let post = of_sales(&world).unwrap();
    assert!(broken.posts()[0].body.contains("\"Action.Submit\""));
    assert!(!post.body.contains("Action.Submit"), "{}", post.body);
    let shown = texts(&post.body).join("\n");
    assert!(shown.contains("sent here because channel default"), "{shown}");
    assert!(!shown.contains("Footman does not learn of it"), "{shown}");
}
