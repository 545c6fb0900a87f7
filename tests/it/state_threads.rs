//! Threads in the state file: what is known of them, and what remains of a delivery after a kill.

use std::path::Path;

use footman::clock::Timestamp;
use footman::commit::{About, Commit, Delivery, DeliveryState, Reason};
use footman::detection::Severity;
use footman::metrics::Counts;
use footman::outbox::{
    Change, FallbackNotice, Pending, Redundant, Remaining, Thread, ThreadChange, ThreadMessage,
    ThreadWrite,
};
use footman::state::{Reader, Store};
use tempfile::TempDir;

use crate::state::{delivery, now, open};

fn of_incident(id: &str) -> Delivery {
    Delivery { fingerprint: Some("f1".into()), ..delivery(id) }
}

fn with(ids: &[&str]) -> Commit {
    Commit { deliveries: ids.iter().map(|id| of_incident(id)).collect(), ..Commit::default() }
}

fn thread(written: Timestamp) -> Thread {
    Thread {
        channel: "ops".to_owned(),
        fingerprint: "f1".into(),
        key: "0123456789abcdef".to_owned(),
        root: Some("17".to_owned()),
        opened: now(),
        written,
        shown: "n1@ops".into(),
        severity: Severity::Error,
        is_over: false,
        is_posted: true,
        continues: None,
    }
}

fn write(message: ThreadMessage, card: &str) -> ThreadWrite {
    let key = "0123456789abcdef".to_owned();
    ThreadWrite { message, key, root: None, card: card.into() }
}

fn settle(store: &mut Store, id: &str, change: &Change, threads: &[Thread]) {
    let threads: Vec<_> = threads.iter().cloned().map(ThreadChange::Put).collect();
    store.settle(now(), &id.into(), change, &Counts::default(), &threads).unwrap();
}

fn reopen(store: Store, dir: &Path) -> Store {
    drop(store);
    Store::open(dir, now()).unwrap().0
}

fn receipt() -> String {
    "run".to_owned()
}

#[test]
fn a_thread_is_stored_with_the_outcome_of_its_delivery() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with(&["n1", "n2", "n3"])).unwrap();
    let root = write(ThreadMessage::Root { continues: None, may_exist: false }, "n1@ops");
    let card = store.begin_sending_in_thread(now(), &"n1@ops".into(), &root, &[]).unwrap().unwrap();
    assert_eq!(card.payload, "rich n1");
    settle(&mut store, "n1@ops", &Change::Accepted { receipt: Some(receipt()) }, &[thread(now())]);

    // The update shows the newest card, whose delivery is another one.
    let update = write(ThreadMessage::Update, "n3@ops");
    let card =
        store.begin_sending_in_thread(now(), &"n2@ops".into(), &update, &[]).unwrap().unwrap();
    assert_eq!(card.payload, "rich n3");
    let shown = Change::Shown {
        to_reply: vec!["n3@ops".into()],
        done: vec!["n2@ops".into()],
        n_accepted: 1,
        given_up: 1,
        withdrawn: 0,
        receipt: Some(receipt()),
    };
    settle(&mut store, "n2@ops", &shown, &[thread(now())]);

    let loaded = reopen(store, dir.path()).load().unwrap();
    assert_eq!(loaded.threads, [thread(now())]);
    let reply = Pending { remaining: Remaining::Reply, ..Pending::new(&of_incident("n3")) };
    assert_eq!(loaded.pending, [reply]);
    assert_eq!(loaded.operations.len(), 2);
    assert_eq!(loaded.recent_sends.len(), 2, "each message counts once");
}

#[test]
fn an_update_in_flight_at_a_kill_is_no_possible_repeat_and_a_root_and_a_reply_are() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with(&["n1", "n2"])).unwrap();
    let root = write(ThreadMessage::Root { continues: None, may_exist: false }, "n1@ops");
    store.begin_sending_in_thread(now(), &"n1@ops".into(), &root, &[]).unwrap().unwrap();
    let mut store = reopen(store, dir.path());
    assert!(store.load().unwrap().pending[0].possible_repeat, "the root may be there");

    store.begin_sending_in_thread(now(), &"n1@ops".into(), &root, &[]).unwrap().unwrap();
    settle(&mut store, "n1@ops", &Change::Accepted { receipt: None }, &[thread(now())]);
    let update = write(ThreadMessage::Update, "n2@ops");
    store.begin_sending_in_thread(now(), &"n2@ops".into(), &update, &[]).unwrap().unwrap();
    let mut store = reopen(store, dir.path());
    assert!(!store.load().unwrap().pending[0].possible_repeat, "an update is the same again");

    let shown = Change::Shown {
        to_reply: vec!["n2@ops".into()],
        done: Vec::new(),
        n_accepted: 0,
        given_up: 0,
        withdrawn: 0,
        receipt: None,
    };
    store.begin_sending_in_thread(now(), &"n2@ops".into(), &update, &[]).unwrap().unwrap();
    settle(&mut store, "n2@ops", &shown, &[thread(now())]);
    let reply = write(ThreadMessage::Reply, "n2@ops");
    store.begin_sending_in_thread(now(), &"n2@ops".into(), &reply, &[]).unwrap().unwrap();
    let store = reopen(store, dir.path());
    assert!(store.load().unwrap().pending[0].possible_repeat, "the reply may be there");
}

#[test]
fn threads_that_are_over_are_forgotten_after_a_day_and_messages_after_minutes() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with(&["n1", "n2"])).unwrap();
    let root = write(ThreadMessage::Root { continues: None, may_exist: false }, "n1@ops");
    store.begin_sending_in_thread(now(), &"n1@ops".into(), &root, &[]).unwrap().unwrap();
    let over = Thread { fingerprint: "over".into(), is_over: true, ..thread(now()) };
    settle(&mut store, "n1@ops", &Change::Accepted { receipt: None }, &[over, thread(now())]);
    assert_eq!(store.load().unwrap().threads.len(), 2);

    let next_day = now() + jiff::SignedDuration::from_hours(25);
    store.begin_sending_in_thread(next_day, &"n2@ops".into(), &root, &[]).unwrap().unwrap();
    let counts = Counts::default();
    let accepted = Change::Accepted { receipt: None };
    store
        .settle(
            next_day,
            &"n2@ops".into(),
            &accepted,
            &counts,
            &[ThreadChange::Put(thread(next_day))],
        )
        .unwrap();
    let loaded = store.load().unwrap();
    assert_eq!(loaded.threads, [thread(next_day)]);
    assert_eq!(loaded.operations.len(), 1);
}

#[test]
fn a_card_that_the_fallback_sent_waits_for_the_root_alone() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with(&["n1"])).unwrap();
    store.begin_sending_via(now(), &"n1@ops".into(), Some("other")).unwrap().unwrap();
    settle(
        &mut store,
        "n1@ops",
        &Change::KnownElsewhere { done: vec![], receipt: Some(receipt()) },
        &[],
    );
    let waiting = Pending { remaining: Remaining::Root, ..Pending::new(&of_incident("n1")) };
    assert_eq!(reopen(store, dir.path()).load().unwrap().pending, [waiting]);
}

/// Lets `other` send a delivery of `ops`, of which a root is to show it.
fn known_elsewhere(store: &mut Store, id: &str, at: Timestamp) {
    store.begin_sending_via(at, &id.into(), Some("other")).unwrap().unwrap();
    let known = Change::KnownElsewhere { done: Vec::new(), receipt: Some(receipt()) };
    store.settle(at, &id.into(), &known, &Counts::default(), &[]).unwrap();
}

#[test]
fn that_the_fallback_sent_a_card_stays_known_when_the_root_shows_it() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let at = |seconds| now() + jiff::SignedDuration::from_secs(seconds);
    store.commit(now(), &with(&["n1"])).unwrap();
    known_elsewhere(&mut store, "n1@ops", at(10));
    // Since the first of its cards that another channel sent.
    assert_eq!(store.load().unwrap().unavailable, [("ops".to_owned(), now())]);
    let update = write(ThreadMessage::Update, "n1@ops");
    store.begin_sending_in_thread(at(60), &"n1@ops".into(), &update, &[]).unwrap().unwrap();
    let shown = Change::Shown {
        to_reply: Vec::new(),
        done: vec!["n1@ops".into()],
        n_accepted: 0,
        given_up: 0,
        withdrawn: 0,
        receipt: None,
    };
    store.settle(at(61), &"n1@ops".into(), &shown, &Counts::default(), &[]).unwrap();
    let row = Reader::open(dir.path()).unwrap().delivery("n1@ops").unwrap().unwrap();
    assert_eq!((row.via.as_deref(), row.state), (Some("other"), DeliveryState::Delivered));
    let loaded = reopen(store, dir.path()).load().unwrap();
    let mut sends = loaded.recent_sends;
    sends.sort();
    assert_eq!(sends, [("ops".to_owned(), at(60)), ("other".to_owned(), at(10))]);
    assert_eq!(loaded.last_accepted, [("ops".to_owned(), at(61))]);
    assert_eq!(loaded.unavailable, [], "its own channel took the update");
}

#[test]
fn an_outage_is_known_after_the_fallback_sent_everything_until_the_channel_takes_a_card() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let at = |seconds| now() + jiff::SignedDuration::from_secs(seconds);
    let accepted = Change::Accepted { receipt: None };
    let created = |id: &str, seconds| Delivery { created: at(seconds), ..of_incident(id) };
    let deliveries = vec![created("n1", 0), created("n2", 100), created("n3", 200)];
    store.commit(now(), &Commit { deliveries, ..Commit::default() }).unwrap();
    let send = |store: &mut Store, id: &str, seconds, via| {
        store.begin_sending_via(at(seconds), &id.into(), via).unwrap().unwrap();
        store.settle(at(seconds + 1), &id.into(), &accepted, &Counts::default(), &[]).unwrap();
        store.load().unwrap().unavailable
    };
    assert_eq!(send(&mut store, "n1@ops", 150, None), []);
    // It was not unavailable when it took a card.
    let since = [("ops".to_owned(), at(151))];
    assert_eq!(send(&mut store, "n2@ops", 1100, Some("other")), since);
    assert_eq!(send(&mut store, "n3@ops", 2000, None), []);

    // The same in a digest.
    store
        .commit(now(), &Commit { deliveries: vec![created("n4", 3000)], ..Commit::default() })
        .unwrap();
    let digest = Delivery { channel: "other".to_owned(), ..delivery("digest") };
    store.begin_sending_together(at(4000), &digest, &["n4@ops".into()]).unwrap();
    store.settle(at(4001), &digest.id, &accepted, &Counts::default(), &[]).unwrap();
    assert_eq!(store.load().unwrap().unavailable, [("ops".to_owned(), at(3000))]);
}

#[test]
fn a_pending_delivery_knows_in_which_other_channels_its_notice_is() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let there =
        Delivery { id: "n1@spare".into(), channel: "spare".to_owned(), ..of_incident("n1") };
    let deliveries = vec![of_incident("n1"), there, of_incident("n2")];
    store.commit(now(), &Commit { deliveries, ..Commit::default() }).unwrap();
    let pending = store.load().unwrap().pending;
    let other_channels = pending.iter().map(|one| one.other_channels.join(" "));
    assert_eq!(other_channels.collect::<Vec<_>>(), ["spare", "ops", ""]);
}

#[test]
fn which_channel_a_delivery_reports_is_kept() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let about = About { unavailable: Some("spare".to_owned()), ..About::default() };
    let deliveries = vec![Delivery { about, ..of_incident("n1") }, of_incident("n2")];
    store.commit(now(), &Commit { deliveries, ..Commit::default() }).unwrap();
    let pending = store.load().unwrap().pending;
    let reported = pending.iter().map(|one| one.unavailable.as_deref());
    assert_eq!(reported.collect::<Vec<_>>(), [Some("spare"), None]);
}

#[test]
fn an_opening_that_only_the_fallback_posted_is_known_until_its_own_channel_posts() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let at = |seconds| now() + jiff::SignedDuration::from_secs(seconds);
    let only_by_fallback = |store: &Store| -> Vec<bool> {
        let notices = store.load().unwrap().fallback_notices;
        notices.iter().map(|notice| notice.only_by_fallback).collect()
    };
    store.commit(now(), &with(&["n1"])).unwrap();
    store.begin_sending_via(at(5), &"n1@ops".into(), Some("other")).unwrap().unwrap();
    assert_eq!(only_by_fallback(&store), [false], "it may have arrived before a kill");
    let taken = Change::Accepted { receipt: None };
    store.settle(at(6), &"n1@ops".into(), &taken, &Counts::default(), &[]).unwrap();
    assert_eq!(only_by_fallback(&store), [true]);
    // It was found before the fallback posted the failure.
    let repeated = Delivery { reason: Reason::Repeated, created: at(2), ..of_incident("n2") };
    store.commit(at(2), &Commit { deliveries: vec![repeated], ..Commit::default() }).unwrap();
    store.begin_sending(at(21), &"n2@ops".into()).unwrap().unwrap();
    store.settle(at(22), &"n2@ops".into(), &taken, &Counts::default(), &[]).unwrap();
    assert_eq!(only_by_fallback(&store), [false]);
}

#[test]
fn for_which_incidents_a_fallback_posted_is_known_until_they_open_again() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let at = |seconds| now() + jiff::SignedDuration::from_secs(seconds);
    let of =
        |id: &str, reason, seconds| Delivery { reason, created: at(seconds), ..of_incident(id) };
    let commit = |store: &mut Store, delivery| {
        let commit = Commit { deliveries: vec![delivery], ..Commit::default() };
        store.commit(now(), &commit).unwrap();
    };
    commit(&mut store, of("n1", Reason::Opened, 0));
    known_elsewhere(&mut store, "n1@ops", at(10));
    // An end that came in between has a delivery of its own there.
    commit(&mut store, of("n4", Reason::Repeated, 11));
    known_elsewhere(&mut store, "n4@ops", at(30));
    let notice = FallbackNotice {
        channel: "ops".to_owned(),
        fingerprint: "f1".into(),
        by: "other".to_owned(),
        at: at(10),
        only_by_fallback: true,
    };
    assert_eq!(store.load().unwrap().fallback_notices, [notice]);
    commit(&mut store, of("n2", Reason::Recovered, 20));
    let known = [("n1@ops", None), ("n4@ops", None), ("n2@ops", Some("other".to_owned()))];
    let known = known.map(|(id, via)| Redundant { id: id.into(), via });
    store.settle_redundant(at(40), &known).unwrap();
    let row = Reader::open(dir.path()).unwrap().delivery("n2@ops").unwrap().unwrap();
    assert_eq!((row.via.as_deref(), row.state), (Some("other"), DeliveryState::Delivered));
    let loaded = store.load().unwrap();
    assert_eq!(
        (loaded.pending, loaded.last_accepted),
        (Vec::new(), vec![("other".to_owned(), at(30))])
    );
    commit(&mut store, of("n3", Reason::Opened, 50));
    assert_eq!(store.load().unwrap().fallback_notices, []);
}
