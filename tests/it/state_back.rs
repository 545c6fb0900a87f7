//! A state that lacks commits that were durable: its write-ahead log is lost or damaged, or an older
//! copy is in its place. People are told once, and what is sent again is marked.

use std::fs;
use std::path::Path;

use footman::clock;
use footman::state::{FILE_NAME, Opened, Reader, Store};

use crate::faults_state::{all_sent, cards, fail, kill, start};
use crate::support::world::{World, until};

const LOG: &str = "state.db-wal";
const LOCK: &str = "state.lock";
/// On the card that tells it.
const TITLE: &str = "Footman's state went back to an earlier one";

/// The write-ahead log, changed.
fn change_log(state: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let path = state.join(LOG);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// The first part of the log, in whole frames.
fn cut(state: &Path, hundredths: usize) {
    change_log(state, |log| log.truncate(32 + log.len() / 4120 * hundredths / 100 * 4120));
}

fn copy(from: &Path, to: &Path, names: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for name in names.iter().filter(|name| from.join(name).exists()) {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

/// What people are told and sent after this damage, which gets the state folder and an older copy of it.
async fn after(what: &str, damage: fn(&Path, &Path)) {
    let mut world = World::new();
    world.settle_in().await;
    let old = world.folder.path().join("old");
    let agent = start(&world);
    let mut apps = fail(&mut world, 0..3);
    all_sent(&world, &apps).await;
    copy(&world.state_dir(), &old, &[FILE_NAME, LOG]);
    apps.extend(fail(&mut world, 3..9));
    all_sent(&world, &apps).await;
    kill(agent);
    damage(&world.state_dir(), &old);

    for next in [9, 10] {
        let agent = start(&world);
        let later = fail(&mut world, next..next + 1);
        all_sent(&world, &later).await;
        let told = || world.teams.posts().iter().filter(|post| post.body.contains(TITLE)).count();
        let mut n = 0;
        while told() == 0 {
            n = world.teams.received(n).await.len() + 1;
        }
        // A card whose acceptance is not stored is sent again.
        let pending = || Reader::open(&world.state_dir()).ok()?.pending().ok();
        until(|| pending().is_some_and(|pending| pending.is_empty())).await;
        kill(agent);
        assert_eq!(told(), 1, "{what}: {:?}", cards(&world));
    }
    let sent = cards(&world);
    assert!(sent.values().all(|(unmarked, _)| *unmarked <= 1), "{what}: {sent:?}");
    assert_eq!(sent["App 10"], (1, 0), "{what}: what happens later is no repeat");
}

#[tokio::test]
async fn a_lost_write_ahead_log_is_told_once_and_what_is_sent_again_is_marked() {
    after("deleted", |state, _| fs::remove_file(state.join(LOG)).unwrap()).await;
    after("empty", |state, _| fs::write(state.join(LOG), "").unwrap()).await;
    after("garbage", |state, _| {
        let garbage: Vec<u8> = (1..20_000_usize).map(|n| (n * n).to_le_bytes()[1] | 1).collect();
        fs::write(state.join(LOG), garbage).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_write_ahead_log_without_its_end_is_told_once_and_what_is_sent_again_is_marked() {
    after("30 %", |state, _| cut(state, 30)).await;
    after("70 %", |state, _| cut(state, 70)).await;
    after("zeros", |state, _| {
        change_log(state, |log| {
            let half = log.len() / 2;
            log[half..].fill(0);
        });
    })
    .await;
}

#[tokio::test]
async fn an_older_copy_of_the_state_is_told_once_and_what_is_sent_again_is_marked() {
    after("log", |state, old| copy(old, state, &[LOG])).await;
    after("state and log", |state, old| copy(old, state, &[FILE_NAME, LOG])).await;
    after("state", |state, old| {
        copy(old, state, &[FILE_NAME]);
        fs::remove_file(state.join(LOG)).unwrap();
    })
    .await;
}

/// The folder as a crash leaves it, opened.
fn reopened(state: &Path, names: &[&str]) -> Opened {
    let crashed = tempfile::tempdir().unwrap();
    copy(state, crashed.path(), names);
    Store::open(crashed.path(), clock::now()).unwrap().1
}

#[test]
fn a_crash_at_any_moment_is_no_state_that_went_back() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(dir.path(), clock::now()).unwrap();
    let mut locks = vec![fs::read(dir.path().join(LOCK)).unwrap()];
    for n in 0..20 {
        store.note("works", &n.to_string()).unwrap();
        locks.push(fs::read(dir.path().join(LOCK)).unwrap());
        assert!(!reopened(dir.path(), &[FILE_NAME, LOG, LOCK]).went_back, "{n}");
    }
    // A power loss may leave any earlier mark, or an empty file.
    locks.push(Vec::new());
    let crashed = tempfile::tempdir().unwrap();
    copy(dir.path(), crashed.path(), &[FILE_NAME, LOG]);
    for lock in locks {
        fs::write(crashed.path().join(LOCK), &lock).unwrap();
        assert!(!reopened(crashed.path(), &[FILE_NAME, LOG, LOCK]).went_back, "{lock:?}");
    }
}

#[test]
fn without_a_legible_mark_nothing_is_told() {
    let dir = tempfile::tempdir().unwrap();
    // Closed once, so that the state is not in the log alone.
    drop(Store::open(dir.path(), clock::now()).unwrap());
    let (mut store, _) = Store::open(dir.path(), clock::now()).unwrap();
    store.note("works", "yes").unwrap();
    assert!(reopened(dir.path(), &[FILE_NAME, LOCK]).went_back, "the log is lost");
    assert!(!reopened(dir.path(), &[FILE_NAME]).went_back, "there is no mark");
    for lock in ["begun\n", "begun\nx", "begun\na 7 = a 8\n", "\u{0}"] {
        let crashed = tempfile::tempdir().unwrap();
        copy(dir.path(), crashed.path(), &[FILE_NAME]);
        fs::write(crashed.path().join(LOCK), lock).unwrap();
        assert!(!reopened(crashed.path(), &[FILE_NAME, LOCK]).went_back, "{lock:?}");
    }
}

#[test]
fn a_state_that_is_begun_anew_did_not_go_back_and_the_state_before_it_did() {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(dir.path(), clock::now()).unwrap();
    store.note("works", "yes").unwrap();
    drop(store);
    let earlier = tempfile::tempdir().unwrap();
    copy(dir.path(), earlier.path(), &[FILE_NAME]);
    fs::write(dir.path().join(FILE_NAME), vec![7; 9000]).unwrap();
    let (store, opened) = Store::open(dir.path(), clock::now()).unwrap();
    assert!(opened.lost && !opened.went_back);
    assert!(!reopened(dir.path(), &[FILE_NAME, LOG, LOCK]).went_back);
    drop(store);
    copy(earlier.path(), dir.path(), &[FILE_NAME]);
    for went_back in [true, false] {
        let (_store, opened) = Store::open(dir.path(), clock::now()).unwrap();
        assert_eq!((opened.lost, opened.went_back), (false, went_back));
    }
}
