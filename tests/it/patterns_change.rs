//! Patterns that change while the agent runs, and the commands for patterns.

use std::path::Path;

use serde_json::Value;

use crate::support::world::{World, texts};

const OWN: &str = "[[pattern]]
id = 'own'
title = 'TITLE'
meaning = 'Something of our own happened.'
log = 'System_Scheduler'
kind = 'service'
severity = 'error'
key = ['Message']
when = { Message = 'Own session begun' }
";

fn write(world: &World, text: &str) {
    let folder = world.folder.path().join("patterns");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("own.toml"), text).unwrap();
}

/// Waits until the agent's note on its patterns has this result.
async fn noted(state_dir: &Path, result: &str) -> String {
    let mut often = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        often.tick().await;
        let reader = footman::state::Reader::open(state_dir);
        let note = reader.ok().and_then(|reader| reader.note("patterns").ok()).flatten();
        if let Some(note) = note.filter(|note| note.contains(result)) {
            return note;
        }
    }
}

#[tokio::test]
async fn a_changed_pattern_takes_effect_without_a_restart() {
    let mut world = World::new();
    write(&world, &OWN.replace("Own session begun", "Nothing such"));
    world.settle_in().await;
    let state = world.state_dir();
    let overlay = world.folder.path().join("patterns/own.toml");
    world
        .run_while(async {
            noted(&state, r#""result":"unchanged""#).await;
            std::fs::write(&overlay, OWN.replace("Own session begun", "Max retries reached"))
                .unwrap();
            noted(&state, r#""result":"reloaded""#).await;
        })
        .await;
    world.fail("Sales", "Table not found");
    let posts = world.run_until(2).await;
    let all: Vec<String> = posts.iter().flat_map(|post| texts(&post.body)).collect();
    assert!(all.iter().any(|text| text == "Qlik service: TITLE"), "{all:#?}");
}

#[tokio::test]
async fn a_broken_file_keeps_the_old_patterns_in_force_and_is_reported() {
    let mut world = World::new();
    write(&world, &OWN.replace("Own session begun", "Max retries reached"));
    world.settle_in().await;
    let (state, file) = (world.state_dir(), world.folder.path().join("patterns/own.toml"));
    let note = world
        .run_while(async {
            noted(&state, r#""result":"unchanged""#).await;
            std::fs::write(&file, OWN.replace("Own session begun", "(")).unwrap();
            noted(&state, r#""result":{"broken""#).await
        })
        .await;
    assert!(note.contains("own.toml:9:"), "{note}");
    std::fs::write(&file, OWN.replace("Own session begun", "Max retries reached")).unwrap();
    world.fail("Sales", "Table not found");
    let posts = world.run_until(3).await;
    let all: Vec<String> = posts.iter().flat_map(|post| texts(&post.body)).collect();
    assert!(all.iter().any(|text| text == "Footman needs attention"), "{all:#?}");
    assert!(all.iter().any(|text| text == "Qlik service: TITLE"), "{all:#?}");
}

fn footman(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("TZ", "UTC")
        .env("ProgramData", folder)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A configuration with a channel and an overlay for `prod`.
fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let overlays = folder.path().join("patterns/environments");
    std::fs::create_dir_all(&overlays).unwrap();
    let prod = "[[adjust]]\nid = 'access-denied'\nseverity = 'critical'\nchannel = 'ops'\n\n[[adjust]]\nid = 'reload-overdue'\nenabled = false\n";
    std::fs::write(overlays.join("prod.toml"), prod).unwrap();
    std::fs::write(folder.path().join("footman.toml"), "[channel.ops]\n").unwrap();
    folder
}

#[test]
fn list_shows_the_patterns_in_force_in_an_environment_and_their_changes() {
    let folder = site();
    let list = |environment: &[&str]| {
        let args = ["patterns", "list", "--json", "--config=footman.toml"];
        let (code, out, err) = footman(folder.path(), &[&args, environment].concat());
        assert_eq!(code, Some(0), "{err}");
        let all: Vec<Value> = serde_json::from_str(&out).unwrap();
        move |id: &str| all.iter().find(|one| one["id"] == id).unwrap().clone()
    };
    let prod = list(&["--environment=prod"]);
    let denied = prod("access-denied");
    assert_eq!((&denied["severity"], &denied["channel"]), (&"critical".into(), &"ops".into()));
    assert_eq!(denied["decisions"][0]["line"], 3);
    assert!(denied["decisions"][0]["file"].as_str().unwrap().ends_with("prod.toml"));
    assert_eq!(prod("reload-overdue")["enabled"], false);
    let plain = list(&[]);
    assert_eq!(plain("access-denied")["severity"], "warning");
    assert_eq!(plain("reload-overdue")["enabled"], true);
}

#[test]
fn a_misspelled_environment_is_reported_with_the_right_one() {
    let folder = site();
    let args = ["patterns", "list", "--config=footman.toml", "--environment=prd"];
    let (code, _, err) = footman(folder.path(), &args);
    assert_eq!(code, Some(3));
    assert!(err.contains("environments/prd.toml") && err.contains("`prod`"), "{err}");
}

#[test]
fn show_prints_everything_about_one_pattern() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, _) = footman(folder.path(), &["patterns", "show", "sign-in-failed-by-user"]);
    assert_eq!(code, Some(0));
    for expected in ["5 in 5m by user", "patterns/security.toml:", "security", "seen: "] {
        assert!(out.contains(expected), "{expected} is not in\n{out}");
    }
    let (code, _, err) = footman(folder.path(), &["patterns", "show", "acces-denied"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("did you mean `access-denied`?"), "{err}");
}

#[test]
fn test_runs_the_samples_of_a_file_that_is_not_installed_yet() {
    let folder = tempfile::tempdir().unwrap();
    let good = format!("{OWN}\n[[pattern.matches]]\nMessage = 'Own session begun'\n");
    std::fs::write(folder.path().join("own.toml"), &good).unwrap();
    let (code, out, err) = footman(folder.path(), &["patterns", "test", "own.toml"]);
    assert_eq!(code, Some(0), "{out}{err}");
    std::fs::write(
        folder.path().join("own.toml"),
        good.replace("Message = 'Own session begun'\n", "Message = 'x'\n"),
    )
    .unwrap();
    let (code, out, err) = footman(folder.path(), &["patterns", "test", "own.toml"]);
    assert_eq!(code, Some(3));
    assert!((out + &err).contains("own.toml:11:"));
}

#[test]
fn the_schema_contains_every_key_of_the_built_in_patterns() {
    let folder = tempfile::tempdir().unwrap();
    let (_, out, _) = footman(folder.path(), &["patterns", "schema"]);
    let schema: Value = serde_json::from_str(&out).unwrap();
    let of = |list: &str| {
        let name = schema["properties"][list]["items"]["$ref"].as_str().unwrap();
        schema["$defs"][name.rsplit('/').next().unwrap()]["properties"].clone()
    };
    for pack in footman::detect::builtin_packs() {
        let table: toml::Table = pack.text.parse().unwrap();
        for (list, entries) in &table {
            let known = of(list);
            for key in
                entries.as_array().unwrap().iter().flat_map(|one| one.as_table().unwrap().keys())
            {
                assert!(known.get(key).is_some(), "{key} of {} is not in the schema", pack.file);
            }
        }
    }
    assert!(of("adjust").get("channel").is_some());
    assert_eq!(
        schema["$defs"]["Severity"]["oneOf"].as_array().map_or(0, Vec::len)
            + schema["$defs"]["Severity"]["enum"].as_array().map_or(0, Vec::len),
        4
    );
    assert_eq!(schema["$defs"]["PatternTable"]["additionalProperties"], false);
}
