use super::*;
use crate::commit::{Attention, Delivery, Form, Reason};
use crate::detection::Severity;

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn bulky(n: usize) -> Delivery {
    Delivery {
        id: format!("n{n}@ops").into(),
        notice_id: format!("n{n}").into(),
        channel: "ops".to_owned(),
        severity: Severity::Error,
        fingerprint: None,
        reason: Reason::Opened,
        form: Form::Card,
        summary: String::new(),
        about: About::default(),
        payload: "x".repeat(20_000),
        plain: "{}".to_owned(),
        created: now(),
        attention: Attention::Normal,
        possible_repeat: false,
    }
}

#[test]
fn a_full_disk_is_reported_and_the_failed_commit_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(dir.path(), now()).unwrap();
    store.connection.pragma_update(None, "max_page_count", 60).unwrap();

    let commit = Commit { deliveries: (0..50).map(bulky).collect(), ..Commit::default() };
    let error = store.commit(now(), &commit).unwrap_err();
    assert!(matches!(error, Error::DiskFull { .. }), "{error:?}");
    assert!(error.hint().unwrap().contains("nothing is lost"));
    assert_eq!(store.load().unwrap(), Loaded::default());

    store.connection.pragma_update(None, "max_page_count", 100_000).unwrap();
    store.commit(now(), &commit).unwrap();
    assert_eq!(store.load().unwrap().pending.len(), 50, "with room again, the commit succeeds");
}

#[test]
fn an_error_of_the_database_is_said_once_and_a_full_disk_with_what_to_do() {
    let failure = |code, text: &str| {
        let error = rusqlite::ffi::Error::new(code);
        rusqlite::Error::SqliteFailure(error, Some(text.to_owned()))
    };
    let said = |error: Error| format!("{:#}", anyhow::Error::from(error));
    let full = || failure(rusqlite::ffi::SQLITE_FULL, "database or disk is full");
    let path = Path::new("state.db");
    for error in
        [Error::open(path, full()), Error::read(path, full()), Error::write(path, "x", full())]
    {
        assert!(matches!(error, Error::DiskFull { .. }) && error.is_passing(), "{error:?}");
        let hint = error.hint().unwrap();
        assert!(hint.contains("free space") && hint.contains("--state-dir"), "{hint}");
        let text = said(error);
        assert_eq!(text.matches("full").count(), 1, "{text}");
    }
    let busy = || failure(rusqlite::ffi::SQLITE_BUSY, "database is locked");
    for error in
        [Error::open(path, busy()), Error::read(path, busy()), Error::write(path, "x", busy())]
    {
        assert!(error.is_busy());
        let text = said(error);
        assert_eq!(text.matches("another program holds it").count(), 1, "{text}");
        assert!(!text.contains("Error code"), "{text}");
    }
}

#[test]
fn a_committed_transaction_survives_a_power_loss() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = Store::open(dir.path(), now()).unwrap();
    let pragma = |name| store.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let full = 2;
    assert_eq!(pragma("synchronous").unwrap(), full);
    let mode: String =
        store.connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

/// Sends this many cards in one accepted digest.
#[test]
fn damage_in_the_middle_of_the_journal_is_a_lost_state_and_that_at_its_end_is_not() {
    let (killed, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut store, _) = Store::open(killed.path(), now()).unwrap();
    for n in 0..5 {
        let deliveries = vec![bulky(n)];
        store.commit(now(), &Commit { deliveries, ..Commit::default() }).unwrap();
    }
    let copied = |name: &str| std::fs::read(killed.path().join(name)).unwrap();
    let journal = copied("state.db-wal");
    for (damaged_at, lost) in [(journal.len() / 2, true), (journal.len() - 50, false)] {
        std::fs::write(state.path().join("state.db"), copied("state.db")).unwrap();
        let mut journal = journal.clone();
        journal[damaged_at] ^= 1;
        std::fs::write(state.path().join("state.db-wal"), journal).unwrap();
        let (_, opened) = Store::open(state.path(), now()).unwrap();
        assert_eq!((opened.lost, opened.damaged.is_some()), (lost, lost), "{damaged_at}");
    }
}

fn send_in_digest(store: &mut Store, n: usize) {
    let small = |n: usize| Delivery { payload: "{}".to_owned(), ..bulky(n) };
    let all: Vec<_> = (0..n).map(small).collect();
    let ids: Vec<_> = all.iter().map(|one| one.id.clone()).collect();
    store.commit(now(), &Commit { deliveries: all, ..Commit::default() }).unwrap();
    let digest = Delivery { id: "digest@ops".into(), form: Form::Digest, ..small(0) };
    store.begin_sending_together(now(), &digest, &ids).unwrap();
    let count = |store: &Store, state: &str| {
        let sql = "SELECT count(*) FROM delivery WHERE state = ?1";
        store.connection.query_row(sql, [state], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(count(store, "in_flight"), i64::try_from(n + 1).unwrap());
    let accepted = Change::Accepted { receipt: None };
    store.settle(now(), &digest.id, &accepted, &Counts::default(), &[]).unwrap();
    assert_eq!(count(store, "in_flight"), 0);
}

#[test]
fn the_cards_of_a_settled_digest_are_deleted_in_small_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    send_in_digest(&mut store, 20_000);
    let mut steps = Vec::new();
    loop {
        match store.forget_step(now()).unwrap() {
            0 => break,
            n => steps.push(n),
        }
    }
    assert!(steps.len() > 80 && steps.iter().all(|n| *n <= 200), "{steps:?}");
    let sql = "SELECT count(*), min(seq) FROM delivery";
    let left: (i64, i64) =
        store.connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(left, (2_000, 18_002), "the newest stay");
}

#[test]
fn pruning_a_large_backlog_takes_a_bounded_number_of_steps_per_call() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    send_in_digest(&mut store, 20_000);
    let count = |store: &Store| {
        let sql = "SELECT count(*) FROM delivery";
        store.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let mut counts = vec![count(&store)];
    while *counts.last().unwrap() > 2_000 {
        store.prune(now()).unwrap();
        counts.push(count(&store));
        let at_once = counts[counts.len() - 2] - counts[counts.len() - 1];
        assert!(at_once > 0 && at_once <= 200 * 52, "{counts:?}");
    }
    assert!(counts.len() > 2, "{counts:?}");
}

#[test]
fn cards_older_than_a_month_are_deleted_and_newer_ones_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    send_in_digest(&mut store, 300);
    let month = jiff::SignedDuration::from_hours(30 * 24 + 1);
    store.commit(now(), &Commit { deliveries: vec![bulky(999)], ..Commit::default() }).unwrap();
    store.begin_sending(now(), &"n999@ops".into()).unwrap();
    let accepted = Change::Accepted { receipt: None };
    store.settle(now() + month, &"n999@ops".into(), &accepted, &Counts::default(), &[]).unwrap();
    store.prune(now() + month).unwrap();
    let sql = "SELECT group_concat(id) FROM delivery";
    let left: String = store.connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(left, "n999@ops");
}

/// The page shows a story among hundreds of thousands of rows.
#[test]
fn the_story_of_an_incident_is_found_by_its_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), now()).unwrap().0;
    let of_incident = format!("{} WHERE {}", reader::DELIVERY, reader::OF_INCIDENT);
    for sql in [rows::STORY, &of_incident] {
        let plan = format!("EXPLAIN QUERY PLAN {}", sql.replace("?2", "10"));
        let mut statement = store.connection.prepare(&plan).unwrap();
        let steps = statement.query_map(["f1"], |row| row.get::<_, String>("detail")).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        assert!(steps.iter().any(|step| step.contains("_by_fingerprint")), "{steps:?}");
    }
}

#[test]
fn errors_of_the_database_that_people_can_end_are_not_in_its_own_words() {
    let path = Path::new("state.db");
    for (code, own) in [
        (rusqlite::ffi::SQLITE_READONLY, "attempt to write a readonly database"),
        (rusqlite::ffi::SQLITE_CANTOPEN, "unable to open database file"),
        (rusqlite::ffi::SQLITE_FULL, "database or disk is full"),
    ] {
        let cause = || {
            let error = rusqlite::ffi::Error::new(code);
            rusqlite::Error::SqliteFailure(error, Some(own.to_owned()))
        };
        let commands = Error::Commands { path: path.to_owned(), cause: cause() };
        for error in [Error::open(path, cause()), Error::read(path, cause()), commands] {
            assert!(!error.to_string().contains(own), "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }
}
