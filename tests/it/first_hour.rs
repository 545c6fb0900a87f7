//! What a new administrator meets: a cut webhook, a wrong folder, a state that cannot be written. Each
//! command says so, with what to do, and none calls well what was not tested.

mod next_step;
mod places;
mod words;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use footman::clock;
use footman::state::Store;

use crate::support::fake_teams::FakeTeams;
use crate::support::world::World;

const HOOK: &str = "FOOTMAN_TEAMS_WEBHOOK";
const CUT: &str = "https://prod-07.westeurope.logic.azure.com:443/workflows/0123/triggers/manual/paths/invoke?api-version=1";

/// One call in this folder, with these variables alone.
fn footman(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.args(args).current_dir(folder).env_clear();
    command.env("TZ", "UTC").env("ProgramData", folder).env("USER", "tester");
    command.envs(variables.iter().copied()).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// A folder with a log root `Log` of a node.
fn node() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for log in ["Scheduler/Trace", "Engine/Trace", "Script"] {
        fs::create_dir_all(folder.path().join("Sense/Log").join(log)).unwrap();
    }
    let log = folder.path().join("Sense/Log/Scheduler/Trace/NODE1_System_Scheduler.txt");
    fs::write(log, "Sequence#\tTimestamp\tLevel\tHostname\tLogger\tMessage\n").unwrap();
    folder
}

pub(crate) const LOGS: &str = "--log-root=Sense/Log";

#[test]
fn a_webhook_without_its_signature_or_of_another_service_ends_every_command_with_3() {
    let folder = node();
    for (url, sentence) in [
        (CUT, "no signature (sig=)"),
        ("https://hooks.slack.com/services/T0/B0/topSecret", "Slack"),
        ("https://discord.com/api/webhooks/1/topSecret", "Discord"),
        ("https://x.webhook.office.com/webhookb2/topSecret", "Office 365 connectors"),
    ] {
        for command in ["check", "doctor", "test-send", "run"] {
            let args = [command, "--state-dir=state", LOGS];
            let ended = footman(folder.path(), &[(HOOK, url)], &args);
            let text = printed(&ended);
            assert_eq!(ended.status.code(), Some(3), "{command} {url}: {text}");
            assert!(text.contains(sentence), "{command} {url}: {text}");
            assert!(!text.contains("topSecret") && !text.contains("no problems found"), "{text}");
            assert!(!text.contains("has no webhook"), "it has one: {command}: {text}");
            assert!(text.contains(&format!("variable {HOOK}")), "{command}: {text}");
            assert!(!text.contains("footman.toml:1:1"), "no file is to blame: {text}");
        }
        assert!(!folder.path().join("state").exists(), "nothing was begun");
    }
    let hint =
        printed(&footman(folder.path(), &[(HOOK, CUT)], &["check", LOGS, "--state-dir=state"]));
    assert!(hint.contains("set \"NAME=URL\"") && hint.contains("Any user in my tenant"), "{hint}");
    assert!(!hint.contains("redacted"), "the example is no secret: {hint}");
}

#[test]
fn a_relay_is_only_remarked_on_and_loopback_not_at_all() {
    let (folder, teams) = (node(), FakeTeams::start([]));
    let args = ["check", "--state-dir=state", LOGS];
    let relay = footman(folder.path(), &[(HOOK, "https://relay.invalid/hook")], &args);
    assert_eq!(relay.status.code(), Some(4), "it is not there: {}", printed(&relay));
    assert!(printed(&relay).contains("relay.invalid is not a known host"), "{}", printed(&relay));
    let local = format!("{}/hook", teams.url().split("/workflows").next().unwrap());
    let ended = footman(folder.path(), &[(HOOK, &local)], &args);
    assert_eq!(ended.status.code(), Some(0), "{}", printed(&ended));
    assert!(!printed(&ended).contains("note"), "{}", printed(&ended));
    assert!(printed(&ended).contains("no problems found"), "{}", printed(&ended));
    assert!(teams.posts().iter().all(|it| it.method == "HEAD"), "no card is posted");
}

/// A wrong log root, the sentence about it, and what it should have been.
#[test]
fn a_wrong_log_root_ends_check_and_doctor_with_3_and_a_guess() {
    let folder = node();
    let make = |path: &str| fs::create_dir_all(folder.path().join(path)).unwrap();
    make("empty");
    make("other/bin");
    make("Sense/Engine");
    make("Sense/Repository");
    fs::write(folder.path().join("file"), "x").unwrap();
    let root = "Sense/Log";
    for (wrong, sentence, guess) in [
        ("Sense", "holds no logs", root),
        ("Sense/Log/Engine", "holds no logs", root),
        ("Sense/Log/Engine/Trace", "is empty", root),
        ("Sense/Logs", "does not exist", root),
        ("Sense/log/Script", "does not exist", root),
        ("Sence/Log", "does not exist", root),
        ("other", "holds no logs", ""),
        ("other/bin", "is empty", ""),
        ("empty", "is empty", ""),
        ("nowhere", "does not exist", ""),
        ("file", "is not a folder", ""),
    ] {
        if wrong == "Sense/log/Script" && cfg!(windows) {
            continue;
        }
        for command in ["check", "doctor"] {
            let flag = format!("--log-root={wrong}");
            let ended = footman(folder.path(), &[], &[command, &flag, "--state-dir=state"]);
            let text = printed(&ended).replace('\\', "/");
            assert_eq!(ended.status.code(), Some(3), "{command} {wrong}: {text}");
            assert!(text.contains(&format!("{wrong} {sentence}")), "{command} {wrong}: {text}");
            let guess = format!("did you mean {guess}?");
            assert!(guess == "did you mean ?" || text.contains(&guess), "{wrong}: {text}");
            assert!(text.contains("--log-root: the log root"), "{text}");
            assert!(!text.contains("\nno problems found"), "{text}");
        }
    }
    for command in ["check", "doctor"] {
        let ended = footman(folder.path(), &[], &[command, "--state-dir=state"]);
        assert_eq!(ended.status.code(), Some(3), "{}", printed(&ended));
        assert!(printed(&ended).contains("no Qlik Sense logs found"), "{}", printed(&ended));
        let ended = footman(folder.path(), &[], &[command, LOGS, "--state-dir=state"]);
        assert_eq!(ended.status.code(), Some(0), "{}", printed(&ended));
    }
}

#[test]
fn a_folder_of_another_program_that_has_a_known_name_is_not_called_well() {
    for (known, file) in
        [("Script", "build.log"), ("Engine", "my_notes_file.txt"), ("Proxy", "access.log")]
    {
        let folder = node();
        let inner = folder.path().join("other").join(known);
        fs::create_dir_all(inner.join("sub")).unwrap();
        fs::write(inner.join(file), "x\n").unwrap();
        fs::write(inner.join("sub").join(file), "x\n").unwrap();
        let sentence = "no log file of Qlik Sense was found below other";
        for command in ["check", "doctor"] {
            let args = [command, "--log-root=other", "--state-dir=state"];
            let ended = footman(folder.path(), &[], &args);
            let text = printed(&ended);
            assert_eq!(ended.status.code(), Some(0), "{command} {known}: {text}");
            assert!(text.contains(&format!("? {sentence}")), "{command} {known}: {text}");
            assert!(!text.contains("no problems found"), "{command} {known}: {text}");
        }
        let args = ["setup", "--yes", "--service=no", "--test-card=no", "--config=new.toml"];
        let args = [&args[..], &["--log-root=other", "--state-dir=state"]].concat();
        let text = printed(&footman(folder.path(), &[], &args));
        assert!(text.contains("note: no log file of Qlik Sense was found"), "{known}: {text}");
    }
}

#[test]
fn a_folder_without_logs_is_never_the_one_that_was_meant() {
    let folder = node();
    fs::create_dir_all(folder.path().join("home/user")).unwrap();
    for command in ["check", "doctor"] {
        let args = [command, "--log-root=hope", "--state-dir=state"];
        let ended = footman(folder.path(), &[], &args);
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{command}: {text}");
        assert!(!text.contains("did you mean home"), "{command}: {text}");
    }
}

#[test]
fn a_relative_log_root_begins_at_the_ends_of_its_files_too() {
    let mut world = World::new();
    world.fail("Sales", "Table not found");
    world.config_file();
    let args = ["--config=footman.toml", LOGS, "--state-dir=state"];
    let hook = world.teams.url();
    let mut agent = Command::new(env!("CARGO_BIN_EXE_footman"))
        .arg("run")
        .args(args)
        .current_dir(world.folder.path())
        .env_clear()
        .env(HOOK, &hook)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let status = || {
        let args = [&["status", "--json"][..], &args].concat();
        footman(world.folder.path(), &[(HOOK, &hook)], &args)
    };
    while status().status.code() != Some(0) {
        assert!(agent.try_wait().unwrap().is_none(), "it ended: {}", printed(&status()));
    }
    let json: serde_json::Value = serde_json::from_slice(&status().stdout).unwrap();
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_eq!(json["counters"]["bytes.read"], serde_json::Value::Null, "{json:#}");
}

#[test]
fn status_and_history_name_what_is_wrong_with_the_configuration() {
    let folder = node();
    fs::write(folder.path().join("broken.toml"), "environment = prod\n").unwrap();
    for command in ["status", "history"] {
        for (config, expected) in [("broken.toml", "broken.toml:1:"), ("gone.toml", "gone.toml")] {
            let ended = footman(folder.path(), &[], &[command, "--config", config]);
            let errors = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert!(errors.contains(expected), "{command} {config}: {errors}");
        }
    }
}

#[test]
fn a_configuration_that_is_not_there_is_one_line_of_the_doctor() {
    let folder = node();
    let args = ["doctor", "--config=nofile.toml", LOGS, "--state-dir=state"];
    let text = printed(&footman(folder.path(), &[], &args));
    assert!(text.contains("✗ nofile.toml: the configuration file does not exist"), "{text}");
    assert!(!text.contains("using defaults"), "{text}");
    assert_eq!(text.matches(" nofile.toml: ").count(), 1, "{text}");
}

#[test]
fn a_url_in_the_place_of_a_name_is_refused_without_being_printed() {
    let folder = node();
    let url = "https://prod-00.westeurope.logic.azure.com/workflows/0?sig=topSecret_43-chars";
    for args in [
        &["test-send", url, LOGS, "--state-dir=state"][..],
        &["setup", "--yes", "--config=f.toml", LOGS, "--webhook-file", url],
        &["init", "--config=f.toml", "--webhook-file", url],
    ] {
        let ended = footman(folder.path(), &[], args);
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{args:?}: {text}");
        assert!(!text.contains("topSecret") && !text.contains("logic.azure"), "{text}");
        assert!(text.contains("history") && text.contains("hint: "), "{text}");
    }
    assert!(!folder.path().join("f.toml").exists());
}

#[test]
fn run_refuses_a_folder_of_another_program_at_once() {
    let folder = node();
    fs::create_dir_all(folder.path().join("other/bin")).unwrap();
    for wrong in ["other", "Sense"] {
        let flag = format!("--log-root={wrong}");
        let ended = footman(folder.path(), &[], &["run", &flag, "--state-dir=state"]);
        assert_eq!(ended.status.code(), Some(3), "{}", printed(&ended));
        assert!(printed(&ended).contains("holds no logs of Qlik Sense"), "{}", printed(&ended));
        assert!(!folder.path().join("state").exists());
    }
}

#[test]
fn a_state_that_cannot_be_kept_is_found_by_trying() {
    let folder = node();
    fs::write(folder.path().join("taken"), "a file").unwrap();
    for command in ["check", "doctor"] {
        let state = "--state-dir=taken/state";
        let ended = footman(folder.path(), &[], &[command, LOGS, state]);
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{command}: {text}");
        assert!(text.contains("✗") && !text.contains("no problems found"), "{command}: {text}");
        assert!(!text.contains("os error"), "{command}: {text}");
        assert!(text.contains("? the lock"), "what was not tested is listed: {command}: {text}");
    }
    fs::write(folder.path().join("quiet.toml"), "[page]\nlisten = ''\n").unwrap();
    let args = ["run", LOGS, "--state-dir=taken/state", "--config=quiet.toml"];
    let ended = footman(folder.path(), &[], &args);
    let text = printed(&ended);
    assert_eq!(ended.status.code(), Some(3), "{text}");
    assert!(text.contains("a part of the path is not a folder"), "{text}");
    assert!(text.contains("hint: name a folder as state-dir"), "{text}");
    assert!(!text.contains("os error") && !text.contains("exists already"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_state_that_this_account_may_not_read_is_not_called_missing() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65534;
    // Only its owner may enter a temporary folder.
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    drop(Store::open(&state, clock::now()).unwrap());
    let is_root = rustix::process::geteuid().is_root();
    let allow = |mode| {
        if !is_root {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    let ask = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.args(args).arg("--state-dir").arg(&state).env_clear();
        if is_root {
            command.uid(NOBODY);
        }
        command.output().unwrap()
    };
    allow(0o000);
    for args in [
        &["status"][..],
        &["history"],
        &["incidents"],
        &["stats"],
        &["outbox", "list"],
        &["silence", "list"],
        &["silence", "add", "--app=A", "--for=1h", "--reason=r", "--by=me"],
        &["acknowledge", "0b", "--by=me"],
        &["doctor"],
        &["check"],
    ] {
        let ended = ask(args);
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{args:?}: {text}");
        assert!(text.contains("this account may not read the state"), "{args:?}: {text}");
        assert!(text.contains("as the account of the service"), "{args:?}: {text}");
        assert!(!text.contains("no agent has run"), "{args:?}: {text}");
        assert!(!text.contains("os error"), "{args:?}: {text}");
    }
    allow(0o700);
}

#[test]
fn a_lock_that_an_agent_holds_is_named_with_its_process() {
    let folder = node();
    let state = folder.path().join("state");
    let (store, _) = Store::open(&state, clock::now()).unwrap();
    footman::state::HealthFile::open(&state, clock::now()).write();
    for command in ["check", "doctor"] {
        let ended = footman(folder.path(), &[], &[command, LOGS, "--state-dir=state"]);
        let held = format!("the lock is held by a live agent, process {}", std::process::id());
        assert!(printed(&ended).contains(&held), "{command}: {}", printed(&ended));
    }
    drop(store);
    let ended = footman(folder.path(), &[], &["doctor", LOGS, "--state-dir=state"]);
    assert!(printed(&ended).contains("the lock is free"), "{}", printed(&ended));
}

#[test]
fn a_folder_of_logs_that_cannot_be_read_is_found_by_check_and_doctor() {
    let folder = node();
    // A file in place of a folder is unreadable for every account, including root.
    let trace = folder.path().join("Sense/Log/Engine/Trace");
    fs::remove_dir_all(&trace).ok();
    fs::create_dir_all(trace.parent().unwrap()).unwrap();
    fs::write(&trace, "no folder").unwrap();
    for command in ["check", "doctor"] {
        let ended = footman(folder.path(), &[], &[command, LOGS, "--state-dir=state"]);
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{command}: {text}");
        assert_eq!(text.matches("cannot be read by ").count(), 1, "{command}: {text}");
    }
}

#[cfg(unix)]
#[test]
fn the_only_log_of_a_folder_that_cannot_be_opened_is_found_by_check_and_doctor() {
    let folder = node();
    let trace = folder.path().join("Sense/Log/Scheduler/Trace");
    fs::remove_dir_all(&trace).unwrap();
    fs::create_dir_all(&trace).unwrap();
    // It leads to itself, so no account can open it.
    let log = trace.join("NODE1_System_Scheduler.txt");
    std::os::unix::fs::symlink(&log, &log).unwrap();
    for command in ["check", "doctor"] {
        let ended = footman(folder.path(), &[], &[command, LOGS, "--state-dir=state"]);
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{command}: {text}");
        assert_eq!(text.matches("cannot be read").count(), 1, "{command}: {text}");
    }
}

#[test]
fn a_channel_that_is_local_by_choice_needs_no_webhook() {
    let folder = node();
    let config = "[page]\nlisten = ''\n[channel.kept]\nkind = 'local'\n[channel.sales]\n";
    fs::write(folder.path().join("footman.toml"), config).unwrap();
    let args = ["doctor", "--config=footman.toml", LOGS, "--state-dir=state"];
    let text = printed(&footman(folder.path(), &[], &args));
    assert!(text.contains("✓ kept is local: its cards are kept on this machine"), "{text}");
    assert!(text.contains("! sales has no webhook: its cards are kept on this machine"), "{text}");
    assert!(text.contains("`webhook-secret` in [channel.sales]"), "{text}");
    assert!(!text.contains("[channel.kept]"), "{text}");
}

#[test]
fn the_test_of_patterns_counts_the_samples_that_it_ran() {
    let folder = node();
    let pattern = "[[pattern]]\nid = 'mine'\ntitle = 'x'\nmeaning = 'x'\nlog = 'System_Engine'\n\
                   kind = 'service'\nseverity = 'error'\nwhen = { Message = 'x' }\n";
    fs::write(folder.path().join("mine.toml"), pattern).unwrap();
    let test = || printed(&footman(folder.path(), &[], &["patterns", "test", "mine.toml"]));
    assert!(test().contains("nothing was tested"), "{}", test());
    let sample = "[[pattern.matches]]\nMessage = 'x'\n[[pattern.misses]]\nMessage = 'y'\n";
    fs::write(folder.path().join("mine.toml"), format!("{pattern}{sample}")).unwrap();
    assert!(test().contains("samples with the expected result: 2"), "{}", test());
}

#[test]
fn a_broken_role_hides_no_broken_condition() {
    let folder = node();
    fs::create_dir(folder.path().join("patterns")).unwrap();
    let pattern = "[[pattern]]\nid = 'mine'\ntitle = 'x'\nmeaning = 'x'\nlog = 'System_Engine'\n\
                   kind = 'service'\nseverity = 'error'\nrole = 'standalon'\n\
                   when = { Message = 'abc (x', Level = '>=WARNING' }\n";
    fs::write(folder.path().join("patterns/mine.toml"), pattern).unwrap();
    fs::write(folder.path().join("footman.toml"), "").unwrap();
    let args = ["check", "--config=footman.toml", LOGS, "--state-dir=state"];
    let text = printed(&footman(folder.path(), &[], &args));
    for expected in ["standalon", "unclosed group", "`WARNING` is not a level"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn one_broken_key_of_a_pattern_hides_no_other_problem_of_it() {
    let folder = node();
    fs::create_dir(folder.path().join("patterns")).unwrap();
    let pattern = "[[pattern]]\nid = 'mine'\ntitle = 'x'\nmeaning = 'x'\nlog = 'System_Engine'\n\
                   kind = 'service'\nseverity = 'error'\nwhen = { Message = 'at (?<place>x)' }\n\
                   closes = ['nope']\nchannel = 'sale'\n\
                   threshold = { count = 2, within = '5m', by = ['Usr'] }\n\
                   [[pattern.matches]]\nMesage = 'at x'\n";
    fs::write(folder.path().join("patterns/mine.toml"), pattern).unwrap();
    fs::write(folder.path().join("footman.toml"), "").unwrap();
    let args = ["check", "--config=footman.toml", LOGS, "--state-dir=state"];
    let ended = footman(folder.path(), &[], &args);
    let text = printed(&ended);
    assert_eq!(ended.status.code(), Some(3), "{text}");
    for expected in [
        "`by` names `Usr`",
        "there is no pattern `nope`",
        "there is no channel `sale`",
        "nothing uses the capture `place` of `mine`",
        "no row has the column `Mesage` of this sample",
        "did you mean `Message`?",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn check_leaves_nothing_behind() {
    let (folder, elsewhere) = (node(), tempfile::tempdir().unwrap());
    let config = elsewhere.path().join("footman.toml");
    // Another agent may have the usual port.
    fs::write(&config, "[page]\nlisten = ''\n").unwrap();
    let variables = [("FOOTMAN_CONFIG", config.to_str().unwrap())];
    let ended = footman(folder.path(), &variables, &["check", LOGS, "--state-dir=state"]);
    assert_eq!(ended.status.code(), Some(0), "{}", printed(&ended));
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["Sense"]);
}
