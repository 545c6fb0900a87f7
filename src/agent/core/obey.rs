//! I/O. Commands of people: each is consumed in the transaction of its effect.

use anyhow::Result;
use tokio::sync::oneshot;

use crate::agent::core::Core;
use crate::agent::failpoint;
use crate::clock::{self, Timestamp};
use crate::command::{Action, Answered, Applied, Command, CommandResult, Refusal};
use crate::commit::Commit;
use crate::ids::DeliveryId;
use crate::outbox::Pending;
use crate::pipeline::{Findings, ResolvedCommand};
use crate::state::Consumed;

impl Core {
    /// Applies a command, unless it was consumed before.
    ///
    /// Within a batch, `now` is that of the batch, so that no deadline passes between its parts.
    pub(crate) fn obey(
        &mut self,
        now: Timestamp,
        command: Command,
        answer: Option<oneshot::Sender<CommandResult>>,
    ) -> Result<()> {
        let consumed = self.retry_until_written(|store, _| store.result_of(&command.id))?;
        if let Consumed::Before(known) = consumed {
            if let (Some(answer), Some(known)) = (answer, known) {
                // Whoever asked may be gone.
                answer.send(known).ok();
            }
            return Ok(());
        }
        failpoint::pass("obeying");
        let command = command.cleaned();
        let (id, by, what) = (command.id.to_string(), command.by.clone(), command.action.name());
        let result = match &command.action {
            Action::DeliveryRetry { delivery } | Action::DeliveryDrop { delivery } => {
                let delivery = delivery.as_str().into();
                self.obey_delivery(&command, delivery)?
            }
            _ => self.obey_incident(now, command)?,
        };
        failpoint::pass("obeyed");
        match &result {
            Some(CommandResult::Applied(_)) => tracing::info!(id, by, "{what}: applied"),
            Some(CommandResult::Refused(why)) => tracing::info!(id, by, ?why, "{what}: refused"),
            None => {}
        }
        if let (Some(answer), Some(result)) = (answer, result) {
            // Whoever asked may be gone.
            answer.send(result).ok();
        }
        Ok(())
    }

    fn obey_incident(&mut self, now: Timestamp, command: Command) -> Result<Option<CommandResult>> {
        let matches = match named(&command.action) {
            Some(named) => self.retry_until_written(|store, _| store.incidents_like(named))?,
            None => Vec::new(),
        };
        let command = ResolvedCommand { command, matches };
        let decider = &mut self.pipeline.decider;
        let (commit, _) = decider.decide(now, Findings::default(), vec![command]);
        let result = commit.commands.first().map(|answered| answered.result.clone());
        self.commit(commit)?;
        Ok(result)
    }

    fn refuse(&mut self, command: &Command, refusal: Refusal) -> Result<CommandResult> {
        let result = CommandResult::Refused(refusal);
        let answered =
            Answered { command: command.clone(), result: result.clone(), applied_at: clock::now() };
        self.commit(Commit { commands: vec![answered], ..Commit::default() })?;
        Ok(result)
    }

    fn obey_delivery(
        &mut self,
        command: &Command,
        id: DeliveryId,
    ) -> Result<Option<CommandResult>> {
        if let Err(refusal) = command.check_author() {
            return Ok(Some(self.refuse(command, refusal)?));
        }
        let found = self.retry_until_written(|store, _| store.commanded_delivery(command))?;
        let follows = match &found {
            Ok(delivery) => self.follows(command, delivery),
            Err(_) => Commit::default(),
        };
        let applied =
            self.retry_until_written(|store, now| store.command_delivery(now, command, &follows))?;
        Ok(Some(match applied {
            Ok(pending) => {
                if let Some(pending) = pending {
                    self.outbox.retry(clock::now(), pending);
                }
                CommandResult::Applied(Applied::Delivery(id))
            }
            Err(refusal) => CommandResult::Refused(refusal),
        }))
    }

    /// The effect of a command on this delivery; written with it.
    fn follows(&mut self, command: &Command, delivery: &Pending) -> Commit {
        if matches!(command.action, Action::DeliveryRetry { .. }) {
            return self.pipeline.decider.retried(delivery);
        }
        // People never see a card that was given up.
        self.outbox.drop_waiting(&delivery.id);
        self.pipeline.unread(&self.outbox.take_unread())
    }
}

/// The incident that a command names.
fn named(action: &Action) -> Option<&str> {
    match action {
        Action::Acknowledge { incident, .. }
        | Action::Unacknowledge { incident, .. }
        | Action::Note { incident, .. } => Some(incident),
        Action::SilenceAdd(wanted) => wanted.incident.as_deref(),
        Action::SilenceExpire { .. }
        | Action::DeliveryRetry { .. }
        | Action::DeliveryDrop { .. } => None,
    }
}
