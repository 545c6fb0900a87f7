//! What 1,000 pending deliveries cost: an agent whose channel refuses every connection beside one
//! whose channel has taken the same cards, each after a restart.
//!
//! `cargo bench --bench pending [-- --smoke]` (Linux)
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark measures, prints figures and panics when it cannot run"
)]

#[path = "../tests/it/support/failing.rs"]
mod failing;
mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use footman::clock;
use footman::demo::Node;
use footman::state::Reader;
use jiff::tz::TimeZone;

use failing::FailNow as _;
use support::{resident_kb, smoke, teams};

const PATIENCE: Duration = Duration::from_mins(10);
/// After this time a started agent has given back what the start took.
const SETTLED: Duration = Duration::from_mins(1);

struct Cost {
    resident_kb: i64,
    state_kb: i64,
    pending: usize,
}

fn main() {
    let failures = if smoke() { 20 } else { 1_000 };
    let (taken, pending) = (measure(failures, true), measure(failures, false));
    assert_eq!(taken.pending, 0, "everything was taken");
    for (name, cost) in [("taken", &taken), ("pending", &pending)] {
        println!(
            "{name:8} {:5} pending  {:6.1} MB resident  {:6.1} MB of state",
            cost.pending,
            cost.resident_kb as f64 / 1024.0,
            cost.state_kb as f64 / 1024.0,
        );
    }
    println!(
        "the pending ones: {:.1} MB resident, {:.1} MB of state",
        (pending.resident_kb - taken.resident_kb) as f64 / 1024.0,
        (pending.state_kb - taken.state_kb) as f64 / 1024.0,
    );
}

fn measure(failures: usize, is_taken: bool) -> Cost {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node =
        Node::create(&folder.path().join("Sense"), "bench", TimeZone::UTC).expect("a node");
    for number in 0..failures {
        let error = format!("Field 'F{number}' not found");
        node.fail_now(clock::now(), &format!("App {number}"), &error).expect("a failure");
    }
    let (url, _posts) = if is_taken { teams() } else { (refusing(), channel().1) };
    let state = folder.path().join("state");
    let count = || Reader::open(&state).and_then(|it| it.pending()).map(|it| it.len()).ok();
    let is_decided = || {
        let decided = Reader::open(&state).and_then(|it| it.incidents(u32::MAX));
        decided.is_ok_and(|all| all.len() >= failures) && (!is_taken || count() == Some(0))
    };
    let mut agent = start(folder.path(), node.log_root(), &state, &url);
    until(is_decided);
    end(&mut agent);
    let mut agent = start(folder.path(), node.log_root(), &state, &url);
    wait(if smoke() { Duration::from_secs(2) } else { SETTLED });
    let resident_kb = resident_kb(agent.id()).trim().parse().expect("a number");
    let cost = Cost { resident_kb, state_kb: size(&state), pending: count().unwrap_or(0) };
    end(&mut agent);
    cost
}

/// The URL of a port at which nobody listens.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    format!("http://{}/hook", listener.local_addr().expect("an address"))
}

fn start(folder: &Path, log_root: &Path, state: &Path, url: &str) -> Child {
    let config = folder.join("footman.toml");
    let text = "start = \"beginning\"\n[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\n\
                pace = { burst = 10000, every = \"1ms\" }\n";
    fs::write(&config, text).expect("a configuration");
    let mut command = Command::new(env!("CARGO_BIN_EXE_footman"));
    command.arg("run").arg("--config").arg(config);
    command.arg("--log-root").arg(log_root).arg("--state-dir").arg(state);
    command.env("FOOTMAN_TEAMS_WEBHOOK", url).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("footman starts")
}

fn end(agent: &mut Child) {
    agent.kill().and_then(|()| agent.wait()).expect("footman ends");
}

fn size(state: &Path) -> i64 {
    let files = fs::read_dir(state).expect("the state").flatten();
    let sizes = files.filter_map(|file| file.metadata().ok()).filter(fs::Metadata::is_file);
    let bytes: u64 = sizes.map(|it| it.len()).sum();
    i64::try_from(bytes / 1024).expect("a small state")
}

fn until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "it takes too long");
        wait(Duration::from_millis(200));
    }
}

/// Waits without a sleep.
fn wait(time: Duration) {
    let (_keep, never) = channel::<()>();
    never.recv_timeout(time).ok();
}
