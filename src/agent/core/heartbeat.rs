//! I/O. The heartbeat card, which each channel gets at long intervals.

use anyhow::Result;

use crate::agent::core::Core;
use crate::clock;

impl Core {
    /// Sends the heartbeat card if it is due, and records that in the same transaction as its
    /// deliveries.
    pub(crate) fn send_heartbeat_card(&mut self) -> Result<()> {
        let now = clock::now();
        if !self.heartbeat_cards.is_due(now) {
            return Ok(());
        }
        let counters = self.retry_until_written(|store, _| store.counters())?;
        let lately = self.heartbeat_cards.take(now, &counters);
        let channels: Vec<String> = self.outbox.configured().map(str::to_owned).collect();
        let mut commit = lately
            .map(|lately| self.pipeline.heartbeat(now, lately, &channels))
            .unwrap_or_default();
        commit.rows.extend(self.heartbeat_cards.take_changes());
        self.commit(commit)
    }
}
