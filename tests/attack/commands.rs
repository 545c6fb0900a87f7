//! A storm of failures and of commands, while another process is stopped inside its transaction.
//!
//! Commands have a file of their own: the agent reads it and never waits for who writes.

use std::time::Duration;

use footman::clock;
use footman::command::{Action, Command, CommandOrigin};
use footman::commit::HistoryType;
use footman::state::{COMMANDS_NAME, CommandFile, Reader};
use rusqlite::Connection;

use crate::account::seen;
use crate::program::{self, counter, start, until};
use crate::support::world::{World, kill};

/// Number of failures, each of its own app, and of commands.
fn numbers() -> (usize, usize) {
    if crate::long() { (2_000, 1_000) } else { (100, 200) }
}

fn note(number: usize, incident: &str) -> Command {
    Command {
        id: format!("note-{number}").into(),
        at: clock::now(),
        by: "Anna".to_owned(),
        origin: CommandOrigin::CommandLine,
        action: Action::Note { incident: incident.to_owned(), text: format!("note {number}") },
    }
}

fn fail(world: &mut World, from: usize, to: usize) {
    for n in from..to {
        world.fail(&format!("App {n:04}"), "Table 'Orders' not found");
    }
}

#[tokio::test]
async fn a_stopped_command_line_and_a_storm_of_commands_delay_neither_cards_nor_each_other() {
    let (failures, commands) = numbers();
    let patience = Duration::from_secs(if crate::long() { 600 } else { 120 });
    let pace = "[channel.default]\nwebhook-env = \"FOOTMAN_TEAMS_WEBHOOK\"\n\
                pace = { burst = 10000, every = \"1ms\" }\n";
    let mut world = program::world(pace);
    world.node = world.node.rolling_at(8_000_000);
    world.settle_in().await;
    let agent = start(&world);
    fail(&mut world, 0, 1);
    world.teams.received(1).await;
    let state = Reader::open(&world.state_dir()).unwrap();
    let incident = state.fingerprints().unwrap().remove(0);
    let file = CommandFile::open(&world.state_dir()).unwrap();
    for number in 0..commands / 2 {
        file.submit(&note(number, &incident)).unwrap();
    }

    // What a command line holds that is stopped before it commits.
    let stopped = Connection::open(world.state_dir().join(COMMANDS_NAME)).unwrap();
    stopped.execute_batch("BEGIN IMMEDIATE").unwrap();
    fail(&mut world, 1, failures);
    let all = until(patience, || seen(&world.teams.posts()) == failures).await;
    assert!(all, "{} of {failures} cards beside a stopped command", seen(&world.teams.posts()));
    let applied = |n: usize| counter(&world, "command.applied") == n as u64;
    assert!(until(patience, || applied(commands / 2)).await, "those before it are applied");

    stopped.execute_batch("COMMIT").unwrap();
    for number in commands / 2..commands {
        file.submit(&note(number, &incident)).unwrap();
    }
    // Given twice, it is applied once.
    drop(file.submit(&note(0, &incident)));
    let all = until(patience, || applied(commands)).await;
    let count = counter(&world, "command.applied");
    kill(agent);
    assert!(all, "{count} of {commands} commands");
    let story = state.story(&incident, u32::MAX).unwrap();
    let notes = story.iter().filter(|entry| entry.what == HistoryType::Noted).count();
    assert_eq!(notes, commands, "each command is applied once");
    println!("{failures} failures, {commands} commands");
}
