//! States that were damaged, edited, locked away or deleted, under the real program.

use std::fs::{self, File};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use footman::state::FILE_NAME;
use rusqlite::Connection;

use crate::account::said;
use crate::program::{self, run, start, until};
use crate::support::world::{World, kill};

const PATIENCE: Duration = Duration::from_mins(1);

/// What the agent came to.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// The failure that happened afterwards is in Teams.
    Card,
    /// It ended and said why.
    Ended,
    /// It goes on and `footman status` says that it does not work.
    Says,
    /// None of these: nobody notices.
    Nothing(String),
}

fn world() -> World {
    program::world(
        "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\n\
         pace = { burst = 1000, every = \"1ms\" }\n[incident]\nsettle = \"200ms\"\n",
    )
}

/// A state with positions, an open incident and a sent card.
async fn lived_in() -> World {
    let mut world = world();
    world.settle_in().await;
    world.fail("Before", "Table not found");
    world.run_until(1).await;
    world
}

/// Waits until the agent came to anything, after one more failure.
async fn came_to(world: &mut World, agent: &mut Child) -> Came {
    world.fail("After", "Table not found");
    let mut came = None;
    let look = || {
        came = outcome(world, agent);
        came.is_some()
    };
    until(PATIENCE, look).await;
    came.unwrap_or_else(|| Came::Nothing(program::said(world)))
}

fn outcome(world: &World, agent: &mut Child) -> Option<Came> {
    if let Some(end) = agent.try_wait().unwrap() {
        let words = program::said(world);
        let honest = !end.success() && !words.trim().is_empty() && !words.contains("panicked");
        return honest.then_some(Came::Ended);
    }
    let card = |post| said(post).apps.contains(&"After".to_owned());
    if world.teams.posts().iter().any(card) {
        return Some(Came::Card);
    }
    (run(world, &["status"]).status.code() == Some(3)).then_some(Came::Says)
}

fn sql(state: &Path, change: &str) {
    let outside = Connection::open(state).unwrap();
    // Lets what SQLite itself would refuse be written into the schema.
    outside.execute_batch("PRAGMA writable_schema = ON; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    outside.execute_batch(change).unwrap();
}

/// Each change of the schema or of a row that a person or a broken tool could make.
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
async fn an_edited_state_ends_with_a_sentence_or_is_said_and_the_next_card_leaves() {
    let mut cases = Vec::new();
    for edit in EDITS {
        let mut world = lived_in().await;
        sql(&world.state_dir().join(FILE_NAME), edit);
        let agent = start(&world);
        world.fail("After", "Table not found");
        cases.push((edit, world, agent, None));
    }
    let all_came = || {
        let open = cases.iter_mut().filter(|(.., came)| came.is_none());
        open.fold(true, |all, (_, world, agent, came)| {
            *came = outcome(world, agent);
            all && came.is_some()
        })
    };
    until(PATIENCE, all_came).await;
    let mut wrong = Vec::new();
    for (edit, world, mut agent, came) in cases {
        agent.kill().ok();
        agent.wait().unwrap();
        println!("{edit}: {came:?}");
        if came.is_none() {
            wrong.push(format!("{edit}: {}", program::said(&world)));
        }
    }
    assert!(wrong.is_empty(), "nobody notices:\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn bytes_that_were_damaged_anywhere_never_stall_the_agent() {
    let rounds = if crate::long() { 200 } else { 6 };
    let mut seed = 0x0005_eed5_u64;
    let mut dice = |sides: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % sides as u64).unwrap()
    };
    for round in 0..rounds {
        let mut world = lived_in().await;
        let state = world.state_dir().join(FILE_NAME);
        sql(&state, "");
        let mut bytes = fs::read(&state).unwrap();
        let (at, len) = (dice(bytes.len()), 1 + dice(3000));
        bytes.iter_mut().skip(at).take(len).for_each(|byte| *byte ^= 0x5A);
        fs::write(&state, bytes).unwrap();
        let mut agent = start(&world);
        let came = came_to(&mut world, &mut agent).await;
        agent.kill().ok();
        agent.wait().unwrap();
        assert!(!matches!(came, Came::Nothing(_)), "round {round}, {len} at {at}: {came:?}");
    }
}

#[tokio::test]
async fn a_state_file_deleted_under_the_running_agent_is_noticed() {
    let mut world = lived_in().await;
    let mut agent = start(&world);
    running(&world).await;
    for name in [FILE_NAME, "state.db-wal", "state.db-shm"] {
        fs::remove_file(world.state_dir().join(name)).ok();
    }
    assert!(is_noticed(&mut world, &mut agent).await, "{}", program::said(&world));
    kill(agent);
}

#[tokio::test]
async fn a_state_folder_deleted_under_the_running_agent_is_noticed() {
    let mut world = lived_in().await;
    let mut agent = start(&world);
    running(&world).await;
    fs::remove_dir_all(world.state_dir()).unwrap();
    assert!(is_noticed(&mut world, &mut agent).await, "{}", program::said(&world));
    kill(agent);
}

/// Waits until this agent runs: the positions that it finds are those of an earlier life.
async fn running(world: &World) {
    let is_running = || {
        let said = run(world, &["status"]).stdout;
        String::from_utf8_lossy(&said).contains("running since")
    };
    assert!(until(PATIENCE, is_running).await, "{}", program::said(world));
}

/// Whether the agent itself notices: it ends, says so, or keeps things again. A card alone is
/// not enough: it would leave once more after the next start.
async fn is_noticed(world: &mut World, agent: &mut Child) -> bool {
    world.fail("After", "Table not found");
    let noticed = || {
        let ended = agent.try_wait().unwrap().is_some_and(|end| !end.success());
        let state = world.state_dir().join(FILE_NAME);
        let is_kept = || program::history(world).iter().any(|it| it.to_string().contains("After"));
        ended || program::said(world).contains("state") || state.exists() && is_kept()
    };
    until(PATIENCE, noticed).await
}

#[tokio::test]
async fn a_state_folder_that_is_a_file_or_nowhere_ends_with_a_sentence() {
    let mut world = world();
    File::create(world.state_dir()).unwrap();
    let mut agent = start(&world);
    // Until it has ended, `status` rightly says that no agent has run.
    until(PATIENCE, || agent.try_wait().unwrap().is_some()).await;
    assert_eq!(came_to(&mut world, &mut agent).await, Came::Ended, "{}", program::said(&world));
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_said_by_status_and_the_card_leaves_when_there_is_room() {
    use std::process::{Command, Stdio};
    let mut world = lived_in().await;
    let said_file = File::create(world.folder.path().join("said.txt")).unwrap();
    let inner = program::command(&world, &["run"]);
    // No file may grow, as if the disk were full.
    let mut shell = Command::new("sh");
    shell.arg("-c").arg("trap '' XFSZ; ulimit -f 96; exec \"$0\" \"$@\"").arg(inner.get_program());
    shell.args(inner.get_args());
    let env = inner.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.envs(env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said_file);
    let mut agent = shell.spawn().unwrap();
    for n in 0..20 {
        world.fail(&format!("Filler {n}"), "Table not found");
    }
    let says = || run(&world, &["status"]).status.code() == Some(3);
    let says = until(PATIENCE, says).await;
    let words = program::said(&world);
    agent.kill().unwrap();
    agent.wait().unwrap();
    let agent = start(&world);
    world.fail("After", "Table not found");
    let has_left =
        || world.teams.posts().iter().any(|post| said(post).apps.contains(&"After".to_owned()));
    let left = until(PATIENCE, has_left).await;
    kill(agent);
    assert!(left, "the card did not leave: {}", program::said(&world));
    assert!(says, "status said nothing: {words}");
}
