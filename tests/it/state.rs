//! The state file: what it stores, refuses and sets aside.

#![expect(clippy::unwrap_used, reason = "a test may stop at once")]

use std::fs;
use std::path::{Path, PathBuf};

use footman::clock::Timestamp;
use footman::command::{Action, Applied, Command, CommandOrigin, CommandResult, Refusal};
use footman::commit::{
    About, Attention, Commit, Delivery, DeliveryState, Form, HistoryEntry, HistoryType, Reason,
    RowChange, RowKey, TableName,
};
use footman::detection::{Kind, Severity};
use footman::ids::Fingerprint;
use footman::metrics::{Counter, Counts};
use footman::outbox::{Change, DeliveryResult, Pending};
use footman::state::{Error, FILE_NAME, Loaded, Opened, Reader, Store};
use footman::tail::{Checkpoint, FileId, Mark};
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) fn now() -> Timestamp {
    "2026-11-23T06:00:00.123456Z".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + jiff::SignedDuration::from_secs(seconds)
}

pub(crate) fn open(dir: &Path) -> Store {
    Store::open(dir, now()).unwrap().0
}

fn reopen(store: Store, dir: &Path) -> Store {
    drop(store);
    let (store, opened) = Store::open(dir, now()).unwrap();
    assert_eq!(opened, Opened::default());
    store
}

pub(crate) fn delivery(id: &str) -> Delivery {
    Delivery {
        id: format!("{id}@ops").into(),
        notice_id: id.into(),
        channel: "ops".to_owned(),
        severity: Severity::Error,
        fingerprint: None,
        reason: Reason::Opened,
        form: Form::Card,
        summary: format!("Reload failed: {id}"),
        about: About::default(),
        payload: format!("rich {id}"),
        plain: format!("plain {id}"),
        created: now(),
        attention: Attention::Normal,
        possible_repeat: false,
    }
}

pub(crate) fn with_deliveries(ids: &[&str]) -> Commit {
    Commit { deliveries: ids.iter().map(|id| delivery(id)).collect(), ..Commit::default() }
}

fn checkpoint(file: i64, path: impl Into<PathBuf>) -> Checkpoint {
    Checkpoint {
        file: FileId(file),
        path: path.into(),
        os_id: Some((u64::MAX, 7)),
        head: Mark { len: 1024, hash: u64::MAX - 1 },
        tail: Mark { len: 64, hash: 5 },
        offset: 123_456,
        lines: Some(77),
        generation: 2,
    }
}

fn entry(n: i64) -> HistoryEntry {
    HistoryEntry {
        kind: Some(Kind::ReloadFailed),
        fingerprint: Some(Fingerprint::from("0123456789abcdef")),
        error_class: Some("field-not-found".to_owned()),
        ..HistoryEntry::new(later(n), HistoryType::Opened, format!("Reload failed: app {n}"))
    }
}

fn run(key: &str) -> RowKey {
    RowKey::new(TableName::Runs, key)
}

fn put_run(key: &str, json: &str) -> RowChange {
    RowChange::Put { key: run(key), json: json.to_owned() }
}

fn counted(name: &str, n: u64) -> Counts {
    let mut counts = Counts::default();
    counts.add(Counter::parse(name), n);
    counts
}

fn everything() -> Commit {
    Commit {
        checkpoints: vec![checkpoint(1, r"C:\Logs\Scheduler.txt"), checkpoint(2, "/logs/ä b.log")],
        rows: vec![put_run("a", "{}"), put_run("b", r#"{"n":1}"#)],
        history: vec![entry(1), entry(2)],
        counts: counted("lines.read", 9),
        ..with_deliveries(&["n1", "n2"])
    }
}

#[test]
fn a_commit_is_unchanged_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &everything()).unwrap();
    let store = reopen(store, dir.path());

    let loaded = store.load().unwrap();
    assert_eq!(loaded.checkpoints, everything().checkpoints);
    assert_eq!(
        loaded.rows.of(TableName::Runs).collect::<Vec<_>>(),
        [("a", "{}"), ("b", r#"{"n":1}"#)]
    );
    assert_eq!(loaded.pending, [Pending::new(&delivery("n1")), Pending::new(&delivery("n2"))]);
    assert_eq!(loaded.recent_sends, []);
}

#[test]
fn later_commits_replace_delete_and_accumulate() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &everything()).unwrap();
    let moved =
        Checkpoint { offset: 200_000, lines: None, os_id: None, ..checkpoint(2, "/logs/new") };
    let commit = Commit {
        checkpoints: vec![moved.clone()],
        forgotten: vec![FileId(1)],
        rows: vec![put_run("b", "2"), RowChange::Delete { key: run("a") }],
        counts: counted("lines.read", 1),
        ..Commit::default()
    };
    store.commit(now(), &commit).unwrap();

    let loaded = reopen(store, dir.path()).load().unwrap();
    assert_eq!(loaded.checkpoints, [moved]);
    assert_eq!(loaded.rows.of(TableName::Runs).collect::<Vec<_>>(), [("b", "2")]);
    let counters = Reader::open(dir.path()).unwrap().counters().unwrap();
    assert_eq!(counters, counted("lines.read", 10));
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_unicode_survives_a_restart() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let odd = Path::new(std::ffi::OsStr::from_bytes(b"/logs/\xFF\xFE.log"));
    let commit = Commit { checkpoints: vec![checkpoint(1, odd)], ..Commit::default() };
    store.commit(now(), &commit).unwrap();
    assert_eq!(store.load().unwrap().checkpoints[0].path, odd);
}

#[test]
fn a_commit_that_fails_midway_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let outside = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON file WHEN new.id = 2 \
                BEGIN SELECT RAISE(ABORT, 'trap'); END";
    outside.execute_batch(trap).unwrap();

    let error = store.commit(now(), &everything()).unwrap_err();
    assert!(error.to_string().starts_with("cannot commit what was read in "), "{error}");
    assert_eq!(store.load().unwrap(), Loaded::default());
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.history(10).unwrap(), []);
    assert!(reader.counters().unwrap().is_empty());

    outside.execute_batch("DROP TRIGGER trap").unwrap();
    store.commit(now(), &everything()).unwrap();
    assert_eq!(store.load().unwrap().pending.len(), 2, "the same step can be committed again");
}

#[test]
fn the_same_step_committed_twice_queues_its_deliveries_once() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1"])).unwrap();
    store.begin_sending(now(), &"n1@ops".into()).unwrap().unwrap();
    settle(&mut store, "n1@ops", &Change::Accepted { receipt: None });
    store.commit(now(), &with_deliveries(&["n1"])).unwrap();

    assert_eq!(store.load().unwrap().pending, []);
    assert_eq!(
        store.begin_sending(now(), &"n1@ops".into()).unwrap(),
        None,
        "a sent card is not sent again"
    );
    assert_eq!(store.begin_sending(now(), &"unknown@ops".into()).unwrap(), None);
}

fn settle(store: &mut Store, id: &str, change: &Change) {
    store
        .settle(
            later(1),
            &id.into(),
            change,
            &counted(&change.result().counter().to_string(), 1),
            &[],
        )
        .unwrap();
}

#[test]
fn a_card_in_flight_at_a_kill_is_pending_again_as_a_possible_repeat() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1", "n2"])).unwrap();
    let payload = store.begin_sending(now(), &"n1@ops".into()).unwrap().unwrap();
    assert_eq!((payload.payload.as_str(), payload.plain.as_str()), ("rich n1", "plain n1"));
    assert_eq!(payload.created, now());

    let loaded = reopen(store, dir.path()).load().unwrap();
    let in_flight = Pending { attempts: 1, possible_repeat: true, ..Pending::new(&delivery("n1")) };
    assert_eq!(loaded.pending, [in_flight, Pending::new(&delivery("n2"))]);
    assert_eq!(loaded.recent_sends, [("ops".to_owned(), now())]);
}

#[test]
fn a_failed_attempt_survives_a_restart() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1"])).unwrap();
    store.begin_sending(now(), &"n1@ops".into()).unwrap().unwrap();
    let change = Change::Later {
        next_at: later(60),
        wait: std::time::Duration::from_secs(59),
        use_plain: true,
        possible_repeat: true,
        refused: Some(later(1)),
        why: "413: the card is too large".to_owned(),
    };
    settle(&mut store, "n1@ops", &change);

    let loaded = reopen(store, dir.path()).load().unwrap();
    let expected = Pending {
        attempts: 1,
        next_at: Some(later(60)),
        wait: std::time::Duration::from_secs(59),
        use_plain: true,
        possible_repeat: true,
        refused: Some(later(1)),
        ..Pending::new(&delivery("n1"))
    };
    assert_eq!(loaded.pending, [expected]);
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.pending().unwrap()[0].why.as_deref(), Some("413: the card is too large"));
    let mut counts = counted("delivery.retried", 1);
    counts.add(Counter::parse("channel-delivery.retried.ops"), 1);
    assert_eq!(reader.counters().unwrap(), counts);
}

fn digest(id: &str) -> Delivery {
    Delivery { form: Form::Digest, ..delivery(id) }
}

#[test]
fn the_members_of_a_digest_share_its_outcome() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1", "n2", "n3"])).unwrap();
    let members = ["n1@ops".into(), "n2@ops".into()];
    let found = store.described(&[&"n2@ops".into(), &"gone@ops".into()]).unwrap();
    let summaries: Vec<&str> = found.iter().map(|(summary, _)| &**summary).collect();
    assert_eq!(summaries, ["Reload failed: n2", ""]);

    store.begin_sending_together(now(), &digest("d1"), &members).unwrap();
    let why = "403".to_owned();
    settle(&mut store, "d1@ops", &Change::Dissolved { possible_repeat: false, why });
    let pending: Vec<_> = ["n1", "n2", "n3"].map(|id| Pending::new(&delivery(id))).into();
    assert_eq!(store.load().unwrap().pending, pending, "as if nothing had happened");

    store.begin_sending_together(now(), &digest("d2"), &members).unwrap();
    settle(&mut store, "d2@ops", &Change::Accepted { receipt: None });
    assert_eq!(store.load().unwrap().pending, [Pending::new(&delivery("n3"))]);
    assert_eq!(
        store.begin_sending(now(), &"n1@ops".into()).unwrap(),
        None,
        "it must not be sent in addition to the digest"
    );
    let reader = Reader::open(dir.path()).unwrap();
    let of = |id: &str| reader.sent(10).unwrap().into_iter().find(|row| row.id == id).unwrap();
    assert_eq!(of("n2@ops").receipt.as_deref(), Some("d2@ops"));
    assert_eq!(of("d2@ops").state, DeliveryState::Delivered);
    assert_eq!(reader.counters().unwrap().n(DeliveryResult::Folded.counter()), 2);
    let sends = store.load().unwrap().recent_sends;
    assert_eq!(sends.len(), 2, "a digest counts as one send");
}

#[test]
fn the_members_of_a_digest_in_flight_at_a_kill_are_possible_repeats() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1", "n2", "n3"])).unwrap();
    let members = ["n1@ops".into(), "n2@ops".into()];
    store.begin_sending_together(now(), &digest("d1"), &members).unwrap();
    let store = reopen(store, dir.path());
    let unsure = |id| Pending { possible_repeat: true, ..Pending::new(&delivery(id)) };
    let pending = store.load().unwrap().pending;
    assert_eq!(pending, [unsure("n1"), unsure("n2"), Pending::new(&delivery("n3"))]);
    let rows = Reader::open(dir.path()).unwrap().pending().unwrap();
    assert_eq!(rows.len(), 3, "the digest itself is not pending");
}

/// Regression: the card stayed in flight forever. It was in the digest, pending in the state, and
/// sent again after the next restart.
#[test]
fn a_card_in_flight_at_a_kill_is_settled_with_its_later_digest() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1", "n2"])).unwrap();
    store.begin_sending(now(), &"n1@ops".into()).unwrap().unwrap();
    let mut store = reopen(store, dir.path());
    let rows = Reader::open(dir.path()).unwrap().pending().unwrap();
    let states: Vec<_> = rows.iter().map(|row| row.state).collect();
    assert_eq!(states, [DeliveryState::Pending; 2], "nothing is in flight after a restart");

    let members = ["n1@ops".into(), "n2@ops".into()];
    store.begin_sending_together(now(), &digest("d1"), &members).unwrap();
    settle(&mut store, "d1@ops", &Change::Dissolved { possible_repeat: false, why: "403".into() });
    let pending = store.load().unwrap().pending;
    assert_eq!(pending.iter().map(|one| one.possible_repeat).collect::<Vec<_>>(), [true, false]);

    store.begin_sending_together(now(), &digest("d2"), &members).unwrap();
    settle(&mut store, "d2@ops", &Change::Accepted { receipt: None });
    assert_eq!(store.load().unwrap().pending, []);
}

#[test]
fn a_dead_card_is_recorded_in_the_history() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1"])).unwrap();
    store.begin_sending(now(), &"n1@ops".into()).unwrap().unwrap();
    settle(&mut store, "n1@ops", &Change::Dead { why: "403: no".to_owned() });
    let history = Reader::open(dir.path()).unwrap().history(10).unwrap();
    assert_eq!(history[0].what, HistoryType::Refused);
    assert_eq!(history[0].summary, "Reload failed: n1 (403: no)");
}

/// A state file of format 2, in which deliveries had no reason, form and fingerprint.
fn older_state(dir: &Path) -> Connection {
    drop(open(dir));
    let connection = Connection::open(dir.join(FILE_NAME)).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/state/schema");
    let tables = "note file book delivery history counter folder command incident thread operation";
    for table in tables.split(' ') {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {table}")).unwrap();
    }
    for step in ["1.sql", "2.sql"] {
        connection.execute_batch(&fs::read_to_string(root.join(step)).unwrap()).unwrap();
    }
    connection.pragma_update(None, "user_version", 2).unwrap();
    connection
}

#[test]
fn digests_of_an_earlier_version_are_rebuilt_if_their_cards_exist() {
    let dir = TempDir::new().unwrap();
    let older = older_state(dir.path());
    let insert = |id: &str, summary: &str, state: &str, receipt: Option<&str>| {
        let sql = "INSERT INTO delivery (id, channel, summary, payload, plain, created, state, \
                   receipt) VALUES (?1, 'ops', ?2, 'p', 'q', 1, ?3, ?4)";
        older.execute(sql, rusqlite::params![id, summary, state, receipt]).unwrap();
    };
    insert("n1@ops", "Reload failed: n1", "folded", Some("digest-n1@ops"));
    insert("n2@ops", "Recovered: n1 reloads again", "folded", Some("digest-n1@ops"));
    insert("digest-n1@ops", "2 troubles in 3 s, shown as one card", "owed", None);
    insert("n3@ops", "Reload failed: n3", "folded", Some("digest-n0@ops"));
    insert("digest-n0@ops", "57 troubles in 3 s, shown as one card", "owed", None);
    let history = "INSERT INTO history (at, what, reason, kind, fingerprint, summary) VALUES \
                (1, 'opened', '', 'reload-failed', 'f1', 'Reload failed: n1'), \
                (2, 'recovered', '', 'reload-failed', 'f1', 'Recovered: n1 reloads again')";
    older.execute_batch(history).unwrap();
    let book = r#"{"notice":{"severity":"critical"}}"#;
    older.execute("INSERT INTO book VALUES ('incident:f1', ?1)", [book]).unwrap();
    drop(older);

    let pending = open(dir.path()).load().unwrap().pending;
    let found: Vec<_> = pending
        .iter()
        .map(|one| {
            (one.id.as_str(), one.severity, one.reason, one.form, one.fingerprint.as_deref())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("n1@ops", Severity::Critical, Reason::Opened, Form::Card, Some("f1")),
            ("n2@ops", Severity::Critical, Reason::Recovered, Form::Card, Some("f1")),
            ("digest-n0@ops", Severity::Error, Reason::Opened, Form::Digest, None),
        ]
    );
}

#[test]
fn a_dead_delivery_can_be_read_and_made_pending_again() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &with_deliveries(&["n1"])).unwrap();
    store.begin_sending(now(), &"n1@ops".into()).unwrap().unwrap();
    settle(&mut store, "n1@ops", &Change::Dead { why: "400".to_owned() });

    let reader = Reader::open(dir.path()).unwrap();
    let dead = reader.dead(10).unwrap();
    assert_eq!((dead[0].state, dead[0].why.as_deref()), (DeliveryState::Dead, Some("400")));
    assert_eq!(reader.payload(&"n1@ops".into()).unwrap().unwrap().payload, "rich n1");
    assert_eq!(store.load().unwrap().pending, []);

    let mut retry = |id: &str| {
        let action = Action::DeliveryRetry { delivery: "n1@ops".to_owned() };
        let (id, by, origin) = (id.into(), "Anna".to_owned(), CommandOrigin::CommandLine);
        let command = Command { id, at: now(), by, origin, action };
        store.command_delivery(now(), &command, &Commit::default()).unwrap()
    };
    assert_eq!(retry("1"), Ok(Some(Pending::new(&delivery("n1")))));
    assert_eq!(retry("2"), Err(Refusal::DeliveryState(DeliveryState::Pending)));
    assert!(store.begin_sending(now(), &"n1@ops".into()).unwrap().is_some());
    let applied = CommandResult::Applied(Applied::Delivery("n1@ops".into()));
    assert_eq!(reader.command_result("1").unwrap(), Some(applied));
    assert_eq!(reader.history(1).unwrap()[0].author.as_deref(), Some("Anna"));
}

#[test]
fn a_reader_does_not_disturb_the_running_agent() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let reader = Reader::open(dir.path()).unwrap();
    store.note("version", "0.1.0").unwrap();
    store.note("heartbeat", "old").unwrap();
    store.note("heartbeat", "new").unwrap();
    store.commit(now(), &everything()).unwrap();
    store.begin_sending(now(), &"n1@ops".into()).unwrap().unwrap();
    settle(&mut store, "n1@ops", &Change::Accepted { receipt: Some("run-1".to_owned()) });

    let notes = reader.notes().unwrap();
    assert_eq!(
        notes.into_iter().collect::<Vec<_>>(),
        [("heartbeat".to_owned(), "new".to_owned()), ("version".to_owned(), "0.1.0".to_owned()),]
    );
    assert_eq!(reader.history(10).unwrap(), [entry(2), entry(1)], "newest first");
    assert_eq!(reader.history(1).unwrap(), [entry(2)]);
    assert_eq!(reader.files().unwrap(), everything().checkpoints);
    let (pending, sent) = (reader.pending().unwrap(), reader.sent(10).unwrap());
    assert_eq!(
        (pending.len(), pending[0].id.as_str(), pending[0].state),
        (1, "n2@ops", DeliveryState::Pending)
    );
    assert_eq!(sent[0].receipt.as_deref(), Some("run-1"));
    assert_eq!((sent[0].settled, sent[0].attempts), (Some(later(1)), 1));
}

#[test]
fn a_second_agent_on_a_folder_is_refused_until_the_first_ends() {
    let dir = TempDir::new().unwrap();
    let first = open(dir.path());
    let error = Store::open(dir.path(), now()).unwrap_err();
    assert!(matches!(error, Error::InUse { .. }), "{error:?}");
    drop(first);
    open(dir.path());
}

#[test]
fn the_first_start_creates_the_folder_and_reports_a_new_state() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("a/b");
    let (store, opened) = Store::open(&folder, now()).unwrap();
    assert_eq!(opened, Opened { new: true, ..Opened::default() });
    reopen(store, &folder);
}

#[test]
fn an_empty_file_counts_as_a_first_start() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(FILE_NAME), "").unwrap();
    let (store, opened) = Store::open(dir.path(), now()).unwrap();
    assert_eq!(opened, Opened { new: true, ..Opened::default() });
    assert_eq!(store.load().unwrap(), Loaded::default());
}

#[test]
fn a_damaged_file_is_set_aside_under_a_new_name_and_a_new_state_created() {
    let dir = TempDir::new().unwrap();
    let state = dir.path().join(FILE_NAME);
    let mut names = Vec::new();
    for _ in 0..2 {
        fs::write(&state, "this is not a database at all, but somebody's shopping list").unwrap();
        let (mut store, opened) = Store::open(dir.path(), now()).unwrap();
        assert!(opened.new);
        let aside = opened.damaged.unwrap();
        assert!(fs::read_to_string(&aside).unwrap().ends_with("shopping list"));
        names.push(aside.file_name().unwrap().to_string_lossy().into_owned());
        store.commit(now(), &everything()).unwrap();
    }
    assert_eq!(names, ["state.db.damaged-20261123T060000Z", "state.db.damaged-20261123T060000Z-2"]);
}

#[test]
fn damage_in_the_middle_of_a_real_file_is_detected() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    let history = (0..2000).map(entry).collect();
    store.commit(now(), &Commit { history, ..everything() }).unwrap();
    drop(store);
    let state = dir.path().join(FILE_NAME);
    let mut bytes = fs::read(&state).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xA5);
    fs::write(&state, bytes).unwrap();

    let (_store, opened) = Store::open(dir.path(), now()).unwrap();
    assert!(opened.damaged.is_some());
}

#[test]
fn a_state_of_a_newer_version_is_left_alone() {
    let dir = TempDir::new().unwrap();
    drop(open(dir.path()));
    let outside = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    outside.pragma_update(None, "user_version", 99).unwrap();
    drop(outside);
    let writer = Store::open(dir.path(), now()).unwrap_err();
    let reader = Reader::open(dir.path()).unwrap_err();
    for error in [writer, reader] {
        assert!(matches!(error, Error::Newer { found: 99, .. }), "{error:?}");
        assert!(error.to_string().contains("newer version"), "{error}");
    }
    let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let aside = names.filter(|name| name.to_string_lossy().contains("damaged"));
    assert_eq!(aside.count(), 0, "nothing was set aside");
}

#[test]
fn an_unusable_folder_is_refused_with_an_error() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let refusal = |path: &Path| Store::open(path, now()).unwrap_err();

    let error = refusal(&file);
    assert!(matches!(error, Error::NotAFolder { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("the state folder {} is a file", file.display()));
    let error = refusal(&file.join("below"));
    assert!(matches!(error, Error::Folder { .. }), "{error:?}");
    assert!(error.to_string().ends_with(": a part of the path is not a folder"), "{error}");
    assert!(error.hint().unwrap().starts_with("name a folder"), "{error}");

    let error = refusal(Path::new(r"\\server\share\footman"));
    assert!(matches!(error, Error::Network { .. }), "{error:?}");
}

#[test]
fn a_reader_reports_a_missing_state() {
    let dir = TempDir::new().unwrap();
    let error = Reader::open(dir.path()).unwrap_err();
    assert!(matches!(error, Error::Missing { .. }), "{error:?}");
}

#[test]
fn pruning_deletes_old_history_and_sent_cards_but_no_pending_or_dead_cards() {
    let dir = TempDir::new().unwrap();
    let mut store = open(dir.path());
    store.commit(now(), &everything()).unwrap();
    store.commit(now(), &with_deliveries(&["n3"])).unwrap();
    for (id, change) in [
        ("n1@ops", Change::Accepted { receipt: None }),
        ("n2@ops", Change::Dead { why: "400".to_owned() }),
    ] {
        store.begin_sending(now(), &id.into()).unwrap().unwrap();
        settle(&mut store, id, &change);
    }
    let reader = Reader::open(dir.path()).unwrap();
    let left = || {
        let pending = reader.pending().unwrap().len();
        let (sent, dead) = (reader.sent(9).unwrap().len(), reader.dead(9).unwrap().len());
        (reader.history(9).unwrap().len(), pending, sent, dead)
    };
    store.prune(later(29 * 24 * 3600)).unwrap();
    assert_eq!(left(), (3, 1, 1, 1), "the dead card has a line, too");
    store.prune(later(31 * 24 * 3600)).unwrap();
    assert_eq!(left(), (3, 1, 0, 1), "cards go after a month, history after three");
    store.prune(later(91 * 24 * 3600)).unwrap();
    assert_eq!(left(), (0, 1, 0, 1));
}
