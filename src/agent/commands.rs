//! I/O. The commands thread: passes commands of people to the core.

use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::state::CommandInbox;

/// A command is read within this time.
const EVERY: Duration = Duration::from_millis(200);

/// Passes commands until `stop`. A file that cannot be read delays only its own commands.
pub(crate) fn pass(state_dir: &Path, inbox: &Sender<Wake>, stop: &CancellationToken) {
    let mut commands = CommandInbox::new(state_dir);
    let mut last_problem = String::new();
    while !stop.is_cancelled() {
        match commands.take() {
            Ok(taken) => {
                last_problem.clear();
                for command in taken {
                    if inbox.send(Wake::Command { command, answer: None }).is_err() {
                        return;
                    }
                }
            }
            Err(error) if error.is_busy() => {}
            Err(error) => {
                let problem = format!("{:#}", anyhow::Error::from(error));
                if problem != last_problem {
                    tracing::warn!("commands cannot be read now: {problem}");
                }
                last_problem = problem;
            }
        }
        match commands.forget() {
            Ok(()) => {}
            Err(error) => tracing::debug!("consumed commands are deleted later: {error}"),
        }
        // A stop may wait as long as this; a timer of the runtime may be gone by then.
        std::thread::park_timeout(EVERY);
    }
}
