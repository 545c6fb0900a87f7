//! Acting on the page: only with its key, from its own forms, and exactly once.

use footman::clock;
use footman::incident::State;
use footman::state::{PAGE_KEY_NAME, Reader};
use footman::view;

use crate::support::browse::Client;
use crate::support::fake_teams::Answer;
use crate::support::world::{World, until};

fn only(world: &World) -> view::IncidentView {
    let reader = Reader::open(&world.state_dir()).unwrap();
    view::incidents(&reader, clock::now(), true).unwrap().remove(0)
}

#[tokio::test]
async fn an_incident_is_acknowledged_silenced_noted_and_taken_back_on_the_page() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let client = client.with_key(world).await;
            world.fail("Sales", "Table not found");
            world.teams.received(1).await;
            let path = format!("/incidents/{}", only(world).id);
            let act = async |fields: &[(&str, &str)]| client.act(&path, fields).await;
            let done =
                act(&[("action", "acknowledge"), ("by", "Anna <b>"), ("note", "on it")]).await;
            assert_eq!(
                (done.status, done.header("location")),
                (303, Some(&*format!("{path}?done=1")))
            );
            assert_eq!(only(world).state, State::Acknowledged);
            let shown = client.get(&path).await.body;
            assert!(shown.contains("Anna &lt;b&gt;") && shown.contains("on it"), "{shown}");
            assert_eq!(act(&[("action", "unacknowledge"), ("by", "Anna")]).await.status, 303);
            let again = act(&[("action", "unacknowledge"), ("by", "Anna")]).await;
            assert_eq!(again.status, 409);
            assert!(again.body.contains("nobody has acknowledged the incident"), "{}", again.body);
            assert_eq!(
                act(&[("action", "note"), ("by", "Anna"), ("text", "It was the disk")])
                    .await
                    .status,
                303
            );
            assert!(client.get(&path).await.body.contains("It was the disk"));
            let silence =
                [("action", "silence"), ("by", "Anna"), ("for", "30m"), ("reason", "known")];
            assert_eq!(act(&silence).await.status, 303);
            assert_eq!(only(world).state, State::Silenced);
        })
        .await;
}

#[tokio::test]
async fn silences_are_added_and_ended_on_the_page() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let client = client.with_key(world).await;
            let act = async |fields: &[(&str, &str)]| client.act("/silences", fields).await;
            let fields = [("by", "Anna"), ("for", "8h"), ("reason", "moved"), ("action", "add")];
            let refused = act(&fields).await;
            assert_eq!(refused.status, 409, "a silence without a matcher");
            assert!(!refused.body.contains("data-refresh"), "the reason stays on the screen");
            let mut all = fields.to_vec();
            all.push(("app", "Sales*"));
            assert_eq!(act(&all).await.status, 303);
            let list = client.get("/api/silences").await.json();
            assert_eq!(list[0]["matchers"], serde_json::json!({ "app": ["Sales*"] }));
            let id = list[0]["id"].as_str().unwrap();
            assert_eq!(act(&[("action", "expire"), ("id", id), ("by", "Anna")]).await.status, 303);
            assert_eq!(client.get("/api/silences").await.json(), serde_json::json!([]));
            assert_eq!(
                act(&[("action", "expire"), ("id", "nope"), ("by", "Anna")]).await.status,
                409
            );
        })
        .await;
}

#[tokio::test]
async fn a_pending_delivery_is_dropped_on_the_page_and_an_unknown_one_is_refused() {
    let mut world = World::new();
    world.teams.answer_by(|_| Answer::Status(503));
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let client = client.with_key(world).await;
            world.fail("Sales", "Table not found");
            world.until_pending(1).await;
            world.teams.received(1).await;
            let of = async || client.get("/api/deliveries").await.json();
            let id = of().await[0]["id"].as_str().unwrap().to_owned();
            // It cannot be dropped while it is in flight.
            let mut turns = tokio::time::interval(std::time::Duration::from_millis(20));
            while of().await[0]["state"] != "pending" {
                turns.tick().await;
            }
            let act = async |action: &str, id: &str| {
                client.act("/deliveries", &[("action", action), ("id", id)]).await
            };
            let unknown = act("retry", "x").await;
            assert_eq!(unknown.status, 409);
            assert!(unknown.body.contains("there is no such delivery"), "{}", unknown.body);
            assert_eq!(act("drop", &id).await.status, 303);
            assert_eq!(of().await, serde_json::json!([]));
        })
        .await;
}

#[tokio::test]
async fn nothing_is_changed_without_the_key_or_from_a_foreign_form() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, stranger| {
            world.fail("Sales", "Table not found");
            world.teams.received(1).await;
            let keyed = stranger.clone().with_key(world).await;
            let path = format!("/incidents/{}", only(world).id);
            let csrf = keyed.get(&path).await.hidden("csrf").unwrap();
            assert_eq!(stranger.get(&path).await.hidden("csrf"), None);
            let fields = [("csrf", csrf.as_str()), ("action", "acknowledge"), ("by", "Eve")];
            assert_eq!(stranger.post(&path, &fields).await.status, 403);
            let name = format!("footman-{}", stranger.address.port());
            assert!(keyed.cookie.as_ref().unwrap().starts_with(&format!("{name}=")));
            let zeros = "0".repeat(64);
            for cookie in ["", "0", &zeros, &format!("0--{zeros}")].map(|it| format!("{name}={it}"))
            {
                let mut guesser = stranger.clone();
                guesser.cookie = Some(cookie.clone());
                assert_eq!(guesser.post(&path, &fields).await.status, 403, "{cookie}");
            }
            for csrf in ["", "x", "0-0"] {
                let fields = [("csrf", csrf), ("action", "acknowledge"), ("by", "Eve")];
                assert_eq!(keyed.post(&path, &fields).await.status, 403);
            }
            let form = crate::support::browse::encoded(&fields);
            let kind = ("Content-Type", "application/x-www-form-urlencoded");
            for origin in ["https://evil.example.com", "null", "http://localhost:1"] {
                let headers = [("Origin", origin), kind];
                assert_eq!(keyed.ask("POST", &path, &headers, &form).await.status, 403, "{origin}");
            }
            assert_eq!(keyed.ask("POST", &path, &[kind], &form).await.status, 403);
            let own = keyed.origin();
            let json = [("Origin", own.as_str()), ("Content-Type", "text/plain")];
            assert_eq!(keyed.ask("POST", &path, &json, &form).await.status, 415);
            assert_eq!(
                keyed.clone().with("Host", "evil.example.com").post(&path, &fields).await.status,
                421
            );
            let huge = "x".repeat(100_000);
            let big = [("csrf", csrf.as_str()), ("action", "note"), ("by", "Eve"), ("text", &huge)];
            assert_eq!(keyed.post(&path, &big).await.status, 413);
            for path in ["/", "/history", "/status", "/api/incidents", "/api/silences", "/page.js"]
            {
                assert_eq!(keyed.post(path, &fields).await.status, 405, "{path}");
            }
            assert_eq!(only(world).state, State::Open);
        })
        .await;
}

#[tokio::test]
async fn the_key_is_private_made_at_the_start_and_again_when_it_was_deleted() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, client| {
            let first: Client = client.clone().with_key(world).await;
            assert!(first.get("/silences").await.hidden("csrf").is_some());
            let wrong = client.get(&format!("/?key={}", "0".repeat(64))).await;
            assert_eq!((wrong.status, wrong.header("set-cookie")), (403, None));
            let path = world.state_dir().join(PAGE_KEY_NAME);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
            let before = std::fs::read_to_string(&path).unwrap();
            std::fs::remove_file(&path).unwrap();
            until(|| path.exists()).await;
            assert_ne!(std::fs::read_to_string(&path).unwrap(), before);
            assert_eq!(
                first.get("/silences").await.hidden("csrf"),
                None,
                "the old key is worth nothing"
            );
            let second = client.with_key(world).await;
            assert!(second.get("/silences").await.hidden("csrf").is_some());
        })
        .await;
}

#[tokio::test]
async fn a_note_that_is_given_with_an_acknowledgement_is_what_was_learned() {
    let mut world = World::new();
    world.settle_in().await;
    world
        .with_page(async |world, stranger| {
            world.fail("Sales", "Table not found");
            world.teams.received(1).await;
            let keyed = stranger.with_key(world).await;
            let path = format!("/incidents/{}", only(world).id);
            let learned = async || {
                let page = keyed.get(&path).await.body;
                page.split("What was learned</h2>").nth(1).map(|rest| rest[..200].to_owned())
            };
            assert_eq!(learned().await, None);
            let fields = [("action", "acknowledge"), ("by", "Anna"), ("note", "the disk was full")];
            assert_eq!(keyed.act(&path, &fields).await.status, 303);
            assert!(learned().await.unwrap().contains("the disk was full"));
            let fields = [("action", "note"), ("by", "Bo"), ("text", "and the log as well")];
            assert_eq!(keyed.act(&path, &fields).await.status, 303);
            assert!(learned().await.unwrap().contains("and the log as well"));
        })
        .await;
}
