//! I/O. Takes the commands of the local page and passes them to the core.

use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::command::{Command, CommandResult};

/// Maximum number of commands that wait; further ones get no answer.
const MOST_WAITING: usize = 64;
/// The longest wait for a result.
const TIMEOUT: Duration = Duration::from_secs(5);

type Request = (Command, oneshot::Sender<CommandResult>);

/// The side that submits commands to the agent of this process.
#[derive(Clone, Debug)]
pub struct Desk(mpsc::Sender<Request>);

/// The side from which the agent takes them.
#[derive(Debug)]
pub struct Requests(mpsc::Receiver<Request>);

/// The result of a submitted command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// For a command that was consumed before, its result at that time.
    Result(CommandResult),
    /// The agent has not answered in time. The command may still be applied.
    NoAnswer,
}

/// Both ends.
pub fn desk() -> (Desk, Requests) {
    let (sender, receiver) = mpsc::channel(MOST_WAITING);
    (Desk(sender), Requests(receiver))
}

impl Desk {
    /// Submits a command and waits for its result.
    pub async fn give(&self, command: Command) -> Given {
        let (answer, result) = oneshot::channel();
        if self.0.try_send((command, answer)).is_err() {
            return Given::NoAnswer;
        }
        match timeout(TIMEOUT, result).await {
            Ok(Ok(result)) => Given::Result(result),
            // The agent ends, or the time is over.
            Ok(Err(_)) | Err(_) => Given::NoAnswer,
        }
    }
}

/// Passes commands until `stop`. Commands that still wait are dropped, and their senders get no
/// result.
pub(crate) async fn pass(requests: Option<Requests>, inbox: Sender<Wake>, stop: CancellationToken) {
    let Some(Requests(mut requests)) = requests else { return };
    loop {
        let request = tokio::select! {
            () = stop.cancelled() => return,
            request = requests.recv() => request,
        };
        let Some((command, answer)) = request else { return };
        if inbox.send(Wake::Command { command, answer: Some(answer) }).is_err() {
            return;
        }
    }
}
