//! A state of an earlier version is taken over, with its pending deliveries.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::fs;
use std::path::Path;

use footman::clock::Timestamp;
use footman::ids::DeliveryId;
use footman::state::{FILE_NAME, Store};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::fake_teams::{FakeTeams, Post};
use crate::support::world::{World, texts};

/// The pending notices, in order; the first was in flight when the agent was killed.
const PENDING: [&str; 3] = ["15bdc6ee30c5761f-1", "2fa65d4032d3c0e2-2", "f81dd7ccf1148627-3"];

fn now() -> Timestamp {
    "2026-11-27T05:00:00Z".parse().unwrap()
}

fn keep(state_dir: &Path) {
    fs::create_dir_all(state_dir).unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/kept/state-3.sql");
    let kept = fs::read_to_string(kept).unwrap();
    Connection::open(state_dir.join(FILE_NAME)).unwrap().execute_batch(&kept).unwrap();
}

#[test]
fn a_card_that_an_earlier_version_stored_with_its_envelope_is_stored_without_it() {
    let dir = tempfile::tempdir().unwrap();
    keep(dir.path());
    let (mut store, opened) = Store::open(dir.path(), now()).unwrap();
    assert!(!opened.lost && opened.damaged.is_none(), "{opened:?}");
    let pending = store.load().unwrap().pending;
    let ids: Vec<DeliveryId> =
        PENDING.iter().map(|notice| format!("{notice}@default").into()).collect();
    assert_eq!(
        pending.iter().map(|one| &one.id).collect::<Vec<_>>(),
        ids.iter().collect::<Vec<_>>()
    );
    for id in &ids {
        let kept = store.begin_sending(now(), id).unwrap().unwrap();
        for card in [kept.payload, kept.plain] {
            let card: Value = serde_json::from_str(&card).unwrap();
            assert_eq!(card["type"], "AdaptiveCard", "{id}");
        }
    }
    let sql = "SELECT substr(id, 1, instr(id, '@') - 1) FROM delivery ORDER BY seq";
    let state = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let mut notices = state.prepare(sql).unwrap();
    let notices = notices.query_map([], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(notices.map(Result::unwrap).collect::<Vec<_>>(), PENDING);
}

/// The posts once all pending deliveries have arrived, without repeated notices of open incidents:
/// their number depends on the day of the test.
async fn pending_posts(teams: &FakeTeams) -> Vec<Post> {
    let mut received = PENDING.len();
    loop {
        let mut posts = teams.received(received).await;
        received = posts.len() + 1;
        posts.retain(|post| !post.body.contains("still fails"));
        if posts.len() >= PENDING.len() {
            return posts;
        }
    }
}

#[tokio::test]
async fn deliveries_pending_before_an_upgrade_arrive_as_one_message_each() {
    let world = World::new();
    keep(&world.state_dir());
    let posts = world.run_while(pending_posts(&world.teams)).await;
    let mut heads = Vec::new();
    for post in &posts {
        let message: Value = serde_json::from_str(&post.body).unwrap();
        assert_eq!(message["type"], "message");
        assert_eq!(message["attachments"].as_array().map(Vec::len), Some(1));
        let card = &message["attachments"][0]["content"];
        assert_eq!(card["type"], "AdaptiveCard", "{message}");
        let texts = texts(&post.body);
        let is_marked = texts.iter().any(|text| text.starts_with("possible repeat"));
        heads.push((card["fallbackText"].as_str().unwrap().to_owned(), is_marked));
    }
    heads.sort();
    let heads: Vec<_> = heads.iter().map(|(head, repeat)| (&head[..30], *repeat)).collect();
    assert_eq!(
        heads,
        [
            ("Reload aborted: HR Overview: S", false),
            ("Reload failed: 39f0f0e3-ebcb-4", false),
            ("Reload failed: Finance Ledger:", true),
        ]
    );
}
