//! Damage in an intact file: flipped bytes, and tables and values edited at random by seed.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use footman::clock::Timestamp;
use footman::commit::{
    About, Attention, Commit, Delivery, Form, HistoryEntry, HistoryType, Reason, RowChange, RowKey,
    TableName,
};
use footman::detection::{Kind, Severity};
use footman::ids::{DeliveryId, Fingerprint};
use footman::metrics::{Counts, Single};
use footman::outbox::Change;
use footman::state::{Error, FILE_NAME, Reader, StateLock, Store};
use rusqlite::Connection;

/// Number of seeds: `FOOTMAN_TEST_DAMAGES`, or a few; fewer in Wine, where each takes six times as long.
fn seeds() -> u64 {
    const FEW: u64 = if cfg!(windows) { 40 } else { 120 };
    std::env::var("FOOTMAN_TEST_DAMAGES").ok().and_then(|n| n.parse().ok()).unwrap_or(FEW)
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

fn delivery(n: usize) -> Delivery {
    Delivery {
        id: format!("n{n}@ops").into(),
        notice_id: format!("n{n}").into(),
        channel: "ops".to_owned(),
        severity: Severity::Error,
        fingerprint: Some(format!("{n:016x}").into()),
        reason: Reason::Opened,
        form: Form::Card,
        summary: format!("Reload failed: {n}"),
        about: About::default(),
        payload: format!("rich {n} {}", "x".repeat(n * 40)),
        plain: "{}".to_owned(),
        created: now(),
        attention: Attention::Normal,
        possible_repeat: false,
    }
}

fn step(from: usize) -> Commit {
    let mut counts = Counts::default();
    counts.add(Single::BytesRead, 9);
    let history = (from..from + 40).map(|n| HistoryEntry {
        kind: Some(Kind::ReloadFailed),
        fingerprint: Some(Fingerprint::from("0123456789abcdef")),
        ..HistoryEntry::new(now(), HistoryType::Opened, format!("Reload failed: {n}"))
    });
    Commit {
        deliveries: (from..from + 6).map(delivery).collect(),
        rows: vec![RowChange::Put {
            key: RowKey::new(TableName::Runs, from.to_string()),
            json: "{\"a\":1}".to_owned(),
        }],
        history: history.collect(),
        folders: vec!["/logs".into()],
        counts,
        ..crate::scale::positions(0..200, Path::new("/logs"))
    }
}

/// A state as an agent leaves it, with rows in each table.
fn fill_state(dir: &Path) {
    let mut store = Store::open(dir, now()).unwrap().0;
    store.commit(now(), &step(0)).unwrap();
    store.note("started", &now().to_string()).unwrap();
    for (id, change) in [
        ("n0@ops", Change::Accepted { receipt: Some("run".to_owned()) }),
        ("n1@ops", Change::Dead { why: "400".to_owned() }),
    ] {
        let id = &id.into();
        store.begin_sending(now(), id).unwrap().unwrap();
        store.settle(now(), id, &change, &Counts::default(), &[]).unwrap();
    }
    store.begin_sending(now(), &"n2@ops".into()).unwrap().unwrap();
}

const TABLES: [&str; 7] = ["note", "file", "book", "delivery", "history", "counter", "folder"];
const ODD: [&str; 14] = [
    "-1",
    "0",
    "9223372036854775807",
    "-9223372036854775808",
    "NULL",
    "''",
    "'odd'",
    "x'ff00'",
    "1e300",
    "4294967296",
    "zeroblob(100000)",
    "'{'",
    "'2026-13-45T99:99:99Z'",
    "4611686018427387905",
];

fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}')");
    let mut statement = connection.prepare(&sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// A random edit of tables or values, as an SQL statement.
fn edit(dice: &mut Dice, connection: &Connection) -> String {
    let table = dice.pick(&TABLES);
    let columns = columns(connection, table);
    let column = &columns[dice.roll(columns.len())];
    let rows = if dice.roll(2) == 0 { "true" } else { "rowid % 3 = 0" };
    let rows = if ["note", "book", "counter", "folder"].contains(&table) { "true" } else { rows };
    let odd = dice.pick(&ODD);
    match dice.roll(16) {
        0 => format!("ALTER TABLE {table} RENAME COLUMN {column} TO was_{column}"),
        1 => format!("ALTER TABLE {table} ADD COLUMN more TEXT"),
        2 => format!("ALTER TABLE {table} ADD COLUMN more TEXT NOT NULL DEFAULT 'x'"),
        3 => format!("ALTER TABLE {table} RENAME TO was_{table}"),
        4 => format!("DROP TABLE {table}"),
        5 => format!("DELETE FROM {table} WHERE {rows}"),
        6 => format!("PRAGMA user_version = {}", dice.pick(&["-1", "0", "1", "2", "77"])),
        7 => "DROP INDEX delivery_by_state; DROP INDEX delivery_by_departure".to_owned(),
        8 => format!("CREATE TRIGGER odd BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END"),
        9 => format!("CREATE UNIQUE INDEX odd ON {table} ({column})"),
        10 => format!(
            "CREATE TABLE other AS SELECT * FROM {table}; DROP TABLE {table}; \
                       ALTER TABLE other RENAME TO {table}"
        ),
        11 => format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = \
                       replace(sql, '{column}', '{column}x') WHERE name = '{table}'"
        ),
        _ => format!("UPDATE {table} SET {column} = {odd} WHERE {rows}"),
    }
}

fn damage(dice: &mut Dice, dir: &Path) -> String {
    let path = dir.join(FILE_NAME);
    if dice.roll(3) > 0 {
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
        let edit = edit(dice, &connection);
        // An edit that SQLite refuses does no damage.
        return match connection.execute_batch(&edit) {
            Ok(()) => edit,
            Err(error) => format!("refused: {edit}: {error}"),
        };
    }
    let mut bytes = fs::read(&path).unwrap();
    let (at, len) = (dice.roll(bytes.len()), 1 + dice.roll(64));
    let flip = u8::try_from(1 + dice.roll(255)).unwrap();
    bytes.iter_mut().skip(at).take(len).for_each(|byte| *byte ^= flip);
    fs::write(&path, bytes).unwrap();
    format!("{len} bytes at {at} ^ {flip}")
}

/// Uses the state as an agent does; an error must report damage, never a transient failure.
fn use_state(store: &mut Store, pending: &[DeliveryId]) -> Result<(), Error> {
    store.note("heartbeat", "now")?;
    store.commit(now(), &step(500))?;
    for id in pending {
        if store.begin_sending(now(), id)?.is_some() {
            store.settle(
                now(),
                id,
                &Change::Accepted { receipt: None },
                &Counts::default(),
                &[],
            )?;
        }
    }
    store.described(&pending.iter().collect::<Vec<_>>())?;
    store.prune(now())
}

#[derive(Debug, PartialEq)]
enum End {
    Harmless,
    Reported,
    Refused,
}

fn outcome(dir: &Path) -> End {
    let (mut store, opened, loaded) =
        match StateLock::take(dir).and_then(|lock| Store::open_and_load(dir, lock, now())) {
            Ok(found) => found,
            Err(error) => {
                assert!(!error.is_passing(), "it would be retried forever: {error:?}");
                return End::Refused;
            }
        };
    let pending: Vec<_> = loaded.pending.iter().map(|one| one.id.clone()).collect();
    if opened.lost {
        use_state(&mut store, &pending).unwrap();
        return End::Reported;
    }
    // A wrong offset would skip unread lines, so it is either unchanged or protected by its mark.
    for one in &loaded.checkpoints {
        assert!(one.offset <= 1 << 62 && (one.offset == 0 || one.tail.len > 0), "{one:?}");
    }
    assert!(loaded.checkpoints.iter().all(|one| one.file.0 <= loaded.last_file));
    match use_state(&mut store, &pending) {
        Ok(()) => {
            // No pending delivery may be impossible to send.
            let left = store.load().unwrap().pending;
            assert!(left.iter().all(|one| !pending.contains(&one.id)), "{left:?}");
            End::Harmless
        }
        Err(error) => {
            assert!(!error.is_passing(), "it would be retried forever: {error:?}");
            drop(store);
            let (mut store, opened, _) = StateLock::take(dir)
                .and_then(|lock| Store::open_and_load(dir, lock, now()))
                .unwrap();
            if !opened.lost && use_state(&mut store, &[]).is_err() {
                drop(store);
                let (mut store, opened, _) = StateLock::take(dir)
                    .and_then(|lock| Store::open_anew(dir, lock, now()))
                    .unwrap();
                assert!(opened.lost);
                use_state(&mut store, &[]).unwrap();
            }
            End::Reported
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are of interest")]
fn any_damage_is_harmless_or_reported_and_never_stalls() {
    let whole = tempfile::tempdir().unwrap();
    fill_state(whole.path());
    let (mut harmless, mut reported, mut refused) = (0, 0, 0);
    for seed in 1..=seeds() {
        let dir = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(whole.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
        }
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..10 {
            dice.roll(2);
        }
        let done = damage(&mut dice, dir.path());
        let end = catch_unwind(|| outcome(dir.path()));
        let Ok(end) = end else { panic!("seed {seed}: {done}") };
        // A reader of this state gets a result or an error, too.
        if let Ok(reader) = Reader::open(dir.path()) {
            reader.counters().ok();
            reader.history(9).ok();
        }
        match end {
            End::Harmless => harmless += 1,
            End::Reported => reported += 1,
            End::Refused => refused += 1,
        }
    }
    println!("{harmless} harmless, {reported} reported, {refused} refused");
    assert!(harmless > 0 && reported > 0);
}

#[test]
fn damage_found_by_earlier_runs_is_set_aside() {
    for edit in [
        "ALTER TABLE file RENAME COLUMN offset TO position",
        "DROP TABLE history",
        "UPDATE file SET offset = -1 WHERE id = 7",
        "UPDATE file SET offset = 9223372036854775807 WHERE id = 7",
        "UPDATE file SET tail_length = 0, offset = offset + 50 WHERE id = 7",
        "UPDATE file SET lines = -5",
        "UPDATE counter SET n = -1",
        "UPDATE delivery SET state = 'lost' WHERE id = 'n3@ops'",
        "UPDATE delivery SET created = 9223372036854775807",
        "UPDATE delivery SET attempts = -1",
        "UPDATE book SET json = '{'",
        "UPDATE note SET value = 'odd' WHERE key = 'last-file'",
        "UPDATE note SET value = '9223372036854775807' WHERE key = 'last-file'",
        "UPDATE folder SET path = 7",
        "CREATE TRIGGER odd BEFORE INSERT ON file BEGIN SELECT RAISE(ABORT, 'odd'); END",
        "CREATE UNIQUE INDEX odd ON history (what, seq)",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = 1",
    ] {
        let dir = tempfile::tempdir().unwrap();
        fill_state(dir.path());
        let outside = Connection::open(dir.path().join(FILE_NAME)).unwrap();
        outside.pragma_update(None, "ignore_check_constraints", true).unwrap();
        outside.execute_batch(edit).unwrap();
        drop(outside);
        assert_eq!(outcome(dir.path()), End::Reported, "{edit}");
        let aside = fs::read_dir(dir.path()).unwrap().filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().contains("damaged")
        });
        assert!(aside.count() > 0, "{edit}: the damaged file is kept");
    }
}

#[test]
fn a_lost_file_number_and_a_dropped_index_are_restored() {
    let dir = tempfile::tempdir().unwrap();
    fill_state(dir.path());
    let outside = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    outside.execute_batch("DELETE FROM note; DROP INDEX delivery_by_state").unwrap();
    let (_store, opened, loaded) = StateLock::take(dir.path())
        .and_then(|lock| Store::open_and_load(dir.path(), lock, now()))
        .unwrap();
    assert!(!opened.lost);
    assert_eq!(loaded.last_file, 200, "the number of the last file would be reused");
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'delivery_by_state'";
    let n: i64 = outside.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(n, 1);
}

#[test]
fn a_different_card_with_a_known_id_is_reported_as_damage() {
    let dir = tempfile::tempdir().unwrap();
    fill_state(dir.path());
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    let other = Delivery { payload: "another card".to_owned(), ..delivery(3) };
    let commit = Commit { deliveries: vec![other], ..Commit::default() };
    let error = store.commit(now(), &commit).unwrap_err();
    assert!(!error.is_passing(), "{error:?}");
}

#[test]
fn no_more_than_three_damaged_files_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..6 {
        fs::write(dir.path().join(FILE_NAME), "no database ".repeat(90)).unwrap();
        let later = now() + jiff::SignedDuration::from_secs(n);
        drop(Store::open(dir.path(), later).unwrap());
    }
    let names = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let mut kept: Vec<_> =
        names.filter(|name| name.to_string_lossy().contains("damaged")).collect();
    kept.sort();
    assert_eq!(kept.len(), 3);
    assert!(kept[2].to_string_lossy().contains("060005Z"), "{kept:?}");
}
