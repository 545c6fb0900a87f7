//! Deliveries over real HTTP, with the outbox.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use footman::channels::teams::message;
use footman::channels::{LocalFolder, OpenChannel, SendRequest, Sender, Timeouts};
use footman::clock::Timestamp;
use footman::commit::{About, Attention, Commit, Delivery, Form, Reason};
use footman::config::{Connection, Webhook};
use footman::detection::Severity;
use footman::metrics::Counts;
use footman::outbox::{Change, Outbox, Outcome, Pace};
use footman::state::Store;

use crate::support::fake_teams::{Answer, FakeTeams, Post, refused_url};

const CARD: &str = r#"{"type":"AdaptiveCard","body":[],"emoji":"❌ Ä"}"#;

fn start() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn sender(url: &str) -> Sender {
    patient(url, Duration::from_secs(30))
}

/// A sender with a short timeout, for channels that never answer.
fn hasty(url: &str) -> Sender {
    patient(url, Duration::from_millis(300))
}

fn patient(url: &str, total: Duration) -> Sender {
    let timeouts = Timeouts { connect: Duration::from_secs(5), total };
    Sender::new(Webhook::parse(url).unwrap(), &Connection::default(), timeouts).unwrap()
}

fn request(card: &str) -> SendRequest<'_> {
    SendRequest { id: "n1@ops", created: start(), card, possible_repeat: false }
}

async fn answered(answer: Answer) -> Outcome {
    let teams = FakeTeams::start([answer]);
    sender(&teams.url()).send(request(CARD)).await
}

fn no_secret(outcome: &Outcome) -> &Outcome {
    let text = format!("{outcome:?}");
    assert!(!text.contains("topSecret") && !text.contains("workflows"), "{text}");
    outcome
}

#[tokio::test]
async fn the_request_matches_the_contract() {
    let teams = FakeTeams::start([]);
    let outcome = sender(&teams.url()).send(request(CARD)).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: None });
    let posts = teams.received(1).await;
    let Post { method, target, body, .. } = &posts[0];
    assert_eq!((method.as_str(), body), ("POST", &message(CARD, false)));
    assert!(teams.url().ends_with(target), "byte for byte: {target}");
    assert_eq!(posts[0].header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(posts[0].header("authorization"), None);
}

#[tokio::test]
async fn the_receipt_of_an_accepted_card_is_the_run_id() {
    let headers = vec![("x-ms-workflow-run-id", "08584-run".to_owned())];
    let outcome = answered(Answer::Full { status: 202, headers, body: String::new() }).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: Some("08584-run".to_owned()) });
}

#[tokio::test]
async fn each_refusal_has_its_outcome_over_http() {
    let off = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled"}}"#;
    let refusals = [
        (Answer::with_body(400, off), "Unavailable"),
        (Answer::Status(400), "Rejected"),
        (Answer::Status(401), "Refused"),
        (Answer::Status(404), "Refused"),
        (Answer::Status(413), "TooLarge"),
        (Answer::Status(500), "Retry"),
        (
            Answer::with_body(200, "delivery failed with error: … returned HTTP error 413"),
            "TooLarge",
        ),
    ];
    for (answer, meaning) in refusals {
        let outcome = answered(answer.clone()).await;
        assert!(format!("{outcome:?}").starts_with(meaning), "{answer:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_busy_channel_gives_the_time_to_wait() {
    let outcome = answered(Answer::too_many(2)).await;
    let Outcome::Retry { after, pause, unsure, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((after, pause, unsure), (Some(Duration::from_secs(2)), true, false));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = FakeTeams::start([]);
    let headers = vec![("Location", elsewhere.url())];
    for status in [301, 307, 308] {
        let headers = headers.clone();
        let outcome = answered(Answer::Full { status, headers, body: String::new() }).await;
        assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    }
    assert_eq!(elsewhere.posts(), []);
}

#[tokio::test]
async fn a_channel_that_never_answers_times_out_and_the_card_may_repeat() {
    for answer in [Answer::Hang, Answer::Close] {
        let teams = FakeTeams::start([answer]);
        let outcome = hasty(&teams.url()).send(request(CARD)).await;
        assert!(matches!(no_secret(&outcome), Outcome::Retry { unsure: true, .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_refused_connection_names_its_cause_and_cannot_repeat() {
    let outcome = sender(&refused_url()).send(request(CARD)).await;
    let Outcome::Unreached { why } = no_secret(&outcome) else { panic!("{outcome:?}") };
    assert!(why.text.to_lowercase().contains("refused"), "{why}");
}

#[tokio::test]
async fn an_unresolved_name_is_a_temporary_failure_without_the_url() {
    let outcome =
        sender("https://flow.invalid/workflows/0123456789?sig=topSecret").send(request(CARD)).await;
    assert!(matches!(no_secret(&outcome), Outcome::Unreached { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_accepted() {
    let teams = FakeTeams::start([]);
    let url = teams.url().replace("http://", "https://");
    let outcome = sender(&url).send(request(CARD)).await;
    assert!(matches!(no_secret(&outcome), Outcome::Unreached { .. }), "{outcome:?}");
    assert_eq!(teams.posts(), []);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_completely() {
    let outcome = answered(Answer::with_body(500, &"x".repeat(10_000_000))).await;
    let Outcome::Retry { why, .. } = outcome else { panic!("{outcome:?}") };
    assert!(why.text.len() < 400);
}

fn deliveries(n: usize) -> Vec<Delivery> {
    (1..=n)
        .map(|n| Delivery {
            id: format!("n{n}@ops").into(),
            notice_id: format!("n{n}").into(),
            channel: "ops".to_owned(),
            severity: Severity::Error,
            fingerprint: None,
            reason: Reason::Opened,
            form: Form::Card,
            summary: String::new(),
            about: About::default(),
            payload: format!("rich {n}"),
            plain: format!("plain {n}"),
            created: start(),
            attention: Attention::Normal,
            possible_repeat: false,
        })
        .collect()
}

/// Runs an outbox with a channel until nothing is pending, in virtual time without waits. Returns
/// the virtual seconds and the dead deliveries.
async fn drain(channel: &OpenChannel, pending: Vec<Delivery>) -> (i64, Vec<String>) {
    let mut outbox = Outbox::new(BTreeMap::from([("ops".to_owned(), Some(Pace::default()))]));
    outbox.add(pending.clone());
    let (mut now, mut dead) = (start(), Vec::new());
    loop {
        let Some(departure) = outbox.next(now) else {
            let Some(wakeup) = outbox.next_wakeup(now) else { break };
            now = wakeup;
            continue;
        };
        let delivery = pending.iter().find(|delivery| delivery.id == departure.id).unwrap();
        let card = if departure.use_plain { &delivery.plain } else { &delivery.payload };
        let possible_repeat = departure.possible_repeat;
        let request = SendRequest { id: &delivery.id, created: start(), card, possible_repeat };
        let outcome = channel.send(request).await;
        if let Change::Dead { why } = outbox.apply(now, &departure.id, outcome).unwrap() {
            dead.push(why);
        }
    }
    (now.duration_since(start()).as_secs(), dead)
}

/// The cards that arrived, without their messages.
fn bodies(teams: &FakeTeams) -> Vec<String> {
    teams.posts().iter().map(|post| card_of(&post.body)).collect()
}

fn card_of(message_with_card: &str) -> String {
    let around = message("|", false);
    let (before, after) = around.split_once('|').unwrap();
    let card = message_with_card.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    card.unwrap().to_owned()
}

#[tokio::test]
async fn a_burst_with_429_answers_arrives_completely_and_in_order() {
    let teams = FakeTeams::start([Answer::Status(202), Answer::too_many(40)]);
    let (seconds, dead) = drain(&OpenChannel::Teams(sender(&teams.url())), deliveries(3)).await;
    assert_eq!(bodies(&teams), ["rich 1", "rich 2", "rich 2", "rich 3"]);
    assert!(seconds >= 40 && dead.is_empty(), "{seconds} s, {dead:?}");
}

#[tokio::test]
async fn a_card_that_is_too_large_arrives_as_the_plain_card() {
    let teams = FakeTeams::start([Answer::Status(413)]);
    drain(&OpenChannel::Teams(sender(&teams.url())), deliveries(2)).await;
    assert_eq!(bodies(&teams), ["rich 1", "plain 1", "rich 2"]);
}

#[tokio::test]
async fn a_card_that_is_refused_twice_is_rejected_with_the_reason_and_the_others_are_sent() {
    for status in [302, 400, 401, 403, 404, 407, 410] {
        let teams = FakeTeams::by(move |post| {
            if card_of(&post.body).ends_with(" 1") {
                Answer::with_body(status, "TriggerInputSchemaMismatch")
            } else {
                Answer::Status(202)
            }
        });
        let (seconds, dead) = drain(&OpenChannel::Teams(sender(&teams.url())), deliveries(3)).await;
        assert_eq!(bodies(&teams), ["rich 1", "rich 2", "rich 3", "plain 1"], "{status}");
        assert_eq!(dead.len(), 1);
        assert!(dead[0].ends_with(": TriggerInputSchemaMismatch"), "{dead:?}");
        assert!(seconds <= 30, "{status}: {seconds} s");
    }
}

#[tokio::test]
async fn every_kind_of_failure_in_a_row_loses_no_card() {
    use Answer::{Close, Hang, Status};
    let teams = FakeTeams::start([
        Status(500),
        Close,
        Status(503),
        Hang,
        Status(401),
        Answer::too_many(1),
        Status(404),
    ]);
    let (_, dead) = drain(&OpenChannel::Teams(hasty(&teams.url())), deliveries(2)).await;
    let bodies = bodies(&teams);
    let taken: BTreeSet<&str> = bodies.iter().skip(7).map(String::as_str).collect();
    assert_eq!(taken, BTreeSet::from(["rich 1", "rich 2"]), "{bodies:?}");
    assert_eq!(dead, Vec::<String>::new());
}

#[tokio::test]
async fn a_card_that_may_have_arrived_before_is_marked() {
    let teams = FakeTeams::start([]);
    let request = SendRequest { id: "n1@ops", created: start(), card: CARD, possible_repeat: true };
    drop(OpenChannel::Teams(sender(&teams.url())).send(request).await);
    assert!(teams.posts()[0].body.contains("possible repeat"));
}

#[tokio::test]
async fn the_local_channel_keeps_cards_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let folder = LocalFolder::new(dir.path(), 500);
    drain(&OpenChannel::Local(folder.clone()), deliveries(3)).await;
    let cards = folder.cards().unwrap();
    let text = |path: &PathBuf| card_of(&std::fs::read_to_string(path).unwrap());
    let texts: Vec<_> = cards.iter().map(text).collect();
    assert_eq!(texts, ["rich 1", "rich 2", "rich 3"]);
}

/// The cards that arrived in a channel that accepts everything, and whether each is marked
/// "possible repeat".
type Arrived = Vec<(String, bool)>;

/// Sends pending cards until the agent is "killed" after `calls` calls, or nothing is pending.
fn live(dir: &Path, now: Timestamp, calls: usize, arrived: &mut Arrived) -> bool {
    let (mut store, _) = Store::open(dir, now).unwrap();
    let mut outbox = Outbox::new(BTreeMap::from([("ops".to_owned(), None)]));
    outbox.restore(store.load().unwrap().pending, &[], now);
    let mut calls_left = calls;
    let mut killed = || {
        calls_left = calls_left.saturating_sub(1);
        calls_left == 0
    };
    while let Some(departure) = outbox.next(now) {
        let departed = store.begin_sending(now, &departure.id).unwrap();
        if killed() {
            return false;
        }
        arrived.push((departed.unwrap().payload, departure.possible_repeat));
        if killed() {
            return false;
        }
        let accepted = Outcome::Accepted { receipt: None };
        let change = outbox.apply(now, &departure.id, accepted).unwrap();
        store.settle(now, &departure.id, &change, &Counts::default(), &[]).unwrap();
        if killed() {
            return false;
        }
    }
    true
}

#[test]
fn a_kill_at_any_point_loses_no_card_and_marks_repeats() {
    for calls in 1..12 {
        let dir = tempfile::tempdir().unwrap();
        let (mut store, _) = Store::open(dir.path(), start()).unwrap();
        let commit = Commit { deliveries: deliveries(3), ..Commit::default() };
        store.commit(start(), &commit).unwrap();
        drop(store);

        let mut arrived = Vec::new();
        if !live(dir.path(), start(), calls, &mut arrived) {
            live(dir.path(), start(), usize::MAX, &mut arrived);
        }
        let mut seen = BTreeSet::new();
        for (card, is_marked) in &arrived {
            assert!(seen.insert(card) || *is_marked, "after {calls} calls: {arrived:?}");
        }
        let cards: Vec<&str> = seen.into_iter().map(String::as_str).collect();
        assert_eq!(cards, ["rich 1", "rich 2", "rich 3"], "after {calls} calls");
    }
}
