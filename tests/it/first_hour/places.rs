//! The files and folders that a new administrator names: each is understood by all commands in the
//! same way, and none that would be a mistake is accepted.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{LOGS, footman, node, printed};
#[cfg(unix)]
use crate::support::terminal::Terminal;

const SETUP: [&str; 4] = ["setup", "--yes", "--service=no", "--test-card=no"];

fn run(folder: &Path, args: &[&[&str]]) -> (Option<i32>, String) {
    let ended = footman(folder, &[], &args.concat());
    (ended.status.code(), printed(&ended).replace('\\', "/"))
}

#[test]
fn init_writes_a_log_root_that_the_next_command_finds_without_the_option() {
    let folder = node();
    let config = "--config=sub/x.toml";
    let (code, text) = run(folder.path(), &[&["init", LOGS, config, "--state-dir=state"]]);
    assert_eq!(code, Some(0), "{text}");
    let next = text.lines().find(|line| line.starts_with("next: ")).unwrap();
    assert!(next.contains("`footman check --config sub/x.toml"), "{next}");
    assert!(!next.contains("--log-root"), "{next}");
    let (code, text) = run(folder.path(), &[&["check", config, "--state-dir=state"]]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn init_refuses_a_log_root_that_cannot_be_right() {
    let folder = node();
    fs::create_dir_all(folder.path().join("other/bin")).unwrap();
    for wrong in ["other", "Sense", ".", "missing"] {
        let root = format!("--log-root={wrong}");
        for more in [&["--config=x.toml"][..], &["--print"]] {
            let (code, text) = run(folder.path(), &[&["init", &root], more]);
            assert_eq!(code, Some(3), "{wrong}: {text}");
            assert!(text.contains("the log root ") && text.contains("hint: "), "{wrong}: {text}");
        }
        assert!(!folder.path().join("x.toml").exists(), "{wrong}");
    }
    let (_, text) = run(folder.path(), &[&["init", "--log-root=Sense", "--config=x.toml"]]);
    assert!(text.contains("did you mean Sense/Log?"), "{text}");
}

#[test]
fn setup_reads_the_paths_of_a_configuration_as_check_does() {
    let folder = node();
    fs::create_dir(folder.path().join("sub")).unwrap();
    let config = "log-root = '../Sense/Log'\nstate-dir = 'state'\n";
    fs::write(folder.path().join("sub/x.toml"), config).unwrap();
    for args in [&["check"][..], &SETUP] {
        let (code, text) = run(folder.path(), &[args, &["--config=sub/x.toml"]]);
        assert_eq!(code, Some(0), "{args:?}: {text}");
    }
    // Right from here, and wrong from the file.
    fs::write(folder.path().join("sub/y.toml"), "log-root = 'Sense/Log'\n").unwrap();
    for args in [&["check"][..], &SETUP] {
        let more = ["--config=sub/y.toml", "--state-dir=state"];
        let (code, text) = run(folder.path(), &[args, &more]);
        assert_eq!(code, Some(3), "{args:?}: {text}");
        assert!(text.contains("sub/Sense/Log does not exist"), "{args:?}: {text}");
    }
}

#[test]
fn an_empty_log_root_beside_that_of_a_node_was_not_meant() {
    let folder = node();
    fs::create_dir(folder.path().join("empty")).unwrap();
    let places = ["--log-root=empty", "--config=x.toml", "--state-dir=state"];
    for args in [&SETUP[..], &["init"]] {
        let (code, text) = run(folder.path(), &[args, &places]);
        assert_eq!(code, Some(3), "{args:?}: {text}");
        assert!(text.contains("is empty") && text.contains("did you mean "), "{args:?}: {text}");
        assert!(text.contains("Sense/Log?"), "{args:?}: {text}");
    }
    let alone = tempfile::tempdir().unwrap();
    fs::create_dir(alone.path().join("empty")).unwrap();
    let (code, text) = run(alone.path(), &[&SETUP, &places]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("is empty; Footman waits for logs in it"), "{text}");
}

#[test]
fn nothing_is_written_among_the_logs() {
    let folder = node();
    let log = "[log]\nfolder = 'Sense/Log/footman'\n";
    let root = "log-root = 'Sense/Log'\n";
    fs::write(folder.path().join("log.toml"), format!("{root}{log}")).unwrap();
    let state = "state-dir = 'Sense/Log/Scheduler/x'\n";
    fs::write(folder.path().join("state.toml"), format!("{root}{state}")).unwrap();
    fs::write(folder.path().join("fine.toml"), root).unwrap();
    for (config, state, what) in [
        ("fine", Some("Sense/Log"), "the state folder Sense/Log is the log root"),
        ("fine", Some("Sense/Log/state"), "the state folder Sense/Log/state is inside the log"),
        ("state", None, "the state folder Sense/Log/Scheduler/x is inside the log root"),
        ("log", Some("state"), "the folder of Footman's own log Sense/Log/footman is inside"),
    ] {
        let config = format!("--config={config}.toml");
        let state = state.map(|state| format!("--state-dir={state}"));
        let places: Vec<&str> = [Some(&*config), state.as_deref()].into_iter().flatten().collect();
        for args in [&["check"][..], &["doctor"], &["run"], &SETUP] {
            let (code, text) = run(folder.path(), &[args, &places]);
            assert_eq!(code, Some(3), "{args:?} {places:?}: {text}");
            assert!(text.contains(what), "{args:?} {places:?}: {text}");
            assert!(text.contains("beside the logs of Qlik Sense"), "{args:?}: {text}");
        }
    }
    // Where the log root comes from an option.
    let new = ["--config=new.toml", LOGS, "--state-dir=Sense/Log/state"];
    let (code, text) = run(folder.path(), &[&SETUP, &new]);
    assert_eq!(code, Some(3), "{text}");
    for args in [&SETUP[..], &["init"]] {
        let (code, text) =
            run(folder.path(), &[args, &["--config=Sense/Log/x.toml", LOGS, "--state-dir=s"]]);
        assert_eq!(code, Some(3), "{args:?}: {text}");
        assert!(text.contains("the configuration "), "{text}");
    }
    let (code, text) = run(folder.path(), &[&["replay", "Sense/Log", "--html=Sense/Log/a.html"]]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("the page Sense/Log/a.html is inside the log root"), "{text}");
    let (code, text) = run(folder.path(), &[&["replay", "Sense/Log", "--html=a.html"]]);
    assert_eq!(code, Some(0), "{text}");
    let names = fs::read_dir(folder.path().join("Sense/Log")).unwrap().count();
    assert_eq!(names, 3, "nothing was written");
}

/// As another account, if the tests run as root.
#[cfg(unix)]
#[test]
fn an_account_without_rights_is_told_at_once_what_setup_needs() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    const NOBODY: u32 = 65534;
    if !rustix::process::geteuid().is_root() || Path::new("/etc/footman").exists() {
        return;
    }
    let folder = node();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let setup = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.args(SETUP).arg(LOGS).args(more).current_dir(folder.path()).env_clear();
        let ended = command.uid(NOBODY).gid(NOBODY).output().unwrap();
        (ended.status.code(), printed(&ended))
    };
    let (code, text) = setup(&[]);
    assert_eq!(code, Some(3), "{text}");
    for part in ["/etc/footman, /var/lib/footman, /var/log/footman", "run this as root, or name"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("with --config FILE and --state-dir DIR"), "{text}");
    assert!(!text.contains("not complete"), "{text}");
    let (code, text) = setup(&["--config=x.toml"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("with --state-dir DIR") && !text.contains("--config FILE"), "{text}");
    let (code, text) = setup(&["--config=x.toml", "--state-dir=state"]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn setup_that_has_done_nothing_does_not_say_that_it_can_be_continued() {
    let folder = node();
    // A folder in the place of the file that is written first.
    fs::create_dir_all(folder.path().join("etc/webhook.txt/taken")).unwrap();
    fs::write(folder.path().join("u.txt"), "https://prod-00.westeurope.logic.azure.com/w/0?sig=x")
        .unwrap();
    let places = ["--config=etc/x.toml", "--state-dir=state", "--webhook-file=u.txt"];
    let (code, text) = run(folder.path(), &[&SETUP, &[LOGS], &places]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("webhook.txt cannot be written"), "{text}");
    assert!(text.contains("footman: nothing was changed"), "{text}");
    assert!(!text.contains("continue from here"), "{text}");
}

#[test]
fn an_explicit_yes_without_a_webhook_is_answered() {
    let folder = node();
    let args = ["setup", "--yes", "--service=no", "--test-card=yes", LOGS];
    let places = ["--config=x.toml", "--state-dir=state"];
    let (code, text) = run(folder.path(), &[&args, &places]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("no test card can be posted: there is no webhook"), "{text}");
    assert!(text.contains("--webhook-stdin"), "{text}");
    assert!(!folder.path().join("x.toml").exists());
}

#[test]
fn an_empty_webhook_names_the_command_that_read_it() {
    let folder = node();
    for command in ["setup", "init"] {
        let yes: &[&str] = if command == "setup" { &["--yes"] } else { &[] };
        let mut call = Command::new(env!("CARGO_BIN_EXE_footman"));
        call.args([command, "--webhook-stdin", "--config=x.toml", "--state-dir=s", LOGS]).args(yes);
        call.current_dir(folder.path()).env_clear().stdin(Stdio::null());
        let ended: Output = call.output().unwrap();
        let text = printed(&ended);
        assert_eq!(ended.status.code(), Some(3), "{text}");
        assert!(text.contains(&format!("footman {command} --webhook-stdin < url.txt")), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn enter_at_a_question_without_a_default_says_what_is_asked_for() {
    let folder = node();
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    let places = ["--config=x.toml", "--state-dir=state"];
    command.args(["setup", "--service=no"]).args(places).current_dir(folder.path()).env_clear();
    let mut terminal = Terminal::start(command);
    terminal.answer("Log root", "");
    terminal.until("type the path of that folder");
    terminal.answer("Log root", "Sense/Log");
    terminal.answer("Environment", "");
    terminal.answer_unseen("Webhook", "");
    terminal.answer("Go ahead?", "n");
    let (ended, screen) = terminal.end();
    assert!(ended.success(), "{screen}");
}

#[test]
fn a_demo_leaves_a_folder_with_other_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("d")).unwrap();
    fs::write(folder.path().join("d/mine.txt"), "mine").unwrap();
    let demo = ["demo", "--seconds=0.1", "--no-open", "--port=0", "--folder=d"];
    let (code, text) = run(folder.path(), &[&demo]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("the folder d is not empty") && text.contains("hint: "), "{text}");
    assert_eq!(fs::read_dir(folder.path().join("d")).unwrap().count(), 1);
    fs::remove_file(folder.path().join("d/mine.txt")).unwrap();
    let (code, text) = run(folder.path(), &[&demo]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_file_that_an_editor_saved_as_text_is_noted() {
    let folder = node();
    for (name, text) in [
        ("patterns/own.toml.txt", ""),
        ("templates/reload-failed.json.TXT", "{}"),
        ("patterns/readme.txt", ""),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    fs::write(folder.path().join("x.toml"), "log-root = 'Sense/Log'\nstate-dir = 's'\n").unwrap();
    let (code, text) = run(folder.path(), &[&["check", "--config=x.toml"]]);
    assert_eq!(code, Some(0), "{text}");
    for note in [
        "patterns/own.toml.txt is not read: its name ends with .txt; rename it to own.toml",
        "templates/reload-failed.json.TXT is not read: its name ends with .txt; rename it to",
    ] {
        assert!(text.contains(note), "{note}: {text}");
    }
    assert!(!text.contains("readme"), "{text}");
}

#[test]
fn samples_of_the_folder_in_force_are_tested_once() {
    let folder = node();
    fs::create_dir(folder.path().join("patterns")).unwrap();
    let pattern = "[[pattern]]\nid = 'own'\ntitle = 'Own'\nmeaning = 'Own.'\nlog = 'System_Scheduler'\n\
                   kind = 'service-problem'\nseverity = 'error'\nwhen = { Message = 'gone' }\n\
                   matches = ['Message = here']\n";
    fs::write(folder.path().join("patterns/own.toml"), pattern).unwrap();
    fs::write(folder.path().join("x.toml"), "log-root = 'Sense/Log'\n").unwrap();
    let call = ["patterns", "test", "--config=x.toml"];
    let (_, alone) = run(folder.path(), &[&call]);
    let n_problems = |text: &str| text.matches("own.toml:").count();
    assert!(n_problems(&alone) > 0, "{alone}");
    let (code, text) = run(folder.path(), &[&call, &["patterns"]]);
    assert_eq!(code, Some(3), "{text}");
    assert_eq!(n_problems(&text), n_problems(&alone), "{text}");
}

#[test]
fn explain_and_replay_fit_a_narrow_terminal_and_stay_whole_for_programs() {
    let folder = node();
    let log = folder.path().join("Sense/Log/Scheduler/Trace/NODE1_System_Scheduler.txt");
    let line = "1\t20261120T060000.000+0100\tERROR\tNODE1\tSystem.Scheduler\tMessage from \
                ReloadProvider: Reload failed in Engine. Check engine or script logs";
    let head = fs::read_to_string(&log).unwrap();
    fs::write(&log, format!("{head}{line}\n")).unwrap();
    let calls: [&[&str]; 3] = [
        &["explain", "The reload failed: Connector reply error, check the engine"],
        &["explain", "Sense/Log/Scheduler/Trace/NODE1_System_Scheduler.txt"],
        &["replay", "Sense/Log"],
    ];
    for args in calls {
        let wide = printed(&footman(folder.path(), &[], args));
        let narrow = printed(&footman(folder.path(), &[("COLUMNS", "60")], args));
        for shown in narrow.lines() {
            let is_one_word = shown.split_whitespace().count() == 1;
            assert!(shown.chars().count() <= 60 || is_one_word, "{args:?}: {shown}\n{narrow}");
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&narrow), words(&wide), "{args:?}");
    }
}
