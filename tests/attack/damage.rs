//! The real program with a state that was damaged, edited, locked or deleted.

use std::fs::{self, File};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use footman::state::FILE_NAME;
use rusqlite::Connection;

use crate::account::summarize;
use crate::program::{self, run, start, until};
use crate::support::world::{World, kill};

const PATIENCE: Duration = Duration::from_mins(1);

/// How the agent reacts.
#[derive(Debug, PartialEq, Eq)]
enum Reaction {
    /// A later failure is reported in Teams.
    Card,
    /// The agent ended with an error message.
    Ended,
    /// The agent runs, and `footman status` reports a problem.
    Reported,
    /// None of these: the damage goes unnoticed.
    None(String),
}

fn world() -> World {
    program::world(
        "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\n\
         pace = { burst = 1000, every = \"1ms\" }\n[incident]\nsettle = \"200ms\"\n",
    )
}

/// A state with positions, an open incident and a sent card.
async fn used_state() -> World {
    let mut world = world();
    world.settle_in().await;
    world.fail("Before", "Table not found");
    world.run_until(1).await;
    world
}

/// Waits for any reaction of the agent, after one more failure.
async fn reaction_of(world: &mut World, agent: &mut Child) -> Reaction {
    world.fail("After", "Table not found");
    let mut reaction = None;
    let look = || {
        reaction = outcome(world, agent);
        reaction.is_some()
    };
    until(PATIENCE, look).await;
    reaction.unwrap_or_else(|| Reaction::None(program::log_text(world)))
}

fn outcome(world: &World, agent: &mut Child) -> Option<Reaction> {
    if let Some(end) = agent.try_wait().unwrap() {
        let log = program::log_text(world);
        let has_reason = !end.success() && !log.trim().is_empty() && !log.contains("panicked");
        return has_reason.then_some(Reaction::Ended);
    }
    let card = |post| summarize(post).apps.contains(&"After".to_owned());
    if world.teams.posts().iter().any(card) {
        return Some(Reaction::Card);
    }
    (run(world, &["status"]).status.code() == Some(3)).then_some(Reaction::Reported)
}

fn sql(state: &Path, change: &str) {
    let outside = Connection::open(state).unwrap();
    // Allows changes of the schema that SQLite would refuse.
    outside.execute_batch("PRAGMA writable_schema = ON; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    outside.execute_batch(change).unwrap();
}

/// Edits of schema or rows that a person or a faulty tool could make.
const EDITS: [&str; 14] = [
    "ALTER TABLE delivery RENAME COLUMN payload TO body",
    "ALTER TABLE file RENAME COLUMN offset TO place",
    "ALTER TABLE history RENAME COLUMN what TO kind_of_thing",
    "DROP TABLE history",
    "DROP TABLE counter",
    "DROP TABLE note",
    "DROP TABLE folder",
    "DROP TABLE delivery",
    "DROP TABLE file",
    "UPDATE file SET offset = -1",
    "UPDATE file SET offset = 9223372036854775807",
    "UPDATE file SET head_length = -5, tail_length = 9223372036854775807",
    "CREATE TRIGGER no BEFORE INSERT ON history BEGIN SELECT RAISE(ABORT, 'no'); END",
    "PRAGMA user_version = 900",
];

#[tokio::test]
async fn an_edited_state_gives_an_error_or_a_report_and_the_next_card_is_sent() {
    let mut cases = Vec::new();
    for edit in EDITS {
        let mut world = used_state().await;
        sql(&world.state_dir().join(FILE_NAME), edit);
        let agent = start(&world);
        world.fail("After", "Table not found");
        cases.push((edit, world, agent, None));
    }
    let all_reacted = || {
        let open = cases.iter_mut().filter(|(.., reaction)| reaction.is_none());
        open.fold(true, |all, (_, world, agent, reaction)| {
            *reaction = outcome(world, agent);
            all && reaction.is_some()
        })
    };
    until(PATIENCE, all_reacted).await;
    let mut wrong = Vec::new();
    for (edit, world, mut agent, reaction) in cases {
        agent.kill().ok();
        agent.wait().unwrap();
        println!("{edit}: {reaction:?}");
        if reaction.is_none() {
            wrong.push(format!("{edit}: {}", program::log_text(&world)));
        }
    }
    assert!(wrong.is_empty(), "unnoticed:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn damaged_bytes_anywhere_never_stall_the_agent() {
    let rounds = if crate::long() { 200 } else { 6 };
    let mut seed = 0x0005_eed5_u64;
    let mut dice = |sides: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % sides as u64).unwrap()
    };
    for round in 0..rounds {
        let mut world = used_state().await;
        let state = world.state_dir().join(FILE_NAME);
        sql(&state, "");
        let mut bytes = fs::read(&state).unwrap();
        let (at, len) = (dice(bytes.len()), 1 + dice(3000));
        bytes.iter_mut().skip(at).take(len).for_each(|byte| *byte ^= 0x5A);
        fs::write(&state, bytes).unwrap();
        let mut agent = start(&world);
        let reaction = reaction_of(&mut world, &mut agent).await;
        agent.kill().ok();
        agent.wait().unwrap();
        assert!(
            !matches!(reaction, Reaction::None(_)),
            "round {round}, {len} at {at}: {reaction:?}"
        );
    }
}

#[tokio::test]
async fn a_state_file_deleted_under_a_running_agent_is_detected() {
    let mut world = used_state().await;
    let mut agent = start(&world);
    running(&world).await;
    for name in [FILE_NAME, "state.db-wal", "state.db-shm"] {
        fs::remove_file(world.state_dir().join(name)).ok();
    }
    assert!(is_noticed(&mut world, &mut agent).await, "{}", program::log_text(&world));
    kill(agent);
}

#[tokio::test]
async fn a_state_folder_deleted_under_a_running_agent_is_detected() {
    let mut world = used_state().await;
    let mut agent = start(&world);
    running(&world).await;
    fs::remove_dir_all(world.state_dir()).unwrap();
    assert!(is_noticed(&mut world, &mut agent).await, "{}", program::log_text(&world));
    kill(agent);
}

/// Waits until the new agent is running: the stored positions are from an earlier one.
async fn running(world: &World) {
    let is_running = || {
        let output = run(world, &["status"]).stdout;
        String::from_utf8_lossy(&output).contains("running since")
    };
    assert!(until(PATIENCE, is_running).await, "{}", program::log_text(world));
}

/// Whether the agent itself detects it: it ends, logs it, or stores data again. A card alone is not
/// enough, because it would be sent again after the next start.
async fn is_noticed(world: &mut World, agent: &mut Child) -> bool {
    world.fail("After", "Table not found");
    let noticed = || {
        let ended = agent.try_wait().unwrap().is_some_and(|end| !end.success());
        let state = world.state_dir().join(FILE_NAME);
        let is_kept = || program::history(world).iter().any(|it| it.to_string().contains("After"));
        ended || program::log_text(world).contains("state") || state.exists() && is_kept()
    };
    until(PATIENCE, noticed).await
}

#[tokio::test]
async fn a_state_folder_that_is_a_file_ends_the_agent_with_an_error() {
    let mut world = world();
    File::create(world.state_dir()).unwrap();
    let mut agent = start(&world);
    // Until the agent has ended, `status` rightly says that no agent has run.
    until(PATIENCE, || agent.try_wait().unwrap().is_some()).await;
    assert_eq!(
        reaction_of(&mut world, &mut agent).await,
        Reaction::Ended,
        "{}",
        program::log_text(&world)
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_reported_by_status_and_the_card_is_sent_when_there_is_space() {
    use std::process::{Command, Stdio};
    let mut world = used_state().await;
    let log = File::create(world.folder.path().join("stderr.txt")).unwrap();
    let inner = program::command(&world, &["run"]);
    // Prevents files from growing, as on a full disk.
    let mut shell = Command::new("sh");
    shell.arg("-c").arg("trap '' XFSZ; ulimit -f 96; exec \"$0\" \"$@\"").arg(inner.get_program());
    shell.args(inner.get_args());
    let env = inner.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.envs(env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut agent = shell.spawn().unwrap();
    for n in 0..20 {
        world.fail(&format!("Filler {n}"), "Table not found");
    }
    let is_reported = || run(&world, &["status"]).status.code() == Some(3);
    let is_reported = until(PATIENCE, is_reported).await;
    let log = program::log_text(&world);
    agent.kill().unwrap();
    agent.wait().unwrap();
    let agent = start(&world);
    world.fail("After", "Table not found");
    let is_sent = || {
        world.teams.posts().iter().any(|post| summarize(post).apps.contains(&"After".to_owned()))
    };
    let sent = until(PATIENCE, is_sent).await;
    kill(agent);
    assert!(sent, "the card was not sent: {}", program::log_text(&world));
    assert!(is_reported, "status reported nothing: {log}");
}
