//! The whole agent with a damaged, locked or unwritable state.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use footman::state::{FILE_NAME, Loaded, StateLock, Store};
use rusqlite::Connection;
use tokio::time::{interval, timeout};

#[cfg(unix)]
use crate::support::failing::FailNow as _;
use crate::support::world::{World, texts};

const PATIENCE: Duration = Duration::from_mins(1);
const UNWRITABLE: &str = "nothing is read or sent until the state can be written";

/// Starts the real program with its output in a file.
pub(crate) fn start(world: &World) -> Child {
    let mut program = Command::new(env!("CARGO_BIN_EXE_footman"));
    run(&mut program, world)
}

/// The same, with limits set by a shell.
#[cfg(unix)]
pub(crate) fn start_limited(world: &World, limits: &str) -> Child {
    let mut shell = Command::new("sh");
    let script = format!("{limits} exec \"$0\" \"$@\"");
    run(shell.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_footman")), world)
}

fn run(command: &mut Command, world: &World) -> Child {
    let output = File::create(world.folder.path().join("output.txt")).unwrap();
    command
        .args(["run", "--config"])
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .env("FOOTMAN_TEAMS_WEBHOOK", world.teams.url())
        .stdout(Stdio::null())
        .stderr(output)
        .spawn()
        .unwrap()
}

pub(crate) fn kill(mut agent: Child) {
    agent.kill().unwrap();
    agent.wait().unwrap();
}

/// Waits until the output of the program contains this.
async fn until_output(world: &World, what: &str) {
    let path = world.folder.path().join("output.txt");
    let mut look = interval(Duration::from_millis(20));
    let waiting = async {
        while !fs::read_to_string(&path).unwrap_or_default().contains(what) {
            look.tick().await;
        }
    };
    let came = timeout(PATIENCE, waiting).await;
    assert!(came.is_ok(), "not in the output: {}", fs::read_to_string(&path).unwrap());
}

/// For each app: the number of cards, and of cards that are marked as possible repeats.
pub(crate) fn cards(world: &World) -> BTreeMap<String, (usize, usize)> {
    let mut cards: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for post in world.teams.posts() {
        let texts = texts(&post.body);
        let title = texts.iter().find_map(|text| text.strip_prefix("Reload failed: "));
        let counts = cards.entry(title.unwrap_or("other").to_owned()).or_default();
        if post.body.contains("ossible repeat") { counts.1 += 1 } else { counts.0 += 1 }
    }
    cards
}

/// Waits until all of these have cards.
pub(crate) async fn all_sent(world: &World, apps: &[String]) {
    let waiting = async {
        let mut n = 0;
        while !apps.iter().all(|app| cards(world).contains_key(app)) {
            n = world.teams.received(n).await.len() + 1;
        }
    };
    let all = timeout(PATIENCE, waiting).await;
    assert!(all.is_ok(), "only {:?} have cards", cards(world));
}

pub(crate) fn fail(world: &mut World, apps: std::ops::Range<usize>) -> Vec<String> {
    let apps: Vec<_> = apps.map(|n| format!("App {n}")).collect();
    for app in &apps {
        world.fail(app, &format!("Table of {app} not found"));
    }
    apps
}

#[cfg(unix)]
#[tokio::test]
async fn an_unwritable_state_is_reported_and_nothing_is_lost() {
    let mut world = World::new();
    world.settle_in().await;
    // Few enough for a card each.
    let apps = fail(&mut world, 0..5);
    // No file can grow above 64 KiB, as on a full disk.
    let agent = start_limited(&world, "trap '' XFSZ; ulimit -f 128;");
    until_output(&world, UNWRITABLE).await;
    kill(agent);

    let agent = start(&world);
    all_sent(&world, &apps).await;
    kill(agent);
    assert!(cards(&world).values().all(|(first, _)| *first <= 1), "{:?}", cards(&world));
}

#[tokio::test]
async fn a_state_that_is_locked_stops_everything_until_it_is_free() {
    let mut world = World::new();
    world.settle_in().await;
    let agent = start(&world);
    let mut apps = fail(&mut world, 0..1);
    all_sent(&world, &apps).await;

    let outside = Connection::open(world.state_dir().join(FILE_NAME)).unwrap();
    outside.busy_timeout(PATIENCE).unwrap();
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    apps.extend(fail(&mut world, 1..2));
    until_output(&world, UNWRITABLE).await;
    assert!(!cards(&world).contains_key("App 1"));
    outside.execute_batch("COMMIT").unwrap();
    all_sent(&world, &apps).await;
    kill(agent);
    assert!(cards(&world).values().all(|(first, _)| *first <= 1), "{:?}", cards(&world));
}

#[tokio::test]
async fn a_damaged_state_is_reported_and_the_last_hour_is_sent_again() {
    let damages: [fn(&Path); 3] = [
        |state| File::options().write(true).open(state).unwrap().set_len(5000).unwrap(),
        |state| File::options().write(true).open(state).unwrap().set_len(0).unwrap(),
        |state| fs::remove_file(state).unwrap(),
    ];
    for damage in damages {
        let mut world = World::new();
        world.settle_in().await;
        damage(&world.state_dir().join(FILE_NAME));
        let apps = fail(&mut world, 0..3);
        let agent = start(&world);
        all_sent(&world, &apps).await;
        kill(agent);
        let posts = world.teams.posts();
        assert!(posts.iter().any(|post| post.body.contains("The state file was")));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_unwritable_state_folder_is_refused_with_a_reason() {
    let error = Store::open(Path::new("/proc/footman"), footman::clock::now()).unwrap_err();
    assert!(error.to_string().starts_with("cannot create or write to the state folder"), "{error}");
}

/// The same seed gives the same places.
fn dice(seed: &mut u64, sides: usize) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed % sides as u64).unwrap()
}

#[test]
fn damage_at_any_place_is_detected_or_does_no_harm() {
    let now = footman::clock::now();
    let whole = tempfile::tempdir().unwrap();
    let (mut store, _) = Store::open(whole.path(), now).unwrap();
    store.commit(now, &crate::scale::positions(0..500, Path::new("logs"))).unwrap();
    drop(store);
    let bytes = fs::read(whole.path().join(FILE_NAME)).unwrap();
    let mut seed = 0x0000_da7a_5eed;
    let (mut lost, mut kept) = (0, 0);
    for _ in 0..60 {
        let dir = tempfile::tempdir().unwrap();
        let mut damaged = bytes.clone();
        let (at, len) = (dice(&mut seed, bytes.len()), 1 + dice(&mut seed, 200));
        for byte in damaged.iter_mut().skip(at).take(len) {
            *byte ^= 0x5A;
        }
        fs::write(dir.path().join(FILE_NAME), damaged).unwrap();
        let (mut store, opened, loaded) = StateLock::take(dir.path())
            .and_then(|lock| Store::open_and_load(dir.path(), lock, now))
            .unwrap();
        if opened.lost {
            lost += 1;
            let doubted_until = Some(now);
            assert_eq!(loaded, Loaded { after_loss: true, doubted_until, ..Loaded::default() });
        } else {
            kept += 1;
        }
        store.note("works", "again").unwrap();
    }
    assert!(lost > 0 && kept > 0, "{lost} were detected, {kept} did no harm");
}

#[test]
fn a_state_of_the_first_format_is_migrated() {
    let dir = tempfile::tempdir().unwrap();
    let now = footman::clock::now();
    let (mut store, _) = Store::open(dir.path(), now).unwrap();
    store.commit(now, &crate::scale::positions(0..3, Path::new("logs"))).unwrap();
    drop(store);
    let outside = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let first = "DROP TABLE folder; DROP TABLE command; DROP TABLE incident; DROP TABLE thread; DROP TABLE operation; \
                 DROP INDEX history_by_fingerprint; ALTER TABLE history DROP COLUMN error_class; \
                 ALTER TABLE history DROP COLUMN author; \
                 ALTER TABLE delivery ADD COLUMN notice TEXT NOT NULL DEFAULT ''; \
                 PRAGMA user_version = 1";
    outside.execute_batch(first).unwrap();
    drop(outside);
    let (_store, opened, loaded) = StateLock::take(dir.path())
        .and_then(|lock| Store::open_and_load(dir.path(), lock, now))
        .unwrap();
    assert!(!opened.new && !opened.lost);
    assert_eq!(loaded.checkpoints.len(), 3);
}

/// Opening a folder or device in place of a state file could hang, or read without end.
#[cfg(unix)]
#[test]
fn a_folder_or_a_device_in_place_of_a_state_file_does_not_hang() {
    let now = || "2026-11-27T01:00:00Z".parse().unwrap();
    for name in ["footman.health", "state.lock", "state.db", "state.db-wal"] {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/zero", dir.path().join(name)).unwrap();
        drop(footman::state::Vitals::read(dir.path(), now()));
        let opened = Store::open(dir.path(), now());
        assert_eq!(opened.is_ok(), name != "state.lock", "{name}: {:?}", opened.err());

        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(name)).unwrap();
        drop(footman::state::Vitals::read(dir.path(), now()));
        let opened = Store::open(dir.path(), now());
        assert_eq!(opened.is_ok(), name != "state.lock", "{name}: {:?}", opened.err());
    }
}

/// A regression test: idle connections used up the descriptors that reading needs.
#[cfg(unix)]
#[tokio::test]
async fn with_64_descriptors_and_a_hundred_idle_connections_all_cards_are_sent() {
    let mut world = World::new();
    world.settle_in().await;
    world.config.push_str("[page]\nlisten = \"127.0.0.1:0\"\n");
    let agent = start_limited(&world, "ulimit -n 64;");
    until_output(&world, "local page on http://").await;
    let output_file = world.folder.path().join("output.txt");
    let all = || fs::read_to_string(&output_file).unwrap();
    let output = all();
    let port = output.split("http://127.0.0.1:").nth(1).unwrap();
    let port = port.split(|c: char| !c.is_ascii_digit()).next().unwrap();
    assert!(output.contains("only 64 files and connections"), "{output}");
    let mut idle = Vec::new();
    for _ in 0..100 {
        let address = format!("127.0.0.1:{port}");
        idle.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    let apps: Vec<_> = (0..30).map(|n| format!("App {n}")).collect();
    for app in &apps {
        world.node.fail_now(footman::clock::now(), app, "Table not found").unwrap();
    }
    all_sent(&world, &apps).await;
    let output = all();
    assert!(!output.contains("os error 24"), "{output}");
    drop(idle);
    kill(agent);
}
