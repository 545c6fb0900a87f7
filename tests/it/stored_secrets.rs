//! Stored secrets, webhooks that are replaced while the agent runs, and where none of them appears.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use footman::config::load::secret::write_secret;

use crate::support::browse::Client;
use crate::support::cloud::Cloud;
use crate::support::fake_teams::{Answer, FakeTeams, Post};
use crate::support::world::{World, kill, until};

const FIRST: &str = "firstS3cretSignature";
const SECOND: &str = "secondS3cretSignature";
const KEY_OF_TENANT: &str = "thirdS3cretKey";
const SECRET_OF_CLIENT: &str = "fourthS3cretClient";

/// A world whose channel `default` has these keys, and the page.
fn world(keys: &str) -> World {
    let mut world = World::new();
    world.config = format!(
        "environment = \"test\"\n[channel.default]\n{keys}\n\
         pace = {{ burst = 1000, every = \"1ms\" }}\n[incident]\nsettle = \"200ms\"\n\
         [page]\nlisten = \"127.0.0.1:0\"\n"
    );
    world
}

fn url(teams: &FakeTeams, signature: &str) -> String {
    teams.url().replace("topSecret_43-chars", signature)
}

fn command(world: &World, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(args).arg("--config").arg(world.config_file());
    command.arg("--log-root").arg(world.log_root()).arg("--state-dir").arg(world.state_dir());
    command.env_remove("FOOTMAN_TEAMS_WEBHOOK");
    command
}

fn footman(world: &World, args: &[&str]) -> Output {
    command(world, args).output().unwrap()
}

fn store(world: &World, name: &str, text: &str) -> Output {
    let mut command = command(world, &["secret", "set", name]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{text}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn start(world: &World) -> Child {
    let output = || fs::File::create(world.folder.path().join("output")).unwrap();
    let (output, mut command) = (output(), command(world, &["run"]));
    command.stdout(output.try_clone().unwrap()).stderr(output).spawn().unwrap()
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// The output of `status`, without its line ends.
fn status(world: &World) -> String {
    let status = text(&footman(world, &["status"]));
    status.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn failure(world: &mut World, agent: Child, teams: &FakeTeams, app: &str) -> Child {
    let n = teams.posts().len();
    world.fail(app, "Table not found");
    teams.received(n + 1).await;
    agent
}

#[test]
fn a_secret_is_stored_listed_and_removed_and_never_shown() {
    let world = world("webhook-secret = \"sales\"");
    let missing = footman(&world, &["check"]);
    assert_eq!(missing.status.code(), Some(3));
    let said = text(&missing);
    assert!(said.contains("no secret `sales` is stored"), "{said}");
    assert!(said.contains("`footman secret set sales"), "{said}");
    let listed = text(&footman(&world, &["secret", "list"]));
    assert!(listed.contains("channel.default.webhook-secret; not stored"), "{listed}");

    let refused = store(&world, "sales", "http://example.com/?sig=firstS3cretSignature");
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    assert!(!text(&refused).contains(FIRST), "{}", text(&refused));
    for (name, value) in [("sales", url(&world.teams, FIRST)), ("spare", "an0therS3cret".into())] {
        let stored = store(&world, name, &value);
        assert!(stored.status.success(), "{}", text(&stored));
        assert!(!text(&stored).contains("S3cret"), "{}", text(&stored));
    }
    let check = footman(&world, &["check"]);
    assert!(check.status.success(), "{}", text(&check));
    let listed = footman(&world, &["secret", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let expected = serde_json::json!([
        { "name": "sales", "stored": true, "used_by": ["channel.default.webhook-secret"] },
        { "name": "spare", "stored": true, "used_by": [] },
    ]);
    assert_eq!(listed, expected);

    let used = footman(&world, &["secret", "remove", "sales"]);
    assert_eq!(used.status.code(), Some(3), "{}", text(&used));
    let removed = footman(&world, &["secret", "remove", "spare"]);
    assert!(removed.status.success(), "{}", text(&removed));
    assert_eq!(footman(&world, &["secret", "remove", "spare"]).status.code(), Some(3));
}

#[test]
fn a_secret_of_a_tenant_is_stored_checked_and_listed_with_who_uses_it() {
    let mut world = world("");
    world.config.push_str(
        "[cloud.acme]\ntenant-url = \"https://acme.example.com\"\napi-key-secret = \"acme\"\n\
         [cloud.other]\ntenant-url = \"https://other.example.com\"\nclient-id = \"one\"\n\
         client-secret-secret = \"client\"\n",
    );
    let missing = footman(&world, &["check"]);
    assert_eq!(missing.status.code(), Some(3));
    for expected in ["no secret `acme` is stored", "`footman secret set client"] {
        assert!(text(&missing).contains(expected), "{expected}: {}", text(&missing));
    }
    let refused = store(&world, "acme", "two w0rdsS3cret");
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    assert!(text(&refused).contains("cloud.acme.api-key-secret"), "{}", text(&refused));
    assert!(!text(&refused).contains("S3cret"), "{}", text(&refused));
    for (name, value) in [("acme", "keyS3cret"), ("client", "clientS3cret")] {
        let stored = store(&world, name, value);
        assert!(stored.status.success(), "{}", text(&stored));
        assert!(!text(&stored).contains("S3cret"), "{}", text(&stored));
    }
    let listed = footman(&world, &["secret", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let expected = serde_json::json!([
        { "name": "acme", "stored": true, "used_by": ["cloud.acme.api-key-secret"] },
        { "name": "client", "stored": true, "used_by": ["cloud.other.client-secret-secret"] },
    ]);
    assert_eq!(listed, expected);
    let used = footman(&world, &["secret", "remove", "acme"]);
    assert_eq!(used.status.code(), Some(3), "{}", text(&used));
}

/// A key as Qlik Cloud gives it, and the secret of a client.
const KEY: &str = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJ4In0.firstS3cretSignature";
const CLIENT: &str = "4f1c0a9d2b7e4f1c0a9d2b7e4f1c0a9dfirstS3cretSignature";

#[test]
fn a_value_on_the_command_line_is_refused_and_not_repeated() {
    let world = world("");
    let value = url(&world.teams, FIRST);
    let tries: [&[&str]; 6] = [
        &[&value],
        &[KEY],
        &[CLIENT],
        &["sales", &value],
        &["sales", "--value", FIRST],
        &["sales", "--", FIRST],
    ];
    for args in tries {
        let refused = footman(&world, &[&["secret", "set"], args].concat());
        assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
        assert!(!text(&refused).contains(FIRST), "{}", text(&refused));
        assert!(text(&refused).contains("is not safe any more"), "{}", text(&refused));
    }
}

#[tokio::test]
async fn a_replaced_secret_and_a_replaced_file_take_effect_without_a_restart() {
    for is_stored in [true, false] {
        let keys =
            if is_stored { "webhook-secret = \"sales\"" } else { "webhook-file = \"hook.txt\"" };
        let mut world = world(keys);
        let other = FakeTeams::start([]);
        let file = world.folder.path().join("hook.txt");
        let put = |world: &World, url: &str| {
            if is_stored {
                assert!(store(world, "sales", url).status.success());
            } else {
                fs::remove_file(&file).ok();
                write_secret(&file, url).unwrap();
            }
        };
        put(&world, &url(&world.teams, FIRST));
        let agent = start(&world);
        world.started().await;
        world.fail("Before", "Table not found");
        world.teams.received(1).await;
        world.until_note("configuration", r#""result":"unchanged""#).await;
        put(&world, &url(&other, SECOND));
        world.until_note("configuration", "the connection of channel default").await;
        let agent = failure(&mut world, agent, &other, "Behind").await;
        kill(agent);
        assert!(other.posts()[0].target.ends_with(SECOND));
        assert_eq!(world.teams.posts().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_webhook_is_followed_by_the_next_one_and_status_says_so() {
    let off = Answer::with_body(400, r#"{"error":{"code":"WorkflowTriggerIsNotEnabled"}}"#);
    for refusal in [Answer::Status(401), Answer::Status(404), off] {
        let keys = "webhook-secret = \"old\"\nwebhook-secret-next = \"new\"";
        let mut world = world(keys);
        world.teams.answer_by(move |_| refusal.clone());
        let next = FakeTeams::start([]);
        assert!(store(&world, "old", &url(&world.teams, FIRST)).status.success());
        assert!(store(&world, "new", &url(&next, SECOND)).status.success());
        let agent = start(&world);
        world.started().await;
        let agent = failure(&mut world, agent, &next, "Sales").await;
        world.until_note("webhooks", r#"["default"]"#).await;
        let said = status(&world);
        assert!(said.contains("cards leave through the next one"), "{said}");
        // The next card does not ask the old one first.
        let agent = failure(&mut world, agent, &next, "Stock").await;
        assert_eq!(world.teams.posts().len(), 1);
        // What was the next one becomes the first one.
        world.config = world.config.replace(keys, "webhook-secret = \"new\"");
        world.config_file();
        world.until_note("configuration", "the connection of channel default").await;
        assert!(!status(&world).contains("next one"), "it is still named");
        kill(agent);
    }
}

#[tokio::test]
async fn a_refused_card_is_not_sent_through_the_next_webhook() {
    let mut world = world("webhook-file = \"hook.txt\"\nwebhook-file-next = \"next.txt\"");
    world.teams.answer_by(|_| Answer::Status(500));
    let next = FakeTeams::start([]);
    write_secret(&world.folder.path().join("hook.txt"), &url(&world.teams, FIRST)).unwrap();
    write_secret(&world.folder.path().join("next.txt"), &url(&next, SECOND)).unwrap();
    let agent = start(&world);
    world.started().await;
    world.fail("Sales", "Table not found");
    world.teams.received(2).await;
    kill(agent);
    assert_eq!(next.posts().len(), 0);
}

/// Everything that people and programs can see of an agent with one incident and one delivery.
async fn visible(world: &World, incident: &str, delivery: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let commands: [&[&str]; 19] = [
        &["check"],
        &["check", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["status"],
        &["status", "--json"],
        &["history", "--json"],
        &["incidents", "--json"],
        &["show", incident],
        &["show", incident, "--json"],
        &["outbox", "list"],
        &["outbox", "list", "--json"],
        &["outbox", "show", delivery],
        &["outbox", "show", delivery, "--json"],
        &["test-send"],
        &["teams", "flow", "check", "threads"],
        &["secret", "list"],
        &["secret", "list", "--json"],
        &["stats"],
    ];
    for args in commands {
        // Tenants of this process answer it meanwhile.
        let output = tokio::process::Command::from(command(world, args)).output().await;
        all.push((args.join(" "), text(&output.unwrap())));
    }
    let reader = footman::state::Reader::open(&world.state_dir()).unwrap();
    let page = reader.note("page").unwrap().unwrap();
    let address = footman::agent::PageNote::read(&page).address().unwrap();
    let client = Client::new(address);
    let (incident, api) = (format!("/incidents/{incident}"), format!("/api/incidents/{incident}"));
    let paths = [
        "/",
        &incident,
        &api,
        "/history",
        "/silences",
        "/deliveries",
        "/status",
        "/metrics",
        "/healthz",
        "/api/incidents",
        "/api/silences",
        "/api/deliveries",
    ];
    for path in paths {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        all.push((path.to_owned(), answer.head + &answer.body));
    }
    all.push(("run".to_owned(), fs::read_to_string(world.folder.path().join("output")).unwrap()));
    for folder in [world.state_dir(), world.folder.path().join("log")] {
        all.extend(files_below(&folder));
    }
    all
}

fn files_below(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.push((path.display().to_string(), text));
        }
    }
    files
}

/// A part of the address of a webhook that nobody may learn.
const PATH: &str = "0123456789abcdef0123456789abcdef/triggers";

/// A relay that repeats the address in its answer: as a link, its path, its signature; and its run id.
fn telling(status: u16, post: &Post) -> Answer {
    let (path, query) = post.target.split_once('?').unwrap();
    let (_, signature) = query.rsplit_once("sig=").unwrap();
    let target = &post.target;
    let body = format!("{signature}; {path}; http://relay.example.com{target}; {target}");
    let headers = vec![("x-ms-workflow-run-id", signature.to_owned())];
    Answer::Full { status, headers, body }
}

#[tokio::test]
async fn no_secret_appears_in_any_output_page_metric_or_stored_file() {
    let keys = "webhook-secret = \"old\"\nwebhook-file-next = \"next.txt\"";
    let mut world = world(keys);
    // One tenant refuses its key, the other one the secret of its client.
    let (cloud, other) = (Cloud::start().await, Cloud::start().await);
    for (name, cloud, credentials) in [
        ("acme", &cloud, "api-key-secret = \"acme\""),
        ("other", &other, "client-id = \"one\"\nclient-secret-secret = \"client\""),
    ] {
        let section = format!(
            "[cloud.{name}]\ntenant-url = \"http://{}\"\nevery = \"1s\"\n{credentials}\n",
            cloud.address
        );
        world.config.push_str(&section);
    }
    world.config.push_str("[channel.threads]\nkind = \"flow\"\nwebhook-secret = \"old\"\n");
    let mut n = 0;
    world.teams.answer_by(move |post| {
        n += 1;
        if n > 1 { telling(404, post) } else { Answer::Status(202) }
    });
    let mut n_next = 0;
    let next = FakeTeams::by(move |post| {
        n_next += 1;
        telling(if n_next % 2 == 1 { 503 } else { 404 }, post)
    });
    assert!(store(&world, "old", &url(&world.teams, FIRST)).status.success());
    assert!(store(&world, "acme", KEY_OF_TENANT).status.success());
    assert!(store(&world, "client", SECRET_OF_CLIENT).status.success());
    write_secret(&world.folder.path().join("next.txt"), &url(&next, SECOND)).unwrap();
    let agent = start(&world);
    world.started().await;
    world.fail("Sales", "Table not found");
    world.teams.received(1).await;
    world.fail("Stock", "Table not found");
    next.received(1).await;
    until(|| cloud.n_requests("/api/v1/reloads") > 0 && other.n_requests("/oauth/token") > 0).await;
    world.until_note("page", "served").await;
    let reader = || footman::state::Reader::open(&world.state_dir()).unwrap();
    until(|| reader().pending().unwrap().iter().any(|row| row.why.is_some())).await;
    let row = reader().pending().unwrap().remove(0);
    let all = visible(&world, row.fingerprint.as_ref().unwrap(), &row.id).await;
    kill(agent);
    for (place, text) in &all {
        for secret in [FIRST, SECOND, KEY_OF_TENANT, SECRET_OF_CLIENT, PATH] {
            assert!(!text.contains(secret), "{secret} is in {place}:\n{text}");
        }
    }
}
