//! `footman.toml` that changes while the agent runs.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};

use crate::support::world::{World, kill, until};

/// A running program on a world with a second channel, which is local.
struct Running {
    world: World,
    program: Child,
    first: String,
}

impl Running {
    async fn start() -> Self {
        let mut world = World::new();
        world.config.push_str("[channel.ops]\n");
        let program = world.start_program();
        world.started().await;
        world.until_note("configuration", r#""result":"unchanged""#).await;
        let first = fs::read_to_string(world.folder.path().join("footman.toml")).unwrap();
        Self { world, program, first }
    }

    fn write(&self, text: &str) {
        let beside = self.world.folder.path().join("new.toml");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, self.world.folder.path().join("footman.toml")).unwrap();
    }

    fn cards_of_ops(&self) -> usize {
        self.files_of_ops().len()
    }

    /// The cards that are written to their end.
    fn files_of_ops(&self) -> Vec<PathBuf> {
        let cards = fs::read_dir(self.world.state_dir().join("cards/ops"));
        let files = cards.into_iter().flatten().map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|it| it == "json")).collect()
    }

    fn note(&self) -> String {
        let reader = footman::state::Reader::open(&self.world.state_dir()).unwrap();
        reader.note("configuration").unwrap().unwrap()
    }

    fn log(&self) -> String {
        let log = self.world.folder.path().join("log");
        let files = fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path());
        files.map(|file| fs::read_to_string(file).unwrap()).collect()
    }
}

const TO_OPS: &str = "[[route]]\nmatch = { kind = 'reload-*' }\nchannel = 'ops'\n";

#[tokio::test]
async fn a_changed_route_takes_effect_without_a_restart() {
    let mut running = Running::start().await;
    running.write(&format!("{}{TO_OPS}", running.first));
    running.world.until_note("configuration", "route").await;
    assert!(running.note().contains(r#""result":{"applied""#), "{}", running.note());
    running.world.fail("Sales", "Table not found");
    until(|| running.cards_of_ops() == 1).await;
    assert_eq!(running.world.teams.posts().len(), 0);
    kill(running.program);
}

#[tokio::test]
async fn hours_people_and_inner_routes_take_effect_without_a_restart_and_stay_out_of_the_log() {
    let mut running = Running::start().await;
    let inner = format!(
        "{TO_OPS}when = '00:00-24:00'\ntimezone = 'UTC'\n\
         [[route.route]]\nmention = 'anna.secret@example.com'\n"
    );
    running.write(&format!("{}{inner}", running.first));
    running.world.until_note("configuration", "route").await;
    running.world.fail("Sales", "Table not found");
    until(|| running.cards_of_ops() == 1).await;
    let card = fs::read_to_string(&running.files_of_ops()[0]).unwrap();
    assert!(card.contains("anna.secret@example.com"), "{card}");
    // A route that is never reached, and a person who is none: the earlier routes stay.
    let hidden = format!("{TO_OPS}{TO_OPS}");
    running.write(&format!("{}{hidden}", running.first));
    running.world.until_note("configuration", "this route is never reached").await;
    running.write(&format!("{}{}", running.first, inner.replace("secret@", "secret@@")));
    running.world.until_note("configuration", "this is not a person in Teams").await;
    assert!(!running.note().contains("secret"), "{}", running.note());
    // The name of an option.
    let log = running.log().replace("webhook-secret", "");
    assert!(!log.contains("secret"), "{log}");
    kill(running.program);
}

#[tokio::test]
async fn a_broken_file_leaves_the_old_in_force_and_is_said() {
    let mut running = Running::start().await;
    running.write(&format!("{}{TO_OPS}", running.first));
    running.world.until_note("configuration", "route").await;
    // Some editors take a file away before they write it again: that changes nothing.
    fs::remove_file(running.world.folder.path().join("footman.toml")).unwrap();
    running.write("[[route\n");
    running.world.until_note("configuration", r#""result":{"broken""#).await;
    assert!(running.note().contains("footman.toml:1"), "{}", running.note());
    // The agent reports itself through the routes, too: to the channel `default`.
    running.world.teams.received(1).await;
    running.world.fail("Sales", "Table not found");
    until(|| running.cards_of_ops() == 1).await;
    let status = Command::new(env!("CARGO_BIN_EXE_footman"))
        .args(["status", "--state-dir"])
        .arg(running.world.state_dir())
        .output()
        .unwrap();
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(status.contains("config      broken, the earlier one is in force"), "{status}");
    kill(running.program);
}

#[tokio::test]
async fn what_needs_a_restart_is_named_until_it_is_taken_back() {
    let running = Running::start().await;
    let more = "[node]\ndisk = 80\n[channel.new]\n[[route]]\nchannel = 'new'\n";
    running.write(&format!("site-url = 'https://a'\n{}{more}", running.first));
    running.world.until_note("configuration", r#""waiting":[""#).await;
    for key in ["node.disk", "site-url", "channel.new\"", "route (to new"] {
        assert!(running.note().contains(key), "{key}: {}", running.note());
    }
    until(|| running.log().contains("waiting for a restart")).await;
    running.write(&running.first);
    until(|| running.note().contains(r#""waiting":[]"#)).await;
    kill(running.program);
}

#[tokio::test]
async fn a_changed_log_level_takes_effect_without_a_restart() {
    let mut running = Running::start().await;
    running.world.fail("Loud", "Table not found");
    running.world.teams.received(1).await;
    until(|| running.log().contains("Loud")).await;
    running.write(&format!("{}level = 'error'\n", running.first));
    running.world.until_note("configuration", "log.level").await;
    running.world.fail("Quiet", "Table not found");
    running.world.teams.received(2).await;
    let quiet = running.note();
    running.write(&running.first);
    until(|| running.note() != quiet).await;
    running.world.fail("Again", "Table not found");
    until(|| running.log().contains("Again")).await;
    assert!(!running.log().contains("Quiet"), "{}", running.log());
    kill(running.program);
}

#[tokio::test]
async fn a_shorter_repeat_time_counts_for_open_incidents() {
    let mut running = Running::start().await;
    running.world.fail("Sales", "Table not found");
    running.world.teams.received(1).await;
    running.world.fail("Sales", "Table not found");
    let shorter =
        running.first.replace("settle = \"200ms\"", "settle = \"200ms\"\nrepeat = \"1s\"");
    running.write(&shorter);
    running.world.until_note("configuration", "incident.repeat").await;
    // Without the change it would be repeated after four hours.
    running.world.teams.received(2).await;
    kill(running.program);
}

#[tokio::test]
async fn a_route_with_an_unknown_error_class_does_not_take_effect() {
    let running = Running::start().await;
    let wrong = TO_OPS.replace("kind = 'reload-*'", "error-class = 'login-faild'");
    running.write(&format!("{}{wrong}", running.first));
    running.world.until_note("configuration", "unknown error class `login-faild`").await;
    running.write(&format!("{}{}", running.first, wrong.replace("faild", "failed")));
    running.world.until_note("configuration", r#""result":{"applied""#).await;
    kill(running.program);
}

#[cfg(unix)]
#[tokio::test]
async fn a_problem_outside_the_file_ends_without_another_change_of_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let running = Running::start().await;
    let hook = running.world.folder.path().join("hook");
    fs::write(&hook, running.world.teams.url()).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    running.write(&format!("{}[channel.more]\nwebhook-file = 'hook'\n", running.first));
    running.world.until_note("configuration", "can be read by other accounts").await;
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o600)).unwrap();
    running.world.until_note("configuration", r#""waiting":["channel.more"]"#).await;
    kill(running.program);
}

#[tokio::test]
async fn a_broken_route_of_the_start_does_not_keep_patterns_from_being_reloaded() {
    let mut world = World::new();
    let wrong = TO_OPS.replace("kind = 'reload-*'", "error-class = 'login-faild'");
    world.config += "[channel.ops]\n";
    world.config += &wrong;
    let patterns = world.folder.path().join("patterns");
    fs::create_dir_all(&patterns).unwrap();
    let adjust = "[[adjust]]\nid = 'reload-overdue'\nenabled = false\n";
    fs::write(patterns.join("own.toml"), "").unwrap();
    let program = world.start_program();
    world.until_note("patterns", r#""result":"unchanged""#).await;
    fs::write(patterns.join("own.toml"), adjust).unwrap();
    world.until_note("patterns", r#""result":"reloaded""#).await;
    kill(program);
}
