//! The state folder: deletion under a running agent, and permissions.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use footman::channels::LocalFolder;
use footman::clock::Timestamp;
use footman::commit::Commit;
use footman::state::{Error, FILE_NAME, Reader, StateLock, Store, can_be_locked};

use crate::support::world::{World, kill};

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn positions() -> Commit {
    crate::scale::positions(0..20, Path::new("/logs"))
}

#[test]
fn a_deleted_folder_is_detected_and_restored_completely() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("state");
    let mut store = Store::open(&folder, now()).unwrap().0;
    store.commit(now(), &positions()).unwrap();
    assert!(store.is_in_place());
    fs::remove_dir_all(&folder).unwrap();
    assert!(!store.is_in_place());
    store.note("heartbeat", "written to a file without a name").unwrap();

    store.put_back().unwrap();
    assert!(store.is_in_place());
    store.note("after", "it continues there").unwrap();
    let reader = Reader::open(&folder).unwrap();
    assert_eq!(reader.files().unwrap(), positions().checkpoints);
    assert_eq!(reader.note("after").unwrap().as_deref(), Some("it continues there"));
    assert!(matches!(Store::open(&folder, now()), Err(Error::InUse { .. })), "still locked");
    drop(store);
    let (store, opened) = Store::open(&folder, now()).unwrap();
    assert!(!opened.lost && !opened.new);
    assert_eq!(store.load().unwrap().checkpoints, positions().checkpoints);
}

#[test]
fn a_deleted_journal_or_lock_is_restored() {
    for name in ["state.db-wal", "state.db-shm", "state.lock", FILE_NAME] {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), now()).unwrap().0;
        store.commit(now(), &positions()).unwrap();
        fs::remove_file(dir.path().join(name)).unwrap();
        if name != "state.db-shm" {
            assert!(!store.is_in_place(), "{name}");
            store.put_back().unwrap();
        }
        store.note("after", "x").unwrap();
        assert!(store.is_in_place(), "{name}");
        drop(store);
        let (store, opened) = Store::open(dir.path(), now()).unwrap();
        assert!(!opened.lost, "{name}");
        assert_eq!(store.load().unwrap().checkpoints.len(), 20, "{name}");
    }
}

#[test]
fn a_folder_taken_by_another_agent_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("state");
    let mut first = Store::open(&folder, now()).unwrap().0;
    first.commit(now(), &positions()).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let second = Store::open(&folder, now()).unwrap().0;
    assert!(matches!(first.put_back(), Err(Error::InUse { .. })));
    drop(second);
    let error = first.put_back().unwrap_err();
    assert!(matches!(error, Error::Replaced { .. }), "{error:?}");
    assert!(!error.is_passing(), "the agent restarts with the new state");
    assert_eq!(Reader::open(&folder).unwrap().files().unwrap(), []);
}

#[test]
fn something_else_in_place_of_the_lock_file_is_named_with_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let lock = dir.path().join("state.lock");
    let refusals = || {
        let opened = Store::open(dir.path(), now()).unwrap_err();
        assert!(opened.hint().unwrap().starts_with("move it away"), "{opened}");
        assert_eq!(can_be_locked(dir.path()).unwrap_err().to_string(), opened.to_string());
        opened.to_string()
    };
    fs::create_dir(&lock).unwrap();
    assert_eq!(refusals(), format!("the lock file {} is a folder", lock.display()));
    fs::remove_dir(&lock).unwrap();
    for nowhere in [dir.path().join("nowhere").join("lock"), lock.clone()] {
        std::os::unix::fs::symlink(nowhere, &lock).unwrap();
        assert!(refusals().ends_with("is a link that leads to no file"));
        fs::remove_file(&lock).unwrap();
    }
}

#[test]
fn a_folder_in_place_of_the_lock_file_takes_no_lock_away_and_no_state() {
    for also_lost in [None, Some(FILE_NAME)] {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(dir.path(), now()).unwrap().0;
        store.commit(now(), &positions()).unwrap();
        let lock = dir.path().join("state.lock");
        fs::remove_file(&lock).unwrap();
        fs::create_dir(&lock).unwrap();
        if let Some(name) = also_lost {
            fs::remove_file(dir.path().join(name)).unwrap();
        }
        for _ in 0..2 {
            assert!(!store.is_in_place());
            assert!(matches!(store.put_back(), Err(Error::Lock { .. })));
        }
        store.note("after", "x").unwrap();
        let reader = Reader::open(dir.path()).unwrap();
        assert_eq!(reader.files().unwrap(), positions().checkpoints);
        assert_eq!(reader.note("after").unwrap().as_deref(), Some("x"));
        assert!(matches!(Store::open(dir.path(), now()), Err(Error::Lock { .. })));
        fs::remove_dir(&lock).unwrap();
        store.put_back().unwrap();
        assert!(store.is_in_place());
        assert!(matches!(Store::open(dir.path(), now()), Err(Error::InUse { .. })), "locked again");
    }
}

#[tokio::test]
async fn an_agent_with_a_folder_in_place_of_its_lock_file_lives_and_says_so() {
    let mut world = World::new();
    world.settle_in().await;
    let mut agent = world.start_program();
    world.fail("Sales", "Table not found");
    world.teams.received(1).await;
    let lock = world.state_dir().join("state.lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    let posts = world.teams.received(2).await;
    assert!(posts[1].body.contains("in place of the file state.lock"), "{}", posts[1].body);
    assert!(agent.try_wait().unwrap().is_none(), "it still holds its lock");
    world.fail("Stock", "Table not found");
    world.teams.received(3).await;
    // Another one cannot be started there, and leaves the record of the first alone.
    assert_eq!(world.start_program().wait().unwrap().code(), Some(3));
    let (code, text) = status(&world.state_dir());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("footman: running: the lock file "), "{text}");
    assert!(text.contains("state.lock is a folder"), "{text}");
    assert!(text.contains("hint: move it away"), "{text}");
    kill(agent);
}

fn status(state_dir: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    let ended = command.arg("status").arg("--state-dir").arg(state_dir).env_clear().output();
    let ended = ended.unwrap();
    let text = [ended.stdout, ended.stderr].concat();
    (ended.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[tokio::test]
async fn a_running_agent_reports_within_a_heartbeat_that_its_state_folder_was_deleted() {
    let mut world = World::new();
    world.settle_in().await;
    let agent = world.start_program();
    world.fail("Sales", "Table not found");
    world.teams.received(1).await;
    fs::remove_dir_all(world.state_dir()).unwrap();
    let posts = world.teams.received(2).await;
    assert!(posts[1].body.contains("was deleted while Footman ran"), "{}", posts[1].body);
    world.fail("Stock", "Table not found");
    world.teams.received(3).await;
    kill(agent);
    let loaded = StateLock::take(&world.state_dir())
        .and_then(|lock| Store::open_and_load(&world.state_dir(), lock, footman::clock::now()))
        .unwrap()
        .2;
    assert!(!loaded.is_blank(), "the positions are restored");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Files and folders in a folder that others can access, with their permissions.
fn wide(dir: &Path) -> Vec<String> {
    let mut wide = Vec::new();
    if mode(dir) & 0o077 != 0 {
        wide.push(format!("{:o} {}", mode(dir), dir.display()));
    }
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            wide.extend(self::wide(&path));
        } else if mode(&path) & 0o077 != 0 {
            wide.push(format!("{:o} {}", mode(&path), path.display()));
        }
    }
    wide
}

#[tokio::test]
async fn created_files_are_private_whatever_the_umask() {
    let mut world = World::new();
    world.config = world.config.replace("webhook-env", "# webhook-env");
    let script = "umask 0; exec \"$0\" \"$@\"";
    let agent = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_footman"), "run", "--config"])
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    world.started().await;
    world.fail("Sales", "Table not found");
    let cards = LocalFolder::new(world.state_dir().join("cards/default"), 9);
    let mut turns = tokio::time::interval(std::time::Duration::from_millis(20));
    while cards.cards().unwrap_or_default().is_empty() {
        turns.tick().await;
    }
    let log = world.folder.path().join("log");
    let found = [wide(&world.state_dir()), wide(&log)].concat();
    kill(agent);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn permissions_of_an_earlier_version_are_tightened_but_not_in_shared_folders() {
    let dir = tempfile::tempdir().unwrap();
    let (ours, shared) = (dir.path().join("state"), dir.path().join("shared"));
    for folder in [&ours, &shared] {
        drop(Store::open(folder, now()).unwrap());
        for entry in fs::read_dir(folder).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o644)).unwrap();
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(shared.join("holiday.jpg"), "").unwrap();
    let stores = [&ours, &shared].map(|folder| Store::open(folder, now()).unwrap());
    assert_eq!(wide(&ours), Vec::<String>::new());
    assert_eq!(mode(&shared), 0o755);
    drop(stores);
}

#[test]
fn a_webhook_that_others_can_read_is_refused() {
    let world = World::new();
    let webhook = world.folder.path().join("webhook.txt");
    fs::write(&webhook, "https://prod-00.westeurope.logic.azure.com/workflows/1?sig=x").unwrap();
    let config = world.folder.path().join("footman.toml");
    fs::write(&config, "[channel.ops]\nwebhook-file = \"webhook.txt\"\n").unwrap();
    let command = |command: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args([command, "--config"])
            .arg(&config)
            .arg("--log-root")
            .arg(world.log_root())
            .arg("--state-dir")
            .arg(world.state_dir())
            .env("FOOTMAN_TEAMS_WEBHOOK", crate::support::fake_teams::refused_url())
            .output()
            .unwrap();
        let (out, err) = (output.stdout, output.stderr);
        let printed = String::from_utf8_lossy(&[out, err].concat()).into_owned();
        (output.status.code(), printed)
    };
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(&webhook, fs::Permissions::from_mode(mode)).unwrap();
        for name in ["check", "doctor", "run", "test-send"] {
            let (code, printed) = command(name);
            assert_eq!(code, Some(3), "{name}: {printed}");
            assert!(printed.contains("can be read by other accounts"), "{name}: {printed}");
            assert!(printed.contains("chmod 600"), "{name}: {printed}");
        }
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&webhook, fs::Permissions::from_mode(mode)).unwrap();
        assert!(!command("check").1.contains("other accounts"));
    }
}
