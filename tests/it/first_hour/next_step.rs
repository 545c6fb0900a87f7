//! The next step that a command names can be taken: what is wrong first comes first.

use std::fs;
use std::net::TcpListener;

use footman::clock;
use footman::state::{FILE_NAME, HealthFile, StateLock, Store};

use super::{LOGS, footman, node, printed};

#[test]
fn where_run_would_refuse_no_command_says_to_start_it() {
    let folder = node();
    fs::create_dir(folder.path().join("foreign")).unwrap();
    fs::write(folder.path().join("foreign/notes.txt"), "x").unwrap();
    fs::write(folder.path().join("file"), "x").unwrap();
    let cases: [&[&str]; 5] = [
        &["--state-dir=state"],
        &["--state-dir=state", "--log-root=foreign"],
        &["--state-dir=file", LOGS],
        &["--state-dir=file/below", LOGS],
        &["--state-dir=state", "--config=nowhere.toml", LOGS],
    ];
    for args in cases {
        // Where Windows has Qlik Sense, its log root would be found.
        let run = |command: &str| {
            let elsewhere = folder.path().join("elsewhere").display().to_string();
            let ended = footman(
                folder.path(),
                &[("ProgramData", &elsewhere)],
                &[&[command], args].concat(),
            );
            (ended.status.code(), printed(&ended))
        };
        for command in ["check", "doctor", "status"] {
            let (code, text) = run(command);
            assert_eq!(code, Some(3), "{command} {args:?}: {text}");
            assert!(!text.contains("start Footman: "), "{command} {args:?}: {text}");
            assert!(!text.contains("start `footman run"), "{command} {args:?}: {text}");
        }
    }
}

#[test]
fn a_damaged_state_is_one_problem_with_one_next_step_for_all_readers() {
    let folder = node();
    fs::create_dir(folder.path().join("state")).unwrap();
    fs::write(folder.path().join("state").join(FILE_NAME), "no database ".repeat(500)).unwrap();
    let commands: [&[&str]; 7] = [
        &["status"],
        &["history"],
        &["incidents"],
        &["stats"],
        &["outbox", "list"],
        &["silence", "list"],
        &["show", "x"],
    ];
    for command in commands {
        let ended = footman(folder.path(), &[], &[command, &["--state-dir=state"]].concat());
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{command:?}: {text}");
        assert!(text.contains("it is not a database"), "{command:?}: {text}");
        assert!(text.contains("start the agent: it sets a damaged state aside"), "{text}");
    }
}

#[test]
fn a_second_agent_is_refused_before_its_page_and_names_the_process_of_the_first() {
    let folder = node();
    let state = folder.path().join("state");
    let _lock = StateLock::take(&state).unwrap();
    assert!(HealthFile::open(&state, clock::now()).write());
    let page = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("[page]\nlisten = '{}'\n", page.local_addr().unwrap());
    fs::write(folder.path().join("footman.toml"), listen).unwrap();
    let args = ["run", "--config=footman.toml", "--state-dir=state", LOGS];
    let ended = footman(folder.path(), &[], &args);
    let text = printed(&ended);
    assert_eq!(ended.status.code(), Some(3), "{text}");
    let process = format!(", process {}", std::process::id());
    assert!(text.contains("another agent uses the state folder"), "{text}");
    assert!(text.contains(&process), "{text}");
    assert!(!text.contains("not served"), "{text}");
}

#[test]
fn a_test_card_whose_template_is_broken_is_not_sent_as_another_card() {
    let folder = node();
    fs::create_dir(folder.path().join("templates")).unwrap();
    fs::write(folder.path().join("templates/reload-failed.json"), "{").unwrap();
    fs::write(folder.path().join("footman.toml"), "").unwrap();
    let send = |kind: &str| {
        let args = ["test-send", kind, "--config=footman.toml", "--state-dir=state", LOGS];
        let ended = footman(folder.path(), &[], &args);
        (ended.status.code(), printed(&ended))
    };
    let (code, text) = send("--kind=reload-failed");
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("nothing was sent: the template of the kind reload-failed"), "{text}");
    let (code, text) = send("--kind=test");
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_missing_webhook_is_said_once_with_the_command_that_sets_it() {
    let folder = node();
    drop(Store::open(&folder.path().join("state"), clock::now()).unwrap());
    let text = printed(&footman(folder.path(), &[], &["check", "--state-dir=state", LOGS]));
    assert_eq!(text.matches("has no webhook").count(), 1, "{text}");
    assert!(text.contains("run `footman setup"), "{text}");
    assert!(text.contains("not found; using defaults"), "{text}");
}
