//! The state file stays small, whatever is written, and returns space to the disk.

use std::fs;
use std::path::Path;

use footman::clock::Timestamp;
use footman::commit::{
    About, Attention, Commit, Delivery, Form, HistoryEntry, HistoryReason, HistoryType, Reason,
    Suppression,
};
use footman::detection::{Kind, Severity};
use footman::ids::{DeliveryId, Fingerprint};
use footman::metrics::{CounterSet, Counts, Single};
use footman::outbox::Change;
use footman::state::{FILE_NAME, Reader, StateLock, Store};
use rusqlite::Connection;

/// The limit documented in `docs/operating.md`.
const BOUND: u64 = 64 << 20;
/// Wine searches all free memory at each allocation: a tenth as many cards there, each ten times as long.
const LONGER: usize = if cfg!(windows) { 10 } else { 1 };

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn entry(n: usize, len: usize) -> HistoryEntry {
    let at = now() + jiff::SignedDuration::from_millis(i64::try_from(n).unwrap());
    HistoryEntry {
        reason: Some(HistoryReason::Suppression(Suppression::Repeat)),
        kind: Some(Kind::ReloadFailed),
        fingerprint: Some(Fingerprint::from("0123456789abcdef")),
        ..HistoryEntry::new(at, HistoryType::Suppressed, format!("{n} {}", "x".repeat(len)))
    }
}

/// A card of 26 kB, on Windows of 260 kB.
fn bulky(n: usize) -> Delivery {
    Delivery {
        id: format!("n{n}@ops").into(),
        notice_id: format!("n{n}").into(),
        channel: "ops".to_owned(),
        severity: Severity::Error,
        fingerprint: None,
        reason: Reason::Opened,
        form: Form::Card,
        summary: format!("Reload failed: app {n}"),
        about: About::default(),
        payload: "p".repeat(20_000 * LONGER),
        plain: "q".repeat(6_000 * LONGER),
        created: now(),
        attention: Attention::Normal,
        possible_repeat: false,
    }
}

/// Sends these deliveries in one accepted digest.
fn send_in_digest(store: &mut Store, members: &[DeliveryId]) {
    let digest = Delivery { id: "digest@ops".into(), form: Form::Digest, ..bulky(0) };
    store.begin_sending_together(now(), &digest, members).unwrap();
    let accepted = Change::Accepted { receipt: None };
    store.settle(now(), &digest.id, &accepted, &Counts::default(), &[]).unwrap();
}

/// The size of the state file and its companions.
fn size(dir: &Path) -> u64 {
    let len = |name: String| fs::metadata(dir.join(name)).map_or(0, |found| found.len());
    ["", "-wal", "-shm"].map(|end| len(format!("{FILE_NAME}{end}"))).iter().sum()
}

#[test]
fn a_flood_of_history_stays_within_its_bound_at_every_commit() {
    // More bytes than are kept: in small entries, in long ones, and at once.
    let floods = if cfg!(windows) {
        [(40_000, 2_000, 600), (10_000, 500, 8_000), (10_000, 10_000, 8_000)]
    } else {
        [(200_000, 2_000, 120), (20_000, 500, 8_000), (230_000, 230_000, 200)]
    };
    for (entries, each, len) in floods {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), now()).unwrap().0;
        let all: Vec<_> = (0..entries).map(|n| entry(n, len)).collect();
        for history in all.chunks(each) {
            let commit = Commit { history: history.to_vec(), ..Commit::default() };
            store.commit(now(), &commit).unwrap();
            assert!(size(dir.path()) <= BOUND, "{} MB", size(dir.path()) >> 20);
        }
        let newest = Reader::open(dir.path()).unwrap().history(2).unwrap();
        assert_eq!(newest, [all[entries - 1].clone(), all[entries - 2].clone()]);
        let kept = Reader::open(dir.path()).unwrap().history(u32::MAX).unwrap();
        let bytes: usize = kept.iter().map(|one| one.summary.len() + 80).sum();
        assert!(kept.len() <= 200_000 && bytes <= 21 << 20, "{} rows, {bytes}", kept.len());
    }
}

#[test]
fn sent_cards_return_their_space_to_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    let n = 2_600 / LONGER;
    let all: Vec<_> = (0..n).map(bulky).collect();
    for deliveries in all.chunks(100 / LONGER) {
        let commit = Commit { deliveries: deliveries.to_vec(), ..Commit::default() };
        store.commit(now(), &commit).unwrap();
    }
    assert!(size(dir.path()) > BOUND, "nothing pending is deleted");
    assert_eq!(store.load().unwrap().pending.len(), n);
    let pending = |left: usize| (left * LONGER) as u64 * 30_000;
    let singly = 300 / LONGER;
    for (sent, one) in all.iter().take(singly).enumerate() {
        store.begin_sending(now(), &one.id).unwrap().unwrap();
        let accepted = Change::Accepted { receipt: None };
        store.settle(now(), &one.id, &accepted, &Counts::default(), &[]).unwrap();
        let bound = BOUND + pending(n - sent);
        assert!(size(dir.path()) <= bound, "{} MB after {sent}", size(dir.path()) >> 20);
    }
    let ids: Vec<_> = all[singly..].iter().map(|one| one.id.clone()).collect();
    send_in_digest(&mut store, &ids);
    assert!(size(dir.path()) <= BOUND, "{} MB", size(dir.path()) >> 20);
    assert_eq!(store.load().unwrap().pending, []);
    let newest = Reader::open(dir.path()).unwrap().sent(2).unwrap();
    assert_eq!(newest[1].id, *format!("n{}@ops", n - 1), "the oldest go first");
}

#[test]
fn an_endless_series_of_dead_cards_keeps_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    let n = 400 / LONGER;
    for n in 0..n {
        let one = bulky(n);
        store
            .commit(now(), &Commit { deliveries: vec![one.clone()], ..Commit::default() })
            .unwrap();
        let dead = Change::Dead { why: "400".to_owned() };
        store.settle(now(), &one.id, &dead, &Counts::default(), &[]).unwrap();
        assert!(size(dir.path()) <= BOUND);
    }
    let dead = Reader::open(dir.path()).unwrap().dead(u32::MAX).unwrap();
    assert!(dead.len() > 100 / LONGER && dead.len() < 300 / LONGER, "{}", dead.len());
    assert_eq!(dead[0].id, *format!("n{}@ops", n - 1));
}

#[test]
fn the_number_of_counters_is_bounded_and_no_count_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    for round in 0..20 {
        let mut counts = Counts::default();
        (0..500).for_each(|n| counts.add(CounterSet::Patterns.of(format!("{round}-{n}")), 1));
        counts.add(CounterSet::Patterns.of("x".repeat(100_000)), 1);
        counts.add(Single::BytesRead, 1);
        store.commit(now(), &Commit { counts, ..Commit::default() }).unwrap();
    }
    let counters = Reader::open(dir.path()).unwrap().counters().unwrap();
    assert!(counters.iter().count() <= 4_001);
    assert_eq!(counters.iter().map(|(_, n)| n).sum::<u64>(), 20 * 502);
    assert_eq!(counters.n(Single::BytesRead), 20);
}

/// A state of version 0.1.0, which never returned space.
fn earlier_version(dir: &Path) {
    let old = Connection::open(dir.join(FILE_NAME)).unwrap();
    old.pragma_update(None, "journal_mode", "WAL").unwrap();
    old.execute_batch(include_str!("../../src/state/schema/1.sql")).unwrap();
    old.execute_batch(include_str!("../../src/state/schema/2.sql")).unwrap();
    old.pragma_update(None, "user_version", 2).unwrap();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) ";
    let fill = format!(
        "{many} INSERT INTO delivery (id, channel, summary, payload, plain, created, state, settled) \
         SELECT 'n' || i || '@ops', 'ops', 's', hex(zeroblob(5000)), '{{}}', 1795413600000000, \
         'sent', 1795413600000000 FROM n; \
         INSERT INTO delivery (id, channel, summary, payload, plain, created) \
         VALUES ('late@ops', 'ops', 's', '{{}}', '{{}}', 1795413600000000); \
         DELETE FROM delivery WHERE seq > 2000 AND state = 'sent';"
    );
    old.execute_batch(&fill).unwrap();
}

#[test]
fn a_large_file_of_an_earlier_version_is_shrunk_once() {
    let dir = tempfile::tempdir().unwrap();
    earlier_version(dir.path());
    assert!(size(dir.path()) > 80 << 20);
    let (store, opened, loaded) = StateLock::take(dir.path())
        .and_then(|lock| Store::open_and_load(dir.path(), lock, now()))
        .unwrap();
    assert!(!opened.lost && !opened.new);
    assert_eq!(loaded.pending.len(), 1);
    assert!(size(dir.path()) < 20 << 20, "{} MB", size(dir.path()) >> 20);
    drop(store);
    let old = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let mode: i64 = old.pragma_query_value(None, "auto_vacuum", |row| row.get(0)).unwrap();
    assert_eq!(mode, 2, "from now on it frees space in steps");
}

/// The transactions in a write-ahead log, each as its number of pages.
/// Source: "The Write-Ahead Log", section 4 of <https://www.sqlite.org/fileformat2.html>.
fn transactions(journal: &[u8]) -> Vec<usize> {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap());
    let page = number(&journal[8..]) as usize;
    let salts = &journal[16..24];
    let frames = journal[32..].chunks_exact(24 + page).take_while(|frame| frame[8..16] == *salts);
    // The last frame of a transaction has the size of the database after it.
    let ends: Vec<bool> = frames.map(|frame| number(&frame[4..]) != 0).collect();
    ends.split_inclusive(|end| *end).map(<[bool]>::len).collect()
}

/// A writer is blocked for one transaction; how long that takes depends on its pages.
#[test]
fn maintenance_is_divided_into_small_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(dir.path(), now()).unwrap().0;
    let all: Vec<_> = (0..2_400 / LONGER).map(bulky).collect();
    for deliveries in all.chunks(100 / LONGER) {
        let commit = Commit { deliveries: deliveries.to_vec(), ..Commit::default() };
        store.commit(now(), &commit).unwrap();
    }
    // A reader keeps the log whole from here on.
    let outside = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    outside.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    outside.execute_batch("BEGIN").unwrap();
    outside.query_row("SELECT count(*) FROM note", [], |_| Ok(())).unwrap();
    let ids: Vec<_> = all.iter().map(|one| one.id.clone()).collect();
    for some in ids.chunks(100 / LONGER) {
        send_in_digest(&mut store, some);
    }
    store.prune(now()).unwrap();
    let journal = fs::read(dir.path().join(format!("{FILE_NAME}-wal"))).unwrap();
    let steps = transactions(&journal);
    assert!(steps.len() > 10, "{steps:?}");
    assert!(steps.iter().all(|pages| *pages < 1_000), "{steps:?}");
    drop(outside);
    store.prune(now()).unwrap();
    assert!(size(dir.path()) <= BOUND);
}

#[test]
fn a_hundred_thousand_lines_of_history_can_be_written_and_read() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(dir.path(), now()).unwrap();
    let history = (0..100_000).map(|n| entry(n, 0)).collect();
    store.commit(now(), &Commit { history, ..Commit::default() }).unwrap();
    drop(store);
    let _store = Store::open(dir.path(), now()).unwrap();
    let newest = Reader::open(dir.path()).unwrap().history(3).unwrap();
    assert_eq!(newest, [99_999, 99_998, 99_997].map(|n| entry(n, 0)));
}
