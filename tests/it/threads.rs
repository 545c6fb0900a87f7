//! One incident is one thread: the real agent with a flow that keeps threads.

use std::process::Command;

use footman::commit::{Commit, Delivery, DeliveryState};
use footman::metrics::Counts;
use footman::outbox::Change;
use footman::state::{DeliveryStatus, Reader, Store};
use serde_json::Value;

use crate::state::delivery;
use crate::support::fake_flow::{Acts, FakeFlow, Fault, Thread};
use crate::support::fake_teams::{Answer, FakeTeams};
use crate::support::world::{World, kill, until};

/// A channel with threads, at once as fast as Teams takes it.
const CONFIG: &str = r#"
environment = "test"
[channel.default]
kind = "flow"
webhook-env = "FOOTMAN_TEAMS_WEBHOOK"
pace = { burst = 24, every = "300s" }
[incident]
settle = "200ms"
"#;

fn world() -> World {
    let mut world = World::new();
    CONFIG.clone_into(&mut world.config);
    world
}

/// Waits until the threads are so.
async fn until_threads(flow: &FakeFlow, is_so: impl Fn(&[Thread]) -> bool) -> Vec<Thread> {
    until(|| is_so(&flow.threads())).await;
    flow.threads()
}

async fn footman(world: &World, args: &[&str]) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(args).arg("--state-dir").arg(world.state_dir());
    let output = command.env("USER", "tester").output().await.unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The id of the one incident, open or over.
async fn incident(world: &World) -> String {
    let listed = footman(world, &["incidents", "--all", "--json"]).await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed:#}");
    listed[0]["id"].as_str().unwrap().to_owned()
}

fn says(reply: &[String], text: &str) -> bool {
    reply.iter().any(|known| known.contains(text))
}

#[tokio::test]
async fn an_incident_is_a_thread_whose_root_shows_the_state_and_whose_replies_call() {
    let mut world = world();
    let flow = FakeFlow::behind(&world.teams, Acts::Answering, |_, _| Fault::None);
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    let threads = world
        .run_while(async {
            until_threads(&flow, |threads| threads.len() == 1).await;
            let id = incident(&world).await;
            footman(&world, &["acknowledge", &id, "--by", "Anna Berg"]).await;
            until_threads(&flow, |threads| threads[0].replies.len() == 1).await;
            // A note calls nobody.
            footman(&world, &["note", &id, "The column was renamed"]).await;
            until_threads(&flow, |threads| threads[0].updates == 2).await
        })
        .await;
    assert_eq!(threads.len(), 1);
    let [thread] = &threads[..] else { unreachable!() };
    assert!(thread.shows("Field 'OrderDte' not found"), "{thread:?}");
    assert!(thread.shows("The column was renamed"), "{thread:?}");
    assert!(thread.shows("acknowledged"), "{thread:?}");
    assert_eq!(thread.replies.len(), 1, "{thread:?}");
    assert!(says(&thread.replies[0], "Anna Berg, "), "{thread:?}");

    world.succeed("Sales");
    let threads =
        world.run_while(until_threads(&flow, |threads| threads[0].replies.len() == 2)).await;
    assert_eq!(threads.len(), 1, "{threads:?}");
    assert!(threads[0].shows("Sales reloads again"), "{threads:?}");
    assert!(says(&threads[0].replies[1], "Sales reloads again"), "{threads:?}");

    // It opens again soon: in the same thread.
    world.fail("Sales", "Field 'OrderDte' not found");
    let threads =
        world.run_while(until_threads(&flow, |threads| threads[0].replies.len() == 3)).await;
    assert_eq!(threads.len(), 1, "{threads:?}");
    assert!(threads[0].shows("Reload failed: Sales"), "{threads:?}");
    assert!(says(&threads[0].replies[2], "Reload failed: Sales"), "{threads:?}");
    assert_eq!(flow.refusals(), (0, 0));
    let pending = Reader::open(&world.state_dir()).unwrap().pending().unwrap();
    assert_eq!(pending, []);
}

#[tokio::test]
async fn a_deleted_root_is_continued_by_one_that_says_so() {
    let mut world = world();
    let flow = FakeFlow::behind(&world.teams, Acts::Answering, |_, _| Fault::None);
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    world.run_while(until_threads(&flow, |threads| threads.len() == 1)).await;
    flow.delete(0);
    world.succeed("Sales");
    let threads = world.run_while(until_threads(&flow, |threads| threads.len() == 2)).await;
    assert!(threads[1].shows("Sales reloads again"), "{threads:?}");
    assert!(threads[1].shows("This continues the card of"), "{threads:?}");
    assert_eq!((threads[0].updates, threads[0].replies.len()), (0, 0), "{threads:?}");
}

#[tokio::test]
async fn an_answer_that_is_lost_doubles_no_root() {
    let mut world = world();
    // The first root is posted, but its answer is lost.
    let flow = FakeFlow::behind(&world.teams, Acts::Answering, |n, _| match n {
        1 => Fault::Unanswered,
        2 => Fault::Status(412),
        _ => Fault::None,
    });
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    let threads = world
        .run_while(until_threads(&flow, |threads| threads.iter().any(|it| it.updates == 1)))
        .await;
    assert_eq!(threads.len(), 1, "{threads:?}");
}

#[tokio::test]
async fn a_flow_that_does_not_answer_finds_the_root_by_its_key() {
    let mut world = world();
    let flow = FakeFlow::behind(&world.teams, Acts::InTurn(&[5, 2]), |_, _| Fault::None);
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    world.fail("Stock", "Table 'T1' not found");
    let teams = &world.teams;
    // They have left, but the flow is not there yet.
    let both = async { teams.received(teams.posts().len() + 2).await };
    world.run_while(both).await;
    assert!(flow.is_running() && flow.threads().len() < 2);
    world.succeed("Sales");
    let threads = world
        .run_while(until_threads(&flow, |threads| threads.iter().any(|it| it.replies.len() == 1)))
        .await;
    assert_eq!(threads.len(), 2, "{threads:?}");
    let sales = threads.iter().find(|it| it.shows("Sales reloads again")).unwrap();
    assert_eq!((sales.updates, sales.replies.len()), (1, 1), "{sales:?}");
    assert_eq!(flow.refusals(), (0, 0));
}

/// Without an answer, nobody learns that Teams refused the second of two runs that met.
#[tokio::test]
async fn runs_that_meet_lose_a_message_and_it_stays_unknown() {
    let mut world = world();
    // The update acts after 18 s; the reply leaves 15 s after it and acts 3 s later.
    let flow = FakeFlow::behind(&world.teams, Acts::Later(&[2, 18, 3]), |_, _| Fault::None);
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    world.run_while(until_threads(&flow, |threads| threads.len() == 1)).await;
    world.succeed("Sales");
    world.run_while(until(|| flow.refusals().0 == 1 || flow.threads()[0].replies.len() == 1)).await;
    let threads = flow.threads();
    let [thread] = &threads[..] else { panic!("{threads:?}") };
    assert_eq!((thread.updates, thread.replies.len()), (1, 0), "{thread:?}");
    assert!(thread.shows("Sales reloads again"), "{thread:?}");
    let pending = Reader::open(&world.state_dir()).unwrap().pending().unwrap();
    assert_eq!(pending, []);
}

/// The real program, killed at random moments while three incidents are played through it.
#[tokio::test]
async fn three_incidents_with_kills_tell_their_stories() {
    let mut world = world();
    let mut dice = 0x5eed_u64;
    let flow = FakeFlow::behind(&world.teams, Acts::Answering, move |_, _| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        match (dice >> 33) % 12 {
            0 => Fault::Unanswered,
            1 => Fault::Status(503),
            2 => Fault::Status(412),
            _ => Fault::None,
        }
    });
    world.settle_in().await;
    let apps = ["Sales", "Stock", "Staff"];
    for round in 0..2 {
        for app in apps {
            if round == 0 {
                world.fail(app, &format!("Table '{app}' not found"));
            } else {
                world.succeed(app);
            }
        }
        // Each time until a little more has arrived.
        for kills in 0..3 {
            let so_far = world.teams.posts().len();
            let agent = world.start_program();
            let more = world.teams.received(so_far + 1 + kills);
            let longest = std::time::Duration::from_secs(4);
            tokio::time::timeout(longest, more).await.ok();
            kill(agent);
        }
    }
    let agent = world.start_program();
    let is_posted = |threads: &[Thread]| {
        apps.iter().all(|app| {
            let recovered = format!("{app} reloads again");
            threads.iter().any(|it| {
                it.shows(&recovered) && it.replies.iter().any(|reply| says(reply, &recovered))
            })
        })
    };
    let threads = until_threads(&flow, is_posted).await;
    kill(agent);
    // One root for each; what arrived twice is marked.
    assert_eq!(threads.len(), 3, "{threads:#?}");
    for thread in &threads {
        let unmarked = thread.replies.iter().filter(|it| !says(it, "ossible repeat"));
        assert!(unmarked.count() <= 1, "{thread:#?}");
    }
    // `show` tells the same story of each.
    let listed = footman(&world, &["incidents", "--all", "--json"]).await;
    let listed: Vec<Value> = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.len(), 3, "{listed:#?}");
    for incident in &listed {
        let (id, app) = (incident["id"].as_str().unwrap(), incident["app"].as_str().unwrap());
        let shown: Value =
            serde_json::from_str(&footman(&world, &["show", id, "--json"]).await).unwrap();
        let notices = shown["story"].as_array().unwrap().iter().map(|it| it["what"].as_str());
        let notices: Vec<&str> = notices
            .flatten()
            .filter(|what| ["opened", "repeated", "recovered"].contains(what))
            .collect();
        let thread = threads.iter().find(|it| it.shows(&format!("{app} reloads again"))).unwrap();
        let replies = thread.replies.iter().filter(|it| !says(it, "ossible repeat"));
        let replies = replies.map(|it| if says(it, " reloads again") { "recovered" } else { "?" });
        let messages: Vec<&str> = std::iter::once("opened").chain(replies).collect();
        let all_marked = vec!["opened"];
        assert!(messages == notices || messages == all_marked, "{messages:?} but {notices:?}");
    }
    assert_eq!(flow.refusals().1, 0, "never more than 25 in 300 s");
}

/// Nothing is left to show in the flow when it takes cards again.
#[tokio::test]
async fn an_incident_that_only_the_fallback_posted_ends_there() {
    let mut world = world();
    let spare = FakeTeams::start([]);
    world.config = world.config.replace(
        "kind = \"flow\"",
        "kind = \"flow\"\nfallback = \"spare\"\nfallback-after = \"1s\"",
    );
    world.config.push_str("[channel.spare]\nwebhook-env = \"SPARE\"\n");
    world.variables.push(("SPARE".to_owned(), spare.url()));
    let off = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled"}}"#;
    world.teams.answer_by(move |_| Answer::with_body(400, off));
    world.settle_in().await;
    world.fail("Sales", "Field 'OrderDte' not found");
    let state_dir = world.state_dir();
    let pending = || Reader::open(&state_dir).unwrap().pending().unwrap();
    // It is sent, and a root is still to show it.
    let is_known = |row: &DeliveryStatus| row.via.is_some() && row.state == DeliveryState::Pending;
    world.run_while(until(|| pending().iter().any(is_known))).await;
    world.succeed("Sales");
    // It also gets the card that the flow takes no cards.
    let of_sales = || {
        let posts = spare.posts().into_iter().filter(|post| post.body.contains("Sales"));
        posts.collect::<Vec<_>>()
    };
    world.run_while(until(|| of_sales().len() > 1 && pending().is_empty())).await;
    let posts = of_sales();
    assert!(posts[0].body.contains("Reload failed: Sales"), "{}", posts[0].body);
    assert!(posts[1].body.contains("Recovered: Sales"), "{}", posts[1].body);
    assert!(!posts[1].body.contains("sent here because"), "{}", posts[1].body);
    assert_eq!(posts.len(), 2);
}

/// The channel was a flow before, and its fallback had posted what a root was to show.
#[tokio::test]
async fn what_people_know_is_not_sent_again_by_a_channel_without_threads() {
    let world = World::new();
    world.settle_in().await;
    let now = footman::clock::now();
    let mut store = Store::open(&world.state_dir(), now).unwrap().0;
    let delivery = Delivery { channel: "default".to_owned(), ..delivery("n1") };
    let id = delivery.id.clone();
    let commit = Commit { deliveries: vec![delivery], ..Commit::default() };
    store.commit(now, &commit).unwrap();
    store.begin_sending_via(now, &id, Some("spare")).unwrap().unwrap();
    let known = Change::KnownElsewhere { done: Vec::new(), receipt: None };
    store.settle(now, &id, &known, &Counts::default(), &[]).unwrap();
    drop(store);
    let row = || Reader::open(&world.state_dir()).unwrap().delivery(&id).unwrap().unwrap();
    world.run_while(until(|| row().state == DeliveryState::Delivered)).await;
    assert_eq!(row().via.as_deref(), Some("spare"));
    assert_eq!(world.teams.posts(), []);
}

#[test]
fn the_flow_is_written_as_a_package() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flow.zip");
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.args(["teams", "flow", "write", "--out"]).arg(&file).args(args).output().unwrap()
    };
    let refused = run(&["--channel", "General"]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(3), "{error}");
    assert!(error.contains("Get link to channel") && !file.exists(), "{error}");

    let team = "01234567-89ab-cdef-0123-456789abcdef";
    let link = format!(
        "https://teams.microsoft.com/l/channel/19%3Aabc%40thread.tacv2/Qlik?groupId={team}"
    );
    let written = run(&["--channel", &link]);
    assert!(written.status.success(), "{written:?}");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&file).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let definition = names.iter().find(|name| name.ends_with("/definition.json")).unwrap();
    let definition: Value = serde_json::from_reader(archive.by_name(definition).unwrap()).unwrap();
    let parameters = &definition["properties"]["definition"]["parameters"];
    assert_eq!(parameters["TeamId"]["defaultValue"], team);
    assert_eq!(parameters["ChannelId"]["defaultValue"], "19:abc@thread.tacv2");
}

#[tokio::test]
async fn the_check_finds_out_that_the_flow_answers() {
    let teams = FakeTeams::start([]);
    let flow = FakeFlow::behind(&teams, Acts::Answering, |_, _| Fault::None);
    let output = check(&teams, "flow").await;
    assert!(output.status.success() && shown(&output).contains("by-id"), "{output:?}");
    assert_one_thread(&flow);

    // What Teams refuses is not blamed on the URL of the webhook.
    for (status, hint) in [(400, "run history"), (403, "member of the team"), (404, "exists")] {
        let _flow = FakeFlow::behind(&teams, Acts::Answering, move |_, _| Fault::Status(status));
        let output = check(&teams, "flow").await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{error}");
        assert!(error.contains(hint) && error.contains("from Teams"), "{error}");
        assert!(!error.contains("signature") && !error.contains("URL"), "{error}");
    }
    let output = check(&teams, "teams").await;
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

#[tokio::test]
async fn the_check_waits_for_a_flow_that_does_not_answer() {
    let teams = FakeTeams::start([]);
    let flow = FakeFlow::behind(&teams, Acts::Later(&[9, 2, 5]), |_, _| Fault::None);
    let output = check(&teams, "flow").await;
    assert!(output.status.success() && shown(&output).contains("by-search"), "{output:?}");
    until(|| !flow.is_running()).await;
    assert_one_thread(&flow);
}

/// One root, updated once, with one reply.
fn assert_one_thread(flow: &FakeFlow) {
    let threads = flow.threads();
    let [thread] = &threads[..] else { panic!("{threads:?}") };
    assert_eq!((thread.updates, thread.replies.len()), (1, 1), "{thread:?}");
}

#[tokio::test]
async fn the_check_fails_if_a_new_card_is_posted_in_place_of_an_update_or_a_reply() {
    let answer = |root: &str, opened: bool| {
        let body = serde_json::json!({ "ok": true, "rootId": root, "opened": opened });
        Answer::with_body(200, &body.to_string())
    };
    let (first, well) = (answer("17", true), answer("17", false));
    for (answers, step) in [
        (vec![first.clone(), answer("18", true)], "Update"),
        (vec![first.clone(), answer("17", true)], "Update"),
        (vec![first.clone(), answer("18", false)], "Update"),
        (vec![first, well, answer("18", true)], "Reply"),
    ] {
        let case = format!("{answers:?}");
        let teams = FakeTeams::start(answers);
        let output = check(&teams, "flow").await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{case}: {output:?}");
        assert!(error.contains("posted a new card") && error.contains(step), "{case}: {error}");
        let what = if step == "Update" { "the same card, updated" } else { "a reply" };
        assert!(!shown(&output).contains(what), "{case}: {output:?}");
    }
}

fn shown(output: &std::process::Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

async fn check(teams: &FakeTeams, kind: &str) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("footman.toml");
    let text = format!(
        "[page]\nlisten = \"\"\n[channel.default]\nkind = \"{kind}\"\n\
         webhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(["teams", "flow", "check", "--config"]).arg(&config);
    command.arg("--state-dir").arg(folder.path().join("state"));
    command.env("FOOTMAN_TEAMS_WEBHOOK", teams.url()).output().await.unwrap()
}
