//! Every answer of Workflows, from a scripted Teams: what the sender makes of it, and what the agent
//! does then.

use std::time::Duration;

use footman::channels::{SendRequest, Sender, Timeouts};
use footman::config::load::secret::write_secret;
use footman::config::{Connection, Webhook, WebhookRefusal};
use footman::metrics::Counter;
use footman::outbox::Outcome;
use footman::state::Reader;
use serde_json::Value;

use crate::support::fake_teams::{Answer, FakeTeams, Shut};
use crate::support::world::{World, kill, texts, until};

/// What the trigger of a workflow says that does not run.
fn not_enabled(state: &str) -> String {
    format!(
        r#"{{"error":{{"code":"WorkflowTriggerIsNotEnabled","message":"Could not execute workflow '4f' trigger 'manual' with state '{state}': trigger is not enabled."}}}}"#
    )
}

async fn sent_to(url: &str, total: Duration) -> Outcome {
    let timeouts = Timeouts { connect: Duration::from_secs(5), total };
    let webhook = Webhook::parse(url).unwrap();
    let sender = Sender::new(webhook, &Connection::default(), timeouts).unwrap();
    let created = footman::clock::now();
    let card = r#"{"type":"AdaptiveCard","body":[]}"#;
    sender.send(SendRequest { id: "n1@ops", created, card, possible_repeat: false }).await
}

/// As long as either URL may take cards again, it is asked again.
#[tokio::test]
async fn a_channel_is_gone_only_if_both_of_its_webhooks_are() {
    let [gone, off] = ["Deleted", "Stopped"].map(|it| Answer::with_body(400, &not_enabled(it)));
    let refused = Answer::Status(401);
    for (first, second, expected) in [
        (&gone, &off, "off"),
        (&off, &gone, "off"),
        (&gone, &gone, "gone"),
        (&gone, &refused, "refused"),
        (&refused, &gone, "refused"),
        (&off, &refused, "off"),
    ] {
        let (teams, next) = (FakeTeams::start([first.clone()]), FakeTeams::start([second.clone()]));
        let webhook = |teams: &FakeTeams| Webhook::parse(&teams.url()).unwrap();
        let (connection, timeouts) = (Connection::default(), Timeouts::default());
        let sender = Sender::new(webhook(&teams), &connection, timeouts).unwrap();
        let sender = sender.then(Some(webhook(&next)));
        let (id, card, created) = ("n1@ops", "{}", footman::clock::now());
        let request = SendRequest { id, created, card, possible_repeat: false };
        assert_eq!(word(&sender.send(request).await), expected, "{first:?}, {second:?}");
    }
}

async fn outcome(answer: Answer) -> Outcome {
    let teams = FakeTeams::start([answer]);
    sent_to(&teams.url(), Duration::from_secs(30)).await
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted { receipt } => format!("accepted {}", receipt.as_deref().unwrap_or("-")),
        Outcome::Retry { pause, unsure, after, .. } => {
            let after = after.map(|after| format!(" after {}s", after.as_secs()));
            let marks = [(*pause, " paused"), (*unsure, " unsure")];
            let marks = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark);
            format!("retry{}{}", marks.collect::<String>(), after.unwrap_or_default())
        }
        Outcome::Unreached { .. } => "unreached".to_owned(),
        Outcome::Unavailable { .. } => "off".to_owned(),
        Outcome::Gone { .. } => "gone".to_owned(),
        Outcome::Refused { .. } => "refused".to_owned(),
        Outcome::TooLarge { .. } => "too large".to_owned(),
        Outcome::Rejected { .. } => "rejected".to_owned(),
    }
}

#[tokio::test]
async fn every_answer_of_workflows_leads_to_what_the_contract_says() {
    let full = |status, headers: Vec<(&'static str, String)>, body: &str| Answer::Full {
        status,
        headers,
        body: body.to_owned(),
    };
    let relayed = |status: &str| {
        format!(
            "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP \
             error {status} with ContextId tcid=0,server=x"
        )
    };
    let no_response = r#"{"error":{"code":"NoResponse","message":"The server did not receive a response from an upstream server."}}"#;
    let schema = r#"{"error":{"code":"TriggerInputSchemaMismatch","message":"…"}}"#;
    let no_signature = r#"{"error":{"code":"DirectApiAuthorizationRequired","message":"The OAuth authorization scheme is required."}}"#;
    let run = vec![("x-ms-workflow-run-id", "08584".to_owned())];
    let table = [
        (full(202, run, ""), "accepted 08584"),
        (full(200, vec![], r#"{"ok":true,"messageId":"17"}"#), "accepted 17"),
        (full(200, vec![], "1"), "accepted -"),
        (full(200, vec![], &relayed("429")), "retry paused"),
        (full(200, vec![], &relayed("413")), "too large"),
        (full(200, vec![], &relayed("400")), "rejected"),
        (full(400, vec![], &not_enabled("Stopped")), "off"),
        (full(400, vec![], &not_enabled("Suspended")), "off"),
        (full(400, vec![], &not_enabled("Deleted")), "gone"),
        (full(400, vec![], schema), "rejected"),
        (full(401, vec![], no_signature), "refused"),
        (full(403, vec![], ""), "refused"),
        (full(404, vec![], ""), "refused"),
        (full(410, vec![], ""), "refused"),
        (full(413, vec![], ""), "too large"),
        (full(408, vec![], ""), "retry"),
        (full(429, vec![("Retry-After", "7".to_owned())], ""), "retry paused after 7s"),
        (full(500, vec![], ""), "retry"),
        (full(503, vec![], ""), "retry"),
        (full(502, vec![], no_response), "retry unsure"),
        (full(504, vec![], ""), "retry unsure"),
        (full(502, vec![], r#"{"ok":false,"status":413}"#), "too large"),
        (full(502, vec![], r#"{"ok":false,"status":412,"error":"ETag mismatch"}"#), "retry"),
    ];
    for (answer, expected) in table {
        let shown = format!("{answer:?}");
        assert_eq!(word(&outcome(answer).await), expected, "{shown}");
    }
    assert_eq!(word(&sent_to(&Shut::refusing().url(), Duration::from_secs(30)).await), "unreached");
    let silent = FakeTeams::start([Answer::Hang]);
    let late = sent_to(&silent.url(), Duration::from_millis(200)).await;
    assert_eq!(word(&late), "retry unsure", "it may have arrived");
}

#[tokio::test]
async fn the_reason_says_whether_a_workflow_is_off_or_deleted() {
    for (state, expected) in [
        ("Stopped", "400: the workflow is switched off"),
        ("Deleted", "400: the workflow was deleted or made again; give Footman the new URL"),
    ] {
        let outcome = outcome(Answer::with_body(400, &not_enabled(state))).await;
        let (Outcome::Unavailable { why } | Outcome::Gone { why }) = outcome else {
            panic!("{outcome:?}")
        };
        assert!(why.text.starts_with(expected), "{why}");
    }
}

#[test]
fn a_url_of_workflows_without_a_signature_is_an_error() {
    for url in [
        "https://prod-00.westeurope.logic.azure.com/workflows/0/triggers/manual/paths/invoke?api-version=1",
        "https://default0.1.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/0/triggers/manual/paths/invoke?api-version=1&sig=",
    ] {
        assert_eq!(Webhook::parse(url), Err(WebhookRefusal::NoSignature));
    }
}

/// A world with a second channel, `ops`, that reload failures go to, and a file with its webhook.
fn with_ops(keys: &str, teams: &FakeTeams) -> World {
    let mut world = World::new();
    let text = format!(
        "[channel.ops]\nwebhook-file = 'ops.txt'\npace = {{ burst = 1000, every = \"1ms\" }}\n{keys}\n\
         [[route]]\nmatch = {{ kind = \"reload-*\" }}\nchannel = \"ops\"\n"
    );
    world.config += &text;
    write_secret(&world.folder.path().join("ops.txt"), &teams.url()).unwrap();
    world
}

fn reader(world: &World) -> Reader {
    Reader::open(&world.state_dir()).unwrap()
}

fn replace_file(world: &World, url: &str) {
    let file = world.folder.path().join("ops.txt");
    std::fs::remove_file(&file).unwrap();
    write_secret(&file, url).unwrap();
}

#[tokio::test]
async fn a_deleted_workflow_is_not_asked_again_until_its_url_is_replaced() {
    let deleted = FakeTeams::by(|_| Answer::with_body(400, &not_enabled("Deleted")));
    let mut world = with_ops("", &deleted);
    let agent = world.start_program();
    world.started().await;
    world.until_note("configuration", r#""result":"unchanged""#).await;
    world.fail("Sales", "Table not found");
    deleted.received(1).await;
    until(|| reader(&world).pending().unwrap().iter().any(|row| row.why.is_some())).await;
    world.fail("Stock", "Table not found");
    world.until_pending(2).await;
    let new = FakeTeams::start([]);
    replace_file(&world, &new.url());
    new.received(2).await;
    kill(agent);
    assert_eq!(deleted.posts().len(), 1, "it was not probed");
}

#[tokio::test]
async fn the_fallback_of_a_deleted_workflow_gets_its_cards_marked_and_the_story_says_so() {
    let deleted = FakeTeams::by(|_| Answer::with_body(400, &not_enabled("Deleted")));
    let mut world = with_ops("fallback = \"default\"", &deleted);
    let run = vec![("x-ms-workflow-run-id", "08584run".to_owned())];
    world.teams.answer_by(move |_| Answer::Full {
        status: 202,
        headers: run.clone(),
        body: String::new(),
    });
    let agent = world.start_program();
    world.started().await;
    world.fail("Sales", "Table not found");
    let posts = world.teams.received(1).await;
    let card = texts(&posts[0].body).join("\n");
    assert!(card.contains("sent here because channel ops has been unavailable since"), "{card}");
    until(|| reader(&world).pending().unwrap().is_empty()).await;
    kill(agent);
    let row = reader(&world).sent(1).unwrap().remove(0);
    assert_eq!((row.channel.as_str(), row.via.as_deref()), ("ops", Some("default")));
    assert_eq!(row.receipt.as_deref(), Some("08584run"));
    let footman = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(args)
            .arg("--state-dir")
            .arg(world.state_dir())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let story = footman(&["show", row.fingerprint.as_ref().unwrap()]);
    let story = story.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(story.contains("(instead of ops) to default"), "{story}");
    assert!(story.contains("run id 08584run: search for it in the flow's run history"), "{story}");
    let counters = reader(&world).counters().unwrap();
    assert_eq!(counters.n(Counter::parse("channel-delivery.accepted.default")), 1);
}

/// What `status` says that a channel answered which accepts no cards.
fn answer_of(world: &World, channel: &str) -> Option<String> {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["status", "--json", "--state-dir"])
        .arg(world.state_dir())
        .output()
        .unwrap();
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    status["failing-channels"][channel]["why"].as_str().map(str::to_owned)
}

#[tokio::test]
async fn a_channel_that_takes_no_cards_is_reported_through_another_one_until_it_takes_one() {
    let broken = FakeTeams::by(|_| Answer::Status(503));
    let mut world =
        with_ops("fallback = \"spare\"\nfallback-after = \"1s\"\n[channel.spare]", &broken);
    // Everything goes to the broken channel, also reports of the agent.
    world.config.push_str("[[route]]\nchannel = \"ops\"\n");
    let agent = world.start_program();
    world.started().await;
    world.until_note("configuration", r#""result":"unchanged""#).await;
    world.fail("Sales", "Table not found");
    let spare = world.state_dir().join("cards/spare");
    until(|| std::fs::read_dir(&spare).is_ok_and(|cards| cards.count() >= 1)).await;
    let posts = world.teams.received(1).await;
    assert!(posts[0].body.contains("Channel ops takes no cards"), "{}", posts[0].body);
    // All its cards were sent, and `status` still says what it answered.
    assert!(answer_of(&world, "ops").is_some_and(|why| why.starts_with("503")));
    // Another URL works: the report is over.
    let new = FakeTeams::start([]);
    replace_file(&world, &new.url());
    world.until_note("configuration", r#""result":{"applied""#).await;
    world.fail("Stock", "Table not found");
    new.received(1).await;
    let posts = world.teams.received(2).await;
    kill(agent);
    assert!(posts[1].body.contains("Recovered"), "{}", posts[1].body);
    assert!(posts[1].body.contains("Channel ops takes no cards"), "{}", posts[1].body);
    assert_eq!(answer_of(&world, "ops"), None);
}
