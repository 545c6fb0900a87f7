//! `footman setup` and `footman init`: from nothing to the first card, and again.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::fake_teams::{Answer, FakeTeams};
#[cfg(unix)]
use crate::support::terminal::Terminal;

const URL: &str =
    "https://prod-00.westeurope.logic.azure.com/workflows/0123?sig=topSecret_43-chars";

/// A machine of its own: an empty folder, with the logs of a node beside it.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(machine.path("Sense/Log/Scheduler/Trace")).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
        command.args(args).args(["--config=etc/footman.toml"]).current_dir(self.0.path());
        command.env_clear().env("TZ", "UTC").env("ProgramData", self.0.path());
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command
    }

    /// What standard input gives is the webhook.
    fn run(&self, args: &[&str], input: &str) -> Output {
        let mut command = self.command(args);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        // Who reads nothing may have ended before.
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        child.wait_with_output().unwrap()
    }

    fn config(&self) -> String {
        fs::read_to_string(self.path("etc/footman.toml")).unwrap()
    }

    fn secret(&self) -> String {
        fs::read_to_string(self.path("etc/webhook.txt")).unwrap()
    }
}

fn printed(output: &Output) -> String {
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

const NO_QUESTIONS: [&str; 5] =
    ["setup", "--yes", "--webhook-stdin", "--service=no", "--log-root=Sense/Log"];

#[test]
fn init_writes_a_configuration_that_check_likes_and_explains_itself_the_second_time() {
    let machine = Machine::new();
    let made = machine.run(&["init"], "");
    assert!(made.status.success(), "{}", printed(&made));
    let check = ["check", "--state-dir=state", "--log-root=Sense/Log"];
    let checked = machine.run(&check, "");
    assert!(checked.status.success(), "{}", printed(&checked));
    let again = machine.run(&["init"], "");
    assert_eq!(again.status.code(), Some(3));
    assert!(printed(&again).contains("exists and is not overwritten"), "{}", printed(&again));
    assert!(printed(&again).contains("hint: "), "{}", printed(&again));
    assert!(machine.run(&["init", "--if-missing"], "").status.success());
}

#[test]
fn init_keeps_what_an_installer_was_told_and_the_secret_in_a_file_of_its_own() {
    let machine = Machine::new();
    let init = ["init", "--environment=prod", "--log-root=Sense/Log", "--webhook-stdin"];
    let made = machine.run(&init, &format!("{URL}\r\n"));
    assert!(made.status.success(), "{}", printed(&made));
    let text = machine.config();
    assert!(text.contains("\nenvironment = \"prod\"\n"), "{text}");
    assert!(text.contains("\n[channel.default]\nwebhook-file = \"webhook.txt\"\n"), "{text}");
    assert!(!text.contains("topSecret"));
    assert_eq!(machine.secret(), URL);
    let checked = machine.run(&["check", "--state-dir=state", "--log-root=Sense/Log"], "");
    // 4 where Microsoft cannot be reached.
    assert!(matches!(checked.status.code(), Some(0 | 4)), "{}", printed(&checked));
}

#[test]
fn init_takes_the_webhook_from_a_file() {
    let machine = Machine::new();
    fs::write(machine.path("url.txt"), format!("\u{feff}{URL}\r\n")).unwrap();
    let made = machine.run(&["init", "--webhook-file=url.txt", "--environment="], "");
    assert!(made.status.success(), "{}", printed(&made));
    assert_eq!(machine.secret(), URL);
}

#[test]
fn a_wrong_webhook_is_refused_without_repeating_it_and_nothing_is_written() {
    for wrong in ["http://example.com/?sig=topSecret", "topSecret", "", "https://"] {
        for init in [&["init", "--webhook-stdin"][..], &NO_QUESTIONS] {
            let machine = Machine::new();
            let refused = machine.run(init, wrong);
            assert_eq!(refused.status.code(), Some(3), "{wrong}: {}", printed(&refused));
            assert!(printed(&refused).contains("hint: "), "{}", printed(&refused));
            assert!(!printed(&refused).contains("topSecret"), "{}", printed(&refused));
            assert!(!machine.path("etc").exists());
        }
    }
}

#[test]
fn a_webhook_on_the_command_line_is_refused_with_what_to_do() {
    let machine = Machine::new();
    let refused = machine.run(&["init", &format!("--webhook={URL}")], "");
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    assert!(printed(&refused).contains("--webhook-stdin"), "{}", printed(&refused));
    assert!(!printed(&refused).contains("topSecret"), "{}", printed(&refused));
    assert!(!machine.path("etc").exists());
}

#[test]
fn copies_of_templates_and_patterns_are_what_is_built_in_and_pass_the_checks() {
    let machine = Machine::new();
    assert!(machine.run(&["init"], "").status.success());
    let copied = machine.run(&["init", "--templates", "reload-failed"], "");
    assert!(copied.status.success(), "{}", printed(&copied));
    let names = |folder: &str| fs::read_dir(machine.path(folder)).unwrap().count();
    assert_eq!(names("etc/templates"), 1);
    assert!(machine.run(&["init", "--templates"], "").status.success());
    assert!(machine.run(&["init", "--patterns"], "").status.success());
    for folder in ["templates", "patterns"] {
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(ours).unwrap().map(Result::unwrap) {
            let copy = machine.path("etc").join(folder).join(entry.file_name());
            // Git may have given this checkout other line ends.
            let text = |path: &Path| fs::read_to_string(path).unwrap().replace("\r\n", "\n");
            assert_eq!(text(&copy), text(&entry.path()));
        }
    }
    fs::write(machine.path("etc/templates/trouble.json"), "mine").unwrap();
    let again = machine.run(&["init", "--templates"], "");
    assert_eq!(again.status.code(), Some(3), "{}", printed(&again));
    assert_eq!(fs::read_to_string(machine.path("etc/templates/trouble.json")).unwrap(), "mine");
    fs::remove_file(machine.path("etc/templates/trouble.json")).unwrap();
    let checked = machine.run(&["check", "--state-dir=state", "--log-root=Sense/Log"], "");
    assert!(checked.status.success(), "{}", printed(&checked));
    let unknown = machine.run(&["init", "--templates", "reload-faild"], "");
    assert_eq!(unknown.status.code(), Some(3));
    assert!(printed(&unknown).contains("did you mean `reload-failed`?"), "{}", printed(&unknown));
}

#[cfg(unix)]
#[test]
fn a_secret_is_for_its_owner_alone_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::new();
    assert!(machine.run(&["init", "--webhook-stdin"], URL).status.success());
    let mode = |name: &str| fs::metadata(machine.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("etc/webhook.txt"), 0o600);
}

#[test]
fn a_flag_that_contradicts_the_configuration_is_refused_and_not_ignored() {
    let (machine, teams) = (Machine::new(), FakeTeams::start([]));
    fs::create_dir_all(machine.path("Other/Log/Script")).unwrap();
    let first = [&NO_QUESTIONS[..], &["--environment=prod"]].concat();
    assert!(machine.run(&first, &teams.url()).status.success());
    let before = machine.config();
    for other in ["--log-root=Other/Log", "--environment=test"] {
        let again = machine.run(&["setup", "--yes", "--service=no", other], "");
        assert_eq!(again.status.code(), Some(3), "{other}: {}", printed(&again));
        assert!(printed(&again).contains("edit that file"), "{other}: {}", printed(&again));
    }
    let same = machine.run(&first, &teams.url());
    assert!(same.status.success(), "{}", printed(&same));
    assert_eq!(machine.config(), before);
}

#[test]
fn a_log_root_that_is_empty_is_accepted_with_a_note_and_a_foreign_one_refused() {
    let (machine, teams) = (Machine::new(), FakeTeams::start([]));
    // A log root beside it would be the one that was meant.
    fs::remove_dir_all(machine.path("Sense")).unwrap();
    fs::create_dir_all(machine.path("mount")).unwrap();
    fs::create_dir_all(machine.path("other/bin")).unwrap();
    let setup = |root: &str| {
        let args = ["setup", "--yes", "--webhook-stdin", "--service=no", root];
        machine.run(&args, &teams.url())
    };
    let foreign = setup("--log-root=other");
    assert_eq!(foreign.status.code(), Some(3), "{}", printed(&foreign));
    assert!(printed(&foreign).contains("holds no logs of Qlik Sense"), "{}", printed(&foreign));
    let empty = setup("--log-root=mount");
    assert!(empty.status.success(), "{}", printed(&empty));
    assert!(
        printed(&empty).contains("is empty; Footman waits for logs in it"),
        "{}",
        printed(&empty)
    );
}

#[test]
fn a_new_webhook_that_is_refused_does_not_replace_one_that_works() {
    let (machine, works) = (Machine::new(), FakeTeams::start([]));
    let refuses = FakeTeams::start([Answer::Status(401)]);
    let set_up = machine.run(&NO_QUESTIONS, &works.url());
    assert!(set_up.status.success(), "{}", printed(&set_up));
    let again = machine.run(&NO_QUESTIONS, &refuses.url());
    assert_eq!(again.status.code(), Some(4), "{}", printed(&again));
    assert!(printed(&again).contains("the previous webhook is in "), "{}", printed(&again));
    assert_eq!(machine.secret(), works.url());
}

#[test]
fn a_script_sets_a_machine_up_and_a_card_is_in_the_channel() {
    let (machine, teams) = (Machine::new(), FakeTeams::start([]));
    let args = [&NO_QUESTIONS[..], &["--environment=prod"]].concat();
    let set_up = machine.run(&args, &teams.url());
    assert!(set_up.status.success(), "{}", printed(&set_up));
    assert_eq!(teams.posts().len(), 1);
    assert_eq!(machine.secret(), teams.url());
    assert!(machine.config().contains("\nenvironment = \"prod\"\n"), "{}", machine.config());
    assert!(!machine.config().contains("sig="));
    let checked = machine.run(&["check", "--state-dir=state"], "");
    assert!(checked.status.success(), "{}", printed(&checked));

    // Again without options: the existing settings are shown and kept, and a card is posted.
    let before = (machine.config(), machine.secret());
    let again = machine.run(&["setup", "--yes", "--service=no"], "");
    let said = printed(&again);
    assert!(again.status.success(), "{said}");
    for kept in ["exists; its settings are kept", "log root", "environment    prod", "webhook "] {
        assert!(said.contains(kept), "{kept}: {said}");
    }
    assert!(!said.contains("topSecret"), "{said}");
    assert_eq!((machine.config(), machine.secret()), before);
    // `check` only asks whether the server responds.
    let cards = teams.posts().into_iter().filter(|post| !post.body.is_empty());
    assert_eq!(cards.count(), 2);
}

#[test]
fn a_variable_that_the_configuration_names_is_used_as_the_agent_will_read_it() {
    for name in ["FOOTMAN_TEAMS_WEBHOOK", "HOOK"] {
        let (machine, teams) = (Machine::new(), FakeTeams::start([]));
        fs::create_dir(machine.path("etc")).unwrap();
        let text = format!("[channel.default]\nwebhook-env = '{name}'\n");
        fs::write(machine.path("etc/footman.toml"), text).unwrap();
        let args = ["setup", "--yes", "--service=no", "--log-root=Sense/Log"];
        let set_up = machine.command(&args).env(name, teams.url()).output().unwrap();
        assert!(set_up.status.success(), "{name}: {}", printed(&set_up));
        assert_eq!(teams.posts().len(), 1, "{name}: {}", printed(&set_up));
        assert!(!printed(&set_up).contains("is used instead"), "{}", printed(&set_up));
        assert!(!machine.path("etc/webhook.txt").exists());
        let unset = machine.run(&["setup", "--yes", "--service=no"], "");
        assert_eq!(unset.status.code(), Some(3), "{}", printed(&unset));
        assert!(printed(&unset).contains(&format!("variable {name} is not set")));
    }
}

#[test]
fn a_webhook_that_is_passed_again_replaces_the_old_one() {
    let (machine, old, new) = (Machine::new(), FakeTeams::start([]), FakeTeams::start([]));
    assert!(machine.run(&NO_QUESTIONS, &old.url()).status.success());
    let config = machine.config();
    let set_up = machine.run(&NO_QUESTIONS, &new.url());
    assert!(set_up.status.success(), "{}", printed(&set_up));
    assert_eq!((machine.secret(), machine.config()), (new.url(), config));
    assert_eq!((old.posts().len(), new.posts().len()), (1, 1));
}

#[test]
fn a_channel_that_refuses_the_card_ends_setup_with_4() {
    let (machine, teams) = (Machine::new(), FakeTeams::start([Answer::Status(401)]));
    let refused = machine.run(&NO_QUESTIONS, &teams.url());
    assert_eq!(refused.status.code(), Some(4), "{}", printed(&refused));
    assert!(printed(&refused).contains("run it again"), "{}", printed(&refused));
}

#[test]
fn a_wrong_log_root_is_refused_with_the_one_that_was_meant() {
    for wrong in ["Sense", "Sense/Log/Scheduler", "."] {
        let machine = Machine::new();
        let root = format!("--log-root={wrong}");
        let refused = machine.run(&["setup", "--yes", "--service=no", &root], "");
        assert_eq!(refused.status.code(), Some(3), "{}", printed(&refused));
        let meant = machine.path("Sense").join("Log");
        assert!(printed(&refused).contains(&*meant.to_string_lossy()), "{}", printed(&refused));
        assert!(!machine.path("etc").exists());
    }
    for (name, makes) in [("none", None), ("other", Some("other/readme.txt"))] {
        let machine = Machine::new();
        if let Some(file) = makes {
            fs::create_dir(machine.path("other")).unwrap();
            fs::write(machine.path(file), "").unwrap();
        }
        let root = format!("--log-root={name}");
        let refused = machine.run(&["setup", "--yes", "--service=no", &root], "");
        assert_eq!(refused.status.code(), Some(3), "{}", printed(&refused));
        assert!(printed(&refused).contains("hint: "), "{}", printed(&refused));
    }
}

#[test]
fn the_answers_that_help_shows_are_those_that_setup_takes() {
    let machine = Machine::new();
    let help = printed(&machine.run(&["setup", "--help"], ""));
    assert_eq!(help.matches("<yes|no>").count(), 2, "{help}");
    assert!(!help.contains("true"), "{help}");
    for (answer, n_cards) in
        [("yes", 1), ("no", 0), ("true", 1), ("FALSE", 0), ("Yes", 1), ("off", 0), ("1", 1)]
    {
        let (machine, teams) = (Machine::new(), FakeTeams::start([]));
        let args = [&NO_QUESTIONS[..], &["--test-card", answer]].concat();
        let set_up = machine.run(&args, &teams.url());
        assert!(set_up.status.success(), "{answer}: {}", printed(&set_up));
        assert_eq!(teams.posts().len(), n_cards, "{answer}");
    }
    let wrong = machine.run(&["setup", "--yes", "--test-card=maybe"], "");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(printed(&wrong).contains("[possible values: yes, no]"), "{}", printed(&wrong));
}

#[test]
fn a_webhook_in_a_file_that_powershell_wrote_is_read_and_an_empty_one_is_called_empty() {
    let wide = |url: &str, mark: bool| -> Vec<u8> {
        let text = format!("{}{url}\r\n", if mark { "\u{feff}" } else { "" });
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    for mark in [true, false] {
        let machine = Machine::new();
        fs::write(machine.path("url.txt"), wide(URL, mark)).unwrap();
        let made = machine.run(&["init", "--webhook-file=url.txt"], "");
        assert!(made.status.success(), "{}", printed(&made));
        assert_eq!(machine.secret(), URL);
        // The configured file itself, and the configuration beside it.
        let text: Vec<u8> = wide(&machine.config(), mark);
        fs::write(machine.path("etc/footman.toml"), text).unwrap();
        fs::write(machine.path("etc/webhook.txt"), wide(URL, mark)).unwrap();
        let checked = machine.run(&["check", "--state-dir=state", "--log-root=Sense/Log"], "");
        assert!(matches!(checked.status.code(), Some(0 | 4)), "{}", printed(&checked));
    }
    for empty in ["", " \r\n", "\u{feff}"] {
        let machine = Machine::new();
        fs::write(machine.path("url.txt"), empty).unwrap();
        let refused = machine.run(&["init", "--webhook-file=url.txt"], "");
        assert_eq!(refused.status.code(), Some(3), "{}", printed(&refused));
        assert!(printed(&refused).contains("it is empty"), "{}", printed(&refused));
        assert!(machine.run(&["init", "--webhook-stdin"], URL).status.success());
        fs::write(machine.path("etc/webhook.txt"), empty).unwrap();
        let checked = machine.run(&["check", "--state-dir=state", "--log-root=Sense/Log"], "");
        assert_eq!(checked.status.code(), Some(3), "{}", printed(&checked));
        assert!(printed(&checked).contains("webhook.txt: it is empty"), "{}", printed(&checked));
    }
}

#[test]
fn setup_without_a_terminal_says_which_flags_answer() {
    let machine = Machine::new();
    let refused = machine.run(&["setup"], "");
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    assert!(printed(&refused).contains("--yes"), "{}", printed(&refused));
}

#[test]
fn a_broken_configuration_is_left_alone() {
    let machine = Machine::new();
    fs::create_dir(machine.path("etc")).unwrap();
    fs::write(machine.path("etc/footman.toml"), "[channel.default\n").unwrap();
    let refused = machine.run(&NO_QUESTIONS, URL);
    assert_eq!(refused.status.code(), Some(3), "{}", printed(&refused));
    assert!(printed(&refused).contains("footman.toml:1"), "{}", printed(&refused));
    assert_eq!(machine.config(), "[channel.default\n");
    assert!(!machine.path("etc/webhook.txt").exists());
}

#[cfg(unix)]
#[test]
fn a_person_answers_at_a_terminal_and_the_webhook_never_appears() {
    let (machine, teams) = (Machine::new(), FakeTeams::start([]));
    let mut terminal = Terminal::start(machine.command(&["setup", "--service=no"]));
    terminal.answer("Log root", "Sense");
    terminal.until("did you mean");
    terminal.answer("Log root", "Sense/Log");
    terminal.answer("Environment", "not a name");
    terminal.until("letters, digits");
    terminal.answer("Environment", "prod");
    terminal.answer_unseen("not shown", "http://example.com/?sig=topSecret");
    terminal.until("hint:");
    terminal.answer_unseen("not shown", &teams.url());
    terminal.answer("Post a test card", "maybe");
    terminal.answer("Post a test card", "");
    terminal.answer("Go ahead?", "y");
    let (ended, screen) = terminal.end();
    assert!(ended.success(), "{screen}");
    assert!(!screen.contains("sig=") && !screen.contains("topSecret"), "{screen}");
    assert!(screen.contains("Footman is set up"), "{screen}");
    assert_eq!(teams.posts().len(), 1);
    assert_eq!(machine.secret(), teams.url());
    assert!(machine.config().contains("\nenvironment = \"prod\"\n"));
}

#[cfg(unix)]
#[test]
fn a_refused_webhook_can_be_replaced_at_once() {
    let (machine, teams) = (Machine::new(), FakeTeams::start([]));
    let wrong = FakeTeams::start([Answer::Status(401)]);
    let args = ["setup", "--service=no", "--log-root=Sense/Log", "--environment=prod"];
    let mut terminal = Terminal::start(machine.command(&args));
    terminal.answer_unseen("Webhook", &wrong.url());
    terminal.answer("Post a test card", "y");
    terminal.answer("Go ahead?", "y");
    terminal.answer_unseen("Another webhook", &teams.url());
    let (ended, screen) = terminal.end();
    assert!(ended.success(), "{screen}");
    assert_eq!((teams.posts().len(), machine.secret()), (1, teams.url()));
}

#[cfg(unix)]
#[test]
fn who_says_no_changes_nothing() {
    let machine = Machine::new();
    let args = ["setup", "--service=no", "--log-root=Sense/Log"];
    let mut terminal = Terminal::start(machine.command(&args));
    terminal.answer("Environment", "");
    terminal.answer_unseen("Webhook", "");
    terminal.answer("Go ahead?", "n");
    let (ended, screen) = terminal.end();
    assert!(ended.success(), "{screen}");
    assert!(screen.contains("nothing was changed"), "{screen}");
    assert!(!machine.path("etc").exists());
}

#[cfg(unix)]
#[test]
fn init_asks_for_the_webhook_unseen() {
    let machine = Machine::new();
    let mut terminal = Terminal::start(machine.command(&["init", "--webhook-stdin"]));
    terminal.answer_unseen("not shown", URL);
    let (ended, screen) = terminal.end();
    assert!(ended.success(), "{screen}");
    assert!(!screen.contains("topSecret"), "{screen}");
    assert_eq!(machine.secret(), URL);
}
