//! The words of the first hour: each says what is so, once, and what helps here.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use footman::clock;
use footman::state::Store;

use super::{LOGS, footman, node, printed};
#[cfg(unix)]
use crate::support::terminal::Terminal;

const SETUP: [&str; 5] =
    ["setup", "--yes", "--service=no", "--test-card=no", "--log-root=Sense/Log"];

/// The lines that report problems, without those about what is not in files.
fn problems(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.contains(".toml:") || line.starts_with("state:"));
    lines.map(str::to_owned).collect()
}

#[test]
fn setup_does_not_end_well_where_the_state_cannot_be_kept() {
    let folder = node();
    fs::write(folder.path().join("taken"), "a file").unwrap();
    let no_folder = if cfg!(target_os = "linux") { "/proc/footman" } else { "taken" };
    for (state, expected) in [("taken/state", "taken/state"), (no_folder, no_folder)] {
        let state = format!("--state-dir={state}");
        let args = [&SETUP[..], &["--config=new.toml", &state]].concat();
        let ended = footman(folder.path(), &[], &args);
        let text = printed(&ended).replace('\\', "/");
        assert_eq!(ended.status.code(), Some(3), "{state}: {text}");
        assert!(!text.contains("is set up"), "{text}");
        assert!(text.contains("state: ") && text.contains(expected), "{text}");
        assert!(
            text.contains("hint: ") && text.contains("state-dir to")
                || text.contains("with --state-dir"),
            "{text}"
        );
        assert!(!folder.path().join("new.toml").exists(), "nothing was changed");
    }
    let args = [&SETUP[..], &["--config=new.toml", "--state-dir=state"]].concat();
    let ended = footman(folder.path(), &[], &args);
    assert_eq!(ended.status.code(), Some(0), "{}", printed(&ended));
}

#[test]
fn setup_reports_what_check_reports() {
    let folder = node();
    fs::create_dir_all(folder.path().join("patterns")).unwrap();
    fs::create_dir_all(folder.path().join("templates")).unwrap();
    fs::write(folder.path().join("patterns/mine.toml"), "[[pattern]]\nid = 'mine'\n").unwrap();
    fs::write(folder.path().join("templates/agent.json"), "{").unwrap();
    let config = "enviroment = 'x'\ntimezone = 'Nowhere'\n[channel.a]\nfallback = 'b'\n\
                  [[route]]\nchannel = 'sale'\nmatch = { pattern = 'nope' }\n";
    fs::write(folder.path().join("footman.toml"), config).unwrap();
    let of = |args: &[&str]| {
        let ended = footman(
            folder.path(),
            &[],
            &[args, &["--config=footman.toml", "--state-dir=s"]].concat(),
        );
        assert_eq!(ended.status.code(), Some(3), "{}", printed(&ended));
        problems(&printed(&ended))
    };
    let of_check = of(&["check", LOGS]);
    assert!(of_check.len() > 4, "{of_check:#?}");
    assert_eq!(of(&SETUP), of_check);
}

#[test]
fn a_folder_of_templates_that_is_gone_is_reported_once() {
    let folder = node();
    for key in ["templates", "patterns"] {
        fs::write(folder.path().join("footman.toml"), format!("{key} = 'gone'\n")).unwrap();
        let args = ["check", "--config=footman.toml", LOGS, "--state-dir=state"];
        let text = printed(&footman(folder.path(), &[], &args));
        assert_eq!(text.matches("gone does not exist").count(), 1, "{text}");
        assert!(!text.contains("cannot list"), "{text}");
    }
}

#[test]
fn a_service_is_named_only_where_there_is_one() {
    let has_unit = ["/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"]
        .iter()
        .any(|it| Path::new(it).join("footman.service").exists());
    let folder = node();
    let doctor = ["doctor", LOGS, "--state-dir=state"];
    for args in [&doctor[..], &["service", "start"]] {
        let text = printed(&footman(folder.path(), &[], args));
        assert!(has_unit || !text.contains("systemctl"), "{text}");
        // Windows says whether it knows the service.
        let is_asked = cfg!(windows) && args[0] == "service";
        assert!(has_unit || is_asked || text.contains("footman run"), "{text}");
    }
}

#[test]
fn the_doctor_shows_no_amount_as_zero_gigabytes() {
    let folder = node();
    let text = printed(&footman(folder.path(), &[], &["doctor", LOGS, "--state-dir=state"]));
    assert!(text.contains(" free for state"), "{text}");
    // Below one gigabyte, amounts are in megabytes.
    assert!(!text.contains(" 0.0 GB") && !text.contains("MiB"), "{text}");
}

#[test]
fn copies_of_what_is_built_in_are_not_remarked_on() {
    let folder = node();
    let made = footman(folder.path(), &[], &["init", "--config=footman.toml", "--patterns"]);
    assert!(made.status.success(), "{}", printed(&made));
    fs::write(folder.path().join("footman.toml"), "").unwrap();
    let args = ["check", "--config=footman.toml", LOGS, "--state-dir=state"];
    let text = printed(&footman(folder.path(), &[], &args));
    assert!(!text.contains("nothing uses the capture"), "{text}");
}

#[test]
fn a_silence_of_what_nothing_is_called_has_a_note() {
    let folder = node();
    drop(Store::open(&folder.path().join("state"), clock::now()).unwrap());
    let add = |option: &str| {
        let args = ["silence", "add", option, "--for=1h", "--reason=r", "--by=me"];
        footman(folder.path(), &[], &[&args[..], &["--state-dir=state"]].concat())
    };
    for (option, expected) in [
        ("--pattern=nope", "unknown pattern `nope`"),
        ("--pattern=reload-finished-faild", "did you mean `reload-finished-failed`?"),
        ("--error-class=login-faild", "did you mean `login-failed`?"),
    ] {
        let ended = add(option);
        // The agent may know it from other files.
        assert_eq!(ended.status.code(), Some(0), "{option}: {}", printed(&ended));
        assert!(printed(&ended).contains("note: --"), "{option}: {}", printed(&ended));
        assert!(printed(&ended).contains(expected), "{option}: {}", printed(&ended));
    }
    for option in ["--pattern=reload-*", "--pattern=service-stopped", "--pattern=agent-no-log-root"]
    {
        let ended = add(option);
        assert_eq!(ended.status.code(), Some(0), "{option}: {}", printed(&ended));
        assert!(!printed(&ended).contains("note: --"), "{option}: {}", printed(&ended));
    }
}

#[test]
fn the_log_says_once_that_the_log_root_does_not_exist() {
    let folder = node();
    fs::write(folder.path().join("quiet.toml"), "[page]\nlisten = ''\n").unwrap();
    let mut agent = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["run", "--config=quiet.toml", "--log-root=later", "--state-dir=state"])
        .current_dir(folder.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = Vec::new();
    for line in BufReader::new(agent.stderr.take().unwrap()).lines().map_while(Result::ok) {
        lines.push(line);
        let has = |text: &str| lines.iter().any(|line| line.contains(text));
        if has("card accepted") && has("no-log-root") {
            break;
        }
    }
    agent.kill().unwrap();
    agent.wait().unwrap();
    let about: Vec<_> = lines.iter().filter(|line| line.contains("does not exist")).collect();
    assert_eq!(about.len(), 1, "{lines:#?}");
}

/// A terminal that does not say how wide it is has the usual width.
#[cfg(unix)]
#[test]
fn check_and_doctor_are_wrapped_on_a_terminal_and_nowhere_else() {
    let folder = node();
    fs::write(folder.path().join("quiet.toml"), "[page]\nlisten = ''\n").unwrap();
    for (command, root) in [("check", LOGS), ("doctor", LOGS), ("check", "--log-root=Sense/Logg")] {
        let args = [command, root, "--state-dir=state", "--config=quiet.toml"];
        let mut shown = Command::new(env!("CARGO_BIN_EXE_footman"));
        shown.args(args).current_dir(folder.path()).env_clear().env("NO_COLOR", "1");
        let (_, screen) = Terminal::start(shown).end();
        let screen = console::strip_ansi_codes(&screen).into_owned();
        let widest = screen.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
        assert!(widest <= 80, "{command} takes {widest} columns:\n{screen}");
        let text = printed(&footman(folder.path(), &[], &args));
        assert!(text.lines().any(|line| line.chars().count() > 80), "{command}: {text}");
    }
}
