//! Starts, queries and stops the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use footman::metrics::Counter;
use footman::state::Reader;
use serde_json::Value;
use tokio::time::{interval, timeout};

use crate::support::world::World;

/// Turns off the monitoring of the machine that runs the tests.
pub(crate) const QUIET: &str = r#"
[node]
services = false
disk = 0
memory = 0
processor = 0
certificates = "0s"
"#;

/// A world with only this configuration.
pub(crate) fn world(config: &str) -> World {
    let mut world = World::new();
    world.config = format!("environment = \"test\"\n{config}{QUIET}");
    world
}

/// Writes the webhook to a file, and returns the section of a channel that reads it.
pub(crate) fn channel(world: &World, name: &str, url: &str, pace: &str) -> String {
    let path = world.folder.path().join(format!("{name}.txt"));
    footman::config::load::secret::replace_secret(&path, url).unwrap();
    format!("[channel.{name}]\nwebhook-file = '{}'\n{pace}\n", path.display())
}

/// Routes failures of these apps to this channel.
pub(crate) fn route(channel: &str, apps: &str) -> String {
    format!("[[route]]\nmatch = {{ app = \"{apps}\" }}\nchannel = '{channel}'\n")
}

/// A command of the program in this world.
pub(crate) fn command(world: &World, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command
        .args(args)
        .arg("--config")
        .arg(world.config_file())
        .arg("--log-root")
        .arg(world.log_root())
        .arg("--state-dir")
        .arg(world.state_dir())
        .env("FOOTMAN_TEAMS_WEBHOOK", world.webhook.as_deref().unwrap_or_default())
        .env("TZ", "UTC")
        .stdin(Stdio::null());
    command
}

/// Starts the agent; [`log_text`] returns its log.
pub(crate) fn start(world: &World) -> Child {
    let log = fs::File::create(log_path(world)).unwrap();
    command(world, &["run"]).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

pub(crate) fn log_text(world: &World) -> String {
    fs::read_to_string(log_path(world)).unwrap_or_default()
}

fn log_path(world: &World) -> PathBuf {
    world.folder.path().join("stderr.txt")
}

pub(crate) fn run(world: &World, args: &[&str]) -> Output {
    command(world, args).output().unwrap()
}

/// The output of `footman status --json`.
pub(crate) fn status(world: &World) -> Value {
    let output = run(world, &["status", "--json"]);
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// One of the agent's counters, read while it runs.
pub(crate) fn counter(world: &World, name: &str) -> u64 {
    let counters = Reader::open(&world.state_dir()).and_then(|reader| reader.counters());
    let Ok(counters) = counters else { return 0 };
    counters.n(Counter::parse(name))
}

/// Whether no delivery waits or is in flight, read while the agent runs.
pub(crate) fn nothing_is_pending(world: &World) -> bool {
    let pending = Reader::open(&world.state_dir()).and_then(|reader| reader.pending());
    pending.is_ok_and(|pending| pending.is_empty())
}

/// The whole history, newest first.
pub(crate) fn history(world: &World) -> Vec<Value> {
    let output = run(world, &["history", "--json", "-n", "1000000"]);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Polls a condition until it holds; returns whether it did in time.
pub(crate) async fn until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let mut turns = interval(Duration::from_millis(250));
    let waiting = async {
        loop {
            turns.tick().await;
            if holds() {
                return;
            }
        }
    };
    timeout(patience, waiting).await.is_ok()
}

/// All bytes that the agent stores on this machine: state, log, cards of local channels.
pub(crate) fn stored_bytes(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(stored_bytes(&path));
        } else {
            bytes.extend(fs::read(path).unwrap_or_default());
        }
    }
    bytes
}
