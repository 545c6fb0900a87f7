//! I/O. A state folder that was deleted or changed by others while the agent runs.

use anyhow::Result;

use crate::agent::core::{Core, StateDistrusted};
use crate::detection::AgentProblem;
use crate::state;

impl Core {
    /// Restores a state folder that was deleted. If another process has taken the folder, the agent
    /// ends.
    pub(crate) fn check_place(&mut self) -> Result<()> {
        if self.store.is_in_place() {
            self.is_lock_replaced = false;
            return Ok(());
        }
        match self.store.put_back() {
            Ok(()) => {
                self.is_lock_replaced = false;
                self.wiring.alarm.allocate();
                tracing::warn!(
                    "the state was deleted while Footman was running; it has been restored"
                );
                self.to_report.push(AgentProblem::StatePutBack);
                Ok(())
            }
            // No other agent can take a lock there, and this one still holds its own.
            Err(error @ state::Error::Lock { .. }) => {
                if !std::mem::replace(&mut self.is_lock_replaced, true) {
                    tracing::error!("{}", error.with_hint());
                    self.to_report.push(AgentProblem::LockFileReplaced);
                }
                Ok(())
            }
            Err(error) if error.is_passing() => {
                tracing::error!("the state folder is gone and cannot be restored: {error}");
                Ok(())
            }
            Err(error @ state::Error::InUse { .. }) => Err(error.into()),
            Err(error) => Err(anyhow::Error::from(error).context(StateDistrusted)),
        }
    }
}
