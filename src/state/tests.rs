use super::*;
use crate::commit::{Delivery, Form, Reason};
use crate::detection::Severity;

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn bulky(n: usize) -> Delivery {
    Delivery {
        id: format!("n{n}@ops"),
        channel: "ops".to_owned(),
        severity: Severity::Error,
        fingerprint: String::new(),
        reason: Reason::Opened,
        form: Form::Card,
        summary: String::new(),
        payload: "x".repeat(20_000),
        plain: "{}".to_owned(),
        created: now(),
    }
}

#[test]
fn a_full_disk_is_named_and_a_commit_that_meets_it_leaves_nothing() {
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
    assert_eq!(store.load().unwrap().owed.len(), 50, "with room again, it goes on");
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
