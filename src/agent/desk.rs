//! I/O. Takes the commands of the local page and passes them to the core.

use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::agent::core::Wake;
use crate::command::{Command, CommandResult};

/// The most commands that wait; whoever sends more gets no answer.
const MOST_WAITING: usize = 64;
/// The longest wait for a result.
const TIMEOUT: Duration = Duration::from_secs(5);

type Request = (Command, oneshot::Sender<CommandResult>);

/// Where commands are given to the agent of this process.
#[derive(Clone, Debug)]
pub struct Desk(mpsc::Sender<Request>);

/// What the agent takes them from.
#[derive(Debug)]
pub struct Requests(mpsc::Receiver<Request>);

/// What became of a command that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Of a command that was consumed before, what became of it then.
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
    /// Gives a command and waits for its result.
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

/// Passes commands until `stop`. What waits then is dropped, and its sender gets no result.
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
