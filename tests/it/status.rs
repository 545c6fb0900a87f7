//! `status` on a state folder without a running agent, or with one that is starting.

use std::fs;
use std::path::Path;
use std::process::Command;

use footman::clock;
use footman::state::{FILE_NAME, NOT_ADVANCING, Store, WATCHING};
use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::support::world::{World, kill, until};

type Damage = Box<dyn Fn(&Path)>;

/// The exit code and the output of `status`.
fn status(state_dir: &Path) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["status", "--state-dir"])
        .arg(state_dir)
        .env_clear()
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// The output of a command with this state folder and no configuration.
fn output_of(command: &str, state_dir: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args([command, "--state-dir"])
        .arg(state_dir)
        .env_clear()
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A closed state, as an agent leaves it.
fn left_behind() -> TempDir {
    let dir = TempDir::new().unwrap();
    drop(Store::open(dir.path(), clock::now()).unwrap());
    dir
}

#[test]
fn an_invalid_state_is_reported_with_its_problem_and_set_aside_at_the_start() {
    let foreign = |sql: &'static str| {
        move |file: &Path| {
            fs::remove_file(file).unwrap();
            Connection::open(file).unwrap().execute_batch(sql).unwrap();
        }
    };
    let cases: [(&str, Damage, bool); 7] = [
        ("is empty", Box::new(|file| fs::write(file, "").unwrap()), false),
        ("is gone", Box::new(|file| fs::remove_file(file).unwrap()), false),
        ("it is not a database", Box::new(|file| fs::write(file, "hello").unwrap()), true),
        (
            "malformed",
            Box::new(|file| {
                fs::File::options().write(true).open(file).unwrap().set_len(5000).unwrap();
            }),
            true,
        ),
        ("of another program", Box::new(foreign("CREATE TABLE x (a)")), true),
        ("no such table", Box::new(foreign("CREATE TABLE x (a); PRAGMA user_version = 2")), true),
        (
            "table folder",
            Box::new(|file| {
                Connection::open(file).unwrap().execute_batch("DROP TABLE folder").unwrap();
            }),
            true,
        ),
    ];
    for (message, damage, is_kept) in cases {
        let dir = left_behind();
        damage(&dir.path().join(FILE_NAME));
        let (code, text) = status(dir.path());
        assert_eq!(code, Some(3), "{text}");
        assert!(text.contains(message) && text.contains("hint: "), "{message}: {text}");
        assert!(!text.contains("no agent has run"), "{text}");
        let (_, opened) = Store::open(dir.path(), clock::now()).unwrap();
        assert!(opened.lost, "{message}");
        assert_eq!(opened.damaged.is_some(), is_kept, "{message}");
    }
}

#[test]
fn a_folder_that_no_agent_has_used_is_reported_as_such() {
    let dir = TempDir::new().unwrap();
    let (code, text) = status(dir.path());
    assert_eq!(code, Some(3));
    assert!(text.contains("no agent has run") && text.contains("hint: "), "{text}");
}

#[test]
fn an_agent_is_well_only_after_it_has_its_positions() {
    let dir = TempDir::new().unwrap();
    let (mut store, _) = Store::open(dir.path(), clock::now()).unwrap();
    store.note("started", &clock::now().to_string()).unwrap();
    let (code, text) = status(dir.path());
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("starting since") && text.contains("positions"), "{text}");
    store.note(WATCHING, &clock::now().to_string()).unwrap();
    let (code, text) = status(dir.path());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("running since"), "{text}");
}

#[tokio::test]
async fn a_log_root_that_disappears_while_it_is_followed_is_not_well() {
    let mut world = World::new();
    world.fail("Sales", "Table not found");
    let (root, away) = (world.log_root().to_owned(), world.folder.path().join("away"));
    let ask = |args: &[&str]| {
        let program = env!("CARGO_BIN_EXE_footman");
        let state = world.state_dir();
        let asked = Command::new(program).args(args).arg("--state-dir").arg(state).output();
        let asked = asked.unwrap();
        let text = [asked.stdout, asked.stderr].concat();
        (asked.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    world
        .run_while(async {
            world.started().await;
            until(|| ask(&["status"]).0 == Some(0)).await;
            for instead in ["nothing", "an empty folder", "a file"] {
                fs::rename(&root, &away).unwrap();
                match instead {
                    "nothing" => {}
                    "a file" => fs::write(&root, "no folder").unwrap(),
                    _ => fs::create_dir(&root).unwrap(),
                }
                until(|| ask(&["status"]).0 == Some(3)).await;
                let (_, text) = ask(&["status"]);
                assert!(text.contains("waiting for the log root"), "{text}");
                let (code, json) = ask(&["status", "--json"]);
                assert_eq!(code, Some(3), "{json}");
                let json = &json[json.find('{').unwrap()..=json.rfind('}').unwrap()];
                let json: serde_json::Value = serde_json::from_str(json).unwrap();
                assert_eq!(json["condition"], "running");
                let why = json["why"].as_str().unwrap();
                assert!(why.starts_with("waiting for the log root"), "{json:#}");
                match instead {
                    "nothing" => {}
                    "a file" => fs::remove_file(&root).unwrap(),
                    _ => fs::remove_dir(&root).unwrap(),
                }
                fs::rename(&away, &root).unwrap();
                until(|| ask(&["status"]).0 == Some(0)).await;
                let (_, text) = ask(&["status"]);
                assert!(text.contains("0 current"), "{instead}: {text}");
            }
        })
        .await;
}

#[tokio::test]
async fn run_waits_for_an_absent_or_empty_log_root_and_status_says_so() {
    for is_empty in [false, true] {
        let world = World::new();
        let (root, away) = (world.log_root().to_owned(), world.folder.path().join("away"));
        fs::rename(&root, &away).unwrap();
        if is_empty {
            fs::create_dir(&root).unwrap();
        }
        let mut program = world.start_program();
        let said = || status(&world.state_dir());
        until(|| said().1.contains("waiting for the log root")).await;
        let (code, text) = said();
        assert_eq!(code, Some(3), "{text}");
        let what = if is_empty { "it is empty" } else { "it does not exist" };
        assert!(text.contains(what), "{text}");
        assert!(program.try_wait().unwrap().is_none(), "it goes on waiting: {text}");
        if is_empty {
            fs::remove_dir(&root).unwrap();
        }
        fs::rename(&away, &root).unwrap();
        until(|| said().0 == Some(0)).await;
        kill(program);
    }
}

#[tokio::test]
async fn run_goes_on_waiting_while_the_log_root_holds_other_things_only() {
    let world = World::new();
    let (root, away) = (world.log_root().to_owned(), world.folder.path().join("away"));
    fs::rename(&root, &away).unwrap();
    fs::create_dir(&root).unwrap();
    let mut program = world.start_program();
    let said = || status(&world.state_dir());
    until(|| said().1.contains("it is empty; it is followed")).await;
    fs::create_dir(root.join("junk")).unwrap();
    let found = "it holds no folder of Qlik Sense's logs, only junk; it is followed as soon as";
    until(|| said().1.contains(found)).await;
    let (code, text) = said();
    assert_eq!(code, Some(3), "{text}");
    assert!(program.try_wait().unwrap().is_none(), "it goes on waiting: {text}");
    fs::create_dir_all(root.join("Scheduler").join("Trace")).unwrap();
    until(|| said().0 == Some(0)).await;
    kill(program);
}

#[test]
fn what_the_configuration_came_to_is_wrapped_and_has_local_times() {
    let dir = left_behind();
    let (mut store, _) = Store::open(dir.path(), clock::now()).unwrap();
    let keys = ["page.listen", "heartbeat.every", "node.folders", "history.keep"].repeat(4);
    let note = |result| json!({ "at": "2026-11-28T12:00:00Z", "result": result }).to_string();
    let applied = json!({ "applied": { "taken": keys, "waiting": ["state-dir"] } });
    let message = keys.join(", ");
    let broken = json!({ "broken": { "place": "f.toml:3:1", "message": message, "more": 2 } });
    let earlier = "applied at 2026-11-28T12:00:00Z: page.listen";
    let cases = [
        (note(applied), "applied at Sat 28 Nov 2026 12:00:00 +00:00: page.listen"),
        (note(broken), "broken, the earlier one is in force: f.toml:3:1: page.listen"),
        // That of an earlier version is shown as it is.
        (earlier.to_owned(), earlier),
    ];
    for (note, begin) in cases {
        store.note("configuration", &note).unwrap();
        let shown = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(["status", "--state-dir"])
            .arg(dir.path())
            .env_clear()
            .envs([("TZ", "UTC"), ("COLUMNS", "80")])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        let local = format!("config      {begin}");
        assert!(text.contains(&local), "{text}");
        // A path is one word.
        let is_wide = |line: &&str| line.chars().count() > 80 && line.contains(", ");
        assert_eq!(text.lines().find(is_wide), None, "{text}");
    }
}

#[test]
fn a_card_whose_next_attempt_has_come_is_due_now() {
    let dir = left_behind();
    let state = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    let sql = "INSERT INTO delivery (id, channel, severity, fingerprint, reason, form, summary, \
               payload, plain, created, state, attempts, next_at, possible_repeat, wait) \
               VALUES ('a@default', 'default', 'error', 'f', 'opened', 'card', 's', '{}', '{}', 0, \
               'pending', 3, 1000000, 0, 0)";
    state.execute(sql, []).unwrap();
    drop(state);
    for (command, due) in [("list", ", due now"), ("show", "due now")] {
        let shown = Command::new(env!("CARGO_BIN_EXE_footman"))
            .args(["outbox", command])
            .args((command == "show").then_some("a@default"))
            .arg("--state-dir")
            .arg(dir.path())
            .env_clear()
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(text.contains(due) && !text.contains(", next "), "{command}: {text}");
    }
}

#[test]
fn cards_for_a_channel_that_is_not_configured_are_named_by_status_and_check() {
    let dir = left_behind();
    let state = Connection::open(dir.path().join(FILE_NAME)).unwrap();
    for (id, channel) in [("a@old", "old"), ("b@old", "old"), ("c@default", "default")] {
        let sql = "INSERT INTO delivery (id, channel, severity, fingerprint, reason, form, summary, \
                   payload, plain, created, state, attempts, possible_repeat, wait) \
                   VALUES (?1, ?2, 'error', 'f', 'opened', 'card', 's', '{}', '{}', 0, 'pending', 0, 0, 0)";
        state.execute(sql, [id, channel]).unwrap();
    }
    drop(state);
    for command in ["status", "check"] {
        let output = output_of(command, dir.path());
        let lines: Vec<&str> =
            output.lines().filter(|line| line.contains("not configured")).collect();
        assert_eq!(lines.len(), 1, "{command}: {output}");
        assert!(lines[0].contains("2 ") && lines[0].contains("channel old"), "{command}: {output}");
    }
}

#[tokio::test]
async fn an_agent_that_cannot_read_a_folder_is_not_well_for_status_and_doctor() {
    let world = World::new();
    // A file in place of a folder is unreadable for every account, including root.
    let trace = world.log_root().join("Engine").join("Trace");
    fs::remove_dir_all(&trace).ok();
    fs::create_dir_all(trace.parent().unwrap()).unwrap();
    fs::write(&trace, "no folder").unwrap();
    world
        .run_while(async {
            world.until_note(NOT_ADVANCING, "folder").await;
            let (code, text) = status(&world.state_dir());
            assert_eq!(code, Some(3), "{text}");
            assert!(text.contains("footman: running: logs are not read: "), "{text}");
            assert!(
                output_of("doctor", &world.state_dir())
                    .contains("✗ the agent runs, but not as it should: logs")
            );
            fs::remove_file(&trace).unwrap();
            fs::create_dir(&trace).unwrap();
            while status(&world.state_dir()).0 != Some(0) {
                tokio::task::yield_now().await;
            }
        })
        .await;
}

#[tokio::test]
async fn a_folder_that_vanishes_is_noted_by_status_and_doctor_and_is_no_alarm() {
    let world = World::new();
    let (root, away) = (world.log_root().to_owned(), world.folder.path().join("away"));
    let scheduler = root.join("Scheduler");
    world
        .run_while(async {
            world.started().await;
            fs::rename(&scheduler, &away).unwrap();
            world.until_note("troubles", "vanished-folder").await;
            let (code, text) = status(&world.state_dir());
            assert_eq!(code, Some(0), "its service may have been removed: {text}");
            assert!(text.contains("vanished-folder since"), "{text}");
            let text = output_of("doctor", &world.state_dir());
            let trace = scheduler.join("Trace");
            assert!(text.contains("! folders that the agent followed no longer exist: "), "{text}");
            assert!(text.contains(&*trace.to_string_lossy()), "{text}");
            fs::rename(&away, &scheduler).unwrap();
            let is_noted = || output_of("doctor", &world.state_dir()).contains("no longer exists");
            while is_noted() {
                tokio::task::yield_now().await;
            }
        })
        .await;
}

#[cfg(unix)]
#[tokio::test]
async fn an_agent_whose_lock_file_was_deleted_is_not_dead() {
    let world = World::new();
    world
        .run_while(async {
            world.started().await;
            fs::remove_file(world.state_dir().join("state.lock")).unwrap();
            let (code, text) = status(&world.state_dir());
            assert_eq!(code, Some(0), "{text}");
            assert!(text.contains("running since"), "{text}");
        })
        .await;
}
